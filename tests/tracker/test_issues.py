"""A known issue and its bug: the expected day, the step, and who is told."""

from datetime import date, timedelta
from typing import Any

from bot.rules.states import KnownIssueState
from storage.models import Broadcast, Outbox, ProblemEvent
from tests.e2e.office import ELENI, MAYA, Office
from tests.e2e.test_outside import offering, typed
from tests.helpdesk.test_whole_way import rows
from tests.mail.conftest import World
from tests.tracker.jira import JiraDouble
from tests.tracker.test_cases import settled, soon


async def logged(world: World, bug: str = "PAY-77", **fields: Any) -> None:
    """A known issue that Maya owns, with two customers who wait."""
    await world.do(MAYA, "add_issue", title="Export drops a column", bug=bug, **fields)
    for name in ("Boreal", "Delta"):
        await world.do(MAYA, "add_waiter", problem=1, customer=name, said="They miss it")


async def issue(world: World) -> Any:
    return await world.here.services.known_issues.issue(1)


async def steps(world: World) -> list[str]:
    return [row.verb for row in await rows(world, ProblemEvent)]


async def test_the_bug_brings_the_expected_day_and_shows_how_many_wait(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 20), "PAY-77")
    await logged(world)
    found = await issue(world)
    assert (found.expected_on, found.state) == (soon(world, 20), KnownIssueState.OPEN)
    assert "has a date" in world.dms(MAYA)
    (shown,) = jira.shown()
    assert (shown["title"], shown["summary"]) == ("Known issue KI-1", "2 customers wait")
    assert "Boreal" not in str(jira.issues["PAY-77"].links)


async def test_a_later_day_postpones_it_and_the_owner_may_write_or_take_it_back(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 20), "PAY-77")
    await logged(world)
    jira.deliveries = 3
    await jira.postpone(soon(world, 40))
    await settled(world)
    found = await issue(world)
    assert (found.state, found.expected_on) == (KnownIssueState.SLIPPED, soon(world, 40))
    assert found.outcome == "PAY-77: 2.4"
    assert found.untold == 2
    assert (await steps(world)).count("slip_issue") == 1
    assert world.dms(MAYA).count("is postponed to") == 1
    assert await rows(world, Broadcast) == []  # nobody is told by itself
    office = Office(world.here)
    told = offering(office.dms(MAYA), "ask:propose_broadcast")
    await office.press(MAYA, told, "ask:propose_broadcast")
    assert office.form(MAYA).callback_id == "propose_broadcast"
    await office.press(MAYA, offering(office.dms(MAYA), "do:undo_issue"), "do:undo_issue")
    assert (await issue(world)).expected_on == soon(world, 20)


async def test_a_released_version_ships_it_and_no_customer_hears_before_a_person_writes(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 2), "PAY-77")
    await logged(world)
    await jira.release()
    await settled(world)
    found = await issue(world)
    assert (found.state, found.untold) == (KnownIssueState.SHIPPED, 2)
    assert "2 customers to be told" in world.dms(MAYA)
    assert "mail" not in {row.kind for row in await rows(world, Outbox)}
    (shown,) = jira.shown()
    assert (shown["summary"], shown["status"]) == ("nobody waits any more", {"resolved": True})
    await jira.turn("Done", "Fixed")
    await settled(world)
    assert (await steps(world)).count("ship_issue") == 1


async def test_what_a_person_recorded_is_not_told_again(world: World, jira: JiraDouble) -> None:
    await logged(world)
    await world.do(MAYA, "ship_issue", problem=1, outcome="4.2")
    await jira.turn("Done", "Done")
    await settled(world)
    assert "The fix of bug" not in world.dms(MAYA)
    assert (await issue(world)).outcome == "4.2"


async def test_a_bug_that_is_opened_again_asks_the_owner(world: World, jira: JiraDouble) -> None:
    await logged(world)
    await jira.turn("Done", "Done")
    await settled(world)
    await jira.turn("In Progress")
    await settled(world)
    assert world.dms(MAYA).count("was opened again") == 1
    office = Office(world.here)
    await office.press(MAYA, offering(office.dms(MAYA), "ask:slip_issue"), "ask:slip_issue")
    assert office.form(MAYA).callback_id == "slip_issue"
    assert (await issue(world)).state is KnownIssueState.SHIPPED  # a person decides


async def test_a_bug_closed_without_a_fix_is_a_question(world: World, jira: JiraDouble) -> None:
    await logged(world, owner=ELENI)
    await jira.turn("Done", "Won't Do")
    await settled(world)
    assert "έκλεισε χωρίς διόρθωση (Won't Do)" in world.dms(ELENI)
    assert (await issue(world)).state is KnownIssueState.OPEN
    office = Office(world.here)
    await office.press(ELENI, offering(office.dms(ELENI), "ask:drop_issue"), "ask:drop_issue")
    assert office.form(ELENI).callback_id == "drop_issue"


async def test_a_day_that_people_set_with_more_caution_stays(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 20), "PAY-77")
    await logged(world, expected_on=soon(world, 30))
    assert (await issue(world)).expected_on == soon(world, 30)
    await jira.postpone(soon(world, 25))
    await settled(world)
    assert (await issue(world)).expected_on == soon(world, 30)
    assert "slip_issue" not in await steps(world)
    await jira.postpone(soon(world, 35))
    await settled(world)
    assert (await issue(world)).expected_on == soon(world, 35)
    assert "slip_issue" in await steps(world)


async def test_an_earlier_day_is_followed_where_the_day_was_the_bug_s_own(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 20), "PAY-77")
    await logged(world)
    await jira.postpone(soon(world, 10))
    await settled(world)
    found = await issue(world)
    assert (found.expected_on, found.state) == (soon(world, 10), KnownIssueState.OPEN)
    assert "comes earlier" in world.dms(MAYA)


async def test_a_day_that_has_passed_is_nothing_to_expect(world: World, jira: JiraDouble) -> None:
    jira.plan("2.4", date(2020, 1, 1), "PAY-77")
    await logged(world)
    assert (await issue(world)).expected_on is None


async def test_another_bug_is_linked_by_changing_the_field_and_a_foreign_one_refused(
    world: World, jira: JiraDouble
) -> None:
    await logged(world)
    given = {"problem": 1, "title": "Export drops a column", "owner": MAYA}
    await world.do(MAYA, "edit_issue", bug="https://bugs.example/77", **given)
    assert "not in our bug tracker" in world.dms(MAYA)
    await world.do(MAYA, "edit_issue", bug="pay-78", **given)
    found = await issue(world)
    assert found.tracked.name == "PAY-78"
    assert (len(jira.shown()), len(jira.shown("PAY-78"))) == (0, 1)
    await world.do(MAYA, "edit_issue", bug="", **given)
    assert jira.shown("PAY-78") == []
    assert (await issue(world)).tracked is None


async def test_its_trouble_is_told_to_the_owner_once(world: World, jira: JiraDouble) -> None:
    await logged(world)
    jira.deliveries = 2
    await jira.delete()
    await settled(world)
    await world.here.workspace.clock.advance(timedelta(days=2))
    assert world.dms(MAYA).count("was deleted in the tracker") == 1
    assert (await issue(world)).tracked.name == "PAY-77"


async def test_a_problem_that_it_became_hears_of_the_bug_in_its_channel(
    world: World, jira: JiraDouble
) -> None:
    await logged(world)
    await world.do(ELENI, "issue_to_problem", problem=1)
    await jira.turn("Done", "Done")
    await settled(world)
    channels = world.here.workspace.channels.values()
    said = [m.text for c in channels for m in c.messages.values()]
    assert any("The fix of bug PAY-77 has shipped" in text for text in said)


async def test_the_list_shows_status_version_and_day(world: World, jira: JiraDouble) -> None:
    jira.plan("2.4", soon(world, 20), "PAY-77")
    jira.issues["PAY-77"].status = "In Review"
    await logged(world)
    office = Office(world.here)
    await typed(office, MAYA, "/escalate issues")
    said = str([*office.answers(MAYA), *office.dms(MAYA)])
    assert "In Review" in said
    assert "fix in 2.4, expected" in said
