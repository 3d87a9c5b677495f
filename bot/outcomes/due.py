"""What time brings to outcomes: the question, one reminder, then a manager is asked."""

from collections.abc import Sequence
from typing import Any

from bot import effects
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.outcomes.people import choose_asked, choose_manager
from bot.outcomes.plan import account_for, case_of
from storage.models import Case, Outcome

QUESTION, REMINDER, MANAGER = 1, 2, 3  # how often it was asked for
SAYS = {QUESTION: "outcome_asked", REMINDER: "outcome_reminded", MANAGER: "outcome_passed_on"}


async def ask_for_outcome(work: UnitOfWork, row: Outcome, says: Sequence[Reminder]) -> None:
    """Ask the account's people, remind them once, then ask a manager; ``row`` is locked.

    Who is asked is chosen anew each time, since people leave and accounts change hands: a question
    to another person is a first one. Where no one is left, it is tried again at the next reminder.
    """
    if row.recorded_at is not None:
        row.next_at = None
        return
    case, account = await case_of(work.session, row), await account_for(work.session, row)
    before = row.asked_of
    user = await choose_asked(work.session, work.policy, case, account)
    step = row.asked + 1 if user == row.asked_of or not row.asked else QUESTION
    if step >= MANAGER:
        user = await choose_manager(work.session, work.policy, case, row.asked_of)
    row.next_at = work.now + work.policy.outcomes.remind_after
    work.session.add(row)
    if not user:
        return
    row.asked_of, row.asked = user, step
    if step >= MANAGER:
        row.next_at = None
    reminder = get_reminder(says, SAYS[step])
    extra = {**describe_outcome(row, case), "silent": before if step >= MANAGER else ""}
    for each in find_recipients(reminder.who, {Audience.ASKED: (user,)}, {}):
        await effects.queue_dm(work, each, reminder.template, None, extra, priority=effects.NUDGE)


def describe_outcome(row: Outcome, case: Case | None) -> dict[str, Any]:
    """What messages tell of it, as JSON; never an amount.

    ``outcome`` is the id, ``reference`` and ``closed`` (a date) are of its case, ``renewal`` a
    date; empty where there is none.
    """
    closed = case.closed_at if case else None
    return {
        "outcome": row.id,
        "customer": row.customer,
        "reference": f"ESC-{row.case_number}" if row.case_number is not None else "",
        "closed": closed.date().isoformat() if closed else "",
        "renewal": row.renewal.isoformat() if row.renewal else "",
    }
