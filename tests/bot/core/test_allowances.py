"""How much one person sets off within an hour."""

import asyncio
from dataclasses import replace

import pytest

from bot.core.allowances import must_have, spend_allowance
from bot.engine.intent import AllowanceKind
from bot.errors import UserError
from bot.registry import INTENTS
from bot.rules.policy.model import Limits
from bot.rules.words import Role
from storage.models import Allowance
from tests.bot.policies import policy
from tests.bot.stage import ANNA, BILL, DORA, EMMA, LEAH, ROLES, STRANGER, Stage

FEW = Limits(openings_per_hour=3, requests_per_hour=4)


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """A stage on which little is allowed."""
    stage.policy = replace(stage.policy, limits=FEW)
    return stage


async def spent(stage: Stage, who: str, verb: str = "open_case", times: int = 1) -> None:
    """Somebody does something so many times, each in its own transaction."""
    for _ in range(times):
        async with stage.database.write() as session:
            await spend_allowance(stage.work(session, who), INTENTS[verb].allowance)


async def test_over_the_limit_one_is_told_when_it_opens_again(stage: Stage) -> None:
    await spent(stage, ANNA, times=3)
    stage.later(minutes=20)
    with pytest.raises(UserError) as refused:
        await spent(stage, ANNA)
    assert refused.value.key == "too_many_openings"
    assert refused.value.facts == {"limit": 3, "minutes": 40}
    stage.later(minutes=40)
    await spent(stage, ANNA, times=3)


async def test_each_person_has_their_own(stage: Stage) -> None:
    await spent(stage, ANNA, times=3)
    await spent(stage, BILL, times=3)


async def test_what_was_refused_costs_nothing(stage: Stage) -> None:
    stage.policy = replace(stage.policy, limits=Limits(openings_per_hour=3))

    async def refused() -> None:
        async with stage.database.write() as session:
            await spend_allowance(stage.work(session, ANNA), AllowanceKind.OPENINGS)
            raise UserError("no_such_account")

    with pytest.raises(UserError, match="no_such_account"):
        await refused()
    await spent(stage, ANNA, times=3)


async def test_all_that_asks_something_of_others_is_counted_together(stage: Stage) -> None:
    for verb in ("ask_executive", "hand_over", "severity", "propose_points"):
        await spent(stage, ANNA, verb)
    with pytest.raises(UserError, match="too_many_requests"):
        await spent(stage, ANNA, "share_status")
    await spent(stage, ANNA, "open_case")
    await spent(stage, ANNA, "update", times=9)  # the work itself has no limit


@pytest.mark.parametrize("who", [EMMA, LEAH, DORA, "system"])
async def test_whom_the_policy_names_as_a_manager_has_no_limit(stage: Stage, who: str) -> None:
    await spent(stage, who, times=9)
    assert await stage.rows(Allowance) == []


async def test_where_the_policy_names_no_manager_everybody_has_one(stage: Stage) -> None:
    nobody = {role: people for role, people in ROLES.items() if role is Role.AGENT}
    stage.policy = replace(policy(nobody), limits=FEW)
    await spent(stage, EMMA, times=3)
    with pytest.raises(UserError, match="too_many_openings"):
        await spent(stage, EMMA)


async def test_a_form_is_not_opened_for_what_would_be_refused(stage: Stage) -> None:
    await spent(stage, STRANGER, times=3)
    async with stage.database.read() as session:
        with pytest.raises(UserError, match="too_many_openings"):
            await must_have(session, stage.policy, AllowanceKind.OPENINGS, STRANGER, stage.now)
        await must_have(session, stage.policy, AllowanceKind.REQUESTS, STRANGER, stage.now)
        later = stage.later(hours=1)
        await must_have(session, stage.policy, AllowanceKind.OPENINGS, STRANGER, later)


async def test_several_at_once_are_counted_one_by_one(stage: Stage) -> None:
    tried = await asyncio.gather(*(spent(stage, ANNA) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(each, UserError) for each in tried) == 2
    (row,) = await stage.rows(Allowance)
    assert row.used == 3


def test_what_turns_to_others_is_counted_and_the_work_itself_is_not() -> None:
    counted = {verb for verb, model in INTENTS.items() if model.allowance}
    assert {"open_case", "ask_executive", "propose_broadcast", "share_status"} <= counted
    assert not {"update", "resolve", "claim", "send_broadcast"} & counted
