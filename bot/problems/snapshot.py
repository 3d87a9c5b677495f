"""From rows to facts of a problem: who is affected, what they were told, what agents say.

Facts of a problem are read by everyone at work: of a restricted case neither number nor customer
nor words come out of here. The counterpart for a case is ``bot/core/snapshot.py``.

Every function reads in the caller's session, so a use case sees its own changes, and locks nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.snapshot import account_facts
from bot.rules.lifecycle import LIVE
from bot.rules.names import is_same_name
from bot.rules.problems.facts import (
    AffectedFacts,
    BroadcastFacts,
    PointsFacts,
    ProblemFacts,
    ReceiptFacts,
    RecordFacts,
)
from bot.rules.states import ApprovalState, RecipientState
from bot.rules.words import Language, Severity
from bot.subjects import is_known_issue
from messages.customers.greeting import find_address, greet_customer
from storage.models import (
    Account,
    Affected,
    Broadcast,
    BroadcastRecipient,
    Case,
    PointsReader,
    Problem,
    ProblemEvent,
    TalkingPoints,
)

RECORD_SHOWN = 8  # newest entries
BROADCASTS_SHOWN = 3  # newest broadcasts


def problem_head(row: Problem, now: datetime, cases: Sequence[int] = ()) -> ProblemFacts:
    """A problem without its lists, but for the numbers of its cases.

    ``now`` is the instant by which the card says what is late.
    """
    return ProblemFacts(
        number=row.number,
        title=row.title,
        known=row.known,
        scope=row.scope,
        severity=Severity(row.severity),
        state=row.state,
        owner=row.owner,
        now=now,
        opened_at=row.opened_at,
        cycle_began_at=row.cycle_began_at,
        next_update_at=row.next_update_at,
        promised=row.promised,
        channel_id=row.channel_id,
        card_ts=row.card_ts,
        outcome=row.outcome,
        resolved_at=row.resolved_at,
        cases=tuple(cases),
    )


async def load_problem(session: AsyncSession, row: Problem, now: datetime) -> ProblemFacts:
    """Everything that may be said about a problem.

    Its last three broadcasts (void and returned ones aside), the last eight entries of its record,
    the talking points in force or waiting, and all customers that are affected now.
    """
    numbers = await linked_cases(session, row.number)
    found = problem_head(row, now, numbers)
    query = select(Broadcast).where(col(Broadcast.problem) == row.number)
    recent = (await session.exec(query.order_by(col(Broadcast.id).desc()))).all()
    gone = (ApprovalState.VOID, ApprovalState.RETURNED)
    wanted = [each for each in recent if each.state not in gone]
    events = select(ProblemEvent).where(col(ProblemEvent.problem) == row.number)
    record = (await session.exec(events.order_by(col(ProblemEvent.id).desc()))).fetchmany(
        RECORD_SHOWN
    )
    values = {name: getattr(found, name) for name in found.__slots__}
    return ProblemFacts(
        **{
            **values,
            "affected": tuple(await load_affected(session, row)),
            "broadcasts": tuple(
                [await load_broadcast(session, each) for each in wanted[:BROADCASTS_SHOWN]]
            ),
            "points": await newest_points(session, row),
            "record": await _record(session, row.number, record),
        }
    )


async def _record(
    session: AsyncSession, number: int, events: Sequence[ProblemEvent]
) -> tuple[RecordFacts, ...]:
    """The record as everyone at work may read it: of restricted cases it names nothing.

    A case is hidden by its number, a customer by the name of a line that only such a case stood
    for. The entry itself, its actor and its verb stay.
    """
    cases = {each.after["case"] for each in events if "case" in each.after}
    query = select(Case.number).where(col(Case.number).in_(cases), col(Case.sensitive).is_(True))
    secret = set((await session.exec(query)).all())
    names = select(Affected.customer).join(Case, col(Case.number) == col(Affected.case_number))
    gone = names.where(col(Affected.problem) == number, *_withheld())
    hidden = set((await session.exec(gone)).all())
    return tuple(_entry(each, secret, hidden) for each in events)


def _withheld() -> tuple[Any, ...]:
    """The condition of lines that stood by the word of a case which is restricted by now.

    The query must join the line's case by ``Affected.case_number``.
    """
    return col(Affected.removed_at).is_not(None), col(Case.sensitive).is_(True)


def _entry(event: ProblemEvent, secret: set[int], hidden: set[str]) -> RecordFacts:
    """An entry without its case, customer and why, where these may not be read.

    A hidden ``case`` is None, a hidden ``customer`` empty; other keys are as they were stored.
    """
    after, why = dict(event.after), event.why
    if after.get("case") in secret:
        after["case"], why = None, ""
    if after.get("customer") in hidden:
        after["customer"], why = "", ""
    return RecordFacts(event.at, event.actor, event.verb, after, why)


async def linked_cases(session: AsyncSession, number: int) -> list[int]:
    """The numbers of the cases that are part of a problem, ascending, whatever their status."""
    query = select(Case.number).where(col(Case.problem) == number).order_by(col(Case.number))
    return list((await session.exec(query)).all())


async def load_affected(session: AsyncSession, problem: Problem) -> list[AffectedFacts]:
    """The customers who have the problem now, with what their accounts and cases say of them.

    In the order in which they were first listed. ``told`` is True once any broadcast of the problem
    was delivered to them, of a known issue once a notice of its last step went out to them. Two
    queries, however many customers.
    """
    query = (
        select(Affected, Account, Case)
        .join(Account, col(Account.key) == col(Affected.account_key), isouter=True)
        .join(Case, col(Case.number) == col(Affected.case_number), isouter=True)
        .where(col(Affected.problem) == problem.number, col(Affected.removed_at).is_(None))
        .order_by(col(Affected.id))
    )
    rows = (await session.exec(query)).all()
    told = (
        select(BroadcastRecipient.affected)
        .join(Broadcast, col(Broadcast.id) == col(BroadcastRecipient.broadcast))
        .where(
            col(BroadcastRecipient.affected).in_([row.id for row, _, _ in rows]),
            col(Broadcast.step) == problem.step,
            col(BroadcastRecipient.state).in_(_told_by(problem)),
        )
    )
    reached = set((await session.exec(told)).all())
    return [_affected(row, account, case, problem, reached) for row, account, case in rows]


def _told_by(problem: Problem) -> list[RecipientState]:
    """The states of a line by which its customer counts as told.

    Of a known issue also those that are on their way, or failed and can be sent again: who has a
    notice of this step gets no other.
    """
    if is_known_issue(problem):
        return [RecipientState.QUEUED, RecipientState.DELIVERED, RecipientState.FAILED]
    return [RecipientState.DELIVERED]


def _affected(
    row: Affected, account: Account | None, case: Case | None, problem: Problem, told: set[int]
) -> AffectedFacts:
    """A line with what is known of the customer now.

    Language, contact and owner are the live case's, else what the line itself says, else the
    account's (customer success manager before account executive); English and the problem's owner
    without any. A case that is restricted or no longer live counts as none.
    """
    # Only an open case has a thread to write in; a restricted one stays out of what many see.
    live = case if case and case.status in LIVE and not case.sensitive else None
    language = Language(
        live.language if live else row.language or (account.language if account else "en")
    )
    contact, email = _contact_of(row, account, live)
    facts = account_facts(account) if account else None
    people = (account.csm, account.account_executive) if account else ()
    owner = live.owner if live else next((p for p in people if p), problem.owner)
    return AffectedFacts(
        id=row.id,
        customer=row.customer,
        evidence=row.evidence,
        said_by=row.said_by,
        said_at=row.said_at,
        link=row.link,
        case=live.number if live else None,
        account=row.account_key,
        tier=account.tier if account else "",
        region=account.region if account else "",
        language=language,
        contact=contact,
        greeting=greet_customer(language, find_address(facts, language, contact)),
        email=email,
        ticket=row.ticket_url,
        source=row.source,
        owner=owner,
        told=row.id in told,
    )


def _contact_of(row: Affected, account: Account | None, live: Case | None) -> tuple[str, str]:
    """Name and address of whom we write to; empty where they are not known.

    What the line says of them goes before the account; the name of one person is never joined to
    the address of another.
    """
    name, email = (account.contact_name, account.contact_email) if account else ("", "")
    another = row.contact_name and not is_same_name(row.contact_name, name)
    if another or (row.contact_email and row.contact_email != email):
        name, email = row.contact_name, row.contact_email
    if live is not None:
        name, email = live.contact_name or name, live.contact_email or email
    return name, email


async def load_broadcast(session: AsyncSession, row: Broadcast) -> BroadcastFacts:
    """A broadcast with what became of it for each customer, in the order of its lines.

    All states of lines are included, also ``left``; ``total`` of the facts leaves those out.
    """
    written_in, spoken_for = aliased(Case), aliased(Case)
    query = (
        select(BroadcastRecipient, Affected, written_in, spoken_for)
        .join(Affected, col(Affected.id) == col(BroadcastRecipient.affected))
        .join(
            written_in, col(written_in.number) == col(BroadcastRecipient.case_number), isouter=True
        )
        .join(spoken_for, col(spoken_for.number) == col(Affected.case_number), isouter=True)
        .where(col(BroadcastRecipient.broadcast) == row.id)
        .order_by(col(BroadcastRecipient.id))
    )
    receipts = tuple(_receipt(*each) for each in (await session.exec(query)).all())
    return BroadcastFacts(
        row.id,
        row.problem,
        row.audience,
        row.texts,
        row.next_update_at,
        row.digest,
        row.state,
        row.author,
        receipts,
        row.approver,
        row.remark,
        row.sent_at,
        row.promises,
        row.step,
    )


def _receipt(
    row: BroadcastRecipient, line: Affected, written_in: Case | None, spoken_for: Case | None
) -> ReceiptFacts:
    """A line of a broadcast; for a customer of a restricted case, only that there is one.

    Customer, recipient, words and reason are empty then. A case that became restricted is not
    named, even where the customer still is.
    """
    gone = line.removed_at is not None and spoken_for is not None and spoken_for.sensitive
    case = None if written_in is None or written_in.sensitive else written_in.number
    return ReceiptFacts(
        row.id,
        "" if gone else line.customer,
        row.state,
        row.route,
        "" if gone else row.recipient,
        row.owner,
        "" if gone else row.text,
        Language(row.language),
        case,
        "" if gone else row.reason,
        replied=row.replied_at is not None,
    )


async def newest_points(session: AsyncSession, problem: Problem) -> PointsFacts | None:
    """The talking points in force, else the newest that wait for approval; None without any.

    So a newer proposal is not shown while an older version holds.
    """
    query = select(TalkingPoints).where(
        col(TalkingPoints.problem) == problem.number,
        col(TalkingPoints.state).in_([ApprovalState.APPROVED, ApprovalState.PROPOSED]),
    )
    rows = (await session.exec(query.order_by(col(TalkingPoints.version).desc()))).all()
    in_use = [row for row in rows if row.state == ApprovalState.APPROVED]
    used = next(iter([*in_use, *rows]), None)
    return await load_points(session, used, problem.title) if used else None


async def load_points(session: AsyncSession, row: TalkingPoints, title: str) -> PointsFacts:
    """Talking points with how many have to read them, and the user ids who have not.

    ``title`` is the problem's. Readers are listed when the push is performed.
    """
    query = select(PointsReader).where(col(PointsReader.points) == row.id)
    readers = (await session.exec(query.order_by(col(PointsReader.user_id)))).all()
    return PointsFacts(
        row.id,
        row.problem,
        title,
        row.version,
        row.say,
        row.dont_say,
        row.questions,
        row.scope,
        row.expires_at,
        row.state,
        row.author,
        row.approver,
        row.remark,
        row.ended_by,
        row.ended_why,
        row.ended_at,
        len(readers),
        tuple(each.user_id for each in readers if each.read_at is None),
    )
