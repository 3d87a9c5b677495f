"""What arrives twice has one effect: at once, together, later, and after a restart."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import local_app
from sandbox.delivery import delivery_of
from sandbox.seed import demo_workspace
from tests.e2e import forged
from tests.e2e.office import ELENI, MAYA, NIKOS, STAKE, TOMAS, Office, without_limits

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def seen(desk: Office, number: int) -> tuple[object, ...]:
    """Everything that an effect would show up in."""
    return (
        await desk.done(number),
        (await desk.case(number)).version,
        len(desk.said(number)),
        [len(desk.dms(who)) for who in (MAYA, ELENI, TOMAS, NIKOS)],
        len(desk.here.workspace.channels),
    )


async def _claimed(desk: Office, number: int) -> None:
    await desk.press(ELENI, desk.card(number), "do:claim")


async def _lowered(desk: Office, number: int) -> None:
    await desk.command(ELENI, f"severity ESC-{number} 3 A workaround exists")


async def _updated(desk: Office, number: int) -> None:
    await desk.command(MAYA, f"update {number}")
    assert (
        await desk.fill(MAYA, text="Κύριε Ράπτη, βρήκαμε την αιτία. Θα σας γράψω ξανά στις 13:00.")
        == {}
    )


# What is done, at which stage, and the kind of the delivery that comes again.
TWICE: dict[str, tuple[str, Callable[[Office, int], Awaitable[None]], str]] = {
    "a button": ("new", _claimed, "block_actions"),
    "a command": ("investigating", _lowered, "slash_commands"),
    "a form": ("investigating", _updated, "view_submission"),
}


@pytest.mark.parametrize("what", TWICE)
async def test_what_comes_again_later_has_one_effect(desk: Office, what: str) -> None:
    stage, do, kind = TWICE[what]
    number = await desk.stage(stage)
    await do(desk, number)
    before = await seen(desk, number)
    for _ in range(2):
        assert not await delivery_of(desk.ws).redeliver_last(kind)
        await desk.here.settle()
    assert await seen(desk, number) == before


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("what", TWICE)
async def test_what_comes_twice_has_one_effect(desk: Office, what: str, together: bool) -> None:
    stage, do, kind = TWICE[what]
    number = await desk.stage(stage)
    delivery = delivery_of(desk.ws)
    verb = {"a button": "claim", "a command": "severity", "a form": "update"}[what]
    before = [done for done in await desk.done(number) if done[1] == verb]
    delivery.duplicate_next(2 if kind == "view_submission" else 1, together=together)
    await do(desk, number)
    after = [done for done in await desk.done(number) if done[1] == verb]
    assert len(after) == len(before) + 1
    assert await desk.card_is_true(number)


# What only shows something, and the kind of the delivery that comes again.
SHOWN: dict[str, tuple[str, str]] = {
    "a list": ("list", "slash_commands"),
    "a card": ("show {case}", "slash_commands"),
    "an unknown word": ("lisst of cases", "slash_commands"),
    "a refusal": ("show ESC-4711", "slash_commands"),
    "a form": ("update {case}", "slash_commands"),
    "a form that does not open": ("close {case}", "slash_commands"),
}


@pytest.mark.parametrize("how", ["together", "one after the other", "later"])
@pytest.mark.parametrize("what", SHOWN)
async def test_what_only_shows_something_is_shown_once(desk: Office, what: str, how: str) -> None:
    line, kind = SHOWN[what]
    number = await desk.stage("investigating")
    before = (len(desk.answers(MAYA)), len(desk.here.people.views(MAYA)))
    delivery = delivery_of(desk.ws)
    if how != "later":
        delivery.duplicate_next(2, together=how == "together")
    await desk.command(MAYA, line.format(case=number))
    if how == "later":
        for _ in range(2):
            await delivery.redeliver_last(kind)
            await desk.here.settle()
    shown = (len(desk.answers(MAYA)), len(desk.here.people.views(MAYA)))
    assert sum(shown) == sum(before) + 1, (before, shown)
    await desk.close_forms(MAYA)


# What goes wrong with Slack's answer to the opening of a form, how often.
LOST = {
    "lost after the form was opened": ("applied_no_answer", 1),
    "lost twice": ("applied_no_answer", 2),
    "an error, and no form": ("500", 1),
    "cut off, and no form": ("reset", 2),
}


@pytest.mark.parametrize("how", LOST)
async def test_a_form_of_unknown_fate_is_there_and_no_apology_beside_it(
    desk: Office, how: str
) -> None:
    kind, times = LOST[how]
    number = await desk.stage("investigating")
    before = len(desk.answers(MAYA))
    desk.ws.faults.add(kind, "views.open", seconds=0.0, times=times)  # type: ignore[arg-type]
    await desk.command(MAYA, f"update {number}")
    assert [view.callback_id for view in desk.here.people.views(MAYA)] == ["update"]
    assert len(desk.answers(MAYA)) == before
    await desk.close_forms(MAYA)


async def test_a_form_that_slack_gave_no_time_for_is_apologised_for(desk: Office) -> None:
    number = await desk.stage("investigating")
    before = len(desk.answers(MAYA))
    desk.ws.faults.add("refused", "views.open", error="expired_trigger_id", times=1)
    await desk.command(MAYA, f"update {number}")
    assert desk.here.people.views(MAYA) == []
    assert len(desk.answers(MAYA)) == before + 1


async def test_a_form_sent_twice_opens_one_case(desk: Office) -> None:
    await desk.command(MAYA, STAKE)
    offered = await desk.here.people.suggest(
        MAYA, "customer", "Blue Harbour", view_id=desk.form(MAYA).id
    )
    delivery_of(desk.ws).duplicate_next(1, together=True)
    assert await desk.fill(MAYA, customer=offered[0]["value"], severity="2") == {}
    await delivery_of(desk.ws).redeliver_last("view_submission")
    await desk.here.settle()
    desk.opened += 1
    number = desk.opened
    named = [c for c in desk.ws.channels.values() if c.name.startswith(f"esc-{number + 1}")]
    assert named == []
    told = [m for m in desk.dms(MAYA) if f"ESC-{number} " in m.text]
    assert len(told) == 1
    assert len(desk.channel(number).pins) == 1


async def test_the_same_signed_body_posted_ten_times_at_once_opens_one_case(
    http_desk: Office,
) -> None:
    desk = http_desk
    fields = desk.complete("open_case", {}) | {"form": "one-and-the-same"}
    view = {
        "id": "V1", "type": "modal", "callback_id": "open_case", "blocks": [],
        "private_metadata": json.dumps(fields), "state": {"values": {}},
    }  # fmt: skip
    payload = {"type": "view_submission", "user": {"id": MAYA}, "team": {"id": "T"}, "view": view}
    body = str(httpx.QueryParams({"payload": json.dumps(payload)})).encode()
    app = next(iter(desk.ws.apps.values()))
    answers = await forged.sent(app, body, times=10)
    assert {answer.status_code for answer in answers} == {200}
    await desk.here.settle()
    desk.opened += 1
    assert len([c for c in desk.ws.channels.values() if c.name.startswith("esc-")]) == desk.opened


async def test_two_presses_by_hand_are_two_wishes(desk: Office) -> None:
    number = await desk.stage("new")
    card = desk.card(number)
    await desk.press(ELENI, card, "do:claim")
    before = len(desk.answers(ELENI))
    await desk.command(ELENI, f"claim {number}")
    assert len(desk.answers(ELENI)) == before + 1  # told that it is hers already
    assert [d for d in await desk.done(number) if d[1] == "claim"] == [(ELENI, "claim")]


# -- after a restart


@pytest_asyncio.fixture(loop_scope="module", params=["socket", "http"])
async def restarted(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Callable[[], Awaitable[Office]]]:
    """Start the bot on the same workspace and database; the one before is stopped first."""
    ws = demo_workspace()
    stacks: list[AsyncExitStack] = []
    running: list[Office] = []

    async def start() -> Office:
        for stack in stacks:
            await stack.aclose()
        stacks[:] = [AsyncExitStack()]
        http = request.param == "http"
        here = await stacks[0].enter_async_context(local_app(ws, tmp_path, http=http))
        without_limits(here)
        if not running:
            await import_demo_accounts(here)
        office = Office(here, opened=running[-1].opened if running else 0)
        running.append(office)
        return office

    yield start
    for stack in stacks:
        await stack.aclose()


@pytest.mark.parametrize("what", TWICE)
async def test_what_comes_again_after_a_restart_has_one_effect(
    restarted: Callable[[], Awaitable[Office]], what: str
) -> None:
    stage, do, kind = TWICE[what]
    first = await restarted()
    number = await first.stage(stage)
    await do(first, number)
    before = await seen(first, number)
    second = await restarted()
    await delivery_of(second.ws).redeliver_last(kind)
    await second.here.settle()
    assert await seen(second, number) == before
