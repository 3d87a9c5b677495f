"""What a mail may be made of, counted in its raw bytes before any parser sees it. Pure, linear.

Python's mail parser takes time that grows with the square of some of these, and stops everything
while it does. A mail over a limit is not read; the address that it claims to be from is told of it,
and what it was sent to is still found out from its first lines. Parts are counted once more
while parsing (parsing.py); the time a parser may take is limited by bot/engine/parsing/pool.py.
"""

import re

LINES_MAX = 500_000  # a mail of 25 MB in base64, at 76 characters a line, has 350,000
HEAD_MAX = 256 * 1024  # bytes of all header fields; Postfix and Exchange stop at about 100 and 256
FIELDS_MAX = 1_000  # header fields; after twenty servers a mail has some 150
FIELD_MAX = 32 * 1024  # bytes of one field; a thread of 300 mails
ADDRESS_FIELD_MAX = 16 * 1024  # bytes of one field of addresses, some 350 of them
ADDRESSES_MAX = 500  # in one field; mail providers take so many recipients
COMMENTS_MAX = 50  # parentheses opened in one field, which are comments there
PARAMETERS_MAX = 50  # of one Content-Type or Content-Disposition; a long name has ten pieces
CONTAINERS_MAX = 50  # parts that hold others, of which each may be inside the one before
PARTS_MAX = 500  # parts of all kinds; a hundred pictures in a newsletter are a hundred
WORDS_MAX = 500  # encoded words in one field; a subject has some five

# Charsets of Python that no mail is written in, and that take long or do something else.
NO_CHARSETS = (
    "punycode", "idna", "unicode_escape", "unicode-escape", "unicodeescape", "raw_unicode_escape",
    "raw-unicode-escape", "rawunicodeescape", "undefined",
)  # fmt: skip

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\r\r")
_FIELD = re.compile(rb"^([!-9;-~]{1,100})[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*)", re.MULTILINE)
# What any part says of itself; searched for in lower case, with line feeds only.
_TYPE = re.compile(rb"\ncontent-(?:type|disposition)[ \t]*:((?:[^\n]*\n[ \t])*[^\n]*)")
_CONTAINER = re.compile(rb"\s*(?:multipart|message)/")
_CHARSET = re.compile(
    rb"(?:=\?|charset[*0-9]{0,5}\s{0,50}=\s{0,50}[\"']?)(?:"
    + "|".join(map(re.escape, NO_CHARSETS)).encode()
    + rb")\b"
)
# Fields that are read, and that may have addresses or comments.
_STRUCTURED = frozenset(
    {b"from", b"to", b"cc", b"delivered-to", b"x-original-to", b"envelope-to", b"date",
     b"message-id", b"mime-version", b"sender", b"reply-to", b"bcc"}
)  # fmt: skip


# What is looked at of a mail that must not be parsed, and how much of each.
_ENVELOPE = frozenset(
    {b"from", b"sender", b"subject", b"date", b"message-id", b"in-reply-to", b"references",
     b"auto-submitted", b"precedence", b"x-autoreply", b"x-autorespond", b"x-autoreply-from",
     b"return-path", b"authentication-results"}
)  # fmt: skip
_RECIPIENTS = frozenset({b"to", b"cc", b"delivered-to", b"x-original-to", b"envelope-to"})
_TAGGED = re.compile(rb"[a-z0-9._%-]{1,64}\+[a-z0-9-]{1,64}@[a-z0-9.-]{1,253}", re.IGNORECASE)
LOOKED_AT = 2_000  # bytes of a field of a mail that is over a limit
TAGS_MAX = 20  # addresses with a plus that are looked at there
REPEATED_MAX = 20  # fields of one name that are looked at there


def mail_head(raw: bytes) -> bytes:
    """The header fields of a mail, as far as they are within the limit, with line feeds only.

    Parsers take a carriage return alone for the end of a line as well. What is beyond ``HEAD_MAX``
    bytes is cut in the middle of a field.
    """
    found = _END_OF_HEAD.search(raw, 0, HEAD_MAX)
    return _lines(raw[: found.start() if found else HEAD_MAX])


def _lines(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def envelope_of(raw: bytes) -> bytes:
    """What a mail says of its sender, its recipients and its thread, as a small mail of its own.

    Of recipients only addresses with a plus are kept, at most ``TAGS_MAX`` of a field; other fields
    are cut to ``LOOKED_AT`` bytes. It has no body and may be parsed whatever the mail was.
    """
    kept: list[bytes] = []
    counts: dict[bytes, int] = {}
    for name, value in _FIELD.findall(mail_head(raw)):
        said = name.lower()
        counts[said] = counts.get(said, 0) + 1
        if counts[said] > REPEATED_MAX:
            continue
        flat = b" ".join(value.split())
        if said in _RECIPIENTS:
            kept.append(name + b": " + b", ".join(_TAGGED.findall(flat)[:TAGS_MAX]))
        elif said in _ENVELOPE:
            kept.append(name + b": " + flat[:LOOKED_AT])
    return b"\n".join(kept) + b"\n\n"


def exceeded_limit(raw: bytes) -> str:
    """The limit that a mail breaks, in a word; empty for one that may be parsed.

    One of ``lines``, ``head``, ``addresses``, ``comments``, ``parameters``, ``charset``,
    ``nested``, ``parts``. The word is what ``InboundMail.unread`` carries. ``charset`` is one that
    no mail is written in and that takes Python long.
    """
    lines = raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")
    if lines > LINES_MAX:
        return "lines"
    return _in_head(raw) or _in_parts(raw)


def _in_head(raw: bytes) -> str:
    """The limit that the header fields break; ``head`` for their number, size or encoded words."""
    fields = mail_head(raw)
    if _END_OF_HEAD.search(raw, 0, HEAD_MAX) is None and len(raw) >= HEAD_MAX:
        return "head"
    if fields.count(b"\n") > 20 * FIELDS_MAX:
        return "head"
    found = _FIELD.findall(fields)
    if len(found) > FIELDS_MAX or any(len(value) > FIELD_MAX for _, value in found):
        return "head"
    for name, value in found:
        if value.count(b"=?") > WORDS_MAX:
            return "head"
        if name.lower() in _STRUCTURED and (broken := _in_addresses(value)):
            return broken
    return ""


def _in_addresses(value: bytes) -> str:
    """``addresses`` or ``comments`` for a field that has too many of them, else empty.

    Commas, at signs, semicolons and quotation marks are counted, nothing is parsed.
    """
    most = max(value.count(sign) for sign in (b",", b"@", b";"))
    if len(value) > ADDRESS_FIELD_MAX or max(most, value.count(b'"') // 2) > ADDRESSES_MAX:
        return "addresses"
    return "comments" if value.count(b"(") > COMMENTS_MAX else ""


def _in_parts(raw: bytes) -> str:
    """What any part says of itself, wherever it stands."""
    text = b"\n" + _lines(raw.lower())
    containers = 0
    for count, found in enumerate(_TYPE.finditer(text)):
        value = found[1]
        containers += _CONTAINER.match(value) is not None
        if len(value) > FIELD_MAX or value.count(b";") > PARAMETERS_MAX:
            return "parameters"
        if value.count(b"(") > COMMENTS_MAX or value.count(b"=?") > WORDS_MAX:
            return "comments"
        if count > 2 * PARTS_MAX:
            return "parts"
    if containers > CONTAINERS_MAX:
        return "nested"
    named = any(name.encode() in text for name in NO_CHARSETS)
    return "charset" if named and _CHARSET.search(text) else ""
