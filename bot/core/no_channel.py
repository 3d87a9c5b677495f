"""A channel that Slack does not let us make: who has to know is told at once, and it comes later.

The row that was to make it is kept as refused, and what was to be said in the channel is refused
after it. Trying again queues the same row anew, however often; when the channel is there, all that
waited for it goes out, each lane in its order.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from bot import effects
from bot.core.access import administrators
from bot.core.notify import invitees
from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.drift import hindrance
from bot.rules.lifecycle import LIVE
from bot.rules.states import OutboxState
from bot.rules.words import Drift
from storage.models import Case, Outbox

MAKES = "create_channel"  # the kind of the row that makes a case's channel
UNSAID = ": no_channel_yet"  # how the error ends of what had no channel to go to
RENDERED = frozenset({*effects.RENDERED, "problem_card"})  # of these one is enough
MISSING = Drift.NO_CHANNEL.value


async def refused(work: UnitOfWork, row: Outbox, code: str) -> None:
    """Slack does not let us make a channel: in one transaction with what closes the row."""
    case = await work.case(row.case_number or 0)
    if case.channel_id or case.status not in LIVE:
        return
    known = case.drift.get(MISSING)
    case.drift = {MISSING: {"at": known["at"] if known else work.now.isoformat(), "seen": code}}
    work.session.add(case)
    if known is None:
        work.note(case, "drift", after={"drift": MISSING})
    asked = row.payload.get("asked")
    who = [] if known else _concerned(work, case)
    for user in each_once(who, asked):
        await effects.dm(work, user, "notice:no_channel", case, why(code))


def _concerned(work: UnitOfWork, case: Case) -> list[str]:
    return [case.owner, case.reporter, *administrators(work.policy)]


def each_once(people: Sequence[str], asked: str | None) -> list[str]:
    """Everybody once, and whoever asked for another try; nobody waits for the desk itself."""
    return [user for user in dict.fromkeys([*people, asked or ""]) if user not in ("", SYSTEM)]


def why(code: str) -> dict[str, str]:
    """What a notice says of the reason."""
    return {"code": code, "hindrance": hindrance(code).value}


async def made(work: UnitOfWork, number: int, channel: str, name: str) -> Case:
    """The case has its channel: what waited goes out, and whoever heard of the trouble hears."""
    case = await work.case(number)
    case.channel_id, case.channel_name, case.channel_state = channel, name, "open"
    waited = MISSING in case.drift
    case.drift = {what: found for what, found in case.drift.items() if what != MISSING}
    work.session.add(case)
    if waited:
        work.note(case, "drift_over", after={"drift": MISSING})
        for user in dict.fromkeys(_concerned(work, case)):
            await effects.dm(work, user, "notice:channel_made", case)
    await say_now(
        work, [col(Outbox.case_number) == number, col(Outbox.kind).in_(effects.IN_CHANNEL)]
    )
    return case


async def say_now(work: UnitOfWork, whose: Sequence[ColumnElement[bool]]) -> None:
    """What was refused for lack of a channel waits again; drawn as of now, a card is drawn once."""
    unsaid = (col(Outbox.state) == OutboxState.REFUSED, col(Outbox.error).endswith(UNSAID))
    query = select(Outbox.id, Outbox.kind).where(*whose, *unsaid).order_by(col(Outbox.id))
    rows, drawn = [], set()
    for number, kind in (await work.session.exec(query)).all():
        if kind not in RENDERED or kind not in drawn:
            rows.append(number)
        drawn.add(kind)
    again = update(Outbox).where(col(Outbox.id).in_(rows))
    await work.session.exec(again.values(state=OutboxState.PENDING, error="", done_at=None))


async def again(work: UnitOfWork, case: Case, asked: str = "") -> None:
    """Try once more to make the case's channel; ``asked`` hears if Slack still refuses."""
    number = await effects.channel_row(work, case)
    row = await work.session.get(Outbox, number) if number else None
    if row is None or row.state == OutboxState.DONE:  # that one was lost
        await effects.open_channel(work, case, await invitees(work, case))
    else:
        queue_anew(work, row, asked)


def queue_anew(work: UnitOfWork, row: Outbox, asked: str) -> None:
    """Let a row that was to make a channel wait again; ``asked`` hears if Slack still refuses."""
    row.not_before = None
    if row.state != OutboxState.PENDING:
        row.state, row.error, row.done_at, row.attempts = OutboxState.PENDING, "", None, 0
    row.payload = {**row.payload, "asked": asked}
    work.session.add(row)


async def missing(work: UnitOfWork, limit: int) -> list[Case]:
    """Live cases that have no channel although none is on its way, the gravest first."""
    coming = select(Outbox.case_number).where(
        col(Outbox.kind) == MAKES, col(Outbox.state) == OutboxState.PENDING
    )
    query = select(Case).where(
        col(Case.channel_id).is_(None),
        col(Case.status).in_([status.value for status in LIVE]),
        col(Case.number).not_in(coming),
    )
    query = query.order_by(col(Case.severity), col(Case.number)).limit(limit)
    return list((await work.session.exec(query.with_for_update(skip_locked=True))).all())
