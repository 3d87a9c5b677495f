"""Erasing from a terminal: told first, done when it is confirmed, again after a restore."""

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.operations.signing_key import load_signer
from bot.settings import Settings
from cli.failures import CommandError
from cli.files.records import case_record
from cli.security import audit, erasure
from storage import schema
from storage.database import Database
from storage.models import Account, Case, Forgotten, TerminalAction
from tests.bot.compliance.erasure.everywhere import ADDRESS, ID, LEFT, NAME, lived, named_in
from tests.bot.compliance.old_cases import MARKER, dump, held
from tests.bot.policies import policy
from tests.bot.stage import EMMA, Stage, acme


@pytest_asyncio.fixture
async def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Stage]:
    """A store made by the migrations in which a person stands everywhere."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(database)
    stage = Stage(database, policy())
    await load_signer(database)
    await stage.add(acme())
    await lived(stage)
    yield stage
    await database.close()


def files_with(folder: Path, *names: str) -> list[str]:
    """The files in which one of these stands, in any case of letters."""
    files = [(file.name, file.read_bytes().lower()) for file in folder.iterdir()]
    return [name for name, content in files if any(each.encode() in content for each in names)]


async def person(**how: object) -> int:
    said = {"alone": False, "apply": False, "confirm": "", "file": None, **how}
    return await erasure.erase_person(ID, [MARKER], **said)  # type: ignore[arg-type]


async def erased(capsys: pytest.CaptureFixture[str]) -> str:
    """The person is erased; answers the pseudonym."""
    await person()
    alias = capsys.readouterr().out.split()[0]
    assert await person(apply=True, confirm=alias, file=Path("erased.jsonl")) == 0
    return alias


async def test_what_names_them_is_told_and_nothing_is_changed(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await dump(store)
    assert await person() == 0
    told = capsys.readouterr().out
    assert await dump(store) == before
    for line in (f"  {NAME}", f"  {ADDRESS}", "timeline_event: ", "ESC-1: ", "PRB-1: "):
        assert f"\n{line}" in told
    assert "today" not in told  # of the words around none
    assert "nothing was changed. What is erased cannot be brought back" in told


async def test_it_wants_the_pseudonym_and_a_file_that_is_kept(store: Stage) -> None:
    before = await dump(store)
    for how in ({"confirm": "", "file": Path("x")}, {"confirm": "person-0", "file": Path("x")}):
        with pytest.raises(CommandError, match="cannot be undone"):
            await person(apply=True, **how)
    assert await dump(store) == before


async def test_no_byte_of_the_file_has_them_afterwards(
    store: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    alias = await erased(capsys)
    assert "written anew" in capsys.readouterr().out
    assert files_with(tmp_path, *LEFT) == []
    record = json.dumps(await case_record(store.database, 1))
    assert alias in record
    [action] = await store.rows(TerminalAction, command="erase")
    assert action.about == {"as": alias}
    assert await audit.verify(None) == 0
    capsys.readouterr()
    assert await erasure.list_erased() == 0
    listed = capsys.readouterr().out
    assert alias in listed
    assert "  tickets: whoever runs the help desk: ESC-1" in listed


async def test_after_a_restore_they_are_erased_again(
    store: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async with store.database.driver() as driver:
        await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(tmp_path / "desk.db", tmp_path / "backup")
    alias = await erased(capsys)
    assert named_in(await dump(store)) == set()
    assert await erasure.erase_again(Path("erased.jsonl"), apply=True) == 0
    assert "1 in the file, 0 stand in the database again" in capsys.readouterr().out
    await store.database.close()
    for end in ("-wal", "-shm"):
        (tmp_path / f"desk.db{end}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup", tmp_path / "desk.db")
    store.database = Database(f"sqlite:///{tmp_path}/desk.db")
    assert named_in(await dump(store))
    assert await erasure.erase_again(Path("erased.jsonl"), apply=False) == 0
    assert named_in(await dump(store))
    assert await erasure.erase_again(Path("erased.jsonl"), apply=True) == 0
    assert f"erased: {alias}" in capsys.readouterr().out
    assert named_in(await dump(store)) == set()
    assert await audit.verify(None) == 0


async def test_a_hold_refuses_and_names_the_cases(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await person()
    alias = capsys.readouterr().out.split()[0]
    await held(store, 1)
    before = await dump(store)
    assert await person(apply=True, confirm=alias, file=Path("x")) == 1
    assert "refused: held for Legal: ESC-1" in capsys.readouterr().err
    assert await dump(store) == before
    assert files_with(Path(), "digests") == []


async def test_who_is_still_at_work_hands_over_first(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    number = await store.opened()
    await store.do(EMMA, "claim", number)
    assert await erasure.erase_person(EMMA, [], alone=True, apply=False, confirm="", file=None)
    assert f"still at work on ESC-{number}" in capsys.readouterr().err


async def test_a_customer_goes_with_its_contacts_and_domains(
    store: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await store.opened(stake="Acme Hellas waits; nikos@acme-hellas.example asked, Ada Box too")
    async with store.database.write() as session:
        account = await session.get_one(Account, "acme")
        account.domains, account.greeting = "acme-hellas.example", "Dear Ada Box"
        account.contact_name, account.contact_email = "Ada Box", "ada@acme-hellas.example"
        session.add(account)
    said = {"apply": False, "confirm": "", "file": None}
    assert await erasure.erase_account("Acme Hellas", [], **said) == 0  # type: ignore[arg-type]
    alias = capsys.readouterr().out.split()[0]
    said = {"apply": True, "confirm": alias, "file": Path("kept")}
    assert await erasure.erase_account("Acme Hellas", [], **said) == 0  # type: ignore[arg-type]
    left = await dump(store)
    assert named_in(left, "hellas", "ada box", "nikos") == set()
    [account] = await store.rows(Account, key="acme")
    assert (account.name, account.contact_email, account.contact_name) == (alias, "", alias)
    case = (await store.rows(Case))[-1]
    assert case.account_key == "acme"
    assert case.stake == f"{alias} waits; {alias} asked, {alias} too"
    assert await audit.verify(None) == 0


async def test_what_cannot_be_asked_for_is_said(store: Stage) -> None:
    said = {"apply": False, "confirm": "", "file": None}
    with pytest.raises(CommandError, match="no customer has that key"):
        await erasure.erase_account("Nobody", [], **said)  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="too short"):
        await erasure.erase_person("Al", [], alone=True, **said)  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="line 1 is none"):
        await erasure.erase_again(Path(__file__), apply=False)
    assert await store.rows(Forgotten, verb="erase") == []
