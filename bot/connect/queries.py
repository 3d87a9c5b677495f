"""Questions about customers' channels that change nothing."""

from collections.abc import Sequence
from typing import Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.facts.sharing import ConnectionFacts
from bot.rules.words import ConnectFault, ConnectState
from storage.database import Database
from storage.models import Account, ConnectLink, ConnectThread


class ReadsStore(Protocol):
    """What the queries need of the process."""

    @property
    def database(self) -> Database:
        """The store."""


class ConnectReading:
    """The queries about customers' channels."""

    def __init__(self, services: ReadsStore) -> None:
        self._services = services

    async def concerns(self, channel: str, thread: str) -> bool:
        """True for a linked channel, and there for a thread that is read, where one is named.

        ``thread`` is the ts of its first message, empty for a message outside any thread. A link
        that is held or not yet checked counts as well.
        """
        async with self._services.database.read() as session:
            if not channel or await session.get(ConnectLink, channel) is None:
                return False
            query = select(ConnectThread.id).where(
                col(ConnectThread.channel_id) == channel, col(ConnectThread.ts) == thread
            )
            return not thread or (await session.exec(query)).first() is not None

    async def links(self) -> Sequence[ConnectionFacts]:
        """Every link, those that do not work first, then by the customer's name."""
        async with self._services.database.read() as session:
            return await list_links(session)


async def list_links(session: AsyncSession) -> list[ConnectionFacts]:
    """Every link, those that do not work first, then by the customer's name."""
    query = select(ConnectLink, Account.name).outerjoin(
        Account, col(Account.key) == col(ConnectLink.account_key)
    )
    found = [_facts(link, name) for link, name in (await session.exec(query)).all()]
    return sorted(found, key=lambda each: (each.state is ConnectState.WORKING, each.customer))


def _facts(link: ConnectLink, name: str | None) -> ConnectionFacts:
    """Return a link as lists show it.

    ``name`` is the account's, None where the account is gone: the key stands for the name then, and
    the fault is NO_ACCOUNT unless another one is stored.
    """
    fault = ConnectFault.NO_ACCOUNT if name is None else None
    if link.fault:
        fault = ConnectFault(link.fault)
    teams = tuple(link.teams.get("ids", ()))
    customer = name or link.account_key
    return ConnectionFacts(link.channel_id, customer, link.state, fault, link.by, teams)
