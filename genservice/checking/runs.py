"""The runs of words that house phrases are made of, and what stands on either side of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from genservice.checking.lexicon import is_content
from genservice.checking.words import tokens
from genservice.domain import SlotKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genservice.checking.phrases import Phrase

SLOTS: dict[str, SlotKind] = {
    "TITLE": "title", "LEAD": "person", "CAST": "person", "DIRECTOR": "person", "CREATOR": "person",
    "WRITER": "person", "PRESENTER": "person", "NARRATOR": "person", "VOICE": "person",
    "COMPOSER": "person", "CHARACTER": "character", "PLACE": "place", "NAME": "name",
    "GENRE": "genre", "MOOD": "mood", "THEME": "theme", "PACE": "pace", "COUNTRY": "country",
    "PERIOD": "period", "YEAR": "year", "KIND": "kind", "MINUTES": "minutes", "ALERT": "alert",
    "OCCASION": "occasion", "ACCESS": "accessibility", "TIER": "tier", "WHO": "who", "WHO_PL": "who",
    "GOAL": "goal", "TURN": "turn", "WHERE": "where", "LOGLINE": "sentence", "STORY": "sentence",
}  # fmt: skip
"""What kind each slot is of, without its number."""

JOINING: dict[str, tuple[bool, bool]] = {
    "lead": (False, True),
    "noun": (True, True),
    "tail": (True, True),
}
"""Roles that make a sentence together, and whether another phrase may stand before or after."""

SHORT = 2
"""Words up to which a run is told by its neighbours rather than by itself."""

_NUMBERED = re.compile(r"_[1-9][0-9]?\Z")


def slot_kind(name: str) -> SlotKind | None:
    """The kind of a slot by its name (`CAST_2`, `WHO_PL`), or None for a name no slot has."""
    return SLOTS.get(name) or SLOTS.get(_NUMBERED.sub("", name))


class Run(NamedTuple):
    """Words of a phrase that stand together, and what stands on either side of them."""

    words: tuple[str, ...]
    left: SlotKind | None
    """The kind of slot right before the words; None where the phrase or a sentence begins."""
    right: SlotKind | None
    joins: tuple[bool, bool]
    """Whether another phrase may go on right before or after: see `JOINING`."""
    phrase: str
    """The id of the phrase."""
    number: int
    """Which run of the phrase, from 0."""
    follows: tuple[str, ...]
    """The words of the run before, if one slot lies between; else none."""
    leads: tuple[str, ...]
    """The words of the next run, if one slot lies between; else none."""


class Together(NamedTuple):
    """All runs of the same words."""

    length: int
    tells: bool
    """One of the words at least is of content."""
    phrases: int
    """The phrases that have them, in bits."""
    alike: tuple[tuple[Run, ...], ...]
    """Those with the same on either side stand together: where one may not stand, none may."""


def together(runs: Sequence[Run], bits: Mapping[str, int]) -> Together:
    """Runs of the same words as one.

    Args:
        runs: In the order of the file.
        bits: The bit of each phrase.
    """
    alike: dict[tuple[object, ...], list[Run]] = {}
    phrases = 0
    for run in runs:
        phrases |= bits[run.phrase]
        alike.setdefault((run.left, run.right, run.joins), []).append(run)
    words = runs[0].words
    return Together(
        length=len(words),
        tells=any(is_content(word) for word in words),
        phrases=phrases,
        alike=tuple(tuple(found) for found in alike.values()),
    )


def lengths(runs: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """How long the runs that begin with a word are, longest first."""
    lengths: dict[str, set[int]] = {}
    for words in runs:
        lengths.setdefault(words[0], set()).add(len(words))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}


def holes(runs: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], frozenset[str]]:
    """Runs with one word of content taken out (`*`), and what stood there."""
    holes: dict[tuple[str, ...], set[str]] = {}
    for words in runs:
        if len(words) < 3:
            continue
        for at, word in enumerate(words):
            if is_content(word):
                holes.setdefault((*words[:at], "*", *words[at + 1 :]), set()).add(word)
    return {pattern: frozenset(found) for pattern, found in holes.items()}


def short_holes(
    runs: Mapping[tuple[str, ...], Sequence[Run]],
) -> dict[tuple[str, ...], tuple[Run, ...]]:
    """Runs of one or two words with a word of content taken out (`*`): known by their neighbours."""
    holes: dict[tuple[str, ...], list[Run]] = {}
    for words, found in runs.items():
        for at, word in enumerate(words if len(words) <= SHORT else ()):
            if is_content(word):
                holes.setdefault((*words[:at], "*", *words[at + 1 :]), []).extend(found)
    return {pattern: tuple(found) for pattern, found in holes.items()}


def runs_of(phrase: Phrase) -> tuple[Run, ...]:
    """The runs of words of a phrase: what stands between its slots and sentence ends."""
    pieces = _pieces(phrase)
    before, after = JOINING.get(phrase.role, (False, False))
    at_words = [at for at, piece in enumerate(pieces) if isinstance(piece, tuple)]
    runs: list[Run] = []
    for number, at in enumerate(at_words):
        words, left, right = pieces[at], pieces[at - 1] if at else None, None
        if at + 1 < len(pieces):
            right = pieces[at + 1]
        if not isinstance(words, tuple) or isinstance(left, tuple) or isinstance(right, tuple):
            continue  # never: words stand between other things
        runs.append(
            Run(
                words=words,
                left=left,
                right=right,
                joins=(before and at == 0, after and at == len(pieces) - 1),
                phrase=phrase.id,
                number=number,
                follows=_words_at(pieces, at - 2) if left is not None else (),
                leads=_words_at(pieces, at + 2) if right is not None else (),
            )
        )
    return tuple(runs)


def _words_at(pieces: Sequence[tuple[str, ...] | SlotKind | None], at: int) -> tuple[str, ...]:
    piece = pieces[at] if 0 <= at < len(pieces) else None
    return piece if isinstance(piece, tuple) else ()


def _pieces(phrase: Phrase) -> list[tuple[str, ...] | SlotKind | None]:
    """A phrase as runs of words, kinds of slots, and None where a sentence ends."""
    pieces: list[tuple[str, ...] | SlotKind | None] = []
    words: list[str] = []
    for token in tokens(phrase.text, slot_norm=str):
        if token.kind in {"word", "number"}:
            words.append(token.norm)
            continue
        if words:
            pieces.append(tuple(words))
            words = []
        pieces.append(slot_kind(token.norm) if token.kind == "slot" else None)
    return [*pieces, tuple(words)] if words else pieces
