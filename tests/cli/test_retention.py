"""What the policy's rule deletes, from a terminal: told first, done by ``--apply``, on record."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import select

from bot.rules.compliance.retention import MARK
from bot.rules.policy import model
from bot.settings import Settings
from cli.security import audit, retention
from storage import schema
from storage.database import Database
from storage.models import TerminalAction
from tests.bot.compliance.old_cases import MARKER, closed_case, dump, held
from tests.bot.policies import policy
from tests.bot.stage import Stage, acme


@pytest_asyncio.fixture
async def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Stage]:
    """A store made by the migrations, with a case that ended long ago, and a rule of a month."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    usual = Path(model.__file__).with_name("default_policy.toml").read_text(encoding="utf-8")
    rule = tmp_path / "policy.toml"
    rule.write_text(f"{usual}\n[retention]\ncase_months = 1\n", encoding="utf-8")
    monkeypatch.setenv("POLICY_FILE", str(rule))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(database)
    stage = Stage(database, policy())
    await stage.add(acme())
    yield stage
    await database.close()


async def test_what_would_go_is_told_and_nothing_is_changed(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    number = await closed_case(store)
    before = await dump(store)
    assert await retention.retention(apply=False) == 0
    told = capsys.readouterr().out
    assert f"words (case_months = 1): 1 (ESC-{number})" in told
    assert "  timeline_event: " in told
    assert "nothing was changed" in told
    assert MARKER not in told
    assert await dump(store) == before


async def test_what_goes_is_gone_and_who_ran_it_is_on_record(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    number = await closed_case(store)
    assert await retention.retention(apply=True) == 0
    assert "done: words, 1" in capsys.readouterr().out
    assert (await store.case(number)).stake == MARK
    assert all(MARKER not in rows for rows in (await dump(store)).values())
    async with store.database.read() as session:
        [action] = (await session.exec(select(TerminalAction))).all()
    assert (action.command, action.about) == ("retention", {"words": 1})
    assert await audit.verify(None) == 0
    assert await retention.retention(apply=True) == 0
    assert "words (case_months = 1): 0" in capsys.readouterr().out


async def test_what_is_held_for_legal_is_named(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    number = await closed_case(store)
    await held(store, number)
    assert await retention.retention(apply=True) == 0
    assert f"waits: 1 (ESC-{number})  held for Legal" in capsys.readouterr().out
    assert (await store.case(number)).stake == MARKER


async def test_without_a_rule_nothing_goes_and_that_is_said(
    store: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await closed_case(store)
    monkeypatch.delenv("POLICY_FILE")
    before = await dump(store)
    assert await retention.retention(apply=True) == 0
    assert "nothing is deleted" in capsys.readouterr().out
    assert await dump(store) == before
