"""Saying something in a customer's channel: once, and only where it is still theirs alone.

Before each try Slack is asked whether the channel is the linked one, shared with the organisations
that were confirmed and no other. A retry first looks for what an earlier try left, by the row's id
in the message's metadata. No transaction is open meanwhile.
"""

import html
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.connect.asking import FAULTS, ChannelNow, see_channel, settle_link
from bot.connect.links import tell_of_link
from bot.customers.delivery import (
    Shipment,
    conclude,
    may_try_again,
    record_delivery,
    record_refusal,
)
from bot.customers.shared_place import BY_CHANNEL, find_shared_place
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import RECOVERABLE_ERRORS, Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import ConnectFault, Language
from bot.slack import find_earlier
from messages.clients.shared_channels import speaking_to_all
from messages.clients.slack import SlackRefused, SlackUnknown
from messages.kit.texts import t
from storage.models import Account, Case, ConnectMessage, ConnectThread, SentMessage

NOT_ONE = "-"  # no account has this key: a case without an account has no channel


class NotSaidError(Exception):
    """Nothing may be said in the channel, or Slack does not take it; ``fault`` as ConnectFault.

    ``reason`` is the fault's word, or what Slack or the last try said where that is no fault of the
    link; then ``fault`` is None. ``now`` is what was seen of the channel before.
    """

    def __init__(self, reason: str, now: ChannelNow, fault: ConnectFault | None = None) -> None:
        super().__init__(reason)
        self.reason, self.now, self.fault = reason, now, fault


async def say_once(
    delivery: Delivery, job: Job, channel: str, thread: str, words: str, *, account: str = ""
) -> tuple[str, ChannelNow]:
    """Post words for the customer, once; return the message's ts and what was seen of the channel.

    ``thread`` is the ts of the thread's first message; empty begins a new one. The words are posted
    as plain text: ``&``, ``<`` and ``>`` are escaped, Markdown is off, links are not unfolded.
    Where an earlier try may have posted, the channel is searched first, and what is found counts as
    said. With ``account``, an account's key, nothing is posted where the channel is another's.

    Raises NotSaidError for a fault of the link and for what Slack refuses for good, with
    OTHER_CUSTOMER for another account's channel, and what ``Delivery.call`` raises for what passes
    (``RECOVERABLE_ERRORS`` among the refusals).
    """
    now = await see_channel(delivery, channel)
    if now.fault is not None:
        raise NotSaidError(now.fault.value, now, now.fault)
    try:
        if job.tried_before:
            found = await find_earlier.our_message(delivery.call, channel, job.row, thread)
            if found is not None:
                return str(found["ts"]), now
        if account and now.link is not None and now.link.account_key != account:
            other = ConnectFault.OTHER_CUSTOMER
            raise NotSaidError(other.value, now, other)
        arguments: dict[str, Any] = {"thread_ts": thread or None, "mrkdwn": False}
        with speaking_to_all(channel):
            answer = await delivery.call(
                "chat.postMessage",
                channel=channel,
                text=html.escape(words, quote=False),  # no mark-up of theirs or ours is read
                metadata=find_earlier.message_metadata(job.row),
                unfurl_links=False,
                unfurl_media=False,
                **arguments,
            )
    except SlackRefused as refused:
        if refused.code in RECOVERABLE_ERRORS:
            raise
        fault = FAULTS.get(refused.code)
        now.fault = fault  # told by the post alone, and so of the channel as it is now
        raise NotSaidError(fault.value if fault else refused.code, now, fault) from refused
    return str(answer["ts"]), now


# -- what a person wrote


async def deliver_in_channel(delivery: Delivery, job: Job) -> EffectResult:
    """Post a person's message to the customer; the ``ConnectMessage`` of this row says which.

    The first one of a case begins its thread. Refused ends the row at once, and its author is told;
    while Slack does not answer it is tried again, for a day at most. The result has ``ts`` and
    ``refused``.
    """
    async with delivery.services.database.read() as session:
        query = select(ConnectMessage).where(col(ConnectMessage.outbox_id) == job.row.id)
        row = (await session.exec(query)).one()
        message = await session.get_one(SentMessage, row.sent_message)
        case = await session.get_one(Case, row.case_number)
        place = await find_shared_place(session, case.number, case.account_key)
    thread = place.thread if place is not None and place.channel == row.channel_id else ""
    try:
        ts, now = await say_once(
            delivery, job, row.channel_id, thread, message.text, account=case.account_key or NOT_ONE
        )
    except NotSaidError as refused:
        return _outcome(delivery, job, row, refused.now, refusal=refused)
    except (SlackUnknown, SlackRefused) as problem:
        waiting = _shipment(row, message)
        if await may_try_again(delivery, job, row.case_number, waiting, str(problem)):
            raise
        lost = NotSaidError(str(problem), ChannelNow(None, None))
        return _outcome(delivery, job, row, lost.now, refusal=lost)
    return _outcome(delivery, job, row, now, ts=ts, thread=thread)


def _shipment(row: ConnectMessage, message: SentMessage, fault: str = "") -> Shipment:
    """Return the message as one on its way; ``fault`` is a ConnectFault's word, else empty.

    Timeline entries and notices carry it as ``fault``; a failure's entry adds ``message``, the id
    of the ``SentMessage``.
    """
    about = {"fault": fault}
    reference = {"message": message.id}
    return Shipment(row, BY_CHANNEL, message.kind, message.text, about, reference)


def _outcome(
    delivery: Delivery,
    job: Job,
    row: ConnectMessage,
    now: ChannelNow,
    *,
    ts: str = "",
    thread: str = "",
    refusal: NotSaidError | None = None,
) -> EffectResult:
    """The end of the row, in one transaction with what it means for the case and for the link.

    The case is locked before the link. With ``refusal`` the message is refused, and the clocks go
    on; else it counts as delivered from now, and ``ts`` and ``thread`` (its own ``ts`` where it
    began one) are kept in its ``ConnectMessage``.
    """

    async def record(work: UnitOfWork) -> None:
        assert row.case_number is not None  # messages of persons are about cases
        case = await work.case(row.case_number)
        ours = await work.session.get_one(ConnectMessage, row.id)
        message = await work.session.get_one(SentMessage, row.sent_message)
        await settle_link(work, now)
        if refusal is not None:
            fault = refusal.fault.value if refusal.fault else ""
            await record_refusal(work, case, _shipment(ours, message, fault), refusal.reason)
            return
        ours.ts, ours.thread_ts = ts, thread or ts
        await _keep_thread(work, case, ours)
        await record_delivery(work, case, _shipment(ours, message))

    reason = refusal.reason if refusal else ""
    return conclude(delivery, job, {"ts": ts, "refused": reason}, record)


async def _keep_thread(work: UnitOfWork, case: Case, ours: ConnectMessage) -> None:
    """Read the thread from now on, where this message began it.

    An answer in an older thread adds nothing, and neither does a repetition. The thread belongs to
    the case at once, and counts as ``answered``.
    """
    if ours.thread_ts != ours.ts:
        return
    assert ours.ts is not None  # it was just posted
    query = select(ConnectThread.id).where(
        col(ConnectThread.channel_id) == ours.channel_id, col(ConnectThread.ts) == ours.ts
    )
    if (await work.session.exec(query)).first() is None:
        work.session.add(
            ConnectThread(
                channel_id=ours.channel_id,
                ts=ours.ts,
                since=ours.ts,
                account_key=case.account_key or "",
                case_number=case.number,
                answered=True,
            )
        )


# -- what the app itself says


async def deliver_words(delivery: Delivery, job: Job) -> EffectResult:
    """Post approved words of the app's own in a thread.

    Payload: ``channel``, ``thread``, and ``text``, a key of the texts in the customer's language,
    or ``words`` that a person wrote, which go before ``text``. ``account`` is the key of the
    account with that language; without it, or where it is gone, the words are English. What cannot
    be said is told with its reason to those who hear of the link (``connect:unsaid``), and a fault
    of the channel holds the link. The result has ``ts`` and ``refused`` (the reason), one of them
    empty.
    """
    payload = job.row.payload
    async with delivery.services.database.read() as session:
        account = await session.get(Account, str(payload.get("account") or ""))
    language = Language(account.language) if account else Language.ENGLISH
    words = str(payload.get("words") or "") or t(language, str(payload["text"]))
    try:
        ts, now = await say_once(delivery, job, payload["channel"], payload["thread"], words)
        result = {"ts": ts, "refused": ""}
    except NotSaidError as refused:
        result, now = {"ts": "", "refused": refused.reason}, refused.now

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(SYSTEM, "connect"))
        await settle_link(work, now)
        if result["refused"] and now.link is not None:
            said = {"reason": result["refused"], "text": words}
            await tell_of_link(work, now.link, "connect:unsaid", said)

    return EffectResult(result, save)
