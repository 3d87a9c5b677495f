"""The line by which a linked case's customer stands on the list of a problem's customers.

It is put there with the case, follows its corrections, and goes with it where no other evidence and
no other case stands for the customer. ``affected.py`` has what people add and remove themselves.
"""

from sqlmodel import col, select

from bot import effects
from bot.core.reactions import CaseCorrected
from bot.engine.unit_of_work import UnitOfWork
from bot.problems import snapshot as problem_snapshot
from bot.problems.affected import find_line, put_line, remove_line
from bot.problems.steps import lock_problem, note_problem
from bot.rules.lifecycle import LIVE
from bot.rules.names import fold_name
from storage.in_hand import account_of
from storage.models import Affected, Case, Problem


async def from_case(work: UnitOfWork, problem: Problem, case: Case) -> None:
    """Put the customer of a linked case on the list; the case's stake is the evidence.

    A customer who is on the list already keeps their evidence. The case speaks for them where no
    live case does yet.
    """
    account = await account_of(work.session, case)
    customer = await customer_of(work, case)
    fresh = await put_line(
        work,
        problem,
        customer,
        account,
        evidence=case.stake,
        link=case.source_link or case.ticket_url,
        said_by=case.reporter,
        said_at=case.received_at,
    )
    row = await find_line(work, problem, customer)
    if row is not None and (fresh or not await _live(work, row.case_number)):
        row.case_number = case.number
        if case.resolved_at is not None:
            case.learn_at = work.now  # the known issue's words are the case's too
        work.session.add(row)


async def customer_of(work: UnitOfWork, case: Case) -> str:
    """The customer's name on the list: the account's, else the one on the case.

    An account that was renamed since is another name here than on the line.
    """
    account = await account_of(work.session, case)
    return account.name if account else case.customer


def speak_for(row: Affected, case: Case) -> None:
    """Let the line stand by the word of this case: its stake, link, reporter and date."""
    row.case_number, row.evidence = case.number, case.stake
    row.link, row.said_by = case.source_link or case.ticket_url, case.reporter
    row.said_at = case.received_at


async def _live(work: UnitOfWork, number: int | None) -> bool:
    """True for a case in which the customer can still be written to; False for None."""
    case = await work.session.get(Case, number) if number is not None else None
    return case is not None and case.status in LIVE


async def case_left(work: UnitOfWork, problem: Problem, case: Case) -> None:
    """Take a case's word out: a customer who was affected by it alone no longer is.

    Another live case of the same customer in the problem speaks for them instead. Without one, a
    line that other evidence stands for stays, without a case. A removed line keeps the case's
    number, so that it can be hidden should that case become restricted.
    """
    query = select(Affected).where(
        col(Affected.problem) == problem.number, col(Affected.case_number) == case.number
    )  # a line that was removed earlier may have its number too
    row = (await work.session.exec(query.order_by(col(Affected.removed_at).is_not(None)))).first()
    if row is None:
        return
    row.case_number = await _another(work, problem, row, case)
    if row.case_number is None and row.evidence == case.stake:
        # By whose word they were there is kept: a restricted case names no one.
        row.case_number = case.number
        if row.removed_at is None:
            remove_line(work, row, f"ESC-{case.number}")
    work.session.add(row)


async def follow_correction(work: UnitOfWork, event: CaseCorrected) -> None:
    """Let the line that stands by the case's word say what the case says now.

    Another customer is put on the list in place of the one before, who stays only where others saw
    it too. Also lines that were removed keep to the case's words, by which they are known. The
    problem is locked, after the case.
    """
    case = event.case
    if not {"customer", "stake", "ticket"} & event.was.keys():
        return
    problem = None
    if case.problem is not None:
        problem = await lock_problem(work, case.problem, must_be_open=False)
    stake = event.was["stake"][0] if "stake" in event.was else case.stake
    said = select(Affected).where(
        col(Affected.case_number) == case.number, col(Affected.evidence) == stake
    )
    for row in (await work.session.exec(said)).all():
        speak_for(row, case)
        work.session.add(row)
    if problem is None:
        return
    await work.session.flush()
    if "customer" in event.was:
        await _change_customer(work, problem, case)
    await effects.queue_card(work, problem)


async def _change_customer(work: UnitOfWork, problem: Problem, case: Case) -> None:
    """Put the case's customer on the list in place of the one before; the record tells of both."""
    query = select(Affected).where(
        col(Affected.problem) == problem.number,
        col(Affected.case_number) == case.number,
        col(Affected.removed_at).is_(None),
    )
    row = (await work.session.exec(query)).first()
    if row is not None and fold_name(row.customer) != fold_name(await customer_of(work, case)):
        await _leave_line(work, problem, case, row)
        why = f"ESC-{case.number}"
        note_problem(work, problem, "remove_affected", why, customer=row.customer)
    await from_case(work, problem, case)
    now = await customer_of(work, case)
    note_problem(work, problem, "add_affected", case.stake, customer=now)


async def _leave_line(work: UnitOfWork, problem: Problem, case: Case, row: Affected) -> None:
    """Take the case's word from a line: another case of that customer speaks for it, or no one."""
    other = await _other_of(work, problem, row, case)
    if other is not None:
        speak_for(row, other)
    elif row.evidence == case.stake:
        remove_line(work, row, f"ESC-{case.number}")
    else:
        row.case_number = None
    work.session.add(row)
    await work.session.flush()


async def _other_of(work: UnitOfWork, problem: Problem, row: Affected, left: Case) -> Case | None:
    """Another live, linked case of the line's customer; None without one. It is not locked."""
    for number in await problem_snapshot.linked_cases(work.session, problem.number):
        case = await work.session.get(Case, number)
        same = case is not None and fold_name(case.customer) == row.folded
        if case is not None and same and number != left.number and case.status in LIVE:
            return case
    return None


async def _another(work: UnitOfWork, problem: Problem, row: Affected, left: Case) -> int | None:
    """The number of another live, linked case of the same customer and account.

    The first by number; None without one. These cases are read, not locked.
    """
    for number in await problem_snapshot.linked_cases(work.session, problem.number):
        case = await work.session.get(Case, number)
        same = case is not None and case.customer == left.customer and case.status in LIVE
        if same and number != left.number and row.account_key == left.account_key:
            return number
    return None
