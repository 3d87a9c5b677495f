"""Every door is closed to whoever is no full member: nothing is done, nothing is shown.

The doors are read from the tables that the listeners work by, so one that is added is tried here
without being named.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from bot.engine.background import LatelySeen
from bot.errors import UserError
from bot.registry import INTENTS
from bot.rules.words import Language, Standing
from handlers.commands import TABLE
from handlers.forms.redraw import CHANGES
from handlers.forms.steps import STEPS
from handlers.slack import admission, events
from handlers.slack.answers import SHOWN
from handlers.slack.app import slack_app
from handlers.slack.channel_events import HAPPENINGS
from handlers.slack.customer_channels import MARKED
from handlers.slack.directory import GROUPS, PEOPLE
from handlers.slack.dispatch import KINDS
from handlers.slack.manifest import EVENTS, build_manifest
from messages.cases.answers import refusal_message
from messages.forms import FORMS
from tests.handlers import requests_from_slack as slack_sends
from tests.handlers.fakes import FakeDesk, FakeReading
from tests.handlers.requests_from_slack import SECRET, TEAM, Workspace
from tests.messages.forms.test_forms import drawn
from tests.messages.limits import walk
from tests.messages.sample_cases import NOW

WHO = "U0OUT"
ELSEWHERE = "T0LARKSPUR"
SECRETS = ("acme", "globex", "revenue", "esc-7-")
CASE = {"case": 7, "problem": 1, "draft": 1, "action": 1, "clock": "resolution"}
KNOWN = (Standing.GUEST, Standing.OUTSIDER, Standing.DEACTIVATED, Standing.BOT, Standing.UNKNOWN)

Send = Callable[[Workspace, str], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Door:
    """A way in, and how somebody of a workspace tries it."""

    name: str
    send: Send
    answers: bool = True  # a refusal in words; selects answer with nothing, the Home is drawn

    @property
    def gives_address(self) -> bool:
        """Whether Slack gives an address for the answer, or takes it in the form itself."""
        return not self.name.startswith(("event", "shortcut"))


def sender(team: str) -> dict[str, Any]:
    """Who acts, from which workspace."""
    return slack_sends.person(WHO) | {"team_id": team}


def command(text: str) -> Door:
    """A subcommand."""
    return Door(
        f"/escalate {text}", lambda slack, team: slack.command(text, user_id=WHO, team_id=team)
    )


def button(action: str) -> Door:
    """A button, a menu's entry or an input that answers at once."""

    def send(slack: Workspace, team: str) -> Awaitable[httpx.Response]:
        shown = slack_sends.view("update", {"text": slack_sends.text("x")})
        body = slack_sends.pressed(action, CASE, user=sender(team), view=shown)
        return slack.interact(body)

    return Door(action, send)


def entry(action: str) -> Door:
    """The same in an overflow menu."""

    def send(slack: Workspace, team: str) -> Awaitable[httpx.Response]:
        return slack.interact(
            slack_sends.chosen(f'{action}|{{"case": 7}}') | {"user": sender(team)}
        )

    return Door(f"menu {action}", send)


def form(verb: str) -> Door:
    """A submitted form."""

    def send(slack: Workspace, team: str) -> Awaitable[httpx.Response]:
        hidden = {"form": slack_sends.FORM, **CASE, "then": "ask:update", "kind": "update"}
        shown = slack_sends.view(verb, {"text": slack_sends.text("x")}, hidden)
        return slack.interact(slack_sends.submission(shown, user=sender(team)))

    return Door(f"form {verb}", send)


def select(action: str) -> Door:
    """A select whose options are looked up."""
    body = {"type": "block_suggestion", "team": TEAM, "action_id": action, "value": "acme"}
    return Door(
        f"select {action}", lambda slack, team: slack.interact(body | {"user": sender(team)}), False
    )


def shortcut(kind: str, callback: str) -> Door:
    """A shortcut."""
    message = {"type": "message", "text": "help", "ts": "1.1"} if kind == "message" else None
    body = {
        "type": "message_action" if message else "shortcut", "callback_id": callback, "team": TEAM,
        "trigger_id": "1.2.c", "action_ts": "1.1", "channel": {"id": "C1"}, "message": message,
    }  # fmt: skip
    return Door(
        f"shortcut {callback}", lambda slack, team: slack.interact(body | {"user": sender(team)})
    )


ARRIVES = "member_joined_channel"  # asks for nothing: e2e/test_brief.py has what they are told


def said(kind: str) -> Door:
    """An event that we answer."""
    event = {
        "type": kind, "user": WHO, "channel": "D1", "channel_type": "im", "tab": "home",
        "text": "list", "ts": "1.1",
    }  # fmt: skip
    return Door(
        f"event {kind}",
        lambda slack, team: slack.event(event | {"user_team": team, "team": team}),
        kind != "app_home_opened",
    )


def selects() -> set[str]:
    """The action ids of the selects, in every form, that ask us for their options."""
    shown = [drawn(verb, Language.ENGLISH) for verb in FORMS]
    return {
        each["action_id"] for view in shown for each in walk(view)
        if each.get("type") == "external_select"
    }  # fmt: skip


def every_door() -> Iterator[Door]:
    """All of them."""
    for row in TABLE:
        yield command(f"{row.name} ESC-7")
    yield from (command(""), command("All their stores are down"), command("gibberish"))
    names = {"do": INTENTS, "ask": FORMS, "show": SHOWN}
    assert set(names) == set(KINDS), "a new kind of interaction: say which ids it has"
    for kind, known in names.items():
        yield from (button(f"{kind}:{name}#1") for name in known)
        yield from (entry(f"{kind}:{name}") for name in known)
    yield from (button(name) for name in CHANGES)
    yield from (form(verb) for verb in {*FORMS, *INTENTS, *STEPS})
    yield from (select(action) for action in selects())
    asked = build_manifest(SimpleNamespace(slack_app_token="x", public_url=None))
    for each in asked["features"]["shortcuts"]:
        yield shortcut(each["type"], each["callback_id"])
    yield from (said(kind) for kind in events.EVENTS if kind != ARRIVES)


DOORS = sorted(every_door(), key=lambda door: door.name)


class Watched(FakeReading):
    """Queries that note that they were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in {
            "case",
            "cases",
            "accounts",
            "home",
            "digest",
            "timeline",
            "templates",
            "draft",
        }:
            self.asked.append(name)
        return super().__getattribute__(name)


@pytest.fixture
def desk() -> FakeDesk:
    """An app that knows which workspace it is of, and notes what is read."""
    desk = FakeDesk(reading=Watched())
    desk.slack.teams = frozenset({"T0TEAM"})
    return desk


def refused(desk: FakeDesk, door: Door, answer: httpx.Response, why: str) -> None:
    """Nothing was stored, read, opened or shown; the sender was told why, privately."""
    assert answer.status_code == 200, door.name
    assert cast(Watched, desk.reading).asked == [], door.name
    assert not any(secret in answer.text.casefold() for secret in SECRETS), door.name
    opened = [given for method, given in desk.slack.calls if method != "views.publish"]
    assert opened == [], door.name
    told = [message.text for reply, message in desk.told if reply.user_id == WHO]
    told += list((answer.json().get("errors") or {}).values()) if answer.text.strip() else []
    expected = [refusal_message(why, Language.ENGLISH).text]
    silent = not door.answers or (why == Standing.BOT and not door.gives_address)
    assert told == ([] if silent else expected), door.name
    assert desk.troubles == [], door.name


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
async def test_a_door_is_closed_to_whoever_is_no_member(
    slack: Workspace, desk: FakeDesk, door: Door
) -> None:
    for standing in KNOWN:
        desk.known = {WHO: standing}
        desk.begun = LatelySeen()  # asked anew, not delivered again
        answer = await door.send(slack, "T0TEAM")
        await desk.settle()
        refused(desk, door, answer, standing.value)
        assert desk.accepted == []
        desk.told.clear()
        desk.slack.calls.clear()


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
async def test_a_door_is_closed_to_another_workspace_by_what_the_request_says(
    slack: Workspace, desk: FakeDesk, door: Door
) -> None:
    desk.slack_says = {WHO: Standing.OUTSIDER}  # for the Home, whose event names no sender's team
    answer = await door.send(slack, ELSEWHERE)
    await desk.settle()
    refused(desk, door, answer, Standing.OUTSIDER.value)
    assert desk.accepted == []


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
async def test_whom_we_do_not_know_yet_is_shown_nothing_before_slack_has_told(
    slack: Workspace, desk: FakeDesk, door: Door
) -> None:
    desk.known, desk.slack_says = {WHO: None}, {WHO: Standing.GUEST}
    answer = await door.send(slack, "T0TEAM")
    await desk.settle()
    assert answer.status_code == 200
    assert cast(Watched, desk.reading).asked == []
    assert not any(secret in answer.text.casefold() for secret in SECRETS)
    assert [method for method, _ in desk.slack.calls if method != "views.publish"] == []
    words = {refusal_message(why, Language.ENGLISH).text for why in ("guest", "unchecked", "stale")}
    assert {message.text for _, message in desk.told} <= words
    # What was stored is looked at again where it is carried out: tests/e2e/test_members.py.
    assert desk.told or desk.accepted or not door.answers or "errors" in answer.text


async def test_a_member_whom_we_did_not_know_is_served_once_slack_has_told(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.known = {WHO: None}
    await slack.command("list", user_id=WHO)
    await desk.settle()
    assert cast(Watched, desk.reading).asked == ["cases"]


async def test_what_was_typed_is_kept_while_nobody_can_tell_who_sent_it(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.known = {WHO: None}
    soon = (NOW + timedelta(hours=1)).isoformat()
    hidden = {"case": 7, "kind": "update", "recipient": "x", "route": "email"}
    hidden |= {"next_update_at": soon}
    typed = slack_sends.view("update", {"text": slack_sends.text("Dear Acme")}, hidden)
    answer = await slack.interact(slack_sends.submission(typed, user=slack_sends.person(WHO)))
    assert answer.json()["errors"] == {"text": refusal_message("unchecked", Language.ENGLISH).text}


async def test_whoever_types_in_a_form_that_was_open_before_we_knew_them_is_looked_up(
    slack: Workspace, desk: FakeDesk
) -> None:
    """Else the customers stay empty, and a form is refused, however often it is tried."""
    desk.known = {WHO: None}
    typed = {
        "type": "block_suggestion", "team": {"id": "T0TEAM"}, "user": slack_sends.person(WHO),
        "api_app_id": "A1", "block_id": "customer", "action_id": "customer", "value": "ac",
        "view": {"type": "modal", "private_metadata": "{}"}, "token": "t",
        "container": {"type": "view", "view_id": "V1"},
    }  # fmt: skip
    assert (await slack.interact(typed)).json() == {"options": []}
    await desk.settle()
    assert (await slack.interact(typed)).json()["options"]


async def test_the_home_of_whoever_is_no_member_says_so_and_offers_nothing(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.known = {WHO: Standing.GUEST}
    await said("app_home_opened").send(slack, "T0TEAM")
    await desk.settle()
    view = desk.slack.last("views.publish")["view"]
    assert refusal_message("guest", Language.ENGLISH).text in str(view)
    assert [block["type"] for block in view["blocks"]] == ["header", "section"]


async def test_words_in_a_channel_that_are_not_said_to_us_are_answered_to_nobody(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.known = {WHO: Standing.GUEST}
    for channel_type in ("channel", "group"):
        event = {"type": "message", "channel_type": channel_type, "user": WHO, "channel": "C1"}
        await slack.event(event | {"text": "Good morning", "ts": "1.1"})
    await desk.settle()
    assert desk.told == []


@pytest.mark.parametrize(
    ("event", "wrapper"),
    [
        ({"user_team": ELSEWHERE}, {}),
        ({"team": ELSEWHERE}, {}),
        ({"user_profile": {"team": ELSEWHERE}}, {}),
        ({}, {"authorizations": [{"team_id": ELSEWHERE}]}),
    ],
)
def test_an_event_names_the_workspace_of_its_sender_in_several_ways(
    event: dict[str, Any], wrapper: dict[str, Any]
) -> None:
    body = {"type": "event_callback", "team_id": "T0TEAM", "event": event, **wrapper}
    assert admission.from_elsewhere(body, frozenset({"T0TEAM"}))
    assert not admission.from_elsewhere(body, frozenset())  # before Slack has told which is ours
    ours = {"type": "event_callback", "event": {"team": "T0TEAM"}}
    assert not admission.from_elsewhere(ours, frozenset({"T0TEAM"}))


def test_there_is_no_listener_but_those_whose_doors_are_tried(desk: FakeDesk) -> None:
    app = slack_app(desk, SimpleNamespace(slack_signing_secret=SECRET))
    listeners = app._async_listeners
    assert [each.ack_function.__qualname__ for each in listeners] == [
        "slack_app.<locals>.bound.<locals>.listener"
    ] * 6  # event, block_action, command, view_submission, options, shortcut


def test_every_event_that_we_ask_for_is_answered_to_members_or_only_looked_at() -> None:
    kinds = {name.partition(".")[0] for name in EVENTS}
    looked_at = set(HAPPENINGS) | PEOPLE | GROUPS | {MARKED, events.EXECUTED}
    assert kinds == set(events.EVENTS) | looked_at


def test_nobody_is_shown_anything_through_a_closed_query() -> None:
    closed = admission.Closed(FakeReading())
    for name in set(dir(FakeReading)) - admission.INWARD:
        if not name.startswith("_"):
            with pytest.raises(UserError, match="unchecked"):
                getattr(closed, name)
