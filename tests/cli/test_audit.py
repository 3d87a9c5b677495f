"""The proof of the records from a terminal: verified, its end kept elsewhere, written out."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from app import app
from bot.audit.sealing import seal_records
from bot.operations.signing_key import load_signer
from bot.operations.terminal_actions import note_action
from bot.settings import Settings
from cli.failures import CommandError
from cli.security import audit
from storage import schema
from storage.database import Database
from tests.bot.audit.test_chain import run
from tests.bot.policies import policy
from tests.bot.stage import Stage
from tests.unguarded import unguard


@pytest_asyncio.fixture
async def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Stage]:
    """A store with three rows in the chain, and a key."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(database)
    await load_signer(database)
    stage = Stage(database, policy())
    async with database.write() as session:
        for command in ("export", "key list", "outbox drop"):
            note_action(session, "ada@desk-1", command, {})
    await seal_records(stage)
    yield stage
    await database.close()


async def test_a_store_that_holds_is_said_to_hold(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await audit.verify(None) == 0
    assert capsys.readouterr().out.startswith("3 links, the last ")


async def test_what_was_changed_is_named_and_the_command_fails(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await unguard(store.database)
    await run(store, "UPDATE terminal_action SET command = 'nothing' WHERE id = 2")
    assert await audit.verify(None) == 1
    told = capsys.readouterr()
    assert "✗ link 2 (terminal_action 2, key list): its row was changed" in told.err
    assert "1 wrong" in told.out


async def test_a_head_that_was_kept_is_looked_for(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await audit.print_head() == 0
    kept = tmp_path / "head.json"
    kept.write_text(capsys.readouterr().out)
    assert json.loads(kept.read_text())["seq"] == 3
    assert await audit.verify(kept) == 0
    await unguard(store.database)
    for name in ("audit_salt", "audit_event"):
        await run(store, f"DELETE FROM {name} WHERE seq = 3")
    await run(store, "DELETE FROM terminal_action WHERE id = 3")
    assert await audit.verify(None) == 0, "the end is gone: only who kept the head can know"
    assert await audit.verify(kept) == 1
    assert "the kept head is link 3, and the chain ends at 2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not what"),
        ("{}", "is not what"),
        ('{"seq": 3, "hash": "ab", "at": "soon", "signature": "x"}', "is not what"),
        (
            '{"seq": 3, "hash": "ab", "at": "2026-03-02T10:00:00+00:00", "signature": "é"}',
            "signed by none of the keys",
        ),
    ],
)
async def test_a_file_that_is_no_head_is_refused(
    store: Stage, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "head.json").write_text(text)
    with pytest.raises(CommandError, match=said):
        await audit.verify(tmp_path / "head.json")


async def test_the_chain_is_written_out_and_that_is_on_record(store: Stage, tmp_path: Path) -> None:
    file = tmp_path / "chain.jsonl"
    assert await audit.export(file) == 0
    *links, head = [json.loads(line) for line in file.read_text().splitlines()]
    assert [link["seq"] for link in links] == [1, 2, 3]
    assert (head["seq"], head["hash"]) == (3, links[-1]["hash"])
    assert datetime.fromisoformat(head["at"]).tzinfo == UTC
    assert "ada@desk" not in file.read_text()
    with pytest.raises(CommandError, match="File exists"):
        await audit.export(file)
    assert await audit.verify(file) == 0, "its last line is the head, signed"
    await seal_records(store)
    assert await audit.verify(file) == 0


def test_the_commands_have_their_help() -> None:
    for command in ("verify", "head", "export"):
        told = CliRunner().invoke(app, ["audit", command, "--help"])
        assert told.exit_code == 0
        assert command in told.output
