"""Mails that a stranger sends to stop everything: small, well addressed, and long to parse."""

from collections.abc import Mapping

HEAD = (
    "From: Eve <eve@elsewhere.example>\r\nTo: {to}\r\nSubject: Re: ESC-1\r\nMessage-ID: <{id}>\r\n"
)
HTML = "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"


def _many_parts(count: int) -> str:
    return 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + "--b\r\n\r\nx\r\n" * count


def _nested(depth: int) -> str:
    opened = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)
    )
    return opened + "\r\nwords\r\n"


def _addresses(count: int) -> str:
    return "Cc: " + ",\r\n ".join(f"a{n}@b.example" for n in range(count)) + "\r\n\r\nx"


def _parameters(count: int) -> str:
    said = "".join(f";\r\n p{n}=x" for n in range(count))
    return f"Content-Type: text/plain{said}\r\n\r\nx"


# Name to what stands after the first header fields.
BODIES: Mapping[str, str] = {
    "tags": HTML + "<a " * 11_000,
    "empty_lines": "\r\n" + "\n" * 5_000_000,
    "parameters": _parameters(14_000),
    "addresses": _addresses(20_000),
    "addresses_after_a_return": "X: y\rCc: " + "a@b.example," * 10_000 + "\r\n\r\nx",
    "quotation_marks": "Cc: " + '"' * 16_000 + "\r\n\r\nx",
    "comments": "Reply-To: " + "(x)\r\n " * 25_000 + "<e@b.example>\r\n\r\nx",
    "comments_nested": "Date: " + "(" * 25_000 + "\r\n\r\nx",
    "parts": _many_parts(10_000),
    "charset": "Content-Type: text/plain; charset=punycode\r\n\r\n" + "a" * 1_000_000,
    "charset_in_words": "X: y\r\nCc: =?punycode?q?" + "a" * 30_000 + "?=\r\n\r\nx",
    "nested": _nested(2_000),
    "nested_html": HTML + "<div>" * 100_000 + "</p>" * 100_000,
    "formatting": HTML + "".join(f"<b id={n}><p>" for n in range(40_000)),
    "end_tags": HTML + "<i>" * 300 + "</span>" * 100_000,
    "head": "".join(f"X-{n}: y\r\n" for n in range(100_000)) + "\r\nx",
    "one_line": "\r\n" + "On " + "wrote" * 1_000_000,
    "references": "References: " + "<a@b>" * 100_000 + "\r\n\r\nx",
    "encoded_words": "X-A: y\r\nCc: " + "=?utf-8?q?a?= " * 20_000 + "\r\n\r\nx",
}


def hostile(name: str, to: str, number: int = 0) -> bytes:
    """The mail of that name, sent to ``to``; ``number`` tells one from another."""
    head = HEAD.format(to=to, id=f"{name}-{number}@elsewhere.example")
    return (head + BODIES[name]).encode()
