"""Which live case a report is about already: by its message, its ticket, or its customer.

Every query takes the condition of what its reader may see: a restricted case is found only by the
people on it, and to all others neither the answer nor its time tells that there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import select_customer_names
from bot.customers.channels import HasChannels, customer_channels
from bot.rules.lifecycle import LIVE
from bot.rules.names import fold_name
from bot.rules.words import Status
from storage.models import Case, CaseReport

MESSAGE, TICKET = "message", "ticket"  # by what a report is known again


@dataclass(frozen=True, slots=True)
class Source:
    """Where a report comes from, as far as it is known; empty text where it is not.

    ``message`` is a Slack message's address. ``desk`` and ``ticket`` are the help desk and the
    ticket's id there that ``ticket_url`` names, where such a help desk is set up.
    """

    message: str = ""
    ticket_url: str = ""
    desk: str = ""
    ticket: str = ""

    @property
    def names(self) -> list[str]:
        """What two reports of the same source have in common, the message first.

        Names for ``take_turns``: none without message and ticket. A ticket of a help desk that is
        set up is named by help desk and id, so two addresses of one ticket have the same name; any
        other by its address.
        """
        ticket = f"{self.desk}:{self.ticket}" if self.ticket else self.ticket_url
        return [f"report:{name}" for name in (self.message, ticket) if name]


def read_source(holder: HasChannels, message: str, ticket_url: str) -> Source:
    """Return the source with the ticket that its address names.

    ``desk`` and ``ticket`` stay empty for an address of no help desk that is set up. Nothing
    outside is asked.
    """
    channels = customer_channels(holder)
    named = channels.ticket_at(ticket_url) if channels and ticket_url else None
    desk, ticket = named or ("", "")
    return Source(message, ticket_url, desk, ticket)


async def find_same_source(
    session: AsyncSession, source: Source, shown: ColumnElement[bool]
) -> tuple[Case, str] | None:
    """Return the live case with the same message, else with the same ticket, and by which.

    The oldest, where there are several. ``shown`` is the condition of what the reader may see.
    Nothing is locked.
    """
    ways = ((MESSAGE, source.message, _by_message), (TICKET, source.ticket_url, _by_ticket))
    for way, given, condition in ways:
        if given:
            query = select(Case).where(_is_live(), shown, _or_merged(condition(source)))
            case = (await session.exec(query.order_by(col(Case.number)).limit(1))).first()
            if case is not None:
                return case, way
    return None


def _or_merged(same: ColumnElement[bool]) -> ColumnElement[bool]:
    """A case of that source, or the one in which such a case goes on, through all its merges."""
    merged = col(Case.status) == Status.MERGED.value
    on = select(col(Case.merged_into).label("number")).where(same, merged).cte(recursive=True)
    further = select(col(Case.merged_into)).join(on, col(Case.number) == on.c.number)
    on = on.union(further.where(merged))  # without repeats, so it ends whatever the rows say
    return or_(same, col(Case.number).in_(select(on.c.number)))


def _is_live() -> ColumnElement[bool]:
    return col(Case.status).in_([status.value for status in LIVE])


def _by_message(source: Source) -> ColumnElement[bool]:
    """The condition that the case, or a further report of it, came from this Slack message."""
    return or_(
        col(Case.source_link) == source.message,
        _reported(col(CaseReport.source_link) == source.message),
    )


def _by_ticket(source: Source) -> ColumnElement[bool]:
    """The condition that the case or a further report names this address, or that the case is
    linked to the ticket.
    """
    same = [
        col(Case.ticket_url) == source.ticket_url,
        _reported(col(CaseReport.ticket_url) == source.ticket_url),
    ]
    if source.ticket:
        same.append(and_(col(Case.helpdesk) == source.desk, col(Case.ticket) == source.ticket))
    return or_(*same)


def _reported(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return col(Case.number).in_(select(CaseReport.case_number).where(condition))


async def find_live_cases(
    session: AsyncSession, account: str, name: str, shown: ColumnElement[bool], limit: int
) -> Sequence[Case]:
    """Return the customer's live cases, the oldest first: of the account, or of the same name.

    Names are compared as ``fold_name`` does, among the names of all cases. ``account`` may be
    empty. ``shown`` is the condition of what the reader may see. An empty ``name`` finds cases
    without a name. Nothing is locked.
    """
    wanted = fold_name(name)
    names = [
        n for n in (await session.exec(select_customer_names())).all() if fold_name(n) == wanted
    ]
    same: list[Any] = [col(Case.customer).in_(names)]
    if account:
        same.append(col(Case.account_key) == account)
    query = select(Case).where(_is_live(), shown, or_(*same))
    return (await session.exec(query.order_by(col(Case.number)).limit(limit))).all()
