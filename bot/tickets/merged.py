"""A ticket that went up in another: the one is an alias of the other from then on."""

from bot import effects
from bot.core.access import exists_for
from bot.core.reactions import TicketsMerged, react
from bot.core.steps import refresh_card
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.helpdesks.tickets import TicketState
from bot.tickets.known import find_known
from bot.tickets.link import find_holder
from storage.in_hand import rows_about
from storage.models import Case, KnownTicket, TimelineEvent

MERGED = "ticket_merged"  # the verb of the record's entry


async def follow_ticket(
    work: UnitOfWork, helpdesk: str, ticket: str, state: TicketState, case: Case | None = None
) -> None:
    """Where ``ticket`` went up in another, let its case and what arrived from it go on there.

    ``state`` is that of the surviving ticket. The alias is kept in ``merged_into`` of the row of
    ``ticket``, which is made where there is none and looked at no more. TicketsMerged is raised
    once, before the case moves; ``case`` must be locked. A case that was linked after the merge
    moves as well.

    Where another live case has the surviving ticket, each keeps its own: the channel of ``case`` is
    told once, and what is written is heard once, in the one that reads it first.
    """
    into = state.ticket
    if into == ticket:
        return
    row = await find_known(work.session, helpdesk, ticket)
    if row is None or row.merged_into != into:
        row = row or KnownTicket(helpdesk=helpdesk, ticket=ticket, seen_at=work.now)
        row.merged_into, row.look_at = into, None
        work.session.add(row)
        await react(work, TicketsMerged(helpdesk, ticket, into))
    if case is not None and case.ticket == ticket and not await _was_told(work, case, into):
        await _move_case(work, case, state)


async def _was_told(work: UnitOfWork, case: Case, into: str) -> bool:
    """Whether the case was told of this merge since it was linked; then it keeps its ticket."""
    since = case.ticket_since or case.received_at
    return any(
        entry.verb == MERGED and entry.after.get("ticket") == into and entry.at >= since
        for entry in await rows_about(work.session, TimelineEvent, case.number)
    )


async def _move_case(work: UnitOfWork, case: Case, state: TicketState) -> None:
    """Link the case to the surviving ticket, unless another live case has it.

    Timeline ``ticket_merged``: ``desk``, ``ticket`` (the surviving one), before ``ticket``.
    """
    before = {"desk": case.helpdesk, "ticket": case.ticket}
    other = await find_holder(work, case, case.helpdesk, state.ticket)
    work.note(
        case,
        MERGED,
        before=before,
        after={"desk": case.helpdesk, "ticket": state.ticket},
    )
    if other is None:
        old, case.ticket_url = case.ticket_url, state.link
        case.ticket = state.ticket
        work.session.add(case)
        await effects.replace_bookmark(work, case, old)
    shown = other is not None and await _may_name(work, case, other)
    extra = {
        "desk": case.helpdesk,
        "url": state.link,
        "duplicate": f"ESC-{other.number}" if other is not None and shown else "",
        "kept": other is not None,
    }
    await effects.queue_post(work, case, "notice:ticket_merged", extra)
    await refresh_card(work, case)


async def _may_name(work: UnitOfWork, case: Case, other: Case) -> bool:
    """Whether the channel of ``case`` may read that there is ``other``."""
    return await exists_for(work.session, work.policy, other, case.owner)
