"""The HTTP application around the service that `genservice.assembly` puts together."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from litestar import Litestar
from litestar.di import Provide

from genservice.api.access import Access
from genservice.api.blurbs import BlurbController
from genservice.api.bodies import JSONRequest
from genservice.api.deadlines import Bounds
from genservice.api.defaults import answer_options
from genservice.api.going_live import GoingLiveController
from genservice.api.headers import Protective, cors
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
from genservice.api.requests import NamedRequests, WatchedRequests
from genservice.api.service import STATE_KEY, Service, provide_service
from genservice.api.titles import TitleController
from genservice.api.viewer_consents import ViewerConsentController
from genservice.api.viewer_controls import ViewerControlController
from genservice.api.viewer_explanations import ViewerExplanationController
from genservice.api.viewer_signals import ViewerSignalController
from genservice.api.viewer_tokens import ViewerTokenController
from genservice.api.viewers import ViewerController
from genservice.api.warm import WarmAnswers
from genservice.assembly import open_service, utc_now

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from datetime import datetime

    from genservice.generation import TextModel
    from genservice.privacy import Guard
    from genservice.settings import Settings
    from genservice.watch import Listener

__all__ = ["BODY_LIMIT", "app_around", "create_app", "open_service", "utc_now"]

BODY_LIMIT = 1_000_000
"""Most bytes of a request, imports apart."""


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
    protective = Protective(hsts_seconds=settings.hsts_seconds, origins=origins)

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
            Access(),
        ],
        before_send=[protective.add],
        cors_config=cors(origins),
        before_request=answer_options,
        dependencies={"service": Provide(provide_service, sync_to_thread=False)},
        exception_handlers={Exception: answer_problem},
        request_class=JSONRequest,
        request_max_body_size=BODY_LIMIT,
        openapi_config=openapi_config(),
        logging_config=None,
    )
    # Around all of it: the framework's own middleware sees no request that no route was met for.
    app.asgi_handler = WatchedRequests(WarmAnswers(NamedRequests(app.asgi_handler), protective))
    return app
