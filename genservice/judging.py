"""What is to be written, and whether a text that was written may go on: check, fill, fit.

Nothing here waits or asks anybody: a verdict is a function of the text and the job.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from genservice.checking import Finding, Sources, check, fill, fit, inferred
from genservice.domain import Brief, Span
from genservice.generation import Priority
from genservice.inference import NO_INFERENCES, Inferences
from genservice.privacy import DenyTerms
from genservice.watch import Seen, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genservice.prompting import Prompt


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One text to be written."""

    brief: Brief
    prompt: Prompt
    sources: Sources
    removed: dict[str, int]
    """Personal data that the guard removed from what the prompt holds, by type."""
    seed: int
    deny: DenyTerms = msgspec.field(default_factory=DenyTerms)
    """What the free text that entered the brief held, before it was screened: no raw text may say it."""
    inferences: Inferences = NO_INFERENCES
    """What the text may not tell or imply of its viewer."""
    variant: int = 0
    others: tuple[str, ...] = ()
    """Texts of earlier variants; this one must differ."""
    priority: Priority = "app"
    """Who waits for it; like `caller` it decides when it is written and never what."""
    caller: str = ""


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A text that may be served, or, if it is not whole yet, its beginning."""

    raw: str
    text: str
    spans: tuple[Span, ...]


def judge(
    raw: str, job: Job, *, whole: bool = True, watch: Watch | None = None
) -> Passed | list[str]:
    """The filled text with its spans, or the kinds of findings that refused it.

    Args:
        raw: What a model wrote and the guard passed.
        job: What it was to write.
        whole: Whether no more will come; what only a whole text can show is not asked before.
        watch: Sees the steps.
    """
    watch = watch or Watch()
    brief = job.brief
    with watch.step("check") as seen:
        spans = _checked(raw, job, whole=whole)
        _note(seen, spans)
    if isinstance(spans, list):
        return spans
    with watch.step("fill"):
        filled = fill(raw, (*brief.slots, *brief.inner), spans)
    with watch.step("fit") as seen:
        kinds = _fitted(filled.text, job, whole=whole)
        _note(seen, kinds)
    return kinds or Passed(raw=raw, text=filled.text, spans=filled.spans)


def _checked(raw: str, job: Job, *, whole: bool) -> tuple[Span, ...] | list[str]:
    """What vouches for a raw text, or what refused it."""
    brief, sources = job.brief, job.sources
    if job.deny.found_in(raw):
        return ["deny_term"]
    if _says_twice(raw, long=brief.limit > _LONG):
        return ["repeated"]
    angle, read = brief.angle if whole else (), sources.read(raw)
    report = check(
        raw, sources=sources, offered=brief.slots, angle=angle, avoid=brief.avoid, tokens=read
    )
    findings = (*report.findings, *inferred(raw, sources, job.inferences, tokens=read))
    if findings:
        return _kinds(findings)
    if _says_what_was_kept_back(report.spans, brief):
        return ["kept_back"]
    return report.spans


def _fitted(text: str, job: Job, *, whole: bool) -> list[str]:
    """What refuses a filled text.

    What is served must also pass as the finished text that anybody may send to /v1/check.
    """
    brief, sources = job.brief, job.sources
    read = sources.read(text)
    findings = (
        *fit(text, brief.limit, names=sources.names),
        *check(text, sources=sources, avoid=brief.avoid, tokens=read).findings,
        *inferred(text, sources, job.inferences, tokens=read),
    )
    if findings:
        return _kinds(findings)
    return ["repeated"] if whole and text in job.others else []


def _note(seen: Seen, verdict: tuple[Span, ...] | list[str]) -> None:
    """Note whether a text passed, and else the kinds of findings; of inferences not which rule."""
    kinds = verdict if isinstance(verdict, list) else []
    seen.outcome = "refused" if kinds else "passed"
    if kinds:
        seen.note(kinds=dict(Counter(kind.partition(":")[0] for kind in kinds)))


_LABELS = ("/genres/", "/moods/", "/themes/")


def _says_what_was_kept_back(spans: Sequence[Span], brief: Brief) -> bool:
    """Whether a label is said that the brief does not offer: a sensitive theme, or one that is disliked.

    The title has it, so the check vouches for it. Said by chance, it would stand in a personalised text
    and not in the twin, or the other way round.
    """
    offered = {slot.pointer for slot in brief.slots}
    said = {span.fact for span in spans if span.fact is not None}
    return any(fact.startswith(_LABELS) and fact not in offered for fact in said)


_SLOT = re.compile(r"\[[A-Z0-9_]+\]")
_NAMES = ("[TITLE]", "[LEAD", "[CAST", "[CHARACTER", "[KIND]")
_LONG = 400
"""Above so many characters a name may be said again."""


def _says_twice(raw: str, *, long: bool) -> bool:
    """Whether a slot or a sentence stands twice; in a long text a name may."""
    said = _SLOT.findall(raw)
    if long:
        said = [slot for slot in said if not slot.startswith(_NAMES)]
    sentences = [part.strip().lower() for part in re.split(r"[.?!]", raw) if part.strip()]
    return len(said) != len(set(said)) or len(sentences) != len(set(sentences))


def _kinds(findings: Sequence[Finding]) -> list[str]:
    """Kinds of findings, and of inferences the rule: what may be counted and logged."""
    return sorted({f"{f.kind}:{f.rule}" if f.rule else f.kind for f in findings})
