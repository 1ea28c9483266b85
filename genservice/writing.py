"""Writing one brief: render, screen, write, screen, check, fill, fit; again if a check fails.

A text is written once per key, and the first one stands. The key holds everything that shapes the
text, and nothing of viewer, request or clock.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import msgspec
import structlog

from genservice.canonical import digest
from genservice.checking import Phrases
from genservice.composition import RULES, Frame, House
from genservice.domain import Rendered, Screened, TitleRef
from genservice.errors import GenserviceError
from genservice.generation import Request, TextModel, describe, texts_at_once
from genservice.judging import Job, Passed, judge
from genservice.prompting import said_length
from genservice.store import Entry, Written
from genservice.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genservice.dossiers import Screener

log = structlog.get_logger(__name__)

_TITLES = 1024
"""For how many it is remembered which phrases hold."""
CANDIDATES = 2
"""Texts of one attempt. They are written at once where a batch of two costs little more than one."""


class CheckFailedError(GenserviceError):
    """No text of a brief passed the checks within the attempts allowed."""

    def __init__(self, kinds: Mapping[str, int]) -> None:
        self.kinds = dict(kinds)
        super().__init__("No text passed the checks.")


class Writing(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a brief is written with. Keep one per model: what it asks a model about itself, it asks once."""

    model: TextModel
    guard: Screener
    phrases: Phrases
    frames: tuple[Frame, ...]
    """The house phrases, for a model that writes in them alone."""
    attempts: int
    watch: Watch = msgspec.field(default_factory=Watch)

    @cached_property
    def together(self) -> int:
        """How many candidates the model is asked for at once."""
        return min(CANDIDATES, texts_at_once(self.model))

    @cached_property
    def reads_chat(self) -> bool:
        """Whether the model may read the chat form of a prompt; one elsewhere does not say."""
        described = describe(self.model)
        return described is None or described.prompt != "compact"


def key_of(job: Job, writing: Writing) -> str:
    """The cache key: a digest of everything that shapes the text.

    Brief (with title and revision), prompt, model, guard, rules of composing, checking and inference,
    seed and variant. Else the policy acts through the brief alone, so an edit misses exactly the briefs
    it changes.
    """
    return digest(
        {
            "brief": job.brief,
            "prompt": job.prompt.revision,
            "model": writing.model.revision,
            "guard": writing.guard.revision,
            "checks": writing.phrases.revision,
            "composition": RULES,
            "inference": job.inferences.revision,
            "seed": job.seed,
            "variant": job.variant,
        }
    )


async def write_whole(key: str, job: Job, writing: Writing) -> Entry:
    """A text for the brief that passed the guard and every check; candidates are written as a whole.

    Args:
        key: What `key_of` makes of the other two.
        job: What is to be written.
        writing: What it is written with.

    Raises:
        CheckFailedError: None did within the attempts allowed.
        ModelUnavailableError: The model did not answer.
        GuardUnavailableError: The guard could not screen.
    """
    request = request_for(job, writing, rendered(job, writing))
    removed = Counter[str]()
    kinds = Counter[str]()
    for attempt in range(1, writing.attempts + 1):
        seeds = tuple(seed_of(key, attempt, candidate) for candidate in range(CANDIDATES))
        # Whether they come together or one by one, the first that passes is the same.
        for first in range(0, CANDIDATES, writing.together):
            asked = seeds[first : first + writing.together]
            with writing.watch.step("write", texts=len(asked)):
                raws = await writing.model.write(request("", asked))
            screenings = await writing.guard.screen(raws, side="output")
            for raw, screening in zip(raws, screenings, strict=True):
                removed.update(screening.counts)
                if screening.findings:
                    kinds["personal_data"] += 1
                    continue
                verdict = judge(raw, job, watch=writing.watch)
                if isinstance(verdict, list):
                    kinds.update(verdict)
                    continue
                return entry_of(key, job, writing, verdict, attempts=attempt, removed=removed)
    log.info("no text passed", purpose=job.brief.purpose, kinds=dict(kinds))
    raise CheckFailedError(kinds)


def rendered(job: Job, writing: Writing) -> Rendered:
    """The job's prompt, in the forms that the model may read."""
    with writing.watch.step("render"):
        return job.prompt.render(job.brief, chat=writing.reads_chat)


def entry_of(
    key: str,
    job: Job,
    writing: Writing,
    passed: Passed,
    *,
    attempts: int,
    removed: Mapping[str, int],
    sentences: tuple[int, ...] = (),
) -> Entry:
    """A text as it is stored; for the rest see `Written`."""
    brief = job.brief
    written = Written(
        candidate=passed.raw,
        text=passed.text,
        spans=passed.spans,
        attempts=attempts,
        screened=Screened(prompt=job.removed, text=dict(sorted(removed.items()))),
        model=writing.model.revision,
        prompt=job.prompt.revision,
        sentences=sentences,
        processor=writing.model.processor,
    )
    return Entry(
        key=key,
        title=TitleRef(id=brief.title_id, revision=brief.revision),
        purpose=brief.purpose,
        channel=brief.channel,
        length=brief.length,
        tone=brief.tone,
        language=brief.language,
        seed=job.seed,
        neutral=not brief.personalised,
        written=written,
    )


def request_for(
    job: Job, writing: Writing, rendered: Rendered
) -> Callable[[str, tuple[int, ...]], Request]:
    """What the model is asked for, given what stands already and seeds."""
    lawful = _true(writing.frames, job.sources.true_phrases)
    if job.brief.shun or job.brief.aside:
        lawful = _without_dislikes(lawful, job)
    asked = Request(
        prompt=rendered,
        slots=tuple(slot.name for slot in job.brief.slots),
        must=tuple(item.slot for item in job.brief.angle),
        limit=job.brief.limit,
        seeds=(),
        priority=job.priority,
        caller=job.caller,
        grammar=House(job.brief, lawful, said_length),
    )
    return lambda prefix, seeds: msgspec.structs.replace(asked, prefix=prefix, seeds=seeds)


@lru_cache(maxsize=_TITLES)
def _true(frames: tuple[Frame, ...], ids: frozenset[str]) -> tuple[Frame, ...]:
    """The phrases of these ids: the same for every text of a title."""
    return tuple(frame for frame in frames if frame.phrase.id in ids)


_NUMBER = re.compile(r"_\d+$")
_HOOKS = frozenset({"hook", "lead", "line", "tag", "end"})
"""Roles of phrases that make something of what they name."""


def _without_dislikes(frames: tuple[Frame, ...], job: Job) -> tuple[Frame, ...]:
    """The phrases that make no hook of what a dislike names: neither of its word nor of its slot."""
    brief, title = job.brief, job.sources.title
    aside = [slot for slot in brief.slots if slot.name in brief.aside]
    disliked = {*brief.shun, *(slot.term for slot in aside)}
    bases = {_NUMBER.sub("", slot.name) for slot in aside}
    rest = msgspec.structs.replace(
        title,
        genres=tuple(word for word in title.genres if word not in disliked),
        moods=tuple(word for word in title.moods if word not in disliked),
        themes=tuple(word for word in title.themes if word not in disliked),
        pace=None if title.pace in disliked else title.pace,
    )
    return tuple(
        frame
        for frame in frames
        if frame.phrase.true_of(rest)
        and not (frame.phrase.role in _HOOKS and bases.intersection(frame.bases))
    )


def seed_of(key: str, attempt: int, candidate: int) -> int:
    """A seed derived from the key, which holds the caller's, and from nothing else."""
    return int.from_bytes(
        hashlib.sha256(f"{key}/{attempt}/{candidate}".encode()).digest()[:7], "big"
    )


def merged(*counts: Mapping[str, int]) -> dict[str, int]:
    """Counts added up, sorted by name."""
    total = Counter[str]()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))
