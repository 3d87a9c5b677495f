"""What people held who left passes on, by what the store knows, once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.operations import departures
from bot.rules.membership import Unfilled
from bot.rules.policy.model import Vacancy
from bot.rules.words import Role
from storage.models import ActionItem, Digest, Handover, Outbox, Person, Problem
from tests.bot.stage import (
    ANNA,
    BILL,
    EMMA,
    EVAN,
    EXEC,
    EXTRA,
    LEAH,
    ROLES,
    TINA,
    TOM,
    Stage,
)


async def leave(stage: Stage, *users: str) -> int:
    """These people leave, and the policy is kept to those who are left."""
    for user in users:
        await stage.add(
            Person(user_id=user, name=user, standing="deactivated", fetched_at=stage.now)
        )
    vacancies = [
        Vacancy(role, user, Unfilled.DEACTIVATED, user)
        for role, named in ROLES.items()
        for user in named
        if user in users
    ]
    roles = {role: tuple(u for u in named if u not in users) for role, named in ROLES.items()}
    stage.policy = replace(stage.policy, roles=roles, vacancies=tuple(vacancies))
    return await again(stage)


async def again(stage: Stage) -> int:
    """Look once more."""
    desk: Any = stage.services()
    return await departures.replace_departed(desk)


async def test_the_case_of_a_manager_who_left_has_the_next_one_who_is_brought_in_and_told(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    await stage.said(number)
    assert await leave(stage, EMMA) == 1

    assert (await stage.case(number)).owner == EVAN
    assert (await stage.roles(number))["escalation_manager"] == EVAN
    said = await stage.said(number)
    assert [s.row.payload["users"] for s in said if s.kind == "invite"] == [[EVAN]]
    heard = {(s.to, s.text) for s in said if s.text}
    assert {(EVAN, "notice:role_card"), ("post", "notice:unreached")} <= heard
    assert EMMA not in {to for to, _ in heard}
    assert (await stage.last(number)).after["heir"] == EVAN
    (told,) = [r.payload for r in await stage.rows(Outbox, kind="dm")
               if r.payload["text"] == "shift:inherited"]  # fmt: skip
    assert (told["user"], told["extra"]["by"]) == (EVAN, EMMA)
    assert [row["case"] for row in told["extra"]["cases"]] == [number]


async def test_looking_again_says_nothing_again(stage: Stage) -> None:
    number = await stage.claimed(severity=1)
    await leave(stage, EMMA, TINA, EXEC)
    roles = await stage.roles(number)
    assert (roles["technical_lead"], roles["executive_owner"]) == (TOM, EXTRA)
    await stage.said(number)

    assert await again(stage) == 0
    assert await stage.said(number) == []


async def test_where_nobody_is_left_to_own_it_the_card_and_the_administrator_know(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    everybody = [EMMA, EVAN, LEAH, *ROLES[Role.DIRECTOR], ANNA]
    await leave(stage, *everybody)

    assert (await stage.case(number)).unreached["escalation_manager"] == [
        {"who": EMMA, "reason": "deactivated"}
    ]
    heard = await stage.heard(number)
    assert "owner_missing" in heard[EXEC]  # whoever is left looks after the app
    assert await again(stage) == 0

    stage.policy = replace(stage.policy, roles={**ROLES, Role.ESCALATION_MANAGER: (BILL,)})
    assert await again(stage) == 1  # and as soon as there is somebody, they have it
    assert (await stage.case(number)).owner == BILL
    assert "escalation_manager" not in (await stage.case(number)).unreached


async def test_who_reported_a_case_stays_on_its_record(stage: Stage) -> None:
    number = await stage.claimed()
    await leave(stage, ANNA)
    roles = await stage.roles(number)
    assert roles["reporter"] == ANNA
    assert "agent" not in roles


async def test_an_offer_that_waits_for_somebody_who_left_is_taken_back(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(EMMA, "hand_over", number, role="escalation_manager", user=EVAN, summary="All")
    await leave(stage, EVAN)

    (offer,) = await stage.rows(Handover)
    assert offer.state == "refused"
    assert f"handoff:{offer.id}" not in await stage.running(number)
    assert "unreached" in (await stage.heard(number))[EMMA]


async def test_an_offer_of_the_case_goes_on_to_who_is_on_duty(stage: Stage) -> None:
    number = await stage.claimed()
    offer = {"role": "escalation_manager", "user": BILL, "summary": "All"}
    await stage.do(EMMA, "hand_over", number, **offer)
    await stage.said(number)
    await leave(stage, BILL)

    old, onward = await stage.rows(Handover)
    assert (old.state, onward.state) == ("refused", "offered")
    assert (onward.offered_by, onward.offered_to, onward.summary) == (EMMA, EVAN, "All")
    assert f"handoff:{onward.id}" in await stage.running(number)
    assert "handover_offered" in (await stage.heard(number))[EVAN]
    assert await again(stage) == 0


async def test_a_problem_and_a_morning_summary_do_not_stay_with_somebody_who_left(
    stage: Stage,
) -> None:
    case = await stage.investigating()
    await stage.do(EMMA, "open_problem", case, title="Orders", known="Slow", scope="All",
                   severity=2)  # fmt: skip
    await stage.add(Digest(user_id=EMMA, next_at=stage.now))
    await leave(stage, EMMA)

    (problem,) = await stage.rows(Problem)
    assert problem.owner == EVAN
    assert await stage.rows(Digest) == []


async def test_a_case_that_is_over_is_left_as_it_was(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(EMMA, "dismiss", number, reason="A question")
    assert await leave(stage, EMMA) == 0
    assert (await stage.case(number)).owner == EMMA


async def test_an_action_item_of_a_person_who_left_passes_to_the_owner_once(stage: Stage) -> None:
    number = await stage.claimed()
    due = (stage.now + timedelta(days=9)).date().isoformat()
    given = {"title": "Watch the export queue", "type": "process", "owner": BILL, "due": due}
    await stage.do(EMMA, "action_item", number, **given)
    await stage.said(number)

    assert await leave(stage, BILL) == 1

    (item,) = await stage.rows(ActionItem, case_number=number)
    assert (item.owner, item.done_at) == (EMMA, None)
    assert ("action_given", EMMA) in [
        (text, to) for to, texts in (await stage.heard(number)).items() for text in texts
    ]
    assert (await stage.last(number)).after["owner"] == EMMA
    assert await again(stage) == 0
    assert await stage.heard(number) == {}


async def test_a_known_issue_that_customers_wait_for_passes_on_and_an_ended_one_stays(
    stage: Stage,
) -> None:
    for title in ("Export", "Import"):
        await stage.do(BILL, "add_issue", title=title)
    await stage.do(EMMA, "drop_issue", problem=2, outcome="By design")
    assert await leave(stage, BILL) == 1
    first, second = sorted(await stage.rows(Problem), key=lambda row: row.number)
    assert (first.owner != BILL, second.owner) == (True, BILL)
    kinds = {row.kind for row in await stage.rows(Outbox)}
    assert kinds == {"dm"}  # it has no channel to invite anybody to
    assert await again(stage) == 0


async def test_a_technical_lead_who_left_is_in_focus_no_more(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await stage.do(EMMA, "assign", number, user=BILL, role="technical_lead")
    await stage.do(BILL, "focus", number, until=stage.now + timedelta(hours=2))
    roles = {**ROLES, Role.TECHNICAL_LEAD: ()}
    stage.policy = replace(stage.policy, roles=roles)
    await stage.add(Person(user_id=BILL, name=BILL, standing="deactivated", fetched_at=stage.now))
    await again(stage)
    assert "technical_lead" not in await stage.roles(number)
    assert (await stage.case(number)).focus_of == ""
