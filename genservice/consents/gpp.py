"""GPP strings of the IAB Tech Lab's Global Privacy Platform, version 1.

Source: "Global Privacy Platform String" (Core/Consent String Specification, November 2023), "Header
Encoding" and "Section Encoding"; "Section Information" for the ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from genservice.consents.bits import Bits
from genservice.consents.tcf import TCString, decode_tc
from genservice.consents.us import SECTIONS, USPrivacy, USSection, decode_us, decode_usp
from genservice.errors import ConsentStringError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genservice.consents.bits import Ranges

_TYPE, _VERSION = 3, 1
_EUROPE, _CANADA, _US_PRIVACY = 2, 5, 6
_PASSED_OVER = frozenset({1, 4})
"""TCF v1, which counts as invalid since 2020, and signatures of the string, which say nothing of the viewer."""


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A section that says nothing which could count."""

    section: int


Section = TCString | USSection | USPrivacy | Unread


class GPPString(msgspec.Struct, frozen=True, kw_only=True):
    """A GPP string, whole."""

    ids: tuple[int, ...]
    """Of its sections, ascending."""
    sections: tuple[Section, ...]
    """In the same order."""


def decode_gpp(text: str) -> GPPString:
    """What a GPP string says.

    Raises:
        ConsentStringError: It, or one of its sections, is malformed, of another version or unknown here: an
            opt-out may stand in what cannot be read.
    """
    head, *texts = text.split("~")
    bits = Bits(head, "header")
    if bits.number(6) != _TYPE or bits.number(6) != _VERSION:
        raise bits.wrong("not that of a GPP string of version 1")
    ranges = bits.fibonacci_ranges()
    bits.close()
    if _count(ranges) != len(texts):
        raise bits.wrong("names another number of sections than follow")
    ids = tuple(_unfolded(ranges))
    sections = tuple(_section(section, part) for section, part in zip(ids, texts, strict=True))
    return GPPString(ids=ids, sections=sections)


def _section(section: int, text: str) -> Section:
    if section == _EUROPE:
        return decode_tc(text)
    if section == _CANADA:
        return decode_tc(text, framework="tcfcav1")
    if section == _US_PRIVACY:
        return decode_usp(text)
    if section in SECTIONS:
        return decode_us(section, text)
    if section in _PASSED_OVER:
        return Unread(section=section)
    raise ConsentStringError("header", "names a section that is not known here")


def _count(ranges: Ranges) -> int:
    return sum(last - first + 1 for first, last in ranges)


def _unfolded(ranges: Ranges) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)
