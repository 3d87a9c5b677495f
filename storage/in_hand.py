"""What hangs on the cases that a transaction holds locked, read once.

A case is in hand from the moment its row is locked, or inserted, until the transaction of the
session ends. All code that changes what hangs on a case locks its row first (``require_locks``
holds a unit of work to it), so meanwhile only this session can. Of a case in hand each table is
read at most once: rows that are added to the session belong to it at once, before they are flushed,
and rows that are deleted leave it. An INSERT, UPDATE or DELETE statement on a table, and a
savepoint that is rolled back, make it be read again. Of any other case every question is a query,
as if this module did not exist.

A row that a statement locks is read as it stands then, also where the session knew it before: while
it waited for the lock, another transaction may have changed it.

``UnitOfWork.case`` takes the lock; ``bot.core.snapshot`` and ``bot.sla.clock_history`` ask for the
rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import event, exists
from sqlalchemy import select as sa_select
from sqlalchemy.orm import ORMExecuteState, SessionTransaction
from sqlalchemy.orm import Session as AnySession
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import (
    Account,
    ActionItem,
    Ask,
    BreachTalk,
    Case,
    CaseRole,
    Clock,
    ClockEvent,
    Concession,
    Confirmation,
    Contest,
    CustomerLink,
    ExecutiveContact,
    Fired,
    Flagging,
    Handover,
    SentMessage,
)

Row = TypeVar("Row", bound=SQLModel)

KEY = "in_hand"  # under which a session remembers it
NOW = "now"  # under which a session knows the instant of its unit of work
LOCKS_REQUIRED = "locks_required"  # under which a session knows that it must hold the lock
ALWAYS: tuple[Any, ...] = (CaseRole, ClockEvent, Clock)  # every case has rows of these
SPARSE: tuple[Any, ...] = (
    SentMessage, Confirmation, Handover, ActionItem, Ask, CustomerLink, Contest, Fired,
    Concession, Flagging, ExecutiveContact, BreachTalk,
)  # fmt: skip  # of most cases only few of these know anything
TABLES: frozenset[Any] = frozenset({*ALWAYS, *SPARSE})


@dataclass(slots=True)
class _InHand:
    """``rows`` are those that are in the store, read or flushed by this session.

    Keyed by table and case number; a missing key is a table that was not read yet.
    """

    cases: dict[int, Case] = field(default_factory=dict)
    rows: dict[tuple[Any, int], list[Any]] = field(default_factory=dict)

    def drop(self, model: Any) -> None:
        for key in [key for key in self.rows if key[0] is model]:
            del self.rows[key]


def hold_case(session: AsyncSession, case: Case, *, new: bool = False) -> None:
    """Note that the case's row is locked by this transaction, or was ``new`` inserted by it.

    Of a new case it is known that no table has anything yet but what is in the session.
    """
    kept: _InHand = session.info.setdefault(KEY, _InHand())
    kept.cases[case.number] = case
    if new:
        for model in TABLES:
            kept.rows[model, case.number] = []


def held_case(session: AsyncSession, number: int) -> Case | None:
    """The case, when this transaction holds its row locked already."""
    kept: _InHand | None = session.info.get(KEY)
    return kept.cases.get(number) if kept else None


async def account_of(session: AsyncSession, case: Case) -> Account | None:
    """The account of the case's customer; None where no account is known, or it is gone."""
    return await session.get(Account, case.account_key) if case.account_key else None


async def rows_about(session: AsyncSession, model: type[Row], number: int) -> Sequence[Row]:
    """The rows of one of ``TABLES`` about case ``number``, in the order of their primary keys.

    Of a case in hand some may not be flushed yet: they come last and have no ``id``. The list is
    the caller's own, the rows are those of the session: a change of one is stored with the
    transaction.
    """
    kept: _InHand | None = session.info.get(KEY)
    if kept is None or number not in kept.cases:
        return await _read(session, model, number)
    if (model, number) not in kept.rows:
        with session.no_autoflush:
            await _read_once(session, kept, model, number)
    gone = session.deleted
    added = [row for row in session.new if type(row) is model and row.case_number == number]  # type: ignore[attr-defined]
    return [*(row for row in kept.rows[model, number] if row not in gone), *added]


async def tables_about(
    session: AsyncSession, number: int, models: Collection[Any] = SPARSE
) -> set[Any]:
    """Which of the tables have a row about the case: one look instead of one at each.

    Asks the store, so rows that are not flushed count only where the session flushes by itself.
    """
    asked = list(models)
    looks = [exists().where(col(model.case_number) == number) for model in asked]
    row = (await session.exec(sa_select(*looks))).one()  # type: ignore[call-overload]
    return {model for model, known in zip(asked, row, strict=True) if known}


async def _read_once(session: AsyncSession, kept: _InHand, model: Any, number: int) -> None:
    if model in SPARSE:  # tables that have nothing of the case are spared their query
        unread = [each for each in SPARSE if (each, number) not in kept.rows]
        empty = set(unread) - await tables_about(session, number, unread)
        kept.rows |= {(each, number): [] for each in empty}
    if (model, number) not in kept.rows:
        kept.rows[model, number] = await _read(session, model, number)


async def _read(session: AsyncSession, model: type[Row], number: int) -> list[Row]:
    query = select(model).where(model.case_number == number)  # type: ignore[attr-defined]
    key = model.__table__.primary_key.columns  # type: ignore[attr-defined]
    return list((await session.exec(query.order_by(*key))).all())


def _list_of(session: AnySession, row: Any) -> list[Any] | None:
    kept: _InHand | None = session.info.get(KEY)
    return kept.rows.get((type(row), row.case_number)) if kept and type(row) in TABLES else None


def know_time(session: AsyncSession, now: datetime) -> None:
    """Let what this session stores be judged as of ``now`` (``storage/ranks.py``)."""
    session.info[NOW] = now


def require_locks(session: AsyncSession) -> None:
    """Raise RuntimeError at a flush that changes what hangs on a case whose row is not locked.

    Only what the session itself stores is looked at, and only rows of ``TABLES``.
    """
    session.info[LOCKS_REQUIRED] = True


@event.listens_for(AnySession, "before_flush")
def _refuse_without_lock(session: AnySession, _context: Any, _objects: Any) -> None:
    """Raise RuntimeError where a row about a case is changed without the case's lock.

    Only in sessions that must hold it (``LOCKS_REQUIRED``): it is a fault of the program.
    """
    if not session.info.get(LOCKS_REQUIRED):
        return
    kept: _InHand = session.info.get(KEY) or _InHand()
    for row in (*session.new, *session.dirty, *session.deleted):
        if type(row) in TABLES and row.case_number not in kept.cases:
            table = type(row).__name__
            raise RuntimeError(f"{table} of case {row.case_number} is changed without the lock")


@event.listens_for(AnySession, "pending_to_persistent")
@event.listens_for(AnySession, "detached_to_persistent")
def _take_in(session: AnySession, row: Any) -> None:
    known = _list_of(session, row)
    if known is not None and not any(row is each for each in known):
        known.append(row)
        known.sort(key=_primary_key)  # a flush tells of its rows in no order


def _primary_key(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in type(row).__table__.primary_key)


@event.listens_for(AnySession, "persistent_to_deleted")
def _let_go(session: AnySession, row: Any) -> None:
    known = _list_of(session, row)
    if known is not None:
        known[:] = [each for each in known if each is not row]


@event.listens_for(AnySession, "do_orm_execute")
def _read_locked_anew(state: ORMExecuteState) -> None:
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.update_execution_options(populate_existing=True)


@event.listens_for(AnySession, "do_orm_execute")
def _drop_changed(state: ORMExecuteState) -> None:
    """Forget what a statement changes past the session; one on cases ends all that is in hand."""
    kept: _InHand | None = state.session.info.get(KEY)
    if kept is None or not (state.is_insert or state.is_update or state.is_delete):
        return
    changed = getattr(state.statement, "table", None)
    if changed is Case.__table__:  # type: ignore[attr-defined]
        kept.cases.clear()
    for model in TABLES:
        if model.__table__ is changed:
            kept.drop(model)


@event.listens_for(AnySession, "after_soft_rollback")
def _forget_undone(session: AnySession, _previous: SessionTransaction) -> None:
    session.info.pop(KEY, None)


@event.listens_for(AnySession, "after_transaction_end")
def _forget_all(session: AnySession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(KEY, None)
