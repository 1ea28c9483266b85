"""Valkey, or Redis: asked within a deadline, and left alone for a while where it keeps failing.

    async with open_valkey(url, secret=secret, deadline=0.1) as valkey:
        size = await valkey.ask(lambda client: client.execute_command("DBSIZE"))

Whatever goes wrong is an `UnavailableError` within the deadline, and whoever asks goes on without it.
Nothing that names a person may be sent: names are made by `Valkey.name`, from digests.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from genservice.circuit import Circuit
from genservice.errors import SettingsError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

T = TypeVar("T")

FAILURES = 3
"""So many failures in a row have it left alone."""
COOL_DOWN = 5.0
"""Seconds for which it is."""
_CONNECTIONS = 32
"""Most of one process: whoever finds none free waits within its deadline."""
_SETTING = "GENSERVICE_CACHE_URL"


class Valkey:
    """A server that this process and others share, and that may be away at any moment.

    Args:
        client: Of the library `valkey`; its answers are bytes.
        failures: The library's errors.
        secret: 32 bytes that whoever shares the data shares too.
        deadline: Seconds that one question may take.
        cool_down: Seconds for which a server that failed several times is left alone.
    """

    def __init__(
        self,
        client: Any,
        failures: type[Exception],
        *,
        secret: bytes,
        deadline: float,
        cool_down: float = COOL_DOWN,
    ) -> None:
        self.client = client
        self._failures = failures
        self._deadline = deadline
        self._secret = secret
        self._space = f"genservice:{self.derived('namespace').hex()[:16]}"
        self._circuit = Circuit(
            "valkey", failures=FAILURES, cool_down=cool_down, refusal=_left_alone
        )

    def derived(self, purpose: str) -> bytes:
        """A secret of 32 bytes for one purpose."""
        return hmac.digest(self._secret, b"genservice valkey " + purpose.encode(), hashlib.sha256)

    def name(self, *parts: str) -> str:
        """The name of something on the server. Whoever has another secret has other names."""
        return ":".join((self._space, *parts))

    async def ask(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """What the server answers.

        Args:
            work: Asks, by the client that it is given.

        Raises:
            UnavailableError: It did not answer in time, or refused; or it was not asked, since it
                failed several times a moment ago.
        """
        async with self._circuit.passed():
            try:
                async with asyncio.timeout(self._deadline):
                    return await work(self.client)
            except TimeoutError:
                raise UnavailableError("Valkey did not answer in time.", cause="late") from None
            except (self._failures, OSError):
                # What the library says may quote what was sent.
                raise UnavailableError("Valkey does not answer.", cause="away") from None


def _left_alone(seconds: int) -> UnavailableError:
    detail = "Valkey failed several times, and is left alone for a while."
    return UnavailableError(detail, retry_after=seconds, cause="away")


@asynccontextmanager
async def open_valkey(
    url: str, *, secret: bytes, deadline: float, cool_down: float = COOL_DOWN
) -> AsyncGenerator[Valkey]:
    """The server at a URL, until the block ends. It need not answer yet.

    Args:
        url: `valkey://HOST:PORT/DB` or `redis://...`; `valkeys://` and `rediss://` with TLS, `unix://PATH`.
        secret: 32 bytes that whoever shares the data shares too.
        deadline: Seconds that one question may take.
        cool_down: Seconds for which a server that failed several times is left alone.

    Raises:
        SettingsError: The URL is not one, or the library is not installed. Names neither host nor password.
    """
    try:
        from valkey import ValkeyError
        from valkey.asyncio import BlockingConnectionPool
        from valkey.asyncio import Valkey as Client
    except ImportError:
        raise SettingsError(f"{_SETTING} wants `pip install 'genservice[valkey]'`") from None
    try:
        pool: Any = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownVariableType]  its options are untyped
            url,
            max_connections=_CONNECTIONS,
            timeout=None,
            socket_connect_timeout=deadline,
            # Tried again by whoever asks next, not behind the back of a deadline.
            retry_on_timeout=False,
        )
    except ValueError:
        hint = "as in valkey://HOST:6379/0, or with redis, valkeys, rediss or unix"
        raise SettingsError(f"{_SETTING}: not a URL of Valkey or Redis ({hint})") from None
    client = Client(connection_pool=pool)
    try:
        yield Valkey(client, ValkeyError, secret=secret, deadline=deadline, cool_down=cool_down)
    finally:
        await pool.disconnect()
