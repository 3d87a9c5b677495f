"""The emergency file: what it has without Slack, who may read it, and what it keeps to itself."""

import asyncio
import stat
from pathlib import Path

import html5lib
import pytest

from cli import admin
from cli.files.emergency import write_emergency
from storage.models import Person, TerminalAction
from tests.bot.stage import EMMA, T0, Stage
from tests.cli.test_actions import store

__all__ = ["store"]

HOSTILE = "<script>alert(1)</script> & Co"


async def written(file: Path, language: str = "") -> str:
    """The page as text, well-formed."""
    assert await write_emergency(admin.read_settings(), file, language) == 0
    page = await asyncio.to_thread(file.read_text, encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(page)
    return page


async def test_it_has_owners_contacts_and_due_times_and_only_its_user_may_read_it(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await store.add(Person(user_id=EMMA, name="Emma Ioannou", email="emma@us.example",
                           fetched_at=T0))  # fmt: skip
    await store.do(EMMA, "claim", 1)
    await store.opened(customer="Zeta", account="", stake=HOSTILE, contact_email="z@zeta.example")
    file = tmp_path / "out" / "emergency.html"
    page = await written(file)
    for part in ("ESC-1 Acme", "Owner: Emma Ioannou", "emma@us.example", "z@zeta.example",
                 "First response", "Checkout is down &amp; we lose &lt;orders&gt;",
                 "&lt;script&gt;alert(1)"):  # fmt: skip
        assert part in page
    assert "<script" not in page
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["emergency.html"]
    assert capsys.readouterr().out == f"{file}: 2 open cases, 0 telephone numbers\n"
    (noted,) = await store.rows(TerminalAction)
    assert (noted.command, noted.about) == ("emergency", {"file": str(file), "cases": 2})


async def test_of_a_restricted_case_it_has_the_number_the_owner_and_the_due_times(
    store: Stage, tmp_path: Path
) -> None:
    await store.opened(customer="Omega", account="", stake="Their lawyer wrote", sensitive=True)
    page = await written(tmp_path / "emergency.html", "el")
    assert "ESC-2 (εμπιστευτική)" in page
    assert "Omega" not in page
    assert "Their lawyer wrote" not in page


async def test_a_file_that_is_there_is_replaced_and_a_language_unknown_changes_nothing(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "emergency.html"
    file.write_text("old")
    assert await write_emergency(admin.read_settings(), file, "xx") == 1
    assert "'xx' is not spoken here" in capsys.readouterr().err
    assert file.read_text() == "old"
    assert "ESC-1" in await written(file)


async def test_more_than_there_is_room_for_is_said(
    store: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.files.emergency.CASES_MAX", 1)
    await store.opened(severity=1, customer="Grave", account="")
    page = await written(tmp_path / "emergency.html")
    assert "ESC-2 Grave" in page
    assert "ESC-1" not in page
    assert "One more case is open" in page
