"""One database, SQLite or PostgreSQL, behind two doors: ``read`` and ``write``.

What differs between the two is known here and in ``storage.receiving``, ``storage.schema`` and
``storage.upsert``, nowhere else: who waits for whom, by which clock leases go, how replicas are
woken. SQLite serves one process, PostgreSQL any number.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import asyncpg
from sqlalchemy import ColumnElement, Interval, event, literal, text, type_coerce
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import inline, wakeups
from storage.away import UnreachableError
from storage.sessions.drills import FindingSession
from storage.types import Instant

BUSY_TIMEOUT = 10_000  # milliseconds that SQLite waits for another connection's write
READERS = 4  # SQLite connections that read beside the one that writes
POSTGRES_POOL = 10  # connections a replica keeps
PATIENT = 4  # transactions at once of what no person waits for
STANDSTILL_MAX = timedelta(minutes=1)  # in a transaction; then its locks go to those who work


class DatabaseInUseError(Exception):
    """Another process has this SQLite file open; only PostgreSQL serves several processes.

    The message is meant for the administrator and says what to do.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is in use by another process. SQLite serves one process at a time: stop the"
            " other one, or set DATABASE_URL to a PostgreSQL database, which serves any number."
        )


def async_url(url: str) -> URL:
    """``url`` with the asyncio driver for its database; ``postgres://`` is understood too.

    Raises ValueError for any other kind of database.
    """
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql":
            return parsed.set(drivername="postgresql+asyncpg")
        case other:
            raise ValueError(f"DATABASE_URL names {other}; use sqlite or postgresql")


class Database:
    """The connections of one process.

    ``write`` is a transaction that commits when its block ends and rolls back when it raises; on
    SQLite writes take turns and hold the lock from their first moment. ``read`` sees one consistent
    state on SQLite, the latest commits of each moment on PostgreSQL, and never waits for a writer.
    Objects stay usable after the commit (``expire_on_commit`` is off). ``heard``, where it is set,
    is called soon after it, on SQLite, with the topic of each case that a commit changed
    (``storage.wakeups``).
    """

    def __init__(self, url: str) -> None:
        self.url = async_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.heard: Callable[[str], None] | None = None
        self._lock: IO[bytes] | None = None
        # The pool lets a task that asks at the right moment pass those that wait; a lock is fair.
        self._turn = asyncio.Lock() if self.is_sqlite else None
        self._patient = asyncio.Semaphore(PATIENT)
        if self.is_sqlite:
            self._writer = _sqlite_engine(self.url, size=1, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite_engine(self.url, size=READERS, begin="BEGIN")
        else:
            self._writer = create_async_engine(
                self.url,
                pool_size=POSTGRES_POOL,
                max_overflow=POSTGRES_POOL,
                pool_pre_ping=True,
                hide_parameters=True,  # what people wrote is no business of the logs
                connect_args={"server_settings": _standstill()},
            )
            event.listen(self._writer.sync_engine, "do_connect", _connect)
            self._reader = self._writer
        self._write_session = async_sessionmaker(
            self._writer,
            class_=AsyncSession,
            sync_session_class=wakeups.NotingSession,
            expire_on_commit=False,
        )
        self._read_session = async_sessionmaker(
            self._reader,
            class_=AsyncSession,
            sync_session_class=FindingSession,
            expire_on_commit=False,
        )

    @property
    def is_missing(self) -> bool:
        """True for a SQLite file that is not there yet."""
        path = self.url.database
        return (
            self.is_sqlite and bool(path) and path != ":memory:" and not Path(path or "").exists()
        )

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes, for migrations."""
        return self._writer

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """Every engine, for tests and benchmarks that watch what is asked of the store."""
        return tuple(dict.fromkeys((self._writer, self._reader)))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at the end of the block, and rolls back if the block raises.

        On PostgreSQL the commit wakes every replica for what it leaves to do; on SQLite the one
        process wakes its own workers. Rows are locked by the statements of the block, not by this.
        """
        async with self._turn or nullcontext(), self._write_session() as session, session.begin():
            yield session
            if not self.is_sqlite:
                await wakeups.notify_replicas(session)
        if self.heard is not None:
            for topic in wakeups.changed_in_homes(session):
                asyncio.get_running_loop().call_soon(self.heard, topic)

    @asynccontextmanager
    async def write_patiently(self) -> AsyncIterator[AsyncSession]:
        """As ``write``, for what no person waits for: a customer's mail, a webhook, a sweep.

        ``PATIENT`` of these at once; the others wait without a connection. Many that come together
        wait for the same rows, and would keep every connection from those who look or press.
        """
        async with self._patient, self.write() as session:
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only looks; what is changed through it is never committed."""
        async with self._read_session() as session:
            yield session

    async def write_nothing(self) -> None:
        """Commit a write that changes nothing that is kept. Raises what a write raises."""
        sqlite = "PRAGMA user_version = 1"  # writes the file's first page all the same
        async with self.write() as session:
            await session.exec(text(sqlite if self.is_sqlite else "SELECT txid_current()"))  # type: ignore[call-overload]

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Any]:
        """The driver's own connection, in turn with other writers; the caller commits."""
        async with self._turn or nullcontext(), self._writer.connect() as connection:
            yield (await connection.get_raw_connection()).driver_connection

    async def time(self, session: AsyncSession, machine: datetime) -> datetime:
        """The time by which leases and waits go, whatever the clocks of the replicas say.

        PostgreSQL's own, at the cost of a round trip; on SQLite there is one process, and its
        ``machine`` time is answered as it was given.
        """
        if self.is_sqlite:
            return machine
        now: datetime = (await session.exec(select(func.clock_timestamp()))).one()
        return now

    def now(self, machine: datetime, ahead: timedelta = timedelta(0)) -> ColumnElement[datetime]:
        """The same time, so far ``ahead``, for a statement that needs it: no round trip of its own.

        On PostgreSQL it counts from the instant at which the statement began.
        """
        if self.is_sqlite:
            return literal(machine + ahead, Instant)
        begun = func.statement_timestamp(type_=Instant)
        return type_coerce(begun + literal(ahead, Interval), Instant) if ahead else begun

    async def exclusive(self, session: AsyncSession, name: str) -> None:
        """Wait until no other transaction is past this line with the same ``name``, and keep others
        out.

        Held until the transaction of ``session`` ends. Names are compared by a hash of 32 bits, so
        two of them may share a lock: that costs time, nothing else.
        """
        if not self.is_sqlite:  # there, writes take turns anyway
            lock = select(func.pg_advisory_xact_lock(func.hashtext(name)))
            await session.exec(lock)

    async def try_exclusive(self, session: AsyncSession, name: str) -> bool:
        """As ``exclusive``, without waiting: False while another transaction has the lock."""
        if self.is_sqlite:
            return True
        lock = select(func.pg_try_advisory_xact_lock(func.hashtext(name)))
        return bool((await session.exec(lock)).one())

    def claim_file(self) -> None:
        """Make this process the only one on its SQLite file; nothing to do on PostgreSQL.

        Creates the file's directory. The lock stands on ``<file>.lock``, which holds the process
        id, and ends with the process, however that ends. Raises DatabaseInUseError when another
        process has it.
        """
        if not self.is_sqlite or not self.url.database or self._lock:
            return
        path = Path(self.url.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.with_name(path.name + ".lock").open("ab")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            raise DatabaseInUseError(path) from None
        handle.truncate(0)
        handle.write(str(os.getpid()).encode())
        handle.flush()
        self._lock = handle

    async def close(self) -> None:
        """Give every connection back, and the file."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        if self._lock:
            self._lock.close()
            self._lock = None


def _standstill() -> dict[str, str]:
    """PostgreSQL ends a transaction in which nothing happens: its process stands still."""
    limit = int(STANDSTILL_MAX.total_seconds() * 1000)
    return {"idle_in_transaction_session_timeout": str(limit)}


def _sqlite_engine(url: URL, *, size: int, begin: str) -> AsyncEngine:
    """An engine for ``size`` connections, on which each transaction starts with ``begin``.

    Each connection writes ahead to a log, waits for the disk at every commit, and enforces foreign
    keys. Statements run in the event loop (``storage.inline``).
    """
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        connect_args={
            "timeout": 30,
            "isolation_level": None,  # the begin event below decides, not the driver
            "async_creator_fn": inline.connect_inline,
        },
    )

    # Rows of one INSERT get their numbers in its order, so one statement stores many of them.
    engine.dialect.insertmanyvalues_implicit_sentinel = (
        InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _connect(dialect: Any, _record: Any, given: Sequence[Any], named: dict[str, Any]) -> Any:
    """Connect; raise UnreachableError for whatever hinders that, a missing socket file included."""
    try:
        return dialect.connect(*given, **named)
    except (OSError, asyncpg.PostgresError, dialect.loaded_dbapi.Error) as lost:
        raise UnreachableError(f"{type(lost).__name__}: {lost}") from lost
