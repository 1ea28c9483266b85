"""The only place where parts are put together.

`open_service` builds everything once, for the command line and for HTTP alike; `create_app` puts the
HTTP application around it.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from litestar import Litestar
from litestar.di import Provide
from prometheus_client import CollectorRegistry

from genservice.api.access import Authentication, may_use
from genservice.api.blurbs import BlurbController
from genservice.api.bodies import JSONRequest
from genservice.api.deadlines import Bounds
from genservice.api.defaults import answer_options
from genservice.api.going_live import GoingLiveController
from genservice.api.headers import cors, protective
from genservice.api.health import HealthController
from genservice.api.keys import KeyController
from genservice.api.log_heads import LogHeadsController
from genservice.api.metrics import MetricsController
from genservice.api.openapi import openapi_config
from genservice.api.policies import PolicyController
from genservice.api.policy_diff import PolicyDiffController
from genservice.api.problems import answer_problem
from genservice.api.receipts import ReceiptController
from genservice.api.replays import ReplayController
from genservice.api.requests import WatchedRequests
from genservice.api.service import STATE_KEY, Service, provide_service
from genservice.api.titles import TitleController
from genservice.api.viewer_consents import ViewerConsentController
from genservice.api.viewer_controls import ViewerControlController
from genservice.api.viewer_explanations import ViewerExplanationController
from genservice.api.viewer_signals import ViewerSignalController
from genservice.api.viewer_tokens import ViewerTokenController
from genservice.api.viewers import ViewerController
from genservice.blurbs import Blurbs
from genservice.briefing import load_occasions
from genservice.catalog import load_vocabulary, terms_in_folder
from genservice.checking import load_phrases
from genservice.checks import TextChecks
from genservice.decision_log import DecisionLog
from genservice.documents import in_folder
from genservice.dossiers import Dossiers
from genservice.errors import ModelUnavailableError, UnavailableError
from genservice.first_titles import import_shipped
from genservice.generation import TextModel, connect, held_by, load_model
from genservice.in_force import (
    Candidates,
    FolderFollower,
    Following,
    PolicyActs,
    RegistryFollower,
    Shadow,
    choose,
    choose_registered,
    signature,
)
from genservice.kept_secrets import kept_secrets
from genservice.log_chains import Chain
from genservice.log_heads import LogHeads
from genservice.metrics import PathMetrics, policy_metrics, waiting_metrics
from genservice.parts import Parts
from genservice.privacy import Guard, allowed_words, build_guard, ordinary_words
from genservice.prompting import load_prompts
from genservice.rates import InMemory, RateLimits
from genservice.readiness import Readiness
from genservice.receipts import Signer
from genservice.replays import Replays
from genservice.rights import Explanations, Rights, ViewerConsents
from genservice.settings import WATERMARK_FILE
from genservice.store import Store, open_store
from genservice.tokens import ViewerTokens
from genservice.traces import opened_traces
from genservice.twins import Twins
from genservice.viewers import Viewers, open_viewers
from genservice.watch import Watch
from genservice.watched import WatchedGuard
from genservice.words import policy_words, words_of_phrases

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from genservice.domain import Receipt, Statement
    from genservice.settings import Settings
    from genservice.watch import Listener

log = structlog.get_logger(__name__)

BODY_LIMIT = 1_000_000
"""Most bytes of a request, imports apart."""
GREETING_SECONDS = 3.0
"""How long the start waits for a model elsewhere to say what it is called; it may do so later."""


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


class _SignedReceipts:
    """Signs a statement once and keeps its receipt before it leaves."""

    def __init__(self, signer: Signer, store: Store, watch: Watch) -> None:
        self._signer = signer
        self._store = store
        self._watch = watch

    async def issue(self, statement: Statement) -> Receipt:
        with self._watch.step("sign"):
            receipt = self._signer.sign(statement)
        with self._watch.step("store", what="receipt"):
            await self._store.receipts.add(receipt)
        return receipt


@asynccontextmanager
async def open_service(
    settings: Settings,
    *,
    model: TextModel | None = None,
    reserve: TextModel | None = None,
    guard: Guard | None = None,
    listeners: Sequence[Listener] = (),
    clock: Callable[[], datetime] = utc_now,
) -> AsyncGenerator[Service]:
    """Everything, put together, until the block ends.

    Args:
        settings: What it is built from.
        model: Writes, instead of the one that the settings name.
        reserve: Writes neutral twins when the model does not answer, instead of the embedded one.
        guard: Screens, instead of the one that the settings describe.
        listeners: Hear of requests and steps, besides metrics and traces.
        clock: The time now.

    Raises:
        SettingsError: A setting is wrong.
        ModelFilesError: The model's folder is missing or corrupt; names the file.
        PolicyError: The policy set is invalid, and none was ever accepted.
        PromptError, PhraseError, VocabularyError: A shipped or given file is invalid.
        DocumentError: A file of the guard's is invalid, or names a model that is not here.
        UnavailableError: The database cannot be opened.
    """
    places = settings.places()
    vocabulary = load_vocabulary(settings.catalogue)
    with in_folder(settings.catalogue):
        occasions = load_occasions(settings.catalogue)
    with in_folder(settings.prompts):
        phrases = load_phrases(settings.prompts / "phrases.yaml")
    said = words_of_phrases(phrases)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(settings.database(), clock=clock, **settings.database_limits())
        )
        try:
            await store.migrate()
        except UnavailableError as error:
            raise UnavailableError(f"{settings.database_called()}: {error}") from None
        viewers = await stack.enter_async_context(
            open_viewers(
                store.viewers,
                settings.keystore_database(),
                settings.master_keys(),
                servings_days=settings.servings_days,
                clock=clock,
                **settings.database_limits(),
            )
        )
        signer = await asyncio.to_thread(Signer.open, settings.keystore, clock=clock)
        tokens = await asyncio.to_thread(ViewerTokens.open, settings.keystore, clock=clock)
        with in_folder(settings.prompts):
            prompts = load_prompts(settings.prompts)
        candidates = Candidates(
            words=policy_words(vocabulary),
            titles=lambda: terms_in_folder(settings.catalogue, vocabulary),
            read=prompts.reads,
        )
        # Before the folder is read: what changes while it is counts as a change.
        seen = await asyncio.to_thread(signature, settings.policies)
        first = choose if settings.policy_source == "files" else choose_registered
        in_force = await first(settings.policies, store.policies, candidates, clock=clock)
        shadow = Shadow(store.shadows)
        guard = guard or await asyncio.to_thread(
            _build_guard, settings, ordinary=said, allowed=allowed_words(vocabulary)
        )
        stack.callback(guard.close)
        model = model or await asyncio.to_thread(_load_model, settings)
        stack.push_async_callback(model.close)
        if reserve is None:
            embedded = settings.model == "embedded"
            reserve = model if embedded else await asyncio.to_thread(load_model, "embedded")
            stack.push_async_callback(reserve.close)
        await import_shipped(store.titles, settings.catalogue, vocabulary)
        heads = LogHeads(settings.heads_folder(), signer, clock=clock)
        decisions = DecisionLog(
            Chain(store.decisions, heads, draw=lambda: secrets.token_hex(8), clock=clock),
            keep_days=settings.decision_log_days,
            clock=clock,
        )
        await stack.enter_async_context(decisions.open())
        registry = CollectorRegistry()
        traces = await stack.enter_async_context(opened_traces(settings.traces))
        watch = Watch(*listeners, *traces, PathMetrics(registry))
        watched = WatchedGuard(guard, watch)
        dossiers = Dossiers(
            vocabulary=vocabulary, phrases=phrases, occasions=occasions, guard=watched
        )
        parts = Parts(
            policies=lambda: in_force.policies,
            prompts=prompts,
            phrases=phrases,
            vocabulary=vocabulary,
            occasions=occasions,
            guard=watched,
            model=model,
            reserve=reserve,
            dossiers=dossiers,
            titles=store.titles,
            texts=store.blurbs,
            receipts=_SignedReceipts(signer, store, watch),
            viewers=viewers,
            shadow=shadow,
            decisions=decisions,
            ordinary=ordinary_words() | allowed_words(vocabulary) | said,
            attempts=settings.attempts,
            watch=watch,
        )
        blurbs = Blurbs(parts)
        following = Following(
            folder=FolderFollower(
                settings.policies,
                seen=seen,
                in_force=in_force,
                history=store.policies,
                candidates=candidates,
            ),
            registry=RegistryFollower(
                store.policies, in_force=in_force, shadow=shadow, candidates=candidates
            ),
            in_force=in_force,
            shadow=shadow,
        )
        policy_metrics(registry, in_force, shadow, decisions)
        waiting_metrics(
            registry,
            queues={"model": lambda: held_by(model), "guard": lambda: watched.held},
            pools=store.pools,
        )
        explanations = Explanations(
            viewers,
            receipts=store.receipts,
            titles=store.titles,
            versions=store.policies,
            policies=parts.policies,
        )
        twins = Twins(places, blurbs=blurbs, titles=store.titles, texts=store.blurbs)
        yield Service(
            blurbs=blurbs,
            twins=twins,
            checks=TextChecks(dossiers, lambda: in_force.policies.inferences.reads),
            dossiers=dossiers,
            vocabulary=vocabulary,
            titles=store.titles,
            keys=store.keys,
            viewers=viewers,
            tokens=tokens,
            rates=RateLimits(settings.limits(), InMemory()),
            viewer_consents=ViewerConsents(viewers, policies=parts.policies),
            explanations=explanations,
            rights=Rights(
                viewers,
                explanations,
                policies=parts.policies,
                words=policy_words(vocabulary),
                signer=signer,
                clock=clock,
                random=secrets.token_bytes,
            ),
            receipts=store.receipts,
            policy_versions=store.policies,
            policy_history=store.history,
            policy_acts=PolicyActs(
                store.policies,
                store.shadows,
                in_force=in_force,
                shadow=shadow,
                candidates=candidates,
            ),
            watch=watch,
            metrics=registry,
            decisions=decisions,
            log_heads=heads,
            replays=Replays(
                store.decisions,
                flush=decisions.flush,
                deadline=settings.replay_timeout,
                clock=clock,
            ),
            policies=parts.policies,
            tcf_vendor=settings.tcf_vendor,
            signer=signer,
            processor=model.processor,
            readiness=Readiness(
                store=store,
                viewers=viewers,
                signer=signer,
                guard=guard,
                model=model,
                in_force=in_force,
                decisions=decisions,
            ),
            at_work=lambda: _at_work(model, twins, following, decisions, viewers),
        )


def create_app(
    settings: Settings,
    *,
    model: TextModel | None = None,
    reserve: TextModel | None = None,
    guard: Guard | None = None,
    listeners: Sequence[Listener] = (),
    clock: Callable[[], datetime] = utc_now,
) -> Litestar:
    """The HTTP application. Its parts are built when it starts; see `open_service`."""
    return app_around(
        lambda: open_service(
            settings,
            model=model,
            reserve=reserve,
            guard=guard,
            listeners=listeners,
            clock=clock,
        ),
        settings,
    )


def app_around(
    opened: Callable[[], AbstractAsyncContextManager[Service]], settings: Settings
) -> Litestar:
    """The HTTP application around a service, which it opens when it starts and closes when it stops.

    Args:
        opened: Opens the service.
        settings: What is set of HTTP: its deadlines, and which pages may read answers.
    """
    origins = settings.origins()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        async with opened() as service, service.at_work():
            app.state[STATE_KEY] = service
            yield

    app = Litestar(
        route_handlers=[
            BlurbController,
            TitleController,
            ReceiptController,
            PolicyController,
            PolicyDiffController,
            GoingLiveController,
            MetricsController,
            ReplayController,
            ViewerController,
            ViewerSignalController,
            ViewerConsentController,
            ViewerControlController,
            ViewerExplanationController,
            LogHeadsController,
            ViewerTokenController,
            KeyController,
            HealthController,
        ],
        lifespan=[lifespan],
        middleware=[
            Bounds(body=settings.body_timeout, answer=settings.request_timeout),
            _authentication,
        ],
        before_send=[protective(hsts_seconds=settings.hsts_seconds, origins=origins)],
        cors_config=cors(origins),
        guards=[may_use],
        before_request=answer_options,
        dependencies={"service": Provide(provide_service, sync_to_thread=False)},
        exception_handlers={Exception: answer_problem},
        request_class=JSONRequest,
        request_max_body_size=BODY_LIMIT,
        openapi_config=openapi_config(),
        logging_config=None,
    )
    # Around all of it: the framework's own middleware sees no request that no route was met for.
    app.asgi_handler = WatchedRequests(app.asgi_handler)
    return app


def _authentication(app: Any) -> Authentication:
    # No method is left out: by default OPTIONS would be, and reach the guards without a key.
    return Authentication(app, exclude_from_auth_key="open", exclude_http_methods=())


def _build_guard(settings: Settings, *, ordinary: frozenset[str], allowed: frozenset[str]) -> Guard:
    engine_file, registry_file = settings.guard_files()
    return build_guard(
        ordinary=ordinary,
        allowed=allowed,
        engine_file=engine_file,
        registry_file=registry_file,
        deadline=settings.guard_timeout,
    )


def _load_model(settings: Settings) -> TextModel:
    return load_model(
        settings.model,
        name=settings.model_name,
        key=settings.model_key,
        processor=settings.model_processor,
        deadline=settings.model_timeout,
        watermark=kept_secrets(settings.keystore / WATERMARK_FILE)[0]
        if settings.watermark == "on"
        else None,
    )


@asynccontextmanager
async def _at_work(
    model: TextModel,
    twins: Twins,
    following: Following,
    decisions: DecisionLog,
    viewers: Viewers,
) -> AsyncGenerator[None]:
    """What a service that listens does besides answering.

    It follows the policies, greets its model, writes twins, and forgets what is kept no longer.
    """
    async with following.kept(), decisions.tidied(), viewers.kept():
        try:
            await connect(model, deadline=GREETING_SECONDS)
        except ModelUnavailableError as error:
            log.warning("the model does not answer", detail=str(error))
        async with twins.kept():
            yield
