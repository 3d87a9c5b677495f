"""The page in a real browser, with a real Bolt app behind it."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from tests.browser.conftest import Eyes, Room, picture
from tests.browser.desk import case_card

pytestmark = pytest.mark.browser

AS_MAYA = "/?as=U0MAYA&channel=C0SUPPORT"


def slack(room: Room) -> AsyncWebClient:
    """The app's own client."""
    return AsyncWebClient(room.app.bot_token, base_url=f"{room.base_url}/api/")


async def post_card(room: Room) -> str:
    """The app's card in #support; returns its ts."""
    await room.people.invite("U0KATE", "C0SUPPORT", room.app.bot_user_id)
    answer = await slack(room).chat_postMessage(
        channel="C0SUPPORT", text="ESC-7", blocks=case_card(room.ws.epoch() + 3300)
    )
    return str(answer["ts"])


async def test_a_case_is_opened_from_a_command_with_the_keyboard(room: Room, eyes: Eyes) -> None:
    await room.people.invite("U0KATE", "C0SUPPORT", room.app.bot_user_id)
    page = await eyes.look(AS_MAYA)
    writing = page.get_by_label("Message #support")
    await writing.press_sequentially("/esc")
    await expect(page.get_by_role("option", name="/escalate")).to_be_visible()
    await picture(page, "command-help")
    await page.keyboard.press("Tab")
    await expect(writing).to_have_value("/escalate ")
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="New escalation")
    customer = form.get_by_label("Customer", exact=True)
    await expect(customer).to_be_focused()
    await picture(page, "modal")

    await form.get_by_role("button", name="Open it").click()
    await expect(form.locator(".error:visible")).to_have_count(4)
    await expect(customer).to_be_focused()
    await expect(customer).to_have_attribute("aria-invalid", "true")
    await picture(page, "modal-errors")

    await page.keyboard.type("a")
    await expect(form.get_by_role("option", name="Acme Foods")).to_be_visible()
    await picture(page, "modal-search")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(form.locator(".chip")).to_have_text(re.compile("Aegean Lines"))
    await form.get_by_label("Business impact").fill("Bad")
    await form.get_by_label("SEV1").check()
    await form.get_by_label("Why now").select_option("slow")
    await expect(form.get_by_text("Thank you: reason noted.")).to_be_visible()
    await expect(form.get_by_label("Business impact")).to_have_value("Bad")
    await form.get_by_role("button", name="Open it").click()
    await expect(form.get_by_text("Say it in a whole sentence.")).to_be_visible()

    stake = "They leave if <b>this</b> lasts until Friday"
    await form.get_by_label("Business impact").fill(stake)
    await form.get_by_role("combobox", name="Who should know").fill("Sof")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await form.get_by_label("Since when").fill("2026-02-18T14:05")
    await form.get_by_label("Handle with care").get_by_role("checkbox").check()
    await form.get_by_role("button", name="Open it").click()
    await expect(form).to_be_hidden()
    await expect(page.get_by_role("main").get_by_text(f"Escalated: {stake}")).to_be_visible()

    values = dict(room.heard)["view_submission"]["state"]["values"]
    assert values["customer"]["customer_input"]["selected_option"]["value"] == "Aegean Lines"
    assert values["severity"]["severity_input"]["selected_option"]["value"] == "1"
    assert values["trigger"]["trigger_input"]["selected_option"]["value"] == "slow"
    assert values["watchers"]["watchers_input"]["selected_users"] == ["U0SOFIA"]
    assert values["since"]["since_input"]["selected_date_time"] == 1771416300
    assert [o["value"] for o in values["flags"]["flags_input"]["selected_options"]] == ["sensitive"]
    assert values["stake"]["stake_input"]["value"] == stake


async def test_modals_stack_and_esc_closes_one_at_a_time(room: Room, eyes: Eyes) -> None:
    page = await eyes.look(AS_MAYA)
    await page.get_by_label("Message #support").fill("/escalate ")
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="New escalation")
    await form.get_by_label("Business impact").fill("Half a sentence")
    await form.get_by_role("button", name="Guidance…").click()
    above = page.get_by_role("dialog", name="Guidance")
    await expect(above.get_by_text("SEV1")).to_be_visible()
    await picture(page, "modal-stacked")
    await page.keyboard.press("Escape")
    await expect(form.get_by_label("Business impact")).to_have_value("Half a sentence")
    await page.keyboard.press("Escape")
    await expect(page.locator("#modal")).to_be_hidden()
    await expect(page.get_by_label("Message #support")).to_be_focused()
    await room.hears("view_closed")


async def test_buttons_selects_and_menus_of_a_card_reach_the_app(room: Room, eyes: Eyes) -> None:
    await post_card(room)
    page = await eyes.look(AS_MAYA)
    await picture(page, "card-light")
    card = page.locator(".message", has=page.get_by_role("heading", name="ESC-7"))
    await card.get_by_role("button", name="Claim").click()
    await expect(page.get_by_role("main").get_by_text("You are the owner now.")).to_be_visible()
    await expect(page.get_by_text("Only visible to you")).to_be_visible()
    await card.get_by_label("Severity").select_option("2")
    await card.get_by_role("combobox", name="Assign to").fill("tom")
    await page.keyboard.press("Enter")
    await card.locator('[data-block-id="facts"]').get_by_label("More actions").click()
    await page.get_by_role("menuitem", name="Timeline").click()
    await room.hears("more")

    await card.get_by_role("button", name="Close", exact=True).click()
    question = page.get_by_role("dialog", name="Close the case?")
    await picture(page, "confirm")
    await question.get_by_role("button", name="Not yet").click()
    assert "shut" not in room.kinds()
    await card.get_by_role("button", name="Close", exact=True).click()
    await question.get_by_role("button", name="Close it").click()
    await room.hears("shut")
    heard = {kind: body["actions"][0] for kind, body in room.heard}
    assert heard["set_severity"]["selected_option"]["value"] == "2"
    assert heard["assign"]["selected_user"] == "U0TOMAS"
    assert heard["more"]["selected_option"]["value"] == "timeline"


async def test_what_others_do_appears_at_once_and_is_announced(room: Room, eyes: Eyes) -> None:
    page = await eyes.look(AS_MAYA)
    await room.people.say("U0NIKOS", "C0SUPPORT", "Acme <script>alert(1)</script> called")
    await expect(page.get_by_text("Acme <script>alert(1)</script> called").first).to_be_visible()
    await expect(page.locator("#announcer")).to_have_text(re.compile("^Nikos Pappas: Acme"))
    general = page.locator('.room[data-channel="C0GENERAL"]')
    await expect(general.locator(".count")).to_have_count(0)
    await room.people.say("U0DAN", "C0GENERAL", "Good morning")
    await expect(general.locator(".count")).to_have_text("1")
    await page.goto("/?as=U0MAYA&channel=C0GENERAL")
    await expect(page.locator('.room[data-channel="C0GENERAL"] .count')).to_have_count(0)


async def test_a_message_is_escalated_from_its_menu_and_answered_in_a_thread(
    room: Room, eyes: Eyes
) -> None:
    said = await room.people.say("U0NIKOS", "C0SUPPORT", "They say they leave on Friday")
    page = await eyes.look(AS_MAYA)
    message = page.locator(f'[data-ts="{said.ts}"]').first
    await message.hover()
    await message.get_by_label("More message actions").click()
    await picture(page, "message-menu")
    await page.get_by_role("menuitem", name="Escalate this").click()
    form = page.get_by_role("dialog", name="New escalation")
    await expect(form.get_by_label("Business impact")).to_have_value(said.text)
    await form.get_by_role("button", name="Cancel").click()
    await expect(form).to_be_hidden()

    await message.hover()
    await message.get_by_label("Reply in thread").click()
    await page.wait_for_url(re.compile("thread="))
    await page.locator("body[data-live]").wait_for()
    thread = page.get_by_role("complementary", name="Thread")
    reply = thread.get_by_label("Reply in thread").last
    await reply.fill("/escalate")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("do not work in threads")).to_be_visible()
    assert "command" not in room.kinds()
    await reply.fill("On it")
    await page.keyboard.press("Enter")
    await expect(thread.get_by_text("On it")).to_be_visible()
    await expect(page.get_by_role("main").get_by_text("1 reply")).to_be_visible()
    await message.hover()
    await message.get_by_label("Add a reaction").click()
    await page.get_by_role("menuitem", name="eyes").click()
    await expect(message.get_by_role("button", name=re.compile("^eyes, 1"))).to_be_visible()
    await picture(page, "thread-light")
    await page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()


async def test_home_shows_what_the_app_published_for_this_person(room: Room, eyes: Eyes) -> None:
    page = await eyes.look(f"/?as=U0SOFIA&home={room.app.app_id}")
    await expect(page.get_by_role("heading", name="Your escalations")).to_be_visible()
    await picture(page, "home")
    await page.get_by_role("button", name="Refresh").click()
    await room.hears("refresh_home")


async def test_pictures_and_texts_are_shown(room: Room, eyes: Eyes) -> None:
    await room.people.invite("U0KATE", "C0SUPPORT", room.app.bot_user_id)
    image = Image.new("RGB", (640, 300), "#eef3f1")
    bars = ImageDraw.Draw(image)
    for at, height in enumerate((40, 70, 55, 120, 210, 180, 90)):
        bars.rectangle([40 + at * 80, 280 - height, 95 + at * 80, 280], fill="#1c6b62")
    png = io.BytesIO()
    image.save(png, "PNG")
    client = slack(room)
    await client.files_upload_v2(
        channel="C0SUPPORT", content=png.getvalue(), filename="orders.png", title="Failed orders",
        alt_txt="Failed orders per hour",
    )  # fmt: skip
    await client.files_upload_v2(
        channel="C0SUPPORT", content="# Agenda\n- What happened\n", filename="agenda.md",
        title="Postmortem agenda",
    )  # fmt: skip
    page = await eyes.look(AS_MAYA)
    shown = page.get_by_alt_text("Failed orders")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.naturalWidth") == 640
    await page.get_by_text("Preview").click()
    await expect(page.get_by_text("What happened")).to_be_visible()
    await picture(page, "files")
    await shown.click()
    await expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    await page.keyboard.press("Escape")


async def test_the_clock_moves_forward_and_shows_that_it_works(room: Room, eyes: Eyes) -> None:
    due = room.ws.now() + timedelta(minutes=50)

    async def next_due() -> object:
        return due if room.ws.now() < due else None

    room.ws.clock.next_due = next_due  # type: ignore[assignment]
    page = await eyes.look(AS_MAYA)
    await expect(page.locator(".clock-due")).to_contain_text("minutes")
    before = room.ws.now()
    await page.get_by_role("button", name="+1 h").click()
    await expect(page.locator("#part-clock")).not_to_have_attribute("aria-busy", "true")
    await room.people.until(lambda: room.ws.now() - before >= timedelta(hours=1))
    await page.get_by_role("button", name="Next due").click()
    await expect(page.get_by_text("Nothing is due.")).to_be_visible()


async def test_faults_are_turned_on_and_off(room: Room, eyes: Eyes) -> None:
    page = await eyes.look(AS_MAYA, dark=True)
    await page.get_by_label("Faults", exact=True).first.click()
    drawer = page.get_by_role("dialog", name="Faults")
    await drawer.get_by_label("What happens").select_option("429")
    await drawer.get_by_role("button", name="Turn on").click()
    await expect(drawer.get_by_role("listitem")).to_contain_text("chat.*")
    assert [rule.kind for rule in room.ws.faults.rules] == ["429"]
    await picture(page, "faults-dark")
    await drawer.get_by_role("button", name="Clear").click()
    await expect(drawer.get_by_text("Everything works.")).to_be_visible()
    assert room.ws.faults.rules == []


async def test_people_are_switched_and_channels_walked_by_keyboard(room: Room, eyes: Eyes) -> None:
    page = await eyes.look(AS_MAYA)
    await page.get_by_label(re.compile("You are Maya Lind")).focus()
    await page.keyboard.press("Enter")
    await picture(page, "people")
    await page.keyboard.type("r")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label(re.compile("You are Richard Stone"))).to_be_visible()
    await page.locator("body[data-live]").wait_for()
    await page.locator('.room[data-channel="C0GENERAL"]').focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator('.room[data-channel="C0SUPPORT"]')).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("as=U0RICHARD&channel=C0SUPPORT"))


async def test_a_narrow_window_has_the_channels_in_a_drawer(room: Room, eyes: Eyes) -> None:
    await post_card(room)
    page = await eyes.look(AS_MAYA, width=390)
    await expect(page.locator('.room[data-channel="C0GENERAL"]')).to_be_hidden()
    await picture(page, "narrow")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    await page.get_by_label("Channels", exact=True).click()
    await expect(page.locator('.room[data-channel="C0GENERAL"]')).to_be_visible()
    await picture(page, "narrow-drawer")
    await page.keyboard.press("Escape")
    await expect(page.locator('.room[data-channel="C0GENERAL"]')).to_be_hidden()


async def test_a_form_in_a_narrow_window_names_its_app_and_shows_a_long_text_whole(
    room: Room, eyes: Eyes
) -> None:
    await room.people.invite("U0KATE", "C0SUPPORT", room.app.bot_user_id)
    page = await eyes.look(AS_MAYA, width=390)
    await page.get_by_label("Message #support").fill("/escalate ")
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="New escalation")
    name = form.locator(".modal-app")
    await expect(name).to_have_text("Escalation Desk")
    assert await name.evaluate("name => name.scrollWidth <= name.clientWidth")
    text = form.get_by_label("Business impact")
    short = await text.evaluate("text => text.clientHeight")
    await text.fill("\n".join(f"Line {number}" for number in range(20)))
    assert await text.evaluate("text => text.scrollHeight <= text.clientHeight")
    assert await text.evaluate("text => text.clientHeight") > 2 * short
    await form.get_by_role("button", name="Open it").click()
    error = form.locator(".error:visible").first
    await expect(error).to_have_css("white-space", "pre-line")  # several problems, a line each
    await picture(page, "modal-narrow")


async def test_dark_follows_the_system_until_chosen(room: Room, eyes: Eyes) -> None:
    await post_card(room)
    page = await eyes.look(AS_MAYA, dark=True)
    ground = "getComputedStyle(document.body).backgroundColor"
    assert await page.evaluate(ground) == "rgb(23, 25, 28)"
    await picture(page, "card-dark")
    await page.get_by_label("Light or dark").click()
    assert await page.evaluate(ground) == "rgb(252, 251, 249)"
    await page.reload()
    assert await page.evaluate(ground) == "rgb(252, 251, 249)"
