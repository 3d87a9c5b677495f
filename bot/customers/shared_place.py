"""Where the customer of a case is written to in Slack: their channel, and the thread in it."""

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.words import ConnectState
from storage.models import Case, ConnectLink, ConnectThread

BY_CHANNEL = "slack"  # the route of a message that the app posts in the customer's channel


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """A working channel of the customer; ``thread`` is empty while the case has none there.

    ``by`` is who linked it, empty where the accounts file did.
    """

    channel: str
    thread: str
    by: str

    def __str__(self) -> str:
        """What an approval is bound to: ``slack:C0ACME:1700000000.000100``."""
        return f"{BY_CHANNEL}:{self.channel}:{self.thread}"


async def find_shared_place(
    session: AsyncSession, number: int, account: str | None
) -> SharedPlace | None:
    """Where the case of this number and account is written to; None: nowhere, or not now."""
    if not account:
        return None
    query = select(ConnectLink).where(
        col(ConnectLink.account_key) == account, col(ConnectLink.state) == ConnectState.WORKING
    )
    if (link := (await session.exec(query)).first()) is None:
        return None
    threads = select(ConnectThread.ts).where(
        col(ConnectThread.case_number) == number, col(ConnectThread.channel_id) == link.channel_id
    )
    newest = (await session.exec(threads.order_by(col(ConnectThread.id).desc()))).first()
    return SharedPlace(link.channel_id, newest or "", link.by)


async def shared_place_of(session: AsyncSession, case: Case, route: str) -> SharedPlace | None:
    """The place of a message by this route; None for every other route."""
    if route != BY_CHANNEL:
        return None
    return await find_shared_place(session, case.number, case.account_key)
