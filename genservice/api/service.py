"""What handlers work with, built once by `genservice.assembly` and kept in the application's state."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.types import Scope
from prometheus_client import CollectorRegistry

from genservice.blurbs import Blurbs
from genservice.checks import TextChecks
from genservice.decision_log import DecisionLog
from genservice.domain import Processor, Vocabulary
from genservice.dossiers import Dossiers
from genservice.in_force import PolicyActs
from genservice.log_heads import LogHeads
from genservice.policy import PolicySet
from genservice.rates import RateLimits
from genservice.readiness import Readiness
from genservice.receipts import Signer
from genservice.replays import Replays
from genservice.rights import Explanations, Rights, ViewerConsents
from genservice.store import Keys, Policies, PolicyHistory, Receipts, Titles
from genservice.tokens import ViewerTokens
from genservice.twins import Twins
from genservice.viewers import Viewers
from genservice.watch import Watch


@dataclass(frozen=True, kw_only=True)
class Service:
    """The parts that handlers reach."""

    blurbs: Blurbs
    twins: Twins
    checks: TextChecks
    dossiers: Dossiers
    vocabulary: Vocabulary
    titles: Titles
    keys: Keys
    viewers: Viewers
    tokens: ViewerTokens
    rates: RateLimits
    viewer_consents: ViewerConsents
    explanations: Explanations
    rights: Rights
    receipts: Receipts
    policy_versions: Policies
    policy_history: PolicyHistory
    policy_acts: PolicyActs
    watch: Watch
    """Sees requests and the steps of the path."""
    metrics: Callable[[], Awaitable[CollectorRegistry]]
    """What /metrics tells: of this process, or of all workers."""
    decisions: DecisionLog
    log_heads: LogHeads
    replays: Replays
    policies: Callable[[], PolicySet]
    """The set in force."""
    processor: Processor
    """Where prompts go: part of every context."""
    tcf_vendor: int
    """Our id on the Global Vendor List, 0 for none: consent strings are read for it."""
    signer: Signer
    readiness: Readiness
    """What is wrong at present."""
    at_work: Callable[[], AbstractAsyncContextManager[None]]
    """What it does besides, for as long as it listens; commands that only use its parts leave it out."""


STATE_KEY = "service"


def service_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Service:
    """The service of a connection's application."""
    return cast("Service", connection.app.state[STATE_KEY])


def service_in(scope: Scope) -> Service:
    """The service of the application that a connection is to."""
    return cast("Service", scope["litestar_app"].state[STATE_KEY])


def provide_service(state: State) -> Service:
    """The service, as a dependency of handlers."""
    return cast("Service", state[STATE_KEY])
