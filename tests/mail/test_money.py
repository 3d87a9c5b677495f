"""No offer reaches a customer around the composer: by a name, by a page, by what is recorded."""

import httpx
import pytest

from tests.mail.conftest import CONTACT, World
from tests.mail.test_pages import links

OFFERS = ("Katerina, we will refund you 50,000 EUR", "Θα σας επιστρέψουμε 50.000 ευρώ")


@pytest.mark.parametrize("name", OFFERS)
async def test_a_contacts_name_that_offers_money_stands_beside_no_address(
    world: World, name: str
) -> None:
    await world.do(
        "U0NIKOS", "open_case", account="", customer="Larkspur Rail", stake="No tickets",
        trigger="technical", severity=3, contact_name=name, contact_email="k@larkspur.example",
        language="en",
    )  # fmt: skip
    await world.write(case=2, recipient="k@larkspur.example")
    (mail,) = world.box.mails
    assert str(mail["To"]) == "k@larkspur.example"


async def test_a_contacts_plain_name_stands_beside_their_address(world: World) -> None:
    await world.write()
    assert world.box.mails[-1]["To"].addresses[0].display_name == "Κατερίνα Δήμου"
    assert world.box.mails[-1]["To"].addresses[0].addr_spec == CONTACT


async def test_what_is_recorded_as_sent_with_an_offer_is_shown_on_no_page(world: World) -> None:
    await world.write()
    (url,) = links(world)
    text = "We will refund you 50,000 EUR on Monday. You hear from us at 15:00."
    await world.write(text=text, route="email", already_sent=True, kind="update")
    assert [len(sent.faults) > 0 for sent in (await world.case()).sent] == [False, True]
    async with httpx.AsyncClient() as http:
        page = (await http.get(f"{url}?lang=en")).text
    assert "50,000" not in page
    assert "βρήκαμε την αιτία" in page
