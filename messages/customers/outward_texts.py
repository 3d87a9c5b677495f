"""Which short texts customers read: a language must have these itself.

What colleagues read may be said in the language that theirs falls back to. A customer who is
written to in German must not find an English sentence there: ``app.py check`` names what would be.
"""

import re

from bot.rules.words import Language
from messages.kit.texts import load_texts, own_texts

# What keys of texts for customers begin with: letters, pages, questions, what stands below emails
# and tickets, and how a date is written.
OUTWARD = (
    "customer.", "page.", "stage.", "date.", "ask.pulse_question", "ask.survey_question",
    "ask.survey_again", "mail.subject", "mail.reference", "mail.status_link", "helpdesk.reference",
)  # fmt: skip
_FACTS = re.compile(r"\{\w*\}")
_PLURAL = re.compile(r"\.(zero|one|two|few|many|other)$")


def find_borrowed_texts(language: Language) -> list[str]:
    """Return the keys that customers would read in the language that this one falls back to.

    Texts without words of their own, such as ``{moment} ({zone})``, belong to every language; of a
    text with plural forms one is enough.
    """
    own = {_PLURAL.sub("", key) for key in own_texts(language)}
    return sorted(
        key
        for key, text in load_texts(language).items()
        if key.startswith(OUTWARD) and _PLURAL.sub("", key) not in own and _has_words(text)
    )


def _has_words(text: str) -> bool:
    """True where a letter is left once the facts in braces are taken out."""
    return any(character.isalpha() for character in _FACTS.sub("", text))
