"""What counts of consent strings: which purposes the viewer agreed to, and whether they opted out.

Only consent counts. Legitimate interest, implied consent and the publisher's own segment never do. Where
strings disagree, the stricter holds. A string that cannot be relied on is no consent to anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from genservice.consents.gpp import decode_gpp
from genservice.consents.tcf import TCString, decode_tc
from genservice.consents.us import USPrivacy, USSection
from genservice.errors import ConsentStringError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genservice.consents.gpp import Section

Field = Literal["tcf", "gpp"]
Fault = Literal["malformed", "invalid"]

FIRST_VALID_POLICY = 4
"""TC strings of an earlier policy count as invalid since 30 September 2023 ("Managing conflicting string versions")."""
DISCLOSURE_SINCE = 17_722_368_000
"""28 February 2026 in tenths of a second: TC strings made since then need the vendors disclosed (TCF v2.3)."""
_REQUIRE_CONSENT = 1


class Unusable(msgspec.Struct, frozen=True):
    """A string that is no consent to anything, and why. Nothing of the string is in it."""

    field: Field
    fault: Fault


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What the strings of a request come to. This, and never a string, goes any further."""

    purposes: tuple[int, ...] | None = None
    """TCF purposes that every string consents to, ascending; None if no string speaks of purposes."""
    special_features: tuple[int, ...] | None = None
    opted_out: bool = False
    unusable: tuple[Unusable, ...] = ()


SILENT = Heard()
"""What a request without strings comes to."""


class Declared(Protocol):
    """A consent as a policy set declares it."""

    @property
    def name(self) -> str:
        """What rules and requests call it."""
        ...

    @property
    def tcf(self) -> int | None:
        """The TCF purpose it stands for."""
        ...

    @property
    def special_feature(self) -> int | None:
        """The TCF special feature it stands for."""
        ...


def hear(tcf: str | None, gpp: str | None, *, vendor: int = 0) -> Heard:
    """What a TC string and a GPP string come to; None stands for one that was not sent.

    Args:
        tcf: A TC string.
        gpp: A GPP string.
        vendor: Our id on the Global Vendor List, whose consent and restrictions then count too; 0: none.
    """
    if tcf is None and gpp is None:
        return SILENT
    voices: list[TCString] = []
    unusable: list[Unusable] = []
    opted_out = False
    sent: tuple[tuple[Field, str | None], ...] = (("tcf", tcf), ("gpp", gpp))
    for field, text in sent:
        if text is None:
            continue
        try:
            sections: tuple[Section, ...] = (
                (decode_tc(text),) if field == "tcf" else decode_gpp(text).sections
            )
        except ConsentStringError:
            unusable.append(Unusable(field, "malformed"))
            # An opt-out may stand in what cannot be read. A TC string has none.
            opted_out = opted_out or field == "gpp"
            continue
        spoken = [section for section in sections if isinstance(section, TCString)]
        if any(invalid_because(string) for string in spoken):
            unusable.append(Unusable(field, "invalid"))
        voices += spoken
        opted_out = opted_out or any(opt_outs(section) for section in sections)
    return Heard(
        purposes=_agreed(purposes(string, vendor=vendor) for string in voices),
        special_features=_agreed(special_features(string, vendor=vendor) for string in voices),
        opted_out=opted_out,
        unusable=tuple(unusable),
    )


def held(listed: Iterable[str], declared: Iterable[Declared], heard: Heard) -> tuple[str, ...]:
    """The consents that hold, sorted, given those that a request lists and what its strings say.

    Of a declared consent with a TCF number the strings decide, once one speaks of purposes. All others
    hold if they are listed. With a string that is unusable, none holds.
    """
    if heard.unusable:
        return ()
    holding = set(listed)
    if heard.purposes is not None:
        for consent in declared:
            if consent.tcf is not None or consent.special_feature is not None:
                holding.discard(consent.name)
                if _agrees(consent, heard):
                    holding.add(consent.name)
    return tuple(sorted(holding))


def _agrees(consent: Declared, heard: Heard) -> bool:
    return (consent.tcf is None or consent.tcf in (heard.purposes or ())) and (
        consent.special_feature is None or consent.special_feature in (heard.special_features or ())
    )


def _agreed(said: Iterable[frozenset[int]]) -> tuple[int, ...] | None:
    """What all say; None if nobody says anything."""
    each = list(said)
    return tuple(sorted(each[0].intersection(*each))) if each else None


def opt_outs(section: Section) -> tuple[str, ...]:
    """What in a section is an opt-out, by the specifications' names."""
    return section.opt_outs() if isinstance(section, USSection | USPrivacy) else ()


def invalid_because(string: TCString) -> str | None:
    """Why a TC string that can be read counts as invalid all the same; None if it does not.

    Only the European framework has such rules. No date is held against a clock: dates are not signed, so
    a check would stop nobody, and the same string means the same at any time.
    """
    if string.framework != "tcfeuv2":
        return None
    if not string.service_specific:
        return "not service-specific, which counts as invalid since global scope ended"
    if string.policy_version < FIRST_VALID_POLICY:
        return f"made under policy version {string.policy_version}; valid are {FIRST_VALID_POLICY} and later"
    if string.last_updated >= DISCLOSURE_SINCE and string.disclosed is None:
        return "lists no disclosed vendors, as TCF v2.3 demands since 28 February 2026"
    return None


def purposes(string: TCString, *, vendor: int = 0) -> frozenset[int]:
    """The purposes that a TC string consents to, for a vendor if one is given.

    Purpose 1 is none of them where it was not disclosed (PurposeOneTreatment), nor in Canada, whose
    framework does not use it.
    """
    if not _reaches(string, vendor):
        return frozenset()
    agreed = set(string.purposes_consent)
    if string.purpose_one_treatment or string.framework == "tcfcav1":
        agreed.discard(1)
    for restriction in string.restrictions if vendor else ():
        # Consent is what we rely on: "require consent" changes nothing; all else bars the purpose.
        if restriction.kind != _REQUIRE_CONSENT and vendor in restriction.vendors:
            agreed.discard(restriction.purpose)
    return frozenset(agreed)


def special_features(string: TCString, *, vendor: int = 0) -> frozenset[int]:
    """The special features that a TC string opts in to, for a vendor if one is given."""
    return frozenset(string.special_features) if _reaches(string, vendor) else frozenset()


def _reaches(string: TCString, vendor: int) -> bool:
    """Whether the consents of a TC string are consents for the vendor: agreed to, and shown."""
    if not vendor:
        return True
    return vendor in string.vendor_consent and (
        string.disclosed is None or vendor in string.disclosed
    )
