"""PostgreSQL, through psycopg: whoever gives up waiting leaves no statement running behind."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import AsyncAdaptedQueuePool, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncSession

DRIVER = "postgresql+psycopg"
NAMES = ("postgresql", "postgres", DRIVER)
"""What the URL of such a database may begin with."""

_LOST = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "25000"}  # fmt: skip
"""A server that vanished without a word is noticed within half a minute."""
_OURS = 0x67656E73
"""What our advisory locks are told apart by from those of others in the same database."""


def engines(
    url: URL, *, patience: float, statement_timeout: float, connections: int
) -> tuple[AsyncEngine, AsyncEngine]:
    """What reads and what writes; each has half of the connections."""
    url = url.set(drivername=DRIVER)
    return tuple(
        _engine(
            url,
            size=max(1, connections // 2),
            patience=patience,
            statement_timeout=statement_timeout,
            writes=writes,
        )
        for writes in (False, True)
    )  # pyright: ignore[reportReturnType] - of two


def _engine(
    url: URL, *, size: int, patience: float, statement_timeout: float, writes: bool
) -> AsyncEngine:
    defaults = {
        # libpq takes whole seconds, and fewer than two for two.
        "connect_timeout": str(max(2, math.ceil(patience))),
        "fallback_application_name": "genservice",
        **_LOST,
    }
    engine = create_async_engine(
        url,
        # What the URL says stands.
        connect_args={name: value for name, value in defaults.items() if name not in url.query},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        # Proxies drop connections that nobody uses.
        pool_recycle=1800,
        # The server may have been started anew since.
        pool_pre_ping=True,
        # Values must not reach a message or a log.
        hide_parameters=True,
        # Whatever the server's default is. A reader's statement is one by itself.
        isolation_level="READ COMMITTED" if writes else "AUTOCOMMIT",
        skip_autocommit_rollback=not writes,
    )
    limits = {
        "lock_timeout": f"{max(1, round(patience * 1000))}ms",
        "statement_timeout": f"{max(1, round(statement_timeout * 1000))}ms",
        # A writer that stands still must not keep the others waiting for ever.
        "idle_in_transaction_session_timeout": f"{round((patience + statement_timeout) * 1000)}ms",
    }
    if not writes:
        limits["default_transaction_read_only"] = "on"
    # Not in the connection's `options`: poolers such as PgBouncer refuse these.
    setting = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in limits.items())
    if writes:
        # With `off` a commit does not wait for the disk: what was answered could be lost.
        setting += ", set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false)"

    dumper = _text_dumper()

    def connected(connection: Any, _record: object) -> None:
        connection.driver_connection.adapters.register_dumper(str, dumper)
        cursor = connection.cursor()
        cursor.execute(f"SELECT {setting}")
        cursor.close()
        connection.commit()

    event.listen(engine.sync_engine, "connect", connected)
    return engine


def _text_dumper() -> type[Any]:
    """What sends text: NUL, which PostgreSQL takes nowhere, as the sign that stands for it.

    So nothing is held under it, as with SQLite, where the driver's own answer would be an error. What
    is shown of a record is bytes, and keeps it.
    """
    # The driver is an extra: here it is installed.
    from psycopg.types.string import StrDumperUnknown

    class Text(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\N{SYMBOL FOR NULL}"))

    return Text


async def take_turn(session: AsyncSession, turn: str) -> None:
    """Wait until no other transaction of any process has this turn; it is ours until the commit."""
    # Signed, as the server's numbers are.
    number = zlib.crc32(turn.encode()) - 2**31
    await session.execute(
        text("SELECT pg_advisory_xact_lock(:ours, :turn)"), {"ours": _OURS, "turn": number}
    )


async def lift_limits(session: AsyncSession) -> None:
    """Let the statements of this transaction take, and wait for others, as long as it needs."""
    for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        await session.execute(text(f"SET LOCAL {name} = 0"))
