"""Who knows what their role asks: read by those who lead, of themselves by everybody."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.learning.queries import LearningReading
from bot.readiness.queries import SHOWN
from bot.reports.reading import read_report
from bot.rules.learning.readiness import Readiness, ReadinessPage
from bot.rules.reports.periods import Period, PeriodKind
from bot.rules.words import Role, Standing
from storage.models import DrillDone, Person, RoleCard
from tests.bot.stage import ANNA, BILL, CARL, EMMA, EVAN, LEAH, STRANGER, TINA, TOM, Stage


async def read(
    stage: Stage, viewer: str, user: str = "", role: Role | None = None
) -> ReadinessPage:
    """The list as this person reads it now."""
    process = stage.process()
    return await LearningReading(process, Reading(process)).readiness(viewer, user, role)


def standings(found: ReadinessPage) -> dict[tuple[str, str], str]:
    """How each person stands in each role."""
    return {(r.reading.user, r.reading.role.value): r.standing.value for r in found.rows}


async def test_who_is_named_and_who_got_a_card_stands_in_the_list(stage: Stage) -> None:
    number = await stage.opened()
    await stage.do(TINA, "understood", role="technical_lead")
    found = standings(await read(stage, EMMA, role=Role.TECHNICAL_LEAD))
    assert found == {(TINA, "technical_lead"): "ready", (TOM, "technical_lead"): "unread"}
    commercial = standings(await read(stage, EMMA, role=Role.CSM))
    assert commercial == {(CARL, "csm"): "unconfirmed"}
    assert number


async def test_what_was_understood_grows_old_after_the_policys_time(stage: Stage) -> None:
    await stage.do(TINA, "understood", role="technical_lead")
    stage.later(days=179)
    assert standings(await read(stage, EMMA, TINA))[TINA, "technical_lead"] == "ready"
    stage.later(days=1)
    found = await read(stage, EMMA, TINA)
    assert standings(found)[TINA, "technical_lead"] == "old"
    assert found.rows[0].since == stage.now
    assert (found.ready, found.total) == (0, 1)


async def test_a_card_that_was_given_again_is_confirmed_again(stage: Stage) -> None:
    await stage.do(TINA, "understood", role="technical_lead")
    stage.later(days=180)
    await stage.opened()
    found = await read(stage, EMMA, TINA)
    assert found.rows[0].standing is Readiness.UNCONFIRMED
    stage.later(minutes=1)
    await stage.do(TINA, "understood", role="technical_lead")
    assert (await read(stage, EMMA, TINA)).rows[0].standing is Readiness.READY


async def test_the_most_pressing_stand_first_and_the_rest_is_counted(stage: Stage) -> None:
    await stage.opened(severity=1)
    await stage.do(TOM, "understood", role="technical_lead")
    people = tuple(f"UX{n}" for n in range(SHOWN))
    stage.policy = replace(stage.policy, roles={**stage.policy.roles, Role.CSM: people})
    await stage.add(
        *(
            RoleCard(key=f"UX{n}:csm", user_id=f"UX{n}", role="csm", told_at=stage.now)
            for n in range(SHOWN)
        )
    )
    found = await read(stage, EMMA)
    assert len(found.rows) == SHOWN
    assert {row.standing for row in found.rows} == {Readiness.UNCONFIRMED}
    assert (found.ready, found.own) == (1, False)
    assert found.total > SHOWN


async def test_who_does_not_lead_reads_their_own(stage: Stage) -> None:
    await stage.opened()
    found = await read(stage, TINA)
    assert (found.own, found.user) == (True, TINA)
    assert {user for user, _ in standings(found)} == {TINA}
    assert (await read(stage, STRANGER)).total == 0
    assert (await read(stage, EMMA, EMMA)).own is True
    with pytest.raises(UserError, match="not_your_role"):
        await read(stage, TINA, EMMA)


async def test_who_left_is_not_missing(stage: Stage) -> None:
    left = Standing.DEACTIVATED.value
    gone = Person(user_id=TOM, name="Tom", standing=left, fetched_at=stage.now)
    await stage.add(gone)
    found = standings(await read(stage, LEAH, role=Role.TECHNICAL_LEAD))
    assert list(found) == [(TINA, "technical_lead")]


async def home_count(stage: Stage, viewer: str) -> int:
    """How many cards wait, as this person's App Home says."""
    return (await Reading(stage.process(SimpleNamespace(person=None))).home(viewer)).cards


async def test_a_restricted_case_is_told_to_those_on_it_alone(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    for user in (BILL, TOM):
        await stage.do(EMMA, "assign", number, role="technical_lead", user=user)
    await stage.do(EMMA, "assign", number, role="facilitator", user=BILL)
    assert (BILL, "facilitator") in standings(await read(stage, EMMA))
    assert standings(await read(stage, BILL))[BILL, "facilitator"] == "unconfirmed"
    assert standings(await read(stage, LEAH, role=Role.FACILITATOR)) == {}
    found = standings(await read(stage, LEAH, role=Role.TECHNICAL_LEAD))
    assert set(found) == {(TINA, "technical_lead"), (TOM, "technical_lead")}
    assert found[TOM, "technical_lead"] == "unread"  # the policy names them: nothing of the case
    for viewer in (EMMA, LEAH):
        page = standings(await read(stage, viewer))
        assert await home_count(stage, viewer) == list(page.values()).count("unconfirmed")


async def test_what_was_passed_on_waits_no_more_nor_does_who_left(stage: Stage) -> None:
    number = await stage.claimed()
    before = await home_count(stage, EMMA)
    await stage.do(EMMA, "assign", number, role="facilitator", user=BILL)
    assert await home_count(stage, EMMA) == before + 1
    await stage.do(EMMA, "assign", number, role="facilitator", user=LEAH)
    assert (BILL, "facilitator") not in standings(await read(stage, EMMA))
    assert await home_count(stage, EMMA) == before + 1
    left = Standing.DEACTIVATED.value
    await stage.add(Person(user_id=LEAH, name="Leah", standing=left, fetched_at=stage.now))
    assert await home_count(stage, EMMA) == before


async def test_what_was_understood_of_a_role_never_held_counts_for_nothing(stage: Stage) -> None:
    await stage.do(BILL, "understood", role="facilitator")
    assert (BILL, "facilitator") not in standings(await read(stage, BILL))
    assert (BILL, "facilitator") not in standings(await read(stage, EMMA, BILL))
    number = await stage.claimed()
    await stage.do(EMMA, "assign", number, role="facilitator", user=BILL)
    assert standings(await read(stage, EMMA, BILL))[BILL, "facilitator"] == "ready"


async def test_only_who_leads_is_told_in_their_home_how_many_wait(stage: Stage) -> None:
    await stage.opened(severity=1)
    people = SimpleNamespace(person=None)
    reading = Reading(stage.process(people))
    waiting = len([r for r in await stage.rows(RoleCard) if r.told_at])
    assert waiting >= 3
    assert (await reading.home(EMMA)).cards == waiting
    assert (await reading.home(TINA)).cards == 0
    await stage.do(TINA, "understood", role="technical_lead")
    assert (await reading.home(EVAN)).cards == waiting - 1


async def test_figures_tell_of_cards_that_were_understood_before_the_period_ended(
    stage: Stage,
) -> None:
    number = await stage.opened(severity=1)
    hidden = await stage.opened(customer="Beta", account="", sensitive=True)
    given = [r for r in await stage.rows(RoleCard) if r.case_number == number]
    assert given
    secret = RoleCard(
        key="UX:legal", user_id="UX", role="legal", case_number=hidden, told_at=stage.now
    )
    await stage.add(secret)
    await stage.do(TINA, "understood", role="technical_lead")
    month = Period(PeriodKind.DAYS, date(2026, 2, 1), date(2026, 2, 28), "UTC")
    told = await read_report(stage.process(), month, money=False)
    assert (told.cards.part, told.cards.n) == (1, len(given))
    stage.later(days=20)
    await stage.do(CARL, "understood", role="csm")  # in March, which February does not count
    told = await read_report(stage.process(), month, money=False)
    assert told.cards.part == 1
    of_one = await read_report(stage.process(), month, money=False, account="acme")
    assert of_one.cards.n == 0


def test_the_time_for_which_it_counts_is_the_policys(stage: Stage) -> None:
    assert stage.policy.readiness.refresh == timedelta(days=180)
    assert stage.policy.readiness.card_again == timedelta(days=90)
    assert ANNA not in stage.policy.roles[Role.TECHNICAL_LEAD]


async def test_who_has_done_no_drill_that_counts_is_missing(stage: Stage) -> None:
    done = [
        DrillDone(user_id=TINA, case_number=number, done_at=stage.now - timedelta(days=days))
        for number, days in ((await stage.opened(), 400), (await stage.opened(), 364))
    ]
    old = await stage.opened()
    tom = DrillDone(user_id=TOM, case_number=old, done_at=stage.now - timedelta(days=366))
    await stage.add(*done, tom)
    found = (await read(stage, EMMA, role=Role.TECHNICAL_LEAD)).drills
    assert [(r.user, r.counts) for r in found.rows] == [(TOM, False), (TINA, True)]
    assert (found.done, found.total, found.missing, found.days) == (1, 2, 1, 365)
    stage.later(days=1)
    assert (await read(stage, EMMA, role=Role.TECHNICAL_LEAD)).drills.done == 0
    terms = replace(stage.policy.readiness, drill=timedelta(days=730))
    stage.policy = replace(stage.policy, readiness=terms)
    assert (await read(stage, EMMA, role=Role.TECHNICAL_LEAD)).drills.done == 2


async def test_everybody_reads_when_they_did_a_drill_themselves(stage: Stage) -> None:
    for viewer in (TINA, STRANGER):
        own = (await read(stage, viewer)).drills
        assert [(r.user, r.done_at, r.counts) for r in own.rows] == [(viewer, None, False)]
