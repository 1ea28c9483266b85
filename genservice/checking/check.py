"""Whether every word of a text about a title has a source, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from genservice.checking import alterations, spoilers
from genservice.checking.cover import QUOTED, cover
from genservice.checking.findings import Finding, FindingKind, Report
from genservice.checking.lexicon import NUMBER_WORDS, PRONOUNS, VIEWER_WORDS, is_content
from genservice.checking.roles import misplaced, pronoun_fact
from genservice.domain import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from genservice.checking.cover import Cover, Stretch
    from genservice.checking.sources import Sources
    from genservice.checking.words import Token
    from genservice.domain import Angle, Slot

_RANK: dict[FindingKind, int] = {kind: rank for rank, kind in enumerate(get_args(FindingKind))}

_DETAIL: dict[FindingKind, str] = {
    "unsupported": "a word that no fact, signal or house phrase holds",
    "altered": "a word in the place of another in what is otherwise quoted",
    "name": "a name that is not the title's",
    "number": "a number that no fact holds in this place",
    "claim": "a claim that no fact makes",
    "role": "a person in a part that no credit gives them",
    "pronoun": "a person's gender, which no fact gives",
    "inference": "something told or implied of the viewer",
    "spoiler": "words that give away what a spoiler holds",
    "viewer": "a word about the viewer",
    "avoid": "a word that the editors asked not to use",
}

Hit = tuple[int, int, FindingKind]
"""First token, token after the last, and what is wrong with them."""


def check(
    text: str,
    *,
    sources: Sources,
    offered: Sequence[Slot] | None = None,
    angle: Sequence[Angle] = (),
    avoid: Sequence[str] = (),
    tokens: tuple[Token, ...] | None = None,
) -> Report:
    """What is wrong with a text about a title, and what vouches for each stretch of it.

    Args:
        text: Raw, with names as slots, if `offered` is given; else filled, and any bracket is wrong.
        sources: What vouches for texts about this title.
        offered: The slots that the writer was given.
        angle: The released signals that shape the text. Each must be answered by its slot, or by the
            words that the slot stands for; their spans name the signal.
        avoid: Words that an editor asked not to use, lower case.
        tokens: What `sources.read` makes of the text, if somebody has it already.
    """
    covered = cover(sources.read(text) if tokens is None else tokens, sources)
    hits: list[Hit] = []
    for rule in _RULES:
        hits.extend(rule(covered, sources))
    hits.extend(_avoided(covered, sources, avoid))
    findings = _told(text, covered, hits)
    findings += _slots(text, covered, offered)
    signals = {answer.pointer: answer.signal for answer in angle}
    spans = _spans(covered, sources, signals)
    said = {span.fact for span in spans}
    if any(answer.pointer not in said for answer in angle):
        findings.append(Finding(kind="slot", at=(0, len(text)), detail="the angle is missing"))
    return Report(findings=tuple(sorted(findings, key=lambda f: f.at)), spans=spans)


def _open(covered: Cover, sources: Sources) -> Iterable[Hit]:
    """Tokens that nothing vouches for."""
    for at, stretch in enumerate(covered.over):
        token = covered.tokens[at]
        if stretch.kind == "open" and token.kind != "slot" and token.norm not in PRONOUNS:
            kind: FindingKind = "unsupported"
            if token.kind == "number" or token.norm in NUMBER_WORDS:
                kind = "number"
            elif token.norm in VIEWER_WORDS:
                kind = "viewer"
            yield at, at + 1, kind


def _capitals(covered: Cover, sources: Sources) -> Iterable[Hit]:
    """Capitals that begin nothing and that no source has: somebody's name."""
    for at, stretch in enumerate(covered.over):
        token = covered.tokens[at]
        if token.capital and not token.opens and not _capital_known(covered, at, stretch, sources):
            yield at, at + 1, "name"


def _capital_known(covered: Cover, at: int, stretch: Stretch, sources: Sources) -> bool:
    if stretch.kind == "claim":
        return True
    return stretch.kind in QUOTED and covered.tokens[at].norm in sources.capitals


def _alone(covered: Cover, sources: Sources) -> Iterable[Hit]:
    """Single words of a fact whose neighbours have nothing to do with that fact."""
    for at, stretch in enumerate(covered.over):
        if stretch.kind == "word" and not alterations.backed(covered, at, sources):
            yield at, at + 1, "unsupported"


def _altered(covered: Cover, sources: Sources) -> Iterable[Hit]:
    return ((at, at + 1, "altered") for at in alterations.altered(covered, sources))


def _claimed(covered: Cover, sources: Sources) -> Iterable[Hit]:
    """Claims in words that stand on their own; a fact's own sentence may make them."""
    for claim in covered.claims:
        places = range(claim.start, claim.end)
        whole = all(covered.over[at].kind in QUOTED or at in covered.said for at in places)
        if not whole and any(covered.over[at].kind != "function" for at in places):
            kind: FindingKind = "viewer" if claim.kind == "viewer" else "claim"
            yield claim.start, claim.end, kind


def _people(covered: Cover, sources: Sources) -> Iterable[Hit]:
    for at in misplaced(covered.tokens, sources):
        if covered.over[at].kind not in {"run", "fill"}:
            yield at, at + 1, "role"


def _gendered(covered: Cover, sources: Sources) -> Iterable[Hit]:
    for at, token in enumerate(covered.tokens):
        if token.norm not in PRONOUNS or covered.over[at].kind in QUOTED:
            continue
        if pronoun_fact(covered.tokens, token.norm, sources) is None:
            yield at, at + 1, "pronoun"


def _spoilt(covered: Cover, sources: Sources) -> Iterable[Hit]:
    return ((start, end, "spoiler") for start, end in spoilers.told(covered, sources))


_RULES: tuple[Callable[[Cover, Sources], Iterable[Hit]], ...] = (
    _open, _capitals, _alone, _altered, _claimed, _people, _gendered, _spoilt,
)  # fmt: skip


def _avoided(covered: Cover, sources: Sources, avoid: Sequence[str]) -> Iterable[Hit]:
    tokens = covered.tokens
    for entry in avoid:
        stems = tuple(token.stem for token in sources.read(entry))
        for at in range(len(tokens) - len(stems) + 1):
            end = at + len(stems)
            if stems and tuple(token.stem for token in tokens[at:end]) == stems:
                yield at, end, "avoid"


def _told(text: str, covered: Cover, hits: Iterable[Hit]) -> list[Finding]:
    """Findings from hits: of those that touch the same token, the most telling one."""
    taken: set[int] = set()
    findings: list[Finding] = []
    for start, end, kind in sorted(hits, key=lambda hit: (_RANK[hit[2]], hit[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            at = (covered.tokens[start].start, covered.tokens[end - 1].end)
            findings.append(Finding(kind=kind, at=at, detail=_DETAIL[kind]))
    return findings


def _slots(text: str, covered: Cover, offered: Sequence[Slot] | None) -> list[Finding]:
    known = {slot.name: slot for slot in offered or ()}
    found: list[Finding] = []
    sentences: set[str] = set()
    for token in covered.tokens:
        if token.kind != "slot":
            continue
        slot = known.get(text[token.start + 1 : token.end - 1])
        detail = None
        if offered is None:
            detail = "a slot that was not filled"
        elif slot is None:
            detail = "a slot that was not offered"
        elif slot.kind == "sentence":
            detail = "a sentence said twice" if slot.name in sentences else None
            sentences.add(slot.name)
        if detail is not None:
            found.append(Finding(kind="slot", at=(token.start, token.end), detail=detail))
    return found


def _spans(covered: Cover, sources: Sources, signals: dict[str, str]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for stretch in covered.stretches:
        first, last = covered.tokens[stretch.start], covered.tokens[stretch.end - 1]
        at, fact = (first.start, last.end), stretch.fact
        if stretch.kind == "open" and first.norm in PRONOUNS:
            fact = pronoun_fact(covered.tokens, first.norm, sources)
        if fact is None and stretch.phrase is None:
            continue
        fact = _answering(stretch, fact, covered, sources, signals)
        spans.append(Span(at=at, fact=fact, signal=signals.get(fact or ""), phrase=stretch.phrase))
    return tuple(spans)


def _answering(
    stretch: Stretch,
    fact: str | None,
    covered: Cover,
    sources: Sources,
    signals: dict[str, str],
) -> str | None:
    """The fact to name where a name stands for several: the one that answers a signal, if one does."""
    norm = covered.tokens[stretch.start].norm
    if stretch.end - stretch.start == 1 and norm.startswith("@"):
        for named in sources.named.get(norm[1:], ()):
            if named.pointer in signals:
                return named.pointer
    return fact


def uncovered(text: str, report: Report, sources: Sources) -> tuple[tuple[int, int], ...]:
    """The words of content that lie under no span: none, in a text that passed."""
    held = [span.at for span in report.spans]
    return tuple(
        (token.start, token.end)
        for token in sources.read(text)
        if token.kind in {"word", "number", "name", "slot"}
        and is_content(token.norm)
        and not any(start <= token.start and token.end <= end for start, end in held)
    )
