"""Which ticket a new case takes with it, and who may take it."""

from typing import Any

import pytest

from bot.cases.open import OpenCase, open_case
from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import Language
from bot.tickets.link import LinkTicket, link_ticket
from messages.cases.answers import refusal_message
from storage.models import Case, TimelineEvent
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, Stage

URL = "https://northwind.zendesk.example/agent/tickets/35436"


class OneDesk:
    """Customers' ways, among them a help desk that knows every address."""

    mails = pages = False
    helpdesks = ("zendesk",)

    def ticket_at(self, url: str) -> tuple[str, str] | None:
        """The ticket of an address."""
        return ("zendesk", url.rpartition("/")[2]) if "zendesk" in url else None


async def opened(stage: Stage, who: str) -> int:
    """A case raised with its ticket's address."""
    intent = OpenCase(
        account="acme", customer="Acme", stake="Down", trigger="technical", severity=2,
        ticket_url=URL,
    )  # fmt: skip
    ways: Any = OneDesk()
    async with stage.database.write() as session:
        work = UnitOfWork.join(session, stage.services(ways), Actor(who, "test"), "c0ffee")
        await open_case(work, intent)
    return 1


async def linking(stage: Stage, who: str, number: int, url: str) -> str:
    """Why a ticket cannot be linked."""
    ways: Any = OneDesk()
    async with stage.database.write() as session:
        work = UnitOfWork.join(session, stage.services(ways), Actor(who, "test"), "c0ffee")
        with pytest.raises(UserError) as caught:
            await link_ticket(work, LinkTicket(case=number, url=url))
    return refusal_message(caught.value.key, Language.ENGLISH, **caught.value.facts).text


async def test_a_ticket_of_a_restricted_case_is_refused_as_one_that_does_not_exist(
    stage: Stage,
) -> None:
    await opened(stage, ANNA)
    other = await stage.opened(EMMA)
    assert "ESC-1 is linked to this ticket already" in await linking(stage, EMMA, other, URL)
    async with stage.database.write() as session:
        (await session.get_one(Case, 1)).sensitive = True
    assert await linking(stage, BILL, other, URL) == await linking(
        stage, BILL, other, "https://tickets.example/5"
    )
    assert "ESC-1 is linked to this ticket already" in await linking(stage, ANNA, other, URL)


@pytest.mark.parametrize("who", [ANNA, EMMA])
async def test_an_agents_case_takes_its_ticket_with_it(stage: Stage, who: str) -> None:
    number = await opened(stage, who)
    assert (await stage.case(number)).ticket == "35436"


async def test_whoever_has_no_role_links_no_ticket_by_raising_a_case(stage: Stage) -> None:
    number = await opened(stage, STRANGER)
    case = await stage.case(number)
    assert (case.ticket, case.ticket_url) == ("", URL)  # its address stays for others to see
    verbs = [e.verb for e in await stage.rows(TimelineEvent)]
    assert "link_ticket" not in verbs
    said = await stage.said(number)
    assert "notice:ticket_not_linked" in [each.text for each in said]
    assert "zendesk" not in {each.kind for each in said}  # nor is it looked into
