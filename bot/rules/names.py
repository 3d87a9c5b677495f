"""The name of a case's channel, by Slack's rules: lower case, digits, hyphens, at most 80."""

import re
import unicodedata
from functools import cache

from bot.rules.languages import find_languages, read_data

CHANNEL_NAME_MAX = 80  # characters; Slack conversations.create


@cache
def _transliterations() -> dict[int, str]:
    """How letters of other alphabets are written with Latin ones, by every ``reading.toml``."""
    found: dict[str, str] = {}
    for code in find_languages():
        found |= read_data(code, "reading.toml").get("transliteration", {})
    return str.maketrans(found)


def slug(text: str) -> str:
    """``text`` in lower-case Latin letters, digits and hyphens, transliterated.

    ``Ναύς ΑΕ`` is ``nays-ae``. Empty for a text in an alphabet that no language's ``reading.toml``
    transliterates.
    """
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_transliterations())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def fold_name(text: str) -> str:
    """``text`` as people search for it: no case, no accents, one kind of final sigma.

    Two names that fold alike are the same customer. It is stored in ``folded`` columns, so a change
    of the rule needs a migration.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("ς", "σ").strip()


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


def problem_channel_name(number: int, title: str, *, attempt: int = 1) -> str:
    """``prob-3-payments-fail``; ``attempt`` 2 adds ``-2`` … Cut like a case's channel."""
    tail = f"-{attempt}" if attempt > 1 else ""
    name = "-".join(p for p in ("prob", str(number), slug(title)) if p)
    return name[: CHANNEL_NAME_MAX - len(tail)].rstrip("-") + tail
