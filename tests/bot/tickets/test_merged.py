"""A ticket that went up in another, whenever its case was linked to it."""

from bot.rules.helpdesks.tickets import TicketState
from bot.tickets.merged import follow_ticket
from storage.models import KnownTicket
from tests.bot.stage import ANNA, BILL, Stage
from tests.bot.tickets.test_adopting import URL, opened

SURVIVOR = TicketState("9", "https://northwind.zendesk.example/agent/tickets/9", "open")


async def looked(stage: Stage, number: int) -> None:
    """A look at the case's ticket found that it went up in another."""
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await work.case(number)
        await follow_ticket(work, "zendesk", "35436", SURVIVOR, case)


async def told(stage: Stage, number: int) -> int:
    """How often the channel was told of it."""
    return [e.verb for e in await stage.timeline(number)].count("ticket_merged")


async def test_a_case_that_is_linked_after_the_merge_moves_to_the_survivor(stage: Stage) -> None:
    await stage.add(
        KnownTicket(helpdesk="zendesk", ticket="35436", merged_into="9", seen_at=stage.now)
    )
    number = await opened(stage, ANNA)
    await looked(stage, number)
    case = await stage.case(number)
    assert (case.ticket, case.ticket_url) == ("9", SURVIVOR.link)
    await looked(stage, number)
    assert await told(stage, number) == 1


async def test_where_another_case_has_the_survivor_it_is_told_once(stage: Stage) -> None:
    number = await opened(stage, ANNA)
    other = await stage.opened(BILL)
    async with stage.database.write() as session:
        found = await stage.work(session).case(other)
        found.helpdesk, found.ticket, found.ticket_since = "zendesk", "9", stage.now
    for _ in range(3):
        stage.later(minutes=1)
        await looked(stage, number)
    case = await stage.case(number)
    assert (case.ticket, case.ticket_url) == ("35436", URL)
    assert await told(stage, number) == 1
