"""Where parts are put together: `open_service` builds everything once, for the command line and for HTTP alike.

    files      what is read from files
    records    what is kept: database, keystore, signing keys, decision log
    ruling     which policy set rules
    writers    the models and the guard

`genservice.app` puts the HTTP application around it.
"""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from prometheus_client import CollectorRegistry

from genservice.api.service import Service
from genservice.assembly.files import Files, read_files
from genservice.assembly.records import Records, SignedReceipts, opened_records
from genservice.assembly.ruling import Ruling, chosen
from genservice.assembly.writers import Loaded, Writers, load_writers, opened_writers
from genservice.blurbs import Blurbs
from genservice.checks import TextChecks
from genservice.dossiers import Dossiers
from genservice.errors import ModelUnavailableError
from genservice.first_titles import import_shipped
from genservice.generation import connect, counted_by, held_by, waiting_for
from genservice.given import GivenAnswers
from genservice.metrics import (
    Among,
    Figures,
    PathMetrics,
    cache_metrics,
    policy_metrics,
    waiting_metrics,
)
from genservice.parts import Parts
from genservice.rates import RateLimits
from genservice.readiness import Readiness
from genservice.replays import Replays
from genservice.rights import Explanations, Rights, ViewerConsents
from genservice.traces import opened_traces
from genservice.twins import Twins
from genservice.watch import Watch
from genservice.watched import WatchedGuard
from genservice.words import policy_words

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from genservice.generation import TextModel
    from genservice.privacy import Guard
    from genservice.settings import Settings
    from genservice.watch import Listener

__all__ = ["Loaded", "load_writers", "open_service", "utc_now"]

log = structlog.get_logger(__name__)

GREETING_SECONDS = 3.0
"""How long the start waits for a model elsewhere to say what it is called; it may do so later."""


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_service(
    settings: Settings,
    *,
    model: TextModel | None = None,
    reserve: TextModel | None = None,
    guard: Guard | None = None,
    listeners: Sequence[Listener] = (),
    among: Among | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> AsyncGenerator[Service]:
    """Everything, put together, until the block ends.

    Args:
        settings: What it is built from.
        model: Writes, instead of the one that the settings name.
        reserve: Writes neutral twins when the model does not answer, instead of the embedded one.
        guard: Screens, instead of the one that the settings describe.
        listeners: Hear of requests and steps, besides metrics and traces.
        among: Which of several workers this process is. The first writes twins, for all of them.
        clock: The time now.

    Raises:
        SettingsError: A setting is wrong.
        ModelFilesError: The model's folder is missing or corrupt; names the file.
        PolicyError: The policy set is invalid, and none was ever accepted.
        PromptError, PhraseError, VocabularyError: A shipped or given file is invalid.
        DocumentError: A file of the guard's is invalid, or names a model that is not here.
        UnavailableError: The database cannot be opened.
    """
    settings.places()
    files = read_files(settings)
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(opened_records(settings, clock=clock))
        ruling = await chosen(settings, files, records.store, clock=clock)
        writers = await stack.enter_async_context(
            opened_writers(settings, files, guard=guard, model=model, reserve=reserve)
        )
        await import_shipped(records.store.titles, settings.catalogue, files.vocabulary)
        await stack.enter_async_context(records.decisions.open())
        registry = CollectorRegistry()
        traces = await stack.enter_async_context(opened_traces(settings.traces))
        watch = Watch(*listeners, *traces, PathMetrics(registry))
        watched = WatchedGuard(writers.guard, watch)
        parts = _parts(settings, files, records, ruling, writers, watched, watch)
        policy_metrics(registry, ruling.in_force, ruling.shadow, records.decisions)
        waiting_metrics(
            registry,
            queues={"model": lambda: held_by(writers.model), "guard": lambda: watched.held},
            pools=records.store.pools,
            batches=lambda: counted_by(writers.model),
            lined_up=lambda: waiting_for(writers.model),
        )
        cache_metrics(registry, (parts.given, *records.caches.texts.caches))
        figures = Figures(registry, among)
        await stack.enter_async_context(figures.told())
        yield _service(settings, records, ruling, writers, parts, figures, among=among, clock=clock)


def _parts(
    settings: Settings,
    files: Files,
    records: Records,
    ruling: Ruling,
    writers: Writers,
    guard: WatchedGuard,
    watch: Watch,
) -> Parts:
    """What the path is put together from."""
    return Parts(
        policies=lambda: ruling.in_force.policies,
        prompts=files.prompts,
        phrases=files.phrases,
        vocabulary=files.vocabulary,
        occasions=files.occasions,
        guard=guard,
        model=writers.model,
        reserve=writers.reserve,
        dossiers=Dossiers(
            vocabulary=files.vocabulary,
            phrases=files.phrases,
            occasions=files.occasions,
            guard=guard,
        ),
        titles=records.store.titles,
        texts=records.caches.texts,
        turns=records.caches.turns,
        receipts=SignedReceipts(records.signer, records.store, watch),
        viewers=records.viewers,
        shadow=ruling.shadow,
        decisions=records.decisions,
        given=GivenAnswers(most_bytes=settings.answer_bytes, secret=secrets.token_bytes(32)),
        ordinary=files.ordinary,
        attempts=settings.attempts,
        watch=watch,
    )


def _service(
    settings: Settings,
    records: Records,
    ruling: Ruling,
    writers: Writers,
    parts: Parts,
    figures: Figures,
    *,
    among: Among | None,
    clock: Callable[[], datetime],
) -> Service:
    """What handlers and commands reach."""
    store, viewers, signer = records.store, records.viewers, records.signer
    blurbs = Blurbs(parts)
    twins = Twins(
        settings.places(),
        blurbs=blurbs,
        titles=store.titles,
        texts=store.blurbs,
        elsewhere=among is not None and among.number > 0,
    )
    explanations = Explanations(
        viewers,
        receipts=store.receipts,
        titles=store.titles,
        versions=store.policies,
        policies=parts.policies,
    )
    return Service(
        blurbs=blurbs,
        twins=twins,
        checks=TextChecks(parts.dossiers, lambda: ruling.in_force.policies.inferences.reads),
        dossiers=parts.dossiers,
        vocabulary=parts.vocabulary,
        titles=store.titles,
        keys=store.keys,
        viewers=viewers,
        tokens=records.tokens,
        rates=RateLimits(settings.limits(), records.caches.counters),
        viewer_consents=ViewerConsents(viewers, policies=parts.policies),
        explanations=explanations,
        rights=Rights(
            viewers,
            explanations,
            policies=parts.policies,
            words=policy_words(parts.vocabulary),
            signer=signer,
            clock=clock,
            random=secrets.token_bytes,
        ),
        receipts=store.receipts,
        policy_versions=store.policies,
        policy_history=store.history,
        policy_acts=ruling.acts,
        watch=parts.watch,
        metrics=figures.collected,
        decisions=records.decisions,
        log_heads=records.heads,
        replays=Replays(
            store.decisions,
            flush=records.decisions.flush,
            deadline=settings.replay_timeout,
            clock=clock,
        ),
        policies=parts.policies,
        tcf_vendor=settings.tcf_vendor,
        signer=signer,
        processor=writers.model.processor,
        readiness=Readiness(
            store=store,
            viewers=viewers,
            signer=signer,
            guard=writers.guard,
            model=writers.model,
            in_force=ruling.in_force,
            decisions=records.decisions,
        ),
        at_work=lambda: _at_work(writers.model, twins, ruling, records),
    )


@asynccontextmanager
async def _at_work(
    model: TextModel, twins: Twins, ruling: Ruling, records: Records
) -> AsyncGenerator[None]:
    """What a service that listens does besides answering.

    It follows the policies, greets its model, writes twins, and forgets what is kept no longer.
    """
    async with ruling.following.kept(), records.decisions.tidied(), records.viewers.kept():
        try:
            await connect(model, deadline=GREETING_SECONDS)
        except ModelUnavailableError as error:
            log.warning("the model does not answer", detail=str(error))
        async with twins.kept():
            yield
