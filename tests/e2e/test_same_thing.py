"""The same thing reported twice: the form shows the customer's case, and the report is added."""

import pytest

from bot.rules.facts import CaseFilter
from bot.rules.words import Status
from tests.e2e.office import ELENI, KATE, MAYA, STAKE, SUPPORT, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def begun(desk: Office, who: str, customer: str) -> str:
    """Somebody begins to escalate for a customer; the value of the customer's choice."""
    await desk.command(who, "")
    offered = await desk.here.people.suggest(who, "customer", customer, view_id=desk.form(who).id)
    return str(offered[0]["value"])


def choices(desk: Office, who: str) -> list[str]:
    """What the question in the form offers."""
    blocks = desk.form(who).payload["blocks"]
    asked = [b for b in blocks if b["block_id"].startswith("same_as")] if blocks else []
    return [o["text"]["text"] for b in asked for o in b["element"]["options"]]


async def test_a_customer_with_a_case_is_asked_about_and_the_report_is_added(desk: Office) -> None:
    number = await desk.escalate(MAYA, customer="Kallisto")
    await desk.command(ELENI, "claim", desk.channel(number).id)
    customer = await begun(desk, KATE, "Kallisto")
    assert await desk.fill(KATE, customer=customer, stake="It fails", severity="2") == {}
    assert choices(desk, KATE) == [f"Add my report to ESC-{number}", "It is something else"]
    assert f"ESC-{number}" in str(desk.form(KATE).payload)
    posts, dms = (
        len(desk.said(number)), len(desk.dms(ELENI)),
    )  # fmt: skip
    assert await desk.fill(KATE, same_as=str(number)) == {}  # all else is kept as it was typed
    assert desk.here.people.views(KATE) == []
    case = await desk.case(number)
    assert (case.reports, (await desk.done(number))[-1]) == (2, (KATE, "add_report"))
    assert "your report was added" in desk.everything_seen(KATE)
    (said,) = desk.said(number)[posts:]
    assert "It fails" in said.text
    assert len(desk.dms(ELENI)) == dms + 1
    assert "Reported 2 times" in str(desk.card(number).blocks)


async def test_another_thing_of_the_same_customer_opens_a_case(desk: Office) -> None:
    first = await desk.escalate(MAYA, customer="Kallisto")
    customer = await begun(desk, MAYA, "Kallisto")
    await desk.fill(MAYA, customer=customer, stake=STAKE, severity="3")
    assert await desk.fill(MAYA, same_as="else") == {}
    desk.opened += 1
    assert (await desk.case(desk.opened)).stake == STAKE
    assert desk.opened == first + 1


async def test_a_message_that_was_escalated_says_so_first(desk: Office) -> None:
    told = await desk.here.people.say(KATE, SUPPORT, "They said: nothing can be ordered")
    for who in (MAYA, KATE):
        await desk.here.people.message_shortcut(who, "escalate_message", SUPPORT, told.ts)
        await desk.here.settle()
        if who == MAYA:
            offered = await desk.here.people.suggest(
                who, "customer", "Nereid Lines", view_id=desk.form(who).id
            )
            assert await desk.fill(who, customer=offered[0]["value"], severity="3") == {}
            desk.opened += 1
    number = desk.opened
    shown = str(desk.form(KATE).payload)
    assert f"This message is ESC-{number} already" in shown
    assert choices(desk, KATE) == [f"Add my report to ESC-{number}"]
    assert await desk.fill(KATE, stake="It is worse now") == {}  # the rest was filled in
    assert desk.here.people.views(KATE) == []
    assert (await desk.case(number)).reports == 2
    assert desk.opened == number


async def test_a_ticket_that_has_a_case_is_asked_about_too(desk: Office) -> None:
    link = "https://tickets.example/twice"
    number = await desk.escalate(MAYA, customer="Orion Works", ticket_url=link)
    customer = await begun(desk, KATE, "Thalia Books")
    await desk.fill(KATE, customer=customer, stake=STAKE, severity="3", ticket_url=link)
    assert f"This ticket is ESC-{number} already" in str(desk.form(KATE).payload)
    assert await desk.fill(KATE) == {}
    assert (await desk.case(number)).reports == 2


async def test_a_restricted_case_is_asked_about_only_of_those_on_it(desk: Office) -> None:
    number = await desk.escalate(MAYA, customer="Silent Partners", sensitive=["true"])
    customer = await begun(desk, KATE, "Silent Partners")
    assert await desk.fill(KATE, customer=customer, stake=STAKE, severity="3") == {}
    assert desk.here.people.views(KATE) == []  # opened at once, as for any new customer
    desk.opened += 1
    customer = await begun(desk, MAYA, "Silent Partners")
    await desk.fill(MAYA, customer=customer, stake=STAKE, severity="3")
    assert choices(desk, MAYA)[:2] == [
        f"Add my report to ESC-{number}", f"Add my report to ESC-{number + 1}",
    ]  # fmt: skip
    await desk.close_forms(MAYA)


async def merged(desk: Office) -> tuple[int, int]:
    """The manager merges a second case into the first, by command; child and parent."""
    parent, child = await desk.stage("new"), await desk.stage("new")
    channel = desk.channel(child).id
    await desk.here.people.command(ELENI, channel, "/escalate merge ESC-" + str(parent))
    await desk.here.settle()
    return child, parent


async def test_a_case_is_merged_by_command_and_undone_by_command_or_button(desk: Office) -> None:
    child, parent = await merged(desk)
    assert (await desk.case(child)).merged_into == parent
    assert f"Merged into ESC-{parent}" in str(desk.card(child).blocks)
    assert await desk.card_is_true(child)
    told = desk.said(parent)[-1]
    assert f"ESC-{child} was merged into this case" in told.text
    await desk.here.people.command(ELENI, desk.channel(child).id, "/escalate unmerge")
    await desk.here.settle()
    assert (await desk.case(child)).status is Status.NEW
    assert (ELENI, "unmerge") in await desk.done(child)
    await desk.command(ELENI, f"ESC-{child} merge ESC-{parent}")
    assert (await desk.case(child)).merged_into == parent
    await desk.press(ELENI, desk.said(parent)[-1], "do:unmerge")
    assert (await desk.case(child)).merged_into is None


async def test_the_menu_offers_the_customers_cases_and_merges(desk: Office) -> None:
    parent, child = await desk.stage("new"), await desk.stage("new")
    await desk.press(ELENI, desk.card(child), "ask:merge")
    assert desk.form(ELENI).callback_id == "merge"
    (asked,) = [b for b in desk.form(ELENI).payload["blocks"] if b["block_id"] == "into"]
    values = [each["value"] for each in asked["element"]["options"]]
    assert str(child) not in values
    into = int(values[0])
    assert await desk.fill(ELENI, into=str(into)) == {}
    assert (await desk.case(child)).merged_into == into
    listed = await desk.here.services.reading.cases(MAYA, CaseFilter(), limit=100)
    assert child not in [case.number for case in listed]
    assert parent in [case.number for case in listed]
    await desk.press(ELENI, desk.card(child), "do:unmerge")
    assert (await desk.case(child)).status is Status.NEW


async def test_an_agent_may_not_merge_and_another_customers_case_is_no_match(desk: Office) -> None:
    child, other = await desk.stage("new"), await desk.escalate(MAYA, customer="Orion Works")
    await desk.command(MAYA, f"ESC-{child} merge ESC-{other}")
    assert (await desk.case(child)).status is Status.NEW
    await desk.command(ELENI, f"merge ESC-{other}", desk.channel(child).id)
    assert f"η ESC-{other} αφορά άλλον πελάτη" in desk.everything_seen(ELENI)
    assert (await desk.case(child)).status is Status.NEW
