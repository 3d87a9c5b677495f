"""A customer threatens legal action in a case that everybody could read: it is closed at once."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import select

from bot.cases.executives import ExecutiveFlag, flag_for_executives
from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import Language, Trigger
from messages.cases.card import case_card
from sandbox.state import Channel, Message
from storage.models import Outbox
from tests.e2e.office import (
    DAN,
    ELENI,
    HOUR,
    KATE,
    MAYA,
    NIKOS,
    PRIYA,
    RICHARD,
    SOFIA,
    STRANGER,
    TOMAS,
    Office,
    elements,
    office,
    words_of,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET, STAKE = "Zephyrine Clinics", "Their ward cannot print labels."
REASON = "Their lawyer wrote: we hold you liable"
TICKET = "https://tickets.example/9901"
OUTSIDERS = (STRANGER, NIKOS, KATE)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office with a case of many words, which is then restricted."""
    async with office(Path(tmp_path_factory.mktemp("later")), http=False) as here:
        await public_case(here)
        before = {m.ts for c in here.ws.channels.values() for m in c.messages.values()}
        here.before = before  # type: ignore[attr-defined]  # what stood there already
        await here.wants(MAYA, "executive_flag", {"case": 1, "trigger": "legal", "reason": REASON})
        await here.here.settle()
        yield here


async def public_case(here: Office) -> None:
    """A case with a problem, a broadcast, and a question that was answered."""
    number = await here.stage(
        "investigating", account="", customer=SECRET, stake=STAKE, ticket_url=TICKET
    )
    other = await here.stage("investigating")
    for who, verb, fields in (
        (ELENI, "open_problem", {"case": other, "title": "Labels do not print",
                                 "known": "Since 09:00.", "scope": "All", "severity": 2}),
        (MAYA, "link_case", {"case": number, "problem": 1}),
        (ELENI, "ask_executive", {"case": number, "user": SOFIA, "question": "May we call?"}),
        (SOFIA, "answer_ask", {"case": number, "ask": 1, "approve": True}),
        (MAYA, "propose_broadcast", {
            "problem": 1, "audience": "all", "text_en": "Dear {contact}, labels do not print.",
            "text_el": "Υπόψη {contact}, δεν τυπώνονται ετικέτες.",
            "next_update_at": (here.ws.now() + HOUR).isoformat()}),
    ):  # fmt: skip
        await here.wants(who, verb, fields)
    await here.here.settle()


def old(desk: Office) -> Channel:
    """The public channel that the case had."""
    return next(c for c in desk.ws.channels.values() if c.name.startswith("esc-1-"))


def new(desk: Office) -> Channel:
    """The private channel in which it goes on."""
    return next(c for c in desk.ws.channels.values() if c.name == "esc-1")


def said_since(desk: Office, channel: Channel) -> list[Message]:
    """What the bot said in a channel after the flag."""
    before: set[str] = desk.before  # type: ignore[attr-defined]
    return [m for m in channel.messages.values() if m.ts not in before]


def words(*messages: Message) -> str:
    """All that stands in messages."""
    return "\n".join(m.text + json.dumps(m.blocks, ensure_ascii=False) for m in messages)


async def test_it_goes_on_in_a_private_channel_of_a_neutral_name(desk: Office) -> None:
    channel = new(desk)
    assert channel.is_private
    case = await desk.case(1, ELENI)
    assert (case.channel_id, case.channel_name) == (channel.id, "esc-1")
    assert {MAYA, ELENI, TOMAS, SOFIA, RICHARD} <= set(channel.members)
    assert not set(OUTSIDERS) & set(channel.members)
    assert SECRET not in channel.topic.value
    (card,) = channel.pins
    true = case_card(case, Language.ENGLISH)
    assert words_of(channel.messages[card].blocks or []) == words_of(true.blocks)
    assert [b.link for b in channel.bookmarks.values()] == [TICKET]
    assert REASON in words(*said_since(desk, channel))


async def test_the_old_channel_is_told_only_that_it_goes_on_elsewhere(desk: Office) -> None:
    channel = old(desk)
    assert not channel.is_private
    said = words(*said_since(desk, channel))
    assert "continues elsewhere" in said
    told = (SECRET, STAKE, REASON, "lawyer", "legal", "Legal", "restricted", new(desk).id, "ESC-1")
    assert not [each for each in told if each in said]
    assert channel.topic.value.startswith("This case continues elsewhere")
    assert list(channel.bookmarks.values()) == []


async def test_the_old_channel_has_not_the_customers_name_any_more(desk: Office) -> None:
    assert old(desk).name == "esc-1-elsewhere"


async def test_its_card_is_one_line_without_a_next_step(desk: Office) -> None:
    (ts,) = old(desk).pins
    card = old(desk).messages[ts]
    assert len(card.blocks or []) == 1
    assert list(elements(card.blocks or [])) == []
    assert not [each for each in (SECRET, STAKE, "ESC-1") if each in words(card)]


async def test_its_problem_names_it_nowhere(desk: Office) -> None:
    (channel,) = [c for c in desk.ws.channels.values() if c.name.startswith("prob-1")]
    said = words(*channel.messages.values())
    assert not [each for each in (SECRET, STAKE, "ESC-1 ", "ESC-1*", "ESC-1)") if each in said]
    assert "withdrawn" in said
    for who in OUTSIDERS:
        before = len(desk.answers(who))
        for line in ("problem 1", "problem"):
            await desk.command(who, line)
        shown = words(*desk.answers(who)[before:])
        assert not [each for each in (SECRET, STAKE) if each in shown]


@pytest.mark.parametrize("who", [*OUTSIDERS, DAN, PRIYA])
async def test_it_is_gone_for_others_except_what_stood_there(desk: Office, who: str) -> None:
    before = len(desk.answers(who))
    for line in ("show 1", "timeline 1", "list", f"list customer {SECRET}", "update 1"):
        await desk.command(who, line)
    await desk.here.people.open_home(who)
    await desk.here.settle()
    home = desk.here.people.home(who)
    seen = words(*desk.answers(who)[before:]) + json.dumps(home.payload if home else "")
    assert SECRET not in seen
    assert STAKE not in seen
    assert desk.here.people.views(who) == []


async def test_in_the_old_channel_there_is_no_case_any_more(desk: Office) -> None:
    assert await desk.here.services.reading.case_in_channel(old(desk).id) is None
    assert await desk.here.services.reading.case_in_channel(new(desk).id) == 1


async def test_old_buttons_do_nothing_for_those_who_are_not_on_it(desk: Office) -> None:
    done = await desk.done(1, ELENI)
    notices = [m for m in old(desk).messages.values() if list(elements(m.blocks or []))]
    for message in notices:
        for element in elements(message.blocks or []):
            if element["type"] == "button":
                await desk.press_exactly(NIKOS, message, element["action_id"])
    await desk.close_forms(NIKOS)
    assert await desk.done(1, ELENI) == done


async def test_nothing_of_it_differs_and_the_old_channel_is_nobodys(desk: Office) -> None:
    people = desk.here.people
    await people.rename(ELENI, old(desk).id, "esc-1-anything")
    await desk.here.services.reconcile()
    await desk.here.settle()
    assert (await desk.case(1, ELENI)).drift == ()
    await people.rename(ELENI, new(desk).id, "esc-1-other")
    await desk.here.settle()
    (found,) = (await desk.case(1, ELENI)).drift
    assert found.what == "renamed"
    await desk.wants(ELENI, "mend", {"case": 1, "way": "same"})
    await desk.here.settle()
    assert (await desk.case(1, ELENI)).drift == ()
    assert new(desk).is_private


async def test_no_effect_was_refused(desk: Office) -> None:
    async with desk.here.services.database.read() as session:
        rows = (await session.exec(select(Outbox).where(Outbox.state == "refused"))).all()
    assert [(r.kind, r.error) for r in rows] == []


async def test_whoever_is_not_on_it_is_told_nothing_of_what_they_asked_and_did(
    desk: Office,
) -> None:
    number = await desk.stage("investigating")
    for who, verb, fields in (
        (KATE, "ask_executive", {"user": SOFIA, "question": "May we visit them?"}),
        (KATE, "action_item", {"owner": TOMAS}),
        (NIKOS, "seen", {"clock": "workaround"}),
        (MAYA, "executive_flag", {"trigger": "legal", "reason": REASON}),
    ):
        await desk.wants(who, verb, {"case": number, **fields})
    await desk.here.settle()
    before = {who: len(desk.dms(who)) for who in (KATE, NIKOS)}
    case = await desk.case(number, ELENI)
    (ask,), (action,) = case.asks, case.actions
    await desk.wants(SOFIA, "answer_ask", {"case": number, "ask": ask.id, "approve": True})
    done = {"case": number, "action": action.id, "evidence": "Seen."}
    await desk.wants(TOMAS, "action_done", done)
    await desk.here.settle()
    assert (SOFIA, "answer_ask") in await desk.done(number, ELENI)
    assert (TOMAS, "action_done") in await desk.done(number, ELENI)
    assert {who: len(desk.dms(who)) for who in before} == before


async def test_a_message_to_the_customer_is_agreed_with_legal(desk: Office) -> None:
    await desk.command(MAYA, "update 1")
    view: Any = desk.form(MAYA)
    shown = json.dumps(view.payload["blocks"], ensure_ascii=False)
    assert "Legal case." in shown
    assert f"<@{RICHARD}>" in shown
    assert "sorry" not in shown
    await desk.close_forms(MAYA)


# -- the flag comes while the public channel is being made

Calls = Callable[..., Awaitable[dict[str, Any]]]


@pytest.mark.parametrize("method", ["conversations.create", "chat.postMessage", "chat.update"])
async def test_what_slack_was_just_being_shown_is_taken_back(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    async with office(Path(tmp_path_factory.mktemp("race")), http=False) as here:
        call: Calls = here.here.services.slack.call
        flagged: list[str] = []

        async def slow(name: str, /, **given: Any) -> dict[str, Any]:
            """As ever; but the flag is raised while the first such call is on its way."""
            answer = await call(name, **given)
            if name == method and about_it(given) and not flagged:
                flagged.append(name)
                await flag_now(here)
            return answer

        monkeypatch.setattr(here.here.services.slack, "call", slow)
        await here.stage("new", account="", customer=SECRET, stake=STAKE, ticket_url=TICKET)
        await here.wants(ELENI, "claim", {"case": 1})  # which draws the card again
        await here.here.settle()
        assert flagged == [method]
        public = [c for c in here.ws.channels.values() if c.name.startswith("esc-1-")]
        shown = "".join(words(*c.messages.values()) + c.topic.value for c in public)
        assert STAKE not in shown
        assert [b for c in public for b in c.bookmarks.values()] == []
        assert new(here).is_private
        case = await here.case(1, ELENI)
        assert case.channel_id == new(here).id
        assert case.card_ts in new(here).pins
        assert not set(OUTSIDERS) & set(new(here).members)


async def flag_now(here: Office) -> None:
    """The flag is committed at this very moment."""
    desk = here.here.services
    async with desk.database.write() as session:
        work = UnitOfWork.join(session, desk, Actor(MAYA, "form"))
        flag = ExecutiveFlag(case=1, trigger=Trigger.LEGAL, reason=REASON)
        await flag_for_executives(work, flag)
    desk.wake()


def about_it(given: Mapping[str, Any]) -> bool:
    """A call that makes the case's channel, or shows its card in it."""
    return "name" in given or STAKE in json.dumps(given.get("blocks", ""))
