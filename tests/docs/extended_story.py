"""What the recipes of docs/extending.md make, used as people use it.

``test_extending.py`` runs this in a copy of the program, in which the recipes were followed.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.rules.words import Language
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import local_app
from messages.cases.timeline import timeline_line
from sandbox import conversations
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from sandbox.state import User
from storage import models
from storage.schema import schema_differences
from tests.e2e.office import BEGINS, ELENI, MAYA, RICHARD, STRANGER, SUPPORT, Office, without_limits

GREEK = Language("el")
CUSTOMER = "g.raptis@delphi-energy.example"
TICKET = "https://postbox.example/tickets/41"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """The office, with a stranger in it, a reader of Greek, and a help desk in a folder."""
    shift = BEGINS - datetime.now(UTC)
    ws = demo_workspace(WorkspaceClock(real_now=lambda: datetime.now(UTC) + shift))
    ws.add_user(User(id=STRANGER, name="sam.sales", real_name="Sam Sales"))
    conversations.join(ws, STRANGER, SUPPORT)
    outside = {"postbox_folder": str(tmp_path / "postbox"), "public_url": "http://127.0.0.1:0"}
    async with local_app(ws, tmp_path, outside=outside) as here:
        without_limits(here)
        await import_demo_accounts(here)
        yield Office(here)


async def test_the_command_is_typed_its_form_filled_and_its_notice_seen(office: Office) -> None:
    number = await office.stage("new")
    await office.command(MAYA, f"wave ESC-{number}")
    form = office.form(MAYA)
    assert form.callback_id == "wave"
    assert await office.fill(MAYA, words="Well done, all of you") == {}
    assert any(
        "waves at you" in message.text or "σας χαιρετά" in message.text
        for message in office.said(number)
    )
    await office.command(ELENI, f"wave ESC-{number} 3 Μπράβο")
    assert any("3×" in message.text for message in office.said(number))
    await office.command(MAYA, f"wave ESC-{number} 12 Too much")
    assert any("1 to 9 times" in said for said in map(str, office.answers(MAYA)))
    assert [verb for _, verb in await office.done(number)].count("wave") == 2


async def test_the_table_is_written_by_the_verb_and_told_in_the_record(office: Office) -> None:
    assert await schema_differences(office.here.services.database) == []
    number = await office.stage("new")
    await office.command(MAYA, f"wave ESC-{number} Well done")
    async with office.here.services.database.read() as session:
        (wave,) = (await session.exec(select(models.Wave))).all()  # type: ignore[attr-defined]
    assert (wave.case_number, wave.by, wave.words) == (number, MAYA, "Well done")

    entries, _ = await office.here.services.reading.timeline(number, MAYA)
    (entry,) = [each for each in entries if each.verb == "wave"]
    assert entry.after == {"wave": wave.id}
    assert "waved at the team: “Well done”" in timeline_line(entry, Language.ENGLISH)
    assert "χαιρέτησε την ομάδα" in timeline_line(entry, GREEK)


async def test_those_without_a_role_are_refused_and_leave_no_row(office: Office) -> None:
    number = await office.stage("new")
    await office.command(STRANGER, f"wave ESC-{number} Hello")
    assert office.answers(STRANGER)
    async with office.here.services.database.read() as session:
        assert (await session.exec(select(models.Wave))).all() == []  # type: ignore[attr-defined]


async def test_what_is_due_is_said_once_in_the_readers_language(office: Office) -> None:
    number = await office.stage("new")
    await office.command(MAYA, f"wave ESC-{number} Well done")
    await office.command(ELENI, f"wave ESC-{number} Μπράβο")
    await office.pass_time(timedelta(hours=23))
    assert _told(office, MAYA, "you waved a day ago") == 0
    await office.pass_time(timedelta(hours=2))
    await office.pass_time(timedelta(days=2))
    assert _told(office, MAYA, "you waved a day ago") == 1
    assert _told(office, ELENI, "χαιρετήσατε πριν από μία ημέρα") == 1


async def test_a_role_more_hears_a_warning_of_a_clock(office: Office) -> None:
    await office.stage("new")
    await office.pass_time(timedelta(minutes=50))
    assert _told(office, RICHARD, "nobody has claimed it yet") == 1


async def test_a_message_goes_out_through_the_help_desk(office: Office, tmp_path: Path) -> None:
    ticket = tmp_path / "postbox" / "41"
    ticket.mkdir(parents=True)
    (ticket / "requester").write_text(CUSTOMER, encoding="utf-8")
    number = await office.stage("new", ticket_url=TICKET)
    fields = {"case": number, "kind": "acknowledgement", "route": "postbox"}
    await office.wants(MAYA, "update", fields)
    await office.here.settle()
    (file,) = ticket.glob(f"ESC-{number}-*.txt")
    assert file.read_text(encoding="utf-8").startswith("We are on it.")
    verbs = [verb for _, verb in await office.done(number)]
    assert "ticket_queued" in verbs
    assert (await office.case(number)).sent[-1].route == "postbox"


def _told(office: Office, who: str, words: str) -> int:
    return sum(words in message.text for message in office.dms(who))
