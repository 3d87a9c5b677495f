"""A case and its bug: the link, what comes back, and what developers see."""

import json
from datetime import date, timedelta
from typing import Any

from bot.bugs.tracked import LOOK_EVERY
from storage.models import Case, Inbox, Outbox, TimelineEvent, TrackedBug
from tests.e2e.office import ELENI, MAYA, Office
from tests.e2e.test_outside import typed
from tests.helpdesk.test_whole_way import rows, verbs
from tests.mail.conftest import TOMAS, World
from tests.tracker.jira import JiraDouble


async def link(world: World, bug: str = "PAY-77", case: int = 1) -> None:
    await world.do(MAYA, "link_bug", case=case, bug=bug)


async def the_case(world: World, number: int = 1) -> Any:
    return await world.here.services.reading.case(number, ELENI)


def soon(world: World, days: int) -> date:
    """A day ahead of the workspace's now."""
    return (world.here.workspace.clock.now() + timedelta(days=days)).date()


async def settled(world: World) -> None:
    await world.here.settle()


async def test_a_linked_bug_is_looked_at_and_shown_on_the_card(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 20), "PAY-77")
    jira.issues["PAY-77"].status = "In Progress"
    office = Office(world.here)
    await typed(office, MAYA, "/escalate bug PAY-77")
    case = await the_case(world)
    assert (case.bug.name, case.bug.state.status) == ("PAY-77", "In Progress")
    assert case.bug.state.fix_day == soon(world, 20)
    card = str(office.card(1).blocks)
    assert "/browse/PAY-77" in card
    assert "In Progress" in card
    assert "fix in 2.4, expected" in card
    (shown,) = jira.shown()
    assert shown["title"] == "Escalation ESC-1"
    assert shown["summary"] == "1 customer waits"
    assert "Aegean" not in str(jira.issues["PAY-77"].links)


async def test_an_address_of_the_site_is_a_key_and_one_of_another_is_refused(
    world: World, jira: JiraDouble
) -> None:
    site = world.here.services.customers.tracker
    await link(world, site.url_of("PAY-78"))
    assert (await the_case(world)).bug.name == "PAY-78"
    await link(world, "https://jira.elsewhere.example/browse/PAY-77")
    assert (await the_case(world)).bug.name == "PAY-78"
    assert f"not in our bug tracker ({site.site})" in world.dms(MAYA)
    await link(world, "the export bug")
    assert "neither the key of a bug" in world.dms(MAYA)


async def test_a_version_that_comes_later_is_told_once(world: World, jira: JiraDouble) -> None:
    jira.plan("2.4", soon(world, 20), "PAY-77")
    await link(world)
    jira.deliveries = 3
    await jira.postpone(soon(world, 40))
    await settled(world)
    await jira.tell_issue("PAY-77")
    await settled(world)
    assert world.posts().count("comes later") == 1
    assert f"<@{ELENI}>" in world.posts().split("comes later")[1]
    assert (await verbs(world)).count("bug_later") == 1
    assert (await the_case(world)).bug.state.fix_day == soon(world, 40)
    assert [json.loads(each)["outcome"] for each in jira.answers][-2:] != ["accepted", "accepted"]


async def test_a_released_version_ships_the_fix_and_reopening_it_is_told(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 2), "PAY-77")
    await link(world)
    await jira.turn("Done", "Fixed")
    await settled(world)
    assert "is done, and not released yet" in world.posts()
    await jira.release()
    await settled(world)
    assert world.posts().count("has shipped") == 1
    jira.versions["20001"]["released"] = False
    await jira.turn("In Progress")
    await settled(world)
    assert world.posts().count("was opened again") == 1
    assert "Aegean Ferries" not in [m for m in jira.asked if m.method == "POST"]


async def test_done_without_a_version_has_shipped_and_without_a_fix_has_not(
    world: World, jira: JiraDouble
) -> None:
    await link(world)
    await jira.turn("Done", "Won't Do")
    await settled(world)
    assert "closed without a fix" in world.posts()
    await jira.turn("To Do")
    await settled(world)
    await jira.turn("Done", "Done")
    await settled(world)
    assert "has shipped" in world.posts()


async def test_the_technical_lead_is_called_too(world: World, jira: JiraDouble) -> None:
    await world.do(ELENI, "assign", case=1, role="technical_lead", user=TOMAS)
    await link(world)
    await jira.turn("Done", "Done")
    await settled(world)
    said = world.posts().split("has shipped")[1]
    assert f"<@{ELENI}>" in said
    assert f"<@{TOMAS}>" in said


async def test_a_moved_bug_is_followed_under_its_new_key(world: World, jira: JiraDouble) -> None:
    await link(world)
    await jira.move("PAY-77", "CORE-5")
    await settled(world)
    await jira.tell_issue("CORE-5")
    await settled(world)
    assert (await the_case(world)).bug.name == "CORE-5"
    assert world.posts().count("was moved and is CORE-5 now") == 1
    (tracked,) = await rows(world, TrackedBug)
    assert tracked.key == "CORE-5"
    await jira.turn("Done", "Done", "CORE-5")
    await settled(world)
    assert "the fix of bug CORE-5 has shipped" in world.posts()


async def test_a_deleted_bug_is_said_once_and_the_link_is_kept(
    world: World, jira: JiraDouble
) -> None:
    jira.deliveries = 2
    await link(world)
    await jira.delete()
    await settled(world)
    await world.here.workspace.clock.advance(timedelta(days=2))
    await settled(world)
    assert world.posts().count("was deleted") == 1
    assert "is not found" not in world.posts()
    assert (await the_case(world)).bug.name == "PAY-77"


async def test_a_bug_that_may_not_be_read_and_one_that_is_not_there_are_told_apart(
    world: World, jira: JiraDouble
) -> None:
    jira.issues["PAY-77"].forbidden = True
    await link(world)
    assert world.posts().count("may not be read") == 1
    await link(world, "PAY-4711")
    assert world.posts().count("is not found") == 1
    jira.issues["PAY-77"].forbidden = False
    await link(world)
    assert (await the_case(world)).bug.trouble is None


async def test_without_webhooks_a_bug_is_looked_at_each_hour(
    world: World, jira: JiraDouble
) -> None:
    await link(world)
    jira.hook = ""
    await jira.turn("Done", "Done")
    await settled(world)
    assert "has shipped" not in world.posts()
    await world.here.workspace.clock.advance(LOOK_EVERY + timedelta(seconds=1))
    await settled(world)
    assert "has shipped" in world.posts()


async def test_a_bug_of_no_case_is_not_looked_at_any_more(world: World, jira: JiraDouble) -> None:
    await link(world)
    await world.do(MAYA, "unlink_bug", case=1)
    assert (await the_case(world)).bug is None
    assert jira.shown() == []
    await world.here.workspace.clock.advance(timedelta(hours=3))
    await settled(world)
    assert await rows(world, TrackedBug) == []
    jira.asked.clear()
    await jira.turn("Done", "Done")
    await settled(world)
    assert jira.asked == []
    assert json.loads(jira.answers[-1])["outcome"] == "unknown"


async def test_a_lost_answer_leaves_one_link_at_the_bug(world: World, jira: JiraDouble) -> None:
    jira.faults = ["lost", "broken"]
    await link(world)
    assert len(jira.shown()) == 1


async def test_what_we_show_ourselves_is_an_echo(world: World, jira: JiraDouble) -> None:
    await link(world)
    looks = len([row for row in await rows(world, Outbox) if row.payload.get("do") == "look"])
    jira.answers.clear()
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    await jira.tell_issue("PAY-77")
    await settled(world)
    assert {json.loads(each)["outcome"] for each in jira.answers} == {"echo"}
    after = [row for row in await rows(world, Outbox) if row.payload.get("do") == "look"]
    assert len(after) == looks


async def test_a_restricted_case_shows_nothing_at_its_bug(world: World, jira: JiraDouble) -> None:
    await link(world)
    assert len(jira.shown()) == 1
    await world.do(ELENI, "executive_flag", case=1, trigger="legal", reason="A lawyer")
    await settled(world)
    assert jira.shown() == []
    await world.do(MAYA, "unlink_bug", case=1)
    await link(world)
    assert jira.shown() == []
    assert (await the_case(world)).bug.state is not None


async def test_a_link_that_is_refused_is_told_once(world: World, jira: JiraDouble) -> None:
    jira.issues["PAY-77"].unlinkable = True
    await link(world)
    await world.do(MAYA, "link_bug", case=1, bug="pay-77")
    assert world.posts().count("does not show that this customer waits") == 1
    assert (await verbs(world)).count("bug_not_shown") == 1


async def test_a_rate_limit_is_waited_for(world: World, jira: JiraDouble) -> None:
    jira.limited = 2
    await link(world)
    assert (await the_case(world)).bug.state is not None
    assert len(jira.shown()) == 1


async def test_a_merged_case_is_heard_in_the_one_that_goes_on(
    world: World, jira: JiraDouble
) -> None:
    await world.do(MAYA, "open_case", customer="Aegean Ferries", stake="x", trigger="technical",
                   severity=3)  # fmt: skip
    await link(world, case=2)
    await world.do(ELENI, "merge", case=2, into=1)
    assert jira.shown() == []
    await jira.turn("Done", "Done")
    await settled(world)
    assert "the fix of bug PAY-77 has shipped" in world.posts()


async def test_no_news_reach_the_customer(world: World, jira: JiraDouble) -> None:
    await link(world)
    await jira.turn("Done", "Done")
    await settled(world)
    kinds = {row.kind for row in await rows(world, Outbox)}
    assert "mail" not in kinds
    assert not [e for e in await rows(world, TimelineEvent) if e.verb.startswith("mail_")]
    assert len([r for r in await rows(world, Inbox) if r.verb == "bug_event"]) == 1
    assert (await rows(world, Case))[0].bug_key == "PAY-77"
