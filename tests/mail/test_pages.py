"""The customer's pages: only for who has the link, only what they may know, safe to open."""

import asyncio
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import select

from bot.rules.tokens import BadTokenError, LinkClaim, LinkKind, ReplyClaim, Signer
from bot.rules.words import Status
from handlers.http.pages import PER_LINK
from handlers.http.throttle import Throttle
from storage.models import Account, ActionItem, Asking, Case, CustomerLink, Outbox, TimelineEvent
from tests.mail.conftest import CONTACT, ELENI, MAYA, TOMAS, World
from tests.mail.html_check import check_page

ATHENS = ZoneInfo("Europe/Athens")
LINK = re.compile(r"http://127\.0\.0\.1:\d+/c/\S+")


async def rows(world: World, model: Any) -> list[Any]:
    """All rows of a table."""
    async with world.here.services.database.read() as session:
        return list((await session.exec(select(model))).all())


async def get(url: str, **headers: str) -> httpx.Response:
    """Open a page as a browser without anything else would."""
    async with httpx.AsyncClient() as client:
        return await client.get(url, headers=headers)


async def post(url: str, **fields: str) -> httpx.Response:
    """Send the form."""
    async with httpx.AsyncClient() as client:
        return await client.post(url, data=fields)


def links(world: World) -> list[str]:
    """The links in the mails that the customer has, oldest first."""
    found: list[str] = []
    for mail in world.box.mails:
        body = mail.get_body(("plain",))
        assert body is not None
        found += LINK.findall(str(body.get_content()))
    return found


async def resolved(world: World) -> None:
    """The case, resolved by everybody's word."""
    await world.do(
        ELENI, "resolve", case=1, type="fix", note="Rolled back", text="Λύθηκε.",
        recipient=CONTACT, route="email", already_sent=True,
    )  # fmt: skip
    await world.do(TOMAS, "confirm", case=1, party="technical_lead", comfortable=True)
    assert (await world.here.services.reading.case(1, ELENI)).status is Status.RESOLVED


async def surveyed(world: World) -> str:
    """The survey's link, when it has been mailed."""
    await world.write()
    await resolved(world)
    await world.do(MAYA, "confirm", case=1, party="customer", comfortable=True)
    await world.here.workspace.clock.advance(timedelta(days=4))
    await world.here.settle()
    return links(world)[-1]


async def test_a_mail_carries_the_status_page_and_the_page_says_what_they_were_told(
    world: World,
) -> None:
    await world.write()
    (url,) = links(world)

    page = await get(url)

    assert page.status_code == 200
    check_page(page.text)
    assert '<html lang="el">' in page.text
    assert "βρήκαμε την αιτία" in page.text
    assert "Σε εξέλιξη" in page.text
    assert "ώρα Ελλάδας" in page.text
    assert "Eleni" in page.text


async def test_a_customer_elsewhere_is_told_times_of_their_own_and_whom_to_call(
    world: World,
) -> None:
    desk = world.here.services
    async with desk.database.write() as session:
        account = await session.get(Account, "aegean-ferries")
        assert account is not None
        account.timezone = "America/New_York"
        session.add(account)
    desk.policy = replace(
        desk.policy, customer_phone="+30 210 123 4567", customer_company="Northwind Support"
    )
    await world.write()
    case = await desk.reading.case(1, ELENI)
    promise = case.sent[-1].next_update_at
    assert promise is not None

    page = await get(f"{links(world)[0]}?lang=en")

    assert f"{promise.astimezone(ZoneInfo('America/New_York')):%H:%M}" in page.text
    assert "Or call us: +30 210 123 4567" in page.text
    assert '<span class="company">Northwind Support</span>' in page.text
    check_page(page.text)


async def test_nothing_internal_is_on_the_page(world: World) -> None:
    await world.write()
    await world.do(TOMAS, "status", case=1, standing="blocked", remark="SECRET-HOST is down")
    await world.do(ELENI, "action_item", case=1, title="SECRET-TASK", type="process",
                   owner=MAYA, due="2099-01-01")  # fmt: skip
    text = (await get(links(world)[0])).text

    for word in ("SECRET", "No tickets", "SEV2", "U0ELENI", "410", "Tomas", "technical"):
        assert word not in text


@pytest.mark.parametrize("language", ["en", "el"])
async def test_the_reader_may_choose_the_language(world: World, language: str) -> None:
    await world.write()
    page = await get(f"{links(world)[0]}?lang={language}")
    assert f'<html lang="{language}">' in page.text
    check_page(page.text)


async def test_the_browser_is_told_to_let_nothing_in_and_nobody_index_it(world: World) -> None:
    await world.write()
    headers = (await get(links(world)[0])).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "noindex" in headers["x-robots-tag"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    assert "private" in headers["cache-control"]


async def test_a_page_that_did_not_change_is_not_sent_again(world: World) -> None:
    await world.write()
    (url,) = links(world)
    first = await get(url)
    again = await get(url, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_an_altered_link_says_what_helps(world: World) -> None:
    await world.write()
    (url,) = links(world)
    altered = [url[:-1] + ("a" if url[-1] != "a" else "b"), url[:-3], url + "a",
               url.replace("/c/v", "/c/s"), url.rpartition("/")[0] + "/../../etc/passwd",
               url.rpartition("/")[0] + "/" + "9" * 3000]  # fmt: skip
    for each in altered:
        page = await get(each)
        assert page.status_code == 404
        if "/c/" in str(page.url):
            check_page(page.text)
            assert "no longer works" in page.text
    greek = await get(altered[0], **{"Accept-Language": "fr-FR, el-GR;q=0.9, en;q=0.8"})
    assert '<html lang="el">' in greek.text, "what the browser reads, as no case is known"


async def test_a_link_ends_with_its_time_and_when_it_is_taken_back(world: World) -> None:
    await world.write()
    (url,) = links(world)
    await world.do(MAYA, "revoke_status", case=1)
    # what is in memory may be shown for a few seconds more, so another address of the same page
    assert (await get(url + "?lang=el")).status_code == 404

    await world.do(MAYA, "share_status", case=1)
    new = LINK.findall(world.dms(MAYA))[-1]
    assert new != url
    assert (await get(new)).status_code == 200
    await world.here.workspace.clock.advance(timedelta(days=91))
    assert (await get(new + "?lang=en")).status_code == 404


async def test_a_restricted_case_shows_nothing_unless_a_manager_says_so(world: World) -> None:
    await world.write()
    (url,) = links(world)
    async with world.here.services.database.write() as session:
        case = await session.get(Case, 1)
        assert case is not None
        case.sensitive = True
        session.add(case)
    assert (await get(url)).status_code == 404

    await world.do(MAYA, "share_status", case=1, allow=True)
    assert "Only an escalation manager can share its page" in world.dms(MAYA)
    assert (await get(url + "?lang=en")).status_code == 404
    await world.do(ELENI, "share_status", case=1, allow=True)
    assert (await get(LINK.findall(world.dms(ELENI))[-1] + "?lang=el")).status_code == 200


async def test_a_pulse_comes_after_a_week_in_the_morning(world: World) -> None:
    await world.write()
    (asking,) = await rows(world, Asking)
    local = asking.pulse_at.astimezone(ATHENS)
    assert (local.hour, local.minute) == (10, 0)
    days = (asking.pulse_at - world.here.workspace.clock.now()) / timedelta(days=1)
    assert 6 < days < 8


async def test_a_form_of_address_that_offers_money_is_not_mailed_by_itself(world: World) -> None:
    async with world.here.services.database.write() as session:
        case = await session.get(Case, 1)
        assert case is not None
        account = await session.get(Account, case.account_key)
        assert account is not None
        account.greeting = "Κατερίνα, σας επιστρέφουμε 500 ευρώ"
        account.language, account.contact_name = case.language, case.contact_name
        session.add(account)
    await world.write()
    before = len(world.box.mails)
    await world.here.workspace.clock.advance(timedelta(days=8))
    await world.here.settle()
    assert "pulse" in [r.kind for r in await rows(world, CustomerLink)]
    asked = [mail for mail in world.box.mails[before:] if mail["Auto-Submitted"]]
    assert asked == []


async def test_a_sev1_is_asked_every_day(world: World) -> None:
    await world.do(MAYA, "severity", case=1, severity=1, reason="worse")
    await world.write()
    (asking,) = await rows(world, Asking)
    assert asking.pulse_at - world.here.workspace.clock.now() < timedelta(hours=40)


async def test_a_missed_update_is_followed_by_a_question_and_a_brief(world: World) -> None:
    await world.write()
    await world.here.workspace.clock.advance(timedelta(hours=8))
    await world.here.settle()

    kinds = [r.kind for r in await rows(world, CustomerLink)]
    assert kinds.count("pulse") == 1
    pulse = world.box.mails[-1]
    assert pulse["Auto-Submitted"] == "auto-generated"
    assert "μια υπόσχεση δεν τηρήθηκε, τηλεφωνήστε στον πελάτη" in world.dms(ELENI)
    assert "έως 1.000\N{NO-BREAK SPACE}€" in world.dms(ELENI)


async def test_the_conversation_is_recorded_once_and_one_that_failed_is_still_owed(
    world: World,
) -> None:
    await world.write()
    await world.here.workspace.clock.advance(timedelta(hours=8))
    await world.do(ELENI, "breach_talk", case=1, talk=1, way="not_reached", outcome="No answer")
    await world.do(
        ELENI, "breach_talk", case=1, talk=1, way="call", outcome="She lost a day",
        offered="A month",
    )  # fmt: skip
    await world.do(ELENI, "breach_talk", case=1, talk=1, way="call", outcome="Twice")

    assert "did not reach the customer" in world.posts()
    assert "talked to the customer about the broken promise" in world.posts()
    assert "She lost a day" in world.posts()
    assert "έχει ήδη καταγραφεί" in world.dms(ELENI)


async def test_a_survey_comes_a_business_day_later_and_is_repeated_once(world: World) -> None:
    await world.write()
    await resolved(world)
    await world.do(MAYA, "confirm", case=1, party="customer", comfortable=True)
    (asking,) = await rows(world, Asking)
    assert asking.pulse_at is None
    at: datetime = asking.survey_at.astimezone(ATHENS)
    assert at.weekday() < 5
    before = len(world.box.raw)
    await world.here.workspace.clock.advance(timedelta(days=30))
    await world.here.settle()
    assert len(world.box.raw) - before == 2
    assert len([r for r in await rows(world, CustomerLink) if r.kind == "survey"]) == 1


async def test_an_answer_is_taken_told_and_may_be_changed(world: World) -> None:
    url = await surveyed(world)
    form = await get(url)
    check_page(form.text)
    assert form.text.count('type="radio"') == 10

    answer = await post(url, score="5", effort="1", comment="Μπράβο <script>")
    await world.here.settle()
    assert answer.status_code == 303
    done = await get(f"{url}{answer.headers['location']}")
    check_page(done.text)
    assert "Σας ευχαριστούμε" in done.text
    assert "5 of 5" in world.posts()
    assert "Μπράβο &lt;script&gt;" in world.posts()

    await post(url, score="5", effort="1", comment="Μπράβο <script>")
    await post(url, score="4", effort="2", comment="")
    await world.here.settle()
    (link,) = [r for r in await rows(world, CustomerLink) if r.kind == "survey"]
    assert (link.score, link.effort, link.comment, link.changes) == (4, 2, "", 1)
    assert 'id="score-4" name="score" value="4" checked' in (await get(url)).text
    verbs = [e.verb for e in await rows(world, TimelineEvent)]
    assert verbs.count("answered_survey") == 2
    case = await world.here.services.reading.case(1, ELENI)
    assert [o.score for o in case.opinions if o.kind == "survey"] == [4]


async def test_an_answer_that_is_changed_again_and_again_is_one_post(world: World) -> None:
    url = await surveyed(world)
    for number in range(PER_LINK - 7):
        await post(url, score="5", effort="1", comment=f"Σχόλιο {number}")
        await world.here.settle()

    assert world.posts().count("the customer changed their answer") == 1
    assert "the customer answered" not in world.posts()
    assert f"Σχόλιο {PER_LINK - 8}" in world.posts()
    assert "Σχόλιο 0" not in world.posts()


async def test_an_unhappy_answer_is_one_task_for_the_owner_and_offers_to_reopen(
    world: World,
) -> None:
    url = await surveyed(world)
    await post(url, score="1", effort="5", comment="Δεν λύθηκε")
    await post(url, score="2", effort="5", comment="Δεν λύθηκε")
    await world.here.settle()

    (task,) = await rows(world, ActionItem)
    assert task.owner == ELENI
    answered = world.here.workspace.clock.now()
    office = world.here.services.policy.calendars["business"]
    assert task.due == office.business_day_close(answered, 1).astimezone(ATHENS).date()
    assert "δυσαρέσκεια" in world.dms(ELENI)
    asked = [r for r in await rows(world, Outbox)
             if r.payload.get("text") == "notice:customer_answered"]  # fmt: skip
    assert all(r.payload["extra"]["low"] for r in asked)
    assert "Θα σας τηλεφωνήσουμε" in (await get(f"{url}?done=1")).text


@pytest.mark.parametrize(
    "fields",
    [{}, {"score": "0"}, {"score": "6"}, {"score": "five"}, {"score": "٣"}, {"score": "3 "},
     {"score": "3", "effort": "9"}, {"comment": "only words"}],
)  # fmt: skip
async def test_nonsense_is_asked_again_with_what_was_written(
    world: World, fields: dict[str, str]
) -> None:
    url = await surveyed(world)
    page = await post(url, **fields)
    assert page.status_code == 422
    check_page(page.text)
    assert 'role="alert"' in page.text
    assert fields.get("comment", "") in page.text
    (link,) = [r for r in await rows(world, CustomerLink) if r.kind == "survey"]
    assert link.answered_at is None


async def test_a_status_link_answers_nothing_and_a_long_form_is_refused(world: World) -> None:
    await world.write()
    (url,) = links(world)
    assert (await post(url, score="1")).status_code == 404
    assert (await post(url, comment="x" * 20_000)).status_code == 413


async def test_too_many_requests_are_told_to_wait(world: World) -> None:
    await world.write()
    (url,) = links(world)
    async with httpx.AsyncClient() as client:
        asked = [client.get(url) for _ in range(PER_LINK + 20)]
        answers = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert set(answers) == {200, 429}


def test_patience_returns_with_time() -> None:
    now = [0.0]
    throttle = Throttle(2, lambda: now[0])
    assert [throttle.allows("a") for _ in range(3)] == [True, True, False]
    assert throttle.allows("b")
    now[0] = 30.0
    assert [throttle.allows("a") for _ in range(2)] == [True, False]


def test_a_token_is_good_for_one_purpose_and_one_key() -> None:
    until = datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC"))
    signer, other = Signer(b"a" * 32), Signer(b"b" * 32)
    token = signer.link(LinkClaim(LinkKind.SURVEY, 7, until))
    assert signer.read_link(token) == LinkClaim(LinkKind.SURVEY, 7, until)
    for bad in (token.replace("s7", "s8"), token.replace("s7", "p7"), token.upper(), token + "\n"):
        with pytest.raises(BadTokenError):
            signer.read_link(bad)
    with pytest.raises(BadTokenError):
        other.read_link(token)


def test_what_an_earlier_key_signed_is_accepted_and_the_newest_signs() -> None:
    until = datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC"))
    claim = LinkClaim(LinkKind.STATUS, 7, until)
    old, new = Signer(b"a" * 32), Signer(b"b" * 32)
    both = Signer(b"b" * 32, b"a" * 32)

    assert both.link(claim) == new.link(claim) != old.link(claim)
    for signer in (old, new):
        assert both.read_link(signer.link(claim)) == claim
        assert both.read_reply_tag(signer.reply_tag(7)) == ReplyClaim(7, signed=True)
        assert both.read_receipt_tag(signer.receipt_tag(7)) == 7
    with pytest.raises(BadTokenError):
        both.read_link(Signer(b"c" * 32).link(claim))
