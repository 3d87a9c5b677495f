"""A ticket of the help desk in the browser: written in, rated and tagged, while others write."""

import re

import pytest
from playwright.async_api import expect

from sandbox.helpdesk.helpscout import HelpScout
from sandbox.helpdesk.tickets import Conversation, Customer
from tests.browser.conftest import Eyes, Room, picture

pytestmark = pytest.mark.browser

ZOI = Customer(502, "Ελένη", "Ζώη", "e.zoi@hermes.example", "Hermes Couriers")
ADA = Customer(503, "Ada", "Vale", "ada@acme.example", "Acme")
WORDS = {
    "lang": "en",
    "outside": "Outside",
    "helpdesk": "The help desk",
    "ticket_hint": "Tag it, and it waits in <#C0SUPPORT>.",
    "ticket_write": "Write as {name}",
    "ticket_send": "Send",
    "ticket_rate": "Rate as {name}",
    "ticket_great": "Great",
    "ticket_okay": "Okay",
    "ticket_not_good": "Not good",
    "ticket_agent": "As an agent",
    "ticket_tag": "Tag it",
    "ticket_note": "Internal note",
    "ticket_active": "Active",
}


@pytest.fixture
def helpdesk(room: Room) -> HelpScout:
    """Two tickets of two customers."""

    async def guide(_user_id: str) -> dict[str, str]:
        return WORDS

    tickets = {
        7: Conversation(subject="Invoices are wrong", customer=ADA),
        8: Conversation(subject="Οι ετικέτες δεν τυπώνονται", customer=ZOI),
    }
    desk = HelpScout(conversations=tickets, now=room.ws.now)
    desk.changed = lambda: room.ws.bus.publish({"type": "ticket"})
    room.ws.helpdesk, room.ws.guide = desk, guide
    return desk


async def test_a_customer_writes_and_rates_and_an_agent_tags(
    room: Room, eyes: Eyes, helpdesk: HelpScout
) -> None:
    page = await eyes.look("/?as=U0MAYA&channel=C0SUPPORT")
    await page.get_by_role("link", name="The help desk").click()
    await page.locator("body[data-live]").wait_for()
    await expect(page.get_by_role("heading", name="Invoices are wrong")).to_be_visible()
    await page.get_by_role("link", name=re.compile("Hermes Couriers")).click()
    await page.locator("body[data-live]").wait_for()

    written = page.get_by_label("Write as Ελένη Ζώη")
    await written.fill("Περιμένουμε ακόμη.")
    await helpdesk.colleague_writes("Not for them", 8, public=False)
    await expect(page.locator(".ticket-note")).to_contain_text("Internal note")
    await expect(written).to_have_value("Περιμένουμε ακόμη.")  # not lost while others write
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".ticket-customer")).to_contain_text("Περιμένουμε ακόμη.")

    await page.get_by_role("button", name="Not good").click()
    pressed = page.get_by_role("button", name="Not good", pressed=True)
    await expect(pressed).to_be_visible()
    await page.get_by_role("button", name="Tag it").click()
    await expect(page.get_by_role("button", name="Tag it")).to_be_disabled()
    await expect(page.locator(".mail .tag", has_text="escalate")).to_be_visible()
    assert helpdesk.conversations[8].tags == ["escalate"]
    await picture(page, "ticket")


async def test_a_ticket_fits_a_narrow_window_in_the_dark(eyes: Eyes, helpdesk: HelpScout) -> None:
    page = await eyes.look("/?as=U0MAYA&ticket=8", width=390, dark=True)
    await expect(page.get_by_role("button", name="Tag it")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await picture(page, "ticket-narrow-dark")


async def test_a_tickets_address_leads_to_it(room: Room, eyes: Eyes, helpdesk: HelpScout) -> None:
    await room.people.say("U0KATE", "C0SUPPORT", f"Look: {helpdesk.url(8)}")
    page = await eyes.look("/?as=U0MAYA&channel=C0SUPPORT")
    await page.get_by_role("link", name=re.compile("helpscout")).click()
    await expect(page.get_by_role("heading", name="Οι ετικέτες δεν τυπώνονται")).to_be_visible()
