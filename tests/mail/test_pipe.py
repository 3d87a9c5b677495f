"""The script for a mail server's pipe, as the administrators' page shows it."""

import asyncio
import os
import re
import sys
import textwrap
from pathlib import Path

import pytest

from handlers.http.mail import MAIL_MAX
from tests.mail.conftest import INBOUND_SECRET, World, a_reply

PAGE = Path(__file__).parents[2] / "docs" / "administrators.md"
SHOWN = re.compile(r"```(?:sh|python)\n((?:(?!```).)*/mail/inbound.*?)```", re.DOTALL)


async def piped(world: World, mail: bytes, **other: str) -> int:
    """Give a mail to the script, as a mail server would; its exit code."""
    (script,) = SHOWN.findall(PAGE.read_text(encoding="utf-8"))
    settings = {"PUBLIC_URL": world.here.web_url, "MAIL_INBOUND_SECRET": INBOUND_SECRET, **other}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent("  " + script.lstrip()),
        stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd="/", env={"PATH": os.environ["PATH"], **settings},
    )  # fmt: skip
    await process.communicate(mail)
    assert process.returncode is not None
    await world.here.settle()
    return process.returncode


async def test_the_script_hands_in_what_the_customer_wrote(world: World) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "Ακόμη δεν δουλεύει.")
    assert await piped(world, raw, PUBLIC_URL=world.here.web_url + "/") == 0
    assert "Ακόμη δεν δουλεύει." in world.posts()


@pytest.mark.parametrize(
    ("mail", "other", "code"),
    [
        (b"no mail", {}, 65),
        (b"x" * (MAIL_MAX + 1), {}, 65),
        (b"x", {"MAIL_INBOUND_SECRET": "the secret of yesterday"}, 75),
        (b"x", {"PUBLIC_URL": "http://127.0.0.1:1"}, 75),
        (b"x", {"PUBLIC_URL": ""}, 75),
    ],
)
async def test_the_script_tells_the_mail_server_whether_to_try_again(
    world: World, mail: bytes, other: dict[str, str], code: int
) -> None:
    assert await piped(world, mail, **other) == code
