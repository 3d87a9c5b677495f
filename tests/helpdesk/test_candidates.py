"""Tickets of no case become candidates by the policy's rules, and read what became of them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.rules.helpdesks.terms import CandidateRule, HelpDeskTerms, Score
from bot.rules.words import Severity
from storage.models import Candidate, Case, KnownTicket, Outbox, Signal
from tests.helpdesk.conftest import HEARD, Desk
from tests.helpdesk.helpscout import HelpScoutDouble
from tests.helpdesk.intercom import IntercomDouble
from tests.helpdesk.terms import ENDS, OPEN, watch_for
from tests.helpdesk.test_whole_way import rows
from tests.helpdesk.zendesk import ZendeskDouble
from tests.mail.conftest import ELENI, World

TAGGED = CandidateRule(tag="escalate")
WORDS = "Nothing works since this morning, we cannot sell tickets."


async def arrive(world: World, double: Desk, *tags: str, ticket: int = 6) -> None:
    """A customer writes in a ticket of no case, and an agent tags it."""
    if isinstance(double, HelpScoutDouble):
        double.organization = "Boreal"
    else:
        found = double.company if isinstance(double, IntercomDouble) else double.organization
        found["name"] = "Boreal"
    double.requester = "b@boreal.example"
    await double.customer_writes(WORDS, ticket=ticket)
    await double.tagged(*tags, ticket=ticket)
    await world.here.settle()


async def outcomes(double: Desk) -> list[str]:
    """What became of the webhooks so far."""
    return [json.loads(answer)["outcome"] for answer in double.answers]


async def only(world: World, model: Any) -> Any:
    """The one row there is."""
    (row,) = await rows(world, model)
    return row


async def test_until_a_rule_is_set_such_tickets_are_neither_read_nor_kept(
    world: World, double: Desk
) -> None:
    double.asked.clear()
    await arrive(world, double, "escalate")
    assert set(await outcomes(double)) <= {"unknown", "ignored"}
    assert double.asked == []
    assert await rows(world, Candidate) == []


async def test_a_tagged_ticket_becomes_one_candidate_in_the_customers_words(
    world: World, double: Desk
) -> None:
    watch_for(world, double, replace(TAGGED, severity=Severity.SEV2))
    double.owns(plan="Enterprise", secret="x")
    double.deliveries = 3
    await arrive(world, double, "escalate")
    candidate, signal = await only(world, Candidate), await only(world, Signal)
    assert (candidate.stake, candidate.customer) == (WORDS, "Boreal")
    assert candidate.contact_email == "b@boreal.example"
    assert candidate.reasons["found"] == ["tagged"]
    assert candidate.severity == Severity.SEV2
    assert (signal.source, signal.thread) == (double.name, "6")
    assert signal.link.startswith("https://")
    assert signal.details["Subject"] == "Tickets fail"
    assert signal.details["plan"] == "Enterprise"
    assert "secret" not in signal.details
    await double.tagged("escalate", "billing", ticket=6)
    await world.here.settle()
    assert len(await rows(world, Signal)) == 1  # that it is still tagged is nothing new


async def test_a_ticket_to_which_no_rule_applies_is_read_and_not_kept(
    world: World, double: Desk
) -> None:
    watch_for(world, double, TAGGED)
    await arrive(world, double, "billing")
    assert "accepted" in await outcomes(double)
    assert await rows(world, Signal) == []
    assert [known.ticket for known in await rows(world, KnownTicket)] == ["5"]


async def test_what_the_customer_writes_next_joins_their_candidate(
    world: World, double: Desk
) -> None:
    watch_for(world, double, TAGGED)
    await arrive(world, double, "escalate")
    await double.customer_writes(HEARD, ticket=6)
    await world.here.settle()
    first, second = await rows(world, Signal)
    assert (first.text, second.text) == (WORDS, HEARD)
    assert second.candidate == first.candidate
    assert (await only(world, Candidate)).signals == 2


async def test_a_rule_holds_only_where_all_that_it_names_does(world: World, double: Desk) -> None:
    watch_for(world, double, replace(TAGGED, mailbox="999", status=OPEN[double.name]))
    await arrive(world, double, "escalate")
    assert await rows(world, Candidate) == []
    watch_for(world, double, replace(TAGGED, mailbox="85", status=OPEN[double.name]))
    await double.customer_writes(HEARD, ticket=6)
    await world.here.settle()
    assert len(await rows(world, Candidate)) == 1


async def test_a_bad_rating_becomes_a_candidate_with_its_comment(
    world: World, double: Desk
) -> None:
    watch_for(world, double, CandidateRule(rating=Score.BAD))
    await arrive(world, double)
    await double.rated("great", ticket=6, number=70)
    await world.here.settle()
    assert await rows(world, Candidate) == []
    await double.rated("not_good", "Nobody called me back", ticket=6, number=71)
    await world.here.settle()
    candidate, signal = await only(world, Candidate), await only(world, Signal)
    assert "bad_rating" in candidate.reasons["found"]
    assert "Nobody called me back" in signal.text
    assert signal.rating in {"not_good", "bad", "1/5"}
    await double.rated("not_good", "Nobody called me back", ticket=6, number=71)
    await world.here.settle()
    assert len(await rows(world, Signal)) == 1


async def test_an_escalated_ticket_reads_its_case_and_is_linked_to_it(
    world: World, double: Desk
) -> None:
    watch_for(world, double, TAGGED)
    await arrive(world, double, "escalate")
    candidate = await only(world, Candidate)
    await world.do(
        ELENI, "open_case", customer="Boreal", stake="They cannot sell", trigger="technical",
        severity=2, candidate=candidate.id,
    )  # fmt: skip
    _, case = await rows(world, Case)
    assert (case.helpdesk, case.ticket) == (double.name, "6")
    (note,) = double.notes(6)
    assert note.startswith("This ticket was escalated: it is case ESC-2 now.")
    assert sorted(double.tags(6)) == ["escalate", "escalated"]
    before = len(await rows(world, Signal))
    await double.customer_writes(HEARD, ticket=6)
    await world.here.settle()
    assert len(await rows(world, Signal)) == before  # it is the case's from now on


async def test_a_ticket_added_to_a_case_or_dismissed_reads_so(world: World, double: Desk) -> None:
    watch_for(world, double, TAGGED)
    await arrive(world, double, "escalate")
    candidate = await only(world, Candidate)
    await world.do(ELENI, "add_candidate", candidate=candidate.id, into=1)
    assert "belongs to case ESC-1" in double.notes(6)[0]
    assert (await rows(world, Case))[0].ticket == "5"  # it has a ticket of its own


async def test_a_dismissed_ticket_reads_so_and_is_a_candidate_again_when_they_write_again(
    world: World, double: Desk
) -> None:
    watch_for(world, double, TAGGED)
    await arrive(world, double, "escalate")
    candidate = await only(world, Candidate)
    await world.do(
        ELENI, "dismiss_candidate", candidate=candidate.id, reason="A question",
        told="support",
    )  # fmt: skip
    (note,) = double.notes(6)
    assert "it is no escalation" in note
    told = (await only(world, Candidate)).told
    assert told
    assert f"Approved text for the customer: {told}" in note
    assert "A question" not in note
    assert len(await rows(world, Candidate)) == 1  # our own note is no reason
    await double.customer_writes(HEARD, ticket=6)
    await world.here.settle()
    _, again = await rows(world, Candidate)
    assert "again" in again.reasons["found"]


async def test_a_decision_that_is_taken_back_is_put_right_in_the_ticket(
    world: World, double: Desk
) -> None:
    watch_for(world, double, TAGGED)
    await arrive(world, double, "escalate")
    candidate = await only(world, Candidate)
    await world.do(ELENI, "dismiss_candidate", candidate=candidate.id, reason="A question")
    await world.do(ELENI, "undo_decision", candidate=candidate.id)
    _, note = double.notes(6)
    assert "looking at this ticket again" in note
    assert len(await rows(world, Candidate)) == 1  # our own note is no reason


async def test_what_was_not_written_is_not_put_right(world: World, double: Desk) -> None:
    watch_for(world, double, TAGGED)
    await arrive(world, double, "escalate")
    candidate = await only(world, Candidate)
    policy = world.here.services.policy
    terms = {
        desk: HelpDeskTerms(candidates=known.candidates) for desk, known in policy.helpdesks.items()
    }
    world.here.services.policy = replace(policy, helpdesks=terms)
    await world.do(ELENI, "dismiss_candidate", candidate=candidate.id, reason="A question")
    await world.do(ELENI, "undo_decision", candidate=candidate.id)
    assert double.notes(6) == []


async def test_a_tag_of_ours_is_no_reason(world: World, double: Desk) -> None:
    watch_for(world, double, CandidateRule(tag="Escalated"))
    await arrive(world, double, "escalated")
    assert await rows(world, Candidate) == []


async def test_a_restricted_candidate_leaves_nothing_in_its_ticket(
    world: World, double: Desk
) -> None:
    watch_for(world, double, TAGGED)
    await world.do(ELENI, "executive_flag", case=1, trigger="legal", reason="A lawyer")
    await world.do(ELENI, "dismiss", case=1, reason="x")
    double.asked.clear()
    await double.customer_writes(HEARD)
    await world.here.settle()
    candidate = await only(world, Candidate)
    assert candidate.sensitive
    assert "ESC-1" not in str((await only(world, Signal)).details)
    await world.do(ELENI, "dismiss_candidate", candidate=candidate.id, reason="x", told="support")
    assert double.notes() == []


async def test_a_ticket_of_a_closed_case_that_is_opened_again_is_a_candidate(
    world: World, double: Desk
) -> None:
    watch_for(world, double)
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    await double.turned(ENDS[double.name])
    await world.here.settle()
    assert await rows(world, Candidate) == []
    await double.customer_writes(HEARD)
    await world.here.settle()
    candidate, signal = await only(world, Candidate), await only(world, Signal)
    assert candidate.reasons["found"] == ["reopened"]
    assert (signal.text, signal.details["Earlier case"]) == (HEARD, "ESC-1")
    await double.colleague_writes("We look into it")
    await world.here.settle()
    assert len(await rows(world, Signal)) == 1


async def test_a_ticket_that_is_only_opened_again_by_hand_is_one_too(
    world: World, double: Desk
) -> None:
    watch_for(world, double)
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    await double.turned(ENDS[double.name])
    await world.here.settle()
    await double.turned(OPEN[double.name])
    await world.here.settle()
    assert (await only(world, Candidate)).reasons["found"] == ["reopened"]


async def test_what_arrived_from_a_merged_ticket_goes_on_in_the_one_that_survives(
    world: World, double: Desk
) -> None:
    if isinstance(double, IntercomDouble):
        return  # its API tells of no merge
    watch_for(world, double, TAGGED)
    await double.opens("Hello", ticket=8)
    await world.here.settle()
    await arrive(world, double, "escalate")
    await double.merged(6, into=8)
    if isinstance(double, HelpScoutDouble):  # which names only the one that survives
        await double.tagged("escalate", ticket=8)
    await world.here.settle()
    await double.customer_writes(HEARD, ticket=8)
    await world.here.settle()
    assert len(await rows(world, Candidate)) == 1


@pytest.fixture
def zendesk(double: Desk) -> ZendeskDouble | None:
    """The help desk that tells priorities and targets; None for the other."""
    return double if isinstance(double, ZendeskDouble) else None


async def test_an_urgent_ticket_is_a_candidate(world: World, zendesk: ZendeskDouble | None) -> None:
    if zendesk is None:
        return
    watch_for(world, zendesk, CandidateRule(priority="urgent"))
    await arrive(world, zendesk)
    await zendesk.raised("urgent", ticket=6)
    await world.here.settle()
    assert (await only(world, Candidate)).reasons["found"] == ["priority"]


async def test_a_ticket_is_looked_at_again_shortly_before_its_target_ends(
    world: World, zendesk: ZendeskDouble | None
) -> None:
    if zendesk is None:
        return
    soon = CandidateRule(tag="vip", breach_within=timedelta(hours=1))
    watch_for(world, zendesk, soon, CandidateRule(tag="vip"))
    await arrive(world, zendesk, "vip")
    now = world.here.workspace.clock.now()
    await zendesk.promised(now + timedelta(hours=3), ticket=6)
    await world.here.settle()
    assert (await only(world, Candidate)).reasons["found"] == ["tagged"]
    known = next(row for row in await rows(world, KnownTicket) if row.ticket == "6")
    assert known.look_at is not None
    await world.here.workspace.clock.advance(timedelta(hours=2, minutes=5))
    await world.here.settle()
    assert (await only(world, Candidate)).reasons["found"] == ["tagged", "near_breach"]


async def test_however_many_webhooks_come_for_a_ticket_of_no_case_one_look_waits(
    world: World, double: Desk
) -> None:
    watch_for(world, double, TAGGED)
    double.limited = 50
    for number in range(5):
        await double.customer_writes(str(number), ticket=6)
    waiting = [r for r in await rows(world, Outbox) if r.state == "pending"]
    assert len([r for r in waiting if r.payload.get("do") == "look"]) <= 2
    double.limited = 0
