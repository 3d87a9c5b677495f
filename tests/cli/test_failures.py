"""A command that cannot do what it was asked says so in a sentence, and what to do."""

import asyncio
import errno
import logging
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy.exc import OperationalError

import app
from bot.settings import Settings
from cli.failures import STORE, CannotListenError, say_failure
from cli.opened import terminal_user
from messages.clients.slack import SlackRateLimited, SlackRefused, SlackUnknown
from storage import schema
from storage.away import AwayKind
from storage.database import Database

Run = Callable[..., tuple[int, str]]
AWAY = "http://127.0.0.1:9/api/"


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """``python app.py <line>`` in an empty directory: its exit code and all that it printed."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///var/desk.db")
    monkeypatch.setenv("SLACK_API_URL", AWAY)

    def command(*line: str, **environment: str) -> tuple[int, str]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["app.py", *line])
        with pytest.raises(SystemExit) as ended:
            app.main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err

    logs, handlers = structlog.get_config(), logging.root.handlers[:]
    yield command
    structlog.configure(**logs)  # a command writes its log where pytest listens only now
    logging.root.handlers[:] = handlers


@pytest.fixture
def migrated(run: Run) -> Path:
    """The file of a database with tables."""
    assert run("migrate")[0] == 0
    return Path("var/desk.db").absolute()


def accounts() -> str:
    Path("accounts.csv").write_text("name,csm\nAcme,ada@acme.example\n")
    return "accounts.csv"


def policy() -> str:
    Path("policy.toml").write_text("")
    return "policy.toml"


# Every command that needs the database, with what it is given.
NEED: dict[str, Callable[[], tuple[str, ...]]] = {
    "accounts import": lambda: ("accounts", "import", accounts()),
    "outbox list": lambda: ("outbox", "list"),
    "outbox retry": lambda: ("outbox", "retry", "1"),
    "outbox drop": lambda: ("outbox", "drop", "1"),
    "doctor": lambda: ("doctor",),
    "emergency": lambda: ("emergency", "out.html"),
    "export": lambda: ("export", "7"),
    "export a problem": lambda: ("export", "7", "--problem"),
    "policy replay": lambda: ("policy", "replay", policy()),
    "policy apply": lambda: ("policy", "apply", "--by", "U0ADA"),
    "policy pauses": lambda: ("policy", "pauses"),
}
TOKEN = {"SLACK_BOT_TOKEN": "xoxb-1"}


@pytest.mark.parametrize("command", NEED)
def test_before_migrate_each_command_says_what_to_run_and_makes_no_file(
    run: Run, command: str
) -> None:
    code, said = run(*NEED[command](), **TOKEN)
    assert code in {1, 2}
    assert "run `python app.py migrate`" in said
    assert len(said.splitlines()) == 1
    assert not Path("var").exists()


@pytest.mark.parametrize("command", [*NEED, "migrate", "check"])
def test_a_database_of_a_newer_program_is_named(run: Run, migrated: Path, command: str) -> None:
    with sqlite3.connect(migrated) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    line = NEED[command]() if command in NEED else (command,)
    code, said = run(*line, **TOKEN)
    assert code in {1, 2}
    assert "it is newer" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", [*NEED, "check"])
def test_an_older_database_is_to_be_migrated(run: Run, migrated: Path, command: str) -> None:
    with sqlite3.connect(migrated) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0100'")
    line = NEED[command]() if command in NEED else (command,)
    code, said = run(*line, **TOKEN)
    assert code in {1, 2}
    assert "run `python app.py migrate`" in said


@pytest.mark.parametrize("command", [*NEED, "migrate", "check"])
def test_a_file_that_is_no_database_is_named(run: Run, command: str) -> None:
    Path("var").mkdir()
    Path("var/desk.db").write_text("It was a dark and stormy night. " * 40)
    line = NEED[command]() if command in NEED else (command,)
    code, said = run(*line, **TOKEN)
    assert code in {1, 2}
    assert STORE[AwayKind.DAMAGED] in said


@pytest.mark.parametrize("command", ["outbox list", "migrate"])
def test_what_cannot_be_opened_is_named(run: Run, command: str) -> None:
    Path("var/desk.db").mkdir(parents=True)
    line = NEED[command]() if command in NEED else (command,)
    code, said = run(*line, **TOKEN)
    assert (code, STORE[AwayKind.UNREADABLE] in said) == (2, True)


def test_a_server_that_is_away_is_named(run: Run) -> None:
    code, said = run("migrate", DATABASE_URL="postgresql://127.0.0.1:9/desk")
    assert (code, said) == (2, f"✗ the database cannot be used: {STORE[AwayKind.UNREACHABLE]}\n")


def test_without_a_token_doctor_and_addresses_say_so(run: Run, migrated: Path) -> None:
    assert migrated.exists()
    for line in (("doctor",), ("accounts", "import", accounts())):
        code, said = run(*line)
        assert (code, said.startswith("✗ SLACK_BOT_TOKEN is missing")) == (2, True)


def test_a_slack_that_is_away_is_named(run: Run, migrated: Path) -> None:
    assert migrated.exists()
    for line in (("doctor",), ("accounts", "import", accounts())):
        code, said = run(*line, **TOKEN)
        assert (code, "Slack cannot be reached" in said) == (2, True)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("command", ["run", "demo"])
def test_an_address_that_cannot_be_listened_on_is_named(run: Run, taken: int, command: str) -> None:
    settings = TOKEN | {"SLACK_SIGNING_SECRET": "s" * 32}
    code, said = run(command, **settings, PORT=str(taken))
    assert (code, "is in use by another program" in said) == (2, True)
    for host in ("no such host", "198.51.100.7", "a" * 70 + ".example"):
        code, said = run(command, PORT="0", HOST=host)
        assert (code, said.startswith(f"✗ HOST: {host} is no address of this machine")) == (2, True)
    for port, words in (("abc", "a whole number, not 'abc'"), ("70000", "at most 65535")):
        code, said = run(command, PORT=port, HOST="127.0.0.1")
        assert (code, f"✗ PORT: {words}" in said) == (2, True)


def test_check_names_everything_at_once(run: Run) -> None:
    code, said = run("check", PORT="abc", HOST="no such host", SMTP_HOST="mail.example",
                     ZENDESK_EMAIL="a@b.example", LOG_LEVEL="loud")  # fmt: skip
    wrong = [line for line in said.splitlines() if line.startswith("✗")]
    assert code == 1
    for words in ("✗ PORT", "LOG_LEVEL", "✗ HOST", "SLACK_BOT_TOKEN is missing", "SLACK_APP_TOKEN",
                  "MAIL_FROM is missing", "ZENDESK_SUBDOMAIN"):  # fmt: skip
        assert sum(words in line for line in wrong) == 1, words
    assert "mode      not chosen yet" in said
    assert f"{len(wrong)} to correct" in said


def test_a_setting_with_a_wrong_value_is_not_also_missing(run: Run) -> None:
    _, said = run("check", SLACK_BOT_TOKEN="abc")
    assert "a bot token begins with" in said
    assert "SLACK_BOT_TOKEN is missing" not in said


def test_who_applies_a_policy_must_be_somebody(run: Run, migrated: Path) -> None:
    assert migrated.exists()
    code, said = run("policy", "apply", "--by", "ada")
    assert (code, "is no Slack user id" in said) == (2, True)
    code, said = run("policy", "apply", "--by", "U0ADA", **TOKEN)
    assert (code, "cannot be asked of Slack" in said) == (2, True)


def test_why_the_store_is_away_is_told_apart(tmp_path: Path) -> None:
    async def faults() -> list[str]:
        """What is said of a locked and of a full database."""
        database = Database(f"sqlite:///{tmp_path}/desk.db")
        await schema.upgrade_schema(database)
        said = []
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")
            try:
                await connection.exec_driver_sql("CREATE TABLE full AS SELECT zeroblob(900000)")
            except OperationalError as fault:
                said.append(str(say_failure(fault)))
        await database.close()
        return said

    (full,) = asyncio.run(faults())
    assert STORE[AwayKind.FULL] in full
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert STORE[AwayKind.LOCKED] in str(say_failure(locked))
    spent = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    assert STORE[AwayKind.DESCRIPTORS] in str(say_failure(spent))


def test_every_reason_has_its_words() -> None:
    assert STORE.keys() == set(AwayKind)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (SlackRefused("auth.test", "invalid_auth"), "SLACK_BOT_TOKEN"),
        (SlackRefused("pins.add", "missing_scope", {"needed": "pins:write"}), "lacks pins:write"),
        (SlackRefused("pins.add", "odd"), "Slack refuses pins.add: odd"),
        (SlackRateLimited("users.info", 30), "asks to wait"),
        (SlackUnknown("users.info", "TimeoutError"), "cannot be reached"),
        (CannotListenError("127.0.0.1", 80, OSError(errno.EACCES, "no")), "above 1023"),
        (PermissionError(errno.EACCES, "Permission denied", "out"), "out: Permission denied"),
    ],
    ids=str,
)
def test_what_an_administrator_can_put_right_has_a_sentence(fault: Exception, words: str) -> None:
    assert words in str(say_failure(fault))


def test_a_fault_of_ours_has_none() -> None:
    assert say_failure(KeyError("x")) is None


def test_what_a_command_writes_only_its_own_user_may_read(run: Run, migrated: Path) -> None:
    assert migrated.stat().st_mode & 0o077 == 0
    assert migrated.parent.stat().st_mode & 0o077 == 0
    run("export", "7", "--folder", "records")
    _, said = run("check")
    assert "may read it" not in said


def test_files_that_others_may_read_are_named(run: Run, migrated: Path) -> None:
    migrated.chmod(0o644)
    Path(".env").touch(0o640)
    Path(".env").chmod(0o640)
    code, said = run("check")
    assert code == 1
    for file, mode in (("var/desk.db", "644"), (".env", "640")):
        assert f"{file}: other users of this machine may read it (mode {mode})" in said


def test_a_row_that_is_given_up_keeps_by_whom(run: Run, migrated: Path) -> None:
    with sqlite3.connect(migrated) as connection:
        connection.execute(
            "INSERT INTO outbox (lane, kind, priority, payload, state, queued_at, attempts, claims,"
            " error, result, correlation) VALUES ('case:1', 'post', 1, '{}', 'pending',"
            " '2027-01-01', 3, 0, 'auth.test: odd', '{}', 'c')"
        )
    assert run("outbox", "drop", "1")[0] == 0
    with sqlite3.connect(migrated) as connection:
        ((error,),) = connection.execute("SELECT error FROM outbox").fetchall()
    assert error == f"given up by {terminal_user()}"
    assert socket.gethostname() in error
