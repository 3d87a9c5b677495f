"""Catching up: what is news to whom, since when, what is asked of them, and who is told unasked."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.engine.inbox import Answer
from bot.errors import UserError
from bot.learning.catch_up import SHOWN
from bot.rules.facts import TimelineFacts
from bot.rules.learning.news import GRAVE, QUIET, AskedOf, choose_news, list_asked
from bot.rules.words import Language, Role
from messages.kit.texts import load_texts
from storage.models import ReadMark
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, T0, Stage
from tests.messages.sample_cases import IRIS, NIKOS, TOM, action, ask, case, clock


async def brief(stage: Stage, who: str, number: int, **fields: Any) -> Answer | None:
    """What somebody is answered."""
    return await stage.do(who, "catch_up", number, **fields)


def verbs(answer: Answer | None) -> list[str]:
    assert answer is not None
    return [each["verb"] for each in answer["extra"]["news"]]


async def test_a_first_look_tells_the_gravest_and_a_second_only_what_came_since(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    first = await brief(stage, BILL, number)
    assert first is not None
    assert first["text"] == "brief:case"
    assert "since_at" not in first["extra"]
    assert verbs(first)[0] == "open_case"
    looked = stage.now
    stage.now += timedelta(hours=2)
    await stage.do(ANNA, "severity", number, severity=1, reason="All shops are down")
    second = await brief(stage, BILL, number)
    assert verbs(second) == ["severity"]
    assert second is not None
    assert datetime.fromisoformat(second["extra"]["since_at"]) == looked
    third = await brief(stage, BILL, number)
    assert (verbs(third), third and third["extra"]["count"]) == ([], 0)


async def test_what_one_did_oneself_counts_as_having_looked(stage: Stage) -> None:
    number = await stage.claimed()
    answer = await brief(stage, EMMA, number)
    assert answer is not None
    assert answer["extra"]["count"] == 0
    assert "since_at" in answer["extra"]


async def test_who_may_not_read_the_case_is_refused_and_leaves_no_mark(stage: Stage) -> None:
    number = await stage.claimed()
    secret = await stage.opened(sensitive=True)
    with pytest.raises(UserError, match="not_your_role"):
        await brief(stage, STRANGER, number)
    with pytest.raises(UserError, match="no_such_case"):
        await brief(stage, BILL, secret)
    assert await stage.rows(ReadMark) == []


async def test_of_those_who_arrive_only_one_is_told_who_is_not_on_the_case(stage: Stage) -> None:
    number = await stage.claimed()
    secret = await stage.opened(sensitive=True)
    assert await brief(stage, STRANGER, number, arrived=True) is None  # may not read
    assert await brief(stage, BILL, secret, arrived=True) is None  # does not exist for them
    assert await brief(stage, EMMA, number, arrived=True) is None  # has it
    assert await brief(stage, BILL, number, arrived=True) is not None
    assert await brief(stage, BILL, number, arrived=True) is None  # within the hour
    stage.now += timedelta(hours=1)
    assert await brief(stage, BILL, number, arrived=True) is not None


def entry(number: int, verb: str, actor: str = EMMA) -> TimelineFacts:
    return TimelineFacts(number, T0 + timedelta(minutes=number), actor, verb)


def test_the_grave_goes_before_the_new_and_the_quiet_is_none() -> None:
    entries = [
        entry(1, "breach"), entry(2, "assign"), entry(3, "share_status"), entry(4, "edit_roles"),
        entry(5, "severity"), entry(6, "seen"), entry(7, "assign", BILL),
    ]  # fmt: skip
    chosen, count = choose_news(entries, BILL, SHOWN)
    assert [each.id for each in chosen] == [1, 4, 5]
    assert count == 5


def test_every_verb_that_counts_here_is_one_of_the_record() -> None:
    texts = load_texts(Language.ENGLISH)
    known = {key.removeprefix("event.").split(".")[0] for key in texts if key.startswith("event.")}
    stems = known | {key.removesuffix(end) for key in known for end in ("_yes", "_no")}
    assert stems >= GRAVE | QUIET
    assert not GRAVE & QUIET


def test_what_is_asked_of_each_comes_in_the_order_of_urgency() -> None:
    facts = case(
        owner=NIKOS,
        asks=(ask(asked_of=IRIS),),
        actions=(action(owner=IRIS),),
        clocks=(clock("next_update", 30),),
    )
    assert [each.kind for each in list_asked(facts, IRIS)] == [AskedOf.ASK, AskedOf.ACTION]
    (owned,) = list_asked(facts, NIKOS)
    assert (owned.kind, owned.text, owned.until) == (
        AskedOf.CLOCK, "next_update", facts.clocks[0].due,
    )  # fmt: skip
    assert list_asked(facts, TOM) == []


def test_the_check_in_is_asked_of_the_technical_lead_and_the_rest_of_the_owner() -> None:
    clocks = (clock("check_in", -5), clock("next_update", 30))
    facts = case(owner=NIKOS, roles={Role.TECHNICAL_LEAD: TOM}, clocks=clocks)
    assert [each.text for each in list_asked(facts, TOM)] == ["check_in"]
    assert [each.text for each in list_asked(facts, NIKOS)] == ["next_update"]
