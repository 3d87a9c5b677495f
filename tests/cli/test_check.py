"""The check: what Slack granted is held against what the app needs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.rules.policy.load import load_policy
from bot.settings import Settings
from cli import admin
from cli.checking.playbooks import check_playbooks
from handlers.slack.manifest import SCOPES, build_manifest, missing_scopes
from handlers.socket_mode.credentials import check_bot_token
from messages.clients.slack import Slack
from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.state import AppInstallation

WITHOUT = ("pins:write", "channels:manage")


@pytest.fixture(params=[(), WITHOUT], ids=["all", "some"])
def lacking(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The scopes that were not granted."""
    return tuple(request.param)


@pytest_asyncio.fixture
async def installed(
    lacking: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[tuple[AppInstallation, str]]:
    """The app, installed with a manifest that lacks some scopes; and Slack's address."""
    workspace = demo_workspace()
    manifest = build_manifest(Settings.model_construct(slack_app_token="xapp-1", public_url=""))
    bot = manifest["oauth_config"]["scopes"]["bot"]
    manifest["oauth_config"]["scopes"]["bot"] = [each for each in bot if each not in lacking]
    app = workspace.install_app(manifest)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    async with serve(workspace) as url:
        monkeypatch.setenv("SLACK_API_URL", f"{url}/api/")
        monkeypatch.setenv("SLACK_BOT_TOKEN", app.bot_token)
        monkeypatch.setenv("SLACK_APP_TOKEN", app.app_token)
        yield app, f"{url}/api/"


async def test_check_names_the_scopes_that_the_token_lacks(
    installed: tuple[AppInstallation, str],
    lacking: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert installed
    code = await admin.check()
    said = capsys.readouterr()
    assert code == (1 if lacking else 0)
    assert ("scopes    all that the app needs" in said.out) == (not lacking)
    named = [line for line in said.err.splitlines() if "the token lacks" in line]
    assert len(named) == bool(lacking)
    assert all(scope in named[0] for scope in lacking)


async def test_the_start_logs_the_scopes_that_the_token_lacks(
    installed: tuple[AppInstallation, str],
    lacking: tuple[str, ...],
    logged: list[dict[str, object]],
) -> None:
    app, url = installed
    slack = Slack(app.bot_token, url)
    await check_bot_token(slack)
    await slack.close()
    told = [line["scopes"] for line in logged if line["event"] == "scopes_missing"]
    assert told == ([sorted(lacking)] if lacking else [])


def test_scopes_that_slack_does_not_tell_are_not_missing() -> None:
    assert missing_scopes(None) == []
    assert missing_scopes(frozenset()) == sorted(SCOPES)
    assert missing_scopes([*SCOPES, "emoji:read"]) == []


def test_root_causes_without_a_playbook_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_playbooks(Settings(_env_file=None), load_policy()) == []
    assert capsys.readouterr().out == "playbooks 16, root causes without one: documentation\n"
