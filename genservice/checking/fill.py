"""Slots become the title's names and words, and the seams are mended."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

from genservice.checking.articles import article_for
from genservice.checking.sources import NAME_KINDS
from genservice.domain import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.domain import Slot

_SLOT = re.compile(r"\[([A-Z][A-Z0-9_]*)\]")
_ARTICLE = re.compile(r"(?<![^\W_])([Aa]n?)( +[\"\u201c\u2018]?)(?=([^\W_]+))")
_DEEPEST = 3
_STOPS = ".!?\u2026"
_TRANSPARENT = " \n\"'\u201c\u2018("


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A text with its slots filled, and its spans at their new places."""

    text: str
    spans: tuple[Span, ...]


class _Piece(msgspec.Struct, frozen=True):
    """Characters of the filled text that stem from one place of the raw text."""

    text: str
    origin: int
    from_slot: bool
    is_name: bool


def fill(raw: str, slots: Iterable[Slot], spans: Sequence[Span] = ()) -> Filled:
    """Put what the slots stand for into a raw text.

    Names stand exactly as the catalogue spells them. Free text and labels get a capital where they
    begin a sentence. "a" and "an" follow the word that fills a slot, and a full stop after a filling
    that ends a sentence itself is dropped. A slot that is not among `slots` stays; see `fit`.

    Args:
        raw: The text with slots in brackets.
        slots: What they stand for; free text may hold name slots.
        spans: Stretches of the raw text, in code points.
    """
    by_name = {slot.name: slot for slot in slots}
    characters: list[_Piece] = []
    at = 0
    for match in _SLOT.finditer(raw):
        _literal(raw, at, match.start(), characters)
        slot = by_name.get(match[1])
        if slot is None:
            _literal(raw, match.start(), match.end(), characters)
        else:
            _slot(slot, by_name, match.start(), characters, 0)
        at = match.end()
    _literal(raw, at, len(raw), characters)
    characters = _articles(characters)
    origins = [piece.origin for piece in characters]
    moved = (_moved(span, origins) for span in spans)
    return Filled(
        text="".join(piece.text for piece in characters),
        spans=tuple(span for span in moved if span.at[0] < span.at[1]),
    )


def _literal(raw: str, start: int, end: int, out: list[_Piece]) -> None:
    for at in range(start, end):
        joined = at == start and out and out[-1].from_slot
        if joined and raw[at] == "." and out[-1].text in _STOPS and raw[at : at + 2] != "..":
            # "Airplane!." has one mark too many; the name's own ends the sentence then.
            out[-1] = msgspec.structs.replace(out[-1], is_name=False)
            continue
        out.append(_Piece(raw[at], at, from_slot=False, is_name=False))


def _slot(
    slot: Slot, slots: Mapping[str, Slot], origin: int, out: list[_Piece], depth: int
) -> None:
    is_name = slot.kind in NAME_KINDS
    at = 0
    for match in _SLOT.finditer(slot.text):
        _given(slot.text[at : match.start()], origin, out, is_name=is_name)
        inner = slots.get(match[1])
        if inner is None or depth >= _DEEPEST:
            _given(match[0], origin, out, is_name=is_name)
        else:
            _slot(inner, slots, origin, out, depth + 1)
        at = match.end()
    _given(slot.text[at:], origin, out, is_name=is_name)


def _given(text: str, origin: int, out: list[_Piece], *, is_name: bool) -> None:
    if text and not is_name and _begins_sentence(out):
        text = text[0].upper() + text[1:]
    out.extend(_Piece(character, origin, True, is_name) for character in text)


def _begins_sentence(out: Sequence[_Piece]) -> bool:
    for piece in reversed(out):
        if piece.text not in _TRANSPARENT or piece.is_name:
            return piece.text in _STOPS and not piece.is_name
    return True


def _articles(characters: list[_Piece]) -> list[_Piece]:
    """The characters with articles that suit the filled words behind them."""
    text = "".join(piece.text for piece in characters)
    if len(text) != len(characters):  # pragma: no cover - capitals may grow: "ß" is "SS"
        return characters
    mended: list[_Piece] = []
    at = 0
    for match in _ARTICLE.finditer(text):
        article, begin = characters[match.start(1)], match.start(3)
        if article.is_name or article.from_slot or not characters[begin].from_slot:
            continue
        wanted = article_for(match[3])
        if wanted is None or wanted == match[1].lower():
            continue
        mended += characters[at : match.start(1) + 1]
        if wanted == "an":
            mended.append(_Piece("n", article.origin, from_slot=False, is_name=False))
        at = match.end(1)
    return mended + characters[at:]


def _moved(span: Span, origins: Sequence[int]) -> Span:
    start, end = (bisect_left(origins, place) for place in span.at)
    return msgspec.structs.replace(span, at=(start, end))
