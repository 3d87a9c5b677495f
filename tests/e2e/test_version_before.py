"""What the version before left goes on: its database, its buttons, the forms it had open."""

import itertools
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot import effects
from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import Language, Role, Severity, Status
from cli.workspace.local import demo_policy, local_app
from messages.cases.answers import refusal_message
from sandbox.state import Message
from tests import postgres
from tests.e2e.office import (
    DAN,
    ELENI,
    HOUR,
    KATE,
    MAYA,
    NIKOS,
    SOFIA,
    TOMAS,
    Office,
    Press,
    interactions,
    without_limits,
)
from tests.e2e.version_before import (
    load_kept,
    migrate,
    restore_database,
    restore_postgresql,
    restore_workspace,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEPT = load_kept()
CASES: dict[str, int] = KEPT["cases"]
STALE = tuple(refusal_message("stale", language).text for language in Language)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """This version, started on what the one before left."""
    folder = tmp_path_factory.mktemp("before")
    url = f"sqlite:///{folder}/desk.db"
    if request.param == "postgresql":
        url = await postgres.fresh_database(request.getfixturevalue("postgres_url"))
        await restore_postgresql(KEPT, url, folder)
    else:
        restore_database(KEPT, folder / "desk.db")
    await migrate(url)
    given = demo_policy()
    policy = replace(
        given,
        roles={**given.roles, Role.COMMS_APPROVER: (KATE,)},
        severities_needing_two_approvals=frozenset({Severity.SEV1}),
    )
    async with local_app(restore_workspace(KEPT), folder, policy=policy, database_url=url) as here:
        without_limits(here)
        await here.settle()
        yield Office(here, opened=CASES["pending"], _keys=itertools.count(10_000))


async def test_every_request_and_effect_that_waited_is_carried_out(desk: Office) -> None:
    case = await desk.case(CASES["late_new"], ELENI)
    assert (case.status, case.owner) == (Status.ACKNOWLEDGED, ELENI)
    assert any("They sent the log" in m.text for m in desk.said(CASES["investigating"]))
    assert desk.card(CASES["pending"]).blocks
    async with desk.here.services.database.read() as session:
        for table in ("inbox", "outbox"):
            query = text(f"SELECT count(*) FROM {table} WHERE state NOT IN ('done', 'refused')")
            assert (await session.execute(query)).scalar_one() == 0, table
        refused = await session.execute(text("SELECT error FROM outbox WHERE state = 'refused'"))
        assert refused.scalars().all() == []


async def test_every_case_and_its_record_can_be_read(desk: Office) -> None:
    for number in CASES.values():
        assert await desk.done(number, ELENI)
        async with UnitOfWork.begin(desk.here.services, Actor(ELENI, "test")) as work:
            await effects.queue_card(work, await work.case(number))  # drawn in today's words
        desk.here.services.wake()
        await desk.here.settle()
        assert await desk.card_is_true(number, ELENI)


async def test_a_form_that_was_open_is_taken(desk: Office) -> None:
    soon = desk.ws.now() + 2 * HOUR
    hour = soon.astimezone(ZoneInfo("Europe/Athens"))
    message = {
        "text": f"We found the cause. I will write to you again at {hour:%H:%M}.",
        "recipient": "Γιώργος Ράπτης",
        "route": "email",
    }
    assert await desk.fill(MAYA, **message, next_update_at=int(soon.timestamp())) == {}
    assert (MAYA, "update") in await desk.done(CASES["late_investigating"])
    action = {"title": "A runbook for certificates", "type": "process", "owner": TOMAS}
    assert await desk.fill(TOMAS, **action, due=soon.date().isoformat()) == {}
    assert (TOMAS, "action_item") in await desk.done(CASES["late_acting"])
    offered = await desk.here.people.suggest(
        NIKOS, "customer", "Blue Harbour", view_id=desk.form(NIKOS).id
    )
    escalated = {"customer": offered[0]["value"], "stake": "No invoices", "severity": "3"}
    assert await desk.fill(NIKOS, **escalated) == {}
    desk.opened += 1
    assert (await desk.case(desk.opened)).reporter == NIKOS
    told = len(desk.dms(DAN))
    assert await desk.fill(DAN, case=str(CASES["late_asked"])) == {}
    assert [m.text for m in desk.dms(DAN)[told:]] == [
        refusal_message("not_your_role", Language.ENGLISH, verb="claim").text
    ]


async def test_a_button_that_was_posted_does_what_it_says(desk: Office) -> None:
    await press_kept(desk, KATE, "do:answer_draft")
    assert (KATE, "answer_draft") in await desk.done(CASES["grave"], ELENI)
    await press_kept(desk, NIKOS, "do:answer_handover", CASES["late_offered"])
    case = await desk.case(CASES["late_offered"])
    assert case.roles[Role.TECHNICAL_LEAD] == NIKOS
    await press_kept(desk, SOFIA, "do:answer_ask", CASES["late_asked"])
    assert (SOFIA, "answer_ask") in await desk.done(CASES["late_asked"])
    await press_kept(desk, KATE, "do:answer_points")
    await press_kept(desk, KATE, "do:answer_broadcast")
    problem = await desk.here.services.problems.problem(1)
    states = [each.state for each in (problem.points, *problem.broadcasts) if each]
    assert states == ["approved", "approved"]


async def test_every_kind_of_button_that_was_posted_is_known(desk: Office) -> None:
    for who, message, press in sorted(kinds_kept(desk), key=lambda each: each[2].interaction):
        told = {m.ts for m in desk.answers(who)}
        await desk.press_exactly(who, message, press.action_id, press.value)
        fresh = [m.text for m in desk.answers(who) if m.ts not in told]
        assert not [t for t in fresh if t.startswith(STALE)], press.interaction
        assert not [t for t in fresh if "Something went wrong" in t], press.interaction
        await desk.close_forms(who)


def kinds_kept(desk: Office) -> Iterator[tuple[str, Message, Press]]:
    """One of each kind of button and menu entry that the version before posted, with a reader."""
    seen: set[str] = set()
    for channel in list(desk.ws.channels.values()):
        for message in [*channel.messages.values(), *channel.ephemerals.values()]:
            if message.ts > KEPT_UNTIL:
                continue
            for press in interactions(message.blocks or []):
                if press.interaction not in seen and not press.interaction.startswith("link:"):
                    seen.add(press.interaction)
                    yield reader_of(desk, channel.members, message), message, press


KEPT_UNTIL = max(ts for each in KEPT["channels"] for ts in (*each["messages"], *each["ephemerals"]))


def reader_of(desk: Office, members: dict[str, None], message: Message) -> str:
    """Who has the message in front of them."""
    if message.ephemeral_to:
        return message.ephemeral_to
    people = [user for user in members if user != desk.bot]
    return ELENI if ELENI in people else people[0]


async def press_kept(desk: Office, who: str, action: str, about: int | None = None) -> None:
    """Press the button in the newest message to somebody that has it and was posted before."""
    for message in reversed(desk.dms(who)):
        for press in interactions(message.blocks or []):
            if press.interaction == action and about in (None, press.given.get("case")):
                await desk.press_exactly(who, message, press.action_id, press.value)
                return
    raise AssertionError(f"no {action} was posted to {who}")
