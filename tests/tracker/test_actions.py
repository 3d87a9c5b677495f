"""An action item and its issue: the link, what is asked of its owner, and what developers see."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.bugs.tracked import LOOK_EVERY
from storage.models import ActionItem, Outbox, TrackedBug
from tests.e2e.office import ELENI, MAYA, Office
from tests.e2e.test_outside import offering, typed
from tests.helpdesk.test_whole_way import rows, verbs
from tests.mail.conftest import TOMAS, World
from tests.statements import counted_statements
from tests.tracker.jira import JiraDouble
from tests.tracker.test_cases import settled, soon

TITLE = "Alarm 14 days before a certificate ends"


async def given(world: World, bug: str = "PAY-77", **fields: Any) -> None:
    """An action item of the case that Tomas has, linked to an issue."""
    usual = {"title": TITLE, "type": "process", "owner": TOMAS, "due": soon(world, 14)}
    await world.do(MAYA, "action_item", case=1, **(usual | fields), bug=bug)


async def changed(world: World, by: str = TOMAS, **fields: Any) -> None:
    """It is changed by the form, whose other fields say what they said."""
    usual = {"title": TITLE, "type": "process", "due": soon(world, 14), "bug": "PAY-77"}
    await world.do(by, "edit_action", case=1, action=1, **(usual | fields))


async def the_item(world: World) -> Any:
    return (await world.here.services.reading.case(1, ELENI)).actions[0]


async def test_an_item_shows_its_issue_and_the_issue_the_item(
    world: World, jira: JiraDouble
) -> None:
    jira.issues["PAY-77"].status = "In Progress"
    await given(world)
    item = await the_item(world)
    assert (item.bug.name, item.bug.state.status) == ("PAY-77", "In Progress")
    office = Office(world.here)
    for shown in (str(office.card(1).blocks), await listed(office)):
        assert "/browse/PAY-77" in shown
        assert "PAY-77" in shown
        assert "In Progress" in shown
    (link,) = jira.shown()
    assert link["title"] == "Action item of escalation ESC-1"
    assert link["summary"].startswith("to be done by ")
    there = str(jira.issues["PAY-77"].links)
    assert "Aegean" not in there
    assert TITLE not in there


async def listed(office: Office) -> str:
    """The list of the case's action items, as Tomas is shown it."""
    await typed(office, TOMAS, "/escalate actions ESC-1")
    return str(office.answers(TOMAS)[-1].blocks)


async def test_a_form_links_it_and_refuses_at_its_field_what_is_no_issue_of_ours(
    world: World, jira: JiraDouble
) -> None:
    office = Office(world.here)
    await typed(office, MAYA, f"/escalate action {TITLE}")
    wrong = await office.fill(MAYA, type="process", owner=TOMAS, bug="https://jira.example/PAY-77")
    assert "not in our Jira" in str(wrong)
    wrong = await office.fill(MAYA, type="process", owner=TOMAS, bug="the alarm")
    assert "neither the key of an issue" in str(wrong)
    assert await rows(world, ActionItem) == []
    site = world.here.services.customers.tracker.url_of("PAY-77")
    assert await office.fill(MAYA, type="process", owner=TOMAS, bug=site) == {}
    assert (await the_item(world)).bug.name == "PAY-77"
    told = offering(office.dms(TOMAS), "ask:edit_action")  # action_given
    await office.press(TOMAS, told, "ask:edit_action")
    assert "PAY-77" in str(office.form(TOMAS).payload)
    assert await office.fill(TOMAS, bug="pay-78") == {}
    assert (await the_item(world)).bug.name == "PAY-78"
    assert [len(jira.issues[key].links) for key in ("PAY-77", "PAY-78")] == [0, 1]
    await listed(office)
    await office.press(TOMAS, office.answers(TOMAS)[-1], "ask:edit_action")
    assert await office.fill(TOMAS, bug="") == {}
    assert (await the_item(world)).bug is None
    assert jira.shown("PAY-78") == []
    done = await verbs(world)
    assert (done.count("link_action"), done.count("unlink_action")) == (2, 1)
    assert "edit_action" not in done
    assert world.dms(TOMAS).count("changed an action item") == 0


async def test_an_issue_that_is_done_asks_once_for_evidence_and_does_nothing_itself(
    world: World, jira: JiraDouble
) -> None:
    jira.plan("2.4", soon(world, 2), "PAY-77")
    await given(world)
    jira.deliveries = 3
    await jira.turn("Done", "Fixed")
    await settled(world)
    await jira.release()
    await settled(world)
    assert world.dms(TOMAS).count("the Jira issue of your action item is done") == 1
    assert world.posts().count("Jira") == 0
    item = await the_item(world)
    assert (item.reported_at, item.done_at) == (None, None)
    office = Office(world.here)
    asked = next(m for m in reversed(office.dms(TOMAS)) if "is done" in m.text)
    assert "/browse/PAY-77" in asked.text
    await office.press(TOMAS, asked, "ask:action_done")
    url = world.here.services.customers.tracker.url_of("PAY-77")
    assert url in str(office.form(TOMAS).payload)
    assert await office.fill(TOMAS) == {}
    item = await the_item(world)
    assert (item.evidence, item.waits) == (url, True)
    assert len(jira.shown()) == 1  # until a colleague has looked
    await world.do(ELENI, "verify_action", case=1, action=1, accept=True)
    assert jira.shown() == []
    assert (await the_item(world)).done_at is not None


async def test_an_issue_that_was_done_before_it_was_linked_asks_too(
    world: World, jira: JiraDouble
) -> None:
    await jira.turn("Done", "Done")
    await given(world)
    assert world.dms(TOMAS).count("the Jira issue of your action item is done") == 1


async def test_an_issue_that_is_not_done_opens_the_form_empty(
    world: World, jira: JiraDouble
) -> None:
    await given(world)
    office = Office(world.here)
    await office.press(TOMAS, offering(office.dms(TOMAS), "ask:action_done"), "ask:action_done")
    assert "/browse/PAY-77" not in str(office.form(TOMAS).payload)


async def test_one_closed_without_being_done_is_said_once_with_the_ways_on(
    world: World, jira: JiraDouble
) -> None:
    jira.deliveries = 2
    await given(world)
    await jira.turn("Done", "Won't Do")
    await settled(world)
    assert world.dms(TOMAS).count("closed without being done") == 1
    assert "Jira says: Won't Do" in world.dms(TOMAS)
    office = Office(world.here)
    said = next(m for m in reversed(office.dms(TOMAS)) if "without being done" in m.text)
    assert "ask:action_done" not in str(said.blocks)
    await office.press(TOMAS, said, "ask:drop_action")
    assert await office.fill(TOMAS, reason="They keep the old alarm") == {}
    assert jira.shown() == []
    await jira.turn("To Do")
    await settled(world)
    assert "opened again" not in world.dms(TOMAS)  # of a dropped one nothing is heard


async def test_one_opened_again_is_said_also_after_the_item_was_done(
    world: World, jira: JiraDouble
) -> None:
    await given(world)
    await jira.turn("Done", "Done")
    await settled(world)
    await world.do(TOMAS, "action_done", case=1, action=1, evidence="PAY-77")
    await world.do(ELENI, "verify_action", case=1, action=1, accept=True)
    jira.hook = ""
    await jira.turn("In Progress")
    await world.here.workspace.clock.advance(LOOK_EVERY + timedelta(seconds=1))
    await settled(world)
    assert world.dms(TOMAS).count("was opened again") == 1
    office = Office(world.here)
    said = next(m for m in reversed(office.dms(TOMAS)) if "was opened again" in m.text)
    await office.press(TOMAS, said, "do:reopen_action")
    item = await the_item(world)
    assert (item.done_at, item.reported_at) == (None, None)
    assert len(jira.shown()) == 1
    await jira.turn("Done", "Done")
    await world.here.workspace.clock.advance(LOOK_EVERY + timedelta(seconds=1))
    await settled(world)
    assert world.dms(TOMAS).count("the Jira issue of your action item is done") == 2


@pytest.mark.parametrize(
    ("how", "said"),
    [("deleted", "was deleted"), ("forbidden", "may not be read"), ("unknown", "is not found")],
)
async def test_one_that_cannot_be_read_is_said_once_and_the_link_stays(
    world: World, jira: JiraDouble, how: str, said: str
) -> None:
    jira.issues["PAY-78"].forbidden = how == "forbidden"
    name = {"deleted": "PAY-77", "forbidden": "PAY-78", "unknown": "PAY-4711"}[how]
    await given(world, name)
    if how == "deleted":
        await jira.delete()
    await settled(world)
    await world.here.workspace.clock.advance(timedelta(days=2))
    await settled(world)
    assert world.dms(TOMAS).count(said) == 1
    assert (await the_item(world)).bug.name == name
    office = Office(world.here)
    told = next(m for m in reversed(office.dms(TOMAS)) if said in m.text)
    assert "ask:edit_action" in str(told.blocks)


async def test_a_link_that_is_refused_is_told_its_owner_once(
    world: World, jira: JiraDouble
) -> None:
    jira.issues["PAY-77"].unlinkable = True
    await given(world)
    await changed(world, due=soon(world, 20))
    assert world.dms(TOMAS).count("does not show your action item") == 1
    assert (await verbs(world)).count("action_bug_unshown") == 1


async def test_a_moved_issue_is_followed_without_a_word(world: World, jira: JiraDouble) -> None:
    await given(world)
    before = len(world.dms(TOMAS))
    await jira.move("PAY-77", "CORE-5")
    await settled(world)
    assert (await the_item(world)).bug.name == "CORE-5"
    assert len(world.dms(TOMAS)) == before
    assert (await verbs(world)).count("action_bug_moved") == 1
    await jira.turn("Done", "Done", "CORE-5")
    await settled(world)
    assert "/browse/CORE-5" in world.dms(TOMAS)


async def test_another_day_is_shown_at_the_issue(world: World, jira: JiraDouble) -> None:
    await given(world)
    (before,) = jira.shown()
    await changed(world, due=soon(world, 20))
    (after,) = jira.shown()
    assert before["summary"] != after["summary"]


async def test_a_restricted_case_shows_nothing_at_its_issues_and_its_owner_hears(
    world: World, jira: JiraDouble
) -> None:
    await given(world)
    assert len(jira.shown()) == 1
    await world.do(ELENI, "executive_flag", case=1, trigger="legal", reason="A lawyer")
    await settled(world)
    assert jira.shown() == []
    await changed(world, due=soon(world, 20))
    await changed(world, bug="PAY-78", due=soon(world, 20))
    assert jira.shown() == []
    assert jira.shown("PAY-78") == []
    await jira.turn("Done", "Done", "PAY-78")
    await settled(world)
    told = world.dms(TOMAS).split("the Jira issue of your action item is done")
    assert len(told) == 2
    assert "/browse/PAY-78" in told[1]
    assert TITLE not in told[1]
    office = Office(world.here)
    asked = next(m for m in reversed(office.dms(TOMAS)) if "is done" in m.text)
    await office.press(TOMAS, asked, "ask:action_done")
    assert "/browse/PAY-78" in str(office.form(TOMAS).payload)


async def test_who_may_not_change_it_may_not_link_it(world: World, jira: JiraDouble) -> None:
    await given(world, "")
    await changed(world, by="U0OUTSIDER")
    assert (await the_item(world)).bug is None
    await world.do(ELENI, "executive_flag", case=1, trigger="legal", reason="A lawyer")
    await changed(world, by="U0OUTSIDER")
    assert (await the_item(world)).bug is None
    assert await rows(world, TrackedBug) == []
    assert jira.asked == []


async def test_an_item_of_a_merged_case_goes_on_with_its_issue_and_comes_back(
    world: World, jira: JiraDouble
) -> None:
    await world.do(MAYA, "open_case", customer="Aegean Ferries", stake="x", trigger="technical",
                   severity=3)  # fmt: skip
    usual = {"title": TITLE, "type": "process", "owner": TOMAS, "due": soon(world, 14)}
    await world.do(MAYA, "action_item", case=2, **usual, bug="PAY-77")
    await world.do(ELENI, "merge", case=2, into=1)
    (link,) = jira.shown()
    assert "ESC-1" in link["title"]
    await jira.turn("Done", "Done")
    await settled(world)
    assert world.dms(TOMAS).count("the Jira issue of your action item is done") == 1
    found = {i.case_number: i.bug_key for i in await rows(world, ActionItem)}
    assert found == {1: "PAY-77", 2: ""}


async def test_of_two_items_each_owner_hears_and_the_last_unlinked_ends_the_looks(
    world: World, jira: JiraDouble
) -> None:
    await given(world)
    await given(world, owner=MAYA)
    assert len(jira.shown()) == 2
    await jira.turn("Done", "Done")
    await settled(world)
    for who in (TOMAS, MAYA):
        assert world.dms(who).count("the Jira issue of your action item is done") == 1
    for number in (1, 2):
        await world.do(MAYA, "drop_action", case=1, action=number, reason="x")
        await world.do(ELENI, "drop_action", case=1, action=number, reason="x")
    await world.here.workspace.clock.advance(timedelta(hours=3))
    await settled(world)
    assert await rows(world, TrackedBug) == []
    jira.asked.clear()
    await jira.turn("To Do")
    await settled(world)
    assert jira.asked == []
    assert json.loads(jira.answers[-1])["outcome"] == "unknown"


async def test_a_lost_answer_leaves_one_link_and_what_we_show_is_an_echo(
    world: World, jira: JiraDouble
) -> None:
    jira.faults = ["lost", "broken"]
    await given(world)
    assert len(jira.shown()) == 1
    looks = [r for r in await rows(world, Outbox) if r.payload.get("do") == "look"]
    await jira.tell_issue("PAY-77")
    await settled(world)
    after = [r for r in await rows(world, Outbox) if r.payload.get("do") == "look"]
    assert len(after) == len(looks)


async def test_a_look_asks_no_more_of_the_store_for_more_items(
    world: World, jira: JiraDouble
) -> None:
    await given(world)
    asked = []
    for status in ("In Progress", "In Review"):
        with counted_statements(world.here.services.database) as seen:
            await jira.turn(status)
            await settled(world)
        asked.append(sum(s.startswith("SELECT") and "action_item" in s for s in seen))
        for _ in range(3):
            await given(world)
    assert len(jira.shown()) == 7
    assert asked[0] == asked[1] > 0
