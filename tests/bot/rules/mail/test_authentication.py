"""Who is believed to have sent a mail: only whom our own mail server confirms."""

import pytest

from bot.rules.mail.authentication import sender_doubt
from bot.rules.mail.parsing import parse_mail
from bot.rules.mail.public_domains import is_public

OURS = "mx.northwind.example"
PASS = f"Authentication-Results: {OURS}; dmarc=pass header.from=larkspur-rail.example"


def doubt(*fields: str, authserv_id: str = OURS, sender: str = "Nora <nora@larkspur-rail.example>",
          ) -> str:  # fmt: skip
    """Why a mail with these fields is not believed."""
    raw = "\r\n".join([*fields, f"From: {sender}", "Message-ID: <1@x>", "", "x"]).encode()
    return sender_doubt(parse_mail(raw), authserv_id)


def test_what_our_server_confirms_is_believed() -> None:
    assert doubt(PASS) == ""
    assert doubt(f"Authentication-Results: {OURS} 1; spf=pass; DMARC = Pass (p=reject)") == ""
    assert doubt(PASS, authserv_id=OURS.upper()) == ""


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["Authentication-Results: mx.elsewhere.example; dmarc=pass"],
        [f"Authentication-Results: {OURS}.evil.example; dmarc=pass"],
        [f"Authentication-Results: evil.example; x={OURS}; dmarc=pass"],
        [f"Authentication-Results: {OURS}; spf=pass; dkim=pass"],
        [f"Authentication-Results: {OURS}; none"],
        [f"Authentication-Results: {OURS}; spf=fail (dmarc=pass)"],
        [f"X-Authentication-Results: {OURS}; dmarc=pass"],
    ],
)
def test_what_our_server_did_not_confirm_is_not_believed(fields: list[str]) -> None:
    assert doubt(*fields) == "unchecked"


@pytest.mark.parametrize(
    "fields",
    [
        [f"Authentication-Results: {OURS}; dmarc=fail"],
        [f"Authentication-Results: {OURS}; dmarc=softfail"],
        [f"Authentication-Results: {OURS}; dmarc=none"],
        [f"Authentication-Results: {OURS}; dmarc=temperror"],
        [f"Authentication-Results: {OURS}; dmarc=bestguesspass"],
        [PASS, f"Authentication-Results: {OURS}; dmarc=fail"],
        [PASS, f"Authentication-Results: {OURS}; dmarc=none"],
        [PASS, "Authentication-Results: mx.elsewhere.example; dmarc=fail"],
        [f"Authentication-Results: {OURS}; dmarc=pass header.from=evil.example"],
        [PASS, "From: Eve <eve@evil.example>"],
    ],
)
def test_one_no_is_enough(fields: list[str]) -> None:
    assert doubt(*fields) == "failed"


@pytest.mark.parametrize(
    "sender",
    [
        "nora@larkspur-rail.example, eve@evil.example",
        "eve@evil.example <nora@larkspur-rail.example>",
    ],
)
def test_a_mail_of_several_senders_is_nobodys(sender: str) -> None:
    assert doubt(PASS, sender=sender) == "failed"


def test_an_address_in_the_name_is_only_a_name_when_it_is_quoted() -> None:
    assert doubt(PASS, sender='"nora@larkspur-rail.example" <nora@larkspur-rail.example>') == ""


def test_without_the_setting_nobodys_word_counts() -> None:
    assert doubt(PASS, authserv_id="") == "unchecked"


@pytest.mark.parametrize(
    "domain", ["gmail.com", "yahoo.co.uk", "yahoo.gr", "t-online.de", "qq.com", "live.com.au"]
)
def test_anybody_may_have_a_mailbox_at_a_provider(domain: str) -> None:
    assert is_public(domain)


@pytest.mark.parametrize(
    "domain", ["larkspur-rail.example", "live.larkspur-rail.com", "gmail.com.evil.example", "yahoo"]
)
def test_a_house_of_its_own_is_no_provider(domain: str) -> None:
    assert not is_public(domain)


@pytest.mark.parametrize(
    "said",
    [
        f"=?utf-8?q?{OURS}=3B_dmarc=3Dpass?=",
        f'{OURS}; spf=pass smtp.mailfrom="a; dmarc=pass"@evil.example',
        f'{OURS}; dkim=pass header.s="x;dmarc=pass header.from=larkspur-rail.example"',
        f"{OURS}; spf=pass (a (b) dmarc=pass)",
        f'{OURS}; spf=pass reason="dmarc=pass"',
        f"{OURS}; spf=pass smtp.helo=dmarc=pass",
        f"{OURS}; x-dmarc=pass",
        f"{OURS}; spf=pass smtp.helo=(; dmarc=pass",
        f'{OURS}; spf=pass smtp.helo="; dmarc=pass',
        f"{OURS} evil.example; dmarc=pass",
    ],
)
def test_what_our_server_quotes_of_strangers_confirms_nothing(said: str) -> None:
    assert doubt(f"Authentication-Results: {said}") == "unchecked"


def test_our_server_may_write_a_result_in_every_form_that_there_is() -> None:
    assert doubt(f"Authentication-Results: {OURS};\r\n dmarc/1=pass (p=none (sp=none))") == ""
    assert doubt(PASS.replace("larkspur-rail.example", '"larkspur-rail.example"')) == ""
    assert doubt(f"Authentication-Results: {OURS}; spf=pass (say \\(); dmarc=pass") == ""


@pytest.mark.parametrize(
    "sender",
    [
        "=?utf-8?q?nora=40larkspur-rail.example=2C?= eve@evil.example",
        "=?utf-8?q?nora=40larkspur-rail.example=2C?=eve@evil.example",
        "nora@=?utf-8?q?larkspur-rail.example?=",
        "<nora@=?utf-8?q?larkspur-rail.example=3E?=.evil.example>",
        "nora@larkspur-rail.example;eve.evil.example",
        "n" * 178 + "@larkspur-rail.example.evil.example",
        "nora@(evil.example)larkspur-rail.example",
        "Larkspur: nora@larkspur-rail.example;",
    ],
)
def test_a_from_that_can_be_read_in_two_ways_is_nobodys(sender: str) -> None:
    assert doubt(f"Authentication-Results: {OURS}; dmarc=pass", sender=sender) == "failed"


@pytest.mark.parametrize(
    "sender",
    [
        "nora@larkspur-rail.example",
        "<Nora@LARKSPUR-rail.example>",
        "nora@larkspur-rail.example (Nora Vance)",
        '"Vance, Nora (nora@larkspur-rail.example)" <nora@larkspur-rail.example>',
        "=?utf-8?q?N=C3=B3ra?=\r\n <nora@larkspur-rail.example>",
        "Nóra <nora@larkspur-rail.example>",
        "Nora (Rail) <nora@larkspur-rail.example>",
        "Nora.O'Neil+x <nora@larkspur-rail.example>",
    ],
)
def test_a_from_as_mail_programs_write_it_is_read(sender: str) -> None:
    assert doubt(PASS, sender=sender) == ""
