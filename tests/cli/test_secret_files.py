"""Secrets in files of their own: read where the setting's name with _FILE says, never shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.secret_files import MOST, is_secret
from bot.settings import RunSettings, Settings
from cli.configured import read_configured

TOKEN = "xoxb-kept-in-a-file"
APP = "xapp-kept-in-a-file"
Set = Callable[..., None]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """Set these variables, and no other setting."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        for each in (name.upper(), f"{name.upper()}_FILE"):
            monkeypatch.delenv(each, raising=False)

    def configured(**settings: str | Path) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, str(value))

    return configured


def written(folder: Path, text: str, name: str = "secret") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_secret_may_stand_in_a_file_and_is_read_without_its_line_end(
    configure: Set, tmp_path: Path
) -> None:
    path = written(tmp_path, "a-secret-of-sixteen-or-more\n")
    fields = Settings.model_fields
    free = [
        name for name in fields if is_secret(name, fields)
        if name not in {"slack_bot_token", "slack_app_token", "database_url", "secret_key"}
    ]  # fmt: skip
    together = {
        "HELPSCOUT_APP_ID": "1", "ZENDESK_SUBDOMAIN": "northwind", "ZENDESK_EMAIL": "a@b.example",
        "JIRA_URL": "https://northwind.atlassian.net",
    }  # fmt: skip
    configure(**together, **{f"{name.upper()}_FILE": path for name in free})
    settings, wrong = read_configured(Settings)
    assert wrong == []
    assert {getattr(settings, name) for name in free} == {"a-secret-of-sixteen-or-more"}
    assert {"slack_signing_secret", "smtp_password", "jira_token", "opsgenie_key"} <= set(free)


def test_what_running_needs_may_all_be_in_files_and_a_dotenv_file_may_name_them(
    configure: Set, tmp_path: Path
) -> None:
    bot, app = written(tmp_path, TOKEN, "bot"), written(tmp_path, f"{APP}\r\n", "app")
    url = written(tmp_path, "sqlite:///elsewhere.db", "url")
    written(tmp_path, f"SLACK_BOT_TOKEN_FILE={bot}\nSLACK_APP_TOKEN_FILE=nowhere\n", ".env")
    configure(SLACK_APP_TOKEN_FILE=app, DATABASE_URL_FILE=url)
    settings = RunSettings()
    assert (settings.slack_bot_token, settings.slack_app_token) == (TOKEN, APP)
    assert settings.database_url == "sqlite:///elsewhere.db"


def test_what_is_wrong_with_a_file_is_said_without_what_is_in_it(
    configure: Set, tmp_path: Path
) -> None:
    blank, wrong = written(tmp_path, " \n", "blank"), written(tmp_path, "hush-hush", "wrong")
    long, binary = written(tmp_path, "hush" * MOST, "long"), tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    configure(
        SLACK_BOT_TOKEN_FILE=wrong, SMTP_PASSWORD_FILE=tmp_path / "none", METRICS_TOKEN_FILE=blank,
        JIRA_TOKEN_FILE=long, SLACK_SIGNING_SECRET_FILE=binary, OPSGENIE_KEY_FILE=tmp_path,
    )  # fmt: skip
    _, found = read_configured(Settings)
    said = "\n".join(sorted(found))
    assert "hush" not in said
    assert said == "\n".join([
        f"JIRA_TOKEN: there is no secret in {long}, or far more than one",
        f"METRICS_TOKEN: there is no secret in {blank}, or far more than one",
        f"OPSGENIE_KEY: the file {tmp_path} cannot be read",
        "SLACK_BOT_TOKEN: a bot token begins with xoxb-",
        f"SLACK_SIGNING_SECRET: the file {binary} cannot be read",
        f"SMTP_PASSWORD: the file {tmp_path / 'none'} cannot be read",
    ])  # fmt: skip


def test_a_secret_that_is_given_twice_is_refused(configure: Set, tmp_path: Path) -> None:
    configure(SMTP_PASSWORD="one", SMTP_PASSWORD_FILE=written(tmp_path, "two"))
    _, found = read_configured(Settings)
    assert found == ["SMTP_PASSWORD: is set beside its _FILE; keep one of them"]


def test_an_empty_variable_names_no_file(configure: Set) -> None:
    configure(SMTP_PASSWORD="one", SMTP_PASSWORD_FILE="")
    assert Settings().smtp_password == "one"
