"""How we last saw a ticket: what is new in it, and what is the echo of our own writing."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.helpdesks.judging import Ground
from bot.rules.helpdesks.tickets import TicketState
from messages.clients.helpdesks import Entry, Event
from storage.models import KnownTicket

TOGETHER = 3  # entries of a customer that a signal quotes at most


async def find_known(session: AsyncSession, helpdesk: str, ticket: str) -> KnownTicket | None:
    """The ticket as it was last seen; None for one that no look has read."""
    query = select(KnownTicket).where(
        col(KnownTicket.helpdesk) == helpdesk, col(KnownTicket.ticket) == ticket
    )
    return (await session.exec(query)).first()


def was_candidate(row: KnownTicket | None) -> bool:
    """Whether the ticket gave grounds before; one that was only a case's is no candidate."""
    return row is not None and bool(row.found.get("grounds"))


async def remember_ticket(work: UnitOfWork, helpdesk: str, state: TicketState) -> KnownTicket:
    """Store the ticket as it is now; answers its row, flushed.

    Status and tags are replaced; what ``found`` has besides ``tags``, and what was heard, stays.
    The row is not locked.
    """
    row = await find_known(work.session, helpdesk, state.ticket)
    row = row or KnownTicket(helpdesk=helpdesk, ticket=state.ticket, seen_at=work.now)
    row.status, row.seen_at = state.status, work.now
    row.found = {**row.found, "tags": sorted(state.tags)}
    work.session.add(row)
    await work.session.flush()
    return row


def is_echo(row: KnownTicket | None, event: Event) -> bool:
    """Whether a webhook about status and tags tells only what is known already.

    So it is of what we set ourselves: the row has it from the moment at which it was written.
    """
    if row is None or event.status is None or event.tags is None:
        return False
    return row.status == event.status and sorted(event.tags) == row.found.get("tags")


def new_grounds(
    row: KnownTicket, state: TicketState, grounds: Sequence[Ground]
) -> tuple[tuple[Ground, ...], list[str]]:
    """The grounds for which the ticket was no candidate yet, and all by their own names.

    A further rating, or a further target, is a new ground; that a tag is still there is none.
    """
    named = {ground: _name(ground, state) for ground in grounds}
    known = row.found.get("grounds", [])
    new = tuple(ground for ground, name in named.items() if name not in known)
    return new, [*known, *(named[ground] for ground in new)]


def _name(ground: Ground, state: TicketState) -> str:
    match ground:
        case Ground.RATING if state.rating is not None:
            return f"{ground}:{state.rating.key}:{state.rating.score}"
        case Ground.BREACH if state.breach_at is not None:
            return f"{ground}:{state.breach_at.isoformat()}"
        case _:
            return ground.value


def new_words(row: KnownTicket, entries: Sequence[Entry]) -> Entry | None:
    """What the customer wrote after the words that are known, as one entry; None without any."""
    theirs = [entry for entry in entries if entry.customer]
    ids = [entry.id for entry in theirs]
    if row.heard in ids:
        theirs = theirs[ids.index(row.heard) + 1 :]
    elif row.heard_at is not None:
        theirs = [entry for entry in theirs if entry.at > row.heard_at]
    return join_words(theirs)


def join_words(entries: Sequence[Entry]) -> Entry | None:
    """The newest entry, with the words of the ``TOGETHER`` last; None where there is none."""
    if not entries:
        return None
    text = "\n\n".join(entry.text for entry in entries[-TOGETHER:] if entry.text.strip())
    return replace(entries[-1], text=text)
