"""From the update in Slack to the reply in the ticket, and from the customer's answer back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import HelpDesk, Status
from bot.tickets import link as ticket_link
from bot.tickets.link import ticket_lane
from storage.models import Outbox, SentMessage, TicketReply, TimelineEvent
from tests import postgres
from tests.helpdesk.conftest import HEARD, Desk
from tests.mail.conftest import ELENI, MAYA, World


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """Either database."""
    if request.param == "sqlite":
        return None
    return await postgres.database_with_tables(request.getfixturevalue("postgres_url"))


async def rows(world: World, model: Any) -> list[Any]:
    """All rows of a table."""
    async with world.here.services.database.read() as session:
        return list((await session.exec(select(model))).all())


async def verbs(world: World) -> list[str]:
    """What the record says happened, in order."""
    return [event.verb for event in await rows(world, TimelineEvent)]


async def test_one_reply_though_the_first_answer_is_lost_and_one_message_though_told_thrice(
    world: World, double: Desk
) -> None:
    case = await world.here.services.reading.case(1, ELENI)
    assert case.helpdesk is HelpDesk(double.name)

    double.faults, double.deliveries = ["lost"], 3
    await world.write(route=double.name)
    assert len(double.replies()) == 1
    assert "βρήκαμε την αιτία" in double.replies()[0]
    case = await world.here.services.reading.case(1, ELENI)
    first = case.clock("first_response")
    assert first is not None
    assert (case.status, first.state) == (Status.INVESTIGATING, "met")
    assert "colleague_replied" not in await verbs(world)  # the echo is ours
    assert "customer_replied" not in await verbs(world)

    until = world.here.workspace.clock.now() + timedelta(hours=4)
    await world.do(ELENI, "hold", case=1, reason="waiting_customer", until=until)
    await double.customer_writes(HEARD)
    await world.here.settle()
    case = await world.here.services.reading.case(1, ELENI)
    assert case.hold is None
    assert case.clock("next_reply") is not None
    assert world.posts().count(HEARD) == 1
    assert (await verbs(world)).count("customer_replied") == 1
    assert sum("repeated" in answer for answer in double.answers) == 4  # two events, thrice each

    headers, raw = double.sent[-1]
    forged = {**headers, **double.signed(raw + b" ", "convo.customer.reply.created")}
    assert await double.send(forged, raw) == 401
    kept = [(r.direction, r.state) for r in await rows(world, TicketReply)]
    assert kept == [("out", "sent"), ("in", "received")]


async def test_an_error_after_the_reply_was_written_makes_no_second_one(
    world: World, double: Desk
) -> None:
    double.faults = ["broken"]
    await world.write(route=double.name)
    assert len(double.replies()) == 1
    (message,) = await rows(world, SentMessage)
    assert (message.state, message.route) == ("sent", double.name)


async def test_a_limit_is_waited_out_and_the_reply_goes_once(world: World, double: Desk) -> None:
    double.limited = 1
    began = datetime.now(UTC)
    await world.write(route=double.name)
    assert (datetime.now(UTC) - began).total_seconds() >= 1
    assert len(double.replies()) == 1
    (row,) = [r for r in await rows(world, Outbox) if r.payload.get("do") == "reply"]
    assert (row.state, row.attempts) == ("done", 0)  # a limit is no failure


async def test_a_ticket_that_takes_nothing_lets_the_clock_run_and_its_writer_hears_why(
    world: World, double: Desk
) -> None:
    double.end()
    await world.write(route=double.name)
    assert double.replies() == []
    case = await world.here.services.reading.case(1, ELENI)
    first = case.clock("first_response")
    assert first is not None
    assert (first.state, case.sent) == ("running", ())
    assert "your message was not sent" in world.dms(MAYA)
    assert "βρήκαμε την αιτία" in world.dms(MAYA)
    assert "βρήκαμε την αιτία" in world.dms(ELENI)
    assert "ticket_refused" in await verbs(world)


async def test_what_a_colleague_answers_there_is_shown_and_stops_no_clock(
    world: World, double: Desk
) -> None:
    await double.colleague_writes("We look into it")
    await double.colleague_writes("a note among us", public=False)
    await world.here.settle()
    assert world.posts().count("We look into it") == 1
    assert "a note among us" not in world.posts()
    case = await world.here.services.reading.case(1, ELENI)
    first = case.clock("first_response")
    assert first is not None
    assert first.state == "running"
    assert "colleague_replied" in await verbs(world)


async def test_whoever_wrote_it_hears_that_it_waits_while_the_help_desk_is_down(
    world: World, double: Desk
) -> None:
    double.faults = ["down"] * 3
    await world.write(route=double.name)
    assert "your message is still waiting" in world.dms(MAYA)
    assert len(double.replies()) == 1
    (message,) = await rows(world, SentMessage)
    assert message.state == "sent"


async def test_however_many_webhooks_come_one_look_waits(world: World) -> None:
    desk = world.here.services
    async with desk.database.write() as session:
        work = UnitOfWork.join(session, desk, Actor(SYSTEM, "test"))
        case = await work.case(1)
        for _ in range(20):
            await ticket_link.queue_ticket_look(work, case)
        await session.flush()
        waiting = select(Outbox).where(Outbox.state == "pending", Outbox.lane == ticket_lane(case))
        assert len((await session.exec(waiting)).all()) == 1
