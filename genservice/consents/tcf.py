"""TC strings of the IAB Transparency & Consent Framework: Europe's (v2.0 to v2.3) and Canada's (v1).

Europe: "Transparency and Consent String with Global Vendor & CMP List Formats", Final v.2.2 May 2023 with
the changes of v2.3 (April 2025), "TC String Format". Canada: "GPP Extension: IAB Canada TCF"; its
"express consent" is read as consent and its "implied consent" as legitimate interest, as that document's
"Summary of differences" says.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from genservice.consents.bits import Bits, Ranges

Framework = Literal["tcfeuv2", "tcfcav1"]

_VERSIONS: dict[Framework, int] = {"tcfeuv2": 2, "tcfcav1": 1}
_SEGMENTS = {1: "disclosed", 2: "allowed", 3: "publisher"}
"""Segment type -> what it holds. Vendors allowed out of band ended with v2.1; older strings carry them."""


class Vendors(msgspec.Struct, frozen=True):
    """Ids of vendors, as the string lists them: never unfolded, for a range may name 65,535."""

    ranges: Ranges = ()
    bits: str = ""
    """A bit field instead: `0` and `1`, vendor 1 first."""

    def __contains__(self, vendor: int) -> bool:
        if self.bits:
            return 0 < vendor <= len(self.bits) and self.bits[vendor - 1] == "1"
        return any(first <= vendor <= last for first, last in self.ranges)

    def runs(self) -> Ranges:
        """The same ids as the fewest ranges, ascending."""
        found: list[tuple[int, int]] = []
        for first, last in sorted(self.ranges) or _runs(self.bits):
            if found and first <= found[-1][1] + 1:
                found[-1] = (found[-1][0], max(found[-1][1], last))
            else:
                found.append((first, last))
        return tuple(found)


def _runs(bits: str) -> Ranges:
    return tuple((at, at) for at, bit in enumerate(bits, 1) if bit == "1")


class Restriction(msgspec.Struct, frozen=True, kw_only=True):
    """What a publisher allows some vendors for one purpose."""

    purpose: int
    kind: int
    """0 not allowed, 1 require consent, 2 require legitimate interest, 3 undefined."""
    vendors: Vendors


class PublisherTC(msgspec.Struct, frozen=True, kw_only=True):
    """What the viewer said to the publisher, for the publisher's own use."""

    purposes_consent: tuple[int, ...]
    purposes_interest: tuple[int, ...]
    custom_purposes: int
    custom_consent: tuple[int, ...]
    custom_interest: tuple[int, ...]


class TCString(msgspec.Struct, frozen=True, kw_only=True):
    """A TC string, whole. Purposes, special features and vendors are ids, ascending."""

    framework: Framework
    created: int
    """Tenths of a second since 1970, as is the next."""
    last_updated: int
    cmp: int
    cmp_version: int
    consent_screen: int
    consent_language: str
    vendor_list_version: int
    policy_version: int
    service_specific: bool
    """True in Canada, where there is no such field."""
    non_standard_texts: bool
    special_features: tuple[int, ...]
    purposes_consent: tuple[int, ...]
    purposes_interest: tuple[int, ...]
    purpose_one_treatment: bool
    """Purpose 1 was not disclosed. False in Canada."""
    publisher_country: str
    """Empty in Canada."""
    vendor_consent: Vendors
    vendor_interest: Vendors
    restrictions: tuple[Restriction, ...]
    disclosed: Vendors | None = None
    """Vendors that the viewer was shown; None if the string has no such segment."""
    publisher: PublisherTC | None = None


def decode_tc(text: str, *, framework: Framework = "tcfeuv2") -> TCString:
    """What a TC string says.

    Raises:
        ConsentStringError: It is malformed, or of another version.
    """
    core, *rest = text.split(".")
    bits = Bits(core, "core segment")
    if bits.number(6) != _VERSIONS[framework]:
        raise bits.wrong("of a version that is not read here")
    string = _core(bits, framework)
    bits.close()
    return _with_segments(string, rest) if rest else string


def _core(bits: Bits, framework: Framework) -> TCString:
    europe = framework == "tcfeuv2"
    number, flag, ids, letters = bits.number, bits.flag, bits.ids, bits.letters
    vendors = _vendors if europe else _optimised
    created, last_updated, cmp, cmp_version, screen = bits.numbers(36, 36, 12, 12, 6)
    # In the order of the fields: each call reads on from the one before.
    return TCString(
        framework=framework,
        created=created,
        last_updated=last_updated,
        cmp=cmp,
        cmp_version=cmp_version,
        consent_screen=screen,
        consent_language=letters(),
        vendor_list_version=number(12),
        policy_version=number(6),
        service_specific=flag() if europe else True,
        non_standard_texts=flag(),
        special_features=ids(12),
        purposes_consent=ids(24),
        purposes_interest=ids(24),
        purpose_one_treatment=europe and flag(),
        publisher_country=letters() if europe else "",
        vendor_consent=vendors(bits),
        vendor_interest=vendors(bits),
        restrictions=tuple(
            Restriction(
                purpose=number(6),
                kind=number(2),
                vendors=Vendors(bits.ranges()) if europe else _optimised(bits),
            )
            for _ in range(number(12))
        ),
    )


def _vendors(bits: Bits) -> Vendors:
    """Europe's lists: the highest id, then a bit for each or ranges (OptimizedIntRange)."""
    highest = bits.number(16)
    return Vendors(bits.ranges(highest)) if bits.flag() else Vendors(bits=bits.raw(highest))


def _optimised(bits: Bits) -> Vendors:
    """Canada's lists: ranges in Fibonacci coding, or a length and so many bits (OptimizedRange)."""
    if bits.flag():
        return Vendors(bits.fibonacci_ranges())
    return Vendors(bits=bits.raw(bits.number(16)))


def _with_segments(string: TCString, texts: list[str]) -> TCString:
    """With what the segments after the core say; each says in its first three bits what it is.

    Raises:
        ConsentStringError: One is malformed, of no known kind, or there twice.
    """
    vendors = _vendors if string.framework == "tcfeuv2" else _optimised
    found: dict[str, Vendors | PublisherTC] = {}
    for text in texts:
        bits = Bits(text, "further segment")
        kind = _SEGMENTS.get(bits.number(3))
        if kind is None or kind in found:
            raise bits.wrong("of no known kind, or there twice")
        found[kind] = _publisher(bits) if kind == "publisher" else vendors(bits)
        bits.close()
    found.pop("allowed", None)
    return msgspec.structs.replace(string, **found)


def _publisher(bits: Bits) -> PublisherTC:
    consent, interest = bits.ids(24), bits.ids(24)
    custom = bits.number(6)
    return PublisherTC(
        purposes_consent=consent,
        purposes_interest=interest,
        custom_purposes=custom,
        custom_consent=bits.ids(custom),
        custom_interest=bits.ids(custom),
    )
