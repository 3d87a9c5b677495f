"""Names of customers as they are compared and searched for, and as Slack's channels have them.

Slack's rules for a channel: lower case, digits, hyphens, at most 80 characters.
"""

import re
import unicodedata
from functools import cache, lru_cache

from bot.rules.languages import find_languages, read_data

CHANNEL_NAME_MAX = 80  # characters; Slack conversations.create
FOLDED_MAX = 50_000  # names that are kept folded; more customers than one store has

# What is written in several ways: quotation marks, apostrophes, hyphens, letters with a stroke.
_SIGMA, _FINAL_SIGMA = "\N{GREEK SMALL LETTER SIGMA}", "\N{GREEK SMALL LETTER FINAL SIGMA}"
_SINGLE, _DOUBLE, _HYPHENS = "‘’‚‛′`´ʼ＇", "“”„‟″«»‹›＂「」『』", "‐‑‒–—―−"
_ALIKE = str.maketrans(
    dict.fromkeys(_SINGLE, "'")
    | dict.fromkeys(_DOUBLE, '"')
    | dict.fromkeys(_HYPHENS, "-")
    | {_FINAL_SIGMA: _SIGMA, "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"}
)
# Canonical combining classes of marks that make another letter: nukta, kana's voicing, virama.
_LETTERS_OWN = frozenset({0, 7, 8, 9})


@cache
def _transliterations() -> dict[int, str]:
    """How letters of other alphabets are written with Latin ones, by every ``reading.toml``."""
    found: dict[str, str] = {}
    for code in find_languages():
        found |= read_data(code, "reading.toml").get("transliteration", {})
    return str.maketrans(found)


def slug(text: str) -> str:
    """``text`` in lower-case Latin letters, digits and hyphens, transliterated.

    Of ``Mühle AG`` it is ``muhle-ag``. Empty for a text in an alphabet that no language's
    ``reading.toml`` transliterates.
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_transliterations())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@lru_cache(maxsize=FOLDED_MAX)
def fold_name(text: str) -> str:
    """``text`` as people search for it: case, accents, width and kinds of quotes do not matter.

    Neither do the final sigma, what is not seen, how wide a space is, and quotation marks around
    the whole. It is stored in ``folded`` columns, so a change of the rule needs a migration.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_ALIKE).casefold())
    kept = (c for c in plain if unicodedata.combining(c) in _LETTERS_OWN and _is_seen(c))
    words = "".join(kept).translate(_ALIKE).split()
    return " ".join(words).strip("'\" ") or " ".join(words)


def unify_name(text: str) -> str:
    """``text`` as it was meant, for storing: composed, with single plain spaces, nothing unseen."""
    plain = unicodedata.normalize("NFC", text)
    return " ".join(drop_unseen(plain).split())


def drop_unseen(text: str) -> str:
    """``text`` without marks of direction and what else is not seen; spaces and lines as typed."""
    return "".join(c for c in text if _is_seen(c) or c in _JOINERS)


def is_same_name(one: str, other: str) -> bool:
    """True for names that differ in case, width and spaces at most; accents tell them apart."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    """The name as ``is_same_name`` compares it: compatibility forms, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", unify_name(text)).casefold().split())


_JOINERS = "\u200c\u200d"  # they join or part letters and emoji, so they are part of a name


def _is_seen(character: str) -> bool:
    """False for what is not seen: directions, joiners, soft hyphens, variants of emoji."""
    unseen = unicodedata.category(character) in {"Cf", "Cc"} and not character.isspace()
    return not unseen and not 0xFE00 <= ord(character) <= 0xFE0F


def channel_name(number: int, customer: str, *, sensitive: bool, attempt: int = 1) -> str:
    """``esc-7-acme``; the name of a restricted case tells no customer. ``attempt`` 2 adds ``-2`` …

    Cut to ``CHANNEL_NAME_MAX`` with the attempt kept.
    """
    parts = ["esc", str(number)]
    if not sensitive:
        parts.append(slug(customer))
    tail = f"-{attempt}" if attempt > 1 else ""
    name = "-".join(p for p in parts if p)
    return name[: CHANNEL_NAME_MAX - len(tail)].rstrip("-") + tail


def drill_channel_name(number: int, *, attempt: int = 1) -> str:
    """``drill-7``, so that it is taken for no case; ``attempt`` 2 adds ``-2`` …"""
    return f"drill-{number}" + (f"-{attempt}" if attempt > 1 else "")


def legal_channel_name(number: int, *, attempt: int = 1) -> str:
    """``esc-7-legal``, which tells no customer; ``attempt`` 2 adds ``-2`` …"""
    return f"esc-{number}-legal" + (f"-{attempt}" if attempt > 1 else "")


def problem_channel_name(number: int, title: str, *, attempt: int = 1) -> str:
    """``prob-3-payments-fail``; ``attempt`` 2 adds ``-2`` … Cut like a case's channel."""
    tail = f"-{attempt}" if attempt > 1 else ""
    name = "-".join(p for p in ("prob", str(number), slug(title)) if p)
    return name[: CHANNEL_NAME_MAX - len(tail)].rstrip("-") + tail
