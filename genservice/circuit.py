"""A circuit breaker: a server that keeps failing is left alone for a while (Nygard, Release It!, 2007)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from purgatory import AsyncCircuitBreakerFactory, ContextChanged
from purgatory.domain.model import HALF_OPENED, OpenedState

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from purgatory import Event

    from genservice.errors import UnavailableError

log = structlog.get_logger(__name__)


class Circuit:
    """Lets requests pass while the server is well, and one at a time while that is in doubt.

    purgatory counts, and knows the time. Left to itself it would let everyone pass once the pause is
    over, to wait for a server that may still hang; and it would take who hangs up for a success.
    """

    def __init__(
        self,
        server: str,
        *,
        failures: int,
        cool_down: float,
        refusal: Callable[[int], UnavailableError],
    ) -> None:
        """Closed: requests pass.

        Args:
            server: What the log calls it.
            failures: So many in a row open it.
            cool_down: Seconds for which it then stays open.
            refusal: Makes the error of whoever is not let through, from the seconds to wait.
        """
        self._server = server
        self._cool_down = max(1, round(cool_down))
        self._refusal = refusal
        self._trying = False
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=failures, default_ttl=cool_down
        )
        self._breakers.add_listener(self._log_change)

    @asynccontextmanager
    async def passed(self) -> AsyncGenerator[None]:
        """A block that counts: as a failure if it raises, and not at all if it is cancelled.

        Raises:
            UnavailableError: The circuit is open; the block is not entered.
        """
        breaker = await self._breakers.get_breaker(self._server)
        if self._trying:
            raise self._refusal(self._cool_down)
        try:
            await breaker.__aenter__()
        except OpenedState:
            raise self._refusal(self._cool_down) from None
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

    def _log_change(self, _circuit: str, _kind: str, event: Event) -> None:
        """Tell operators when the circuit opens or closes; nothing of any request is known here."""
        if isinstance(event, ContextChanged):
            log.warning("a circuit breaker changed", server=self._server, state=event.state)
