"""Cases and tickets: which belongs to which, and what is left for delivery to a help desk.

A ticket has at most one live case. A case has at most one ticket, named by ``helpdesk`` and
``ticket`` (the id there); ``ticket_since`` is when it was linked, and what was written earlier is
not read. ``ticket_url`` is what the reporter typed and may name no ticket at all.
"""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import entrusted_roles, exists_for, require_permission
from bot.core.reactions import CaseCorrected, CaseOpened
from bot.core.steps import (
    authorize_case,
    case_answer,
    follow_merged,
    refresh_card,
    require_status,
)
from bot.customers.channels import customer_channels
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase, Url
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.permissions import PERMISSIONS
from bot.rules.states import MessageState
from messages.clients.helpdesks import Connector, Event
from storage.columns import LINKED
from storage.models import Case, SentMessage, TicketReply

REPLY, LOOK = "reply", "look"  # what a row of the outbox does in a ticket


def connector_of(work: UnitOfWork, case: Case) -> Connector:
    """The help desk that the case's ticket is in.

    Raises UserError ``no_ticket`` when none is linked, ``no_desk`` when its help desk is not set
    up.
    """
    if not case.ticket:
        raise UserError("no_ticket")
    channels = customer_channels(work)
    found = channels.helpdesks.get(case.helpdesk) if channels else None
    if found is None:
        raise UserError("no_desk")
    return found


async def case_of(session: AsyncSession, name: str, ticket: str) -> Case | None:
    """The case that a ticket belongs to: the newest live one, else the newest; None without any.

    The row is not locked.
    """
    query = select(Case).where(col(Case.helpdesk) == name, col(Case.ticket) == ticket, LINKED)
    found = (await session.exec(query.order_by(col(Case.number).desc()))).all()
    return next((case for case in found if case.status in LIVE), next(iter(found), None))


async def adopt_ticket(work: UnitOfWork, event: CaseOpened) -> None:
    """Link a new case to the ticket that its addresses name, if no other live case has it.

    Of ``ticket_url`` and ``source_link`` the first that names a free ticket counts. When the
    reporter may not link tickets, the notice ``ticket_not_linked`` (``extra``: ``url``) in the
    channel asks people who may. Reacts to CaseOpened, in its transaction.
    """
    await adopt_address(work, event.case, (event.case.ticket_url, event.case.source_link))


async def adopt_address(work: UnitOfWork, case: Case, urls: Iterable[str]) -> None:
    """Link the case to the ticket that the first of ``urls`` names which no other live case has.

    Addresses that are empty, name no ticket, or name one that is taken are passed over in silence.
    Where the actor may not link tickets, the channel is asked, as ``adopt_ticket`` says, and no
    further address is tried. A case without an address of its ticket has that one from then on. The
    case must be new, or locked.
    """
    channels = customer_channels(work)
    for url in urls:
        named = channels.ticket_at(url) if channels and url else None
        if named is None or await find_holder(work, case, *named) is not None:
            continue
        if await _may_link(work, case):
            old, case.ticket_url = case.ticket_url, case.ticket_url or url
            await effects.replace_bookmark(work, case, old)
            await _join(work, case, *named)
        else:
            await effects.queue_post(work, case, "notice:ticket_not_linked", {"url": url})
        return


async def _may_link(work: UnitOfWork, case: Case) -> bool:
    """True when a role that the actor did not take themselves may link tickets.

    Raising the case makes them an agent on it, which alone does not count.
    """
    theirs = await entrusted_roles(work.session, work.policy, work.actor.user_id, case)
    return bool(theirs & PERMISSIONS["link_ticket"])


async def find_holder(work: UnitOfWork, case: Case, name: str, ticket: str) -> Case | None:
    """Another live case that has the ticket, or into which one that has it was merged; else None.

    It is not locked.
    """
    found = await case_of(work.session, name, ticket)
    other = await follow_merged(work.session, found) if found else None
    return other if other and other.number != case.number and other.status in LIVE else None


async def _join(work: UnitOfWork, case: Case, name: str, ticket: str) -> None:
    """Write the link and queue the first look. Timeline ``link_ticket``: ``desk``, ``ticket``."""
    case.helpdesk, case.ticket, case.ticket_since = name, ticket, work.now
    case.ticket_requester = ""  # the first look says who it is
    work.session.add(case)
    work.note(case, "link_ticket", after={"desk": name, "ticket": ticket})
    await queue_ticket_look(work, case)


class LinkTicket(OnCase):
    """The case is about this ticket or conversation in a help desk."""

    verb: ClassVar[str] = "link_ticket"
    url: Annotated[Url, StringConstraints(min_length=1)]


class UnlinkTicket(OnCase):
    """The case is linked to no ticket any more."""

    verb: ClassVar[str] = "unlink_ticket"


async def link_ticket(work: UnitOfWork, intent: LinkTicket) -> Answer | None:
    """Link the case to the ticket: its messages can go there, and its customer is heard there.

    Naming the ticket that is linked already only replaces the address. Raises UserError
    ``no_desk_to_link`` (no help desk is set up), ``unknown_ticket`` (the address names no ticket of
    one), ``ticket_taken`` (another live case has it, ``other``). Where that is a restricted case
    that the actor is not on, the refusal is ``unknown_ticket``, which does not tell of the case.
    """
    case = await authorize_case(work, intent.case, "link_ticket")
    require_status(case, "link_ticket")
    channels = customer_channels(work)
    if channels is None or not channels.helpdesks:
        raise UserError("no_desk_to_link")
    named = channels.ticket_at(intent.url)
    if named is None:
        raise UserError("unknown_ticket")
    await _require_free(work, case, *named)
    old, case.ticket_url = case.ticket_url, intent.url
    await effects.replace_bookmark(work, case, old)
    if named != (case.helpdesk, case.ticket):
        await _join(work, case, *named)
    await refresh_card(work, case)
    return case_answer(case, "notice:ticket_linked", desk=case.helpdesk, url=case.ticket_url)


async def _require_free(work: UnitOfWork, case: Case, name: str, ticket: str) -> None:
    """Raises UserError ``ticket_taken`` (``other``), ``unknown_ticket`` as ``link_ticket`` does."""
    other = await find_holder(work, case, name, ticket)
    if other is None:
        return
    if not await exists_for(work.session, work.policy, other, work.actor.user_id):
        raise UserError("unknown_ticket")
    raise UserError("ticket_taken", other=f"ESC-{other.number}")


async def follow_address(work: UnitOfWork, event: CaseCorrected) -> None:
    """Follow a corrected address: the ticket that it names is linked, one that it left is not.

    ``event.was`` has under ``ticket`` the address before, first of its tuple; without that key
    nothing happens. An address that names no ticket of a help desk that is set up is kept as a
    link, for people. Linking and unlinking take the permission that they take by themselves. Raises
    UserError as ``link_ticket`` does, which takes the correction back too.
    """
    if "ticket" not in event.was:
        return
    case = event.case
    channels = customer_channels(work)
    named = channels.ticket_at(case.ticket_url) if channels and case.ticket_url else None
    if named is not None and named != (case.helpdesk, case.ticket):
        await require_permission(work, case, "link_ticket")
        await _require_free(work, case, *named)
        await _join(work, case, *named)
    elif named is None and case.ticket:
        await require_permission(work, case, "unlink_ticket")
        drop_link(work, case)
    await effects.replace_bookmark(work, case, event.was["ticket"][0])


async def unlink_ticket(work: UnitOfWork, intent: UnlinkTicket) -> Answer | None:
    """Stop reading the ticket; what was read stays. Raises UserError ``no_ticket``.

    The address stays as a link. Replies that are queued already are still sent: each row keeps its
    ticket's id. Looks that are queued for the case read nothing any more. Timeline
    ``unlink_ticket``: ``desk`` and ``ticket``, as before and after alike.
    """
    case = await authorize_case(work, intent.case, "unlink_ticket")
    if not case.ticket:
        raise UserError("no_ticket")
    desk = drop_link(work, case)
    await refresh_card(work, case)
    return case_answer(case, "notice:ticket_unlinked", desk=desk)


def drop_link(work: UnitOfWork, case: Case) -> str:
    """Forget the case's ticket, and note it; answers the help desk. The case must be locked."""
    said = {"desk": case.helpdesk, "ticket": case.ticket}
    case.helpdesk = case.ticket = case.ticket_requester = ""
    case.ticket_since = None
    work.session.add(case)
    work.note(case, "unlink_ticket", before=said, after=said)
    return said["desk"]


async def part_tickets(work: UnitOfWork, child: Case, parent: Case) -> None:
    """Give a ticket back to a case that was merged, and is not any more.

    It is the parent's no longer, if that was linked to it meanwhile; where a third live case has
    it, it stays there. Child and parent must be locked.
    """
    if not child.ticket:
        return
    if (parent.helpdesk, parent.ticket) == (child.helpdesk, child.ticket):
        drop_link(work, parent)
    linked = (col(Case.helpdesk) == child.helpdesk, col(Case.ticket) == child.ticket, LINKED)
    query = select(Case.status).where(*linked, col(Case.number) != child.number)
    if any(status in LIVE for status in (await work.session.exec(query)).all()):
        drop_link(work, child)


class TicketCourier:
    """Sends the messages of cases as replies in their tickets, each ticket's in one lane."""

    medium = "ticket"

    async def queue_message(
        self, work: UnitOfWork, case: Case, message: SentMessage, receipt: int | None
    ) -> None:
        """Queue a reply in the case's ticket; the broadcast's line is found by the message.

        Raises UserError ``no_ticket``, ``no_desk``.
        """
        await queue_reply(work, case, message)


async def queue_reply(work: UnitOfWork, case: Case, message: SentMessage) -> TicketReply:
    """Queue a person's message as a public reply in the case's ticket.

    The reply's mark is ``ESC-<case>-<id>`` (``ESC-7-31``), by which a retry finds it in the help
    desk. Raises UserError ``no_ticket`` (none is linked, or it is in another help desk than the
    message's route names), ``no_desk``.
    """
    if message.route != case.helpdesk:
        raise UserError("no_ticket")
    connector_of(work, case)
    row = await work.queue(
        case.helpdesk, ticket_lane(case), {"do": REPLY}, case=case, priority=effects.INTERACTIVE
    )
    reply = TicketReply(
        case_number=case.number,
        helpdesk=case.helpdesk,
        ticket=case.ticket,
        direction="out",
        sent_message=message.id,
        outbox_id=row,
        state=MessageState.QUEUED,
        at=work.now,
    )
    work.session.add(reply)
    await work.session.flush()
    reply.mark = f"ESC-{case.number}-{reply.id}"
    work.session.add(reply)
    return reply


async def queue_ticket_look(work: UnitOfWork, case: Case) -> None:
    """Queue a look into the case's ticket, as ``queue_look`` does."""
    await queue_look(work, case.helpdesk, case.ticket, case)


async def queue_look(
    work: UnitOfWork,
    helpdesk: str,
    ticket: str,
    case: Case | None = None,
    *,
    event: Event | None = None,
) -> None:
    """Queue a look into a ticket, unless the last row that waits in its lane is the same.

    The lane's rows that no delivery has claimed are locked until the transaction ends, so that the
    look which is found is still to be done. Payload: ``do``; ``ticket``, its id; of the ``event``
    that asks for it ``rating``, ``merged`` and ``into``. The row is the case's where the ticket is
    linked to one.
    """
    lane = f"{helpdesk}:{ticket}"
    payload: dict[str, Any] = {"do": LOOK, "ticket": ticket}
    if event is not None:
        told = {"rating": event.rating, "merged": event.merged, "into": event.into}
        payload |= {name: value for name, value in told.items() if value}
    rows = await effects.lock_waiting(work, lane)
    if not rows or rows[-1].payload != payload:
        work.leave(helpdesk, lane, payload, case=case, priority=effects.INTERACTIVE)


def ticket_lane(case: Case) -> str:
    """The lane of a ticket, ``zendesk:123``: replies and looks are done one after the other."""
    return f"{case.helpdesk}:{case.ticket}"
