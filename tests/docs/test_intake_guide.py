"""The scripts in the guide to the webhook, as they stand there, against the running app."""

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from tests.handlers.http.test_intake import NEW, WITHOUT_SPACES, running

GUIDE = Path(__file__).parents[2] / "docs" / "intake" / "webhook.md"


def block(begins: str) -> str:
    """The code of the guide that begins so, without the indentation of its list."""
    for code in re.findall(r"```\w+\n(.*?)```", GUIDE.read_text(), re.DOTALL):
        lines = [line.removeprefix("   ") for line in code.splitlines()]
        if any(line.startswith(begins) for line in lines[:2]):
            return "\n".join(lines)
    raise AssertionError(begins)


@pytest.mark.parametrize("secret", [NEW])
async def test_the_scripts_of_the_guide_report_and_ask(tmp_path: Path, secret: str) -> None:
    for name, begins in (
        ("report.sh", "# report.sh"), ("became.sh", "# became.sh"), ("report.json", "{"),
    ):  # fmt: skip
        (tmp_path / name).write_text(block(begins))

    async with running(tmp_path) as door:
        around = {"URL": door.here.web_url, "SECRET": WITHOUT_SPACES[secret]}

        async def run(*command: str) -> dict[str, object]:
            process = await asyncio.create_subprocess_exec(
                "sh", *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
                env={"PATH": os.environ["PATH"], **around},
            )  # fmt: skip
            said, _ = await process.communicate()
            found: dict[str, object] = json.loads(said)
            return found

        reported = await run("report.sh", "report.json")
        assert (reported["state"], reported["key"]) == ("waiting", "order-4711-complaint")
        assert await run("report.sh", "report.json") == reported
        assert await run("became.sh", "order-4711-complaint") == reported
        around["SECRET"] = "another secret"
        assert (await run("became.sh", "order-4711-complaint"))["error"] == "unsigned"
