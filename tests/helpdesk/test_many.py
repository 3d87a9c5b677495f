"""A message to many goes into the ticket of whoever has one, and is answered there."""

from datetime import timedelta

from bot.rules.problems.facts import BroadcastFacts, ProblemFacts
from tests.helpdesk.conftest import HEARD, Desk
from tests.mail.conftest import ELENI, MAYA, World

EL = "Αγαπητέ κύριε ή κυρία {contact}, βρήκαμε την αιτία. Θα σας γράψουμε ξανά στις 14:00."


async def problem(world: World) -> ProblemFacts:
    """The only problem."""
    return await world.here.services.problems.problem(1)


async def told(world: World) -> BroadcastFacts:
    """The newest message to everybody."""
    return (await problem(world)).broadcasts[0]


async def sent(world: World) -> None:
    """A problem of the one case, and a message to everybody that Eleni approved and sent."""
    given = {"title": "Tickets fail", "known": "Since 09:00", "severity": 2}
    await world.do(MAYA, "open_problem", case=1, **given)
    promise = world.here.workspace.clock.now() + timedelta(hours=2)
    written = {"audience": "all", "text_el": EL, "next_update_at": promise}
    await world.do(MAYA, "propose_broadcast", problem=1, **written)
    about = {"problem": 1, "broadcast": (await told(world)).id}
    digest = (await told(world)).digest
    await world.do(ELENI, "answer_broadcast", digest=digest, approve=True, **about)
    await world.do(ELENI, "send_broadcast", **about)


async def test_who_has_a_ticket_reads_and_answers_there(world: World, double: Desk) -> None:
    await sent(world)
    assert len(double.replies()) == 1
    assert "Αγαπητέ κύριε ή κυρία Κατερίνα Δήμου, βρήκαμε" in double.replies()[0]
    (line,) = (await told(world)).receipts
    assert (line.state, line.route, line.replied) == ("delivered", double.name, False)
    clock = (await world.here.services.reading.case(1, ELENI)).clock("next_update")
    assert clock is not None
    assert clock.due == (await told(world)).next_update_at
    await double.customer_writes(HEARD)
    await world.here.settle()
    (line,) = (await told(world)).receipts
    assert line.replied


async def test_a_ticket_that_takes_nothing_more_counts_as_failed(
    world: World, double: Desk
) -> None:
    double.end()
    await sent(world)
    (line,) = (await told(world)).receipts
    assert line.state == "failed"
    assert line.reason
    found = await problem(world)
    assert not found.promised  # it reached nobody, so nothing was promised
    about = {"problem": 1, "broadcast": (await told(world)).id}
    await world.do(ELENI, "retry_receipts", **about)
    (line,) = (await told(world)).receipts
    assert (line.state, line.route) == ("queued", "hand")  # there is no mail server here
