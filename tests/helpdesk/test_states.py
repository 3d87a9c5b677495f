"""A ticket as its help desk has it, and what we set there, against the doubles."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rules.helpdesks.terms import Score
from bot.settings import Settings
from cli.configured import connectors
from messages.clients.helpdesks import Away, Connector, Refused, Reply
from sandbox.helpdesk.tickets import CUSTOMER
from tests.helpdesk.conftest import Desk
from tests.helpdesk.helpscout import HelpScoutDouble
from tests.helpdesk.intercom import IntercomDouble
from tests.helpdesk.terms import ENDS
from tests.helpdesk.zendesk import ZendeskDouble

NOTE = Reply("5", "Case ESC-7 is resolved.", "NOTE-3", "Written by Escalation Desk (NOTE-3)")


@pytest.fixture
async def connector(double: Desk) -> AsyncIterator[Connector]:
    """As the settings make it."""
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        yield made
        await made.close()


async def test_a_ticket_is_read_with_its_customer_and_their_properties(
    connector: Connector, double: Desk
) -> None:
    double.owns(plan="Enterprise", revenue="410000")
    await double.tagged("vip", "billing")
    found = await connector.state("5")
    assert (found.ticket, found.mailbox, found.subject) == ("5", "85", "Tickets fail")
    assert found.tags == {"vip", "billing"}
    assert (found.customer, found.name) == ("Aegean Ferries", "Katerina Dimou")
    assert found.email == double.requester
    assert found.properties["plan"] == "Enterprise"
    assert found.properties["revenue"] == "410000"
    assert connector.ticket_of(found.link) == "5"
    assert found.rating is None


async def test_a_customer_who_may_not_be_read_has_no_properties(
    connector: Connector, double: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    if isinstance(double, HelpScoutDouble):
        double.hidden = {CUSTOMER}
    elif isinstance(double, ZendeskDouble):
        monkeypatch.setattr("tests.helpdesk.zendesk.ROLES", {})
    else:
        monkeypatch.setattr("tests.helpdesk.intercom.CONTACT", "gone")
    assert (await connector.state("5")).properties == {}


async def test_a_note_is_never_public_and_is_left_once(connector: Connector, double: Desk) -> None:
    double.faults = ["lost"]
    with pytest.raises(Away):
        await connector.note(NOTE)
    found = await connector.note(NOTE, again=True)
    assert await connector.note(NOTE, again=True) == found
    (said,) = double.notes()
    assert said.startswith("Case ESC-7 is resolved.")
    assert said.endswith("Written by Escalation Desk (NOTE-3)")
    assert double.replies() == []


async def test_a_reply_is_not_adopted_for_a_note_of_the_same_mark(
    connector: Connector, double: Desk
) -> None:
    if isinstance(double, ZendeskDouble):
        return  # its marks are ours alone, and never shared by two
    await connector.reply(Reply("5", "x", "NOTE-3", "Written (NOTE-3)"))
    await connector.note(NOTE, again=True)
    assert len(double.notes()) == 1


async def test_a_tag_is_added_to_those_that_are_there(connector: Connector, double: Desk) -> None:
    await double.tagged("vip")
    first = await connector.add_tag("5", "escalated")
    again = await connector.add_tag("5", "escalated")
    assert first.tags == again.tags == {"vip", "escalated"}
    assert sorted(double.tags()) == ["escalated", "vip"]


async def test_a_status_is_set_once(connector: Connector, double: Desk) -> None:
    ended = ENDS[double.name]
    found = await connector.set_status("5", ended)
    assert found.status == double.status() == ended
    asked = len([a for a in double.asked if a.method != "GET"])
    await connector.set_status("5", ended)
    assert len([a for a in double.asked if a.method != "GET"]) == asked


async def test_a_merged_ticket_is_read_written_and_set_under_the_one_that_survives(
    connector: Connector, double: Desk
) -> None:
    await double.customer_writes("Again nothing works")
    await double.merged(5, into=6)
    if isinstance(double, IntercomDouble):
        return  # its API tells of no merge
    assert (await connector.state("5", into="6")).ticket == "6"
    if isinstance(double, HelpScoutDouble):  # which answers where it went, whatever is asked
        assert (await connector.state("5")).ticket == "6"
        await connector.reply(Reply("5", "We are on it.", "ESC-7-1", "Reference ESC-7-1"))
        await connector.note(NOTE)
        await connector.add_tag("5", "escalated")
        await connector.set_status("5", "closed")
        assert len(double.replies(6)) == len(double.notes(6)) == 1
        assert (double.tags(6), double.status(6)) == (["escalated"], "closed")


async def test_that_a_ticket_was_merged_is_not_believed_from_the_webhook() -> None:
    double = ZendeskDouble()
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        assert (await made.state("5", into="6")).ticket == "5"
        await made.close()


async def test_merges_that_lead_in_a_circle_are_refused() -> None:
    double = HelpScoutDouble()
    double.conversations[5].merged_into, double.conversations[6].merged_into = 6, 5
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        with pytest.raises(Refused, match="merged too often"):
            await made.state("5")
        await made.close()


@pytest.mark.parametrize(
    ("given", "score"), [("great", Score.GREAT), ("not_good", Score.BAD), ("okay", Score.OKAY)]
)
async def test_a_rating_is_read_from_the_help_desk(
    connector: Connector, double: Desk, given: str, score: Score
) -> None:
    if isinstance(double, ZendeskDouble) and score is Score.OKAY:
        return  # Zendesk knows good and bad
    await double.rated(given, "Too slow")
    rating = (await connector.state("5", rating="71")).rating
    assert rating is not None
    assert (rating.score, rating.comment) == (score, "Too slow")
    assert rating.key == ("5" if isinstance(double, IntercomDouble) else "71")


async def test_a_rating_of_another_conversation_says_nothing() -> None:
    double = HelpScoutDouble()
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        await double.rated("not_good", ticket=6)
        assert (await made.state("5", rating="71")).rating is None
        await made.close()


async def test_the_next_target_that_still_runs_is_told() -> None:
    double, soon = ZendeskDouble(), datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        assert (await made.state("5")).breach_at is None
        await double.promised(soon)
        assert (await made.state("5")).breach_at == soon
        await made.close()


async def test_a_conversation_that_is_full_refuses_a_note_with_the_reason() -> None:
    double = HelpScoutDouble()
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        for number in range(99):
            await double.customer_writes(str(number))
        with pytest.raises(Refused, match="maximum number of threads"):
            await made.note(NOTE)
        await made.close()


# -- webhooks


def told(double: Desk, name: str, body: dict[str, object]) -> object:
    """What the webhook says."""
    (made,) = connectors(Settings(**double.settings("http://127.0.0.1:9")))
    return made.event({"x-helpscout-event": name}, json.dumps(body).encode())


def test_help_scout_names_the_conversation_of_a_rating_in_either_shape() -> None:
    double = HelpScoutDouble()
    for name in ("ticketId", "conversationId"):
        event = told(double, "satisfaction.ratings", {"id": 71, name: 5, "rating": "Bad"})
        assert (event.ticket, event.rating) == ("5", "71")  # type: ignore[attr-defined]


def test_notes_are_no_reason_to_look() -> None:
    assert told(HelpScoutDouble(), "convo.note.created", {"id": 5}) is None
    private = {"comment": {"id": 1, "is_public": False}}
    body = {"id": "e1", "type": "zen:event-type:ticket.comment_added", "detail": {"id": "5"}}
    assert told(ZendeskDouble(), "", {**body, "event": private}) is None


@pytest.mark.parametrize("kind", ["tags", "status"])
def test_a_change_tells_status_and_tags_so_that_an_echo_is_known(kind: str) -> None:
    body: dict[str, object] = {"id": 5, "status": "closed", "tags": [{"id": 1, "tag": "vip"}]}
    event = told(HelpScoutDouble(), f"convo.{kind}", body)
    assert (event.status, event.tags) == ("closed", {"vip"})  # type: ignore[attr-defined]
    detail = {"id": "5", "status": "SOLVED", "tags": ["vip"]}
    zendesk = {"id": "e1", "type": f"zen:event-type:ticket.{kind}_changed", "detail": detail}
    event = told(ZendeskDouble(), "", zendesk)
    assert (event.status, event.tags) == ("solved", {"vip"})  # type: ignore[attr-defined]


@pytest.mark.parametrize("body", [
    {"id": 5, "tags": 7, "status": None}, {"id": 5, "tags": ["x", None, 5]}, {"id": 5},
    {"id": 5, "tags": {"a": 1}},
])  # fmt: skip
def test_what_is_not_as_documented_is_read_as_nothing(body: dict[str, object]) -> None:
    assert told(HelpScoutDouble(), "convo.tags", body)


def test_intercom_tells_what_happened_by_topic() -> None:
    item = {"id": "5", "state": "closed", "tags": {"tags": [{"id": "1", "name": "vip"}]}}
    body: dict[str, object] = {"id": "notif_1", "topic": "x", "data": {"item": item}}
    for topic in ("conversation.admin.noted", "ping"):
        assert told(IntercomDouble(), "", {**body, "topic": topic}) is None
    event: Any = told(IntercomDouble(), "", {**body, "topic": "conversation.user.replied"})
    assert (event.key, event.ticket, event.status) == ("notif_1", "5", None)
    event = told(IntercomDouble(), "", {**body, "topic": "conversation.admin.closed"})
    assert (event.status, event.tags) == ("closed", {"vip"})
