"""What is in the logs: one thread from Slack's delivery to the last effect, and no words."""

import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import col, select

from bot.engine import delivery
from bot.secret_files import is_secret
from bot.settings import Settings
from cli.logs import configure_logs
from storage.models import Inbox, Outbox
from tests.e2e.office import ELENI, MAYA, SUPPORT, TOMAS, Office, office
from tests.ports import free_port

WORDS = "Μυστικό-ξ7q9"  # a customer's; in everything that anybody writes here
TICKET = "https://tickets.example/q7x9"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    """An office whose logs are written."""
    async with office(tmp_path, http=True) as made:
        yield made


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines that were logged, read."""
    out = io.StringIO()
    configure_logs("INFO", out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    configure_logs("CRITICAL", sys.__stderr__)


async def whole_story(desk: Office) -> int:
    """From the command to the end, each text with the customer's words in it. The case."""
    number = await desk.escalate(
        customer=f"{WORDS} AE", stake=f"{WORDS} stands still", ticket_url=TICKET
    )
    card = desk.card(number)
    await desk.press(ELENI, card, "do:claim")
    here = desk.channel(number).id
    await desk.command(ELENI, f"note {WORDS} said on the phone", here)
    await desk.pass_time(timedelta(hours=2))
    steps = (
        (MAYA, "update", {"kind": "acknowledgement", "text": f"Dear {WORDS}", "recipient": WORDS}),
        (ELENI, "ask_executive", {"user": "U0SOFIA", "question": f"{WORDS}?"}),
        (ELENI, "action_item", {"title": f"{WORDS} watches", "owner": TOMAS}),
        (ELENI, "hold", {"reason": "waiting_customer", "note": WORDS}),
        (ELENI, "resume", {}),
        (ELENI, "resolve", {"note": WORDS, "text": f"Dear {WORDS}", "recipient": WORDS}),
        (TOMAS, "confirm", {"party": "technical_lead", "note": WORDS}),
        (MAYA, "confirm", {"party": "customer", "words": WORDS, "note": WORDS}),
        (ELENI, "postmortem_held", {"root_cause": WORDS, "better": WORDS}),
        (ELENI, "close", {"note": WORDS}),
    )
    for who, verb, fields in steps:
        await desk.wants(who, verb, fields | {"case": number})
        await desk.here.settle()
    return number


async def accidents(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults of ours whose messages quote what somebody wrote."""
    taken = delivery.Delivery.call
    left = iter([ValueError(f"cannot read {WORDS}"), KeyError(WORDS)])

    async def call(self: Any, method: str, **arguments: Any) -> Any:
        if (fault := next(left, None)) is not None:
            raise fault
        return await taken(self, method, **arguments)

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "BACKOFF_FIRST", 0.01)
        patched.setattr(delivery.Delivery, "call", call)
        await desk.stage("new", stake=WORDS)
    with monkeypatch.context() as patched:

        async def broken(*_: Any) -> None:
            raise RuntimeError(f"no such thing as {WORDS}")

        patched.setattr(desk.here.services, "person", broken)
        await desk.here.people.command(MAYA, SUPPORT, f"/escalate {WORDS} nonsense?")
        desk.here.services.background(broken(), "broken")
    logging.getLogger("library").error("cannot parse %r", WORDS)
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("library").exception("oh %s", WORDS)


async def test_no_secret_and_no_words_of_a_customer_are_logged(
    desk: Office, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await whole_story(desk)
    await accidents(desk, monkeypatch)
    lines = written()

    assert len(lines) > 50
    assert {"delivery_accepted", "delivered", "delivery_failed", "reminder_queued"} <= {
        line["event"] for line in lines
    }
    for line in lines:
        assert {"event", "level", "timestamp"} <= line.keys()
    text = json.dumps(lines, ensure_ascii=False)
    app = next(iter(desk.ws.apps.values()))
    for secret in (
        WORDS, ascii(WORDS)[1:-1], TICKET, app.bot_token, app.app_token, app.signing_secret,
        "hooks", "Blue Harbour", "maya@",
    ):  # fmt: skip
        assert secret not in text, [line for line in lines if secret in str(line)][:3]
    failed = next(line for line in lines if line["event"] == "delivery_failed")
    assert "ValueError" in failed["exception"]
    assert "test_logs.py" in failed["exception"]


def read_database(folder: Path) -> bytes:
    """Every byte of the database's files."""
    return b"".join(file.read_bytes() for file in sorted(folder.glob("desk.db*")))


async def test_no_secret_is_in_the_database(tmp_path: Path) -> None:
    outside = {
        "public_url": f"http://127.0.0.1:{free_port()}",
        "smtp_host": "127.0.0.1",
        "mail_from": "Northwind <help@northwind.example>",
        "smtp_password": "smtp-q7x9",
        "inbound_secret": "inbound-q7x9-and-more-of-it",
        "metrics_token": "metrics-q7x9-and-more-of-it",
    }
    async with office(tmp_path, http=True, **outside) as desk:
        await whole_story(desk)
        app = next(iter(desk.ws.apps.values()))
        given = {name for name in outside if is_secret(name, Settings.model_fields)}
        secrets = {app.bot_token, app.app_token, app.signing_secret, app.verification_token}
        secrets |= {outside[name] for name in given}
    assert len(secrets) == 7
    kept = read_database(tmp_path)
    assert WORDS.encode() in kept  # it is looked at where it would be
    assert [each for each in secrets if str(each).encode() in kept] == []


async def test_one_reference_leads_from_the_delivery_to_the_last_effect(
    desk: Office, written: Any
) -> None:
    number = await whole_story(desk)
    lines = written()
    async with desk.here.services.database.read() as session:
        asked = (await session.exec(select(Inbox).order_by(col(Inbox.id)))).all()
        rows = (await session.exec(select(Outbox).order_by(col(Outbox.id)))).all()
    accepted = {li["correlation"]: li for li in lines if li["event"] == "delivery_accepted"}
    by_time = ("reminder_queued", "due_done")
    reminded = {li["correlation"] for li in lines if li["event"] in by_time}
    told = [line for line in lines if line["event"] == "delivered"]
    delivered = {(row, line["correlation"]) for line in told for row in line["outbox"]}
    carried_out = {line["correlation"] for line in lines if line["event"] == "carried_out"}

    assert {row.correlation: row.key for row in asked} == {
        reference: line["key"] for reference, line in accepted.items()
    }
    assert carried_out == accepted.keys()
    assert len(told) <= len(rows) / 2, "one line tells of all that a request shows"
    opening = next(row.correlation for row in asked if row.verb == "open_case")
    assert {"create_channel", "card", "pin"} <= {r.kind for r in rows if r.correlation == opening}
    for row in rows:
        assert row.correlation, row.kind
        assert (row.id, row.correlation) in delivered, row.kind
        if row.case_number == number:
            assert row.correlation in accepted.keys() | reminded, row.kind
