"""The channel that a customer shares: a way in, and a way out, for the customer's eyes alone."""

import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.registry import INTENTS, USE_CASES
from bot.rules.states import CandidateState, MessageState
from bot.rules.words import ConnectFault, ConnectState
from messages.clients.slack import SlackRefused
from sandbox import connect, conversations
from sandbox.state import Message
from storage.models import ConnectLink, ConnectMessage
from tests.e2e import shared_office as shared
from tests.e2e.office import ELENI, MAYA, STRANGER, Office, office
from tests.e2e.shared_office import ACCOUNT, EVE, LARKSPUR, NORA, SHARED, THEO
from tests.first_words import BOTH

RECEIVED = "Σας ευχαριστούμε"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    """An office in which Delphi Energy shares a linked channel."""
    async with office(tmp_path, http=False) as here:
        await shared.share_channel(here)
        yield here


async def marked(desk: Office, who: str = NORA, text: str = "Invoices are wrong again.") -> Message:
    """A customer's message that somebody marked."""
    message = await shared.say(desk, NORA, text)
    await shared.mark(desk, who, message)
    return message


async def escalated(desk: Office, **changes: Any) -> tuple[int, Message]:
    """A case that came of a marked message, and that message."""
    message = await marked(desk)
    (waiting,) = await shared.candidates(desk)
    fields = desk.complete("open_case", {"candidate": waiting.id, **changes})
    await desk.wants(ELENI, "open_case", fields)
    await desk.here.settle()
    (waiting,) = await shared.candidates(desk)
    assert waiting.case_number is not None
    return waiting.case_number, message


async def test_a_link_works_once_slack_has_told_who_shares_the_channel(desk: Office) -> None:
    link = await shared.the_link(desk)
    assert (link.account_key, link.state, link.by) == (ACCOUNT, ConnectState.WORKING, ELENI)
    assert link.teams == {"ids": [shared.DELPHI]}
    assert any("Delphi Energy" in m.text for m in desk.dms(ELENI))
    assert shared.ours_in(desk) == []  # nothing of it is said there


@pytest.mark.parametrize("who", [NORA, MAYA])
async def test_a_marked_message_waits_for_a_decision_and_is_answered_once(
    desk: Office, who: str
) -> None:
    message = await marked(desk, who, "Τα τιμολόγια είναι πάλι λάθος!")
    (waiting,) = await shared.candidates(desk)
    (signal,) = await shared.signals(desk)
    assert waiting.state is CandidateState.WAITING
    assert (signal.account_key, signal.key) == (ACCOUNT, f"{SHARED}:{message.ts}")
    assert signal.thread == f"{SHARED}:{message.ts}"
    assert signal.text == "Τα τιμολόγια είναι πάλι λάθος!"
    assert signal.reported_by == (MAYA if who == MAYA else None)
    (answer,) = shared.ours_in(desk, message)
    assert answer.startswith(RECEIVED)
    await shared.mark(desk, THEO, message)  # another person marks the same
    assert len(await shared.signals(desk)) == 1
    assert len(shared.ours_in(desk)) == 1


async def test_greek_in_latin_letters_is_taken_in_as_it_was_written(desk: Office) -> None:
    await marked(desk, text="Ta timologia einai pali lathos, 8a fygoume!")
    (signal,) = await shared.signals(desk)
    assert signal.text == "Ta timologia einai pali lathos, 8a fygoume!"


async def test_other_emoji_and_people_of_neither_side_set_nothing_off(desk: Office) -> None:
    message = await shared.say(desk, NORA, "Good morning")
    await shared.mark(desk, NORA, message, "eyes")
    desk.ws.channels[SHARED].members[STRANGER] = None
    desk.ws.users[STRANGER].is_restricted = True  # a guest of ours
    await shared.mark(desk, STRANGER, message)
    assert await shared.signals(desk) == []
    assert shared.ours_in(desk) == []


async def test_a_case_that_came_of_it_hears_the_thread_and_says_so_there(desk: Office) -> None:
    number, message = await escalated(desk)
    assert any("συνάδελφός μας" in text for text in shared.ours_in(desk, message))
    await shared.say(desk, THEO, "It is worse now: <!channel> nothing can be paid.", message.ts)
    posts = [m for m in desk.said(number) if "worse now" in str(m.blocks)]
    assert len(posts) == 1
    assert "<!channel>" not in posts[0].text
    done = [verb for _, verb in await desk.done(number, ELENI)]
    assert done.count("customer_replied") == 1
    (kept,) = [m for m in await shared.rows(desk, ConnectMessage) if m.user == THEO]
    assert kept.case_number == number


async def test_a_reply_ends_the_wait_for_the_customer(desk: Office) -> None:
    number, message = await escalated(desk)
    await desk.wants(ELENI, "claim", {"case": number})
    await desk.wants(ELENI, "hold", {"case": number, "reason": "waiting_customer"})
    await desk.here.settle()
    assert (await desk.case(number, ELENI)).hold is not None
    await shared.say(desk, NORA, "Here is the log.", message.ts)
    assert (await desk.case(number, ELENI)).hold is None


async def test_what_a_colleague_writes_there_is_shown_and_is_no_reply_of_the_customer(
    desk: Office,
) -> None:
    number, message = await escalated(desk)
    await shared.say(desk, MAYA, "We are looking at it.", message.ts)
    assert any("We are looking at it." in str(m.blocks) for m in desk.said(number))
    verbs = [verb for _, verb in await desk.done(number, ELENI)]
    assert "colleague_wrote" in verbs
    assert "customer_replied" not in verbs


async def test_changes_and_deletions_of_the_customer_are_honoured(desk: Office) -> None:
    number, message = await escalated(desk)
    reply = await shared.say(desk, NORA, "The password is hunter2", message.ts)
    await desk.here.people.edit_message(NORA, SHARED, reply.ts, "I sent you the log.")
    await desk.here.settle()
    changed = [m for m in desk.said(number) if "I sent you the log." in str(m.blocks)]
    assert len(changed) == 1
    await desk.here.people.delete_message(NORA, SHARED, reply.ts)
    await desk.here.settle()
    (kept,) = [m for m in await shared.rows(desk, ConnectMessage) if m.ts == reply.ts]
    assert (kept.state, kept.text) == (MessageState.DELETED, "")
    verbs = [verb for _, verb in await desk.done(number, ELENI)]
    assert verbs.count("customer_edited") == 1
    assert verbs.count("customer_deleted") == 1
    assert verbs.count("customer_replied") == 1


async def test_what_was_dismissed_is_told_in_the_words_that_were_chosen_for_it(
    desk: Office,
) -> None:
    message = await marked(desk)
    (waiting,) = await shared.candidates(desk)
    given = {"candidate": waiting.id, "reason": "A question", "told": "support"}
    await desk.wants(ELENI, "dismiss_candidate", given)
    await desk.here.settle()
    (waiting,) = await shared.candidates(desk)
    assert waiting.told
    assert shared.ours_in(desk, message)[1:] == [html.escape(waiting.told, quote=False)]


async def test_an_update_goes_out_into_the_thread_and_counts_when_it_is_there(desk: Office) -> None:
    number, message = await escalated(desk)
    words = f"We are *on* it. {BOTH}"
    await desk.wants(MAYA, "update", dict(shared.fields_of(desk, number, text=words)))
    await desk.here.settle()
    assert shared.ours_in(desk, message)[-1] == words
    case = await desk.case(number, ELENI)
    assert case.sent[-1].route == "slack"
    assert "update" in [verb for _, verb in await desk.done(number, ELENI)]


async def test_who_alone_linked_the_channel_does_not_write_there_without_a_second_person(
    desk: Office,
) -> None:
    number, _ = await escalated(desk)
    before = shared.ours_in(desk)
    await desk.wants(ELENI, "update", dict(shared.fields_of(desk, number)))
    await desk.here.settle()
    assert shared.ours_in(desk) == before
    assert (await desk.case(number, ELENI)).sent == ()


async def test_without_a_thread_the_first_update_begins_one_in_which_the_customer_is_heard(
    desk: Office,
) -> None:
    number = await desk.stage("acknowledged")
    await desk.wants(MAYA, "update", dict(shared.fields_of(desk, number)))
    await desk.here.settle()
    (posted,) = [m for m in desk.ws.channels[SHARED].messages.values() if "on it" in m.text]
    assert posted.thread_ts is None
    await shared.say(desk, NORA, "Thank you, and when?", posted.ts)
    assert any("Thank you, and when?" in str(m.blocks) for m in desk.said(number))


async def test_another_organisation_in_the_channel_stops_everything_until_a_person_confirms(
    desk: Office,
) -> None:
    number, message = await escalated(desk)
    before = shared.ours_in(desk)
    connect.add_outsider(desk.ws, desk.ws.users[EVE], "Larkspur Rail")
    await desk.here.people.share(MAYA, SHARED, LARKSPUR, EVE)
    await desk.here.settle()
    link = await shared.the_link(desk)
    assert (link.state, link.fault) == (ConnectState.HELD, ConnectFault.OTHER_TEAM)
    await desk.wants(
        MAYA, "update", dict(shared.fields_of(desk, number, text=f"Secret words. {BOTH}"))
    )
    await shared.say(desk, EVE, "Who are you?", message.ts)
    await desk.here.settle()
    assert shared.ours_in(desk) == before
    asked = [m for m in desk.dms(ELENI) if "ask:connect" in str(m.blocks)]
    assert asked
    await desk.press(ELENI, asked[-1], "ask:connect")
    offered = await desk.here.people.suggest(
        ELENI, "customer", "Delphi", view_id=desk.form(ELENI).id
    )
    assert await desk.fill(ELENI, customer=offered[0]["value"]) == {}
    assert (await shared.the_link(desk)).state is ConnectState.WORKING


async def test_a_message_for_a_channel_without_us_is_refused_to_its_author(desk: Office) -> None:
    number, _ = await escalated(desk)
    desk.ws.on_event, hooks = [], desk.ws.on_event  # Slack tells nobody
    await desk.here.people.kick(MAYA, SHARED, desk.bot)
    desk.ws.on_event = hooks
    await desk.wants(MAYA, "update", dict(shared.fields_of(desk, number)))
    await desk.here.settle()
    assert any("We are on it." in str(m.blocks) for m in desk.dms(MAYA))
    assert (await desk.case(number, ELENI)).sent == ()
    link = await shared.the_link(desk)
    assert link.fault in (ConnectFault.NOT_IN_CHANNEL, ConnectFault.NOT_FOUND)


@pytest.mark.parametrize("method", ["chat.postMessage", "conversations.replies"])
async def test_a_fault_that_only_the_call_itself_meets_holds_the_link_and_is_told(
    desk: Office, method: str
) -> None:
    number, message = await escalated(desk)
    desk.ws.faults.add("refused", method, times=1, error="not_in_channel")
    if method == "chat.postMessage":
        given = shared.fields_of(desk, number, text=BOTH)
        await desk.wants(MAYA, "update", dict(given))
        await desk.here.settle()
        assert (await desk.case(number, ELENI)).sent == ()
    else:
        await shared.say(desk, NORA, "And now?", message.ts)
    link = await shared.the_link(desk)
    assert (link.state, link.fault) == (ConnectState.HELD, ConnectFault.NOT_IN_CHANNEL)
    assert any("ask:connect" in str(m.blocks) for m in desk.dms(ELENI))


async def test_words_for_the_customer_that_cannot_be_said_are_told_whole(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await marked(desk)
    (waiting,) = await shared.candidates(desk)
    given = {"candidate": waiting.id, "reason": "A question", "told": "support"}

    def refused(channel: str) -> None:
        raise SlackRefused("chat.postMessage", "msg_too_long")

    monkeypatch.setattr("bot.connect.deliver.speaking_to_all", refused)
    await desk.wants(ELENI, "dismiss_candidate", given)
    await desk.here.settle()
    (waiting,) = await shared.candidates(desk)
    assert len(shared.ours_in(desk, message)) == 1, "only that it was received"
    (told,) = [m for m in desk.dms(ELENI) if "msg_too_long" in m.text]
    assert html.escape(waiting.told, quote=False).split(".")[0] in told.text


async def test_a_decision_that_is_taken_back_is_put_right_in_its_thread(desk: Office) -> None:
    message = await marked(desk)
    (waiting,) = await shared.candidates(desk)
    given = {"candidate": waiting.id, "reason": "A question", "told": "support"}
    await desk.wants(ELENI, "dismiss_candidate", given)
    await desk.here.settle()
    await desk.wants(ELENI, "undo_decision", {"candidate": waiting.id})
    await desk.here.settle()
    assert "εξετάζουμε ξανά" in shared.ours_in(desk, message)[-1]


async def test_what_is_written_for_one_customer_is_never_posted_in_anothers_channel(
    desk: Office,
) -> None:
    number, _ = await escalated(desk)
    before = shared.ours_in(desk)
    given = INTENTS["update"].model_validate(shared.fields_of(desk, number, text=BOTH))
    services = desk.here.services
    async with UnitOfWork.begin(services, Actor(MAYA, "test"), "c0ffee") as work:
        await USE_CASES["update"](work, given)
        (await work.case(number)).account_key = "boreal-bank"  # before it was sent
    await services.happened()
    await desk.here.settle()
    assert shared.ours_in(desk) == before
    assert (await desk.case(number, ELENI)).sent == ()
    assert any("We are on it." in str(m.blocks) for m in desk.dms(MAYA))
    assert (await shared.the_link(desk)).state is ConnectState.WORKING


async def test_when_the_customer_ends_the_sharing_nothing_goes_there(desk: Office) -> None:
    number, _ = await escalated(desk)
    before = shared.ours_in(desk)
    await desk.here.people.unshare(MAYA, SHARED, shared.DELPHI)
    await desk.here.settle()
    assert (await shared.the_link(desk)).fault == ConnectFault.NOT_SHARED
    await desk.wants(MAYA, "update", dict(shared.fields_of(desk, number)))
    await desk.here.settle()
    assert shared.ours_in(desk) == before


async def test_a_channel_that_is_not_shared_is_linked_to_no_one(desk: Office) -> None:
    plain = conversations.create(desk.ws, MAYA, "boreal").id
    conversations.invite(desk.ws, MAYA, plain, [desk.bot])
    await desk.command(ELENI, "connect #support Boreal Bank")  # where agents work
    await desk.command(ELENI, "connect #boreal Boreal Bank")
    assert len(await shared.rows(desk, ConnectLink)) == 2
    link = await shared.the_link(desk, plain)
    assert (link.state, link.fault) == (ConnectState.HELD, ConnectFault.NOT_SHARED)


async def test_an_unlinked_channel_hears_and_says_nothing(desk: Office) -> None:
    await desk.command(ELENI, "disconnect", SHARED)
    await marked(desk)
    assert await shared.signals(desk) == []
    assert shared.ours_in(desk) == []


@pytest.mark.parametrize("offered", [True, False])
async def test_the_message_shortcut_takes_in_what_a_customer_chose(
    desk: Office, offered: bool
) -> None:
    message = await shared.say(desk, NORA, "Invoices are wrong again.")
    desk.ws.outsiders_have_shortcuts = offered
    if offered:
        await desk.here.people.message_shortcut(NORA, "escalate_message", SHARED, message.ts)
        await desk.here.settle()
    assert len(await shared.signals(desk)) == int(offered)
    assert desk.here.people.views(NORA) == []


async def test_in_other_channels_an_outsider_s_shortcut_is_refused(desk: Office) -> None:
    number = await desk.stage("new")
    channel = desk.channel(number).id
    message = await desk.here.people.say(MAYA, channel, "Hello")
    await desk.here.people.share(MAYA, channel, shared.DELPHI, NORA)
    desk.ws.outsiders_have_shortcuts = True
    await desk.here.people.message_shortcut(NORA, "escalate_message", channel, message.ts)
    await desk.here.settle()
    assert await shared.signals(desk) == []
    assert desk.here.people.views(NORA) == []
