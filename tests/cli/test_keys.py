"""Keys that sign customers' links: from a file, exchanged with overlap, and not in the database."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from app import app
from bot.operations.signing_key import load_signer, make_key, stored_key
from bot.rules.tokens import BadTokenError, LinkClaim, LinkKind
from bot.settings import Settings
from cli import admin
from cli.configured import signing_keys
from cli.security import keys
from cli.security.actions import show_actions
from storage import schema
from storage.database import Database

CLAIM = LinkClaim(LinkKind.STATUS, 1, datetime(2030, 1, 1, tzinfo=UTC))
DATABASE_FILES = {f"desk.db{end}" for end in ("", "-wal", "-shm", ".lock")}
Set = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """Set these settings, and none besides the database."""
    monkeypatch.chdir(tmp_path)

    def configured(**settings: str) -> None:
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    configured()
    return configured


@pytest_asyncio.fixture
async def database(configure: Set, tmp_path: Path) -> AsyncIterator[Database]:
    """A store that was in use with a key of its own."""
    made = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(made)
    await load_signer(made)
    yield made
    await made.close()


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def signed(database: Database) -> str:
    """A customer's link, as the app would make it with these settings."""
    return (await load_signer(database, signing_keys(Settings()))).link(CLAIM)


async def is_good(database: Database, token: str) -> bool:
    """Whether the app would open it."""
    try:
        (await load_signer(database, signing_keys(Settings()))).read_link(token)
    except BadTokenError:
        return False
    return True


async def test_links_stay_good_from_the_databases_key_through_two_rotations(
    database: Database, configure: Set, tmp_path: Path
) -> None:
    file = tmp_path / "keys"
    links = [await signed(database)]
    assert await keys.rotate_key(file) == 0
    configure(SIGNING_KEY_FILE=str(file))
    assert await keys.forget_key(anyway=False) == 0
    links.append(await signed(database))
    assert await keys.rotate_key(None) == 0
    links.append(await signed(database))

    assert await stored_key(database) is None
    assert len(set(links)) == 3
    assert [await is_good(database, link) for link in links] == [True, True, True]
    file.write_text(file.read_text().splitlines()[0] + "\n")  # the earlier ones are taken out
    assert [await is_good(database, link) for link in links] == [False, False, True]


async def test_only_its_user_may_read_the_file_of_keys(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    await keys.rotate_key(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in _listed(tmp_path)} <= {"keys", *DATABASE_FILES}


async def test_a_key_in_use_is_not_forgotten_by_mistake(
    database: Database, configure: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(keys.CommandError, match="no key is set"):
        await keys.forget_key(anyway=True)
    configure(SIGNING_KEY=make_key())
    link = await signed(database)
    with pytest.raises(keys.CommandError, match="would be refused"):
        await keys.forget_key(anyway=False)
    assert await keys.forget_key(anyway=True) == 0
    assert await keys.forget_key(anyway=True) == 1
    assert await is_good(database, link)
    assert "gone from it" in capsys.readouterr().out


async def test_the_name_of_before_goes_on_being_accepted(
    database: Database, configure: Set
) -> None:
    old, new = make_key(), make_key()
    configure(SECRET_KEY=old)
    link = await signed(database)
    configure(SECRET_KEY=old, SIGNING_KEY=f"{new} {make_key()}")
    assert await is_good(database, link)
    assert (await signed(database)) != link


@pytest.mark.parametrize(
    ("content", "word"), [("", "no key"), ("# a remark\n\n", "no key"), ("short\n", "16")]
)
async def test_a_mistake_in_the_file_is_named(
    configure: Set, tmp_path: Path, content: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keys").write_text(content)
    configure(SIGNING_KEY_FILE=str(tmp_path / "keys"))
    with pytest.raises(keys.typer.Exit):
        admin.read_settings()
    assert word in capsys.readouterr().err


async def test_both_ways_at_once_are_a_mistake(
    configure: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keys").write_text(make_key())
    configure(SIGNING_KEY_FILE=str(tmp_path / "keys"), SIGNING_KEY=make_key())
    with pytest.raises(keys.typer.Exit):
        admin.read_settings()
    assert "keep one of them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said", "wrong"),
    [
        ({}, "for a laptop only", ""),
        ({"PUBLIC_URL": "https://desk.example"}, "for a laptop only", "SIGNING_KEY_FILE is miss"),
        ({"SIGNING_KEY": "k" * 20}, "by the newest", "the database still keeps a key"),
        ({"SIGNING_KEY": f"{'k' * 20} {'o' * 20}"}, "1 earlier accepted", "still keeps a key"),
    ],
)
async def test_check_says_where_the_key_lies(
    database: Database, configure: Set, settings: dict[str, str], said: str, wrong: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    configure(**settings)
    await admin.check()
    told = capsys.readouterr()
    assert said in told.out
    assert (wrong in told.err) if wrong else ("SIGNING_KEY" not in told.err)
    assert "k" * 20 not in told.out + told.err


async def test_no_key_is_printed(
    database: Database, configure: Set, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys"
    await keys.list_keys()
    await keys.rotate_key(file)
    configure(SIGNING_KEY_FILE=str(file))
    await keys.list_keys()
    await keys.forget_key(anyway=False)
    await show_actions(10)
    told = capsys.readouterr()
    for key in file.read_text().split():
        assert key not in told.out + told.err
        assert keys.fingerprint(key) in told.out


def test_a_key_is_no_argument() -> None:
    """All users of a machine can read the arguments of a command."""
    runner = CliRunner()
    for command in ("list", "rotate", "forget"):
        told = runner.invoke(app, ["key", command, "--help"]).output
        assert "--key" not in told
