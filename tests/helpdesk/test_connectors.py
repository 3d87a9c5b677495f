"""The connectors against their doubles, without the app: what is asked, and how it is judged."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from cli.configured import connectors
from messages.clients.helpdesks import Away, Connector, Event, Limited, Refused, Reply
from messages.clients.helpdesks.http import as_html
from tests.helpdesk.conftest import DOUBLES, HEARD, Desk
from tests.helpdesk.helpscout import HelpScoutDouble
from tests.helpdesk.zendesk import ZendeskDouble

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TEXT = "Dear <Eleni> & all,\n\nit works.\nReally."
REPLY = Reply("5", TEXT, "ESC-7-1", "Reference ESC-7-1")


@pytest.fixture
async def connector(double: Desk) -> AsyncIterator[Connector]:
    """As the settings make it."""
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        yield made
        await made.close()


def only(name: str, double: Desk) -> bool:
    """Whether this run is about that help desk."""
    return double.name == name


async def test_a_reply_is_written_as_html_that_shows_what_was_written(
    connector: Connector, double: Desk
) -> None:
    assert await connector.reply(REPLY)
    (said,) = double.replies()
    assert said.startswith("Dear <Eleni> & all,\n\nit works.\nReally.")
    assert ("Reference ESC-7-1" in said) is not only("zendesk", double)  # which keeps it unseen


async def test_a_repeat_adopts_what_an_earlier_try_wrote(
    connector: Connector, double: Desk
) -> None:
    double.faults = ["lost"]
    with pytest.raises(Away):
        await connector.reply(REPLY)
    found = await connector.reply(REPLY, again=True)
    again = await connector.reply(REPLY, again=True)
    assert found == again
    assert len(double.replies()) == 1


async def test_a_repeat_is_not_mistaken_for_another_reply_with_the_same_words(
    connector: Connector, double: Desk
) -> None:
    first = await connector.reply(REPLY)
    longer = Reply("5", TEXT, "ESC-7-12", "Reference ESC-7-12")
    second = await connector.reply(longer, again=True)
    assert first != second
    assert await connector.reply(REPLY, again=True) == first
    assert len(double.replies()) == 2


async def test_a_reply_far_back_is_found_page_by_page(connector: Connector, double: Desk) -> None:
    found = await connector.reply(REPLY)
    double.page = 2
    for number in range(5):
        await double.customer_writes(f"{HEARD} {number}")
    assert await connector.reply(REPLY, again=True) == found
    entries = await connector.entries("5", LONG_AGO)
    assert [entry.customer for entry in entries] == [False, *[True] * 5]
    assert [entry.text for entry in entries[1:]] == [f"{HEARD} {n}" for n in range(5)]


async def test_what_is_too_long_to_be_looked_through_is_not_written_to_again(
    connector: Connector, double: Desk
) -> None:
    double.page = 1
    for number in range(61):
        await double.customer_writes(str(number))
    with pytest.raises(Refused, match="too long"):
        await connector.reply(REPLY, again=True)
    assert double.replies() == []


async def test_a_first_try_that_lands_late_makes_the_repeat_collide_and_look_again(
    connector: Connector, double: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not isinstance(double, ZendeskDouble):
        return  # the others offer nothing like it
    late = {"body": TEXT, "public": True}
    audits = double._audits

    async def landing(*given: Any) -> Any:
        answer = await audits(*given)
        if not double.replies():
            await double._written(5, 11, late, {"escalation_desk": REPLY.mark})
        return answer

    monkeypatch.setattr(double, "_audits", landing)
    async with double.running() as url:
        (ours,) = connectors(Settings(**double.settings(url)))
        with pytest.raises(Away, match="409"):
            await ours.reply(REPLY, again=True)
        assert await ours.reply(REPLY, again=True)
        await ours.close()
    assert len(double.replies()) == 1


async def test_whose_ticket_it_is_can_be_asked(connector: Connector, double: Desk) -> None:
    double.requester = "somebody@else.example"
    assert await connector.requester("5") == "somebody@else.example"
    with pytest.raises(Refused):
        await connector.requester("99")


async def test_only_public_words_since_then_are_read(connector: Connector, double: Desk) -> None:
    double.now = lambda: datetime(2027, 2, 8, 9, 0, tzinfo=UTC)
    await double.customer_writes("before")
    double.now = lambda: datetime(2027, 2, 8, 10, 0, tzinfo=UTC)
    await double.customer_writes(HEARD)
    await double.colleague_writes("among us", public=False)
    await double.colleague_writes("from us")
    entries = await connector.entries("5", datetime(2027, 2, 8, 9, 30, tzinfo=UTC))
    assert [(e.text, e.customer) for e in entries] == [(HEARD, True), ("from us", False)]


async def test_a_limit_says_how_long(connector: Connector, double: Desk) -> None:
    await connector.check()
    double.limited = 1
    with pytest.raises(Limited) as limited:
        await connector.reply(REPLY)
    assert limited.value.seconds == 1
    assert double.replies() == []


async def test_a_ticket_that_is_not_there_is_refused(connector: Connector, double: Desk) -> None:
    with pytest.raises(Refused, match="404"):
        await connector.reply(Reply("4711", TEXT, "ESC-7-1", "x"))
    with pytest.raises(Refused, match="404"):
        await connector.entries("4711", LONG_AGO)


async def test_an_ended_ticket_is_refused_with_what_was_said(
    connector: Connector, double: Desk
) -> None:
    double.end()
    with pytest.raises(Refused, match=r"closed prevents|deleted"):
        await connector.reply(REPLY)


async def test_wrong_credentials_are_somebodys_to_mend(double: Desk) -> None:
    async with double.running() as url:
        wrong = {
            key: "wrong" if key.endswith(("api_token", "app_secret")) else value
            for key, value in double.settings(url).items()
        }
        (made,) = connectors(Settings(**wrong))
        with pytest.raises(Away, match="401"):
            await made.reply(REPLY)
        await made.close()
    assert double.replies() == []


async def test_nobody_there_is_away() -> None:
    for double in (kind() for kind in DOUBLES.values()):
        (made,) = connectors(Settings(**double.settings("http://127.0.0.1:9")))
        with pytest.raises(Away):
            await made.reply(REPLY)
        await made.close()


async def test_a_token_that_ended_early_is_renewed_once() -> None:
    double = HelpScoutDouble()
    async with double.running() as url:
        (made,) = connectors(Settings(**double.settings(url)))
        await made.reply(REPLY)
        double.expire()
        await made.entries("5", LONG_AGO)
        await made.close()
    assert double.tokens == 2
    assert len(double.replies()) == 1


@pytest.mark.parametrize(
    ("url", "ticket"),
    [
        ("https://northwind.zendesk.com/agent/tickets/123", ("zendesk", "123")),
        ("https://Northwind.zendesk.com/hc/en-us/requests/123?page=1", ("zendesk", "123")),
        ("https://northwind.zendesk.com/requests/123/", ("zendesk", "123")),
        ("https://northwind.zendesk.com.evil.example/agent/tickets/123", None),
        ("https://other.zendesk.com/agent/tickets/123", None),
        ("https://northwind.zendesk.com/agent/users/123", None),
        ("https://northwind.zendesk.com/agent/tickets/123abc", None),
        ("https://secure.helpscout.net/conversation/291938/349/", ("helpscout", "291938")),
        ("https://secure.helpscout.net/conversation/291938", ("helpscout", "291938")),
        ("https://secure.helpscout.net.evil.example/conversation/1", None),
        ("https://secure.helpscout.net/mailbox/1", None),
        ("https://app.intercom.com/a/inbox/abc/inbox/conversation/17", ("intercom", "17")),
        ("https://app.eu.intercom.com/a/apps/abc/conversations/17?view=1", ("intercom", "17")),
        ("https://app.intercom.com.evil.example/a/inbox/abc/inbox/conversation/17", None),
        ("https://app.intercom.com/a/apps/abc/users/17", None),
        ("javascript:https://secure.helpscout.net/conversation/1", None),
    ],
)
def test_an_address_names_a_ticket_only_where_we_answer(
    url: str, ticket: tuple[str, str] | None
) -> None:
    settings = {key: value for d in DOUBLES.values() for key, value in d().settings("").items()}
    settings |= {"helpscout_api_url": "https://api.helpscout.net"}
    settings |= {"intercom_api_url": "https://api.intercom.io"}
    found = {c.name.value: c.ticket_of(url) for c in connectors(Settings(**settings))}
    assert {name: number for name, number in found.items() if number} == dict(
        [ticket] if ticket else []
    )


# -- webhooks


def signed(double: Desk, raw: bytes, **more: Any) -> dict[str, str]:
    """A webhook's headers as the web server gives them."""
    event = more.pop("event", "convo.customer.reply.created")
    return {name.lower(): value for name, value in double.signed(raw, event, **more).items()}


async def test_only_what_was_signed_with_the_secret_is_believed(
    connector: Connector, double: Desk
) -> None:
    raw, now = b'{"id": 5}', datetime.now(UTC)
    good = signed(double, raw)
    assert connector.is_signed(good, raw, now)
    assert not connector.is_signed(good, raw + b" ", now)
    assert not connector.is_signed({}, raw, now)
    assert not connector.is_signed(signed(double, raw, secret="x" * 20), raw, now)
    odd = dict.fromkeys(good, "λ")
    assert not connector.is_signed(odd, raw, now)


async def test_an_old_or_altered_timestamp_is_not_believed() -> None:
    double = ZendeskDouble()
    (made,) = connectors(Settings(**double.settings("http://127.0.0.1:9")))
    raw, now = b"{}", datetime.now(UTC)
    stamp = (now - timedelta(minutes=6)).isoformat()
    assert not made.is_signed(signed(double, raw, stamp=stamp), raw, now)
    good = signed(double, raw)
    good["x-zendesk-webhook-signature-timestamp"] = (now - timedelta(seconds=9)).isoformat()
    assert not made.is_signed(good, raw, now)
    for odd in ("yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        good["x-zendesk-webhook-signature-timestamp"] = odd
        assert not made.is_signed(good, raw, now)


async def test_without_a_secret_nothing_is_believed_and_of_two_either_is(double: Desk) -> None:
    settings = double.settings("http://127.0.0.1:9")
    name = next(key for key in settings if key.endswith("webhook_secret"))
    raw, now = b"{}", datetime.now(UTC)
    (none,) = connectors(Settings(**{**settings, name: ""}))
    assert not none.is_signed(signed(double, raw), raw, now)
    assert not none.is_signed(signed(double, raw, secret=""), raw, now)
    (two,) = connectors(Settings(**{**settings, name: f"{'n' * 20} {settings[name]}"}))
    assert two.is_signed(signed(double, raw), raw, now)
    assert two.is_signed(signed(double, raw, secret="n" * 20), raw, now)


@pytest.mark.parametrize(
    ("body", "ticket"),
    [
        ({"id": "e1", "type": "zen:event-type:ticket.comment_added", "detail": {"id": "5"}}, "5"),
        ({"ticket_id": "5"}, "5"),
        ({"id": "e1", "type": "zen:event-type:ticket.form_changed", "detail": {"id": "5"}}, None),
        ({}, None),
    ],
)
def test_zendesk_tells_that_something_was_written(body: Any, ticket: str | None) -> None:
    (made,) = connectors(Settings(**ZendeskDouble().settings("http://127.0.0.1:9")))
    found = made.event({}, json.dumps(body).encode())
    assert (found.ticket if found else None) == ticket


def test_help_scout_tells_which_event_in_a_header() -> None:
    (made,) = connectors(Settings(**HelpScoutDouble().settings("http://127.0.0.1:9")))
    raw = b'{"id": 5, "number": 349}'
    told = made.event({"x-helpscout-event": "convo.customer.reply.created"}, raw)
    assert isinstance(told, Event)
    assert (told.ticket, len(told.key)) == ("5", 64)
    assert made.event({"x-helpscout-event": "convo.assigned"}, raw) is None


@pytest.mark.parametrize("key", ["", "a\x00", "\ud800", "x" * 101, 5, None, {"a": 1}, ["e1"]])
def test_an_id_that_cannot_be_stored_is_replaced_by_a_digest(key: Any) -> None:
    (made,) = connectors(Settings(**ZendeskDouble().settings("http://127.0.0.1:9")))
    body = {"id": key, "type": "zen:event-type:ticket.comment_added", "detail": {"id": "5"}}
    found = made.event({}, json.dumps(body).encode())
    assert found is not None
    assert len(found.key) == 64


DEEP = b'{"id":' * 100_000


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b'{"id": "x/../y"}', b'{"id": null}', DEEP,
                                 b'{"id": NaN}', b'{"id": 1e999}', b"\xff"])  # fmt: skip
def test_what_cannot_be_read_is_said_to_be_so(raw: bytes) -> None:
    (made,) = connectors(Settings(**HelpScoutDouble().settings("http://127.0.0.1:9")))
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error is one too
        made.event({"x-helpscout-event": "convo.customer.reply.created"}, raw)


def test_what_people_write_is_never_markup() -> None:
    assert as_html('<script>\n\n"a" & b\nc') == (
        "<p>&lt;script&gt;</p><p>&quot;a&quot; &amp; b<br>c</p>"
    )


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"zendesk_subdomain": "northwind"}, "go together"),
        ({"zendesk_subdomain": "northwind.zendesk.com"}, "before .zendesk.com"),
        ({"helpscout_app_id": "x"}, "go together"),
        ({"zendesk_api_url": "http://zendesk.example"}, "https://"),
        ({"helpscout_webhook_secret": "short"}, "16"),
    ],
)
def test_a_mistake_in_the_settings_is_named(values: Mapping[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Settings(**values)
