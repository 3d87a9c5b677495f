"""Reading what was marked in a customer's channel, and the threads that came of it, from Slack.

A marked message opens a candidate, and is answered in its thread once. From then on the thread is
read: while the candidate waits, what the customer adds goes to it; once there is a case, it is a
reply of the customer's. What a colleague writes there by hand is shown in the case's channel and
counts for nothing: whether it answers the customer, the person who wrote it says, as with tickets.
No transaction is open while Slack is asked; the same look again changes nothing.
"""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.connect.asking import ChannelNow, Party, see_channel, see_person, settle_link
from bot.connect.links import channel_lane, find_thread
from bot.core.steps import follow_merged, refresh_card
from bot.customers.incoming import take_customer_message
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.connect.events import queue_thread_look
from bot.intake.connect.reading import (
    PAGE,
    PAGES_MAX,
    Said,
    find_permalink,
    read_messages,
    read_said,
)
from bot.intake.signals import REPEATED, lock_thread_candidate, take_in_signal
from bot.rules.intake import Arrival, Contact, Reason
from bot.rules.states import MessageState
from bot.rules.words import Language
from storage.models import Account, Case, ConnectMessage, ConnectThread

SOURCE = "slack"
SAY = "connect_say"  # the kind of the effect that posts approved words


# -- a message that was marked


async def perform_marked(delivery: Delivery, job: Job) -> EffectResult:
    """Take in a message that a customer or a colleague marked; payload: ``channel, ts, by``.

    Nothing happens where the link does not work, for people of neither side, and for messages of
    apps. The result has ``outcome``: ``taken``, ``nothing``, or the fault of the link. What Slack
    told is stored in one transaction with the end of the effect: the signal first, then the thread,
    the message and the link.
    """
    channel, ts, by = (str(job.row.payload[name]) for name in ("channel", "ts", "by"))
    now = await see_channel(delivery, channel)
    if now.link is None or now.fault is not None:
        return _left(delivery, now)
    party, _ = await see_person(delivery, now, by)
    if party is Party.NEITHER:
        return EffectResult({"outcome": "nothing"})
    found = await read_messages(delivery, now, ts, only=ts)
    if now.fault is not None:
        return _left(delivery, now)
    raw = next((each for each in found if each.get("ts") == ts), None)
    said = await read_said(delivery, now, raw) if raw else None
    if raw is None or said is None or said.party is Party.NEITHER:
        return EffectResult({"outcome": "nothing"})
    thread = str(raw.get("thread_ts") or ts)
    link = await find_permalink(delivery, channel, ts)
    reporter = by if party is Party.COLLEAGUE else ""

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(SYSTEM, SOURCE))
        await _begin(work, now, said, thread, link, reporter)
        await settle_link(work, now)

    return EffectResult({"outcome": "taken"}, save)


def _left(delivery: Delivery, now: ChannelNow) -> EffectResult:
    """End a row whose channel cannot be used; what is wrong with the link is told.

    The result's ``outcome`` is the value of the fault.
    """

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(SYSTEM, SOURCE))
        await settle_link(work, now)

    return EffectResult({"outcome": now.fault.value if now.fault else "nothing"}, save)


async def _begin(
    work: UnitOfWork, now: ChannelNow, said: Said, thread: str, link: str, reporter: str
) -> None:
    """Open a candidate, or add to what came of the thread before; answer there once.

    A colleague who marked is the reporter; for a customer ``reporter`` is empty. Nothing is stored
    where the account is gone. The answer is an effect ``SAY`` with ``channel``, ``thread``,
    ``text`` (its key) and ``account``.
    """
    assert now.link is not None  # the caller asks
    channel, account = now.link.channel_id, now.link.account_key
    arrival = await _arrival(work, account, channel, thread, said, link=link, reporter=reporter)
    if arrival is None:
        return
    taken = await take_in_signal(work, arrival)
    row = await find_thread(work, channel, thread)
    if row is None:
        row = ConnectThread(channel_id=channel, ts=thread, since=said.ts, account_key=account)
    row.case_number = taken.case or row.case_number
    if not row.answered and taken.outcome != REPEATED:
        row.answered = True
        payload = {"channel": channel, "thread": thread, "text": "connect.received"}
        lane = channel_lane(channel)
        work.leave(SAY, lane, payload | {"account": account}, priority=effects.INTERACTIVE)
    work.session.add(row)
    await work.session.flush()
    if await _find_message(work, channel, said.ts) is None:
        work.session.add(_kept(work, row, said))
    await work.session.flush()
    await queue_thread_look(work, channel, thread)  # what was written there meanwhile


async def _arrival(
    work: UnitOfWork,
    account_key: str,
    channel: str,
    thread: str,
    said: Said,
    *,
    key: str = "",
    link: str = "",
    reporter: str = "",
) -> Arrival | None:
    """The message as intake takes it; None where the account is gone.

    Without ``key`` it is ``<channel>:<ts>``, so a message is taken in once, however often it is
    marked. The contact is named only where the customer wrote it. ``thread`` is ``<channel>:<ts of
    the thread>``.
    """
    account = await work.session.get(Account, account_key)
    if account is None:
        return None
    theirs = said.party is Party.CUSTOMER
    return Arrival(
        source=SOURCE,
        key=key or f"{channel}:{said.ts}",
        text=said.text,
        happened_at=said.at,
        account=account.key,
        customer=account.name,
        contact=Contact(name=said.name) if theirs else Contact(),
        thread=f"{channel}:{thread}",
        link=link,
        language=Language(account.language),
        reasons=(Reason.ASKED,),
        reported_by=reporter,
    )


# -- a thread


async def perform_thread(delivery: Delivery, job: Job) -> EffectResult:
    """Take in what is new, changed or taken back in a thread; payload: ``channel, thread``.

    The result has ``outcome``, ``read`` or the fault of the link, and where it was read
    ``messages``, how many Slack showed. Of a thread of another account than the channel is linked
    to now nothing is taken in.
    """
    channel, thread = str(job.row.payload["channel"]), str(job.row.payload["thread"])
    now = await see_channel(delivery, channel)
    if now.link is None or now.fault is not None:
        return _left(delivery, now)
    raw = await read_messages(delivery, now, thread)
    if now.fault is not None:
        return _left(delivery, now)
    read = [await read_said(delivery, now, each) for each in raw]
    said = [each for each in read if each is not None]
    shown = {str(each.get("ts")) for each in raw}
    whole = len(raw) < PAGE * PAGES_MAX

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(SYSTEM, SOURCE))
        row = await lock_thread_in_order(work, channel, thread)
        linked = now.link.account_key if now.link else ""
        if row is not None and row.account_key == linked:  # else it was another customer's then
            await _take_in(work, row, said)
            if whole:
                await _forget_deleted(work, row, shown)
        await settle_link(work, now)

    return EffectResult({"outcome": "read", "messages": len(raw)}, save)


async def lock_thread_in_order(work: UnitOfWork, channel: str, thread: str) -> ConnectThread | None:
    """Lock what the thread leads to, and then the thread, as a decision does: none waits in a ring.

    The order is the candidate that waits, the case, the thread, and last the link. None for a
    thread that is not read.
    """
    await lock_thread_candidate(work, SOURCE, f"{channel}:{thread}")
    query = select(ConnectThread.case_number).where(
        col(ConnectThread.channel_id) == channel, col(ConnectThread.ts) == thread
    )
    await _lock_home(work, (await work.session.exec(query)).first())
    return await find_thread(work, channel, thread)


async def _take_in(work: UnitOfWork, row: ConnectThread, said: Sequence[Said]) -> None:
    """Take in what is new, and what the customer's or a colleague's message says now if it changed.

    Messages before ``row.since`` and those of people of neither side are left out. The case is
    locked first, where there is one. Told is only a change of the customer's words.
    """
    case = await _case_of(work, row)
    for each in said:
        if each.ts < row.since or each.party is Party.NEITHER:
            continue
        known = await _find_message(work, row.channel_id, each.ts)
        if known is None:
            work.session.add(kept := _kept(work, row, each, case))
            await work.session.flush()
            await _new(work, row, kept, each, case)
        elif each.edited > known.edited and known.direction == "in":
            before, known.text, known.edited = known.text, each.text, each.edited
            work.session.add(known)
            if before != each.text:
                await _changed(work, row, known, each, before, case)


async def _case_of(work: UnitOfWork, row: ConnectThread) -> Case | None:
    """The case that the thread belongs to, locked, or the one in which that goes on."""
    return await _lock_home(work, row.case_number)


async def _lock_home(work: UnitOfWork, number: int | None) -> Case | None:
    """The case of that number, or the one in which it goes on, locked; None for no number."""
    if number is None:
        return None
    case = await work.session.get_one(Case, number)
    return await work.case((await follow_merged(work.session, case)).number)


async def _new(
    work: UnitOfWork, row: ConnectThread, kept: ConnectMessage, said: Said, case: Case | None
) -> None:
    """Have a new message heard: by the case, else by the candidate, which hears the customer only.

    A customer's counts as written no earlier than the case was received.
    """
    if case is None:
        if said.party is Party.CUSTOMER:
            await _add_signal(work, row, said)
        return
    if said.party is Party.CUSTOMER:
        await take_customer_message(work, case, max(kept.at, case.received_at), said.text)
        return
    told = {"at": kept.at.isoformat(), "by": said.user}
    work.note(case, "colleague_wrote", after=told, why=said.text, actor=Actor(SYSTEM, SOURCE))
    extra = {**told, "summary": said.text}
    await effects.queue_post(work, case, "notice:colleague_wrote", extra, part=effects.HEARD)
    await refresh_card(work, case)


async def _add_signal(work: UnitOfWork, row: ConnectThread, said: Said, key: str = "") -> None:
    arrival = await _arrival(work, row.account_key, row.channel_id, row.ts, said, key=key)
    if arrival is not None:
        taken = await take_in_signal(work, arrival)
        row.case_number = taken.case or row.case_number
        work.session.add(row)


async def _changed(
    work: UnitOfWork,
    row: ConnectThread,
    known: ConnectMessage,
    said: Said,
    before: str,
    case: Case | None,
) -> None:
    """Show a change beside what was there; a candidate hears it as another report."""
    if said.party is not Party.CUSTOMER:
        return
    if case is None:
        await _add_signal(work, row, said, f"{row.channel_id}:{said.ts}:{said.edited}")
        return
    told = {"at": known.at.isoformat()}
    work.note(case, "customer_edited", after=told, why=said.text, actor=Actor(SYSTEM, SOURCE))
    extra = {**told, "summary": said.text, "before_text": before}
    await effects.queue_post(work, case, "notice:customer_edited", extra, part=effects.HEARD)
    await refresh_card(work, case)


async def _forget_deleted(work: UnitOfWork, row: ConnectThread, shown: set[str]) -> None:
    """Forget the words of messages that were taken back, and say so in the case's channel."""
    query = select(ConnectMessage).where(
        col(ConnectMessage.channel_id) == row.channel_id,
        col(ConnectMessage.thread_ts) == row.ts,
        col(ConnectMessage.direction) == "in",
        col(ConnectMessage.state) != MessageState.DELETED,
    )
    for gone in (await work.session.exec(query.with_for_update())).all():
        if gone.ts in shown:
            continue
        theirs = gone.state is MessageState.RECEIVED
        gone.state, gone.text = MessageState.DELETED, ""
        work.session.add(gone)
        case = await _case_of(work, row)
        if case is not None and theirs:
            told = {"at": gone.at.isoformat()}
            actor = Actor(SYSTEM, SOURCE)
            work.note(case, "customer_deleted", after=told, actor=actor)
            part = effects.HEARD
            await effects.queue_post(work, case, "notice:customer_deleted", told, part=part)
            await refresh_card(work, case)


def _kept(
    work: UnitOfWork, row: ConnectThread, said: Said, case: Case | None = None
) -> ConnectMessage:
    """The row of a message of theirs or of a colleague's; its instant is never later than now."""
    theirs = said.party is Party.CUSTOMER
    return ConnectMessage(
        channel_id=row.channel_id,
        thread_ts=row.ts,
        ts=said.ts,
        direction="in",
        case_number=case.number if case else None,
        user=said.user,
        edited=said.edited,
        state=MessageState.RECEIVED if theirs else MessageState.COLLEAGUE,
        text=said.text,
        at=min(said.at, work.now),
    )


async def _find_message(work: UnitOfWork, channel: str, ts: str) -> ConnectMessage | None:
    """The message as it was kept, locked, ours included; None for one that was not seen before."""
    query = select(ConnectMessage).where(
        col(ConnectMessage.channel_id) == channel, col(ConnectMessage.ts) == ts
    )
    return (await work.session.exec(query.with_for_update())).first()
