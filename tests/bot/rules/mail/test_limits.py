"""What a mail may be made of: each limit, and ordinary mail well inside all of them."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from bot.rules.mail import limits
from bot.rules.mail.html_text import CUT, DEPTH_MAX, HTML_MAX, html_text
from bot.rules.mail.limits import exceeded_limit
from bot.rules.mail.parsing import pack_mail, parse_mail, unpack_mail
from bot.rules.mail.quotes import TEXT_MAX
from tests.mail.hostile import BODIES, hostile

TO = "help+esc-1-jvaqtyk6hwuwh5mt@northwind.example"
HEAD = b"From: a@b.example\n"

BROKEN = {
    "empty_lines": "lines", "parameters": "head", "addresses": "head", "comments": "head",
    "comments_nested": "addresses", "parts": "parts", "charset": "charset",
    "charset_in_words": "addresses", "nested": "parts", "head": "head", "references": "head",
    "encoded_words": "head", "addresses_after_a_return": "head", "quotation_marks": "addresses",
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_mail_is_known_by_its_first_lines(name: str) -> None:
    heard = parse_mail(hostile(name, TO))
    assert heard.unread == BROKEN.get(name, "")
    assert heard.sender == "eve@elsewhere.example"
    assert heard.tags == ("esc-1-jvaqtyk6hwuwh5mt",)
    assert len(heard.text) <= TEXT_MAX


@pytest.mark.parametrize(
    ("fields", "most", "broken"),
    [
        (b"X: y\n", limits.FIELDS_MAX, "head"),
        (b"\tz\n", limits.FIELD_MAX // 3, "head"),
    ],
)
def test_the_fields_are_limited(fields: bytes, most: int, broken: str) -> None:
    assert exceeded_limit(HEAD + b"X: y\n" + fields * (most // 2) + b"\nx") == ""
    assert exceeded_limit(HEAD + b"X: y\n" + fields * (most + 10) + b"\nx") == broken


@pytest.mark.parametrize(
    ("field", "item", "most", "broken"),
    [
        (b"To: ", b"a@b.example, ", limits.ADDRESSES_MAX, "addresses"),
        (b"To: ", b"a:;", limits.ADDRESSES_MAX, "addresses"),
        (b"To: ", b"x" * 100, limits.ADDRESS_FIELD_MAX // 100, "addresses"),
        (b"From: ", b"(x)", limits.COMMENTS_MAX, "comments"),
        (b"Subject: ", b"=?utf-8?q?a?= ", limits.WORDS_MAX, "head"),
        (b"Content-Type: text/plain", b"; a=b", limits.PARAMETERS_MAX, "parameters"),
        (b"content-DISPOSITION: attachment", b";\r\n a=b", limits.PARAMETERS_MAX, "parameters"),
        (b"Content-Type: ", b"(x)", limits.COMMENTS_MAX, "comments"),
    ],
)
def test_one_field_is_limited(field: bytes, item: bytes, most: int, broken: str) -> None:
    assert exceeded_limit(HEAD + field + item * most + b"\n\nx") == ""
    assert exceeded_limit(HEAD + field + item * (most + 1) + b"\n\nx") == broken


def test_a_part_deep_inside_is_limited_as_well() -> None:
    part = b"--b\r\nContent-Type: text/plain" + b";a=b" * (limits.PARAMETERS_MAX + 1)
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part + b"\r\n\r\nx"
    assert exceeded_limit(raw) == "parameters"
    assert (
        exceeded_limit(raw.replace(b"\r\n", b"\r")) == "parameters"
    )  # the parser takes these for lines


def test_parts_inside_parts_are_limited() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n)
                      for n in range(limits.CONTAINERS_MAX + 1))  # fmt: skip
    assert exceeded_limit(HEAD + nested) == "nested"


@pytest.mark.parametrize("charset", ["punycode", "PUNYCODE", "idna", "unicode_escape"])
def test_charsets_that_are_none_are_not_decoded(charset: str) -> None:
    for said in (f'Content-Type: text/plain; charset = "{charset}"', f"Subject: =?{charset}?q?a?="):
        assert exceeded_limit(HEAD + said.encode() + b"\n\nx") == "charset"
    assert exceeded_limit(HEAD + b"\n" + charset.encode()) == ""


def test_an_ordinary_mail_with_pictures_is_read() -> None:
    mail = EmailMessage()
    mail["From"] = "Nora Vance <nora@larkspur-rail.example>"
    mail["To"] = ", ".join(f'"Vance, Nora {n}" <n{n}@larkspur-rail.example>' for n in range(150))
    mail["Subject"] = "Κάτι δεν δουλεύει " * 5
    for n in range(20):
        mail[f"X-Received-{n}"] = "from mx (mx.example [192.0.2.1]) by mx2 (Postfix) id 1;" * 3
    mail.set_content("It still fails.")
    mail.add_alternative("<p>It still fails.</p>", subtype="html")
    for n in range(100):
        mail.add_attachment(b"\x00" * 5000, maintype="image", subtype="png", filename=f"κ{n}.png")
    heard = parse_mail(mail.as_bytes(policy=SMTP))
    assert (heard.unread, heard.text, len(heard.recipients)) == ("", "It still fails.", 150)


def test_what_is_read_can_be_packed_and_unpacked() -> None:
    raw = HEAD + b"Date: Mon, 23 Nov 2026 10:00:00 +0200\nSubject: \xff\xfe\nReferences: <a@b>\n\nx"
    heard = parse_mail(raw)
    assert unpack_mail(pack_mail(heard)) == heard


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One<br>two &amp; three</p><p>four</p>", "One\ntwo & three\n\nfour"),
        ("<head><title>x</title></head><script>x</script>seen<style>x</style>", "seen"),
        (
            "<blockquote>old<blockquote>older</blockquote>old</blockquote>new",
            "▏ old\n▏ ▏ older\n▏ old\nnew",
        ),
        ("a \n b<b> c</b>&nbsp;d", "a b c d"),
        ("", ""),
        ("<!-- nothing -->", ""),
        ("half <a href='", "half"),
        ("\udc80\x00x", "?x"),
    ],
)
def test_html_is_read_as_its_reader_sees_it(html: str, text: str) -> None:
    assert html_text(html) == text


def test_where_html_is_not_read_further_is_marked() -> None:
    deep = "<p>first</p>" + "<div>" * (DEPTH_MAX + 10_000) + "last"
    assert html_text(deep) == "first" + CUT
    assert html_text("word " * HTML_MAX).endswith(CUT)
