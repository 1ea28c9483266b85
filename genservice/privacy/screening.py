"""Texts, screened: folded, read in windows, findings resolved, replaced, and read once more.

A text that leaves has itself been read and found clean, so screening it again changes nothing. All
texts of one call are read side by side, since engines read many for less than one by one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import msgspec

from genservice.privacy.folding import BLANK, blanked, blanks, clean, fold
from genservice.privacy.rules import opaque
from genservice.privacy.values import Finding, Screening, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from genservice.privacy.deny import DenyTerms
    from genservice.privacy.folding import Folded

WINDOW = 2_000
"""Characters read at once; bounds what a pattern can cost."""
OVERLAP = 200
"""Characters that neighbouring windows share, so that nothing hides in a seam."""
BATCH = 8_000
"""Characters an engine is given at once; a call that nobody waits for stops between two batches."""
PASSES = 6
"""Readings after which a text that still shows something new is refused."""

_MERGED_OVER = re.compile(r"[ \t]*")


class Reader(Protocol):
    """Reads for one call. What it remembers of the texts is gone when the call is."""

    def find(self, texts: Sequence[str]) -> Sequence[Iterable[Finding]]:
        """What the side's recognisers find in each folded text, in no order, overlapping."""
        ...


class Engine(Protocol):
    """What finds and what replaces: Presidio, or a fake."""

    @property
    def types(self) -> frozenset[str]:
        """Every type a finding may have. Closed: only place-holders of these are left standing."""
        ...

    def reader(self, side: Side) -> Reader:
        """What reads the texts of one call."""
        ...

    def replace(self, text: str, findings: Sequence[Finding]) -> str:
        """`text` with `<TYPE>` for every finding; findings are sorted and disjoint."""
        ...


class BrokenEngineError(Exception):
    """The engine answered nonsense. Never leaves the guard."""


class StoppedError(Exception):
    """Nobody waits for this screening any more. Never leaves the guard."""


class _Text:
    """A text on its way: as it came in, as it stands, and what was found so far."""

    def __init__(self, text: str) -> None:
        self.safe = self.shown = clean(text)
        self.found: tuple[Finding, ...] = ()

    def take(self, new: Sequence[Finding]) -> bool:
        """Put place-holders where something new was found; whether anything was."""
        if not new:
            return False
        placed = [_placed(finding, self.found) for finding in new]
        self.found = resolve([*self.found, *placed], self.safe)
        self.shown = _with_place_holders(self.safe, self.found)
        return True


def screen(
    text: str,
    side: Side,
    *,
    engine: Engine,
    deny: DenyTerms | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Screening:
    """One text, screened; see `screen_all`."""
    (screening,) = screen_all([text], side, engine=engine, deny=deny, stopped=stopped)
    return screening


def screen_all(
    texts: Sequence[str],
    side: Side,
    *,
    engine: Engine,
    deny: DenyTerms | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Screening, ...]:
    """Each text without personal data, and where it was, in order.

    Raises:
        BrokenEngineError: The engine's answers cannot be true, or never settle.
        StoppedError: `stopped` turned true.
    """
    read = _Reading(engine, side, deny, stopped)
    all_of_them = [_Text(text) for text in texts]
    unsettled = all_of_them
    for _ in range(PASSES):
        news = read([text.shown for text in unsettled])
        unsettled = [text for text, new in zip(unsettled, news, strict=True) if text.take(new)]
        if not unsettled:
            return tuple(_screening(text, engine) for text in all_of_them)
    raise BrokenEngineError("readings do not settle")


def _screening(text: _Text, engine: Engine) -> Screening:
    if text.found and engine.replace(text.safe, text.found) != text.shown:
        raise BrokenEngineError("an impossible replacement")
    return Screening(text=text.shown, findings=text.found)


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


class _Reading:
    """Reads the texts of one call, as often as need be."""

    def __init__(
        self, engine: Engine, side: Side, deny: DenyTerms | None, stopped: Callable[[], bool]
    ) -> None:
        self._reader = engine.reader(side)
        self._types = engine.types
        self._kept = blanked(engine.types)
        self._deny = deny
        self._stopped = stopped

    def __call__(self, texts: Sequence[str]) -> list[tuple[Finding, ...]]:
        """What one reading of each text finds, outside its slots and place-holders."""
        folded = [fold(text, self._kept) for text in texts]
        found = [list(opaque(each.text)) for each in folded]
        pieces = [
            (index, start, plain[start:end])
            for index, plain in enumerate(map(_blanked, folded, found))
            for start, end in windows(plain)
        ]
        for batch in _batches(pieces):
            if self._stopped():
                raise StoppedError
            answers = list(self._reader.find([piece for _, _, piece in batch]))
            if len(answers) != len(batch):
                raise BrokenEngineError("not one answer a text")
            for (index, start, piece), answer in zip(batch, answers, strict=True):
                found[index] += [
                    _checked(finding, start, len(piece), self._types) for finding in answer
                ]
        if self._stopped():
            raise StoppedError
        return [self._outside(*each) for each in zip(texts, folded, found, strict=True)]

    def _outside(self, text: str, folded: Folded, found: Iterable[Finding]) -> tuple[Finding, ...]:
        written = [
            _moved(finding, *folded.written(finding.start, finding.end)) for finding in found
        ]
        if self._deny is not None:
            written += (
                Finding(start=start, end=end, type="DENY_TERM", score=1.0)
                for start, end in self._deny.spans_in(text)
            )
        if not written:
            return ()
        return tuple(_outside(resolve(written, text), blanks(text, self._kept), text))


def _batches(pieces: Sequence[tuple[int, int, str]]) -> Iterator[Sequence[tuple[int, int, str]]]:
    """Pieces to be read at once: at least one, and no more than `BATCH` characters."""
    batch: list[tuple[int, int, str]] = []
    length = 0
    for piece in pieces:
        if batch and length + len(piece[2]) > BATCH:
            yield batch
            batch, length = [], 0
        batch.append(piece)
        length += len(piece[2])
    if batch:
        yield batch


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


def _blanked(folded: Folded, findings: Iterable[Finding]) -> str:
    text = folded.text
    for finding in findings:
        text = text[: finding.start] + BLANK * (finding.end - finding.start) + text[finding.end :]
    return text


def _checked(finding: object, start: int, length: int, types: frozenset[str]) -> Finding:
    """A finding within a window, as one over the whole text."""
    if (
        not isinstance(finding, Finding)
        or finding.type not in types
        or not 0 <= finding.start < finding.end <= length
        or not 0 <= finding.score <= 1
    ):
        raise BrokenEngineError("an impossible finding")
    return _moved(finding, finding.start + start, finding.end + start) if start else finding


def _moved(finding: Finding, start: int, end: int) -> Finding:
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
        yield _moved(finding, start + lead, start + len(part.rstrip()))


def _placed(finding: Finding, found: Sequence[Finding]) -> Finding:
    """A finding over the shown text, as one over the text that came in."""
    return _moved(finding, _came_from(finding.start, found), _came_from(finding.end - 1, found) + 1)


def _came_from(position: int, found: Sequence[Finding]) -> int:
    shift = 0
    for finding in found:
        if position < finding.start + shift:
            break
        shift += len(finding.type) + 2 - (finding.end - finding.start)
    return position - shift


def _with_place_holders(text: str, found: Sequence[Finding]) -> str:
    pieces: list[str] = []
    end = 0
    for finding in found:
        pieces.append(f"{text[end : finding.start]}<{finding.type}>")
        end = finding.end
    return "".join((*pieces, text[end:]))
