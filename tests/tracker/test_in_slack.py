"""What people type, press and see: linking a bug, hearing of it, taking the link away."""

from tests.e2e.office import ELENI, MAYA, Office
from tests.e2e.test_outside import offering, typed
from tests.helpdesk.test_whole_way import verbs
from tests.mail.conftest import World
from tests.tracker.jira import JiraDouble


async def test_a_bug_is_linked_and_unlinked_by_command_and_by_button(
    world: World, jira: JiraDouble
) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate bug ESC-1 PAY-77")
    told = offering([*office.dms(MAYA), *office.answers(MAYA)], "do:unlink_bug")  # bug_linked
    assert "linked to bug PAY-77" in told.text
    await office.press(MAYA, told, "do:unlink_bug")
    assert (await office.case(1)).bug is None
    await typed(office, MAYA, "/escalate bug pay-78")
    assert (await office.case(1)).bug.name == "PAY-78"
    await typed(office, MAYA, "/escalate unbug")
    assert (await office.case(1)).bug is None
    done = await verbs(world)
    assert (done.count("link_bug"), done.count("unlink_bug")) == (2, 2)
    await typed(office, MAYA, "/escalate unbug")
    assert "is not linked to a bug" in world.dms(MAYA) + str(office.answers(MAYA))


async def test_the_card_s_menu_and_the_bare_command_ask_for_it(
    world: World, jira: JiraDouble
) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate bug")
    assert office.form(MAYA).callback_id == "link_bug"
    assert await office.fill(MAYA, bug="PAY-77") == {}
    assert (await office.case(1)).bug.name == "PAY-77"
    await office.press(MAYA, office.card(1), "do:unlink_bug")
    await office.press(MAYA, office.card(1), "ask:link_bug")
    assert office.form(MAYA).callback_id == "link_bug"


async def test_news_offer_to_write_to_the_customer(world: World, jira: JiraDouble) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate bug PAY-77")
    await jira.turn("Done", "Done")
    await world.here.settle()
    channel = list(office.channel(1).messages.values())
    told = offering(channel, "ask:update")  # bug_news
    assert "has shipped" in str([each.text for each in channel])
    await office.press(ELENI, told, "ask:update")
    assert office.form(ELENI).callback_id == "update"
