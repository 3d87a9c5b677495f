"""What happens to a case is set in its ticket; what happens to the ticket is heard in the case."""

import json
from datetime import timedelta

from storage.models import ActionItem, CustomerLink, KnownTicket, Outbox, TicketReply
from tests.helpdesk.conftest import HEARD, Desk
from tests.helpdesk.intercom import IntercomDouble
from tests.helpdesk.terms import ENDS, OPEN, watch_for
from tests.helpdesk.test_whole_way import rows, verbs
from tests.mail.conftest import ELENI, MAYA, TOMAS, World


async def resolve(world: World, double: Desk) -> None:
    """Answer, fix it, and have the technical lead confirm."""
    await world.write(route=double.name)
    await world.do(
        ELENI, "resolve", case=1, type="fix", note="Rolled back", text="Λύθηκε.",
        recipient="x", route=double.name,
    )  # fmt: skip
    await world.do(TOMAS, "confirm", case=1, party="technical_lead", comfortable=True)


async def ignored(double: Desk) -> list[str]:
    """What became of the webhooks so far."""
    return [json.loads(answer)["outcome"] for answer in double.answers]


async def test_without_a_word_in_the_policy_nothing_is_set(world: World, double: Desk) -> None:
    before = double.status()
    await resolve(world, double)
    assert (double.notes(), double.tags(), double.status()) == ([], [], before)


async def test_the_ticket_says_that_its_case_is_resolved_closed_and_reopened(
    world: World, double: Desk
) -> None:
    watch_for(world, double)
    await resolve(world, double)
    (note,) = double.notes()
    assert note.startswith("Case ESC-1 is resolved.")
    assert "Written by Escalation Desk (NOTE-" in note
    assert (double.tags(), double.status()) == (["resolved-here"], ENDS[double.name])
    await world.do(ELENI, "reopen", case=1, reason="It came back")
    assert double.notes()[-1].startswith("Case ESC-1 was reopened")
    assert double.status() == OPEN[double.name]
    assert "ESC-1 was reopened" not in world.posts()  # our own note is no colleague's answer


async def test_a_case_that_is_none_says_so_in_its_ticket(world: World, double: Desk) -> None:
    watch_for(world, double)
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    (note,) = double.notes()
    assert "no escalation" in note
    assert "A question, answered" not in note


async def test_of_a_restricted_case_nothing_is_set(world: World, double: Desk) -> None:
    watch_for(world, double)
    await world.do(ELENI, "executive_flag", case=1, trigger="legal", reason="A lawyer")
    assert (await world.here.services.reading.case(1, ELENI)).sensitive
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    assert double.notes() == []


async def test_a_lost_answer_makes_no_second_note(world: World, double: Desk) -> None:
    watch_for(world, double)
    double.faults = ["lost", "broken"]
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    assert len(double.notes()) == 1


async def test_what_a_ticket_does_not_take_is_told_in_the_channel(
    world: World, double: Desk
) -> None:
    watch_for(world, double)
    double.end()
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    assert "did not accept our note" in world.posts()
    assert "ticket_not_set" in await verbs(world)


async def test_what_we_set_ourselves_is_an_echo_and_is_not_looked_at(
    world: World, double: Desk
) -> None:
    watch_for(world, double)
    await double.customer_writes(HEARD)
    await world.here.settle()
    await resolve(world, double)
    looks = [r for r in await rows(world, Outbox) if r.payload.get("do") == "look"]
    double.answers.clear()
    double.asked.clear()
    headers, raw = double.sent[-1]
    assert await double.send(headers, raw) == 200
    assert (await ignored(double)) == ["echo"]
    await world.here.settle()
    assert double.asked == []
    after = [r for r in await rows(world, Outbox) if r.payload.get("do") == "look"]
    assert len(after) == len(looks)


async def test_a_change_by_a_person_is_no_echo(world: World, double: Desk) -> None:
    watch_for(world, double)
    await resolve(world, double)
    double.answers.clear()
    # In one second two such webhooks are the same bytes, and the second is told as a repeat.
    await world.here.workspace.clock.advance(timedelta(seconds=2))
    await double.turned(OPEN[double.name])
    assert (await ignored(double))[-1] == "accepted"
    await world.here.settle()
    (known,) = await rows(world, KnownTicket)
    assert known.status == OPEN[double.name]


async def test_a_ticket_that_was_merged_takes_its_case_along(world: World, double: Desk) -> None:
    if isinstance(double, IntercomDouble):
        return  # its API tells of no merge
    await double.customer_writes(HEARD)
    await world.here.settle()
    await double.merged(5, into=6)
    await world.here.settle()
    case = await world.here.services.reading.case(1, ELENI)
    assert case.ticket_url == double.url(6) or "6" in case.ticket_url
    assert "ticket_merged" in await verbs(world)
    assert "was merged into another" in world.posts()
    assert world.posts().count(HEARD) == 1
    await double.customer_writes("Εδώ συνεχίζω.", ticket=6)
    await world.here.settle()
    assert world.posts().count("Εδώ συνεχίζω.") == 1
    await world.write(route=double.name)
    assert len(double.replies(6)) == 1


async def test_a_merge_into_the_ticket_of_another_case_is_told_and_moves_nothing(
    world: World, double: Desk
) -> None:
    await world.do(MAYA, "open_case", customer="Aegean Ferries", stake="x", trigger="technical",
                   severity=3, ticket_url=double.url(6))  # fmt: skip
    if isinstance(double, IntercomDouble):
        return
    await double.merged(5, into=6)
    await world.here.settle()
    case = await world.here.services.reading.case(1, ELENI)
    assert case.ticket_url == double.url(5)
    assert "ESC-2 is linked to that ticket already" in world.posts()
    await double.customer_writes(HEARD, ticket=6)
    await world.here.settle()
    heard = [r for r in await rows(world, TicketReply) if r.direction == "in"]
    assert len(heard) == 1


async def test_a_rating_in_the_ticket_is_the_satisfaction_with_its_case(
    world: World, double: Desk
) -> None:
    await double.rated("not_good", "Nobody called")
    await world.here.settle()
    (answer,) = await rows(world, CustomerLink)
    assert (answer.kind, answer.score, answer.comment) == ("rating", 1, "Nobody called")
    assert "Rating in the help desk" in world.posts()
    assert "Nobody called" in world.dms(ELENI)
    assert len(await rows(world, ActionItem)) == 1
    await double.rated("great", "They called after all")
    await world.here.settle()
    (answer,) = await rows(world, CustomerLink)
    assert (answer.score, answer.changes) == (5, 1)
    assert len(await rows(world, ActionItem)) == 1


async def test_a_rating_counts_once_however_often_it_is_told(world: World, double: Desk) -> None:
    double.deliveries = 3
    await double.rated("great")
    await double.customer_writes(HEARD)
    await world.here.settle()
    assert (await verbs(world)).count("answered_rating") == 1
