"""Stakeholders who have not seen a SEV1: another is told in their place, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.notify import load_told
from bot.errors import UserError
from bot.rules.facts import ToldFacts, UnreachedFacts
from bot.rules.membership import Unfilled
from bot.rules.words import Role
from tests.bot.stage import ALEX, BILL, CARL, DORA, EMMA, EXEC, LEAH, TOM, Stage

GRAVE = {"severity": 1}
OTHER_CSM = "UCSM2"


async def told(stage: Stage, number: int) -> dict[str, ToldFacts]:
    async with stage.database.write() as session:
        work = stage.work(session)
        return {each.user: each for each in await load_told(work, await work.case(number))}


async def instead(stage: Stage, number: int) -> dict[str, str]:
    """Who was told in whose place since last asked."""
    return {
        each.to: each.extra["user"]
        for each in await stage.said(number)
        if each.text == "notice:told_instead"
    }


def name_for(stage: Stage, role: Role, *people: str) -> None:
    stage.policy = replace(stage.policy, roles={**stage.policy.roles, role: people})


async def everybody_but(stage: Stage, number: int, *unseen: str) -> None:
    """All who were told have seen it, but these."""
    for user in await told(stage, number):
        if user not in unseen:
            await stage.do(user, "seen_case", number)


async def test_those_who_answer_for_a_customer_are_asked_whether_they_have_seen_it(
    stage: Stage,
) -> None:
    number = await stage.opened(**GRAVE)
    found = await told(stage, number)
    assert {CARL, ALEX, EXEC} <= set(found)
    assert EMMA not in found
    await stage.do(CARL, "seen_case", number)
    assert (await told(stage, number))[CARL].seen_at == stage.now
    assert (await stage.last(number)).verb == "seen_case"
    await stage.do(CARL, "seen_case", number)  # pressed again
    assert [e.verb for e in await stage.timeline(number)].count("seen_case") == 1


async def test_who_was_not_told_has_nothing_to_confirm(stage: Stage) -> None:
    number = await stage.opened(**GRAVE)
    with pytest.raises(UserError, match="not_told_of_case"):
        await stage.do(BILL, "seen_case", number)


async def test_an_unseen_sev1_goes_to_the_next_of_the_role_after_fifteen_minutes_once(
    stage: Stage,
) -> None:
    name_for(stage, Role.CSM, CARL, OTHER_CSM)
    number = await stage.opened(**GRAVE)
    await everybody_but(stage, number, CARL)
    await stage.said(number)
    stage.later(minutes=14)
    await stage.sweep()
    assert await instead(stage, number) == {}
    stage.later(minutes=1)
    await stage.sweep()
    assert await instead(stage, number) == {OTHER_CSM: CARL}
    stage.later(minutes=60)
    await stage.sweep()
    assert await instead(stage, number) == {}
    assert (await told(stage, number))[CARL].then == OTHER_CSM
    await stage.do(OTHER_CSM, "seen_case", number)


async def test_without_another_of_the_role_who_else_answers_for_the_account_is_told(
    stage: Stage,
) -> None:
    stage.policy = replace(
        stage.policy,
        matrix={k: {r: n for r, n in row.items() if r is not Role.ACCOUNT_EXECUTIVE}
                for k, row in stage.policy.matrix.items()},
    )  # fmt: skip
    number = await stage.opened(**GRAVE)
    assert ALEX not in await told(stage, number)
    await everybody_but(stage, number, CARL)
    await stage.said(number)
    stage.later(minutes=15)
    await stage.sweep()
    assert await instead(stage, number) == {ALEX: CARL}


async def test_who_is_away_or_has_left_is_passed_over_with_the_reason(stage: Stage) -> None:
    name_for(stage, Role.CSM, CARL, OTHER_CSM)
    until = stage.now + timedelta(days=1)
    await stage.do(OTHER_CSM, "away", until=until)
    number = await stage.opened(**GRAVE)
    await everybody_but(stage, number, CARL)
    await stage.said(number)
    stage.later(minutes=15)
    await stage.sweep()
    said = next(e for e in await stage.said(number) if "passed" in e.extra)
    assert said.extra["passed"][0] == {"role": "csm", "who": OTHER_CSM, "reason": "away"}
    away = UnreachedFacts(Role.CSM, OTHER_CSM, Unfilled.AWAY)
    assert (await told(stage, number))[CARL].passed[0] == away


async def test_where_all_know_already_the_owner_is_asked_to_call(stage: Stage) -> None:
    name_for(stage, Role.DIRECTOR)
    name_for(stage, Role.SUPPORT_LEAD)
    number = await stage.opened(**GRAVE)
    await everybody_but(stage, number, CARL)
    await stage.said(number)
    stage.later(minutes=15)
    await stage.sweep()
    heard = await stage.heard(number)
    assert "unseen" in heard[EMMA]


@pytest.mark.parametrize("ends", ["lowered", "dismissed"])
async def test_nobody_is_told_of_a_case_that_is_over_or_no_sev1_any_more(
    stage: Stage, ends: str
) -> None:
    number = await stage.opened(**GRAVE)
    if ends == "lowered":
        await stage.do(EMMA, "severity", number, severity=3, reason="One customer")
    else:
        await stage.do(EMMA, "dismiss", number, reason="A test")
    await stage.said(number)
    stage.later(minutes=20)
    await stage.sweep()
    assert await instead(stage, number) == {}
    stage.later(minutes=1)
    await stage.sweep()
    assert (await stage.case(number)).told_at is None


async def test_a_case_that_becomes_sev1_waits_from_then(stage: Stage) -> None:
    number = await stage.opened()
    assert (await stage.case(number)).told_at is None
    stage.later(minutes=30)
    await stage.do(EMMA, "severity", number, severity=1, reason="All are down")
    assert (await stage.case(number)).told_at == stage.now + timedelta(minutes=15)


async def test_of_a_restricted_case_nobody_further_is_told(stage: Stage) -> None:
    number = await stage.opened(severity=1, sensitive=True)
    await stage.said(number)
    stage.later(minutes=20)
    await stage.sweep()
    assert await instead(stage, number) == {}
    assert {DORA, LEAH} & {each.to for each in await stage.said(number)} == set()


async def test_the_technical_lead_has_it_or_the_next_is_asked(stage: Stage) -> None:
    number = await stage.opened(**GRAVE)
    await stage.said(number)
    lead = (await stage.roles(number))["technical_lead"]
    answer = await stage.do(lead, "decline_page", number, reason="On a train")
    assert answer is not None
    assert answer["extra"]["user"] == TOM
    assert (await stage.roles(number))["technical_lead"] == TOM
    heard = await stage.heard(number)
    assert "technical_paged" in heard[TOM]
    assert "technical_declined" in heard["post"]
    await stage.do(TOM, "have_page", number)
    assert "technical_has_it" in (await stage.heard(number))["post"]
    await stage.do(TOM, "have_page", number)  # pressed again
    assert await stage.heard(number) == {}


async def test_where_no_technical_lead_is_left_the_owner_is_told(stage: Stage) -> None:
    number = await stage.opened(**GRAVE)
    await stage.do((await stage.roles(number))["technical_lead"], "decline_page", number)
    await stage.said(number)
    answer = await stage.do(TOM, "decline_page", number)
    assert answer is not None
    assert (answer["text"], answer["extra"]["user"]) == ("notice:page_passed", "")
    assert "technical_lead" not in await stage.roles(number)
    assert "technical_declined" in (await stage.heard(number))[EMMA]


async def test_only_the_lead_of_the_case_has_its_technical_page(stage: Stage) -> None:
    number = await stage.opened(**GRAVE)
    with pytest.raises(UserError, match="not_technical_lead"):
        await stage.do(TOM, "have_page", number)


async def test_who_cannot_take_the_case_hears_who_has_the_call_now(stage: Stage) -> None:
    number = await stage.opened()
    answer = await stage.do(EMMA, "decline_page", number)
    assert answer is not None
    assert answer["extra"] == {"user": "UEVAN", "role": "escalation_manager"}
