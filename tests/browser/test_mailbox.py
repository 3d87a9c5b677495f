"""Mail outside the workspace in the browser, and what the first page says."""

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from playwright.async_api import Page, expect

from sandbox.mailbox import Mail, Mailboxes
from tests.browser.conftest import Eyes, Room, picture

pytestmark = pytest.mark.browser

ADA, BEN = "ada@acme.example", "ben@blue.example"
WORDS = {
    "lang": "el",
    "welcome": "*Καλώς ήρθατε*\nΞεκινήστε από το <#C0SUPPORT>.",
    "outside": "Εκτός εταιρείας",
    "mailbox": "Γραμματοκιβώτιο",
    "mailbox_hint": "Τα νεότερα πρώτα.",
    "mailbox_empty": "Κανένα email ακόμη.",
    "mail_html": "Όπως το βλέπει ο πελάτης",
    "reply_as": "Απάντηση ως {name}",
    "send": "Αποστολή",
}


def a_mail(to: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Northwind <help@northwind.example>"
    mail["To"] = to
    mail["Subject"] = "Your case ESC-1"
    mail.set_content(text)
    mail.add_alternative("<p>Hello <b>Ada</b></p>", subtype="html")
    return mail


@pytest.fixture
def boxes(room: Room) -> Mailboxes:
    """Mailboxes in which a reply lies as soon as it is sent."""

    async def answer(mail: Mail, text: str, _by: str) -> str:
        boxes.take([mail.address], a_mail("help@northwind.example", text), room.ws.now(), mine=True)
        return "It has arrived."

    async def guide(_user_id: str) -> dict[str, str]:
        return WORDS

    boxes = Mailboxes(answer, lambda: room.ws.bus.publish({"type": "mail"}))
    room.ws.mailboxes, room.ws.guide = boxes, guide
    return boxes


async def test_the_first_page_says_what_this_is_and_where_the_mail_is(
    room: Room, eyes: Eyes, boxes: Mailboxes
) -> None:
    page = await eyes.look("/?as=U0KATE")
    welcome = page.locator(".welcome")
    await expect(welcome.get_by_text("Καλώς ήρθατε")).to_be_in_viewport()
    await expect(welcome.get_by_role("link", name="#support")).to_be_visible()
    await welcome.get_by_role("link", name="Γραμματοκιβώτιο").click()
    await expect(page.get_by_text("Κανένα email ακόμη.")).to_be_visible()
    boxes.take([ADA], a_mail(f"Ada Vale <{ADA}>", "Good news"), room.ws.now())
    await expect(page.get_by_text("Good news")).to_be_visible()


async def test_mail_arrives_on_an_open_page_is_counted_read_and_answered(
    room: Room, eyes: Eyes, boxes: Mailboxes
) -> None:
    page = await eyes.look("/?as=U0MAYA&channel=C0SUPPORT")
    place = page.get_by_role("navigation", name="Channels and people").get_by_role(
        "link", name=re.compile("Γραμματοκιβώτιο")
    )
    await expect(place.locator(".count")).to_have_count(0)
    boxes.take([BEN], a_mail(f"Ben Blue <{BEN}>", "For Ben"), room.ws.now())
    boxes.take([ADA], a_mail(f"Ada Vale <{ADA}>", "For Ada"), room.ws.now() + timedelta(minutes=1))
    await expect(place.locator(".count")).to_have_text("2")

    await place.click()
    await page.locator("body[data-live]").wait_for()
    await expect(page.get_by_text("For Ada")).to_be_visible()
    await expect(page.get_by_text("For Ben")).to_have_count(0)
    await expect(place.locator(".count")).to_have_text("1")
    await picture(page, "mailbox")

    mail = page.locator(".mail").first
    await mail.get_by_text("Απάντηση ως Ada Vale").click()
    written = mail.get_by_role("textbox", name="Απάντηση ως Ada Vale")
    await written.fill("Thank you")
    boxes.take([ADA], a_mail(f"Ada Vale <{ADA}>", "One thing more"), room.ws.now())
    await expect(page.get_by_text("One thing more")).to_be_visible()
    mail = page.locator(".mail", has_text="For Ada")
    await expect(mail.get_by_role("textbox")).to_have_value("Thank you")
    await mail.get_by_role("button", name="Αποστολή").click()
    await expect(page.get_by_text("It has arrived.")).to_be_visible()
    await expect(page.locator(".mail-mine").get_by_text("Thank you")).to_be_visible()

    await page.get_by_role("link", name=re.compile("Ben Blue")).click()
    await expect(page.get_by_text("For Ben")).to_be_visible()


async def test_a_mailbox_fits_a_narrow_window_in_the_dark(
    room: Room, eyes: Eyes, boxes: Mailboxes
) -> None:
    link = "http://127.0.0.1:8484/c/" + "v1-6b805b69-fuswbveactkzmz5nvaohbidfs6kw4pnz" * 2
    for name in ("Ada Vale", "Ben Blue", "Katerina Papadopoulou", "Ingrid Solheim"):
        to = f"{name.split()[0].lower()}@a-long-name-of-a-company.example"
        boxes.take([to], a_mail(f"{name} <{to}>", f"Look: {link}"), room.ws.now())
    page = await eyes.look("/?as=U0MAYA&mailbox=all", width=390, dark=True)
    await expect(page.locator(".mail")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.evaluate("document.querySelector('#scroll').scrollWidth") <= 390
    await picture(page, "mailbox-narrow-dark")


async def placeholder_colours(page: Page) -> dict[str, str]:
    """What every field with a placeholder draws it in, by its words."""
    found: dict[str, str] = await page.evaluate(
        """() => Object.fromEntries(
          [...document.querySelectorAll(":is(input, textarea)[placeholder]")].map(
            (field) => [field.placeholder, getComputedStyle(field, "::placeholder").color]))"""
    )
    return found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_placeholders_are_read_and_one_beside_a_choice_that_was_made_is_not(
    room: Room, eyes: Eyes, dark: bool
) -> None:
    await room.people.invite("U0KATE", "C0SUPPORT", room.app.bot_user_id)
    page = await eyes.look("/?as=U0MAYA&channel=C0SUPPORT", dark=dark)
    quiet = "rgb(160, 166, 174)" if dark else "rgb(99, 105, 115)"
    assert await placeholder_colours(page) == {"Message #support": quiet}
    await page.get_by_label("Message #support").fill("/escalate ")
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="New escalation")
    await expect(form.get_by_label("Customer", exact=True)).to_be_focused()
    assert (await placeholder_colours(page))["Find a customer"] == quiet
    await page.keyboard.type("aeg")
    await expect(form.get_by_role("option", name="Aegean Lines")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(form.locator(".chip")).to_have_text(re.compile("Aegean Lines"))
    assert (await placeholder_colours(page)).get("Find a customer", "") in (
        "", "rgba(0, 0, 0, 0)",
    )  # fmt: skip
