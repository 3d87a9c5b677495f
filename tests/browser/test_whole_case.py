"""A whole case in a real browser: the real bot by Socket Mode, lived through by its people.

The pictures in ``artifacts/case-*.png`` are what each of them saw.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import picture
from tests.browser.story import (
    ELENI,
    KATE,
    MAYA,
    NIKOS,
    SOFIA,
    TOMAS,
    Story,
    command,
    form,
    move,
    said,
    send,
    told,
)

pytestmark = pytest.mark.browser

STAKE = "Δεν μπορούμε να πουλήσουμε εισιτήρια· χάνουμε κρατήσεις κάθε λεπτό."
GREETING = "Κυρία Δήμου,"
NEXT = "Θα σας γράψω ξανά στις 10:45."  # without it no message is taken


@pytest.fixture
async def story(browser: Browser, tmp_path: Path) -> AsyncIterator[Story]:
    """Northwind Support on a Monday morning."""
    async with told(browser, tmp_path) as story:
        yield story


async def test_a_case_from_the_first_word_to_its_reopening(story: Story) -> None:
    maya = await _escalates(story)
    eleni = await _takes_charge(story)
    await _answers_and_is_nudged(story, maya, eleni)
    await _flags_and_asks(story, eleni)
    await _works(eleni)
    await _resolves(story, maya, eleni)
    await _learns(story, eleni)
    await _homes(story)


async def _escalates(story: Story) -> Page:
    page = await story.window(MAYA, "support")
    await page.locator("main textarea").first.press_sequentially("/esc")
    await expect(page.get_by_role("option", name="/escalate")).to_be_visible()
    await picture(page, "case-01-command-help")
    await command(page, f"/escalate {STAKE}")
    asked = form(page, "Escalate")
    await expect(asked.get_by_label("Business impact")).to_have_value(STAKE)
    await asked.get_by_role("combobox", name="Customer", exact=True).fill("aege")
    await expect(asked.get_by_role("option", name="Aegean Ferries")).to_be_visible()
    await picture(page, "case-02-customer-search")
    await asked.get_by_role("option", name="Aegean Ferries").click()
    await expect(asked.get_by_label("Customer's contact")).to_have_value("Κατερίνα Δήμου")
    await asked.get_by_label("The customer's business has stopped").check()
    await expect(asked.get_by_text("These answers suggest SEV1 Critical")).to_be_visible()
    await asked.get_by_label(re.compile("icket")).fill("not a link")
    await asked.get_by_role("button", name="Escalate", exact=True).click()
    await expect(asked.locator(".error:visible")).to_have_count(1)
    await picture(page, "case-03-mistake-at-its-field")
    await asked.get_by_label(re.compile("icket")).fill("https://tickets.example/5001")
    await send(asked, "Escalate")
    await expect(page.get_by_role("link", name="esc-1-aegean-ferries").first).to_be_visible()
    await page.goto(f"/?as={MAYA}&channel={story.id('esc-1-')}")
    await expect(page.get_by_role("heading", name="ESC-1 · Aegean Ferries")).to_be_visible()
    await expect(page.get_by_text("Pinned by Escalation Desk")).to_be_visible()
    await expect(page.get_by_role("link", name="Customer's ticket")).to_be_visible()
    await expect(page.get_by_text("ESC-1 · SEV1 · Aegean Ferries").first).to_be_visible()
    await picture(page, "case-04-new-card")
    narrow = await story.window(TOMAS, "esc-1-", width=390, dark=True)
    await picture(narrow, "case-05-new-card-narrow-dark")
    return page


async def _takes_charge(story: Story) -> Page:
    page = await story.window(ELENI)
    await expect(said(page, "ESC-1 Aegean Ferries")).to_contain_text("SEV1")
    await picture(page, "case-06-paged-in-greek")
    await page.goto(f"/?as={ELENI}&channel={story.id('esc-1-')}")
    await page.locator("body[data-live]").wait_for()
    await page.get_by_role("button", name="Claim", exact=True).click()
    await expect(page.get_by_text("owns this case now").first).to_be_visible()
    await expect(page.get_by_text("ο ρόλος σας είναι").first).to_be_visible()
    await picture(page, "case-07-claimed")
    return page


async def _answers_and_is_nudged(story: Story, maya: Page, eleni: Page) -> None:
    await maya.get_by_role("button", name="Write first response").click()
    asked = form(maya, "Customer update")
    draft = asked.get_by_label("Message to the customer")
    await expect(draft).to_have_value(re.compile("Δήμου"))
    await expect(asked).to_contain_text("Acknowledgement, Greek, version 1")
    await picture(maya, "case-08-composer")
    words = await draft.input_value()
    await draft.fill("\n".join(line for line in words.splitlines() if "[" not in line))
    await send(asked, "I have sent it: record")
    await expect(said(maya, "wrote to the customer")).to_contain_text("Next update")
    await picture(maya, "case-09-first-response")
    await maya.goto(f"/?as={MAYA}&person=U0DESK")
    await maya.locator("body[data-live]").wait_for()
    for _ in range(12):
        await move(maya, "Next due")
        if await maya.get_by_role("button", name="Write the update").count():
            break
    await picture(maya, "case-10-nudge")
    await maya.get_by_role("button", name="Write the update").last.click()
    asked = form(maya, "Customer update")
    await _is_advised(maya, asked)
    await expect(said(eleni, "progress update")).to_contain_text("δύο από τα τρία")


async def _is_advised(maya: Page, asked: Locator) -> None:
    draft = asked.get_by_label("Message to the customer")
    await draft.fill(f"{GREETING} το κοιτάμε.")
    await asked.get_by_role("button", name="I have sent it: record").click()
    await expect(asked.locator(".error:visible")).to_contain_text("Still missing")
    await picture(maya, "case-10a-no-word-on-what-comes-next")
    await draft.fill(f"{GREETING} το κοιτάμε. {NEXT}")
    await asked.get_by_role("button", name="I have sent it: record").click()
    await expect(asked.get_by_text("Before it goes out: 1 hint.")).to_be_visible()
    await expect(asked.get_by_text("As the customer will see it")).to_be_visible()
    await picture(maya, "case-10b-hint-beside-the-words")
    await asked.get_by_text("As the customer will see it").scroll_into_view_if_needed()
    await picture(maya, "case-10c-preview")
    await draft.fill(f"{GREETING} δύο από τα τρία λιμάνια πουλούν ξανά. {NEXT}")
    await send(asked, "Record anyway")


async def _flags_and_asks(story: Story, eleni: Page) -> None:
    await command(eleni, "/escalate flag")
    asked = form(eleni, "Ειδοποίηση διοίκησης")
    await expect(asked).to_be_visible()
    await picture(eleni, "case-11-flag-in-greek")
    await asked.locator("select").select_option("threat_to_cancel")
    await asked.locator("textarea").fill("Ζήτησαν τους όρους αποχώρησης.")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    await expect(said(eleni, "xecutives are brought in")).to_be_visible()
    await command(eleni, "/escalate ask @sofia.papadaki Μπορούμε να τους καλέσουμε σήμερα;")
    sofia = await story.window(SOFIA, dark=True)
    await expect(said(sofia, "χρειάζεται την απόφασή σας")).to_be_visible()
    await picture(sofia, "case-12-executive-is-asked")
    await sofia.get_by_role("button", name="Έγκριση").last.click()
    await expect(said(eleni, "approved")).to_be_visible()
    await picture(eleni, "case-13-decided")


async def _works(eleni: Page) -> None:
    await command(eleni, "/escalate hold")
    asked = form(eleni, "Θέση σε αναμονή")
    await asked.locator("select").first.select_option("waiting_customer")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    await expect(said(eleni, "n hold until")).to_be_visible()
    await picture(eleni, "case-14-on-hold")
    await command(eleni, "/escalate resume")
    await expect(said(eleni, "he hold is over")).to_be_visible()
    await command(eleni, "/escalate update workaround")
    asked = form(eleni, "Ενημέρωση πελάτη")
    await asked.get_by_label("Προσωρινή λύση").fill("Πώληση από το γραφείο του λιμανιού")
    words = "μπορείτε να πουλάτε από το γραφείο του λιμανιού."
    await asked.locator("textarea").last.fill(f"{GREETING} {words} {NEXT}")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    await expect(said(eleni, "he customer can work again")).to_be_visible()


async def _resolves(story: Story, maya: Page, eleni: Page) -> None:
    await eleni.get_by_role("button", name="Resolve", exact=True).first.click()
    asked = form(eleni, "Επίλυση")
    await expect(asked).to_be_visible()
    await picture(eleni, "case-15-resolve-form")
    areas = asked.locator("textarea")
    await areas.first.fill("Ένα πιστοποιητικό είχε λήξει· ανανεώθηκε στις 09:40.")
    await areas.last.fill(f"{GREETING} οι πωλήσεις λειτουργούν κανονικά από τις 09:40. {NEXT}")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    tomas = await story.window(TOMAS)
    await expect(said(tomas, "do you confirm the resolution?")).to_be_visible()
    await picture(tomas, "case-16-technical-lead")
    await tomas.get_by_role("button", name="Yes, I confirm it").last.click()
    await _sends_letter(story)
    await expect(said(eleni, "Resolved (fix)")).to_be_visible()
    await expect(eleni.get_by_text("esc-1-postmortem.md").first).to_be_visible()
    await eleni.get_by_text("Preview").last.click()
    await picture(eleni, "case-17-resolved-with-the-agenda")
    await maya.goto(f"/?as={MAYA}&channel={story.id('esc-1-')}")
    await maya.locator("body[data-live]").wait_for()
    await maya.get_by_role("button", name="Customer confirms").last.click()
    asked = form(maya, "Confirm resolution")
    await send(asked, "Record")
    await expect(said(maya, "esolution confirmed: ")).to_be_visible()


async def _sends_letter(story: Story) -> None:
    eleni = await story.window(ELENI)
    await eleni.get_by_role("button", name="Αποστολή ή καταγραφή").last.click()
    asked = form(eleni, "Επίλυση")
    await picture(eleni, "case-16-letter-free")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()


async def _learns(story: Story, eleni: Page) -> None:
    await command(eleni, "/escalate action")
    asked = form(eleni, "Ενέργεια βελτίωσης")
    await asked.locator("input[type=text], textarea").first.fill("Επιτήρηση πιστοποιητικών")
    await asked.locator("select").first.select_option("process")
    await picture(eleni, "case-18-action-item")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    await expect(eleni.get_by_text("Επιτήρηση πιστοποιητικών").first).to_be_visible()
    await eleni.get_by_role("button", name="Postmortem held").first.click()
    asked = form(eleni, "Απολογισμός")
    await asked.locator("select").first.select_option("process")
    areas = asked.locator("textarea")
    await areas.first.fill("Ένα πιστοποιητικό που δεν επιτηρούσε κανείς.")
    await areas.last.fill("Να λέμε την επόμενη ώρα στο πρώτο μήνυμα.")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    kate = await story.window(KATE, "esc-1-")
    await kate.get_by_role("button", name="Close case", exact=True).first.click()
    asked = form(kate, "Close the case")
    selects = asked.locator("select")
    await selects.first.select_option("fixed")
    await selects.last.select_option("configuration")
    await picture(kate, "case-19-close-form")
    await send(asked, "Close")
    await expect(said(kate, "Closed (fixed)")).to_be_visible()
    await said(kate, "Closed (fixed)").scroll_into_view_if_needed()
    await picture(kate, "case-20-closed")
    await command(kate, "/escalate timeline")
    await expect(kate.get_by_text("Only visible to you").last).to_be_visible()
    await kate.get_by_text("Only visible to you").last.scroll_into_view_if_needed()
    await kate.keyboard.press("End")
    await picture(kate, "case-21-timeline")
    await kate.get_by_role("button", name="Reopen", exact=True).first.click()
    asked = form(kate, "Reopen")
    await asked.get_by_label("What is not fixed?").fill("One port still fails")
    await send(asked, "Reopen")
    await expect(said(kate, "Open again")).to_be_visible()


async def _homes(story: Story) -> None:
    for who, name, looks in (
        (MAYA, "agent", {}),
        (ELENI, "manager", {"dark": True}),
        (SOFIA, "executive", {"width": 390}),
    ):
        page = await story.home(who, **looks)
        await expect(page.get_by_role("main").get_by_text("ESC-1").first).to_be_visible()
        await picture(page, f"case-22-home-of-{name}")
    page = await story.window(NIKOS, "support")
    words = "Boreal Bank says nobody has called back since Thursday"
    said_there = await story.here.people.say(MAYA, story.id("support"), words)
    message = page.locator(f'[data-ts="{said_there.ts}"]').first
    await message.hover()
    await message.get_by_label("More message actions").click()
    await picture(page, "case-23-message-menu")
    await page.get_by_role("menuitem", name="Escalate this").click()
    asked = page.get_by_role("dialog")
    await expect(asked.locator("textarea").first).to_have_value(words)
    await picture(page, "case-24-escalate-this-in-greek")
