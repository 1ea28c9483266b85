"""What leaves: orders and the texts chosen for them become blurbs and the receipt's statement.

Nothing here depends on what was withheld: an order's signals are not looked at, only their names, for
the unsigned notices.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from genservice.briefing import Options
from genservice.canonical import digest
from genservice.consents import SILENT, Heard
from genservice.contexts import string_notices
from genservice.controls import CONTROLS
from genservice.domain import (
    DIGITAL_CREATION,
    TRAINED_ALGORITHMIC_MEDIA,
    AgeBand,
    Angle,
    Blurb,
    Context,
    Decision,
    EditorialText,
    Notice,
    Reason,
    Screened,
    Source,
    Span,
    StatedBlurb,
    StatedContext,
    StatedRule,
    Statement,
    Title,
    TitleRef,
    Used,
    WrittenBy,
    limit_of,
)
from genservice.generation import Priority
from genservice.policy import accounting
from genservice.store import Entry, Written
from genservice.writing import merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genservice.dossiers import Dossier
    from genservice.policy import PolicySet


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One request, resolved to its title."""

    title: Title
    options: Options
    region: str
    age_band: AgeBand
    consents: tuple[str, ...] = ()
    gpc: bool = False
    heard: Heard = SILENT
    """What its consent strings come to; the strings themselves end where a request is read."""
    language: str = "en"
    signals: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    """As sent; only what policy releases is ever read."""
    viewer: str | None = None
    """The app's name of the viewer whose stored signals, consents and controls count."""
    segment: str | None = None
    """A segment of the policy set whose signals are meant besides."""
    seed: int = 0
    variants: int = 1
    note: str | None = None
    """An editor's wish; such a text is not stored."""
    stored: bool = True
    """Whether the title is one of the catalogue's; texts for others are not stored."""
    priority: Priority = "app"
    """Who waits, for the model to take turns; like `caller` in no brief, key or receipt."""
    caller: str = ""
    """Between whom the model is fair: the id of the key that asks."""


def order_of_twin(title: Title, options: Options) -> Order:
    """An order of nobody and from nowhere: what answers it is the title's neutral twin."""
    return Order(
        title=title,
        options=options,
        region="unknown",
        age_band="unknown",
        language=title.language,
        priority="background",
    )


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """Texts on their way out, and how they came to be chosen."""

    texts: tuple[Entry, ...]
    source: Source
    reason: Reason | None
    angle: tuple[Angle, ...] = ()
    settled: bool = False
    """Nothing failed on the way: the same order comes to the same texts as long as its title stands."""
    heeded: tuple[Used, ...] = ()
    """Dislikes that left something out of the texts, or kept it from being made much of."""


def notices_of(policies: PolicySet, order: Order) -> tuple[Notice, ...]:
    """What an order holds that is not declared, or cannot be relied on: by name, never by value."""
    signals, consents = policies.index.signals, policies.index.declared
    if (
        not order.heard.unusable
        and signals.keys() >= order.signals.keys()
        and consents.issuperset(order.consents)
    ):
        return ()
    return (
        *(
            Notice(kind="undeclared_signal", name=name)
            for name in sorted(order.signals.keys() - signals.keys())
        ),
        *(
            Notice(kind="undeclared_consent", name=name)
            for name in sorted({*order.consents} - consents)
        ),
        *string_notices(order.heard),
    )


def same_language(wanted: str, held: str) -> bool:
    """Whether a text in `held` serves who asked for `wanted`: the primary subtags agree (BCP 47)."""
    return wanted.lower().partition("-")[0] == held.lower().partition("-")[0]


def is_locked(order: Order) -> bool:
    """Whether editors have the word: the title is locked, or a text is pinned for this length."""
    title = order.title
    if title.copy.mode == "editorial_only":
        return True
    return any(
        text.pinned
        and text.length == order.options.length
        and same_language(order.language, text.language)
        for text in title.texts
    )


def editorial(order: Order, dossier: Dossier, reason: Reason) -> Served | None:
    """The editors' own text that suits the order best, if one fits and passed the guard.

    Best is: in the language asked for, pinned, of the length asked for, longest.
    """
    limit = limit_of(order.options.channel, order.options.length)
    fitting = [(index, text) for index, text in dossier.texts if len(text.text) <= limit]
    if not fitting:
        return None

    def merit(item: tuple[int, EditorialText]) -> tuple[bool, bool, bool, int]:
        text = item[1]
        return (
            same_language(order.language, text.language),
            text.pinned,
            text.length == order.options.length,
            len(text.text),
        )

    index, best = max(fitting, key=merit)
    title, options = order.title, order.options
    entry = Entry(
        key=digest({"title": title.id, "revision": title.revision, "text": best}),
        title=TitleRef(id=title.id, revision=title.revision),
        purpose=options.purpose,
        channel=options.channel,
        length=options.length,
        tone=options.tone,
        language=best.language,
        seed=order.seed,
        neutral=True,
        written=Written(
            candidate=best.text,
            text=best.text,
            spans=(Span(at=(0, len(best.text)), fact=f"/texts/{index}/text"),),
            attempts=0,
            screened=Screened(prompt={}, text={}),
            model="none",
            prompt="none",
        ),
    )
    return Served(texts=(entry,), source="editorial", reason=reason)


def blurb_of(entry: Entry, served: Served) -> Blurb:
    """A text as callers get it."""
    text = entry.written.text
    return Blurb(
        id=f"b-{digest({'key': entry.key, 'text': text})[:32]}",
        text=text,
        personalised=bool(served.angle),
        source=served.source,
        reason=served.reason,
        language=entry.language,
        angle=served.angle[0].signal if served.angle else None,
        digital_source_type=(
            DIGITAL_CREATION if served.source == "editorial" else TRAINED_ALGORITHMIC_MEDIA
        ),
        spans=entry.written.spans,
        model=None if served.source == "editorial" else _written_by(entry.written),
    )


def _written_by(written: Written) -> WrittenBy:
    """What a revision says: `embedded sha256:...`, or `remote` and a name of somebody else's making."""
    kind, _, name = written.model.partition(" ")
    version: str | None = None
    if name and kind != "remote":
        name, _, version = written.model.rpartition(" ")
    return WrittenBy(name=name or written.model, version=version, processor=written.processor)


def statement_of(
    order: Order,
    context: Context,
    policies: PolicySet,
    decisions: tuple[Decision, ...],
    served: Served,
    blurbs: Sequence[Blurb],
) -> Statement:
    """The account of an answer; nothing in it depends on what was withheld."""
    options = order.options
    texts = [entry.written for entry in served.texts]
    return Statement(
        title=TitleRef(id=order.title.id, revision=order.title.revision),
        purpose=options.purpose,
        channel=options.channel,
        tone=options.tone,
        length=options.length,
        seed=order.seed,
        context=StatedContext(
            region=context.region,
            age_band=context.age_band,
            consents=context.consents,
            gpc=context.gpc,
            language=context.language,
            processor=context.processor,
        ),
        policy=policies.version,
        prompt=texts[0].prompt,
        model=texts[0].model,
        used=(
            *(
                Used(signal=item.signal, level=item.level, value=(item.term,))
                for item in served.angle
            ),
            *served.heeded,
        ),
        decisions=decisions,
        rules=_rules(policies, decisions),
        screened=Screened(
            prompt=merged(*(text.screened.prompt for text in texts)),
            text=merged(*(text.screened.text for text in texts)),
        ),
        attempts=max(text.attempts for text in texts),
        blurbs=tuple(
            StatedBlurb(id=blurb.id, sha256=hashlib.sha256(blurb.text.encode()).hexdigest())
            for blurb in blurbs
        ),
    )


def _rules(policies: PolicySet, decisions: Sequence[Decision]) -> tuple[StatedRule, ...]:
    """What accounts for the decisions, in words, so that a receipt explains itself offline.

    Those are rules of the set, and a viewer's controls where they made a decision stricter.
    """
    asked: dict[str, set[str]] = {}
    for decision in decisions:
        says = accounting(decision)
        for rule in decision.rules:
            asked.setdefault(rule, set()).update(says)
    rules = (
        *(
            StatedRule(id=rule.id, says=rule.decision, why=rule.why)
            for rule in policies.rules
            if rule.id in asked
        ),
        *CONTROLS,
    )
    return tuple(
        rule
        for rule in sorted(rules, key=lambda rule: rule.id)
        if rule.says in asked.get(rule.id, ())
    )
