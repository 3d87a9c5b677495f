"""Take the picture of the local workspace again: ``python -m docs.picture``. Needs Chromium."""

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import async_playwright

from cli.logs import configure_logs
from cli.workspace.demo import demo_app, furnish
from cli.workspace.demo_story import BEGAN
from docs.generate import ROOT
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace

PICTURE = ROOT / "docs" / "images" / "workspace.png"
MORNING = datetime(2027, 2, 8, 7, 30, tzinfo=UTC)  # a Monday, 09:30 in Athens
SIZE = {"width": 1280, "height": 880}  # pixels; readable at the width of a README
VIEWER, CHANNEL = "U0MAYA", "esc-4-granite-insurance"


async def take() -> None:
    """Start the demo, look at its newest case as its agent, keep what is seen."""
    configure_logs("ERROR")
    workspace = demo_workspace(WorkspaceClock(real_now=lambda: MORNING - BEGAN))
    with tempfile.TemporaryDirectory(prefix="desk-picture-") as folder:
        async with demo_app(workspace, Path(folder)) as here:
            await furnish(here)
            await _shoot(here.url)


async def _shoot(url: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(base_url=url, viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"/?as={VIEWER}")
        await page.locator("body[data-live]").wait_for()
        await page.get_by_role("link", name=CHANNEL).click()
        await page.get_by_text("Pinned by").wait_for()
        await page.screenshot(path=PICTURE, animations="disabled")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(take())
