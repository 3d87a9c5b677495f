"""The drill of the emergency file: what it finds missing, what it prints, what it records."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import app
from bot.clock import SystemClock
from bot.rules.words import Language
from cli import admin
from cli.files.emergency import drill_emergency, write_emergency
from messages.emergency.drill import STEPS, drill_sheet
from storage.models import TerminalAction
from tests.bot.stage import EMMA, Stage
from tests.cli.test_actions import store

__all__ = ["store"]


async def drilled(file: Path, language: str = "en", signed: str = "") -> int:
    """What the command answers for the file."""
    return await drill_emergency(admin.read_settings(), file, language, signed)


async def test_it_says_what_the_file_lacks_of_what_is_open_now(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "emergency.html"
    assert await drilled(file) == 1
    assert f"There is no file {file}." in capsys.readouterr().out
    await store.do(EMMA, "claim", 1)
    await store.opened(customer="Zeta", account="", contact_email="z@zeta.example")
    assert await write_emergency(admin.read_settings(), file, "en") == 0
    await store.opened(customer="Late", account="")
    capsys.readouterr()
    assert await drilled(file) == 1
    said = capsys.readouterr().out
    assert "ESC-3 is open and not in it." in said
    assert "ESC-2: no contact" not in said
    assert f"{EMMA}: no telephone number." in said
    assert "more than a day old" not in said
    page = file.read_text("utf-8")
    file.write_text(page.replace(EMMA, "UNOBODY").replace('<tr><th scope="row">', "<tr><th>"))
    old = (SystemClock().now() - timedelta(hours=26)).timestamp()
    os.utime(file, (old, old))
    assert await drilled(file) == 1
    said = capsys.readouterr().out
    assert "It is more than a day old" in said
    assert f"ESC-1: the owner, {EMMA}, does not stand there." in said
    assert "ESC-1: no due time stands there." in said


async def test_a_whole_file_is_said_to_be_so_and_a_signature_is_recorded(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "emergency.html"
    await write_emergency(admin.read_settings(), file, "en")
    row = '<tr><th scope="row">{}</th><td></td><td></td>'
    page = file.read_text("utf-8")
    for user in {*(await store.roles(1)).values(), (await store.case(1)).owner}:
        page = page.replace(row.format(user), row.format(user).replace("<td></td><td></td>", ""))
        page += f'<tr><th scope="row">{user}</th><td>x</td><td>+30 210</td>'
    contact = (await store.case(1)).contact_email
    file.write_text(page, encoding="utf-8")
    capsys.readouterr()
    code = await drilled(file)
    said = capsys.readouterr().out
    assert (code, "complete" in said) == ((0, True) if contact else (1, False))
    assert [row.command for row in await store.rows(TerminalAction)] == ["emergency"]
    assert await drilled(file, signed="  Kate \n Doe ") == 0
    signed = (await store.rows(TerminalAction))[-1]
    assert (signed.command, signed.about["signed"]) == ("emergency drill", "Kate Doe")


@pytest.mark.parametrize("language", Language)
def test_the_exercise_has_each_step_and_a_place_to_sign(language: Language) -> None:
    at = datetime.fromisoformat("2026-02-10T06:00:00+00:00")
    sheet = drill_sheet("/srv/e.html", at, [], language, "Europe/Athens")
    assert sheet.count("[ ]") == STEPS
    assert sheet.count("____") >= 3
    assert "--drill --signed" in sheet
    assert "  - " not in sheet
    assert "  - ESC-7" in drill_sheet("/srv/e.html", at, ["ESC-7"], language, "Europe/Athens")


async def test_a_language_that_is_not_spoken_is_refused(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await drilled(tmp_path / "e.html", "xx") == 1
    assert "is not spoken here" in capsys.readouterr().err


def test_the_command_line_knows_it() -> None:
    shown = CliRunner().invoke(app, ["emergency", "--help"], env={"COLUMNS": "200"}).output
    assert "--drill" in shown
    assert "--signed" in shown
