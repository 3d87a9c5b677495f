"""Holds: the listed clocks wait, the others do not, and the date ends it."""

from datetime import timedelta

import pytest

from bot.cases.hold import resume_expired
from bot.due_table import DUE
from bot.errors import UserError
from bot.rules.words import HoldReason
from tests.bot.stage import ANNA, EMMA, T0, TINA, Stage

UNTIL = T0 + timedelta(hours=24)


async def held(stage: Stage, reason: str = "waiting_customer", **fields: object) -> int:
    """A case in work that waits until UNTIL."""
    number = await stage.investigating(**fields)
    await stage.in_channel(number)
    await stage.do(EMMA, "hold", number, reason=reason, until=UNTIL, note="Maria looks")
    return number


async def states(stage: Stage, number: int) -> dict[str, str]:
    found = {n: await stage.clock(number, n) for n in await stage.running(number)}
    return {name: clock.state for name, clock in found.items() if clock}


async def test_a_hold_is_on_the_case_and_in_the_record(stage: Stage) -> None:
    number = await held(stage)
    case = await stage.case(number)
    assert (case.hold_reason, case.hold_until) == ("waiting_customer", UNTIL)
    assert (case.hold_since, case.hold_by, case.hold_note) == (T0, EMMA, "Maria looks")
    entry = await stage.last(number)
    assert entry.after == {"reason": "waiting_customer", "until": UNTIL.isoformat()}
    assert await stage.heard(number) == {"post": ["held"]}


async def test_the_gravest_cases_keep_the_customer_informed_while_they_wait(stage: Stage) -> None:
    for severity, waits in ((2, "running"), (3, "paused")):
        found = await states(stage, await held(stage, severity=severity))
        assert (found["next_update"], found["resolution"]) == (waits, "paused")


@pytest.mark.parametrize("reason", HoldReason)
async def test_a_message_of_the_customer_ends_what_waits_for_the_customer(
    stage: Stage, reason: HoldReason
) -> None:
    number = await held(stage, reason.value)
    stage.later(hours=1)
    await stage.do(ANNA, "customer_replied", number, summary="Here they are", at=stage.now)
    ends = reason in {HoldReason.WAITING_CUSTOMER, HoldReason.CUSTOMER_REQUESTED}
    assert ((await stage.case(number)).hold_reason is None) is ends
    assert (await states(stage, number))["resolution"] == ("running" if ends else "paused")
    said = [s.extra for s in await stage.said(number) if s.text == "notice:customer_replied"]
    assert [extra["hold_ended"] for extra in said] == [ends]


async def test_a_message_from_before_the_hold_ends_none(stage: Stage) -> None:
    number = await stage.investigating()
    before = stage.now
    stage.later(hours=1)
    await stage.do(
        EMMA, "hold", number, reason="customer_requested", until=UNTIL + timedelta(days=1)
    )
    await stage.do(ANNA, "customer_replied", number, summary="Please wait", at=before)
    assert (await stage.case(number)).hold_reason == "customer_requested"


async def test_a_clock_that_begins_during_a_hold_waits_too(stage: Stage) -> None:
    number = await stage.claimed(severity=4)
    await stage.do(EMMA, "hold", number, reason="waiting_third_party", until=UNTIL)
    await stage.do(EMMA, "severity", number, severity=3, reason="r")
    assert (await states(stage, number))["workaround"] == "paused"


@pytest.mark.parametrize("minutes", [0, -1])
async def test_a_hold_ends_in_the_future(stage: Stage, minutes: int) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="hold_in_past"):
        await stage.do(
            EMMA,
            "hold",
            number,
            reason="waiting_customer",
            until=T0 + timedelta(minutes=minutes),
        )


async def test_a_held_case_is_not_held_again(stage: Stage) -> None:
    number = await held(stage)
    with pytest.raises(UserError, match="already_on_hold"):
        await stage.do(EMMA, "hold", number, reason="waiting_third_party", until=UNTIL)


@pytest.mark.parametrize("who", [ANNA, TINA])
async def test_only_managers_hold_and_resume(stage: Stage, who: str) -> None:
    number = await held(stage)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(who, "resume", number)


async def test_a_resolved_case_does_not_wait(stage: Stage) -> None:
    number = await stage.resolved()
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(EMMA, "hold", number, reason="waiting_customer", until=UNTIL)


async def test_resuming_lets_the_clocks_go_on(stage: Stage) -> None:
    number = await held(stage)
    await stage.said(number)
    stage.later(hours=1)
    await stage.do(EMMA, "resume", number)
    case = await stage.case(number)
    assert (case.hold_reason, case.hold_until, case.hold_by) == (None, None, None)
    assert (await states(stage, number))["resolution"] == "running"
    assert await stage.heard(number) == {"post": ["resumed"]}
    with pytest.raises(UserError, match="not_on_hold"):
        await stage.do(EMMA, "resume", number)


async def expire(stage: Stage, number: int) -> bool:
    says = next(row.says for row in DUE if row.do is resume_expired)
    async with stage.database.write() as session:
        work = stage.work(session)
        return await resume_expired(work, await work.case(number), says)


async def test_a_hold_whose_date_has_come_ends_as_of_that_date(stage: Stage) -> None:
    number = await held(stage)
    await stage.said(number)
    stage.now = UNTIL + timedelta(hours=3)  # the app was away
    assert await expire(stage, number)
    (event,) = await stage.events(number, "resume")
    assert (event.at, event.recorded_at) == (UNTIL, stage.now)
    assert (await stage.case(number)).hold_reason is None
    assert await stage.heard(number) == {"post": ["hold_ended"], EMMA: ["hold_ended"]}
    entry = await stage.last(number)
    assert (entry.actor, entry.verb) == ("system", "resume")
    assert not await expire(stage, number)


async def test_a_hold_is_not_ended_before_its_date(stage: Stage) -> None:
    number = await held(stage)
    stage.now = UNTIL - timedelta(seconds=1)
    assert not await expire(stage, number)
    assert (await stage.case(number)).hold_reason == "waiting_customer"


async def test_a_hold_ends_within_the_days_that_the_policy_allows(stage: Stage) -> None:
    number = await stage.investigating()
    far = stage.now + timedelta(days=31)
    with pytest.raises(UserError, match="hold_too_long"):
        await stage.do(EMMA, "hold", number, reason="waiting_third_party", until=far)
    near = far - timedelta(days=2)
    await stage.do(EMMA, "hold", number, reason="waiting_third_party", until=near)
    assert (await stage.case(number)).hold_reason == "waiting_third_party"


async def test_the_channel_reads_who_set_a_hold(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    await stage.do(EMMA, "hold", number, reason="waiting_third_party", until=UNTIL)
    post = next(s for s in await stage.said(number) if s.text == "notice:held")
    assert post.extra["by"] == EMMA


async def test_a_dismissed_case_waits_for_nothing(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(EMMA, "hold", number, reason="waiting_third_party", until=UNTIL)
    await stage.do(EMMA, "dismiss", number, reason="No escalation")
    case = await stage.case(number)
    assert (case.hold_reason, case.hold_until) == (None, None)


async def test_what_was_sent_before_the_case_existed_is_refused(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="before_the_case"):
        await stage.update(number, kind="acknowledgement", sent_at=stage.now - timedelta(days=2))
