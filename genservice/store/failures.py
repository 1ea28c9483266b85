"""Our own errors for those of the databases. Drivers put values into theirs; ours hold none."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from genservice.errors import ConflictError, ContendedError, GenserviceError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def translated() -> Generator[None]:
    """Raises our own errors for the database's, without cause.

    Raises:
        ConflictError: Another write came first.
        ContendedError: Another transaction got in the way; nothing was written.
        UnavailableError: The database does not answer, is locked or full.
    """
    try:
        yield
    except IntegrityError:
        raise ConflictError("Another write came first.") from None
    except NoConnectionError:
        raise UnavailableError("The database is too busy.", cause="busy") from None
    except TimeoutError:
        raise UnavailableError("The database does not answer in time.", cause="late") from None
    except DBAPIError as error:
        raise _error(error.orig) from None
    except SQLAlchemyError:
        raise GenserviceError("The store failed.") from None
    except (sqlite3.Error, OSError) as error:
        raise _error(error) from None


_SQLITE = {
    sqlite3.SQLITE_BUSY: "The database is locked.",
    sqlite3.SQLITE_LOCKED: "The database is locked.",
    sqlite3.SQLITE_FULL: "The disk of the database is full.",
    sqlite3.SQLITE_READONLY: "The database cannot be written.",
    sqlite3.SQLITE_CANTOPEN: "The database cannot be opened.",
    sqlite3.SQLITE_IOERR: "The disk of the database fails.",
    sqlite3.SQLITE_CORRUPT: "The database is damaged.",
    sqlite3.SQLITE_NOTADB: "The database is damaged.",
}
_CONTENDED = ("40001", "40P01")
"""PostgreSQL's serialization failure and deadlock: the transaction is undone as a whole."""
_POSTGRESQL = {
    "25006": "The database cannot be written.",
    "42501": "The database does not allow that.",
    "3D000": "There is no such database.",
    "53100": "The disk of the database is full.",
    "53200": "The database is short of memory.",
    "53300": "The database has no connection left.",
    "55P03": "The database is locked.",
    "57014": "The database took too long.",
    "57P01": "The database is being stopped.",
    "57P02": "The database is being stopped.",
    "57P03": "The database is starting or being stopped.",
    "58030": "The disk of the database fails.",
    "XX001": "The database is damaged.",
    "XX002": "The database is damaged.",
}
_REFUSED = {
    "too many clients": "53300",
    "too many connections": "53300",
    "connection slots": "53300",
    "starting up": "57P03",
    "shutting down": "57P03",
    "recovery mode": "57P03",
    "does not exist": "3D000",
}
"""libpq gives a refused connection no code. What the server says is looked at, and never shown."""
_LOGIN = "The database refuses the login."
_UNKNOWN = "The database does not answer."


def _error(error: BaseException | None) -> GenserviceError:
    sqlite = getattr(error, "sqlite_errorcode", None)
    if isinstance(sqlite, int):
        # The low byte is the primary code; the rest tells the kind.
        return UnavailableError(_SQLITE.get(sqlite & 0xFF, _UNKNOWN))
    state = getattr(error, "sqlstate", None)
    if state in _CONTENDED:
        return ContendedError("The database is too busy.")
    return UnavailableError(_of_postgresql(state, str(error)))


def _of_postgresql(state: str | None, said: str) -> str:
    if state is None:
        if "authentication failed" in said or "no password supplied" in said:
            return _LOGIN
        state = next((code for words, code in _REFUSED.items() if words in said), "")
    return _LOGIN if state.startswith("28") else _POSTGRESQL.get(state, _UNKNOWN)
