"""Another customer: contact, roles, working hours, channel, line in a problem, and approvals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.calendars.calendar import Calendar
from bot.rules.states import ApprovalState
from bot.rules.words import Role, Severity
from storage.models import Affected, Asking, Case, CustomerLink, Draft, Mail, Outbox, ProblemEvent
from tests.bot.cases.correction.forms import OTHER, edit, globex, opened_form
from tests.bot.stage import ALEX, ANNA, CARL, EMMA, ROLES, SPON, Stage

GLOBEX = {"account": OTHER, "customer": "Globex"}
NEW_YORK = Calendar.from_spec(
    {
        "tz": "America/New_York",
        "weekly_hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    }
)


@pytest.fixture(autouse=True)
async def other(stage: Stage) -> None:
    """There is another customer, who has working hours of their own."""
    calendars = {**stage.policy.calendars, "new-york": NEW_YORK}
    stage.policy = replace(stage.policy, calendars=calendars)
    await stage.add(globex(calendar="new-york"))


async def edited_post(stage: Stage, number: int) -> dict[str, Any]:
    """The facts of the notice of the newest correction."""
    said = [each for each in await stage.said(number) if each.text == "notice:case_edited"]
    return said[-1].extra


async def test_the_contact_is_that_of_the_new_customer_unless_one_was_written(stage: Stage) -> None:
    number = await stage.opened()
    await edit(stage, number, **GLOBEX)
    case = await stage.case(number)
    assert (case.account_key, case.customer) == (OTHER, "Globex")
    assert (case.contact_name, case.contact_email) == ("Hank", "hank@globex.example")
    assert case.language == "en"
    again = await stage.opened()
    await edit(stage, again, **GLOBEX, contact_name="Ida", contact_email="ida@globex.example")
    assert (await stage.case(again)).contact_name == "Ida"


async def test_a_contact_that_was_shown_again_and_left_stays(stage: Stage) -> None:
    number = await stage.opened()
    await edit(stage, number, **GLOBEX, redrawn=True)
    case = await stage.case(number)
    assert (case.contact_name, case.language) == ("Maria", "el")


async def test_a_customer_without_an_account_has_no_contact_yet(stage: Stage) -> None:
    number = await stage.opened()
    await edit(stage, number, account="", customer="Initech")
    case = await stage.case(number)
    assert (case.account_key, case.customer, case.contact_email) == (None, "Initech", "")


async def test_an_account_that_is_gone_is_refused(stage: Stage) -> None:
    number = await stage.opened()
    with pytest.raises(UserError, match="no_such_account"):
        await edit(stage, number, account="gone", customer="Gone")


# -- what was promised stays, unless a person chooses


async def test_running_clocks_and_roles_stay_as_they_are(stage: Stage) -> None:
    number = await stage.claimed()
    clocks = {name: await stage.clock(number, name) for name in await stage.running(number)}
    roles = await stage.roles(number)
    await edit(stage, number, **GLOBEX)
    for name, was in clocks.items():
        now = await stage.clock(number, name)
        assert (now and now.due) == (was and was.due), name
    assert await stage.roles(number) == roles
    assert await stage.events(number, "calendar_change") == []
    said = await edited_post(stage, number)
    assert (said["roles"], said["calendar"]) == ("stay", "stay")


async def test_a_clock_that_begins_later_counts_by_the_new_hours(stage: Stage) -> None:
    number = await stage.opened(severity=3)
    await edit(stage, number, **GLOBEX)
    await stage.do(EMMA, "claim", number)
    await stage.update(number, kind="acknowledgement")
    begun = [e for e in await stage.events(number, "start") if e.clock == "check_in"]
    assert [e.data["calendar"] for e in begun] == [NEW_YORK.key]


async def test_chosen_hours_count_from_the_change_on_and_the_record_says_who_chose(
    stage: Stage,
) -> None:
    number = await stage.opened(severity=3)
    was = await stage.clock(number, "resolution")
    stage.later(hours=2)
    await edit(stage, number, **GLOBEX, follow=["calendar"])
    changed = {e.clock: e for e in await stage.events(number, "calendar_change")}
    assert "resolution" in changed
    assert {e.data["calendar"] for e in changed.values()} <= {
        NEW_YORK.key, *(c.key for c in stage.policy.calendars.values()),
    }  # fmt: skip
    assert all("target" not in e.data for e in changed.values())
    now = await stage.clock(number, "resolution")
    assert was is not None
    assert now is not None
    assert was.due != now.due
    verbs = {e.verb: e.actor for e in await stage.timeline(number)}
    assert verbs["edit_calendar"] == EMMA


async def test_chosen_roles_pass_to_the_new_customers_people(stage: Stage) -> None:
    number = await stage.opened()
    assert {CARL, ALEX, SPON} <= set((await stage.roles(number)).values())
    await edit(stage, number, **GLOBEX, follow=["roles"])
    roles = await stage.roles(number)
    assert (roles["csm"], roles["sponsor"]) == ("UGLOCSM", "UGLOSPON")
    assert "account_executive" not in roles
    heard = await stage.heard(number)
    assert "opened" in heard["UGLOCSM"]
    invited = [r.payload["users"] for r in await stage.rows(Outbox) if r.kind == "invite"]
    assert "UGLOCSM" in invited[-1]
    entry = next(e for e in await stage.timeline(number) if e.verb == "edit_roles")
    assert entry.after["roles"] == {
        "csm": "UGLOCSM", "account_executive": None, "sponsor": "UGLOSPON",
    }  # fmt: skip


async def test_who_was_given_a_role_by_a_person_keeps_it(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(EMMA, "assign", number, user="UHANDS", role=Role.CSM.value)
    await edit(stage, number, **GLOBEX, follow=["roles"])
    assert (await stage.roles(number))["csm"] == "UHANDS"


async def test_no_one_comes_into_a_restricted_case_by_its_customer(stage: Stage) -> None:
    number = await stage.opened(sensitive=True)
    await edit(stage, number, **GLOBEX, follow=["roles"])
    assert {"UGLOCSM", "UGLOSPON"}.isdisjoint((await stage.roles(number)).values())
    assert {"UGLOCSM", "UGLOSPON"}.isdisjoint(await stage.heard(number))


# -- channel


async def name_channel(stage: Stage, number: int, name: str) -> None:
    """The channel that Slack made has this name."""
    async with stage.database.write() as session:
        case = await session.get_one(Case, number)
        case.channel_name = name
        session.add(case)


async def test_channel_and_topic_have_the_new_name(stage: Stage) -> None:
    number = await stage.opened()
    await stage.in_channel(number)
    await name_channel(stage, number, f"esc-{number}-acme-hellas")
    await edit(stage, number, **GLOBEX)
    assert (await stage.case(number)).channel_name == f"esc-{number}-globex"
    kinds = {each.kind for each in await stage.said(number)}
    assert {"rename", "topic", "card"} <= kinds


async def test_a_channel_that_people_named_keeps_its_name(stage: Stage) -> None:
    number = await stage.opened()
    await stage.in_channel(number)
    await name_channel(stage, number, "acme-war-room")
    await edit(stage, number, **GLOBEX)
    assert (await stage.case(number)).channel_name == "acme-war-room"


# -- what waits for approval


@pytest.fixture
def strict(stage: Stage, other: None) -> Stage:
    """A stage on which SEV2 needs two people."""
    roles = {**ROLES, Role.COMMS_APPROVER: ("UCOCO",)}
    two = frozenset({Severity.SEV2})
    stage.policy = replace(stage.policy, roles=roles, severities_needing_two_approvals=two)
    return stage


@pytest.mark.parametrize(
    "fields",
    [GLOBEX, {"language": "en"}, {"contact_name": "Nora"}, {"contact_email": "nora@acme.example"}],
    ids=["customer", "language", "name", "address"],
)
@pytest.mark.parametrize("approved", [False, True])
async def test_what_waits_for_the_wrong_one_is_void_and_its_author_hears(
    strict: Stage, fields: dict[str, str], approved: bool
) -> None:
    number = await strict.claimed()
    await strict.update(number, recipient="Maria, maria@acme.example")
    [draft] = await strict.rows(Draft)
    if approved:
        sent = {"draft": draft.id, "digest": draft.digest, "approve": True}
        await strict.do("UCOCO", "answer_draft", number, **sent)
    await edit(strict, number, EMMA, **fields)
    [draft] = await strict.rows(Draft)
    assert draft.state is ApprovalState.VOID
    said = await strict.said(number)
    assert [(e.to, e.extra["kind"]) for e in said if e.text == "notice:draft_voided"] == [
        (ANNA, "update")
    ]
    assert {e.extra["voided"] for e in said if e.text == "notice:case_edited"} == {1}
    assert "void_approval" in [e.verb for e in await strict.timeline(number)]


async def test_a_mail_that_the_server_may_have_is_not_stopped_and_said(stage: Stage) -> None:
    number = await stage.claimed()
    queued = {"direction": "out", "kind": "update", "state": "handed", "text": "x", "at": stage.now}
    address = {"recipient": "maria@acme.example", "message_id": "<1@x>"}
    await stage.add(Mail(case_number=number, **queued, **address))
    await edit(stage, number, contact_email="nora@acme.example")
    assert (await edited_post(stage, number))["going"] == 1
    [mail] = await stage.rows(Mail)
    assert mail.state == "handed"
    await edit(stage, number, contact_name="Nora")
    assert (await edited_post(stage, number))["going"] == 0


async def test_what_waits_for_the_right_one_still_counts(strict: Stage) -> None:
    number = await strict.claimed()
    await strict.update(number, recipient="Maria, maria@acme.example")
    await edit(strict, number, stake="Worse", second_email="olga@acme.example")
    [draft] = await strict.rows(Draft)
    assert draft.state is ApprovalState.WAITING


async def test_the_letter_that_waits_for_the_lead_is_dropped_and_its_words_kept(
    stage: Stage,
) -> None:
    number = await stage.investigating()
    letter = {"recipient": "Maria, maria@acme.example", "already_sent": False}
    await stage.resolve(number, **letter)
    assert (await stage.case(number)).letter
    await edit(stage, number, ANNA, contact_name="Nora")
    assert (await stage.case(number)).letter is None
    assert "letter_dropped" in (await stage.heard(number))[EMMA]
    entry = next(e for e in await stage.timeline(number) if e.verb == "edit_letter")
    assert entry.why == "It works."


# -- pages, and the line in a problem


@pytest.mark.parametrize(
    ("fields", "closed"),
    [
        (GLOBEX, True),
        ({"contact_email": "nora@acme.example"}, True),
        ({"contact_name": "Nora"}, False),
        ({"stake": "Worse"}, False),
    ],
)
async def test_links_that_went_to_the_wrong_one_stop_working(
    stage: Stage, fields: dict[str, str], closed: bool
) -> None:
    number = await stage.claimed()
    days = timedelta(days=9)
    page = CustomerLink(
        case_number=number, kind="status", made_at=stage.now, expires_at=stage.now + days
    )
    async with stage.database.write() as session:
        work = stage.work(session)
        await work.case(number)
        session.add(page)
        session.add(Asking(case_number=number, pulse_at=stage.now + days))
    await edit(stage, number, **fields)
    [link] = await stage.rows(CustomerLink)
    assert (link.revoked_at is not None) is closed
    [asking] = await stage.rows(Asking)
    assert asking.pulse_at is not None


async def in_problem(stage: Stage) -> int:
    """A case of Acme with a problem of its own."""
    number = await stage.claimed()
    about = {"title": "Gateway", "known": "x", "severity": 2}
    await stage.do(EMMA, "open_problem", number, **about)
    return number


async def listed(stage: Stage) -> dict[str, tuple[str, int | None]]:
    """Who is on the list: evidence and case by customer."""
    rows = [row for row in await stage.rows(Affected) if row.removed_at is None]
    return {row.customer: (row.evidence, row.case_number) for row in rows}


async def test_the_line_in_a_problem_follows_the_customer(stage: Stage) -> None:
    number = await in_problem(stage)
    stake = (await stage.case(number)).stake
    await edit(stage, number, **GLOBEX)
    assert await listed(stage) == {"Globex": (stake, number)}
    verbs = [(e.verb, e.after.get("customer")) for e in await stage.rows(ProblemEvent)]
    assert verbs[-2:] == [("remove_affected", "Acme Hellas"), ("add_affected", "Globex")]


async def test_a_customer_whom_others_saw_there_stays_on_the_list(stage: Stage) -> None:
    number = await in_problem(stage)
    second = await stage.claimed()
    await stage.do(EMMA, "link_case", second, problem=1)
    await edit(stage, number, **GLOBEX)
    assert {name: case for name, (_, case) in (await listed(stage)).items()} == {
        "Acme Hellas": second, "Globex": number,
    }  # fmt: skip


async def test_the_line_says_the_corrected_stake(stage: Stage) -> None:
    number = await in_problem(stage)
    await edit(stage, number, stake="Payroll stops")
    assert await listed(stage) == {"Acme Hellas": ("Payroll stops", number)}
    await stage.do(EMMA, "unlink_case", number)
    assert await listed(stage) == {}


async def test_a_corrected_case_that_becomes_restricted_leaves_no_word_in_its_problem(
    stage: Stage,
) -> None:
    number = await in_problem(stage)
    await edit(stage, number, stake="Payroll stops")
    await edit(stage, number, **GLOBEX)
    await stage.do(EMMA, "executive_flag", number, trigger="legal", reason="They sue")
    assert await listed(stage) == {}
    assert {row.case_number for row in await stage.rows(Affected)} == {number}


async def test_the_form_of_before_does_not_put_the_customer_back(stage: Stage) -> None:
    number = await stage.opened()
    late = await opened_form(stage, number)
    await edit(stage, number, **GLOBEX)
    await stage.do(ANNA, "edit_case", number, **{**late, "stake": "Worse"})
    case = await stage.case(number)
    assert (case.customer, case.stake) == ("Globex", "Worse")
