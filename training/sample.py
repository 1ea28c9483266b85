"""Read what a model writes, and measure it: `python -m training.sample --help`.

Titles come from the shipped catalogue, which no training text knows, or from a file of one's own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from genservice.catalog import load_vocabulary, read, slotted
from genservice.checking import Sources, check, fill, fit, load_phrases
from genservice.composition import House, frames
from genservice.domain import CHANNELS, LENGTHS, Brief, Rendered, limit_of
from genservice.generation.load import load_model
from genservice.generation.model import Request
from genservice.prompting import compact, said_length
from genservice.shipped import shipped
from training.briefs import TONES, angle_for, offered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from genservice.checking import Phrases
    from genservice.composition import Frame
    from genservice.domain import Channel, Length, Purpose, Slot, Title, Tone, Vocabulary
    from genservice.generation.model import TextModel

_TIGHT, _ROOMY = 110, 400
_OPENING = 4
"""Words that make an opening."""
_VARIANTS = 20


class Written(NamedTuple):
    """One text and what the checks say of it."""

    brief: Brief
    raw: str
    text: str
    findings: tuple[str, ...]
    """Kinds of what the source check found in the raw text."""
    unfit: tuple[str, ...]
    """Kinds of what keeps the filled text from being shown."""

    @property
    def good(self) -> bool:
        """Whether it could be served as it is."""
        return not self.findings and not self.unfit


class Desk:
    """Writes and checks texts about titles with one model."""

    def __init__(self, model: TextModel) -> None:
        self._model = model
        self.vocabulary: Vocabulary = load_vocabulary(shipped("catalogue"))
        self._phrases: Phrases = load_phrases(shipped("prompts") / "phrases.yaml")
        self._frames = frames(self._phrases.phrases)

    def brief(
        self,
        title: Title,
        rng: Random,
        *,
        purpose: Purpose,
        channel: Channel,
        length: Length,
        tone: Tone,
        signals: int = 2,
    ) -> Brief:
        """A brief with up to so many signals that the title answers."""
        limit = limit_of(channel, length)
        every = slotted(title, self.vocabulary).slots
        sensitive = {term.name for term in self.vocabulary.themes if term.sensitive}
        usable = tuple(
            slot
            for slot in every
            if slot.kind != "name"
            and not slot.name.endswith(("_FIRST", "_LAST"))
            and slot.term not in sensitive
            and (limit > _ROOMY or len(slot.text) <= limit - 4)
        )
        angle = angle_for(usable, rng, most=min(signals, 2 if limit > _TIGHT else 1))
        pointers = {slot.name: slot.pointer for slot in usable}
        return Brief(
            title_id=title.id,
            revision=0,
            purpose=purpose,
            kind=title.kind,
            channel=channel,
            length=length,
            tone=tone,
            language="en",
            limit=limit,
            slots=offered(usable, angle, limit, rng),
            inner=tuple(slot for slot in every if slot not in usable),
            angle=tuple(msgspec.structs.replace(a, pointer=pointers[a.slot]) for a in angle),
        )

    def write(self, title: Title, brief: Brief, seeds: Sequence[int]) -> list[Written]:
        """One text per seed, checked, never written again."""
        rendered = Rendered(compact=compact(brief), turns=(), revision="sample")
        request = Request(
            prompt=rendered,
            slots=tuple(slot.name for slot in brief.slots),
            must=tuple(angle.slot for angle in brief.angle),
            limit=brief.limit,
            seeds=tuple(seeds),
            grammar=House(brief, self._lawful(title), said_length),
        )
        raws = asyncio.run(self._model.write(request))
        slots = (*brief.slots, *brief.inner)
        every = slotted(title, self.vocabulary).slots
        sources = Sources(title, every, self.vocabulary, self._phrases)
        return [self._checked(raw, brief, slots, sources) for raw in raws]

    def _lawful(self, title: Title) -> tuple[Frame, ...]:
        true = self._phrases.true_of(title)
        return tuple(frame for frame in self._frames if frame.phrase.id in true)

    def _checked(
        self, raw: str, brief: Brief, slots: tuple[Slot, ...], sources: Sources
    ) -> Written:
        report = check(raw, sources=sources, offered=slots, angle=brief.angle)
        text = fill(raw, slots, report.spans).text
        unfit = fit(text, brief.limit, names=sources.names)
        return Written(
            brief,
            raw,
            text,
            tuple(finding.kind for finding in report.findings),
            tuple(finding.kind for finding in unfit),
        )


def titles(paths: Sequence[Path], vocabulary: Vocabulary) -> list[Title]:
    """Every title of some files of the catalogue's own form."""
    return [
        title
        for path in paths
        for title in read(path.read_bytes(), format="json", vocabulary=vocabulary).titles
    ]


def drawn(desk: Desk, known: Sequence[Title], rng: Random, count: int) -> Iterator[Written]:
    """Texts for random briefs, one each."""
    for number in range(count):
        title = known[number % len(known)]
        promo = rng.random() < 0.65
        brief = desk.brief(
            title,
            rng,
            purpose="promo" if promo else "synopsis",
            channel=rng.choice(CHANNELS) if promo else "detail",
            length=rng.choice(list(LENGTHS)),
            tone=rng.choice(TONES),
            signals=rng.choice((0, 1, 2)),
        )
        yield from desk.write(title, brief, [number])


def openings(desk: Desk, known: Sequence[Title], rng: Random, count: int) -> list[int]:
    """For some titles, how many of twenty texts of one brief begin differently."""
    found: list[int] = []
    for title in rng.sample(list(known), min(count, len(known))):
        tone = rng.choice(TONES)
        brief = desk.brief(
            title, rng, purpose="promo", channel="email", length="medium", tone=tone, signals=1
        )
        texts = desk.write(title, brief, range(_VARIANTS))
        found.append(len({" ".join(one.text.split()[:_OPENING]) for one in texts}))
    return found


def figures(written: Sequence[Written], distinct: Sequence[int]) -> dict[str, object]:
    """What the texts come to, in shares of all."""
    count = len(written)
    kinds = Counter(kind for one in written for kind in {*one.findings, *one.unfit})
    personal = [one for one in written if one.brief.angle]
    followed = [one for one in personal if all(f"[{a.slot}]" in one.raw for a in one.brief.angle)]
    return {
        "texts": count,
        "servable_at_first_try": round(sum(one.good for one in written) / count, 4),
        "within_the_limit": round(
            sum(len(one.text) <= one.brief.limit for one in written) / count, 4
        ),
        "angle_followed": round(len(followed) / max(1, len(personal)), 4),
        "different_openings_of_20": [min(distinct), sum(distinct) / len(distinct)],
        "found": {kind: round(number / count, 4) for kind, number in kinds.most_common()},
    }


def main() -> None:
    """Write samples, and the figures after them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="embedded", help="embedded, a folder or a hub id")
    parser.add_argument("--titles", type=Path, nargs="*", help="files of titles, JSON")
    parser.add_argument("--count", type=int, default=300, help="texts to measure")
    parser.add_argument("--show", type=int, default=60, help="texts to print")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    folder = shipped("catalogue")
    model = load_model(given.model)
    desk = Desk(model)
    known = titles(given.titles or sorted(folder.glob("*.json")), desk.vocabulary)
    rng = Random(given.seed)
    rng.shuffle(known)
    start = time.monotonic()
    written = list(drawn(desk, known, rng, given.count))
    seconds = (time.monotonic() - start) / given.count
    for one in written[: given.show]:
        brief = one.brief
        angle = " ".join(a.slot for a in brief.angle) or "-"
        flag = " " if one.good else "!"
        said = f"{flag} {brief.purpose[0]}{brief.limit:>5} {brief.tone:8} {angle:16} {one.text}"
        sys.stdout.write(said + (f"   <- {one.findings + one.unfit}\n" if flag == "!" else "\n"))
    measured = figures(written, openings(desk, known, rng, 12))
    measured["seconds_a_text"] = round(seconds, 3)
    sys.stdout.write(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
