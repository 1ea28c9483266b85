"""The US sections of a GPP string: US Privacy, the national section, and the states'.

Layouts: the section specifications of the Global Privacy Platform, `Sections/US-National` and
`Sections/US-States`; version 1 of the national section, which they no longer print, as its version 2
without the fields that version 2 added (as the IAB Tech Lab's own library reads it, iabgpp-es).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.consents.bits import Bits
from genservice.errors import ConsentStringError

if TYPE_CHECKING:
    from collections.abc import Mapping

OPT_OUTS = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
CHILD = "KnownChildSensitiveDataConsents"
SENSITIVE = "SensitiveDataProcessing"

_YES = 1
"""Of an opt-out: opted out. Of a consent: no consent."""
_MOST = 2
"""The highest value that any of these fields of two bits is given."""
_GPC = 1


class USSection(msgspec.Struct, frozen=True, kw_only=True):
    """The national section, or a state's."""

    section: int
    name: str
    version: int
    fields: Mapping[str, tuple[int, ...]]
    """The specification's fields of two bits, in its order; lists of them have several values."""
    gpc: bool | None = None
    """Global Privacy Control as passed on; None if the section has no such part."""

    def opt_outs(self) -> tuple[str, ...]:
        """What in it is an opt-out, by the specification's names.

        A child's data for which nobody has agreed (`KnownChild...` 1) is one: it may not be sold or
        shared unless somebody does (Cal. Civ. Code 1798.120(c)).
        """
        said = [name for name in (*OPT_OUTS, CHILD) if _YES in self.fields.get(name, ())]
        return (*said, "Gpc") if self.gpc else tuple(said)


class USPrivacy(msgspec.Struct, frozen=True, kw_only=True):
    """The US Privacy string, four letters such as `1YNN`."""

    notice: str
    """`Y`, `N` or `-`, as are the next two."""
    opt_out_sale: str
    lspa: str

    def opt_outs(self) -> tuple[str, ...]:
        """What in it is an opt-out."""
        return ("OptOutSale",) if self.opt_out_sale == "Y" else ()


class Layout(msgspec.Struct, frozen=True):
    """The fields of a section's core, after its version."""

    name: str
    fields: tuple[tuple[str, int], ...]
    """Name and number of values, of two bits each."""
    headed: bool = False
    """Whether a header comes before the core, as in the drafts of October 2025."""


_LATE = "MspaCoveredTransaction MspaOptOutOptionMode MspaServiceProviderMode"
_NOTICES = "SaleOptOutNotice TargetedAdvertisingOptOutNotice"
_CHOICES = "SaleOptOut TargetedAdvertisingOptOut"
_MORE = "AdditionalDataProcessingConsent"


def _layout(name: str, words: str, *, headed: bool = False) -> Layout:
    """`Field` is one value and `Field*9` nine; `Sensitive` and `Child` are short for their long names."""
    long = {"Sensitive": SENSITIVE, "Child": CHILD}
    parts = (word.partition("*") for word in words.split())
    fields = tuple((long.get(field, field), int(count or 1)) for field, _, count in parts)
    return Layout(name, fields, headed)


def _early(
    name: str, children: int, *, notice: str = "SharingNotice", sensitive: int = 8
) -> Layout:
    """States of 2022 and 2023, and Montana."""
    words = f"{notice} {_NOTICES} {_CHOICES} Sensitive*{sensitive} Child*{children} {_LATE}"
    return _layout(name, words)


def _later(name: str, children: int, *, sensitive: int = 8) -> Layout:
    """States of 2024 and 2025."""
    words = f"ProcessingNotice {_NOTICES} {_CHOICES} Sensitive*{sensitive} Child*{children}"
    return _layout(name, f"{words} {_MORE} {_LATE}")


def _draft(name: str, child: str = "Child ") -> Layout:
    """States whose drafts of October 2025 begin with the MSPA's version."""
    words = f"ProcessingNotice {_NOTICES} {_CHOICES} {child}{_MORE}"
    return _layout(name, f"MspaCoveredTransaction MspaMode {words}", headed=True)


def _national(sensitive: int, children: int) -> Layout:
    notices = "SharingNotice SaleOptOutNotice SharingOptOutNotice TargetedAdvertisingOptOutNotice"
    limits = "SensitiveDataProcessingOptOutNotice SensitiveDataLimitUseNotice"
    rest = f"Sensitive*{sensitive} Child*{children} PersonalDataConsents {_LATE}"
    choices = "SaleOptOut SharingOptOut TargetedAdvertisingOptOut"
    return _layout("usnat", f"{notices} {limits} {choices} {rest}")


LAYOUTS: Mapping[tuple[int, int], Layout] = {
    (7, 1): _national(12, 2),
    (7, 2): _national(16, 3),
    (8, 1): _layout(
        "usca",
        "SaleOptOutNotice SharingOptOutNotice SensitiveDataLimitUseNotice SaleOptOut SharingOptOut"
        f" Sensitive*9 Child*2 PersonalDataConsents {_LATE}",
    ),
    (9, 1): _early("usva", 1),
    (10, 1): _early("usco", 1, sensitive=7),
    (11, 1): _layout(
        "usut",
        f"SharingNotice {_NOTICES} SensitiveDataProcessingOptOutNotice {_CHOICES}"
        f" Sensitive*8 Child {_LATE}",
    ),
    (12, 1): _early("usct", 3),
    (13, 1): _later("usfl", 3),
    (14, 1): _early("usmt", 3),
    (15, 1): _later("usor", 3, sensitive=11),
    (16, 1): _later("ustx", 1),
    (17, 1): _later("usde", 5, sensitive=9),
    (18, 1): _layout(
        "usia",
        f"ProcessingNotice {_NOTICES} SensitiveDataOptOutNotice {_CHOICES}"
        f" Sensitive*8 Child {_LATE}",
    ),
    (19, 1): _later("usne", 1),
    (20, 1): _later("usnh", 3),
    (21, 1): _later("usnj", 5, sensitive=10),
    (22, 1): _later("ustn", 1),
    (23, 1): _later("usmn", 1),
    (24, 1): _draft("usmd", child=""),
    (25, 1): _draft("usin"),
    (26, 1): _draft("usky"),
    (27, 1): _draft("usri"),
}
"""Section and version -> its layout."""

SECTIONS = frozenset(section for section, _ in LAYOUTS)


def decode_us(section: int, text: str) -> USSection:
    """What the national section or a state's says.

    Raises:
        ConsentStringError: It is malformed, or of a version that no specification here describes.
    """
    first, *rest = text.split(".")
    bits = Bits(first, f"section {section}")
    version = bits.number(6)
    headed = False
    if section == version and (layout := LAYOUTS.get((section, 1))) and layout.headed:
        # The header: section id, version, and a list of parts that nobody can write as specified, since
        # it begins with 0, which has no Fibonacci code. The dots tell how many parts there are.
        version, headed = bits.number(6), True
        if not rest:
            raise bits.wrong("a header alone")
        bits = Bits(rest.pop(0), f"section {section}")
        bits.number(6)
    layout = LAYOUTS.get((section, version))
    if layout is None:
        raise bits.wrong("of a version that is not read here")
    fields = {name: _values(bits, count) for name, count in layout.fields}
    bits.close()
    if len(rest) > 1:
        raise bits.wrong("more parts than it may have")
    gpc = None
    if rest and headed and section != _MARYLAND:
        fields[SENSITIVE] = _sensitive(section, rest[0])
    elif rest:
        gpc = _gpc(section, rest[0])
    return USSection(section=section, name=layout.name, version=version, fields=fields, gpc=gpc)


_MARYLAND = 24
"""The one draft whose further part is the GPC; the others' is sensitive data."""


def _values(bits: Bits, count: int) -> tuple[int, ...]:
    values = bits.pairs(count)
    if max(values) > _MOST:
        raise bits.wrong("a value that no field has")
    return values


def _sensitive(section: int, text: str) -> tuple[int, ...]:
    bits = Bits(text, f"sensitive data of section {section}")
    values = _values(bits, 8)
    bits.close()
    return values


def _gpc(section: int, text: str) -> bool:
    bits = Bits(text, f"GPC of section {section}")
    if bits.number(2) != _GPC:
        raise bits.wrong("a part of no known kind")
    value = bits.flag()
    bits.close()
    return value


def decode_usp(text: str) -> USPrivacy:
    """What a US Privacy string says.

    Raises:
        ConsentStringError: It is not `1` and three of `Y`, `N` and `-`.
    """
    if len(text) != 4 or text[0] != "1" or not set(text[1:]) <= set("YN-"):
        raise ConsentStringError("section 6", "not a US Privacy string of version 1")
    return USPrivacy(notice=text[1], opt_out_sale=text[2], lspa=text[3])
