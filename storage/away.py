"""Whether a fault means that the store is away: that nothing is wrong with what was asked of it.

Drivers say so in many ways. All that works through the store asks here, so that a lost connection,
a restart or a full disk is waited for everywhere, and never counts as a try. A fault of the
statement or of the data (a broken constraint, a wrong type) is never such a fault: the same would
fail again.
"""

import errno
import socket
import sqlite3
from collections.abc import Iterator
from enum import StrEnum

import asyncpg
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import (
    TimeoutError as NoConnectionError,
)

# SQLSTATE classes and codes; https://www.postgresql.org/docs/current/errcodes-appendix.html
CLASSES = ("08", "28", "40", "53", "57", "58")  # connection, login, rolled back, no room, stopped
CODES = frozenset(
    {
        "25006",  # read_only_sql_transaction: a standby that has not taken over yet
        "3D000",  # invalid_catalog_name: the database is being restored
        "55P03",  # lock_not_available
        "XX001", "XX002",  # data_corrupted, index_corrupted
    }
)  # fmt: skip
# SQLite's primary result codes; https://www.sqlite.org/rescode.html
SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOTADB,
    }
)  # fmt: skip
SQLITE_PRIMARY = 0xFF  # of an extended result code
ERRNOS = frozenset(
    {
        errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE,
        errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EBADF,
    }
)  # fmt: skip
# What a transaction that must be rolled back first may have been broken by, other than a cut.
WRONG = ("IntegrityError)", "DataError)", "ProgrammingError)", "NotSupportedError)")
TOLD = 200  # characters of the driver's own words that are told


class AwayKind(StrEnum):
    """Why the store is away, as far as what to do about it differs; the value goes to the log."""

    LOCKED = "locked"
    FULL = "full"
    READ_ONLY = "read_only"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    REFUSED = "refused"
    DESCRIPTORS = "no_descriptors"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


BY_SQLITE = {
    sqlite3.SQLITE_BUSY: AwayKind.LOCKED,
    sqlite3.SQLITE_LOCKED: AwayKind.LOCKED,
    sqlite3.SQLITE_PROTOCOL: AwayKind.LOCKED,
    sqlite3.SQLITE_FULL: AwayKind.FULL,
    sqlite3.SQLITE_READONLY: AwayKind.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: AwayKind.UNREADABLE,
    sqlite3.SQLITE_IOERR: AwayKind.UNREADABLE,
    sqlite3.SQLITE_CORRUPT: AwayKind.DAMAGED,
    sqlite3.SQLITE_NOTADB: AwayKind.DAMAGED,
}
BY_STATE = {
    "53100": AwayKind.FULL,
    "53300": AwayKind.BUSY,
    "25006": AwayKind.READ_ONLY,
    "55P03": AwayKind.LOCKED,
    "40": AwayKind.LOCKED,
    "28": AwayKind.REFUSED,
    "3D": AwayKind.REFUSED,
    "XX": AwayKind.DAMAGED,
}
BY_ERRNO = {
    errno.ENOSPC: AwayKind.FULL,
    errno.EDQUOT: AwayKind.FULL,
    errno.EROFS: AwayKind.READ_ONLY,
    errno.EIO: AwayKind.UNREADABLE,
    errno.EMFILE: AwayKind.DESCRIPTORS,
    errno.ENFILE: AwayKind.DESCRIPTORS,
}


class UnreachableError(Exception):
    """No connection to the store could be opened; raised for PostgreSQL only, by
    ``storage.database``.
    """


def why_away(fault: BaseException) -> str | None:
    """In the driver's words why the store is away; None for any other fault.

    One line of at most ``TOLD`` characters, for logs. The fault's causes are looked at first: a
    library may have wrapped what the driver said.
    """
    for each in _chain(fault):
        if _says_away(each):
            return f"{type(each).__name__}: {each}".partition("\n")[0][:TOLD]
    return None


def is_away(fault: BaseException) -> bool:
    """True when the store could not be asked or could not answer: the same may succeed later."""
    return why_away(fault) is not None


def kind_of_away(fault: BaseException) -> AwayKind | None:
    """Why the store is away, by the innermost fault that tells; None for any other fault."""
    for each in _chain(fault):
        if _says_away(each):
            return _kind_of(each)
    return None


def _kind_of(fault: BaseException) -> AwayKind:
    """By the driver's own code; a connection that was cut, or an unknown code, is UNREACHABLE."""
    if isinstance(fault, NoConnectionError):
        return AwayKind.BUSY
    code = getattr(fault, "sqlite_errorcode", 0) & SQLITE_PRIMARY
    state = str(getattr(fault, "sqlstate", None) or "")
    found = BY_SQLITE.get(code) or BY_STATE.get(state) or BY_STATE.get(state[:2])
    if found is None and isinstance(fault, OSError):
        found = BY_ERRNO.get(fault.errno or 0)
    return found or AwayKind.UNREACHABLE


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """The fault and what it came from, the driver's own words first."""
    found: list[BaseException] = []
    each: BaseException | None = fault
    while each is not None and each not in found:
        found.append(each)
        each = (each.orig if isinstance(each, DBAPIError) else None) or each.__cause__
    return reversed(found)


def _says_away(fault: BaseException) -> bool:
    """Judge one fault of the chain by its type, then by the driver's own code for it."""
    match fault:
        case UnreachableError() | NoConnectionError():
            return True
        case DBAPIError():
            return fault.connection_invalidated or _unknown_driver(fault)
        case PendingRollbackError():
            return not any(name in str(fault) for name in WRONG)
        case asyncpg.PostgresError():
            return _postgres(fault)
        case asyncpg.InterfaceError():
            return not isinstance(fault, ValueError | asyncpg.UnsupportedClientFeatureError)
        case asyncpg.InternalClientError():
            return True
        case sqlite3.Error():
            return _sqlite(fault)
        case OSError():
            return _system(fault)
    return False


def _unknown_driver(fault: DBAPIError) -> bool:
    """By its class only where the driver's own fault says nothing."""
    told = isinstance(fault.orig, sqlite3.Error) or isinstance(
        getattr(fault.orig, "__cause__", None), asyncpg.PostgresError | asyncpg.InterfaceError
    )
    return isinstance(fault, OperationalError | InterfaceError) and not told


def _postgres(fault: asyncpg.PostgresError) -> bool:
    """By the SQLSTATE; an unknown one means that the statement is wrong, not that the server is
    away.
    """
    state = str(fault.sqlstate or "")
    # The plan of a statement ended with a migration beside us: the next try makes a new one.
    stale = isinstance(fault, asyncpg.InvalidCachedStatementError)
    return state.startswith(CLASSES) or state in CODES or stale


def _sqlite(fault: sqlite3.Error) -> bool:
    """By the primary result code; an error without one (of the module itself) is no outage."""
    return getattr(fault, "sqlite_errorcode", 0) & SQLITE_PRIMARY in SQLITE


def _system(fault: OSError) -> bool:
    passing = ConnectionError | TimeoutError | socket.gaierror
    return isinstance(fault, passing) or fault.errno in ERRNOS
