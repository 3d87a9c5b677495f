"""Resolving, the three confirmations, and going back when it is not fixed."""

from datetime import date, timedelta

import pytest

from bot.cases.resolution.silence import give_up_waiting
from bot.errors import UserError
from bot.rules.words import Role
from storage.models import ActionItem, Case, Confirmation, Outbox, SentMessage
from tests.bot.policies import policy
from tests.bot.stage import (
    ALEX,
    ANNA,
    BILL,
    CARL,
    EMMA,
    LEAH,
    ROLES,
    SPON,
    TINA,
    Stage,
)
from tests.postmortems import REVIEWED


async def confirm(stage: Stage, number: int, who: str, party: str, *, yes: bool = True) -> None:
    await stage.do(who, "confirm", number, party=party, comfortable=yes, remark="Seen it")


async def confirmed(stage: Stage, number: int) -> dict[str, bool]:
    rows = await stage.rows(Confirmation, case_number=number)
    return {row.party: row.comfortable for row in rows}


async def test_a_resolution_waits_for_the_colleague_who_has_not_spoken(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    answer = await stage.resolve(number)
    case = await stage.case(number)
    assert (case.status, case.resolution_type) == ("investigating", "fix")
    assert case.resolution_note == "Rolled back"
    assert await confirmed(stage, number) == {"escalation_manager": True}
    said = [s for s in await stage.said(number) if s.kind == "dm"]
    assert [(s.to, s.text, s.extra["party"]) for s in said] == [
        (TINA, "notice:confirmation_asked", "technical_lead")
    ]
    assert answer == {
        "text": "notice:resolution_waits",
        "case": number,
        "extra": {"waiting": {"technical_lead": TINA}, "untold": False},
    }
    assert "resolution" in await stage.running(number)


async def test_the_resolution_notice_is_a_customer_message(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number, text="Fixed since 12:00.", route="phone")
    message = (await stage.rows(SentMessage))[-1]
    assert (message.kind, message.text, message.route) == (
        "resolution",
        "Fixed since 12:00.",
        "phone",
    )
    assert len(await stage.events(number, "agent_public")) == 2


async def test_the_last_colleagues_yes_resolves_it(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number)
    stage.later(minutes=10)
    await stage.in_channel(number)
    await confirm(stage, number, TINA, "technical_lead")
    case = await stage.case(number)
    assert (case.status, case.resolved_at) == ("resolved", stage.now)
    assert await stage.running(number) == {"customer_confirmation", "postmortem_held"}
    for name in ("resolution", "workaround"):
        clock = await stage.clock(number, name)
        assert clock is not None
        assert (clock.state, clock.stopped_at) == ("met", stage.now)
    heard = await stage.heard(number)
    assert heard["post"] == ["resolved"]


async def test_a_workaround_leaves_the_fix_to_its_owner_with_a_day_and_reminders(
    stage: Stage,
) -> None:
    number = await stage.investigating()
    await stage.resolve(number, type="workaround", note="Export by hand")
    [fix] = await stage.rows(ActionItem, case_number=number)
    assert (fix.owner, fix.type, fix.due) == (
        TINA,
        "product",
        date(2026, 2, 25),
    )  # ten business days
    assert "Export by hand" in fix.title
    assert fix.next_reminder_at is not None
    await stage.resolve(number, type="workaround", note="Export by hand")  # said again
    assert len(await stage.rows(ActionItem, case_number=number)) == 1


async def test_owner_and_day_of_the_fix_are_those_that_were_chosen(stage: Stage) -> None:
    number = await stage.investigating()
    day = date(2026, 3, 2)
    await stage.resolve(number, type="workaround", note="By hand", fix_owner=BILL, fix_due=day)
    [fix] = await stage.rows(ActionItem, case_number=number)
    assert (fix.owner, fix.due) == (BILL, day)
    assert [s.text for s in await stage.said(number) if s.to == BILL] == ["notice:action_given"]


async def test_a_fix_leaves_nothing_to_do(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number, fix_owner=BILL)
    assert await stage.rows(ActionItem, case_number=number) == []


async def test_with_nobody_else_to_ask_it_is_resolved_at_once(stage: Stage) -> None:
    number = await stage.investigating(severity=3)  # no technical lead
    assert await stage.resolve(number) is None
    assert (await stage.case(number)).status == "resolved"


async def test_the_technical_lead_may_resolve_and_then_the_manager_is_asked(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    await stage.resolve(number, TINA)
    assert await confirmed(stage, number) == {"technical_lead": True}
    assert (await stage.heard(number))[EMMA] == ["confirmation_asked"]
    await confirm(stage, number, EMMA, "escalation_manager")
    assert (await stage.case(number)).status == "resolved"


async def test_the_stakeholders_and_all_involved_hear_of_it(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.do(BILL, "customer_replied", number, summary="Thanks")  # now on the timeline
    await stage.in_channel(number)
    await stage.resolve(number)
    await stage.said(number)
    await confirm(stage, number, TINA, "technical_lead")
    said = [s for s in await stage.said(number) if s.kind == "dm"]
    told = {s.to for s in said if s.text == "notice:resolved"}
    invited = {s.to for s in said if s.extra.get("invited")}
    invited |= {s.to for s in said if s.text == "notice:postmortem_invitation"}
    assert told == {ANNA, EMMA, CARL, ALEX, LEAH}
    assert invited == {ANNA, EMMA, TINA, CARL, ALEX, SPON, BILL}
    assert len(said) == len({s.to for s in said}), "one message a person"


async def test_without_a_meeting_nobody_is_invited_and_the_reporter_still_hears(
    stage: Stage,
) -> None:
    number = await stage.investigating(severity=3)  # a meeting only after a broken promise
    await stage.in_channel(number)
    await stage.resolve(number)
    said = [s for s in await stage.said(number) if s.kind == "dm"]
    told = {s.to: s.extra["invited"] for s in said}
    assert told == dict.fromkeys((ANNA, CARL, ALEX, LEAH), False)


async def test_the_agenda_is_posted_and_attached_while_it_stays_resolved(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    await stage.in_channel(number)
    await stage.resolve(number)
    said = await stage.said(number)
    assert [s.row.payload["document"] for s in said if s.kind == "file"] == ["postmortem"]
    posts = [s for s in said if s.kind == "post" and s.text == "notice:resolved"]
    assert [s.extra["agenda"] for s in posts] == [True]
    assert (await stage.case(number)).status == "resolved"


async def test_the_system_is_not_invited(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    async with stage.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        stage.work(session).note(case, "breach")
    await stage.resolve(number)
    assert await stage.rows(Outbox, lane="dm:system") == []


@pytest.mark.parametrize(("severity", "owed"), [(1, True), (2, True), (3, False), (4, False)])
async def test_a_postmortem_is_owed_for_grave_cases(
    stage: Stage, severity: int, owed: bool
) -> None:
    number = await stage.resolved(severity=severity)
    assert ("postmortem_held" in await stage.running(number)) is owed


async def test_a_postmortem_is_owed_for_a_sev3_that_broke_a_promise(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    stage.later(days=30)
    await stage.resolve(number)
    assert "postmortem_held" in await stage.running(number)


async def test_somebody_uncomfortable_blocks_until_it_is_resolved_anew(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number)
    await confirm(stage, number, TINA, "technical_lead", yes=False)
    assert (await stage.case(number)).status == "investigating"
    await stage.resolve(number, note="Fixed the cause")
    assert await confirmed(stage, number) == {"escalation_manager": True}  # TINA is asked again
    await confirm(stage, number, TINA, "technical_lead")
    assert (await stage.case(number)).status == "resolved"


async def test_a_resolution_ends_a_hold(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    until = stage.now + timedelta(days=1)
    await stage.do(EMMA, "hold", number, reason="scheduled_change", until=until)
    await stage.resolve(number)
    assert (await stage.case(number)).hold_reason is None


async def test_a_workaround_that_resolves_is_kept_as_one(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    await stage.resolve(number, type="workaround", note="Use the old page")
    case = await stage.case(number)
    assert (case.resolution_type, case.workaround_note) == ("workaround", "Use the old page")


@pytest.mark.parametrize("status", ["new", "resolved"])
async def test_what_is_new_or_resolved_cannot_be_resolved(stage: Stage, status: str) -> None:
    number = await (stage.opened() if status == "new" else stage.resolved())
    with pytest.raises(UserError, match="wrong_status"):
        await stage.resolve(number)


async def test_the_customers_yes_leads_to_the_review(stage: Stage) -> None:
    number = await stage.resolved()
    await confirm(stage, number, ANNA, "customer")
    assert (await stage.case(number)).status == "review"
    clock = await stage.clock(number, "customer_confirmation")
    assert clock is not None
    assert clock.state == "met"
    assert "postmortem_held" in await stage.running(number)
    entry = await stage.last(number)
    assert entry.after == {"party": "customer", "comfortable": True, "status": "review"}


async def test_a_customer_who_was_comfortable_first_is_not_asked_again(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number)
    await confirm(stage, number, ANNA, "customer")
    assert (await stage.case(number)).status == "investigating"
    await stage.in_channel(number)
    await confirm(stage, number, TINA, "technical_lead")
    assert (await stage.case(number)).status == "review"
    assert "customer_confirmation" not in await stage.running(number)
    assert "resolved" in (await stage.heard(number))["post"]


@pytest.mark.parametrize(
    ("who", "party"),
    [(ANNA, "technical_lead"), (EMMA, "technical_lead"), (LEAH, "escalation_manager")],
)
async def test_a_colleagues_comfort_is_their_own_to_state(
    stage: Stage, who: str, party: str
) -> None:
    number = await stage.investigating()
    await stage.resolve(number)
    with pytest.raises(UserError, match="not_your_confirmation"):
        await confirm(stage, number, who, party)


async def test_there_is_nothing_to_confirm_before_a_resolution(stage: Stage) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="nothing_to_confirm"):
        await confirm(stage, number, ANNA, "customer")


async def test_a_lead_who_is_unsure_after_the_resolution_blocks_the_review(stage: Stage) -> None:
    number = await stage.resolved()
    await confirm(stage, number, TINA, "technical_lead", yes=False)
    await confirm(stage, number, ANNA, "customer")
    assert (await stage.case(number)).status == "resolved"
    await confirm(stage, number, TINA, "technical_lead")
    assert (await stage.case(number)).status == "review"


async def test_silence_leads_to_the_review_but_is_no_yes(stage: Stage) -> None:
    number = await stage.resolved()
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await work.case(number)
        assert await give_up_waiting(work, case)
        assert not await give_up_waiting(work, case)
    assert (await stage.case(number)).status == "review"
    assert "customer" not in await confirmed(stage, number)
    assert (await stage.last(number)).actor == "system"


@pytest.mark.parametrize("days", [3.4, 7], ids=["when it is due", "after the app was away"])
async def test_silence_is_announced_to_the_channel_the_owner_and_the_agent(
    stage: Stage, days: float
) -> None:
    number = await stage.resolved()
    await stage.in_channel(number)
    stage.later(days=days)
    await stage.sweep()
    assert (await stage.case(number)).status == "review"
    said = [s for s in await stage.said(number) if s.extra.get("clock") == "customer_confirmation"]
    assert {s.to for s in said} == {"post", EMMA, ANNA}
    assert {s.extra["threshold"] for s in said} == {"breach"}


async def test_a_no_after_the_customer_was_told_calls_the_owner_to_correct_it(
    stage: Stage,
) -> None:
    number = await stage.investigating()
    await stage.resolve(number)
    await stage.in_channel(number)
    await confirm(stage, number, TINA, "technical_lead", yes=False)
    said = [s for s in await stage.said(number) if s.to == EMMA]
    assert [(s.text, s.extra["remark"]) for s in said] == [("notice:resolution_doubted", "Seen it")]


async def test_a_no_says_what_is_missing(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number)
    with pytest.raises(UserError, match="what_is_missing"):
        await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=False)


# -- going back


@pytest.mark.parametrize("at", ["resolved", "reviewed"])
async def test_a_customer_who_says_no_reopens_the_case(stage: Stage, at: str) -> None:
    number = await (stage.resolved() if at == "resolved" else stage.reviewed())
    await stage.in_channel(number)
    await confirm(stage, number, ANNA, "customer", yes=False)
    case = await stage.case(number)
    assert (case.status, case.resolved_at, case.resolution_type) == ("investigating", None, None)
    assert await confirmed(stage, number) == {}
    assert (await stage.heard(number))["post"] == ["reopened"]


async def test_reopening_keeps_what_was_in_the_record(stage: Stage) -> None:
    number = await stage.reviewed()
    resolved_at = (await stage.case(number)).resolved_at
    assert resolved_at is not None
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    await stage.do(EMMA, "close", number, code="fixed", root_cause="change", no_action="None")
    stage.later(days=2)
    await stage.do(ANNA, "reopen", number, reason="It is back")
    case = await stage.case(number)
    assert (case.status, case.closed_at, case.closure_code) == ("investigating", None, None)
    assert case.postmortem_at is None
    entry = await stage.last(number)
    assert (entry.verb, entry.why) == ("reopen", "It is back")
    assert entry.before["status"] == "closed"
    assert entry.before["resolved_at"] == resolved_at.isoformat()
    assert entry.before["closure_code"] == "fixed"
    assert entry.before["resolution_note"] == "Rolled back"
    assert entry.before["confirmations"] == {
        "customer": True,
        "escalation_manager": True,
        "technical_lead": True,
    }


async def test_a_reopened_case_goes_on_with_the_time_that_was_left(stage: Stage) -> None:
    number = await stage.investigating(severity=1)  # 24 hours, around the clock
    stage.later(hours=10)
    await stage.resolve(number)
    await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    stage.later(hours=5)
    await stage.do(ANNA, "reopen", number, reason="It is back")
    resolution = await stage.clock(number, "resolution")
    assert resolution is not None
    assert (resolution.state, resolution.due) == ("running", stage.now + timedelta(hours=14))
    assert await stage.running(number) == {
        "resolution",
        "workaround",
        "next_update",
        "next_reply",
        "check_in",
    }


async def test_a_fix_that_failed_leaves_an_accepted_workaround_in_place(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    await stage.update(number, EMMA, kind="workaround", workaround="Use the old page")
    await stage.resolve(number)
    await stage.do(ANNA, "reopen", number, reason="It is back")
    assert (await stage.case(number)).workaround_note == "Use the old page"
    assert "workaround" not in await stage.running(number)


async def test_a_workaround_that_failed_is_looked_for_again(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    await stage.resolve(number, type="workaround", note="Use the old page")
    await stage.do(ANNA, "reopen", number, reason="That page is gone")
    assert (await stage.case(number)).workaround_note == ""
    assert "workaround" in await stage.running(number)


async def test_a_reopened_case_can_be_resolved_again_with_fresh_clocks(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(ANNA, "reopen", number, reason="It is back")
    stage.later(hours=1)
    await stage.resolve(number)
    await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    assert (await stage.case(number)).status == "resolved"
    assert await stage.running(number) == {"customer_confirmation", "postmortem_held"}
    waiting = await stage.clock(number, "customer_confirmation")
    assert waiting is not None
    assert waiting.started_at == stage.now


async def test_the_lead_and_the_people_of_the_case_hear_of_a_reopening(stage: Stage) -> None:
    number = await stage.resolved()
    await stage.in_channel(number)
    await stage.do(ANNA, "reopen", number, reason="It is back")
    heard = await stage.heard(number)
    assert heard == {u: ["reopened"] for u in ("post", EMMA, TINA, CARL, ALEX, LEAH)}


async def test_after_fourteen_days_it_is_a_new_case(stage: Stage) -> None:
    number = await stage.resolved()
    stage.later(days=14, seconds=1)
    with pytest.raises(UserError, match="within_14_days"):
        await stage.do(ANNA, "reopen", number, reason="It is back")


async def test_an_open_case_is_not_reopened(stage: Stage) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(ANNA, "reopen", number, reason="r")


async def test_without_managers_the_reporter_who_claims_confirms_for_them(stage: Stage) -> None:
    stage.policy = policy({r: u for r, u in ROLES.items() if r is not Role.ESCALATION_MANAGER})
    number = await stage.opened(severity=3)
    await stage.do(ANNA, "claim", number)
    await stage.update(number)
    await stage.resolve(number, ANNA)
    assert (await stage.case(number)).status == "resolved"
