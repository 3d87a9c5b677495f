"""Opening a case: rows, people, clocks, what is queued, who hears."""

from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Case, Outbox
from tests.bot.policies import policy
from tests.bot.stage import (
    ALEX,
    ANNA,
    CARL,
    EMMA,
    EVAN,
    EXEC,
    EXTRA,
    LAWYER,
    LEAH,
    ROLES,
    SPON,
    STRANGER,
    T0,
    TINA,
    Stage,
)


async def test_a_case_keeps_what_was_said_raw_and_takes_the_rest_from_the_account(
    stage: Stage,
) -> None:
    number = await stage.opened(ticket_url="https://help.example/7")
    case = await stage.case(number)
    assert (case.customer, case.account_key, case.status) == ("Acme Hellas", "acme", "new")
    assert case.stake == "Checkout is down & we lose <orders>"
    assert (case.contact_name, case.contact_email) == ("Maria", "maria@acme.example")
    assert (case.reporter, case.owner) == (ANNA, EMMA)
    assert case.received_at == case.opened_at == T0


async def test_the_account_gives_its_people_and_a_grave_case_gets_a_technical_lead(
    stage: Stage,
) -> None:
    number = await stage.opened()
    assert await stage.roles(number) == {
        "reporter": ANNA,
        "agent": ANNA,
        "csm": CARL,
        "account_executive": ALEX,
        "sponsor": SPON,
        "technical_lead": TINA,
    }


@pytest.mark.parametrize(
    ("severity", "lead", "executive"), [(1, TINA, EXEC), (2, TINA, None), (3, None, None)]
)
async def test_severity_decides_who_is_brought_in(
    stage: Stage, severity: int, lead: str | None, executive: str | None
) -> None:
    roles = await stage.roles(await stage.opened(severity=severity))
    assert roles.get("technical_lead") == lead
    assert roles.get("executive_owner") == executive


async def test_the_channel_comes_first_and_all_else_waits_for_it(stage: Stage) -> None:
    number = await stage.opened(ticket_url="https://help.example/7")
    rows = await stage.rows(Outbox, case_number=number)
    channel = rows[0]
    assert channel.kind == "create_channel"
    assert channel.after is None
    card, invite, pin, topic, bookmark = rows[1:6]
    assert [r.kind for r in rows[1:6]] == ["card", "invite", "pin", "topic", "bookmark"]
    assert {r.after for r in (card, invite, topic, bookmark)} == {channel.id}
    assert pin.after == card.id
    assert {r.after for r in rows[6:]} == {channel.id}
    assert len({r.lane for r in rows}) == len(rows) - 1  # only card and pin share a lane


@pytest.mark.parametrize(
    ("severity", "people"),
    [
        (1, {ANNA, EMMA, TINA, CARL, ALEX, LEAH}),
        (2, {ANNA, EMMA, TINA, CARL, ALEX}),
        (3, {ANNA, EMMA}),
        (4, {ANNA, EMMA}),
    ],
)
async def test_people_are_invited_by_role_and_severity(
    stage: Stage, severity: int, people: set[str]
) -> None:
    said = await stage.said(await stage.opened(severity=severity))
    assert set(next(s for s in said if s.kind == "invite").row.payload["users"]) == people


async def test_stakeholders_hear_by_the_matrix_and_the_reporter_gets_a_link(stage: Stage) -> None:
    said = await stage.said(await stage.opened())
    dms = {
        s.to: (s.text, s.extra.get("role"), s.extra.get("notice")) for s in said if s.kind == "dm"
    }
    assert dms == {
        ANNA: ("notice:opened_reporter", None, None),
        EMMA: ("notice:opened", "escalation_manager", "page"),
        TINA: ("notice:opened", "technical_lead", "dm"),
        CARL: ("notice:opened", "csm", "dm"),
        ALEX: ("notice:opened", "account_executive", "dm"),
        LEAH: ("notice:opened", "support_lead", "dm"),
        SPON: ("notice:executive_alert", "sponsor", "dm"),
    }
    assert {s.row.lane for s in said if s.kind == "dm"} == {f"dm:{u}" for u in dms}


async def test_a_sev1_reaches_every_executive_at_once(stage: Stage) -> None:
    heard = await stage.heard(await stage.opened(severity=1))
    assert {u for u, n in heard.items() if n == ["executive_alert"]} == {EXEC, EXTRA, SPON}


@pytest.mark.parametrize("severity", [1, 2, 3, 4])
async def test_the_sponsor_of_a_customer_hears_at_once_and_once_at_every_severity(
    stage: Stage, severity: int
) -> None:
    number = await stage.opened(severity=severity)
    assert (await stage.heard(number))[SPON] == ["executive_alert"]
    for changed in {1, 2, 3, 4} - {severity}:
        await stage.do(EMMA, "severity", number, severity=changed, reason="seen again")
    assert SPON not in await stage.heard(number)


async def test_the_sponsor_of_a_customer_hears_nothing_of_a_restricted_case(stage: Stage) -> None:
    assert SPON not in await stage.heard(await stage.opened(severity=1, sensitive=True))


async def test_a_page_goes_before_what_can_wait(stage: Stage) -> None:
    said = {s.to: s.row.priority for s in await stage.said(await stage.opened())}
    assert said[EMMA] < said[CARL]


async def test_one_person_gets_one_message_for_the_loudest_of_their_roles(stage: Stage) -> None:
    stage.policy = policy({**ROLES, Role.SUPPORT_LEAD: (EMMA,)})
    said = [s for s in await stage.said(await stage.opened()) if s.to == EMMA]
    assert [(s.extra["role"], s.extra["notice"]) for s in said] == [("escalation_manager", "page")]


async def test_nobody_is_told_what_they_did_themselves(stage: Stage) -> None:
    heard = await stage.heard(await stage.opened(who=CARL))
    assert heard[CARL] == ["opened_reporter"]


async def test_the_owner_hears_at_once_even_where_the_matrix_leaves_it_to_a_digest(
    stage: Stage,
) -> None:
    heard = await stage.heard(await stage.opened(severity=4))
    assert heard == {
        ANNA: ["opened_reporter"], EMMA: ["opened"], TINA: ["opened"], SPON: ["executive_alert"],
    }  # fmt: skip


@pytest.mark.parametrize("trigger", ["threat_to_cancel", "extraordinary"])
async def test_an_executive_trigger_brings_the_executive_owner_and_tells_executives(
    stage: Stage, trigger: str
) -> None:
    number = await stage.opened(severity=3, trigger=trigger)
    case = await stage.case(number)
    assert case.executive
    assert not case.sensitive
    assert (await stage.roles(number))["executive_owner"] == EXEC
    heard = await stage.heard(number)
    assert heard[EXTRA] == heard[EXEC] == ["executive_alert"]


async def test_a_legal_threat_is_born_private_and_only_a_few_hear_of_it(stage: Stage) -> None:
    number = await stage.opened(trigger="legal", severity=1)
    case = await stage.case(number)
    assert case.sensitive
    assert case.executive
    assert set((await stage.roles(number)).values()) == {ANNA, TINA, LAWYER, EXEC}
    said = await stage.said(number)
    invited = next(s for s in said if s.kind == "invite").row.payload["users"]
    assert set(invited) == {ANNA, EMMA, TINA, LAWYER, EXEC}
    assert {s.to for s in said if s.kind == "dm"} == {ANNA, EMMA, TINA, LAWYER, EXEC}


async def test_a_sensitive_case_of_any_trigger_keeps_the_commercial_people_out(
    stage: Stage,
) -> None:
    number = await stage.opened(sensitive=True)
    assert set((await stage.roles(number)).values()) == {ANNA, TINA}
    assert CARL not in await stage.heard(number)


async def test_missing_commercial_people_are_named_in_the_record(stage: Stage) -> None:
    number = await stage.opened(account="", customer="Newcomer")
    opening = (await stage.timeline(number))[0]
    assert opening.verb == "open_case"
    assert opening.after["missing"] == ["csm", "account_executive"]
    assert (await stage.case(number)).customer == "Newcomer"


async def test_the_record_begins_with_everything_that_was_decided(stage: Stage) -> None:
    number = await stage.opened()
    (entry,) = await stage.timeline(number)
    assert (entry.actor, entry.source, entry.at) == (ANNA, "test", T0)
    assert entry.why == "Checkout is down & we lose <orders>"
    assert entry.after["owner"] == EMMA
    assert entry.after["missing"] == []


async def test_an_account_that_does_not_exist_is_refused_and_nothing_is_left(stage: Stage) -> None:
    with pytest.raises(UserError, match="no_such_account"):
        await stage.opened(account="ghost")
    assert await stage.rows(Case) == []
    assert await stage.rows(Outbox) == []


async def test_new_cases_go_to_the_manager_with_the_fewest_live_ones(stage: Stage) -> None:
    owners = [(await stage.case(await stage.opened())).owner for _ in range(3)]
    assert owners == [EMMA, EVAN, EMMA]


async def test_ended_cases_do_not_count_as_work(stage: Stage) -> None:
    first = await stage.opened()
    await stage.do(EMMA, "dismiss", first, reason="A question")
    assert (await stage.case(await stage.opened())).owner == EMMA


async def test_without_managers_the_reporter_owns_it_and_anybody_may_claim(stage: Stage) -> None:
    roles = {r: u for r, u in ROLES.items() if r is not Role.ESCALATION_MANAGER}
    stage.policy = policy(roles)
    number = await stage.opened()
    assert (await stage.case(number)).owner == ANNA
    await stage.do(STRANGER, "claim", number)
    assert (await stage.case(number)).owner == STRANGER


async def test_the_clocks_of_receipt_start_by_severity(stage: Stage) -> None:
    number = await stage.opened()
    assert await stage.running(number) == {
        "acknowledge",
        "first_response",
        "workaround",
        "resolution",
    }


async def test_when_the_customers_report_came_is_kept_and_moves_no_clock(stage: Stage) -> None:
    came = T0 - timedelta(hours=3)
    case = await stage.case(number := await stage.opened(reported_at=came, stake_quoted=True))
    assert (case.reported_at, case.received_at, case.stake_quoted) == (came, T0, True)
    clock = await stage.clock(number, "first_response")
    assert clock is not None
    assert clock.breached_at is None


async def test_a_report_from_the_future_is_refused(stage: Stage) -> None:
    with pytest.raises(UserError) as refused:
        await stage.opened(reported_at=T0 + timedelta(hours=1))
    assert refused.value.key == "not_yet_happened"
