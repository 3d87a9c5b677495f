"""A channel that Slack does not let us make: who has to know is told at once, and it comes later.

The row that was to make it is kept as refused, and what was to be said in the channel is refused
after it. Trying again queues the same row anew, however often; when the channel is there, all that
waited for it goes out, each lane in its order.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, cast, update
from sqlmodel import col, or_, select

from bot import effects
from bot.cases.open import invitees
from bot.drift import detect as drift
from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.operations.alerts import administrators
from bot.problems import effects as problem_effects
from bot.problems.steps import note
from bot.rules.drift import hindrance
from bot.rules.lifecycle import LIVE
from bot.rules.words import Drift
from storage.models import Case, Outbox, Problem

CASE, PROBLEM = "create_channel", "problem_channel"
MAKES = frozenset({CASE, PROBLEM})
UNSAID = ": no_channel_yet"  # how the error ends of what had no channel to go to
IN_PROBLEM = frozenset({"problem_card", "problem_pin", "problem_invite", "problem_post"})
RENDERED = frozenset({*effects.RENDERED, "problem_card"})  # of these one is enough
MISSING = Drift.NO_CHANNEL.value


async def refused(work: UnitOfWork, row: Outbox, code: str) -> None:
    """Slack does not let us make a channel: in one transaction with what closes the row."""
    if row.kind == CASE:
        await _case_refused(work, row, code)
    else:
        await _problem_refused(work, row, code)


async def _case_refused(work: UnitOfWork, row: Outbox, code: str) -> None:
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
    for user in _each(who, asked):
        await effects.dm(work, user, "notice:no_channel", case, _why(code))


def _concerned(work: UnitOfWork, case: Case) -> list[str]:
    return [case.owner, case.reporter, *administrators(work.policy)]


def _each(people: Sequence[str], asked: str | None) -> list[str]:
    """Everybody once, and whoever asked for another try; nobody waits for the desk itself."""
    return [user for user in dict.fromkeys([*people, asked or ""]) if user not in ("", SYSTEM)]


def _why(code: str) -> dict[str, str]:
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
    await _say_now(
        work, [col(Outbox.case_number) == number, col(Outbox.kind).in_(drift.IN_CHANNEL)]
    )
    return case


async def _say_now(work: UnitOfWork, whose: Sequence[ColumnElement[bool]]) -> None:
    """What was refused for lack of a channel waits again; drawn as of now, a card is drawn once."""
    unsaid = (col(Outbox.state) == "refused", col(Outbox.error).endswith(UNSAID))
    query = select(Outbox.id, Outbox.kind).where(*whose, *unsaid).order_by(col(Outbox.id))
    rows, drawn = [], set()
    for number, kind in (await work.session.exec(query)).all():
        if kind not in RENDERED or kind not in drawn:
            rows.append(number)
        drawn.add(kind)
    again = update(Outbox).where(col(Outbox.id).in_(rows))
    await work.session.exec(again.values(state="pending", error="", done_at=None))


async def again(work: UnitOfWork, case: Case, asked: str = "") -> None:
    """Try once more to make the case's channel; ``asked`` hears if Slack still refuses."""
    number = await effects.channel_row(work, case)
    row = await work.session.get(Outbox, number) if number else None
    if row is None or row.state == "done":  # that one was lost
        await effects.open_channel(work, case, await invitees(work, case))
    else:
        _anew(work, row, asked)


def _anew(work: UnitOfWork, row: Outbox, asked: str) -> None:
    row.not_before = None
    if row.state != "pending":
        row.state, row.error, row.done_at, row.attempts = "pending", "", None, 0
    row.payload = {**row.payload, "asked": asked}
    work.session.add(row)


async def missing(work: UnitOfWork, limit: int) -> list[Case]:
    """Live cases that have no channel although none is on its way, the gravest first."""
    coming = select(Outbox.case_number).where(
        col(Outbox.kind) == CASE, col(Outbox.state) == "pending"
    )
    query = select(Case).where(
        col(Case.channel_id).is_(None),
        col(Case.status).in_([status.value for status in LIVE]),
        col(Case.number).not_in(coming),
    )
    query = query.order_by(col(Case.severity), col(Case.number)).limit(limit)
    return list((await work.session.exec(query.with_for_update(skip_locked=True))).all())


# -- the channel of a problem


async def _problem_refused(work: UnitOfWork, row: Outbox, code: str) -> None:
    problem = await work.session.get(Problem, row.payload["problem"])
    if problem is None or problem.channel_id or problem.state != "open":
        return
    known, asked = row.payload.get("told"), row.payload.get("asked")
    note(work, problem, "no_channel", code=code)
    stored = await work.session.get(Outbox, row.id)
    assert stored is not None  # it was just refused
    stored.payload = {**row.payload, "told": code}
    work.session.add(stored)
    who = [] if known else [problem.owner, *administrators(work.policy)]
    for user in _each(who, asked):
        await problem_effects.dm(work, user, problem, "problem:no_channel", _why(code))


async def problem_made(work: UnitOfWork, number: int, row: Outbox) -> None:
    """The problem has its channel: what waited goes out, and whoever heard of the trouble hears."""
    problem = await work.session.get(Problem, number, populate_existing=True)
    assert problem is not None  # its channel was just made
    if row.payload.get("told"):
        for user in dict.fromkeys([problem.owner, *administrators(work.policy)]):
            await problem_effects.dm(work, user, problem, "problem:channel_made")
    lane = problem_effects.lane(problem)
    whose = or_(col(Outbox.lane) == lane, col(Outbox.lane).startswith(f"{lane}:"))
    await _say_now(work, [whose, col(Outbox.kind).in_(IN_PROBLEM)])


async def problems_again(work: UnitOfWork, limit: int) -> int:
    """Try once more to make the channels that open problems have not; answers how many."""
    lane = "problem:" + cast(col(Problem.number), String) + ":channel"
    query = (
        select(Outbox)
        .join(Problem, col(Outbox.lane) == lane)
        .where(
            col(Outbox.kind) == PROBLEM,
            col(Outbox.state) == "refused",
            col(Problem.channel_id).is_(None),
            col(Problem.state) == "open",
        )
    )
    rows = (await work.session.exec(query.limit(limit))).all()
    for row in rows:
        _anew(work, row, "")
    return len(rows)
