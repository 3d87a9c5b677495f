"""What ``/metrics`` says is what happened."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlmodel import col, func, select, update

from storage.models import Clock, Fired, Outbox
from tests.e2e.child import TOKEN, WITH_TOKEN
from tests.e2e.office import MAYA, Office, office

# What an administrator is promised; each has a test here.
FAMILIES = {
    "desk_acknowledgement_seconds", "desk_outbox_depth", "desk_outbox_oldest_seconds",
    "desk_inbox_depth", "desk_clocks_overdue", "desk_reminder_lateness_seconds",
    "desk_slack_calls", "desk_socket_connected", "desk_socket_renewals",
    "desk_socket_gap_seconds", "desk_last_delivery_age_seconds", "desk_reminders",
}  # fmt: skip
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["socket", "http"])
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """An office of our own: its counters count nobody else."""
    folder: Path = tmp_path_factory.mktemp("office")
    async with office(folder, http=request.param == "http", metrics_token=TOKEN) as made:
        yield made


async def _figures_text(desk: Office) -> str:
    transport = httpx.ASGITransport(desk.here.application.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        return (await client.get("/metrics", headers=WITH_TOKEN)).text


async def figures(desk: Office) -> dict[str, float]:
    """Every sample of ``/metrics``, by its name and labels as they are written."""
    text = await _figures_text(desk)
    return {f"{name}{{{labels}}}": float(value) for name, labels, value in SAMPLE.findall(text)}


async def grown(desk: Office, before: dict[str, float]) -> dict[str, float]:
    """By how much each sample has changed."""
    after = await figures(desk)
    return {k: v - before.get(k, 0.0) for k, v in after.items() if v != before.get(k, 0.0)}


async def test_every_family_is_there(desk: Office) -> None:
    text = await _figures_text(desk)

    told = set(re.findall(r"^# TYPE (\w+?)(?:_total)? ", text, re.MULTILINE))
    assert told >= FAMILIES
    assert set(re.findall(r"^# HELP (desk_\w+?)(?:_total)? \S", text, re.MULTILINE)) >= FAMILIES


async def test_acknowledgements_and_the_last_delivery_are_measured(desk: Office) -> None:
    way = "socket" if desk.here.application.socket else "http"
    before = await figures(desk)
    await desk.command(MAYA, "help")
    after = await grown(desk, before)

    assert after[f'desk_acknowledgement_seconds_count{{way="{way}"}}'] >= 1
    assert 0 < after[f'desk_acknowledgement_seconds_sum{{way="{way}"}}'] < 60
    assert 0 <= (await figures(desk))["desk_last_delivery_age_seconds{}"] < 60


async def test_calls_are_counted_by_how_they_end(desk: Office) -> None:
    before = await figures(desk)
    desk.ws.faults.add("429", "conversations.create", seconds=0.1, times=1)
    desk.ws.faults.add("reset", "pins.add", times=1)
    desk.ws.faults.add("applied_no_answer", "bookmarks.add", seconds=0.0, times=1)
    await desk.escalate(ticket_url="https://tickets.example/9")
    after = await grown(desk, before)

    def calls(method: str, result: str) -> float:
        name = f'desk_slack_calls_total{{method="{method}",result="{result}"}}'
        return after.get(name, 0.0)

    assert calls("conversations.create", "ratelimited") == 1
    assert calls("conversations.create", "ok") == 1
    assert (calls("pins.add", "unknown"), calls("pins.add", "ok")) == (1, 1)
    assert calls("bookmarks.add", "unknown") == 1
    assert calls("views.open", "ok") == 1
    assert len(desk.channel(desk.opened).bookmarks) == 1


async def test_what_waits_is_counted_and_its_age_is_that_of_the_oldest(desk: Office) -> None:
    await desk.stage("new")
    store = desk.here.services.database
    depth = {s: f'desk_outbox_depth{{state="{s}"}}' for s in ("pending", "failing", "refused")}
    before = await figures(desk)
    assert before[depth["pending"]] == 0
    assert before["desk_outbox_oldest_seconds{}"] == 0
    now = desk.ws.now()
    later = desk.here.services.clock.real() + timedelta(hours=1)

    def row(minutes: int, attempts: int = 0, state: str = "pending") -> Outbox:
        return Outbox(
            lane=f"test:{minutes}", kind="post", queued_at=now - timedelta(minutes=minutes),
            not_before=later, attempts=attempts, state=state,
        )  # fmt: skip

    async with store.write() as session:
        session.add_all([row(10), row(5, attempts=7), row(60, state="refused")])
    after = await grown(desk, before)
    async with store.write() as session:
        gone = update(Outbox).where(col(Outbox.lane).startswith("test:"))
        await session.exec(gone.values(state="dropped"))

    assert after[depth["pending"]] == 2
    assert after[depth["failing"]] == 1
    assert after[depth["refused"]] == 1
    assert 600 <= after["desk_outbox_oldest_seconds{}"] < 700


async def test_an_overdue_clock_is_counted_and_its_reminder_says_how_late_it_was(
    desk: Office,
) -> None:
    number = await desk.stage("new")
    store = desk.here.services.database
    settle, desk.ws.clock.settle = desk.ws.clock.settle, None
    next_due, desk.ws.clock.next_due = desk.ws.clock.next_due, None
    before = await figures(desk)
    try:
        async with store.read() as session:
            query = select(func.min(Clock.next_fire_at)).where(col(Clock.case_number) == number)
            due = (await session.exec(query)).one()
        assert due is not None
        await desk.ws.clock.advance_to(due + timedelta(minutes=2))
        assert (await grown(desk, before))["desk_clocks_overdue{}"] >= 1
    finally:
        desk.ws.clock.settle, desk.ws.clock.next_due = settle, next_due
    await desk.here.services.tick()
    await desk.here.settle()
    after = await grown(desk, before)

    assert "desk_clocks_overdue{}" not in after  # none, as before
    async with store.read() as session:
        rows = await session.exec(select(Fired).where(col(Fired.fired_at) >= due))
        late = [(row.fired_at - row.due).total_seconds() for row in rows]
    assert late
    assert after["desk_reminder_lateness_seconds_count{}"] == len(late)
    assert after["desk_reminder_lateness_seconds_sum{}"] == pytest.approx(sum(late), abs=0.01)
    assert max(late) >= 120
    assert sum(v for k, v in after.items() if k.startswith("desk_reminders_total")) >= 1


async def test_socket_mode_says_how_it_is(desk: Office) -> None:
    socket = desk.here.application.socket
    before = await figures(desk)
    assert before["desk_socket_connected{}"] == (1.0 if socket else 0.0)
    if socket is None:
        return
    app = next(iter(desk.ws.apps.values()))
    from sandbox.delivery import delivery_of

    await delivery_of(desk.ws).socket.disconnect(app.app_id)
    await desk.here.people.until(lambda: delivery_of(desk.ws).socket.of(app.app_id), 20)
    after = await grown(desk, before)

    assert after['desk_socket_renewals_total{reason="refresh_requested"}'] == 1
    assert "desk_socket_connected{}" not in after  # as before
