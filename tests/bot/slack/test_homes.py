"""Open Homes: what is drawn again, how often, and within which bounds."""

import asyncio
from collections.abc import Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.facts import HomeFacts, PersonFacts
from bot.rules.words import Language
from bot.slack import homes
from bot.slack.homes import OpenHomes
from messages.clients.slack import SlackRateLimited, SlackRefused
from messages.clients.slack_limits import Limits

ANNA, BEN = "U0ANNA", "U0BEN"


class World:
    """A process with a store that knows who is on which case, and counts what it is asked."""

    def __init__(self) -> None:
        self.on: dict[int, set[str]] = {}
        self.open_count = 0
        self.language = Language.ENGLISH
        self.asked = 0
        self.sent: list[str] = []
        self.slept: list[float] = []
        self.now = 0.0
        self.refuse: list[Exception] = []
        self.outsiders: set[str] = set()
        self.tasks: list[asyncio.Task[None]] = []
        self.limits = Limits(lambda: self.now, self.sleep)
        self.database = SimpleNamespace(read=self.read)
        self.slack = SimpleNamespace(call=self.call)
        self.reading = SimpleNamespace(home=self.home)
        self.intake = SimpleNamespace(to_decide=self.to_decide)
        self.reports = SimpleNamespace(
            may_read=lambda _user: False, may_review_access=lambda _user: False
        )
        self.setup = SimpleNamespace(home=self.no_steps)
        self.refused: list[str] = []  # who was, as it comes on record
        self.access = SimpleNamespace(refused=lambda who, *_what: self.refused.append(who))
        self.homes = OpenHomes(self, lambda: self.limits, self.sleep)  # type: ignore[arg-type]

    async def no_steps(self, _user: str) -> None:
        """Nobody here is an administrator."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    @asynccontextmanager
    async def read(self) -> Any:
        yield SimpleNamespace(exec=self.exec)

    async def exec(self, query: Any) -> Any:
        self.asked += 1
        given = [v for v in query.compile().params.values() if isinstance(v, list)]
        cases = {v for part in given for v in part if isinstance(v, int)}
        people = {v for part in given for v in part if isinstance(v, str)}
        found = {u for case in cases for u in self.on.get(case, ())} & people
        return SimpleNamespace(all=lambda: [(user,) for user in found])

    async def person(self, user: str) -> PersonFacts:
        return PersonFacts(user_id=user, name=user, language=self.language, timezone="UTC")

    async def require_member(self, user: str) -> None:
        if user in self.outsiders:
            raise UserError("guest")

    async def home(self, _user: str) -> HomeFacts:
        return HomeFacts(open_count=self.open_count)

    async def to_decide(self, _user: str) -> None:
        return None

    async def call(self, method: str, **arguments: Any) -> None:
        assert method == "views.publish"
        if self.refuse:
            raise self.refuse.pop(0)
        self.sent.append(arguments["user_id"])

    def background(
        self, work: Coroutine[Any, Any, None], _name: str, _reply: object = None
    ) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def settle(self) -> None:
        while self.tasks:
            await self.tasks.pop(0)


@pytest.fixture
def world() -> World:
    return World()


async def test_while_no_home_is_open_a_change_asks_nothing_and_starts_nothing(
    world: World,
) -> None:
    world.homes.note_case(1)
    world.homes.note_person(ANNA)
    world.homes.hear_topic("languages")
    world.homes.hear_topic("case:1")
    assert world.tasks == []
    world.homes.open_home(ANNA)
    await world.settle()
    assert (world.sent, world.asked) == ([ANNA], 0)


async def test_a_burst_of_changes_is_one_question_and_one_home(world: World) -> None:
    world.on = {case: {ANNA} for case in range(100)}
    world.homes.open_home(ANNA)
    world.homes.open_home(BEN)
    await world.settle()
    world.sent.clear()
    world.open_count = 100
    for case in range(100):
        world.homes.note_case(case)
    await world.settle()
    assert (world.sent, world.asked) == ([ANNA], 1)


async def test_a_home_that_looks_as_before_is_not_sent_again_but_when_it_is_opened(
    world: World,
) -> None:
    world.on = {1: {ANNA}}
    world.homes.open_home(ANNA)
    await world.settle()
    world.homes.note_case(1)
    await world.settle()
    assert world.sent == [ANNA]
    world.homes.open_home(ANNA)
    await world.settle()
    assert world.sent == [ANNA, ANNA]


async def test_between_two_rounds_there_is_a_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.on = {1: {ANNA}}
    world.homes.open_home(ANNA)
    await world.settle()
    call = world.slack.call

    async def changing(method: str, **arguments: Any) -> None:
        if len(world.sent) < 4:  # it changes again each time that it is drawn
            world.open_count += 1
            world.homes.note_case(1)
        await call(method, **arguments)

    monkeypatch.setattr(world.slack, "call", changing)
    world.open_count = 1
    world.homes.note_case(1)
    await world.settle()
    rests = world.slept.count(homes.REST)
    assert (len(world.sent), rests) == (5, 3)


async def test_slacks_limits_are_kept_and_what_it_limits_is_sent_later(world: World) -> None:
    world.refuse = [SlackRateLimited("views.publish", 7.0)]
    world.homes.open_home(ANNA)
    await world.settle()
    assert world.sent == [ANNA]
    assert sum(world.slept) >= 7


async def test_a_home_that_slack_refuses_is_tried_again_at_the_next_change(
    world: World,
) -> None:
    world.on = {1: {ANNA}}
    world.refuse = [SlackRefused("views.publish", "not_enabled")]
    world.homes.open_home(ANNA)
    await world.settle()
    assert world.sent == []
    world.homes.note_case(1)
    await world.settle()
    assert world.sent == [ANNA]


async def test_only_the_homes_opened_last_and_lately_count_as_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homes, "OPEN_MAX", 1)
    world.on = {1: {ANNA, BEN}}
    world.homes.open_home(ANNA)
    await world.settle()
    world.homes.open_home(BEN)
    await world.settle()
    world.sent.clear()
    world.open_count = 1
    world.homes.note_case(1)
    await world.settle()
    assert world.sent == [BEN]
    monkeypatch.setattr(homes, "OPEN_FOR", -1.0)
    world.open_count = 2
    world.homes.note_case(1)
    await world.settle()
    assert world.sent == [BEN]


async def test_a_home_that_was_left_and_one_of_an_outsider_show_nothing_new(
    world: World,
) -> None:
    world.on = {1: {ANNA, BEN}}
    world.outsiders = {BEN}
    world.homes.open_home(ANNA)
    world.homes.open_home(BEN)
    await world.settle()
    world.homes.leave_home(ANNA)
    world.open_count = 1
    world.homes.note_case(1)
    await world.settle()
    assert world.sent == [ANNA, BEN]
    assert set(world.refused) == {BEN}


async def test_a_language_that_was_chosen_redraws_the_home_in_it(world: World) -> None:
    world.homes.open_home(ANNA)
    await world.settle()
    world.language = Language("el")
    world.homes.note_person(BEN)
    world.homes.note_person(ANNA)
    await world.settle()
    assert world.sent == [ANNA, ANNA]
