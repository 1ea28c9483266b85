"""Mutations of texts about titles, and how many of them a check catches.

Seeded, and blind to how the check works: a mutation changes one word, one number or one name of a
text into what the text does not say. `caught` asks any check whether it refuses.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Sort = Literal["word", "own_word", "title_word", "label", "phrase_word", "number", "name"]
SORTS: tuple[Sort, ...] = (
    "word", "own_word", "title_word", "label", "phrase_word", "number", "name",
)  # fmt: skip

# Words that any list of English holds; none is chosen for what a check knows.
_ENGLISH_TEXT = """
window gentle market river stolen silver marriage running forgotten broken teacher garden winter
money hospital wedding surgeon soldier village island murder courage ghost empire diamond bakery
prison lonely angry clever famous ancient hidden burning frozen golden silent violent tender
drive escape betray rescue discover destroy marry follow remember protect invent hunt steal
build sister father captain lawyer singer doctor farmer pirate dancer painter detective queen
seven twelve hundred tomorrow always never quickly finally together abroad underground overseas
train bridge castle desert forest mountain engine letter mirror bottle candle violin camera
brilliant stunning thrilling hilarious heartbreaking unforgettable gripping award popular new
"""
ENGLISH = tuple(_ENGLISH_TEXT.split())

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+")
_SMALL_TEXT = """
a an the of in on at by for from to into with and or but as is are was were be has have had it
its that this who which what when until before after over under out up down their they them will
must can may not no so if than then there here all
"""
_SMALL = frozenset(_SMALL_TEXT.split())


@dataclass(frozen=True)
class Written:
    """A text about a title, with the names and words that other mutations draw on."""

    text: str
    names: tuple[str, ...]
    """The names of the title that a mutation may replace; they are changed as wholes."""
    words: tuple[str, ...]
    """Words of the title's own facts."""


@dataclass(frozen=True)
class Mutation:
    """A text with one thing changed."""

    sort: Sort
    text: str
    before: str
    after: str


def mutations(
    written: Written,
    others: Sequence[Written],
    *,
    labels: Sequence[str],
    phrase_words: Sequence[str],
    rng: Random,
    each: int = 3,
) -> Iterable[Mutation]:
    """Up to `each` mutations of every sort that the text allows."""
    free = _free_words(written)
    pools: dict[Sort, Sequence[str]] = {
        "word": ENGLISH,
        "own_word": written.words,
        "title_word": [word for other in others for word in other.words],
        "label": labels,
        "phrase_word": phrase_words,
    }
    for sort, pool in pools.items():
        for _ in range(each if free and pool else 0):
            start, end = rng.choice(free)
            before, after = written.text[start:end], rng.choice(list(pool))
            if not _same(before, after):
                after = after[:1].upper() + after[1:] if before[:1].isupper() else after
                yield Mutation(sort, _with(written.text, start, end, after), before, after)
    yield from _numbers(written, rng, each)
    yield from _names(written, others, rng, each)


def caught(
    found: Iterable[Mutation], refuses: Callable[[str], bool]
) -> dict[Sort, tuple[int, int]]:
    """How many mutations of each sort are refused, and of how many."""
    seen: Counter[Sort] = Counter()
    refused: Counter[Sort] = Counter()
    for mutation in found:
        seen[mutation.sort] += 1
        refused[mutation.sort] += refuses(mutation.text)
    return {sort: (refused[sort], seen[sort]) for sort in SORTS if seen[sort]}


def share(counts: dict[Sort, tuple[int, int]]) -> float:
    """The share of all mutations that were caught."""
    total = sum(of for _, of in counts.values())
    return sum(refused for refused, _ in counts.values()) / total if total else 1.0


def _with(text: str, start: int, end: int, after: str) -> str:
    return text[:start] + after + text[end:]


def _same(one: str, other: str) -> bool:
    """Whether two words are forms of one, so that nothing else is said."""
    one, other = one.lower().removesuffix("'s"), other.lower().removesuffix("'s")
    return one[:4] == other[:4] and abs(len(one) - len(other)) <= 3


def _free_words(written: Written) -> list[tuple[int, int]]:
    """The words of content outside names."""
    taken = [
        match.span()
        for name in written.names
        for match in re.finditer(re.escape(name), written.text)
    ]
    return [
        match.span()
        for match in _WORD.finditer(written.text)
        if match[0].lower() not in _SMALL
        and not any(start < match.end() and match.start() < end for start, end in taken)
    ]


def _numbers(written: Written, rng: Random, each: int) -> Iterable[Mutation]:
    found = list(_NUMBER.finditer(written.text))
    for _ in range(each if found else 0):
        match = rng.choice(found)
        step = rng.choice((-11, -10, -3, -1, 1, 2, 5, 10, 30))
        after = str(abs(int(match[0]) + step))
        text = _with(written.text, match.start(), match.end(), after)
        if after != match[0]:
            yield Mutation("number", text, match[0], after)


def _names(
    written: Written, others: Sequence[Written], rng: Random, each: int
) -> Iterable[Mutation]:
    found = [
        (match.span(), name)
        for name in written.names
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", written.text)
    ]
    strange = [name for other in others for name in other.names if name not in written.names]
    for _ in range(each if found and strange else 0):
        (start, end), before = rng.choice(found)
        after = rng.choice(strange)
        yield Mutation("name", _with(written.text, start, end, after), before, after)
