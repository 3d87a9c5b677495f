"""Secrets taken out of what arrives, before it is stored: cards, accounts, keys, passwords."""

from bot.rules.money.offers import is_money_word
from bot.rules.prose.reading import read_prose
from bot.rules.tone.secrets import find_secrets
from bot.rules.words import Language

HIDDEN = "•••"  # the same in every language, and no word of any


def redact_secrets(text: str, expected: Language) -> str:
    """``text`` with each secret replaced by ``HIDDEN``; everything else stays as it was.

    ``expected`` is the language in which it is probably written. What overlaps is replaced once, by
    one ``HIDDEN`` for all of it. A text without secrets is returned unchanged.
    """
    found = sorted(find_secrets(read_prose(text, expected, is_money_word)))
    kept, at = [], 0
    for start, end in found:
        if end > at:
            kept += [text[at:start], HIDDEN] if start >= at else []
            at = end
    return "".join([*kept, text[at:]])
