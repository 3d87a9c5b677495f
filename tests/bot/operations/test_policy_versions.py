"""Policies over time: another one tried on real cases, a new one applied, pauses that stand out."""

from dataclasses import replace
from datetime import timedelta

from bot.engine.actors import Actor
from bot.operations import policy_versions
from bot.rules.policy.load import Policy, policy_from_spec
from bot.rules.policy.suspicious_pauses import Sign, find_suspicious_pauses
from bot.rules.words import ClockKind, Severity
from storage.models import Clock
from tests.bot.stage import EMMA, LEAH, Stage


def hurried(policy: Policy) -> Policy:
    """The same policy with a resolution of two hours at SEV2."""
    spec = {**policy.spec, "severities": {**policy.spec["severities"]}}
    sev2 = spec["severities"]["SEV2"] = {**spec["severities"]["SEV2"]}
    sev2["clocks"] = {**sev2["clocks"], "resolution": {"target": "2h", "calendar": "always"}}
    return policy_from_spec(spec)


async def test_another_policy_is_tried_without_touching_anything(stage: Stage) -> None:
    number = await stage.claimed()
    before = {c.name: c.due for c in await stage.rows(Clock, case_number=number)}
    stage.later(hours=3)
    async with stage.database.read() as session:
        [case] = await policy_versions.replay_cases(
            session, stage.policy, hurried(stage.policy), stage.now
        )
    [changed] = case.comparison.changed
    assert (case.number, changed.clock) == (number, "resolution")
    assert changed.old is not None
    assert changed.new is not None
    assert (changed.old.breaches, changed.new.breaches) == (0, 1)
    assert {c.name: c.due for c in await stage.rows(Clock, case_number=number)} == before


async def test_a_policy_reaches_open_clocks_only_when_somebody_applies_it(stage: Stage) -> None:
    number = await stage.claimed()
    other = hurried(stage.policy)
    services = replace(stage.services(), policy=other)
    changed = await policy_versions.apply_policy(services, Actor(LEAH, "cli"), "ada@desk-1")
    assert changed == [number]
    case = await stage.case(number)
    assert case.policy_version == other.version
    due = {c.name: c.due for c in await stage.rows(Clock, case_number=number)}
    assert due["resolution"] == case.received_at + timedelta(hours=2)
    entry = await stage.last(number)
    assert (entry.verb, entry.actor, entry.source) == ("policy_applied", LEAH, "cli")
    assert entry.after == {"policy": other.version, "terminal": "ada@desk-1"}
    changes = await stage.events(number, "severity_change")
    assert {change.data["reason"] for change in changes} == {other.version}


async def test_applying_a_policy_twice_changes_nothing_more(stage: Stage) -> None:
    await stage.claimed()
    other = hurried(stage.policy)
    for expected in (1, 0):
        services = replace(stage.services(), policy=other)
        changed = await policy_versions.apply_policy(services, Actor(LEAH, "cli"), "ada@desk-1")
        assert len(changed) == expected


async def test_a_pause_set_just_before_the_due_time_stands_out_with_who_set_it(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    due = next(
        c.due for c in await stage.rows(Clock, case_number=number) if c.name == ClockKind.WORKAROUND
    )
    assert due is not None
    stage.now = due - timedelta(minutes=5)
    until = (stage.now + timedelta(days=1)).isoformat()
    await stage.do(EMMA, "hold", number, reason="waiting_third_party", until=until)
    async with stage.database.read() as session:
        pauses = await policy_versions.all_pauses(session)
    found = [s for s in find_suspicious_pauses(pauses) if s.pause.clock == ClockKind.WORKAROUND]
    assert [(s.pause.case, s.pause.by) for s in found] == [(f"ESC-{number}", EMMA)]
    assert Sign.JUST_BEFORE_DUE in found[0].signs


async def test_the_policy_in_force_is_kept_once(stage: Stage) -> None:
    for _ in range(2):
        await policy_versions.remember_policy(stage.database, stage.policy, stage.now)
    other = hurried(stage.policy)
    await policy_versions.remember_policy(stage.database, other, stage.now)
    async with stage.database.read() as session:
        known = await policy_versions._known(session)
    assert set(known) == {stage.policy.version, other.version}
    assert known[other.version].clock(Severity.SEV2, ClockKind.RESOLUTION) == other.clock(
        Severity.SEV2, ClockKind.RESOLUTION
    )
