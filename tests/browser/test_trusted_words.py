"""Words from a proposal to the customer's answer, in a real browser.

The pictures in ``artifacts/words-*.png`` are what each person saw.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from bot.rules.words import Role, Severity
from cli.workspace.local import demo_policy
from tests.browser.conftest import picture
from tests.browser.story import ELENI, KATE, MAYA, Story, command, form, said, send, told
from tests.first_words import GREEK
from tests.mail.conftest import World, a_reply, box, hand_in, outside
from tests.mail.server import Box

pytestmark = pytest.mark.browser

__all__ = ["box"]  # a fixture: the mail server

WORDS = """Αξιότιμη κυρία {{ contact }},

[τι άλλαξε]

Θα σας γράψω ξανά έως {{ next_update }}.

{{ sender }}"""
SENT = f"Κυρία Δήμου, βρήκαμε την αιτία στις 09:40. {GREEK} Θα σας γράψω ξανά αύριο."
STAKE = "Δεν μπορούμε να πουλήσουμε εισιτήρια."


@pytest.fixture
async def story(browser: Browser, tmp_path: Path, box: Box) -> AsyncIterator[Story]:
    """Kate approves words; at SEV1 two people stand behind every message."""
    given = demo_policy()
    policy = replace(
        given,
        roles={**given.roles, Role.COMMS_APPROVER: (KATE,)},
        severities_needing_two_approvals=frozenset({Severity.SEV1}),
    )
    async with told(browser, tmp_path, policy=policy, outside=outside(box)) as story:
        yield story


async def test_words_are_proposed_approved_changed_approved_again_sent_and_answered(
    story: Story, box: Box
) -> None:
    maya = await _a_case(story)
    kate = await story.window(KATE)
    await _proposes(story, maya, kate)
    await _is_held_to_the_rules(maya)
    await _two_people(maya, kate)
    await _is_sent(story, maya, box)
    await _is_answered(story, maya, box)


async def _a_case(story: Story) -> Page:
    page = await story.window(MAYA, "support")
    await command(page, f"/escalate {STAKE}")
    asked = form(page, "Escalate")
    await asked.get_by_role("combobox", name="Customer", exact=True).fill("aege")
    await asked.get_by_role("option", name="Aegean Ferries").click()
    await expect(asked.get_by_label("Customer's contact")).to_have_value("Κατερίνα Δήμου")
    await asked.get_by_label("The customer's business has stopped").check()
    await expect(asked.get_by_text("These answers suggest SEV1 Critical")).to_be_visible()
    await send(asked, "Escalate")
    await expect(page.get_by_role("link", name="esc-1-aegean-ferries").first).to_be_visible()
    await page.goto(f"/?as={MAYA}&channel={story.id('esc-1-')}")
    await page.locator("body[data-live]").wait_for()
    return page


async def _proposes(story: Story, maya: Page, kate: Page) -> None:
    await command(maya, "/escalate templates")
    await expect(said(maya, "Only visible to you")).to_contain_text("Acknowledgement")
    await picture(maya, "words-01-library")
    await maya.get_by_role("button", name="Propose a template").last.click()
    asked = form(maya, "Propose a template")
    await asked.locator("select").first.select_option("update")
    await asked.locator("select").last.select_option("el")
    words = asked.get_by_label("The text")
    await words.fill("{{ contact.__class__ }}")
    await asked.get_by_label("Why is this better?").fill("Warmer")
    await asked.locator("button[type=submit]").click()
    await expect(asked.locator(".error:visible")).to_contain_text("Line 1")
    await picture(maya, "words-02-refused-with-line-and-reason")
    await words.fill(WORDS)
    await send(asked, "Propose")
    await expect(said(kate, "Αξιότιμη")).to_be_visible()
    await picture(kate, "words-03-approver-is-asked")
    await kate.get_by_role("button", name="Approve").last.click()
    eleni = await story.window(ELENI, "support", width=390, dark=True)
    await command(eleni, "/escalate πρότυπα update")
    await expect(said(eleni, "Αξιότιμη")).to_be_visible()
    await picture(eleni, "words-04-preview-in-greek")


async def _is_held_to_the_rules(maya: Page) -> None:
    await command(maya, "/escalate update update")
    asked = form(maya, "Customer update")
    draft = asked.get_by_label("Message to the customer")
    await expect(draft).to_have_value(re.compile("Αξιότιμη"))
    await draft.fill("Κυρία Δήμου, σας προσφέρουμε έκπτωση 20%. Θα σας γράψω ξανά αύριο.")
    await asked.locator("button[type=submit]").click()
    await expect(asked.locator(".error:visible")).to_contain_text("έκπτωση")
    await picture(maya, "words-05-money-nobody-approved")
    await draft.fill(f"Κυρία Δήμου, το κοιτάμε. {GREEK} Θα σας γράψω ξανά αύριο.")
    await asked.locator("button[type=submit]").click()
    await expect(asked.get_by_text("Before it goes out: 1 hint.")).to_be_visible()
    await expect(asked).to_contain_text("Name who does what by when")
    await picture(maya, "words-06-advice-in-the-readers-language")
    await draft.fill(SENT)


async def _two_people(maya: Page, kate: Page) -> None:
    asked = form(maya, "Customer update")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    await expect(said(kate, SENT)).to_be_visible()
    await picture(kate, "words-07-second-person-is-asked")
    await said(kate, SENT).get_by_role("button", name="Approve").click()
    await maya.goto(f"/?as={MAYA}&person=U0DESK")
    await maya.locator("body[data-live]").wait_for()
    await expect(said(maya, "Kate approved your message")).to_be_visible()
    await maya.get_by_role("button", name="Send or record it").last.click()
    await expect(asked).to_contain_text("Approved by")
    await picture(maya, "words-08-approved")
    await asked.locator("textarea").first.fill(f"{SENT} Το κοιτάμε. Λυπάμαι.")
    await asked.locator("button[type=submit]").click()
    await expect(asked.get_by_text("Before it goes out:")).to_be_visible()  # it is another text
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()
    await expect(said(kate, "Λυπάμαι.")).to_be_visible()
    await picture(kate, "words-09-an-edit-voids-it")
    await said(kate, "Λυπάμαι.").get_by_role("button", name="Approve").click()
    await expect(maya.get_by_role("button", name="Send or record it")).to_have_count(1)
    await maya.get_by_role("button", name="Send or record it").last.click()
    await expect(asked).to_contain_text("Approved by")
    await asked.locator("button[type=submit]").click()
    await expect(asked).to_be_hidden()


async def _is_sent(story: Story, maya: Page, box: Box) -> None:
    await story.here.settle()
    (mail,) = box.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"{SENT} Το κοιτάμε. Λυπάμαι." in " ".join(body.get_content().split())
    await maya.goto(f"/?as={MAYA}&channel={story.id('esc-1-')}")
    await maya.locator("body[data-live]").wait_for()
    await expect(said(maya, "wrote to the customer")).to_contain_text("Λυπάμαι.")
    await picture(maya, "words-10-sent")


async def _is_answered(story: Story, maya: Page, box: Box) -> None:
    reply = a_reply(box.mails[0], "Ευχαριστώ, περιμένω.")
    assert await hand_in(World(story.here, box), reply) == "received"
    await expect(said(maya, "Ευχαριστώ, περιμένω.")).to_be_visible()
    await picture(maya, "words-11-customers-answer")
