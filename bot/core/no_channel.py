"""A channel that Slack does not let us make: who has to know is told at once, and it comes later.

The row that was to make it is kept as refused, and what was to be said in the channel is refused
after it. Trying again queues the same row anew, however often; when the channel is there, all that
waited for it goes out, each lane in its order.

While a case waits, ``Case.drift`` has the key ``no_channel`` with ``at`` (ISO 8601, of the first
refusal) and ``seen`` (Slack's code of the last). ``bot/problems/no_channel.py`` has the same for
problems; ``bot/drift`` tries again, every hour and when a person asks.
"""

from sqlalchemy import update
from sqlmodel import col, select

from bot import effects
from bot.core.access import administrators
from bot.core.case_selection import by_priority
from bot.core.notify import channel_invitees
from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.drift import channel_hindrance
from bot.rules.lifecycle import LIVE
from bot.rules.states import ChannelState, OutboxState
from bot.rules.words import Drift
from bot.subjects import CASE, DRAWN_KINDS, Subject, describe_type
from storage.models import Case, Outbox

MAKES = CASE.kind_of("create_channel")  # the kind of the row that makes a case's channel
UNSAID = ": no_channel_yet"  # how the error ends of what had no channel to go to
MISSING = Drift.NO_CHANNEL.value


async def case_channel_refused(work: UnitOfWork, row: Outbox, code: str) -> None:
    """Record that Slack does not let us make the case's channel, and tell those concerned.

    In one transaction with what closes ``row``; the case is locked. Nothing happens for a case that
    has a channel or has ended.
    """
    case = await work.case(row.case_number or 0)
    if case.channel_id or case.status not in LIVE:
        return
    known = case.drift.get(MISSING)
    case.drift = {MISSING: {"at": known["at"] if known else work.now.isoformat(), "seen": code}}
    work.session.add(case)
    if known is None:
        work.note(case, "drift", after={"drift": MISSING})
    await tell_refused(work, case, row, code, told_before=known is not None)


async def tell_refused(
    work: UnitOfWork, subject: Subject, row: Outbox, code: str, *, told_before: bool
) -> None:
    """Tell everyone concerned, the first time; and each time the person who asked for the try.

    ``row`` is the one that Slack refused with ``code``; its payload may say who ``asked``. The
    notice carries ``code`` and ``hindrance``, which says what an administrator can do about it.
    """
    concerned = [] if told_before else list_concerned(work, subject)
    reason = {"code": code, "hindrance": channel_hindrance(code).value}
    for user in dict.fromkeys([*concerned, row.payload.get("asked") or ""]):
        if user not in ("", SYSTEM):
            await effects.queue_dm(work, user, _text(subject, "no_channel"), subject, reason)


def list_concerned(work: UnitOfWork, subject: Subject) -> list[str]:
    """Return who hears of a subject without a channel: its people, and those who can change Slack.

    User ids, each once: owner, a case's reporter, administrators.
    """
    people = [subject.owner, subject.reporter] if isinstance(subject, Case) else [subject.owner]
    return list(dict.fromkeys([*people, *administrators(work.policy)]))


def _text(subject: Subject, name: str) -> str:
    return f"{describe_type(subject).text_family}:{name}"


async def case_channel_made(work: UnitOfWork, number: int, channel: str, name: str) -> Case:
    """Store the case's channel, queue what waited for it, and tell those who heard of the trouble.

    Locks the case; meant for the transaction that ends the row.
    """
    case = await work.case(number)
    case.channel_id, case.channel_name = channel, name
    case.channel_state = ChannelState.OPEN
    waited = MISSING in case.drift
    case.drift = {what: found for what, found in case.drift.items() if what != MISSING}
    work.session.add(case)
    if waited:
        work.note(case, "drift_over", after={"drift": MISSING})
    await release_waiting(work, case, told_before=waited)
    return case


async def release_waiting(work: UnitOfWork, subject: Subject, *, told_before: bool) -> None:
    """The channel is there: queue again what was refused for lack of it.

    A card or topic, which is drawn when it is sent, is queued once. The rows are those of the
    subject with an error that ends in ``UNSAID``; they keep their ids, lanes and payloads.
    ``told_before``: those concerned heard that there was no channel, so they hear that there is
    one.
    """
    if told_before:
        for user in list_concerned(work, subject):
            await effects.queue_dm(work, user, _text(subject, "channel_made"), subject)
    about = describe_type(subject)
    query = select(Outbox.id, Outbox.kind).where(
        about.rows_of([subject.number]),
        col(Outbox.kind).in_(about.waiting),
        col(Outbox.state) == OutboxState.REFUSED,
        col(Outbox.error).endswith(UNSAID),
    )
    rows, drawn = [], set()
    for number, kind in (await work.session.exec(query.order_by(col(Outbox.id)))).all():
        if kind not in DRAWN_KINDS or kind not in drawn:
            rows.append(number)
        drawn.add(kind)
    if not rows:
        return
    again = update(Outbox).where(col(Outbox.id).in_(rows))
    await work.session.exec(again.values(state=OutboxState.PENDING, error="", done_at=None))


async def make_channel_again(work: UnitOfWork, case: Case, asked: str = "") -> None:
    """Try once more to make the case's channel; ``asked`` hears if Slack still refuses.

    The row that was to make it is queued anew; where it is gone, or done without a channel having
    been stored, a new one is, with those who belong in the channel now. The case must be locked.
    """
    number = await effects.channel_row(work, case)
    row = await work.session.get(Outbox, number) if number else None
    if row is None or row.state == OutboxState.DONE:  # that one was lost
        await effects.open_channel(work, case, await channel_invitees(work, case))
    else:
        queue_anew(work, row, asked)


def queue_anew(work: UnitOfWork, row: Outbox, asked: str) -> None:
    """Let a row that was to make a channel wait again; ``asked`` hears if Slack still refuses.

    ``asked`` is a user id, empty where no person asked. Of a pending row only the wait ends.
    """
    row.not_before = None
    if row.state != OutboxState.PENDING:
        row.state, row.error, row.done_at, row.attempts = OutboxState.PENDING, "", None, 0
    row.payload = {**row.payload, "asked": asked}
    work.session.add(row)


async def cases_without_channel(work: UnitOfWork, limit: int) -> list[Case]:
    """Return live cases that have no channel although none is on its way, by priority.

    They are locked; those that another transaction holds are skipped.
    """
    coming = select(Outbox.case_number).where(
        col(Outbox.kind) == MAKES, col(Outbox.state) == OutboxState.PENDING
    )
    query = select(Case).where(
        col(Case.channel_id).is_(None),
        col(Case.status).in_([status.value for status in LIVE]),
        col(Case.number).not_in(coming),
    )
    query = query.order_by(*by_priority()).limit(limit)
    return list((await work.session.exec(query.with_for_update(skip_locked=True))).all())
