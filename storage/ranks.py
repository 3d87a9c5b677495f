"""In which order cases and candidates are worked on, kept beside what it follows from.

``Case.rank`` and ``Candidate.rank`` are computed when a row is stored of which something changed
that they follow from, so no use case can forget it. Three things reach them otherwise: time, by
``Case.rank_at`` and a row of ``DUE``; an account, whose cases become due to be looked at again;
and a statement past the session, which must see to ``rank_at`` itself (``due_again``).

The instant is that of the unit of work (``know_time``), else when the row was last changed.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, event, inspect, update
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.lifecycle import OPEN
from bot.rules.severity import ORDER, Standing, next_turn, rank
from bot.rules.words import Severity, Urgency
from storage.columns import NO_DUE
from storage.in_hand import NOW
from storage.models import Account, Candidate, Case

DUES = "next_dues"  # under which a session remembers what it will store: by number, case and due
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # has passed by every clock
NO_RANK = len(ORDER)  # of a case on which nobody works: after all others
FOLLOWS: dict[type[SQLModel], tuple[str, ...]] = {
    Case: ("severity", "urgency", "deadline", "account_key"),  # and whether it is worked on
    Candidate: ("severity", "account_key"),
    Account: ("valued", "renewal"),
}


def keep_next_due(session: AsyncSession, case: Case, dues: Iterable[datetime | None]) -> None:
    """Keep the least due instant of the case's clocks that run.

    It is stored with what else changes of the case, at the latest when the transaction ends.
    """
    kept = session.info.setdefault(DUES, {})
    kept[case.number] = (case, min((due for due in dues if due is not None), default=NO_DUE))


def rank_row(case: Case, account: Account | None, now: datetime) -> bool:
    """Set ``rank`` and ``rank_at`` of a case; answers whether the rank changed.

    ``account`` is that of the case's customer.
    """
    before = case.rank
    if case.status not in OPEN:
        case.rank, case.rank_at = NO_RANK, None
        return case.rank != before
    standing = _standing(case, account)
    case.rank = ORDER.index(rank(standing, now).priority)
    case.rank_at = next_turn(standing, now)
    return case.rank != before


def _standing(row: Any, account: Account | None) -> Standing:
    """What the priority of a case or a candidate rests on; without an account nothing of one."""
    urgency = getattr(row, "urgency", "")
    return Standing(
        Severity(row.severity),
        Urgency(urgency) if urgency else None,
        getattr(row, "deadline", None),
        account.valued if account else False,
        account.renewal if account else None,
    )


def due_again(*which: ColumnElement[bool]) -> Update:
    """The statement after which the sweep ranks these cases again, of those that have a rank."""
    ranked = update(Case).where(col(Case.rank) < NO_RANK, *which)
    return ranked.values(rank_at=AT_ONCE).execution_options(synchronize_session=False)


@event.listens_for(AnySession, "before_commit")
def _store_dues(session: AnySession) -> None:
    for case, due in session.info.pop(DUES, {}).values():
        if case.next_due != due and case in session:
            case.next_due = due


@event.listens_for(AnySession, "after_soft_rollback")
def _forget_dues(session: AnySession, _previous: SessionTransaction) -> None:
    session.info.pop(DUES, None)


@event.listens_for(AnySession, "before_flush")
def _rank_changed(session: AnySession, _context: Any, _objects: Any) -> None:
    """Rank again what this flush changes, before it is written.

    A new row always, a changed one where a field of ``FOLLOWS`` changed, and a case that ended or
    goes on. An account's change makes its cases due for a look instead: they may be many.
    ``next_due`` is what was noted before.
    """
    for row in session.new:
        if isinstance(row, Case | Candidate):
            _rank(session, row)
    dues = session.info.get(DUES, {})
    for row in session.dirty:
        if isinstance(row, Case) and row.number in dues:
            row.next_due = dues.pop(row.number)[1]
        attributes = inspect(row).attrs
        names = FOLLOWS.get(type(row), ())
        turned = isinstance(row, Case) and (row.status in OPEN) is (row.rank == NO_RANK)
        if not turned and not any(attributes[name].history.has_changes() for name in names):
            continue
        if isinstance(row, Account):
            session.execute(due_again(col(Case.account_key) == row.key))
        else:
            _rank(session, row)


def _rank(session: AnySession, row: Any) -> None:
    """Set the row's rank as of the session's time, else as of when the row was changed or came."""
    account = session.get(Account, row.account_key) if row.account_key else None
    if isinstance(row, Case):
        rank_row(row, account, session.info.get(NOW) or row.changed_at)
    else:
        now = session.info.get(NOW) or row.received_at
        row.rank = ORDER.index(rank(_standing(row, account), now).priority)
