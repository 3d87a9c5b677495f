"""The scripts in the guide to the webhook, as they stand there, against the running app."""

import asyncio
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from bot.rules.reviews.export import COLUMNS
from tests.handlers.http.test_intake import NEW, WITHOUT_SPACES, running

# Headings of which the guide has the beginning.
LONG = {f"what do you {each} about the product" for each in ("like best", "dislike")}
INTAKE = Path(__file__).parents[2] / "docs" / "intake"


def block(page: str, begins: str) -> str:
    """The code of a page that begins so, without the indentation of its list."""
    for code in re.findall(r"```\w+\n(.*?)```", (INTAKE / page).read_text(), re.DOTALL):
        lines = [line.removeprefix("   ") for line in code.splitlines()]
        if any(line.startswith(begins) for line in lines[:2]):
            return "\n".join(lines)
    raise AssertionError(begins)


async def run(folder: Path, around: Mapping[str, str], *command: str) -> dict[str, object]:
    """What a script answers, as JSON."""
    process = await asyncio.create_subprocess_exec(
        "sh", *command, cwd=folder, stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], **around},
    )  # fmt: skip
    said, _ = await process.communicate()
    found: dict[str, object] = json.loads(said)
    return found


async def test_the_scripts_of_the_guide_report_and_ask(tmp_path: Path) -> None:
    for name, begins in (
        ("report.sh", "# report.sh"), ("became.sh", "# became.sh"), ("report.json", "{"),
    ):  # fmt: skip
        (tmp_path / name).write_text(block("webhook.md", begins))

    async with running(tmp_path) as door:
        around = {"URL": door.here.web_url, "SECRET": WITHOUT_SPACES[NEW]}

        reported = await run(tmp_path, around, "report.sh", "report.json")
        assert (reported["state"], reported["key"]) == ("waiting", "order-4711-complaint")
        assert await run(tmp_path, around, "report.sh", "report.json") == reported
        assert await run(tmp_path, around, "became.sh", "order-4711-complaint") == reported
        around["SECRET"] = "another secret"
        assert (await run(tmp_path, around, "became.sh", "order-4711-complaint"))[
            "error"
        ] == "unsigned"


async def test_the_script_of_podiums_page_sends_an_event(tmp_path: Path) -> None:
    for name, begins in (("podium.sh", "# podium.sh"), ("event.json", "{")):
        (tmp_path / name).write_text(block("podium.md", begins))
    secret = "the-secret-of-podium"
    async with running(tmp_path, podium_webhook_secret=secret) as door:
        around = {"URL": door.here.web_url, "SECRET": secret}
        for outcome in ("new", "known"):
            assert await run(tmp_path, around, "podium.sh", "event.json") == {"outcome": outcome}


def test_the_columns_of_an_export_stand_in_its_guide() -> None:
    page = (INTAKE / "reviews.md").read_text()
    documented = set(re.findall(r"`([a-z ]+)`", page.partition("### The file")[2]))
    known = {name for names in COLUMNS.values() for name in names}
    assert documented - {"updated"} <= known
    assert known - documented == LONG
