"""What is done from a terminal leaves who did it, and where, in the store."""

import getpass
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.engine.access_log import DENIED, READ, make_row
from bot.rules.states import OutboxState
from bot.settings import Settings
from cli import admin, outbox
from cli.failures import CommandError
from cli.files import records
from cli.security import keys
from cli.security.access import show_access
from cli.security.actions import show_actions
from storage import schema
from storage.database import Database
from storage.models import AccessEvent, TerminalAction
from tests.bot.policies import policy
from tests.bot.stage import Stage, acme
from tests.bot.store import effect

ME = f"{getpass.getuser()}@{socket.gethostname()}"


@pytest_asyncio.fixture
async def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Stage]:
    """A store with a case, and the settings by which commands find it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(database)
    stage = Stage(database, policy())
    await stage.add(acme())
    await stage.opened()
    yield stage
    await database.close()


async def noted(store: Stage) -> list[tuple[str, int | None, dict[str, object]]]:
    """What is on record, all of it by this user."""
    found = await store.rows(TerminalAction)
    assert {row.by for row in found} == {ME}
    return [(row.command, row.case_number, row.about) for row in found]


async def test_a_row_that_was_given_up_and_one_that_was_tried_again_name_who_did_it(
    store: Stage,
) -> None:
    lost, late = effect(case_number=1), effect("dm", "dm:U1", error="slack: ratelimited")
    lost.error, late.state = "slack: channel_not_found", OutboxState.REFUSED
    await store.add(lost, late)
    assert await outbox.drop_row(lost.id) == 0
    assert await outbox.retry_row(late.id) == 0
    assert await outbox.drop_row(lost.id) == 1  # nothing was done, so nothing is on record
    assert await noted(store) == [
        ("outbox drop", 1, {"rows": [lost.id], "kinds": ["post"], "error": lost.error}),
        ("outbox retry", None, {"rows": [late.id], "kinds": ["dm"], "error": late.error}),
    ]


async def test_an_export_is_on_record_and_the_record_is_in_the_export(
    store: Stage, tmp_path: Path
) -> None:
    assert await records.export_record(1, tmp_path / "out") == 0
    assert await noted(store) == [("export", 1, {"file": str(tmp_path / "out" / "esc-1.zip")})]
    found = await records.case_record(store.database, 1)
    assert found is not None
    assert [row["by"] for row in found["terminal_action"]] == [ME]


async def test_a_case_that_there_is_not_leaves_no_record(store: Stage, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no case ESC-99"):
        await records.export_record(99, tmp_path)
    assert await store.rows(TerminalAction) == []


async def test_imports_and_migrations_are_on_record(store: Stage, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("name\nBoreal Bank\n")
    assert await admin.import_accounts(tmp_path / "accounts.csv") == 0
    await admin.migrate()  # nothing changes: nothing is on record
    assert await noted(store) == [
        ("accounts import", None, {"file": "accounts.csv", "accounts": 1})
    ]


async def test_the_first_migration_is_on_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    monkeypatch.chdir(tmp_path)
    await admin.migrate()
    database = Database(f"sqlite:///{tmp_path}/new.db")
    found = await Stage(database, policy()).rows(TerminalAction)
    await database.close()
    assert [(row.command, row.about["before"]) for row in found] == [("migrate", "none")]


async def test_who_is_behind_sudo_is_told_and_no_argument_chooses_it(
    store: Stage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SUDO_USER", "grace")
    await keys.rotate_key(tmp_path / "keys")
    await show_actions(1)
    assert f"grace as {ME}  key rotate  file: {tmp_path}/keys" in capsys.readouterr().out


async def test_a_store_without_any_says_so(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await show_actions(10) == 0
    assert "nothing was done from a terminal" in capsys.readouterr().out


async def test_who_looked_is_listed_of_a_case_or_of_a_person(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await show_access(50, None, "") == 0
    assert capsys.readouterr().out == "nothing is on record\n"
    seen = make_row(store.now, "UEMMA", READ, "timeline", case=1)
    no = make_row(store.now, "UBILL", DENIED, "figures", why="not_your_role")
    await store.add(AccessEvent(**seen), AccessEvent(**no))
    lines = [
        "2026-02-10 09:00:00Z  UEMMA  read  timeline  ESC-1",
        "2026-02-10 09:00:00Z  UBILL  denied  figures  not_your_role",
    ]
    for case, person, told in ((None, "", lines), (1, "", lines[:1]), (None, "UBILL", lines[1:])):
        await show_access(50, case, person)
        assert capsys.readouterr().out.splitlines() == told
