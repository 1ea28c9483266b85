"""How a text is covered by what vouches for it: the cheapest row of stretches over its tokens."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from genservice.checking.claims import claims_in, vouched
from genservice.checking.free_text import SHORTEST_RUN
from genservice.checking.lexicon import (
    FUNCTION_WORDS,
    NEGATIONS,
    NEVER_ALONE,
    is_content,
)
from genservice.checking.roles import credited
from genservice.checking.sources import NAME_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from genservice.checking.claims import Claim
    from genservice.checking.labels import Label
    from genservice.checking.phrases import TruePhrases
    from genservice.checking.runs import Run, Together
    from genservice.checking.sources import Fill, Sources
    from genservice.checking.words import Token
    from genservice.domain import SlotKind

StretchKind = Literal[
    "slot", "name", "fill", "label", "run", "phrase", "claim", "function", "word", "stop", "open",
]  # fmt: skip

_COST: dict[StretchKind, float] = {
    "stop": 0,
    "slot": 0.5,
    "name": 0.5,
    "function": 0.6,
    "fill": 1.0,
    "run": 1.1,
    "label": 1.2,
    "phrase": 1.3,
    "claim": 1.5,
    "word": 8,
    "open": 100,
}
"""A whole part beats a quotation, a quotation beats words one by one, and nothing beats a gap."""


class Stretch(NamedTuple):
    """Tokens from `start` to `end`, and what vouches for them."""

    start: int
    end: int
    kind: StretchKind
    fact: str | None = None
    slot: SlotKind | None = None
    """Which kind of slot could stand here."""
    phrase: str | None = None


QUOTED: frozenset[StretchKind] = frozenset(
    {"slot", "name", "fill", "label", "run", "phrase", "claim"}
)
"""Stretches that stand as a whole; claims and pronouns inside the free ones are the facts' own."""


class Cover(NamedTuple):
    """A text's tokens under the stretches that cover them best."""

    tokens: tuple[Token, ...]
    norms: tuple[str, ...]
    """What is compared of each token."""
    claims: tuple[Claim, ...]
    """The claims that its words make."""
    stretches: tuple[Stretch, ...]
    over: tuple[Stretch, ...]
    """The stretch over each token."""
    explained: frozenset[int]
    """Tokens that stand where a house phrase has a slot of their kind."""
    said: frozenset[int]
    """Tokens of whole runs of house phrases among their neighbours, small words included."""
    around: Neighbours


def cover(tokens: tuple[Token, ...], sources: Sources) -> Cover:
    """The best cover of a text about a title. Ties fall to what is listed first, so it is stable."""
    by_start: list[list[Stretch]] = [[] for _ in tokens]
    norms = tuple(token.norm for token in tokens)
    claims = claims_in(norms)
    facts = _facts(tokens, norms, sources)
    for stretch in chain(facts, _claims(tokens, norms, claims, sources)):
        by_start[stretch.start].append(stretch)
    around, explained, said = _add_phrases(tokens, norms, sources, by_start)
    for at, token in enumerate(tokens):
        by_start[at].append(_single(at, token, sources))
    stretches = _cheapest(by_start)
    over = tuple(s for s in stretches for _ in range(s.start, s.end))
    return Cover(tokens, norms, claims, stretches, over, explained, said, around)


def _cheapest(by_start: Sequence[Sequence[Stretch]]) -> tuple[Stretch, ...]:
    count = len(by_start)
    cost = [0.0] * (count + 1)
    best: list[Stretch | None] = [None] * count
    for at in range(count - 1, -1, -1):
        least = float("inf")
        for stretch in by_start[at]:
            total = _COST[stretch.kind] + cost[stretch.end]
            if total < least:
                least, best[at] = total, stretch
        cost[at] = least
    chosen: list[Stretch] = []
    at = 0
    while at < count:
        stretch = best[at]
        if stretch is None:  # pragma: no cover - every token has a stretch of its own
            break
        chosen.append(stretch)
        at = stretch.end
    return tuple(chosen)


def _facts(tokens: Sequence[Token], norms: tuple[str, ...], sources: Sources) -> Iterable[Stretch]:
    for at, token in enumerate(tokens):
        if token.kind in {"slot", "name"}:
            yield from _named(at, token, sources)
        # Most words begin none of these.
        if fills := sources.fills.get(token.norm):
            yield from _fills(at, norms, fills)
        if labels := sources.labels.get(token.stem):
            yield from _labels(at, tokens, labels)
        run = _quotation(at, norms, sources)
        if run is not None and any(map(_tells, norms[run.start : run.end])):
            yield run


def _claims(
    tokens: Sequence[Token], norms: tuple[str, ...], claims: Sequence[Claim], sources: Sources
) -> Iterable[Stretch]:
    """What the words claim of people and of the title, where a fact says so."""
    for start, end, fact in credited(tokens, sources):
        if any(is_content(norm) for norm in norms[start:end]):
            yield Stretch(start, end, "claim", fact)
    for claim in claims:
        if claim.loose:
            continue  # too much else could be meant
        fact = vouched(sources.title, claim.kind, norms[claim.start : claim.end])
        if fact is not None:
            yield Stretch(claim.start, claim.end, "claim", fact)


def _named(at: int, token: Token, sources: Sources) -> Iterable[Stretch]:
    kind: StretchKind = "slot" if token.kind == "slot" else "name"
    if token.norm.startswith("@"):
        for named in sources.named.get(token.norm[1:], ()):
            yield Stretch(at, at + 1, kind, named.pointer, named.kind)
    elif (slot := sources.slots.get(token.norm[1:-1])) is not None and slot.kind not in NAME_KINDS:
        yield Stretch(at, at + 1, kind, slot.pointer, slot.kind)


def _fills(at: int, norms: tuple[str, ...], fills: Iterable[Fill]) -> Iterable[Stretch]:
    for fill in fills:
        end = at + len(fill.norms)
        if norms[at:end] == fill.norms:
            yield Stretch(at, end, "fill", fill.pointer, fill.kind)


def _labels(at: int, tokens: Sequence[Token], labels: Iterable[Label]) -> Iterable[Stretch]:
    for label in labels:
        end = at + len(label.stems)
        if end > len(tokens):
            continue
        here = tokens[at:end]
        if tuple(token.stem for token in here) == label.stems and all(
            token.capital or not capital
            for token, capital in zip(here, label.capitals, strict=True)
        ):
            yield Stretch(at, end, "label", label.pointer, label.kind)


def _quotation(at: int, norms: tuple[str, ...], sources: Sources) -> Stretch | None:
    """The longest run of words from here that one sentence of the facts has too."""
    best: Stretch | None = None
    for number, begin in sources.free.runs.get(norms[at : at + SHORTEST_RUN], ()):
        passage = sources.free.passages[number]
        end, there = at + SHORTEST_RUN, begin + SHORTEST_RUN
        while (
            end < len(norms) and there < len(passage.norms) and norms[end] == passage.norms[there]
        ):
            end, there = end + 1, there + 1
        if best is None or end > best.end:
            best = Stretch(at, end, "run", passage.pointer)
    return best


def _tells(norm: str) -> bool:
    """Whether a word is more than a name: a row of names has its source in the credits, not in a quotation."""
    return not norm.startswith("@") and is_content(norm)


def _single(at: int, token: Token, sources: Sources) -> Stretch:
    """What vouches for a token alone: nothing needs to, a word of a fact, or nothing does."""
    if token.kind == "stop":
        return Stretch(at, at + 1, "stop")
    if token.kind == "word":
        if token.norm in FUNCTION_WORDS and token.norm not in NEGATIONS:
            return Stretch(at, at + 1, "function")
        if token.norm not in NEVER_ALONE and (passages := sources.free.stems.get(token.stem)):
            return Stretch(at, at + 1, "word", sources.free.passages[passages[0]].pointer)
    return Stretch(at, at + 1, "open")


def _add_phrases(
    tokens: Sequence[Token],
    norms: tuple[str, ...],
    sources: Sources,
    by_start: Sequence[list[Stretch]],
) -> tuple[Neighbours, frozenset[int], frozenset[int]]:
    """Add the house phrases' runs that stand among the neighbours they are declared with."""
    phrases, true = sources.phrases, sources.true_phrases
    found = [
        (at, together)
        for at, norm in enumerate(norms)
        for length in phrases.lengths.get(norm, ())
        if (together := phrases.runs.get(norms[at : at + length])) is not None
        and true.holds_any(together.phrases)
    ]
    around = Neighbours(tokens, norms, by_start, found)
    explained: set[int] = set()
    said: set[int] = set()
    for at, together in found:
        end = at + together.length
        standing = [
            run
            for alike in together.alike
            if (run := around.standing(at, end, alike, true)) is not None
        ]
        if not standing:
            continue
        said.update(range(at, end))
        if together.tells:
            phrase = phrases.first(standing).phrase
            by_start[at].append(Stretch(at, end, "phrase", phrase=phrase))
        for run in standing:
            for begin in around.begins.get((at, run.left), ()):
                explained.update(range(begin, at))
            for finish in around.ends.get((end, run.right), ()):
                explained.update(range(end, finish))
    return around, frozenset(explained), frozenset(said)


class Neighbours:
    """What stands right before and after a place of a text."""

    def __init__(
        self,
        tokens: Sequence[Token],
        norms: tuple[str, ...],
        by_start: Sequence[Sequence[Stretch]],
        found: Sequence[tuple[int, Together]],
    ) -> None:
        self.tokens = tokens
        self.norms = norms
        self.begins: dict[tuple[int, SlotKind | None], list[int]] = {}
        self.ends: dict[tuple[int, SlotKind | None], list[int]] = {}
        self.starts = {at for at, _ in found}
        self.stops = {at + together.length for at, together in found}
        for stretches in by_start:
            for stretch in stretches:
                self.starts.add(stretch.start)
                self.stops.add(stretch.end)
                if stretch.slot is not None:
                    self.begins.setdefault((stretch.end, stretch.slot), []).append(stretch.start)
                    self.ends.setdefault((stretch.start, stretch.slot), []).append(stretch.end)

    def standing(self, at: int, end: int, alike: Sequence[Run], true: TruePhrases) -> Run | None:
        """The first of the runs with the same on either side that stands here with all its phrase asks for."""
        if not (self.before(at, alike[0]) and self.after(end, alike[0])):
            return None
        return next(
            (run for run in alike if run.phrase in true and self.chained(at, end, run)), None
        )

    def chained(self, at: int, end: int, run: Run) -> bool:
        """Whether the phrase's run before and after stand on the other side of the slots.

        Half a phrase is none: "From [DIRECTOR] comes" vouches for no "comes" after another name.
        """
        if run.follows and not any(
            self.norms[max(0, begin - len(run.follows)) : begin] == run.follows
            for begin in self.begins.get((at, run.left), ())
        ):
            return False
        return not run.leads or any(
            self.norms[finish : finish + len(run.leads)] == run.leads
            for finish in self.ends.get((end, run.right), ())
        )

    def before(self, at: int, run: Run, *, joining: bool = True) -> bool:
        """Whether a run that begins at `at` has its left neighbour.

        Args:
            at: The first token.
            run: The run.
            joining: Another phrase before it will do, where the run's role allows one.
        """
        if run.left is not None:
            return (at, run.left) in self.begins
        edge = at == 0 or self.tokens[at].opens or self.tokens[at].marked
        edge = edge or self.tokens[at - 1].kind == "stop"
        return edge or (joining and run.joins[0] and at in self.stops)

    def after(self, end: int, run: Run, *, joining: bool = True) -> bool:
        """Whether a run that ends at `end` has its right neighbour; see `before`."""
        if run.right is not None:
            return (end, run.right) in self.ends
        edge = end == len(self.tokens) or self.tokens[end].kind == "stop"
        edge = edge or self.tokens[end].marked
        return edge or (joining and run.joins[1] and end in self.starts)
