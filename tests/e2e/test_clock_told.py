"""How far the machine's clock is from Slack's, as ``app.py check`` says it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli import admin
from cli.workspace.local import local_app
from handlers.slack.manifest import build_manifest
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from sandbox.server import serve
from tests.faults.world import NoSettings

HOUR = timedelta(hours=1)


def slow_by(difference: timedelta) -> WorkspaceClock:
    """A Slack whose clock shows so much less than ours."""
    return WorkspaceClock(real_now=lambda: datetime.now(UTC) - difference)


@pytest.mark.parametrize(
    ("ahead", "said", "wrong"),
    [
        (timedelta(0), "as Slack's", False),
        (timedelta(seconds=30), "30 s ahead of Slack's", False),
        (HOUR, "3600 s ahead of Slack's", True),
        (-HOUR, "3600 s behind Slack's", True),
    ],
)
async def test_check_says_how_far_our_clock_is_from_slacks(
    ahead: timedelta,
    said: str,
    wrong: bool,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ws = demo_workspace(slow_by(ahead))
    app = ws.install_app(build_manifest(NoSettings()))
    monkeypatch.chdir(tmp_path)
    async with serve(ws) as base:
        for name, value in (
            ("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db"),
            ("SLACK_BOT_TOKEN", app.bot_token),
            ("SLACK_APP_TOKEN", app.app_token),
            ("SLACK_API_URL", f"{base}/api/"),
        ):
            monkeypatch.setenv(name, value)
        code = await admin.check()

    told = capsys.readouterr()
    seconds = said.partition(" ")[0]
    near = [said] if not seconds.isdigit() else [
        said.replace(seconds, str(int(seconds) + more)) for more in (-1, 0, 1, 2)
    ]  # fmt: skip
    assert any(f"clock     {each}" in told.out for each in near)
    assert ("the clock of this machine" in told.err) is wrong
    assert code == int(wrong)


async def test_a_workspace_at_its_own_time_is_not_taken_for_a_wrong_clock(tmp_path: Path) -> None:
    async with local_app(demo_workspace(WorkspaceClock()), tmp_path) as here:
        await here.workspace.clock.advance(3 * HOUR)
        await here.settle()

        assert not here.services.slack.time.apart
        assert abs(here.services.slack.time.ahead or timedelta(0)) < timedelta(seconds=3)
