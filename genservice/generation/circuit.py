"""A circuit breaker: a server that keeps failing is left alone for a while (Nygard, Release It!, 2007)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from purgatory import AsyncCircuitBreakerFactory, ContextChanged
from purgatory.domain.model import HALF_OPENED, OpenedState

from genservice.errors import ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from purgatory import Event

    from genservice.generation.patience import Patience

log = structlog.get_logger(__name__)

_CIRCUIT = "model"


class Circuit:
    """Lets requests pass while the server is well, and one at a time while that is in doubt.

    purgatory counts, and knows the time. Left to itself it would let everyone pass once the pause is
    over, to wait for a server that may still hang; and it would take who hangs up for a success.
    """

    def __init__(self, patience: Patience) -> None:
        """Closed: requests pass.

        Args:
            patience: How many failures in a row open it, and for how long.
        """
        self._cool_down = max(1, round(patience.cool_down))
        self._trying = False
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=patience.failures, default_ttl=patience.cool_down
        )
        self._breakers.add_listener(_log_change)

    @asynccontextmanager
    async def passed(self) -> AsyncGenerator[None]:
        """A block that counts: as a failure if it raises, and not at all if it is cancelled.

        Raises:
            ModelUnavailableError: The circuit is open; the block is not entered.
        """
        breaker = await self._breakers.get_breaker(_CIRCUIT)
        if self._trying:
            raise self._left_alone()
        try:
            await breaker.__aenter__()
        except OpenedState:
            raise self._left_alone() from None
        trying = self._trying = breaker.context.state == HALF_OPENED
        try:
            yield
        except Exception as error:
            # Who hangs up says nothing about the server: CancelledError is no Exception.
            await breaker.__aexit__(type(error), error, error.__traceback__)
            raise
        else:
            await breaker.__aexit__(None, None, None)
        finally:
            if trying:
                self._trying = False

    def _left_alone(self) -> ModelUnavailableError:
        detail = "The model server failed several times, and is left alone for a while."
        return ModelUnavailableError(detail, retry_after=self._cool_down, cause="away")


def _log_change(_circuit: str, _kind: str, event: Event) -> None:
    """Tell operators when the circuit opens or closes; nothing of any request is known here."""
    if isinstance(event, ContextChanged):
        log.warning("the model server's circuit breaker changed", state=event.state)
