"""One text, screened: folded, read in windows, findings resolved, replaced, and read once more.

The text that leaves has itself been read and found clean, so screening it again changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import msgspec

from genservice.privacy.folding import BLANK, blanks, clean, fold
from genservice.privacy.rules import opaque
from genservice.privacy.values import TYPES, Finding, Screening, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from genservice.privacy.deny import DenyTerms

WINDOW = 2_000
"""Characters read at once; bounds what a pattern can cost."""
OVERLAP = 200
"""Characters that neighbouring windows share, so that nothing hides in a seam."""
PASSES = 6
"""Readings after which a text that still shows something new is refused."""

_MERGED_OVER = re.compile(r"[ \t]*")


class Engine(Protocol):
    """What finds and what replaces: Presidio, or a fake."""

    def find(self, text: str, side: Side) -> Iterable[Finding]:
        """What a side's recognisers find in a folded text, in no order, overlapping."""
        ...

    def replace(self, text: str, findings: Sequence[Finding]) -> str:
        """`text` with `<TYPE>` for every finding; findings are sorted and disjoint."""
        ...


class BrokenEngineError(Exception):
    """The engine answered nonsense. Never leaves the guard."""


class StoppedError(Exception):
    """Nobody waits for this screening any more. Never leaves the guard."""


def screen(
    text: str,
    side: Side,
    *,
    engine: Engine,
    deny: DenyTerms | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Screening:
    """`text` without personal data, and where it was.

    Raises:
        BrokenEngineError: The engine's answers cannot be true, or never settle.
        StoppedError: `stopped` turned true.
    """
    safe = clean(text)
    found: tuple[Finding, ...] = ()
    shown = safe
    for _ in range(PASSES):
        new = _read(shown, side, engine, deny, stopped)
        if not new:
            return Screening(text=shown, findings=found)
        if stopped():
            raise StoppedError
        placed = [_placed(finding, found) for finding in new]
        found = resolve([*found, *placed], safe)
        shown = _replaced(safe, found, engine)
    raise BrokenEngineError("readings do not settle")


def resolve(findings: Iterable[Finding], text: str) -> tuple[Finding, ...]:
    """Disjoint findings that cover everything `findings` cover, sorted.

    Overlapping ones become one, of the type that says most (anything says more than a name), then the
    longest; neighbours of one type with nothing but spaces between them become one.
    """
    resolved: list[Finding] = []
    for finding in sorted(findings, key=lambda each: (each.start, -each.end, each.type)):
        last = resolved[-1] if resolved else None
        if last is not None and (
            finding.start < last.end
            or (last.type == finding.type and _MERGED_OVER.fullmatch(text, last.end, finding.start))
        ):
            resolved[-1] = _union(last, finding)
        else:
            resolved.append(finding)
    return tuple(resolved)


def _union(one: Finding, other: Finding) -> Finding:
    main = max(
        one,
        other,
        key=lambda each: (each.type != "PERSON", each.end - each.start, each.score, each.type),
    )
    return Finding(
        start=min(one.start, other.start),
        end=max(one.end, other.end),
        type=main.type,
        score=max(one.score, other.score),
    )


def _read(
    text: str,
    side: Side,
    engine: Engine,
    deny: DenyTerms | None,
    stopped: Callable[[], bool],
) -> tuple[Finding, ...]:
    """What one reading of `text` finds, outside its slots and place-holders."""
    folded = fold(text)
    long = list(opaque(folded.text))
    plain = _blanked(folded.text, long)
    found = list(long)
    for start, end in windows(plain):
        if stopped():
            raise StoppedError
        found.extend(
            _checked(finding, start, end) for finding in engine.find(plain[start:end], side)
        )
    written = [_written(finding, *folded.written(finding.start, finding.end)) for finding in found]
    if deny is not None:
        written.extend(
            Finding(start=start, end=end, type="DENY_TERM", score=1.0)
            for start, end in deny.spans_in(text)
        )
    return tuple(_outside(resolve(written, text), blanks(text), text))


def windows(text: str) -> Iterable[tuple[int, int]]:
    """Overlapping spans that cover `text`, cut where there is white space.

    A run without white space longer than `WINDOW // 2` never gets here: it is opaque.
    """
    start = 0
    while len(text) - start > WINDOW:
        end = _cut(text, start + WINDOW, reach=WINDOW // 2)
        yield start, end
        start = _cut(text, end - OVERLAP, reach=OVERLAP)
    yield start, len(text)


def _cut(text: str, at: int, *, reach: int) -> int:
    """The nearest place at or before `at`, but not beyond `reach`, that follows white space, else `at`."""
    for index in range(at, at - reach, -1):
        if text[index - 1].isspace():
            return index
    return at


def _blanked(text: str, findings: Iterable[Finding]) -> str:
    for finding in findings:
        text = text[: finding.start] + BLANK * (finding.end - finding.start) + text[finding.end :]
    return text


def _checked(finding: object, start: int, end: int) -> Finding:
    """A finding within a window, as one over the whole text."""
    if (
        not isinstance(finding, Finding)
        or finding.type not in TYPES
        or not 0 <= finding.start < finding.end <= end - start
        or not 0 <= finding.score <= 1
    ):
        raise BrokenEngineError("an impossible finding")
    return _written(finding, finding.start + start, finding.end + start)


def _written(finding: Finding, start: int, end: int) -> Finding:
    return msgspec.structs.replace(finding, start=start, end=end)


def _outside(
    findings: Sequence[Finding], kept: Sequence[tuple[int, int]], text: str
) -> Iterable[Finding]:
    """The parts of findings that touch no slot or place-holder and are more than space; both sorted."""
    first = 0
    for finding in findings:
        while first < len(kept) and kept[first][1] <= finding.start:
            first += 1
        start = finding.start
        for index in range(first, len(kept)):
            if kept[index][0] >= finding.end:
                break
            yield from _part(finding, start, kept[index][0], text)
            start = kept[index][1]
        yield from _part(finding, start, finding.end, text)


def _part(finding: Finding, start: int, end: int, text: str) -> Iterable[Finding]:
    part = text[start:end] if start < end else ""
    if part.strip():
        lead = len(part) - len(part.lstrip())
        yield _written(finding, start + lead, start + len(part.rstrip()))


def _placed(finding: Finding, found: Sequence[Finding]) -> Finding:
    """A finding over the shown text, as one over the text that came in."""
    return _written(
        finding, _came_from(finding.start, found), _came_from(finding.end - 1, found) + 1
    )


def _came_from(position: int, found: Sequence[Finding]) -> int:
    shift = 0
    for finding in found:
        if position < finding.start + shift:
            break
        shift += len(finding.type) + 2 - (finding.end - finding.start)
    return position - shift


def _replaced(text: str, found: Sequence[Finding], engine: Engine) -> str:
    expected: list[str] = []
    end = 0
    for finding in found:
        expected.append(f"{text[end : finding.start]}<{finding.type}>")
        end = finding.end
    expected.append(text[end:])
    shown = engine.replace(text, found)
    if shown != "".join(expected):
        raise BrokenEngineError("an impossible replacement")
    return shown
