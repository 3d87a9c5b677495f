"""The ways out: postmortem, closing, dismissal."""

import pytest

from bot.cases.resolution.silence import give_up_waiting
from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Outbox
from tests.bot.policies import policy
from tests.bot.stage import ANNA, BILL, EMMA, LEAH, ROLES, T0, TINA, Stage
from tests.postmortems import REVIEWED

CODES = {"code": "fixed", "root_cause": "change", "no_action": "Nothing to learn"}


async def held(stage: Stage, **fields: object) -> int:
    """A case in review whose postmortem was held."""
    number = await stage.reviewed(**fields)
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    return number


async def test_a_reviewed_case_is_closed_under_its_codes(stage: Stage) -> None:
    number = await held(stage)
    await stage.in_channel(number)
    await stage.do(EMMA, "close", number, **CODES)
    case = await stage.case(number)
    assert (case.status, case.closed_at) == ("closed", T0)
    assert (case.closure_code, case.root_cause) == ("fixed", "change")
    assert await stage.running(number) == set()
    entry = await stage.last(number)
    assert (entry.before, entry.verb) == ({"status": "review"}, "close")
    assert entry.after["waived"] is False
    assert await stage.heard(number) == {"post": ["closed"]}


async def test_a_resolved_case_is_not_yet_reviewed(stage: Stage) -> None:
    number = await stage.resolved()
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(EMMA, "close", number, **CODES)


async def test_a_grave_case_is_not_closed_without_its_postmortem(stage: Stage) -> None:
    number = await stage.reviewed()
    with pytest.raises(UserError, match="postmortem_held"):
        await stage.do(EMMA, "close", number, **CODES, waived="No time")
    assert (await stage.case(number)).status == "review"


@pytest.mark.parametrize("severity", [3, 4])
async def test_a_minor_case_may_do_without_one_for_a_reason(stage: Stage, severity: int) -> None:
    number = await stage.reviewed(severity=severity)
    with pytest.raises(UserError, match="waiver_needed"):
        await stage.do(EMMA, "close", number, **CODES)
    await stage.do(EMMA, "close", number, **CODES, waived="Known and fixed")
    assert (await stage.case(number)).status == "closed"
    entry = await stage.last(number)
    assert (entry.after["waived"], entry.why) == (True, "Known and fixed")


async def test_only_a_support_lead_closes_a_sev1(stage: Stage) -> None:
    number = await held(stage, severity=1)
    with pytest.raises(UserError) as refused:
        await stage.do(EMMA, "close", number, **CODES)
    assert (refused.value.key, refused.value.facts) == ("support_lead_needed", {"user": LEAH})
    await stage.do(LEAH, "close", number, **CODES)
    assert (await stage.case(number)).status == "closed"


async def test_a_manager_closes_a_sev1_where_no_support_lead_is_named(stage: Stage) -> None:
    stage.policy = policy({r: u for r, u in ROLES.items() if r is not Role.SUPPORT_LEAD})
    number = await held(stage, severity=1)
    await stage.do(EMMA, "close", number, **CODES)
    assert (await stage.case(number)).status == "closed"


@pytest.mark.parametrize("code", ["fixed", "workaround_accepted"])
async def test_silence_is_never_called_agreement(stage: Stage, code: str) -> None:
    number = await stage.resolved(severity=3)
    async with stage.database.write() as session:
        work = stage.work(session)
        await give_up_waiting(work, await work.case(number))
    fields = {"root_cause": "change", "waived": "Minor"}
    with pytest.raises(UserError, match="customer_did_not_confirm"):
        await stage.do(EMMA, "close", number, code=code, **fields)
    await stage.do(EMMA, "close", number, code="no_response", **fields)
    assert (await stage.case(number)).closure_code == "no_response"


async def test_closing_leaves_the_action_items_open(stage: Stage) -> None:
    number = await held(stage)
    fields = {
        "title": "Test the export",
        "type": "process",
        "owner": BILL,
        "due": "2026-03-01",
    }
    await stage.do(EMMA, "action_item", number, **fields)
    await stage.do(EMMA, "close", number, **CODES)
    await stage.do(BILL, "action_done", number, action=1, evidence="Pull request 7")


async def test_the_postmortem_stops_its_clock_and_names_its_facilitator(stage: Stage) -> None:
    number = await stage.reviewed()
    stage.later(hours=3)
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED, facilitator=BILL)
    case = await stage.case(number)
    assert (case.postmortem_at, case.status) == (stage.now, "review")
    clock = await stage.clock(number, "postmortem_held")
    assert clock is not None
    assert clock.state == "met"
    assert (await stage.roles(number))["facilitator"] == BILL
    entry = await stage.last(number)
    assert entry.after == {
        "root_cause": REVIEWED["root_cause"],
        "better": REVIEWED["better"],
        "prevention": "process",
        "facilitator": BILL,
        "came": 0,
    }
    assert entry.why == REVIEWED["no_action"]
    told = [r.payload for r in await stage.rows(Outbox) if "postmortem_learned" in str(r.payload)]
    assert [each["extra"] for each in told] == [
        {
            "cause": REVIEWED["root_cause"],
            "better": REVIEWED["better"],
            "by": EMMA,
            "prevention": "process",
            "count": 0,
        }
    ]
    with pytest.raises(UserError, match="postmortem_already_held"):
        await stage.do(EMMA, "postmortem_held", number, **REVIEWED)


async def test_a_meeting_before_the_customer_answers_leaves_the_case_resolved(
    stage: Stage,
) -> None:
    number = await stage.resolved()
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    assert (await stage.case(number)).status == "resolved"


async def test_the_agenda_can_be_made_again_once_resolved(stage: Stage) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(ANNA, "postmortem", number)
    number = await stage.resolved()
    await stage.in_channel(number)
    await stage.do(ANNA, "postmortem", number)
    assert [(s.kind, s.text) for s in await stage.said(number)] == [
        ("post", "notice:review"),
        ("file", ""),
    ]


@pytest.mark.parametrize("at", ["opened", "claimed"])
async def test_a_dismissed_case_ends_with_a_word_to_the_reporter(stage: Stage, at: str) -> None:
    number = await (stage.opened() if at == "opened" else stage.claimed())
    await stage.in_channel(number)
    await stage.do(EMMA, "dismiss", number, reason="A question, answered")
    assert (await stage.case(number)).status == "dismissed"
    assert await stage.running(number) == set()
    said = [s for s in await stage.said(number) if s.text]
    assert [(s.to, s.text) for s in said] == [
        ("post", "notice:dismissed"),
        (ANNA, "notice:dismissed"),
    ]
    assert said[1].extra == {"reason": "A question, answered", "by": EMMA}
    assert (await stage.last(number)).why == "A question, answered"


async def test_a_reporter_who_is_a_manager_is_not_told_of_their_own_dismissal(
    stage: Stage,
) -> None:
    number = await stage.opened(who=EMMA)
    await stage.in_channel(number)
    await stage.do(EMMA, "dismiss", number, reason="Wrong button")
    assert await stage.heard(number) == {"post": ["dismissed"]}


async def test_a_case_in_work_is_not_dismissed(stage: Stage) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(EMMA, "dismiss", number, reason="r")


async def test_the_technical_lead_does_not_close(stage: Stage) -> None:
    number = await held(stage)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(TINA, "close", number, **CODES)


# -- what a postmortem leaves behind


async def test_a_postmortem_ends_with_an_action_or_a_reason_for_none(stage: Stage) -> None:
    number = await stage.reviewed()
    found = {**REVIEWED, "no_action": ""}
    with pytest.raises(UserError, match="action_needed"):
        await stage.do(EMMA, "postmortem_held", number, **found)
    fields = {
        "title": "Test the export",
        "type": "process",
        "owner": BILL,
        "due": "2026-03-01",
    }
    await stage.do(EMMA, "action_item", number, **fields)
    await stage.do(EMMA, "postmortem_held", number, **found)
    await stage.do(EMMA, "close", number, code="fixed", root_cause="change")
    assert (await stage.last(number)).after["unlearned"] is False


async def test_one_from_before_that_says_neither_is_asked_at_the_close(stage: Stage) -> None:
    number = await stage.reviewed()
    async with stage.database.write() as session:
        case = await stage.work(session).case(number)
        case.postmortem_at = stage.now
        session.add(case)
    codes = {"code": "fixed", "root_cause": "change"}
    with pytest.raises(UserError, match="action_needed"):
        await stage.do(EMMA, "close", number, **codes)
    item = {"title": "Test the export", "type": "process", "owner": BILL, "due": "2026-03-01"}
    await stage.do(EMMA, "action_item", number, **item)
    await stage.do(EMMA, "drop_action", number, action=1, reason="x")
    with pytest.raises(UserError, match="action_needed"):  # a dropped one is none
        await stage.do(EMMA, "close", number, **codes)
    await stage.do(EMMA, "close", number, **codes, no_action="Nothing to learn")


async def test_the_reason_for_no_action_stays_in_the_record(stage: Stage) -> None:
    number = await held(stage)
    await stage.do(EMMA, "close", number, **CODES)
    entry = await stage.last(number)
    assert (entry.after["unlearned"], entry.why) == (True, "Nothing to learn")
