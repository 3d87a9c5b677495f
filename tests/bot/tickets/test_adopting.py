"""Which ticket a new case takes with it, and who may take it."""

from typing import Any

import pytest

from bot.cases.open import OpenCase, open_case
from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork
from storage.models import TimelineEvent
from tests.bot.stage import ANNA, EMMA, STRANGER, Stage

URL = "https://northwind.zendesk.example/agent/tickets/35436"


class OneDesk:
    """Customers' ways, among them a help desk that knows every address."""

    mails = pages = False

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
