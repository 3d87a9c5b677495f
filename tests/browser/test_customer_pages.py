"""What customers open and read, in a real browser, by a validator's and axe's rules.

axe-core is the accessibility checker that browsers' own tools use (WCAG 2 A and AA, and its best
practices); html5lib parses as the HTML standard says and names every parse error.
"""

import html5lib
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.browser.conftest import picture
from tests.mail.conftest import World, box, world
from tests.mail.test_pages import links, surveyed

pytestmark = pytest.mark.browser

__all__ = ["box", "world"]  # fixtures: a workspace with a real mail server


async def window(browser: Browser, *, narrow_and_dark: bool = False) -> Page:
    """A window. The pages' own policy would keep axe out, so it is not enforced here."""
    context = await browser.new_context(
        viewport={"width": 390 if narrow_and_dark else 1000, "height": 800},
        color_scheme="dark" if narrow_and_dark else "light",
        bypass_csp=True,
    )
    return await context.new_page()


async def must_be_fit(page: Page, source: str, *aside: str) -> None:
    """No parse error in what was sent, and nothing of which axe complains in what is shown.

    ``aside``: rules that do not hold here.
    """
    html5lib.HTMLParser(strict=True).parse(source)
    found = await Axe().run(page)
    complaints = [
        (rule["id"], rule["impact"], node["html"])
        for rule in found.response["violations"]
        if rule["id"] not in aside
        for node in rule["nodes"]
    ]
    assert complaints == []


async def look(page: Page, url: str, name: str) -> None:
    """Open an address, keep its picture, and judge it."""
    answer = await page.goto(url)
    assert answer is not None
    await picture(page, name)
    await must_be_fit(page, await answer.text())


@pytest.mark.parametrize("language", ["en", "el"])
async def test_the_status_page_is_fit_for_everybody(
    world: World, browser: Browser, language: str
) -> None:
    await world.write()
    (url,) = links(world)
    for dark in (False, True):
        page = await window(browser, narrow_and_dark=dark)
        name = f"customer-status-{language}-{'dark' if dark else 'light'}"
        await look(page, f"{url}?lang={language}", name)


@pytest.mark.parametrize("language", ["en", "el"])
async def test_a_survey_is_answered_with_the_keyboard_alone(
    world: World, browser: Browser, language: str
) -> None:
    url = f"{await surveyed(world)}?lang={language}"
    page = await window(browser, narrow_and_dark=language == "el")
    await look(page, url, f"customer-survey-{language}")

    await page.locator("form").evaluate("form => { form.noValidate = true }")  # as old browsers do
    await page.locator("button").press("Enter")
    await page.locator("[role=alert]").wait_for()
    await picture(page, f"customer-survey-mistake-{language}")
    await must_be_fit(
        page, "<!DOCTYPE html>" + await page.locator("html").evaluate("e => e.outerHTML")
    )

    await page.locator("#score-1").focus()
    await page.keyboard.press("ArrowRight")
    await page.locator("#effort-4").press("Space")
    await page.locator("textarea").press_sequentially("Too late <b>")
    await page.locator("button").press("Enter")
    await page.wait_for_url("**done=1**")
    await picture(page, f"customer-thanks-{language}")
    await must_be_fit(page, await (await page.request.get(page.url)).text())
    await world.here.settle()

    assert "Too late &lt;b&gt;" in world.posts()
    assert "2 of 5" in world.posts()


@pytest.mark.parametrize("language", ["en", "el"])
async def test_a_link_that_ended_says_what_helps(
    world: World, browser: Browser, language: str
) -> None:
    page = await window(browser)
    url = f"{world.here.web_url}/c/s-forged?lang={language}"
    await look(page, url, f"customer-gone-{language}")


async def test_a_mail_is_fit_for_everybody(world: World, browser: Browser) -> None:
    await world.write()
    body = world.box.mails[0].get_body(("html",))
    assert body is not None
    html = str(body.get_content())
    page = await window(browser)
    await page.set_content(html)
    await picture(page, "customer-mail")
    await must_be_fit(page, html, "page-has-heading-one")  # a letter, not a page
