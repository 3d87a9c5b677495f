"""The check asks the pagers about each schedule of the rota, and says what is wrong with one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.settings import Settings
from cli import admin
from handlers.slack.manifest import build_manifest
from sandbox.seed import demo_workspace
from sandbox.server import serve
from storage import schema
from storage.database import Database
from storage.models import DutySource
from tests.bot.paging.schedule_double import OPSGENIE, PAGERDUTY, ScheduleDouble

WRONG = "opsgenie:Support days"


@asynccontextmanager
async def checked(
    monkeypatch: pytest.MonkeyPatch, folder: Path, double: ScheduleDouble, *people: str
) -> AsyncIterator[None]:
    """The settings of an app whose only shift has these people, Slack and the pagers served."""
    named = ", ".join(f'"{each}"' for each in people)
    shift = f'[[duty.shifts]]\ncalendar = "always"\npeople = [{named}]\n'
    (folder / "policy.toml").write_text(shift)
    workspace = demo_workspace()
    manifest = build_manifest(Settings.model_construct(slack_app_token="xapp-1", public_url=""))
    app = workspace.install_app(manifest)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(folder)
    async with serve(workspace) as slack, double.running() as pagers:
        given = {
            "slack_api_url": f"{slack}/api/", "slack_bot_token": app.bot_token,
            "slack_app_token": app.app_token, "policy_file": "policy.toml",
            "database_url": f"sqlite:///{folder}/desk.db",
        } | double.settings(pagers)  # fmt: skip
        for name, value in given.items():
            monkeypatch.setenv(name.upper(), value)
        yield


async def test_check_names_a_wrong_schedule_and_how_old_what_is_known_of_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = SystemClock().now()
    store = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(store)
    async with store.write() as session:
        session.add(DutySource(reference=WRONG, known_at=now - timedelta(hours=3)))
    await store.close()
    double = ScheduleDouble([("nobody@n.example", now, now + timedelta(days=3))])
    async with checked(monkeypatch, tmp_path, double, PAGERDUTY, OPSGENIE, WRONG):
        assert await admin.check() == 1
    said = capsys.readouterr()
    assert f"schedule  {PAGERDUTY}: 1 person on call in the next 30 days" in said.out
    assert f"schedule  {WRONG}: not read; the app uses what it said at" in said.out
    assert "UTC, 3 hours ago" in said.out
    assert "nobody is on duty for" not in said.out
    assert f"{WRONG}: no such schedule there" in said.err
    assert f"{OPSGENIE} nobody@n.example: no active member in Slack has this address" in said.err
    assert "PAGERDUTY_ROUTING_KEY is missing" not in said.err


async def test_check_counts_the_hours_in_which_a_schedule_has_no_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = SystemClock().now()
    kate = "kate.morris@northwind.example"
    double = ScheduleDouble([(kate, now - timedelta(days=1), now + timedelta(days=4))])
    async with checked(monkeypatch, tmp_path, double, PAGERDUTY):
        assert await admin.check() == 0
    assert "nobody is on duty for 240 of the next 336 hours" in capsys.readouterr().out
