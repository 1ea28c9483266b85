"""Requests counted in Valkey, for every process that shares it; in this one while it is away."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from genservice.errors import SettingsError, UnavailableError

if TYPE_CHECKING:
    from genservice.rates import Counters
    from genservice.valkey import Valkey


class SharedCounters:
    """Counters of the library `limits` in Valkey. Each limit holds for all processes together.

    Whose count it is, an address among them, is known to the server by a keyed digest only.

    Args:
        valkey: Where requests are counted.
        alone: Counts while the server is away: each process by itself then.

    Raises:
        SettingsError: The library is not installed.
    """

    def __init__(self, valkey: Valkey, alone: Counters) -> None:
        try:
            from limits.aio.storage import RedisStorage
        except ImportError:
            hint = "pip install 'genservice[valkey]'"
            raise SettingsError(f"GENSERVICE_CACHE_URL wants `{hint}`") from None
        self._valkey = valkey
        self._alone = alone
        self._secret = valkey.derived("rates")
        # The pool is ours: the URL only tells which library made it.
        pool: Any = valkey.client.connection_pool
        self._storage = RedisStorage(
            "async+valkey://",
            implementation="valkey",
            key_prefix=valkey.name("rates"),
            connection_pool=pool,
        )

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Whether `amount` more fit; see `genservice.rates.Counters`."""
        name = self._named(key)
        try:
            return await self._valkey.ask(
                lambda _: self._storage.acquire_sliding_window_entry(name, limit, expiry, amount)
            )
        except UnavailableError:
            return await self._alone.acquire_sliding_window_entry(key, limit, expiry, amount)

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The two counts; see `genservice.rates.Counters`."""
        name = self._named(key)
        try:
            return await self._valkey.ask(lambda _: self._storage.get_sliding_window(name, expiry))
        except UnavailableError:
            return await self._alone.get_sliding_window(key, expiry)

    def _named(self, key: str) -> str:
        return hmac.digest(self._secret, key.encode(), hashlib.sha256).hex()[:32]
