"""Whether what is stored is whole: every row readable, every digest right, every signature good.

It only reads, and may run beside the service: what refers to other rows is read before them, so that
what is written meanwhile is never taken for a fault. Rows that are sealed for a viewer are counted;
what is in them only the viewer's key could tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from genservice.integrity.checks import Checks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from genservice.receipts import KeySet

_FIRST = ("blurbs", "titles", "policy_shadow_counts", "policy_acts", "policy_versions")
"""Tables whose rows refer to each other, those that refer before those referred to."""


class Stored(Protocol):
    """Where rows lie."""

    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """The names of all tables, each with those of its key."""
        ...

    async def faults(self) -> tuple[str, ...]:
        """What the engine itself finds wrong."""
        ...

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        ...

    def rows(self, table: str) -> AsyncGenerator[tuple[Mapping[str, Any], ...]]:
        """The rows of a table in the order of their keys, a page at a time."""
        ...


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it was written."""

    table: str
    """`database` for what the engine finds wrong with its files."""
    row: str
    """The row's key, shortened; empty for the whole table."""
    detail: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a check came to."""

    rows: dict[str, int]
    """How many rows were read, by table."""
    faults: tuple[Fault, ...]
    more: int = 0
    """Faults beyond those listed."""
    unread: int = 0
    """Former policy sets that this version cannot read, and so cannot digest."""


LISTED = 1000
"""Most faults that are listed; the rest is counted."""


async def check(
    stored: Stored, keys: KeySet, told: Callable[[str, int, int], None] | None = None
) -> Report:
    """Read everything that is stored, and say what is wrong with it.

    Args:
        stored: Where rows lie.
        keys: The public keys of all that ever signed receipts here.
        told: Called as it goes on: table, rows read, rows in all.

    Raises:
        UnavailableError: The database does not answer.
    """
    found = _Found()
    for detail in await stored.faults():
        found.add("database", "", detail)
    checks = Checks(keys)
    rows: dict[str, int] = {}
    tables = stored.tables()
    for table in dict.fromkeys((*_FIRST, *tables)):
        total, rows[table] = await stored.count(table), 0
        async for page in stored.rows(table):
            for row in page:
                for detail in checks.of(table, row):
                    found.add(table, _name(row, tables[table]), detail)
            rows[table] += len(page)
            if told is not None:
                told(table, rows[table], max(total, rows[table]))
        for detail in checks.after(table):
            found.add(table, "", detail)
    return Report(rows=rows, faults=tuple(found.faults), more=found.more, unread=checks.unread)


class _Found:
    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.more = 0

    def add(self, table: str, row: str, detail: str) -> None:
        if len(self.faults) < LISTED:
            self.faults.append(Fault(table=table, row=row, detail=detail))
        else:
            self.more += 1


def _name(row: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    # The keys of rows that are a viewer's are bytes, and nobody's business.
    return " ".join(str(row[key])[:24] for key in keys if not isinstance(row[key], bytes))
