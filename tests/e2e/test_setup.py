"""The first steps in an administrator's App Home, and a real test mail: its end is told.

Its answer is "show:setup", its buttons "do:choose_setup" and "do:test_mail".
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.e2e.office import KATE, MAYA, Office, office
from tests.mail.server import Box, mail_server


@asynccontextmanager
async def with_mail(folder: Path) -> AsyncIterator[tuple[Office, Box]]:
    """The office, of which Kate is the administrator, with a mail server of its own."""
    with mail_server() as box:
        given: dict[str, Any] = {
            "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_tls": "none",
            "mail_from": "Northwind <help@northwind.example>",
        }  # fmt: skip
        async with office(folder, http=False, **given) as desk:
            yield desk, box


async def home(desk: Office, who: str) -> str:
    """What stands in a person's App Home."""
    await desk.here.people.open_home(who)
    await desk.here.settle()
    view = await desk.here.people.until(lambda: desk.here.people.home(who))
    return str(view.payload)


async def test_steps_stand_in_the_home_of_administrators_alone_until_they_are_done(
    tmp_path: Path,
) -> None:
    async with with_mail(tmp_path) as (desk, box):
        assert "Setting up Escalation Desk" not in await home(desk, MAYA)
        shown = await home(desk, KATE)
        assert "Setting up Escalation Desk" in shown
        assert "no test mail was taken by it yet" in shown
        await desk.command(MAYA, "setup")
        assert "have permission" in desk.answers(MAYA)[-1].text
        await desk.command(KATE, "setup")
        answer = desk.answers(KATE)[-1]
        await desk.press(KATE, answer, "do:test_mail")
        await desk.here.settle()
        (mail,) = box.mails
        assert str(mail["To"]) == desk.ws.users[KATE].email
        assert "TEST by Escalation Desk" in mail["Subject"]
        told = desk.dms(KATE)[-1].text
        assert "The mail server took the test mail" in told
        assert "250" in told
        for step in ("calendar", "channels"):
            await desk.wants(KATE, "choose_setup", {"step": step, "needed": False})
        await desk.here.settle()
        assert "Setting up Escalation Desk" not in await home(desk, KATE)
        await desk.command(KATE, "setup")
        again = desk.answers(KATE)[-1]
        assert "Needed after all" in str(again.blocks)
        await desk.press(KATE, again, "do:choose_setup")
        assert "Setting up Escalation Desk" in await home(desk, KATE)


async def test_the_exact_error_is_told_and_stands_in_the_steps(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (desk, box):
        box.recipients.append("550 5.1.1 <kate@northwind.example> no such user here")
        await desk.command(KATE, "setup")
        await desk.press(KATE, desk.answers(KATE)[-1], "do:test_mail")
        await desk.here.settle()
        told = desk.dms(KATE)[-1]
        assert "did not take the test mail" in told.text
        assert "550 5.1.1" in told.text
        assert "no such user here" in told.text
        assert "550 5.1.1" in await home(desk, KATE)
        await desk.press(KATE, told, "do:test_mail")
        await desk.here.settle()
        assert len(box.mails) == 1
        assert "took the test mail" in desk.dms(KATE)[-1].text


async def test_a_server_that_is_away_ends_the_trial_at_once(tmp_path: Path) -> None:
    async with with_mail(tmp_path) as (desk, box):
        mailer = desk.here.services.customers.mailer
        assert mailer is not None
        mailer.server = replace(mailer.server, port=1)
        await desk.command(KATE, "setup")
        await desk.press(KATE, desk.answers(KATE)[-1], "do:test_mail")
        await desk.here.settle()
        assert "did not take the test mail" in desk.dms(KATE)[-1].text
        assert "Connect" in desk.dms(KATE)[-1].text
        assert box.mails == []
