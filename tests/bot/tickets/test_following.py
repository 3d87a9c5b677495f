"""A corrected address: what it names is linked, what it leaves is not, and links are only links."""

from typing import Any

import pytest

from bot.cases.correction.edit import EditCase, edit_case
from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from storage.models import Outbox
from tests.bot.cases.correction.forms import edit, opened_form
from tests.bot.stage import ANNA, BILL, EMMA, EXEC, Stage
from tests.bot.tickets.test_adopting import URL, OneDesk, opened

OTHER = "https://northwind.zendesk.example/agent/tickets/9"
PLAIN = "https://jira.acme.example/browse/A-1"


async def correct(stage: Stage, number: int, url: str, who: str = EMMA) -> None:
    """Correct the address where a help desk is set up."""
    ways: Any = OneDesk()
    form = {**await opened_form(stage, number), "ticket_url": url}
    async with stage.database.write() as session:
        work = UnitOfWork.join(session, stage.services(ways), Actor(who, "test"), "c0ffee")
        await edit_case(work, EditCase(case=number, **form))


async def linked(stage: Stage, number: int) -> tuple[str, str, str]:
    """Help desk, ticket and address of a case."""
    case = await stage.case(number)
    return case.helpdesk, case.ticket, case.ticket_url


async def test_the_ticket_that_the_address_names_is_linked(stage: Stage) -> None:
    number = await opened(stage, ANNA)
    await correct(stage, number, OTHER)
    assert await linked(stage, number) == ("zendesk", "9", OTHER)
    verbs = [each.verb for each in await stage.timeline(number)]
    assert verbs[-2:] == ["edit_ticket", "link_ticket"]


@pytest.mark.parametrize("url", [PLAIN, ""])
async def test_an_address_that_names_none_is_kept_and_the_ticket_is_left(
    stage: Stage, url: str
) -> None:
    number = await opened(stage, ANNA)
    await correct(stage, number, url)
    assert await linked(stage, number) == ("", "", url)
    assert (await stage.last(number)).verb == "unlink_ticket"


async def test_who_may_not_link_corrects_no_link(stage: Stage) -> None:
    number = await opened(stage, ANNA)
    for url in (OTHER, ""):
        with pytest.raises(UserError, match=r"not_your_role|not_entrusted"):
            await correct(stage, number, url, EXEC)
    assert await linked(stage, number) == ("zendesk", "35436", URL)


async def test_a_ticket_of_another_case_is_refused_and_nothing_is_changed(stage: Stage) -> None:
    first = await opened(stage, ANNA)
    second = await stage.opened(BILL)
    with pytest.raises(UserError, match="ticket_taken"):
        await correct(stage, second, URL)
    assert await linked(stage, second) == ("", "", "")
    assert await linked(stage, first) == ("zendesk", "35436", URL)


async def test_without_a_help_desk_the_address_is_a_link_and_the_bookmark_follows(
    stage: Stage,
) -> None:
    number = await stage.opened()
    await stage.in_channel(number)
    await edit(stage, number, BILL, ticket_url=PLAIN)
    assert await linked(stage, number) == ("", "", PLAIN)
    await edit(stage, number, BILL, ticket_url="")
    marks = [(r.kind, r.payload) for r in await stage.rows(Outbox) if "bookmark" in r.kind]
    assert marks[-2:] == [("bookmark", {}), ("old_bookmark", {"channel": "C1", "link": PLAIN})]


async def test_the_command_says_where_an_address_is_noted_without_a_help_desk(
    stage: Stage,
) -> None:
    number = await stage.opened()
    with pytest.raises(UserError, match="no_desk_to_link"):
        await stage.do(BILL, "link_ticket", number, url=PLAIN)
