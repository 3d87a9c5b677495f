"""Any text at every door by HTTP and from the terminal, with the right proof where there is one."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from email.header import Header
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from app import app
from bot.mail.receive import inbound_signature
from bot.rules.reviews.podium import podium_signature
from bot.rules.webhook.signature import make_signature
from bot.settings import Settings
from cli.failures import say_failure
from cli.workspace.local import demo_policy
from handlers.http import throttle
from tests.bot.paging import double as pagers
from tests.e2e.any_text import (
    Line,
    assert_only_text,
    live_in_page,
    texts,
    tries,
)
from tests.e2e.office import Office, office
from tests.e2e.test_malformed import places, put
from tests.helpdesk.helpscout import HelpScoutDouble
from tests.helpdesk.intercom import IntercomDouble
from tests.helpdesk.zendesk import ZendeskDouble
from tests.mail.server import mail_server
from tests.mail.test_request_form import TICKET
from tests.ports import free_port
from tests.tracker.jira import JiraDouble

IN_LOOP = pytest.mark.asyncio(loop_scope="module")

SECRET = "a-secret-of-the-tests-0123456789"
INTAKE, CONTACT = "escalations@northwind.example", "k.dimou@aegean-ferries.example"
TRIAGE = "C0TRIAGE"
DESKS = (ZendeskDouble(), HelpScoutDouble(), IntercomDouble())
JIRA = JiraDouble()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The office with every door by HTTP open, and no limit on how often one knocks."""
    outside: dict[str, Any] = {
        "public_url": f"http://127.0.0.1:{free_port()}", "public_form": "true",
        "smtp_host": "127.0.0.1", "smtp_tls": "none",
        "mail_from": "Northwind Support <help@northwind.example>", "mail_inbound_secret": SECRET,
        "mail_authserv_id": "mx.northwind.example", "mail_intake_address": INTAKE,
        "intake_secrets": f"shop={SECRET}", "podium_webhook_secret": SECRET,
    }  # fmt: skip
    policy = demo_policy()
    policy = replace(policy, triage=replace(policy.triage, channel=TRIAGE))
    async with AsyncExitStack() as stack:
        outside["smtp_port"] = stack.enter_context(mail_server()).port
        for each in (*DESKS, JIRA, pagers.PagerDouble()):
            outside |= each.settings(await stack.enter_async_context(each.running()))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(throttle.Throttle, "allows", lambda *_: True)
        folder = Path(tmp_path_factory.mktemp("any"))
        here = await stack.enter_async_context(office(folder, http=True, policy=policy, **outside))
        here.ws.channels[TRIAGE].members[here.bot] = None
        await here.stage("investigating")
        yield here


@pytest_asyncio.fixture(loop_scope="module")
async def web(desk: Office) -> AsyncIterator[httpx.AsyncClient]:
    """What reaches the app from outside."""
    async with httpx.AsyncClient(base_url=desk.here.web_url, timeout=60, trust_env=False) as client:
        yield client


@IN_LOOP
@tries(25)
@given(data=st.data())
async def test_any_words_in_the_public_form_come_back_as_words(
    desk: Office, web: httpx.AsyncClient, logged: list[Line], data: st.DataObject
) -> None:
    ticket = TICKET.search((await web.get("/f/")).text)
    assert ticket
    names = ("name", "phone", "text", "company", "email", "impact", "reference", "lang", "ticket")
    fields = {name: "\"'><b class=evil>" + data.draw(texts(), name) for name in names}
    usual = {"ticket": ticket[1], "email": "eve@gmail.com", "impact": "stopped"}
    fields |= usual if data.draw(st.booleans()) else {}
    answer = await web.post("/f/", data=fields)
    assert answer.status_code in {303, 422, 429}
    assert live_in_page(answer.text) == []
    await desk.here.settle()
    assert_only_text(desk, logged)


def one_changed(body: Any, data: st.DataObject) -> bytes:
    """A valid body with one part of it replaced by text; sometimes text alone."""
    where = data.draw(st.sampled_from(list(places(body))))
    changed = put(body, where, data.draw(st.one_of(texts(), st.integers(), st.none())))
    return json.dumps(changed).encode()


@IN_LOOP
@tries(40)
@given(data=st.data())
async def test_any_words_in_a_report_of_a_program_stay_words(
    desk: Office, web: httpx.AsyncClient, logged: list[Line], data: st.DataObject
) -> None:
    words = {name: data.draw(texts(), name) for name in ("text", "customer", "account", "thread")}
    words["text"] = words["text"] or "x"
    contact = {"name": data.draw(texts()), "phone": data.draw(texts(1)), "email": CONTACT}
    report = {"key": secrets.token_hex(8), **words, "contact": contact,
              "details": {"note": data.draw(texts())}}  # fmt: skip
    raw = one_changed(report, data) if data.draw(st.booleans()) else json.dumps(report).encode()
    stamp, nonce = str(int(time.time())), secrets.token_hex(16)
    made = make_signature(SECRET, stamp, nonce, raw)
    headers = {"X-Desk-Timestamp": stamp, "X-Desk-Nonce": nonce, "X-Desk-Signature": made}
    answer = await web.post("/intake/shop", content=raw, headers=headers)
    assert answer.status_code in {200, 202, 400, 422}
    assert answer.json().get("reference") or answer.json()["message"]
    await desk.here.settle()
    assert_only_text(desk, logged)


def mail_of(data: st.DataObject) -> bytes:
    """A mail with text in its headers, raw or encoded, in its body, and in an attachment's name."""

    def head(name: str, text: str) -> str:
        line = " ".join(text.split()) or "x"
        return f"{name}: {Header(line, 'utf-8').encode() if data.draw(st.booleans()) else line}"

    name = " ".join(data.draw(texts()).split()).replace('"', "")
    kind = data.draw(st.sampled_from(["plain", "html"]))
    attached = " ".join(data.draw(texts(2)).split()).replace('"', "")
    lines = [
        f'From: "{name}" <{CONTACT}>', f"To: {INTAKE}", head("Subject", data.draw(texts())),
        f"Message-ID: <{secrets.token_hex(8)}@aegean-ferries.example>",
        "Authentication-Results: mx.northwind.example; dmarc=pass", "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="evil"', "", "--evil",
        f"Content-Type: text/{kind}; charset=utf-8", "", data.draw(texts(6)), "", "--evil",
        "Content-Type: application/octet-stream",
        f'Content-Disposition: attachment; filename="{attached}"', "", "x", "--evil--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


@IN_LOOP
@tries(30)
@given(data=st.data())
async def test_any_words_in_a_mail_stay_words(
    desk: Office, web: httpx.AsyncClient, logged: list[Line], data: st.DataObject
) -> None:
    raw, stamp = mail_of(data), str(int(time.time()))
    signature = inbound_signature(SECRET, stamp, raw)
    headers = {"X-Desk-Timestamp": stamp, "X-Desk-Signature": signature}
    answer = await web.post("/mail/inbound", content=raw, headers=headers)
    assert answer.status_code in {200, 400}
    await desk.here.settle()
    assert_only_text(desk, logged)


def webhook(name: str, data: st.DataObject) -> tuple[str, bytes, dict[str, str]]:
    """Path, body and headers of a webhook with text in it, signed by its secret."""
    if name == "podium":
        said = {"uid": secrets.token_hex(4), "author": {"id": "7", "name": data.draw(texts())},
                "locations": [{"uid": "l1"}], "createdAt": "2027-02-01T10:00:00Z",
                "updatedAt": "2027-02-01T10:00:00Z", "responses": [],
                "review": {"body": data.draw(texts()), "rating": 1, "siteName": "Google",
                           "url": "https://maps.example/r1"}}  # fmt: skip
        whole = {"data": said, "metadata": {"eventType": "review.created"}}
        raw = one_changed(whole, data) if data.draw(st.booleans()) else json.dumps(whole).encode()
        stamp = str(int(time.time() * 1000))
        signed = podium_signature(SECRET, stamp, raw)
        return "/intake/podium", raw, {"podium-timestamp": stamp, "podium-signature": signed}
    if name == "pagerduty":
        raw = one_changed(json.loads(pagers.pagerduty_event("ESC-1.acknowledge.1.0")), data)
        return "/pager/pagerduty", raw, {"x-pagerduty-signature": pagers.sign_event(raw)}
    if name == "jira":
        issue = JIRA.body_of(JIRA.issues["PAY-77"])
        raw = one_changed(
            {"webhookEvent": "jira:issue_updated", "timestamp": 1, "issue": issue}, data
        )
        return "/tracker/jira", raw, JIRA.signed(raw, "jira:issue_updated")
    found = next(each for each in DESKS if each.name == name)
    raw = one_changed(EVENTS[name], data)
    return f"/helpdesk/{name}", raw, found.signed(raw, "convo.customer.reply.created")


EVENTS: dict[str, Any] = {
    "zendesk": {
        "type": "zen:event-type:ticket.comment_added", "account_id": 1, "id": "event-1",
        "time": "2027-02-08T07:00:00Z", "zendesk_event_version": "2022-11-06",
        "subject": "zen:ticket:5", "detail": {"id": "5", "status": "OPEN"},
        "event": {"comment": {"id": "1", "body": "x", "is_public": True,
                              "author": {"id": "22", "is_staff": False, "name": "x"}}},
    },
    "helpscout": {"id": 5, "number": 5, "subject": "x", "status": "active",
                  "primaryCustomer": {"id": 1, "email": CONTACT}},
    "intercom": {
        "type": "notification_event", "app_id": "abc123", "id": "notif_1",
        "topic": "conversation.user.replied",
        "data": {"type": "notification_event_data", "item": {"type": "conversation", "id": "5"}},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ["podium", "pagerduty", "jira", *EVENTS])
@IN_LOOP
@tries(12)
@given(data=st.data())
async def test_any_words_in_a_signed_webhook_stay_words(
    desk: Office, web: httpx.AsyncClient, logged: list[Line], name: str, data: st.DataObject
) -> None:
    path, raw, headers = webhook(name, data)
    answer = await web.post(path, content=raw, headers=headers)
    assert answer.status_code in {200, 400}
    assert answer.json()["outcome"] != "unsigned"
    await desk.here.settle()
    assert_only_text(desk, logged)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder with a store, and the settings that name it."""
    folder = Path(tmp_path_factory.mktemp("terminal"))
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        patch.setenv("DATABASE_URL", f"sqlite:///{folder}/desk.db")
        patch.chdir(folder)
        assert run("migrate").exit_code == 0
        yield folder


def run(*arguments: str) -> Any:
    """A command; where it ends with an error, there is a sentence for that."""
    done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        assert say_failure(done.exception), repr(done.exception)
    assert "Traceback" not in done.output
    return done


@tries(4)
@given(who=texts(2), also=texts(2), file=texts(1))
def test_any_argument_of_a_command_is_answered(
    terminal: Path, who: str, also: str, file: str
) -> None:
    for arguments in (
        ("erase", "person", f"--also={also}", "--", who),
        ("erase", "account", "--", who),
        ("erase", "person", "--apply", f"--confirm={also}", "--", who),
        ("retention", who),
        ("export", "--", who),
        ("export", "7", f"--folder={file}"),
        ("access", f"--person={who}"),
        ("audit", "verify", f"--head={file}"),
    ):
        assert run(*arguments).exit_code in {0, 1, 2}, arguments


@tries(12)
@given(data=st.data())
def test_any_file_of_accounts_is_taken_or_refused_with_the_line(
    terminal: Path, data: st.DataObject
) -> None:
    heads = ["key", "name", "segment", "csm", "language", "timezone", "aliases", "annual_value"]
    rows = data.draw(st.lists(st.lists(texts(2), min_size=1, max_size=8), max_size=3))
    mark = data.draw(st.sampled_from(",;\t"))
    lines = [heads, *([f"k{n}", *row] for n, row in enumerate(rows))]
    quoted = [mark.join('"' + c.replace('"', '""') + '"' for c in line) for line in lines]
    file = terminal / "accounts.csv"
    content = "\n".join(quoted) if data.draw(st.booleans()) else "\n".join(map(mark.join, lines))
    file.write_text(content, encoding="utf-8")
    done = run("accounts", "import", str(file))
    assert done.exit_code in {0, 1, 2}
    assert done.exit_code == 0 or done.exception is not None
