"""``app.py check`` asks Jira who we are, and names what is missing."""

from pathlib import Path

import pytest

from bot.settings import Settings
from cli import admin
from tests.helpdesk.test_check import told
from tests.tracker.jira import JiraDouble


async def test_check_says_as_whom_we_look(
    jira: JiraDouble,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with jira.running() as url:
        told(monkeypatch, tmp_path, jira.settings(url))
        await admin.check()
    said = capsys.readouterr()
    assert "jira      as The Desk" in said.out
    assert "jira" not in said.err.lower()


async def test_check_names_wrong_credentials_and_a_missing_secret(
    jira: JiraDouble,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with jira.running() as url:
        wrong = {"jira_token": "a wrong one", "jira_webhook_secret": ""}
        told(monkeypatch, tmp_path, jira.settings(url) | wrong)
        assert await admin.check() == 1
    said = capsys.readouterr().err
    assert "jira: 401" in said
    assert "JIRA_WEBHOOK_SECRET is missing" in said
    assert "a wrong one" not in said


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"jira_url": "https://northwind.atlassian.net"}, "JIRA_URL and JIRA_TOKEN go together"),
        ({"jira_token": "x" * 20}, "JIRA_URL and JIRA_TOKEN go together"),
        ({"jira_webhook_secret": "x" * 20}, "JIRA_URL and JIRA_TOKEN go together"),
        ({"jira_url": "http://jira.example", "jira_token": "x"}, "begins with https://"),
        ({"jira_url": "https://j.example", "jira_token": "x", "jira_webhook_secret": "short"},
         "at least 16 characters"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together_are_named(
    given: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=named):
        Settings(**given)  # type: ignore[arg-type]
