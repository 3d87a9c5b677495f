"""Which channel is which customer's: linking, unlinking, and asking Slack whether it works.

A link says nothing until Slack has told that the app is in the channel and that another
organisation shares it (``check``). Who links a channel confirms the organisations that share it
then; should another come in, the link is held until a person links it anew.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, select

from bot import effects
from bot.core.access import administrators, require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Intent, OptionalLine
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.names import fold_name
from bot.rules.words import ConnectFault, ConnectState
from storage.models import Account, Case, ConnectLink, ConnectThread, Problem
from storage.upsert import take_turns

SlackChannel = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9_]{1,30}$")]
AGAIN = timedelta(days=1)  # between two checks of a link
CHECK = "connect_check"  # the kind of the effect that asks Slack about a link


class ConnectChannel(Intent):
    """This channel is shared with this customer.

    ``channel`` is Slack's id of it (C… or G…). ``account`` is an account's key and goes before
    ``customer``, which may be a key too, or a name, compared without regard to case and accents as
    ``fold_name`` says.
    """

    verb: ClassVar[str] = "connect"
    channel: SlackChannel
    account: OptionalLine = ""
    customer: OptionalLine = ""


class DisconnectChannel(Intent):
    """This channel is no customer's any more."""

    verb: ClassVar[str] = "disconnect"
    channel: SlackChannel


async def connect_channel(work: UnitOfWork, intent: ConnectChannel) -> Answer | None:
    """Link the channel, and have Slack asked; the person hears by a message of their own.

    Another link of the channel, or of the customer, is replaced. Raises UserError
    ``not_your_role``, ``connect_unknown``, ``connect_whom`` where no customer is named,
    ``connect_ours`` for a channel in which we work.
    """
    await require_permission(work, None, "connect")
    account = await _account(work, intent)
    if await is_our_own(work, intent.channel):
        raise UserError("connect_ours")
    await link_account(work, account.key, intent.channel, by=work.actor.user_id)
    return None


async def disconnect_channel(work: UnitOfWork, intent: DisconnectChannel) -> Answer | None:
    """Take the link away: nothing goes there any more, and nothing is heard.

    Raises UserError ``not_your_role``, ``not_connected``.
    """
    await require_permission(work, None, "disconnect")
    link = await work.session.get(ConnectLink, intent.channel, with_for_update=True)
    if link is None:
        raise UserError("not_connected")
    account = await work.session.get(Account, link.account_key)
    await work.session.delete(link)
    customer = account.name if account else link.account_key
    return Answer(text="connect:ended", extra={"channel": link.channel_id, "customer": customer})


async def link_account(work: UnitOfWork, account: str, channel: str, *, by: str) -> None:
    """Store the link and queue its check; it takes the place of others of either.

    Transactions about one account take turns (``take_turns``), then the links that go are locked
    and deleted. The new one has state CHECKING and no confirmed organisations: no message of a case
    is queued for it until the check ran, which confirms those that share the channel then. ``by``
    is a user id, empty where the accounts file names the channel. The caller has checked the
    permission.
    """
    await take_turns(work.session, f"connect:{account}")
    query = select(ConnectLink).where(
        (col(ConnectLink.account_key) == account) | (col(ConnectLink.channel_id) == channel)
    )
    for earlier in (await work.session.exec(query.with_for_update())).all():
        await work.session.delete(earlier)
    await work.session.flush()
    link = ConnectLink(channel_id=channel, account_key=account, by=by, at=work.now)
    link.check_at = work.now + AGAIN
    work.session.add(link)
    await queue_check(work, channel, confirms=True)


async def queue_check(work: UnitOfWork, channel: str, *, confirms: bool = False) -> None:
    """Have Slack asked about a link; ``confirms``: those who share it now are the customer.

    The check stands in the channel's lane, so it is performed after what was queued for it before.
    ``perform_check`` in ``asking`` performs it and says what the payload is.
    """
    await work.queue(
        CHECK,
        channel_lane(channel),
        {"channel": channel, "confirms": confirms},
        priority=effects.INTERACTIVE,
    )


def channel_lane(channel: str) -> str:
    """The lane of a customer's channel: what is read and said there follows one another."""
    return f"connect:{channel}"


async def is_our_own(work: UnitOfWork, channel: str) -> bool:
    """True for a channel of a case or a problem, and for those where agents work.

    Cases and problems that are over count too, as long as their row names the channel. The channels
    of agents are ``agent_channels`` of the policy.
    """
    if channel in work.policy.agent_channels:
        return True
    for table in (Case, Problem):
        query = select(table.number).where(col(table.channel_id) == channel).limit(1)
        if (await work.session.exec(query)).first() is not None:
            return True
    return False


async def _account(work: UnitOfWork, intent: ConnectChannel) -> Account:
    """Return the account that the intent means: by key first, then by its folded name.

    Raises UserError ``connect_whom`` where the intent names none, and ``connect_unknown``
    (``customer``, as typed) where no account has that name, or more than one has.
    """
    typed = intent.account or intent.customer
    if not typed:
        raise UserError("connect_whom")
    if (account := await work.session.get(Account, typed)) is not None:
        return account
    query = select(Account).where(col(Account.folded) == fold_name(typed)).limit(2)
    found = (await work.session.exec(query)).all()
    if len(found) != 1:
        raise UserError("connect_unknown", customer=typed)
    return found[0]


async def hold_link(work: UnitOfWork, link: ConnectLink, fault: ConnectFault) -> None:
    """Let nothing through any more, and tell who can put it right; the same fault is told once.

    The link must be locked. The text is ``connect:held``; another fault than the one before is told
    again. A later look without a fault lets it work again (``settle_link``).
    """
    if link.state is ConnectState.HELD and link.fault == fault:
        return
    link.state, link.fault = ConnectState.HELD, fault.value
    work.session.add(link)
    await tell_of_link(work, link, "connect:held")


async def tell_of_link(
    work: UnitOfWork, link: ConnectLink, text: str, more: Mapping[str, str] | None = None
) -> None:
    """Tell the person who linked it; where the accounts file did, those who look after the app.

    ``extra``: ``channel`` (id), ``customer`` (the account's name, or its key where the account is
    gone), ``fault`` (a ConnectFault, or empty), ``teams`` (ids of the confirmed organisations), and
    what ``more`` has.
    """
    account = await work.session.get(Account, link.account_key)
    said = {
        "channel": link.channel_id,
        "customer": account.name if account else link.account_key,
        "fault": link.fault,
        "teams": list(link.teams.get("ids", ())),
        **(more or {}),
    }
    for user in hearers_of_link(work, link):
        await effects.queue_dm(work, user, text, None, said)


def hearers_of_link(work: UnitOfWork, link: ConnectLink) -> list[str]:
    """Who is told about a link: who made it, else who looks after the app."""
    return [link.by] if link.by else list(administrators(work.policy))


async def check_due_link(work: UnitOfWork, link: ConnectLink, says: object) -> None:
    """Ask Slack about a link once a day; about one of the accounts file as soon as it is there.

    ``link`` is locked. Until organisations were confirmed once, the check confirms those that share
    the channel; afterwards those must suffice. ``says`` is not read.
    """
    link.check_at = work.now + AGAIN
    work.session.add(link)
    await queue_check(work, link.channel_id, confirms=not link.teams.get("ids"))


async def find_thread(work: UnitOfWork, channel: str, ts: str) -> ConnectThread | None:
    """The thread that is read, locked; None for any other."""
    query = select(ConnectThread).where(
        col(ConnectThread.channel_id) == channel, col(ConnectThread.ts) == ts
    )
    return (await work.session.exec(query.with_for_update())).first()
