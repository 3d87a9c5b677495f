"""Requests that were signed and then bent in one place: a plain answer, and no stack in the log.

A valid request of each kind has one part replaced by what does not belong there. The dice are
seeded, so a run can be repeated; ``BENT`` in the environment makes more of them.
"""

import copy
import json
import os
import random
from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.registry import INTENTS
from handlers.commands import TABLE
from handlers.slack.answers import SHOWN
from handlers.slack.channel_events import HAPPENINGS
from messages.forms import FORMS
from tests.e2e.office import ELENI, MAYA, SUPPORT, Office, office
from tests.handlers import requests_from_slack as slack

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMES = int(os.environ.get("BENT", "120"))
SEEDS = range(3)
Place = tuple[Any, ...]
Line = MutableMapping[str, Any]

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 10**10, 10**20, 1e308, float("nan"), float("inf"), "", "x",
    "\x00", "\ud800", "9" * 400, "NaN", "1e400", "10000000000-01-01", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2030-02-31", "²", "١٢", [], [None], [[]], {}, {"a": 1}, [{}],
    {"id": 5}, {"value": {}}, SUPPORT, MAYA,
)  # fmt: skip
LOOKED_UP = {
    "case": 1, "problem": 1, "page": 1, "version": 1, "broadcast": 1, "at": 0, "draft": 1,
    "reply": 1, "clock": "resolution", "kind": "update", "language": "en", "scope": "mine",
}  # fmt: skip
FILLED = {
    "text": slack.text("y"),
    "until": {"type": "datetimepicker", "selected_date_time": 1_800_000_000},
    "due": {"type": "datepicker", "selected_date": "2030-01-31"},
    "user": slack.chosen_person(MAYA),
    "severity": slack.select("2"),
    "comfortable": slack.ticked("true"),
}


def requests() -> list[dict[str, Any]]:
    """Valid interactions of every kind."""
    who = {"user": {"id": ELENI, "team_id": "T"}}
    hidden = {"form": "f1", **LOOKED_UP}
    forms = [slack.submission(slack.view(verb, FILLED, hidden), **who) for verb in FORMS]
    doing = [slack.pressed(f"do:{verb}", LOOKED_UP, **who) for verb in INTENTS]
    asking = [slack.pressed(f"ask:{verb}", LOOKED_UP, **who) for verb in FORMS]
    showing = [slack.pressed(f"show:{what}", LOOKED_UP, **who) for what in SHOWN]
    composer = slack.view("update", FILLED | {"kind": slack.select("update")}, hidden)
    redrawn = [slack.pressed(name, view=composer, **who) for name in ("kind", "signs", "customer")]
    message = {"text": "a", "ts": "1.1"}
    shortcut = {"type": "message_action", "callback_id": "escalate_message", "message": message}
    suggestion = {"type": "block_suggestion", "action_id": "customer", "value": "a"}
    return [*forms, *doing, *asking, *showing, *redrawn, shortcut | who, suggestion | who]


def events() -> list[dict[str, Any]]:
    """Valid events of every kind that we listen to."""
    said = {"user": MAYA, "channel": SUPPORT, "channel_type": "im", "text": "show 1", "tab": "home"}
    kinds = [*HAPPENINGS, "app_home_opened", "app_mention", "subteam_updated"]
    person = {"id": MAYA, "team_id": "T", "profile": {"email": "a@b.example"}, "tz": "Asia/Tokyo"}
    found = [{"type": kind, **said, "subteam": {"id": "S1"}} for kind in kinds]
    found += [{"type": kind, "user": person} for kind in ("user_change", "team_join")]
    about = {"type": "event_callback", "event_id": "Ev", "authorizations": [{"team_id": "T"}]}
    return [about | {"event": event} for event in found]


def places(node: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in a body."""
    yield at
    parts: Any = enumerate(node) if isinstance(node, list) else ()
    if isinstance(node, dict):
        parts = node.items()
    for name, part in parts:
        yield from places(part, (*at, name))


def put(node: Any, at: Place, value: Any) -> Any:
    """The body with another value at a place."""
    if not at:
        return value
    node = copy.deepcopy(node)
    inner = node
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = value
    return node


def bent(dice: random.Random, body: dict[str, Any]) -> Any:
    """The body with one odd value, sometimes in the JSON that it carries."""
    where, value = dice.choice(list(places(body))), dice.choice(ODD)
    for at in (("actions", 0, "value"), ("view", "private_metadata")):
        try:
            inner = json.loads(body[at[0]][at[1]][at[2]] if len(at) == 3 else body[at[0]][at[1]])
        except (KeyError, ValueError):
            continue
        if dice.random() < 0.5:
            return put(body, at, json.dumps(put(inner, dice.choice(list(places(inner))), value)))
    return put(body, where, value)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office with one case."""
    async with office(Path(tmp_path_factory.mktemp("malformed")), http=True) as here:
        await here.stage("investigating")
        yield here


@pytest_asyncio.fixture(loop_scope="module")
async def slack_(desk: Office) -> AsyncIterator[slack.Workspace]:
    """Slack, with the right secret and no manners; a fault of ours is an answer of 500."""
    app = next(iter(desk.ws.apps.values()))
    door = httpx.ASGITransport(desk.here.application.web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=door, base_url="http://desk.test") as http:
        yield slack.Workspace(http, app.signing_secret)


def without_stacks(lines: list[Line], odd: Any) -> None:
    """No fault of ours was logged."""
    stacks = [line for line in lines if "exc_info" in line or line["log_level"] == "error"]
    assert stacks == [], odd
    lines.clear()


@pytest.mark.parametrize("seed", SEEDS)
async def test_an_interaction_that_was_bent_gets_a_plain_answer(
    desk: Office, slack_: slack.Workspace, logged: list[Line], seed: int
) -> None:
    dice, valid = random.Random(seed), requests()
    for number in range(TIMES):
        body = {**dice.choice(valid), "trigger_id": f"1.{seed}.{number}"}
        odd = bent(dice, body)
        answer = await slack_.interact(odd)
        assert await desk.here.services.settle(20)
        assert answer.status_code in {200, 400}, odd
        without_stacks(logged, odd)


@pytest.mark.parametrize("seed", SEEDS)
async def test_an_event_that_was_bent_gets_a_plain_answer(
    desk: Office, slack_: slack.Workspace, logged: list[Line], seed: int
) -> None:
    dice, valid = random.Random(seed), events()
    for number in range(TIMES):
        odd = bent(dice, {**dice.choice(valid), "event_id": f"Ev{seed}{number}"})
        answer = await slack_.post(json.dumps(odd).encode(), "application/json")
        assert await desk.here.services.settle(20)
        assert answer.status_code in {200, 400}, odd
        without_stacks(logged, odd)


async def test_a_command_with_odd_words_gets_a_plain_answer(
    desk: Office, slack_: slack.Workspace, logged: list[Line]
) -> None:
    dice = random.Random(0)
    for number in range(TIMES):
        words = [str(dice.choice(ODD)).encode(errors="replace").decode() for _ in range(2)]
        line = " ".join([dice.choice(TABLE).name, *words])
        answer = await slack_.command(line, user_id=ELENI, trigger_id=f"2.{number}")
        assert await desk.here.services.settle(20)
        assert answer.status_code == 200, line
        without_stacks(logged, line)
