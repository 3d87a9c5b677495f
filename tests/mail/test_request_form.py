"""The form by which customers ask for an escalation: whole without a script, safe to offer."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.intake.form.requests import PER_ADDRESS
from bot.operations.pruning import prune_done
from bot.rules.intake.request_form import find_mistakes, read_given
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import demo_policy, local_app
from handlers.commands import BY_NAME
from handlers.http.forms import BODY_MAX
from sandbox.seed import demo_workspace
from storage.models import Account, Candidate, FormRequest, Mail, Signal
from tests.e2e.office import Office
from tests.e2e.test_outside import offering
from tests.mail.conftest import CONTACT, ELENI, MAYA, World, outside
from tests.mail.html_check import check_page
from tests.mail.server import Box
from tests.mail.test_hearing import rows
from tests.mail.test_intake import TRIAGE, triage

LINK = re.compile(r"http://127\.0\.0\.1:\d+/f/[a-z0-9-]+")
TICKET = re.compile(r'name="ticket" value="([^"]+)"')
GIVEN = {
    "name": "Κατερίνα Δήμου", "email": CONTACT, "phone": "+30 210 123 4567",
    "text": "Δεν εκδίδονται εισιτήρια & χάνουμε <πελάτες>.", "impact": "stopped",
}  # fmt: skip
PUBLIC = {**GIVEN, "company": "Aegean Ferries", "email": "eve@gmail.com"}


@pytest.fixture
async def desk(tmp_path: Path, box: Box) -> AsyncIterator[World]:
    """A workspace with the public form, and a channel in which it is decided."""
    policy = demo_policy()
    policy = replace(policy, triage=replace(policy.triage, channel=TRIAGE))
    given = outside(box, public_form="true")
    async with local_app(demo_workspace(), tmp_path, outside=given, policy=policy) as here:
        await import_demo_accounts(here)
        here.workspace.channels[TRIAGE].members[Office(here).bot] = None
        yield World(here, box)


async def form_link(world: World, customer: str = "Aegean Ferries") -> str:
    """The link that Maya asks for by command."""
    office = Office(world.here)
    await office.here.people.command(MAYA, TRIAGE, f"/escalate form-link {customer}")
    await world.here.settle()
    told = offering([*office.dms(MAYA), *office.answers(MAYA)], "do:revoke_form")
    return LINK.findall(told.text)[-1]


class Visitor:
    """A browser without script and cookies."""

    def __init__(self, url: str) -> None:
        self.url, self.ticket = url, ""

    async def open(self, **headers: str) -> httpx.Response:
        """Open the form, and note its ticket."""
        async with httpx.AsyncClient(timeout=30) as client:
            page = await client.get(self.url, headers=headers)
        if found := TICKET.search(page.text):
            self.ticket = found[1]
        return page

    async def send(
        self, fields: dict[str, str], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send the form as it was opened."""
        async with httpx.AsyncClient(timeout=30) as client:
            given = {"ticket": self.ticket, **fields}
            return await client.post(self.url, data=given, headers=headers or {})


async def follow(world: World, answer: httpx.Response) -> httpx.Response:
    """The page to which a sent form leads."""
    assert answer.status_code == 303, answer.text
    async with httpx.AsyncClient(timeout=30) as client:
        page = await client.get(world.here.web_url + answer.headers["location"])
    await world.here.settle()
    return page


async def test_an_account_is_asked_nothing_twice_and_told_where_it_stands(desk: World) -> None:
    visitor = Visitor(await form_link(desk))
    page = await visitor.open()
    assert page.status_code == 200
    check_page(page.text)
    assert '<html lang="el">' in page.text
    assert "Aegean Ferries" in page.text

    answer = await visitor.send(GIVEN)
    thanks = await follow(desk, answer)
    again = await visitor.send({**GIVEN, "text": "Κάτι άλλο."})

    assert answer.headers["location"] == again.headers["location"]
    (candidate,) = await rows(desk, Candidate)
    assert (candidate.account_key, candidate.signals, candidate.severity) == (
        "aegean-ferries", 1, 1,
    )  # fmt: skip
    check_page(thanks.text)
    assert f"CAN-{candidate.id}" in thanks.text
    assert "Παραλήφθηκε" in thanks.text
    assert "λάβαμε το αίτημά σας" in thanks.text
    (row,) = await rows(desk, FormRequest)
    assert (row.text, row.email, row.name) == ("", "", ""), "the signal has it"
    assert desk.box.mails == [], "an address that was typed is not written to"


async def test_the_same_form_sent_at_once_is_one_request(desk: World) -> None:
    visitor = Visitor(await form_link(desk))
    await visitor.open()
    found = await asyncio.gather(*(visitor.send(GIVEN) for _ in range(4)))
    assert {answer.status_code for answer in found} == {303}
    assert len({answer.headers["location"] for answer in found}) == 1
    assert len(await rows(desk, Signal)) == 1


async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(desk: World) -> None:
    visitor = Visitor(await form_link(desk) + "?lang=en")
    await visitor.open()
    bad = {
        "name": "", "email": "katerina@", "phone": "call me", "impact": "huge",
        "text": '<script>alert("1")</script> ' + "ω" * 4100,
    }  # fmt: skip

    answer = await visitor.send(bad)

    assert answer.status_code == 422
    check_page(answer.text)
    for name in ("name", "email", "phone", "text"):
        assert f'aria-describedby="{"text-hint " if name == "text" else ""}{name}-problem"' in (
            answer.text
        )
    assert 'value="katerina@"' in answer.text
    assert 'value="call me"' in answer.text
    assert "ω" * 4100 in answer.text
    assert "<script" not in answer.text
    assert "(4128/4000)" in answer.text
    assert await rows(desk, FormRequest) == []
    visitor.ticket = TICKET.search(answer.text)[1]  # type: ignore[index]
    assert (await visitor.send(GIVEN)).status_code == 303


@pytest.mark.parametrize(
    ("change", "headers", "status", "said"),
    [
        ({"website": "http://spam.example"}, {}, 422, "from an automatic message"),
        ({"ticket": "aaaaaaaaaaaaaaaa-1-" + "a" * 32}, {}, 422, "had been open for a long time"),
        ({"ticket": ""}, {}, 422, "had been open for a long time"),
        ({}, {"Sec-Fetch-Site": "cross-site"}, 403, "from another website"),
    ],
)
async def test_what_no_person_sends_from_here_comes_back_whole(
    desk: World, change: dict[str, str], headers: dict[str, str], status: int, said: str
) -> None:
    visitor = Visitor(await form_link(desk) + "?lang=en")
    await visitor.open()
    answer = await visitor.send({**GIVEN, **change}, headers)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert "χάνουμε &lt;πελάτες&gt;" in answer.text
    assert await rows(desk, Signal) == []


async def test_a_form_that_was_open_too_long_is_sent_again(desk: World) -> None:
    visitor = Visitor(await form_link(desk))
    await visitor.open()
    await desk.here.workspace.clock.advance(timedelta(hours=13))
    answer = await visitor.send(GIVEN)
    assert answer.status_code == 422
    visitor.ticket = TICKET.search(answer.text)[1]  # type: ignore[index]
    assert (await visitor.send(GIVEN)).status_code == 303


async def test_a_ticket_of_one_form_is_worth_nothing_in_another(desk: World) -> None:
    one, other = Visitor(await form_link(desk)), Visitor(await form_link(desk, "Delphi Energy"))
    assert one.url != other.url
    await one.open()
    other.ticket = one.ticket
    assert (await other.send(GIVEN)).status_code == 422


@pytest.mark.parametrize("body", [b"x" * (BODY_MAX + 1), b"\xff\x00=%zz&&&", b"{}"])
async def test_too_large_and_malformed_bodies_are_refused_with_a_page(
    desk: World, body: bytes
) -> None:
    url = await form_link(desk)
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(url, content=body)
    assert answer.status_code in {413, 422}
    check_page(answer.text)
    assert await rows(desk, FormRequest) == []


async def test_a_revoked_altered_or_unknown_link_shows_nothing(desk: World) -> None:
    url = await form_link(desk)
    visitor = Visitor(url)
    await visitor.open()
    assert (await Visitor(url[:-1] + ("a" if url[-1] != "a" else "b")).open()).status_code == 404
    assert (await Visitor(url.replace("/f/", "/c/")).open()).status_code == 404
    assert (await Visitor(url + "x" * 500).open()).status_code == 404
    office = Office(desk.here)
    told = offering([*office.dms(MAYA), *office.answers(MAYA)], "do:revoke_form")
    await office.press(MAYA, told, "do:revoke_form")
    assert (await visitor.open()).status_code == 404
    assert (await visitor.send(GIVEN)).status_code == 404
    assert await form_link(desk) != url


async def test_only_those_who_speak_for_us_get_a_link(desk: World) -> None:
    assert BY_NAME["form-link"].leads_to == "do:share_form"
    await desk.do("U0SOFIA", "share_form", account="aegean-ferries")
    assert "/f/" not in desk.dms("U0SOFIA")
    await desk.do(MAYA, "share_form", customer="No such customer")
    assert "/f/" not in desk.dms(MAYA)


async def confirmed(desk: World, given: dict[str, str]) -> str:
    """Send the public form; the link in the mail."""
    visitor = Visitor(f"{desk.here.web_url}/f/")
    await visitor.open()
    page = await follow(desk, await visitor.send(given))
    check_page(page.text)
    body = desk.box.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return str(LINK.findall(body)[-1])


async def test_the_public_form_counts_once_its_address_is_confirmed_by_a_person(
    desk: World,
) -> None:
    link = await confirmed(desk, PUBLIC)
    assert await rows(desk, Signal) == []
    (mail,) = desk.box.mails
    assert "πελάτες" not in mail.as_string()
    assert mail["Auto-Submitted"]

    async with httpx.AsyncClient(timeout=30) as client:
        for _ in range(3):  # programs that look at mail open the link
            page = await client.get(link)
            assert page.status_code == 200
            await client.head(link)
        check_page(page.text)
        assert await rows(desk, Signal) == []
        answer = await client.post(link)
        again = await client.post(link)

    page = await follow(desk, answer)
    assert answer.headers["location"].split("?")[0] == again.headers["location"].split("?")[0]
    (candidate,) = await rows(desk, Candidate)
    assert candidate.account_key is None, "a typed name is no account"
    assert candidate.contact_email == "eve@gmail.com"
    assert f"CAN-{candidate.id}" in page.text
    assert len(await rows(desk, Signal)) == 1


async def test_a_confirmed_address_of_an_accounts_domain_is_the_accounts(desk: World) -> None:
    link = await confirmed(desk, {**PUBLIC, "email": "ops@aegean-ferries.example"})
    async with httpx.AsyncClient(timeout=30) as client:
        await client.post(link)
    assert [c.account_key for c in await rows(desk, Candidate)] == ["aegean-ferries"]


async def test_what_is_not_confirmed_is_forgotten(desk: World) -> None:
    link = await confirmed(desk, PUBLIC)
    await desk.here.workspace.clock.advance(timedelta(hours=25))
    await prune_done(desk.here.services, timedelta(days=30))
    assert await rows(desk, FormRequest) == []
    async with httpx.AsyncClient(timeout=30) as client:
        assert (await client.post(link)).status_code == 404
    assert await rows(desk, Signal) == []


async def test_nobody_is_sent_mail_without_end(desk: World) -> None:
    for _ in range(PER_ADDRESS):
        await confirmed(desk, PUBLIC)
    visitor = Visitor(f"{desk.here.web_url}/f/?lang=en")
    await visitor.open()
    answer = await visitor.send(PUBLIC)
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert "χάνουμε" in answer.text
    assert len(desk.box.mails) == PER_ADDRESS
    assert len(await rows(desk, FormRequest)) == PER_ADDRESS


async def test_the_public_form_is_off_unless_it_is_wanted(tmp_path: Path, box: Box) -> None:
    async with local_app(demo_workspace(), tmp_path, outside=outside(box)) as here:
        assert (await Visitor(f"{here.web_url}/f/").open()).status_code == 404
        assert (await Visitor(f"{here.web_url}/f/").send(PUBLIC)).status_code == 404


async def standing_after(desk: World, verb: str, **fields: Any) -> str:
    """The page of a request, after Eleni decided about it so."""
    visitor = Visitor(await form_link(desk))
    await visitor.open()
    answer = await visitor.send(GIVEN)
    await desk.here.settle()
    (candidate,) = await rows(desk, Candidate)
    await desk.do(ELENI, verb, candidate=candidate.id, **fields)
    return (await follow(desk, answer)).text


async def test_the_page_leads_to_the_case_once_there_is_one(desk: World) -> None:
    page = await standing_after(
        desk, "open_case", account="aegean-ferries", customer="Aegean Ferries", stake="No tickets",
        trigger="technical", severity=2, contact_email=CONTACT, language="el",
    )  # fmt: skip
    assert "Το έχουμε αναλάβει" in page
    assert "/c/" not in page, "the case's page is not shared yet"
    await desk.do(MAYA, "share_status", case=1)
    location = (await rows(desk, FormRequest))[0]
    assert location.confirmed_at is not None


async def test_the_page_says_in_approved_words_that_it_is_no_escalation(desk: World) -> None:
    page = await standing_after(
        desk, "dismiss_candidate", reason="They are rude, SECRET",
        told="support",
    )  # fmt: skip
    assert "την έχει η ομάδα υποστήριξης" in page
    assert "SECRET" not in page
    assert "Δεν προχωρά ως κλιμάκωση" in page


async def test_hostile_names_stay_text_on_every_page_and_in_slack(desk: World) -> None:
    async with desk.here.services.database.write() as session:
        account = await session.get(Account, "aegean-ferries")
        account.name = '"><img src=x onerror=alert(1)>'
        session.add(account)
    visitor = Visitor(f"{desk.here.web_url}/f/")
    await visitor.open()
    evil = '"><script>alert(1)</script> <!channel> <@U0MAYA>'
    link = await confirmed(desk, {**PUBLIC, "name": evil, "company": evil, "text": evil})
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(link)
    assert "<script" not in (await follow(desk, answer)).text
    said = "".join(str(m.blocks) + m.text for m in triage(desk))
    assert "<!channel>" not in said
    assert "<@U0MAYA>" not in said
    assert len([m for m in await rows(desk, Mail) if m.direction == "out"]) == 1


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("email", "a@b", "email"), ("email", "a@b.gr, c@d.gr", "email"), ("email", "", "missing"),
        ("email", "Ada <a@b.gr>", "email"), ("email", "δοκιμή@παράδειγμα.ελ", ""),
        ("phone", "0030 210 123.45.67 ext 12", ""), ("phone", "12", "phone"),
        ("phone", "+30 210 1234567; DROP", "phone"), ("text", "\u200b\u3164 \n", "missing"),
        ("text", "x" * 4001, "too_long"), ("text", "x" * 4000, ""), ("name", "—", "missing"),
        ("name", "李", ""), ("impact", "", "impact"), ("impact", "STOPPED", "impact"),
    ],
)  # fmt: skip
def test_a_field_is_judged_as_people_fill_it_in(field: str, value: str, wrong: str) -> None:
    given = read_given({**GIVEN, field: value})
    assert find_mistakes(given, public=False).get(field, "") == wrong


async def test_a_confirmed_sender_is_told_by_mail_with_the_link_to_where_it_stands(
    desk: World,
) -> None:
    link = await confirmed(desk, PUBLIC)
    async with httpx.AsyncClient(timeout=30) as client:
        await client.post(link)
    await desk.here.settle()
    (candidate,) = await rows(desk, Candidate)
    await desk.do(
        ELENI, "dismiss_candidate", candidate=candidate.id, reason="SECRET", told="support"
    )
    told = desk.box.mails[-1]
    body = told.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert str(told["To"]).endswith("<eve@gmail.com>")
    assert f"CAN-{candidate.id}" in told["Subject"]
    assert not str(told["Subject"]).startswith("Re:")
    assert not told["Auto-Submitted"], "a person chose the words"
    assert "SECRET" not in body
    async with httpx.AsyncClient(timeout=30) as client:
        page = await client.get(LINK.findall(body)[-1])
    assert "Not taken on as an escalation" in page.text

    await desk.do(ELENI, "undo_decision", candidate=candidate.id)
    again = desk.box.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Εξετάζουμε ξανά".casefold() in again.casefold()
    async with httpx.AsyncClient(timeout=30) as client:
        page = await client.get(LINK.findall(again)[-1])
    assert "Received" in page.text
    assert len(desk.box.mails) == 3


async def test_a_sender_is_not_told_of_a_decision_without_words_for_them(desk: World) -> None:
    link = await confirmed(desk, PUBLIC)
    async with httpx.AsyncClient(timeout=30) as client:
        await client.post(link)
    await desk.here.settle()
    (candidate,) = await rows(desk, Candidate)
    await desk.do(ELENI, "dismiss_candidate", candidate=candidate.id, reason="Spam")
    await desk.do(ELENI, "undo_decision", candidate=candidate.id)
    assert len(desk.box.mails) == 1, "the confirmation alone"
    assert not str(desk.box.mails[0]["Subject"]).startswith("Re:")
