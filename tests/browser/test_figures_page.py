"""The page of figures in a real browser: charts, tables, light and dark, on a phone, by keys."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.test_customer_pages import look, window
from tests.e2e.office import KATE, Office, office
from tests.ports import free_port

pytestmark = pytest.mark.browser


async def link_of(desk: Office) -> str:
    """The address of the page for a support lead, with some cases to count."""
    for stage in ("closed", "investigating", "mitigated"):
        await desk.stage(stage)
    await desk.command(KATE, "figures")
    return re.findall(r"https?://[^|\s>]+/g/[\w-]+", str(desk.answers(KATE)[-1].blocks))[0]


async def test_the_page_of_figures_is_fit_for_everybody(tmp_path: Path, browser: Browser) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with office(tmp_path, http=False, public_url=url) as desk:
        link = await link_of(desk)
        for language in ("en", "el"):
            for dark in (False, True):
                page = await window(browser, narrow_and_dark=dark)
                name = f"figures-{language}-{'dark' if dark else 'light'}"
                await look(page, f"{link}?lang={language}", name)
                charts = page.locator("img.chart")
                assert await charts.count() > 0
                for number in range(await charts.count()):  # drawn, not only there
                    drawn = await charts.nth(number).evaluate("img => img.naturalWidth")
                    assert drawn > 100
                wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0  # a table is moved by itself, never the page
        await page.keyboard.press("Tab")
        reached = {await page.evaluate("document.activeElement.textContent.trim()")}
        for _ in range(3):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.textContent.trim()"))
        assert {"English", "Ως PDF", "Ως πίνακας (CSV)"} <= reached
