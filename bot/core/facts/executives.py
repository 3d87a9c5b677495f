"""From the rows of executives to facts: who has the flag, who spoke with the customer."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import col, func, or_, select

from bot.rules.facts import CallFacts, ContactFacts, FlaggingFacts
from storage.models import BreachTalk, Case, ExecutiveContact, Flagging


def flagging_facts(rows: Iterable[Flagging]) -> FlaggingFacts | None:
    """The newest flag of a case; None where there was none."""
    row = max(rows, key=lambda each: each.id, default=None)
    if row is None:
        return None
    return FlaggingFacts(
        row.trigger, tuple(row.asked), row.had_by, row.had_at, over=row.ended_at is not None
    )


def contact_facts(row: ExecutiveContact) -> ContactFacts:
    """A contact as it may be said."""
    return ContactFacts(
        row.id, row.executive, row.way, row.contact, row.at, row.said, row.logged_by, row.owed,
        row.action, row.next_on,
    )  # fmt: skip


def call_facts(rows: Iterable[BreachTalk]) -> CallFacts | None:
    """The call that is still to be made; None where none is."""
    row = next((each for each in rows if each.talked_at is None), None)
    return CallFacts(row.id, row.call_by) if row else None


def count_owed(viewer: str) -> Any:
    """How much there is that a person may owe as an executive or a caller, as a scalar query.

    A flag that waits counts, whoever was asked to take it.
    """
    theirs = or_(col(Flagging.had_by) == viewer, col(Flagging.had_by).is_(None))
    flags = _count(Flagging, col(Flagging.ended_at).is_(None), theirs)
    remind, talked = col(ExecutiveContact.remind_at), col(BreachTalk.talked_at)
    had = col(ExecutiveContact.executive) == viewer
    contacts = _count(ExecutiveContact, had, remind.is_not(None))
    mine = col(BreachTalk.case_number).in_(select(Case.number).where(col(Case.owner) == viewer))
    return flags + contacts + _count(BreachTalk, talked.is_(None), mine)


def _count(model: Any, *conditions: Any) -> Any:
    return select(func.count()).select_from(model).where(*conditions).scalar_subquery()
