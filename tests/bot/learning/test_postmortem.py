"""The postmortem's findings: saved between sittings, reviewed once complete, led from outside."""

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.learning.postmortem import load_postmortem
from bot.learning.queries import LearningReading
from bot.rules.facts.learning import PostmortemFacts
from storage.models import Person, Postmortem
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, STRANGER, T0, TINA, Stage
from tests.postmortems import REVIEWED


async def loaded(stage: Stage, number: int) -> PostmortemFacts:
    async with stage.database.read() as session:
        return await load_postmortem(session, await stage.case(number))


async def test_what_is_saved_is_there_at_the_next_sitting_with_who_saved_it(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(EMMA, "postmortem_held", number, step="saved", root_cause="A typo", came=[ANNA])
    shown = await loaded(stage, number)
    assert (shown.root_cause, shown.better, shown.came) == ("A typo", "", (ANNA,))
    assert (shown.saved_by, shown.saved_at) == (EMMA, T0)
    assert (await stage.case(number)).postmortem_at is None
    assert "postmortem_held" in await stage.running(number)
    stage.later(hours=1)
    await stage.do(EVAN, "postmortem_held", number, step="saved", root_cause="A typo in a release")
    first, second = [
        e.after["root_cause"] for e in await stage.timeline(number) if e.verb == "postmortem_saved"
    ]
    assert (first, second) == ("A typo", "A typo in a release")  # no version is lost
    (row,) = await stage.rows(Postmortem)
    assert (row.saved_by, row.saved_at) == (EVAN, stage.now)


@pytest.mark.parametrize(
    ("lacks", "refused"),
    [
        ("root_cause", "findings_wanted"),
        ("better", "findings_wanted"),
        ("prevention", "prevention_wanted"),
        ("no_action", "action_needed"),
    ],
)
async def test_what_lacks_anything_is_not_reviewed(stage: Stage, lacks: str, refused: str) -> None:
    number = await stage.reviewed()
    given = {name: text for name, text in REVIEWED.items() if name != lacks}
    with pytest.raises(UserError, match=refused):
        await stage.do(EMMA, "postmortem_held", number, **given)
    assert (await stage.case(number)).postmortem_at is None
    await stage.do(EMMA, "postmortem_held", number, **given, step="saved")
    with pytest.raises(UserError, match="postmortem_held"):
        await stage.do(EMMA, "close", number, code="fixed", root_cause="change")


async def test_an_action_that_was_dropped_is_none(stage: Stage) -> None:
    number = await stage.reviewed()
    item = {"title": "Test the release", "type": "process", "owner": BILL, "due": "2026-03-01"}
    await stage.do(EMMA, "action_item", number, **item)
    await stage.do(EMMA, "drop_action", number, action=1, reason="x")
    with pytest.raises(UserError, match="action_needed"):
        await stage.do(EMMA, "postmortem_held", number, **{**REVIEWED, "no_action": ""})


async def test_who_came_is_kept_and_who_is_invited_is_offered(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED, came=[ANNA, TINA])
    shown = await loaded(stage, number)
    assert shown.came == (ANNA, TINA)
    assert {ANNA, EMMA, TINA} <= {user for user, _ in shown.invited}
    assert (await stage.last(number)).after["came"] == 2


@pytest.mark.parametrize(
    ("who", "refused"), [(EMMA, "facilitator_on_case"), (ANNA, "facilitator_on_case")]
)
async def test_who_had_a_role_does_not_lead_it(stage: Stage, who: str, refused: str) -> None:
    number = await stage.reviewed()
    with pytest.raises(UserError, match=refused) as error:
        await stage.do(EMMA, "postmortem_held", number, **REVIEWED, facilitator=who)
    assert who not in error.value.facts["people"]
    assert error.value.facts["people"]
    with pytest.raises(UserError, match=refused):
        await stage.do(EMMA, "assign", number, role="facilitator", user=who)
    with pytest.raises(UserError, match=refused):
        await stage.do(EVAN, "hand_over", number, role="facilitator", user=who, summary="x")


async def test_who_stands_in_its_timeline_does_not_lead_it(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(BILL, "decide", number, decision="We wait", why="It is safe")
    with pytest.raises(UserError, match="facilitator_acted"):
        await stage.do(EMMA, "assign", number, role="facilitator", user=BILL)


async def test_who_led_it_so_far_leads_on(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(EMMA, "assign", number, role="facilitator", user=STRANGER)
    await stage.do(STRANGER, "postmortem_held", number, step="saved", root_cause="A typo")
    await stage.do(STRANGER, "postmortem_held", number, **REVIEWED, facilitator=STRANGER)
    assert (await stage.roles(number))["facilitator"] == STRANGER


async def test_who_adds_action_items_at_the_meeting_leads_on(stage: Stage) -> None:
    number = await stage.reviewed()
    item = {"title": "Test the release", "type": "process", "owner": ANNA, "due": "2026-03-01"}
    await stage.do(BILL, "action_item", number, **item)
    await stage.do(BILL, "edit_action", number, action=1, **{**item, "title": "Test releases"})
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED, facilitator=BILL)
    assert (await stage.roles(number))["facilitator"] == BILL


async def test_a_form_names_who_could_lead_it_to_who_may_read_the_case(stage: Stage) -> None:
    secret, number = await stage.claimed(sensitive=True), await stage.reviewed()
    await stage.add(Person(user_id=TINA, name="Tina", fetched_at=T0))
    await stage.do(BILL, "decide", number, decision="We wait", why="It is safe")
    reading = LearningReading(stage.process(), Reading(stage.process()))
    with pytest.raises(UserError, match="facilitator_acted") as error:
        await reading.check_uninvolved(number, EMMA, BILL)
    assert "ULEAH" in error.value.facts["people"]
    with pytest.raises(UserError, match="facilitator_on_case") as error:
        await reading.check_uninvolved(number, EMMA, TINA)
    assert error.value.facts["user"] == "Tina"
    await reading.check_uninvolved(number, EMMA, STRANGER)
    with pytest.raises(UserError, match="no_such_case"):
        await reading.check_uninvolved(secret, "ULEAH", EMMA)


async def test_who_came_is_offered_still_when_they_are_not_invited_any_more(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(EMMA, "postmortem_held", number, step="saved", came=[STRANGER, ANNA])
    shown = await loaded(stage, number)
    offered = [user for user, _ in shown.invited]
    assert offered[0] == STRANGER
    assert offered.count(ANNA) == 1


async def test_with_nobody_left_another_team_is_named(stage: Stage) -> None:
    number = await stage.reviewed()
    people = sorted({user for users in stage.policy.roles.values() for user in users})
    for who in (BILL, EVAN, "UTOM", "ULEAH"):
        assert who in people
        await stage.do(who, "decide", number, decision="We wait", why="It is safe")
    with pytest.raises(UserError, match="facilitator_nobody"):
        await stage.do(EMMA, "assign", number, role="facilitator", user=EMMA)
