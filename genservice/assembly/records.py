"""What is kept, open: the database and the caches before it, the keystore, the keys that sign, and the decision log."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genservice.cache import Caches, open_caches
from genservice.decision_log import DecisionLog
from genservice.errors import UnavailableError
from genservice.kept_secrets import kept_secrets
from genservice.log_chains import Chain
from genservice.log_heads import LogHeads
from genservice.receipts import Signer
from genservice.settings import CACHE_FILE
from genservice.store import Store, open_store
from genservice.tokens import ViewerTokens
from genservice.viewers import Viewers, open_viewers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime

    from genservice.domain import Receipt, Statement
    from genservice.settings import Settings
    from genservice.watch import Watch


@dataclass(frozen=True, kw_only=True)
class Records:
    """Everything that outlives the process."""

    store: Store
    caches: Caches
    viewers: Viewers
    signer: Signer
    tokens: ViewerTokens
    heads: LogHeads
    decisions: DecisionLog


@asynccontextmanager
async def opened_records(
    settings: Settings, *, clock: Callable[[], datetime]
) -> AsyncGenerator[Records]:
    """The records that `settings` name, brought to this version, until the block ends.

    Raises:
        SettingsError: A setting of theirs is wrong, or the keystore cannot be opened.
        UnavailableError: A database does not answer.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(settings.database(), clock=clock, **settings.database_limits())
        )
        try:
            await store.migrate()
        except UnavailableError as error:
            raise UnavailableError(f"{settings.database_called()}: {error}") from None
        caches = await stack.enter_async_context(
            open_caches(
                store.blurbs,
                most_bytes=settings.cache_bytes,
                lifetimes=settings.lifetimes(),
                url=settings.cache_url,
                deadline=settings.cache_timeout,
                secret=lambda: kept_secrets(settings.keystore / CACHE_FILE)[0],
            )
        )
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
        heads = LogHeads(settings.heads_folder(), signer, clock=clock)
        decisions = DecisionLog(
            Chain(store.decisions, heads, draw=lambda: secrets.token_hex(8), clock=clock),
            keep_days=settings.decision_log_days,
            clock=clock,
        )
        yield Records(
            store=store,
            caches=caches,
            viewers=viewers,
            signer=signer,
            tokens=tokens,
            heads=heads,
            decisions=decisions,
        )


class SignedReceipts:
    """Signs a statement once and keeps its receipt before it leaves."""

    def __init__(self, signer: Signer, store: Store, watch: Watch) -> None:
        self._signer = signer
        self._store = store
        self._watch = watch

    async def issue(self, statement: Statement) -> Receipt:
        """The receipt of a statement, on disk.

        Raises:
            UnavailableError: The database does not answer, is locked or full.
        """
        with self._watch.step("sign"):
            receipt = self._signer.sign(statement)
        with self._watch.step("store", what="receipt"):
            await self._store.receipts.add(receipt)
        return receipt

    def signing_key(self) -> str:
        """The id of the key that signs now."""
        return self._signer.key_id
