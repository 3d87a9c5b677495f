"""Bytes from strangers as text, or the word that they cannot be read. Pure.

Mail programs declare no charset, one that does not exist, or a wrong one. UTF-8 is tried wherever
the declared one is in doubt, since hardly any other text is valid UTF-8 by chance. What still
cannot be read is said to be so: a wrong letter shown as the customer's would be worse than none.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from bot.rules.mail.limits import NO_CHARSETS

PARTLY, UNREADABLE = "partly", "unreadable"  # notes; empty: all of it was read
GAP = "[?]"  # stands for what could not be read inside a text that could
GAPS_MAX = 0.1  # share of gaps in a text; with more of them it counts as unreadable
FOREIGN_MAX = 0.35  # share of accented letters among all; Western languages have under 0.15
FOREIGN_MIN = 8  # accented letters from which that share says anything
DECODED_MAX = 1024 * 1024  # bytes of one part that are read; far more than is shown of it

# Names that mail programs use and Python does not know, and those that mean a larger set in mail.
ALIASES = {
    "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-unknown": "", "unknown-8bit": "",
    "iso-8859-8-i": "iso-8859-8", "x-mac-greek": "mac_greek", "x-mac-roman": "mac_roman",
    "x-sjis": "cp932", "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030",
    "x-gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "", "ascii": "", "binary": "",
    "default": "", "8bit": "", "windows-1253-": "cp1253", "ansi_x3.4-1968": "",
}  # fmt: skip
WESTERN = frozenset({"cp1252", "latin-1", "iso8859-1", "iso8859-15", "mac-roman", "cp850", "cp437"})
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
          (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_LETTER = re.compile(r"[^\W\d_]")
_WRONG = re.compile("[\u0080-\u0084\u0086-\u009f\ufffd\ufffe\uffff]")  # NEL is a line end
_GAPS = re.compile(f"(?:{re.escape(GAP)})+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, and what is to be said about it: empty, ``PARTLY`` (it has gaps) or ``UNREADABLE``.

    An unreadable one is empty.
    """

    text: str
    note: str = ""


def decode_text(raw: bytes, declared: str = "") -> Decoded:
    """The text in ``raw``, by the charset that is ``declared`` or by UTF-8, whichever fits.

    At most ``DECODED_MAX`` bytes are read.
    """
    raw = raw[:DECODED_MAX]
    for mark, charset in _MARKS:
        if raw.startswith(mark):
            return _salvaged(raw[len(mark) :], charset)
    charset = known_charset(declared)
    if (universal := _strict(raw, "utf-8")) is not None and _ascii_like(charset):
        return Decoded(universal)
    if charset and charset != "utf-8":
        text = _strict(raw, charset)
        if text is not None and not (charset in WESTERN and _is_foreign(text)):
            return Decoded(text)
        return Decoded("", UNREADABLE) if text is not None else _salvaged(raw, charset)
    return _salvaged(raw, "utf-8")


def known_charset(declared: str) -> str:
    """Python's name of a declared charset; empty for one that does not exist or is no charset."""
    name = declared.strip().strip("\"'").lower()[:40]
    name = ALIASES.get(name, name)
    try:
        found = codecs.lookup(name) if name and name not in NO_CHARSETS else None
    except (LookupError, ValueError):
        return ""
    if found is None or not getattr(found, "_is_text_encoding", True):
        return ""
    return found.name


def _ascii_like(charset: str) -> bool:
    """True for charsets whose ASCII is that of UTF-8, so that UTF-8 may be in their place."""
    return not charset.startswith(("utf-16", "utf-32", "utf-7", "iso2022", "hz", "cp037", "cp500"))


def _strict(raw: bytes, charset: str) -> str | None:
    """The text, None where a byte has no meaning in the charset, or one that no mail has."""
    try:
        text = raw.decode(charset)
    except (UnicodeError, LookupError, ValueError):
        return None
    text = _undoubled(text) if charset == "utf-8" else text
    return None if _WRONG.search(text) else text


def _salvaged(raw: bytes, charset: str) -> Decoded:
    """What can be read, with gaps; nothing where the gaps are too many."""
    try:
        text = raw.decode(charset, "replace")
    except (UnicodeError, LookupError, ValueError):
        return Decoded("", UNREADABLE)
    bad = len(_WRONG.findall(text))
    if not bad:
        return Decoded(text)
    if bad > GAPS_MAX * max(len(text), 1):
        return Decoded("", UNREADABLE)
    return Decoded(_GAPS.sub(GAP, _WRONG.sub(GAP, text)), PARTLY)


def _is_foreign(text: str) -> bool:
    """True where letters with accents are so many that the text is of another alphabet."""
    letters = len(_LETTER.findall(text))
    accented = sum(1 for sign in text if ord(sign) > 0x7F and _LETTER.match(sign))
    return accented >= FOREIGN_MIN and accented > FOREIGN_MAX * letters


def _undoubled(text: str) -> str:
    """The text that was written, where a program has encoded it as UTF-8 twice."""
    if text.isascii() or max(text) > "\u2122" or not any("\u00c2" <= c <= "\u00f4" for c in text):
        return text
    for charset in ("cp1252", "latin-1"):
        try:
            once = text.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
        if len(once) < len(text) and not _WRONG.search(once):
            return once
    return text


def clean_line(text: str) -> str:
    """A line without what would steer a display: controls, direction marks, halves of characters.

    Spaces of all kinds become a space; a tab stays. What others could not read is a ``GAP``.
    """
    return "".join(_clean_sign(sign) for sign in text) if not text.isascii() else _plain(text)


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() or sign == "\t")


def _clean_sign(sign: str) -> str:
    """One sign as it may stand in a text: as it is, as a space, as ``GAP``, or not at all.

    Joiners stay, as they are part of words and of emoji; what steers a terminal or the direction
    goes.
    """
    if sign == "\ufffd":
        return GAP
    if sign.isprintable() or sign in "\t\u200c\u200d":
        return sign
    kind = unicodedata.category(sign)
    if kind == "Zs":
        return " "
    return sign if kind in ("Co", "Cn") and ord(sign) & 0xFFFE != 0xFFFE else ""
