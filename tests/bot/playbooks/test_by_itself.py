"""Playbooks that are applied by themselves: by what, which of several, once, and taken back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.playbooks.applied import checklist_facts
from bot.rules.learning.playbooks import Because, choose, load_playbooks, look_again_at
from bot.rules.policy.load import PolicyError, load_policy, policy_from_spec
from bot.rules.policy.model import PlaybookTerms
from bot.rules.words import (
    ClockKind,
    HoldReason,
    Language,
    RootCause,
    Severity,
    Status,
    Trigger,
)
from messages.learning.checklist import WORDS, playbook_message
from storage.models import AppliedPlaybook, EditedPost
from tests.bot.stage import EMMA, LEAH, Stage
from tests.messages.limits import check_blocks, check_harmless
from tests.messages.sample_cases import NOW, case, clock

ALL = load_playbooks()
DAY = timedelta(days=1)


async def applied(stage: Stage, minutes: int = 2) -> list[tuple[str, str]]:
    """What was applied and why, a while from now, oldest first."""
    stage.later(minutes=minutes)
    await stage.sweep()
    return [(row.playbook, row.because.get("kind", "")) for row in await kept(stage)]


async def kept(stage: Stage) -> list[AppliedPlaybook]:
    """The rows, oldest first."""
    return sorted(await stage.rows(AppliedPlaybook), key=lambda row: row.id)


async def test_a_case_that_is_opened_has_the_one_that_fits_best_once(stage: Stage) -> None:
    number = await stage.opened(
        trigger=Trigger.TECHNICAL, severity=1, stake="We lost data in the export"
    )
    await stage.sweep()
    assert await kept(stage) == [], "what changes within a minute makes one playbook"
    assert await applied(stage) == [("data_loss", "words")]
    [row] = await kept(stage)
    assert row.offered[0] == "outage"
    assert row.applied_by == "system"
    await stage.in_channel(number)
    assert await applied(stage, 5) == [("data_loss", "words")]
    assert (await stage.case(number)).status == Status.NEW
    verbs = [(e.verb, e.actor) for e in await stage.timeline(number)]
    assert verbs.count(("apply_playbook", "system")) == 1
    assert len(await stage.rows(EditedPost)) == 1


async def test_what_fits_later_is_applied_then_and_never_what_was_offered(stage: Stage) -> None:
    number = await stage.claimed(trigger=Trigger.UNHEARD, severity=3)
    assert await applied(stage) == [("unheard", "triggers")]
    await stage.do(
        EMMA, "hold", number, reason=HoldReason.WAITING_THIRD_PARTY, until=stage.now + 2 * DAY
    )
    assert await applied(stage) == [("unheard", "triggers"), ("third_party", "holds")]


async def test_one_that_was_taken_back_does_not_come_again(stage: Stage) -> None:
    number = await stage.claimed(trigger=Trigger.UNHEARD, severity=3)
    await applied(stage)
    [row] = await kept(stage)
    await stage.do(EMMA, "drop_playbook", number, applied=row.id)
    await stage.do(EMMA, "severity", number, severity=Severity.SEV2, reason="It grows")
    assert await applied(stage) == [("unheard", "triggers")]
    assert (await kept(stage))[0].ended_at is not None


async def test_a_promise_that_was_missed_brings_one_more_and_offers_the_other(
    stage: Stage,
) -> None:
    number = await stage.investigating(severity=2, trigger=Trigger.EXTRAORDINARY)
    assert await applied(stage) == []
    assert await applied(stage, 70) == [], "the update is late since a few minutes, no look yet"
    assert await applied(stage) == [("breach", "call")]
    assert (await kept(stage))[0].offered == ["missed_commitment"]
    await stage.do(LEAH, "apply_playbook", number, name="missed_commitment")
    async with stage.database.read() as session:
        facts = await checklist_facts(session, (await kept(stage))[0])
    assert facts["offered"] == [], "what is worked by is offered no more"


async def test_what_the_customer_writes_later_is_a_reason_once(stage: Stage) -> None:
    number = await stage.claimed(trigger=Trigger.EXTRAORDINARY, severity=2)
    assert await applied(stage) == []
    await stage.do(EMMA, "customer_replied", number, summary="Thank you, we look", at=stage.now)
    assert (await stage.case(number)).playbooks_at is None
    await stage.do(EMMA, "customer_replied", number, summary="Now we lost data!", at=stage.now)
    first = (await stage.case(number)).phrases
    assert [*first.values()] == [stage.now.isoformat()]
    assert "Now we" not in str(first), "of their words no more than a phrase of ours is kept"
    assert await applied(stage) == [("data_loss", "words")]
    [row] = await kept(stage)
    assert row.because == {"kind": "words", "value": next(iter(first))}
    await stage.do(EMMA, "drop_playbook", number, applied=row.id)
    await stage.do(EMMA, "customer_replied", number, summary="We lost data again", at=stage.now)
    assert (await stage.case(number)).phrases == first
    assert await applied(stage) == [("data_loss", "words")]
    assert (await kept(stage))[0].ended_at is not None


async def test_words_of_a_customer_whose_case_has_ended_are_no_reason(stage: Stage) -> None:
    number = await stage.resolved(trigger=Trigger.EXTRAORDINARY, severity=2)
    await applied(stage)
    await stage.do(EMMA, "customer_replied", number, summary="We lost data", at=stage.now)
    assert (await stage.case(number)).phrases == {}


async def test_two_do_not_come_in_one_minute(stage: Stage) -> None:
    number = await stage.claimed(trigger=Trigger.UNHEARD, severity=3)
    await stage.do(EMMA, "apply_playbook", number, name="billing")
    stage.later(seconds=30)
    await stage.do(EMMA, "apply_playbook", number, name="churn")
    stage.later(seconds=35)
    await stage.sweep()
    assert [row.playbook for row in await kept(stage)] == ["billing", "churn"]
    assert ("unheard", "triggers") in await applied(stage, 1)


async def test_a_legal_threat_and_a_problem_are_reasons(stage: Stage) -> None:
    number = await stage.claimed(trigger=Trigger.EXTRAORDINARY, severity=3)
    assert await applied(stage) == []
    await stage.do(EMMA, "open_problem", number, title="Exports stand", known="We look", severity=3)
    assert await applied(stage) == [("many_customers", "problem")]
    await stage.opened(trigger=Trigger.LEGAL, severity=3)
    assert (await applied(stage))[-1] == ("legal", "triggers")


async def test_the_policy_leaves_one_to_people_who_still_find_it_offered(stage: Stage) -> None:
    stage.policy = replace(stage.policy, playbooks=PlaybookTerms(frozenset({"data_loss"})))
    await stage.opened(trigger=Trigger.TECHNICAL, severity=1, stake="We lost data")
    assert await applied(stage) == [("outage", "triggers")]
    assert (await kept(stage))[0].offered == ["data_loss"]
    await stage.opened(trigger=Trigger.EXTRAORDINARY, severity=2, stake="We lost data")
    assert len(await applied(stage)) == 1, "alone it waits for a person"


async def test_a_case_that_is_over_gets_none(stage: Stage) -> None:
    number = await stage.investigating(trigger=Trigger.UNHEARD, severity=4)
    await stage.resolve(number)
    assert await applied(stage) == []
    await stage.do(EMMA, "reopen", number, reason="It is back")
    assert await applied(stage) == [("unheard", "triggers")]


async def test_a_dropped_one_is_told_in_the_record_of_who_took_it_off(stage: Stage) -> None:
    number = await stage.claimed(trigger=Trigger.UNHEARD)
    await applied(stage)
    with pytest.raises(UserError, match="playbook_applied"):
        await stage.do(EMMA, "apply_playbook", number, name="unheard")


def test_the_most_special_one_is_chosen_and_none_that_is_known() -> None:
    here = case(Status.INVESTIGATING, trigger=Trigger.THREAT_TO_CANCEL, legal=True)
    best, others = choose(ALL.values(), here, (), ())
    assert best is ALL["legal"]
    assert others[0] is ALL["churn"]
    assert choose(ALL.values(), here, ("legal",), ("churn",))[0] not in (
        ALL["legal"], ALL["churn"],
    )  # fmt: skip
    assert len({each.rank for each in ALL.values()}) == len(ALL), "no two are equally special"


def test_time_alone_makes_two_of_them_fit() -> None:
    spent = replace(clock(ClockKind.RESOLUTION, 600), share_used=0.2)
    calm: dict[str, Any] = {"trigger": Trigger.EXTRAORDINARY, "severity": Severity.SEV3}
    here = case(Status.INVESTIGATING, clocks=(spent,), **calm)
    assert look_again_at(ALL.values(), here, ()) is None, "the breach comes first, and is an event"
    late = replace(spent, share_used=1.2, breached_at=NOW)
    over = replace(here, clocks=(late,))
    assert look_again_at(ALL.values(), over, ()) == NOW + timedelta(hours=1)
    assert look_again_at(ALL.values(), over, ("no_cause",)) is None
    assert look_again_at(ALL.values(), replace(over, root_cause=RootCause.CHANGE), ()) is None


async def test_a_customer_who_is_waited_for_for_a_day_is_a_silent_one(stage: Stage) -> None:
    number = await stage.investigating(trigger=Trigger.EXTRAORDINARY, severity=4)
    await stage.do(
        EMMA, "hold", number, reason=HoldReason.WAITING_CUSTOMER, until=stage.now + 3 * DAY
    )
    assert await applied(stage, 60) == []
    assert ("silent_customer", "holds") in await applied(stage, 24 * 60)


async def test_half_over_its_time_without_a_cause_is_seen_on_a_real_clock(stage: Stage) -> None:
    await stage.claimed(trigger=Trigger.EXTRAORDINARY, severity=1)
    await applied(stage, 24 * 60 + 1)
    await applied(stage, 2)
    assert "no_cause" not in {key for key, _ in await applied(stage)}
    for _ in range(13):
        await applied(stage, 60)
    assert ("no_cause", "used") in await applied(stage)


def test_a_policy_names_them_by_their_keys() -> None:
    spec = {**load_policy().spec, "playbooks": {"by_hand": ["churn"]}}
    assert policy_from_spec(spec).playbooks.by_hand == {"churn"}
    for wrong in (["Silent customer"], "churn", [7]):
        with pytest.raises(PolicyError, match=r"playbooks\.by_hand"):
            policy_from_spec({**spec, "playbooks": {"by_hand": wrong}})


REASONS = [
    Because("legal"), Because("problem"), Because("call"), Because("words", "lost <data>"),
    Because("triggers", "unheard"), Because("causes", "billing"), Because("used", "resolution"),
    Because("holds", "waiting_customer"), Because("late", "next_update"),
    Because("severity", "sev1"),
]  # fmt: skip


@pytest.mark.parametrize("because", REASONS, ids=lambda each: each.kind)
@pytest.mark.parametrize("language", Language)
def test_its_post_says_why_in_half_a_line_and_offers_the_others(
    because: Because, language: Language
) -> None:
    facts = {
        "playbook": "outage", "applied": 1, "done": {}, "by": "system", "ended": False,
        "because": {"kind": because.kind, "value": because.value},
        "offered": ["churn", "gone", "billing", "unheard", "legal"],
    }  # fmt: skip
    shown = playbook_message("checklist", case(), language, facts)
    check_blocks(shown.blocks)
    check_harmless(shown.text)
    pressed = [e["action_id"] for e in shown.blocks[-1]["elements"]]
    assert pressed == ["do:drop_playbook", *(f"do:apply_playbook#{n}" for n in (1, 2, 3))]
    head = shown.text.splitlines()[1]
    assert "system" not in head
    assert len(head.split(". ")[0]) < 110
    assert set(WORDS) <= {each.kind for each in REASONS}
