"""What people type, press and see: linking a ticket, writing into it, taking the link away."""

import io
import json
import sys

import httpx

from bot.rules.words import HelpDesk
from cli.logs import configure_logs
from tests.e2e.child import WITH_TOKEN
from tests.e2e.office import ELENI, MAYA, Office
from tests.e2e.test_outside import offering, typed
from tests.first_words import GREEK
from tests.helpdesk.conftest import HEARD, Desk
from tests.helpdesk.test_whole_way import verbs
from tests.mail.conftest import TOMAS, World


async def test_a_ticket_is_unlinked_and_linked_by_command_and_by_button(
    world: World, double: Desk
) -> None:
    office = Office(world.here)
    assert (await office.case(1)).helpdesk is HelpDesk(double.name)
    await typed(office, MAYA, "/escalate unticket")
    assert (await office.case(1)).helpdesk is None
    await double.customer_writes("Nobody here hears this.")
    await world.here.settle()
    assert json.loads(double.answers[-1]) == {"outcome": "unknown"}

    await typed(office, MAYA, f"/escalate ticket <{double.url(6)}>")
    told = offering([*office.dms(MAYA), *office.answers(MAYA)], "do:unlink_ticket")
    case = await office.case(1)
    assert (case.helpdesk, case.ticket_url) == (HelpDesk(double.name), double.url(6))
    assert double.url(6) in str(office.card(1).blocks).replace("&amp;", "&")
    await office.press(MAYA, told, "do:unlink_ticket")
    assert (await office.case(1)).helpdesk is None
    done = [verb for _, verb in await office.done(1)]
    assert (done.count("link_ticket"), done.count("unlink_ticket")) == (2, 2)
    assert "Nobody here hears this." not in world.posts()


async def test_without_an_address_the_form_asks_for_it(world: World, double: Desk) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate ticket")
    assert office.form(MAYA).callback_id == "link_ticket"
    assert "url" in await office.fill(MAYA, url="ticket 6")
    assert await office.fill(MAYA, url=double.url(6)) == {}
    assert (await office.case(1)).ticket_url == double.url(6)


async def test_a_ticket_that_cannot_be_read_is_told_to_the_owner_with_a_way_out(
    world: World, double: Desk
) -> None:
    office = Office(world.here)
    await typed(office, MAYA, f"/escalate ticket {double.url(4711)}")
    assert "ticket_unreadable" in await verbs(world)
    told = offering(office.dms(ELENI), "ask:link_ticket")
    assert "404" in told.text
    await office.press(ELENI, told, "ask:link_ticket")
    assert office.form(ELENI).callback_id == "link_ticket"


async def test_what_names_no_ticket_or_one_of_another_case_is_refused(
    world: World, double: Desk
) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate ticket https://tickets.example/5")
    assert "This address cannot be linked" in office.answers(MAYA)[-1].text
    await world.do(MAYA, "open_case", customer="Delphi Energy", stake="x", trigger="technical",
                   severity=3)  # fmt: skip
    await world.do(MAYA, "link_ticket", case=2, url=double.url())
    assert (
        "ESC-1 is linked to this ticket already" in world.dms(MAYA) + office.answers(MAYA)[-1].text
    )


async def test_the_composer_offers_the_ticket_first_and_sends_into_it(
    world: World, double: Desk
) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate update")
    route = next(b for b in office.form(MAYA).blocks if b.get("block_id") == "route")
    assert route["element"]["initial_option"]["value"] == double.name
    words = "Κυρία Δήμου, βρήκαμε την αιτία στις 09:20. Θα σας γράψω ξανά στις 13:00."
    errors = await office.fill(MAYA, text=words)
    assert "The first response does not yet say: " in errors["text"]
    assert double.replies() == []
    assert await office.fill(MAYA, text=f"{words} {GREEK}") == {}
    assert len(double.replies()) == 1
    assert (await office.case(1)).sent[0].route == double.name
    assert "ticket_queued" in await verbs(world)


async def test_a_resolution_resolves_once_the_ticket_has_it(world: World, double: Desk) -> None:
    await world.write(route=double.name)
    await world.do(
        ELENI, "resolve", case=1, type="fix", note="Rolled back", text="Λύθηκε.",
        recipient="x", route=double.name,
    )  # fmt: skip
    await world.do(TOMAS, "confirm", case=1, party="technical_lead", comfortable=True)
    case = await Office(world.here).case(1)
    assert case.resolved_at is not None
    assert len(double.replies()) == 2
    assert "ticket_delivered" in await verbs(world)


async def test_an_unlinked_case_sends_nothing_there(world: World, double: Desk) -> None:
    await world.do(MAYA, "unlink_ticket", case=1)
    await world.write(route=double.name)
    assert double.replies() == []
    assert "not linked to a ticket" in world.dms(MAYA)


async def test_after_the_end_the_customer_is_still_heard(world: World, double: Desk) -> None:
    await world.do(ELENI, "dismiss", case=1, reason="A question, answered")
    await double.customer_writes(HEARD)
    await world.here.settle()
    assert world.posts().count(HEARD) == 1
    assert "No clock runs any more" in world.posts()


async def test_a_webhook_that_is_too_large_or_no_object_is_refused(
    world: World, double: Desk
) -> None:
    event = "convo.customer.reply.created"
    assert await double.send(double.signed(b"[]", event), b"[]") == 400
    about = {"topic": "conversation.user.replied", "data": {"item": {"id": "99"}}}
    raw = json.dumps({"ticket_id": "99", "id": 99, **about}).encode()
    assert await double.send(double.signed(raw, event), raw) == 200
    assert json.loads(double.answers[-1]) == {"outcome": "unknown"}
    async with httpx.AsyncClient() as client:
        answer = await client.post(double.hook, content=b"x" * (2 * 1024 * 1024 + 1))
    assert answer.status_code == 413


async def test_what_a_colleague_answered_there_is_recorded_in_two_steps(
    world: World, double: Desk
) -> None:
    office = Office(world.here)
    words = "Κυρία Δήμου, βρήκαμε την αιτία στις 09:20. Θα σας γράψω ξανά στις 13:00."
    await double.colleague_writes(words)
    await world.here.settle()
    told = offering(office.said(1), "ask:update")
    assert words in told.text
    await office.press(MAYA, told, "ask:update")
    assert await office.fill(MAYA) == {}
    (sent,) = (await office.case(1)).sent
    assert (sent.text, sent.route, sent.link) == (words, "portal", double.url())
    first = (await office.case(1)).clock("first_response")
    assert first is not None
    assert first.state == "met"
    assert double.replies() == []  # it is there already


async def test_webhooks_and_calls_are_counted_and_logged_without_anybodys_words(
    world: World, double: Desk
) -> None:
    out = io.StringIO()
    configure_logs("INFO", out)
    try:
        double.faults = ["broken"]
        await world.write(route=double.name)
        await double.customer_writes(HEARD)
        await world.here.settle()
        headers, raw = double.sent[-1]
        assert await double.send({**headers, **double.signed(raw + b" ", "x")}, raw) == 401
    finally:
        configure_logs("CRITICAL", sys.__stderr__)
    async with httpx.AsyncClient() as client:
        figures = (await client.get(f"{world.here.web_url}/metrics", headers=WITH_TOKEN)).text
    for outcome in ("accepted", "unsigned"):
        said = f'desk_helpdesk_events_total{{desk="{double.name}",outcome="{outcome}"}}'
        assert said in figures
    assert f'desk_helpdesk_calls_total{{desk="{double.name}",result="500"}}' in figures
    lines = out.getvalue()
    assert "helpdesk_event" in lines
    assert "delivery_will_retry" in lines
    for words in (HEARD, "βρήκαμε", json.dumps(HEARD)[1:-1], "token of the tests", "its secret"):
        assert words not in lines
