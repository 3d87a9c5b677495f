"""What playbooks warn of in a message: phrases by which people do what a playbook says never to do.

They are looked for in every language, whatever accents and case. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bot.rules.learning.playbooks import Playbook
from bot.rules.learning.search_words import fold_word
from bot.rules.prose.folding import Span, fold_text


@dataclass(frozen=True, slots=True)
class Warned:
    """What a playbook warns of in a text: ``span`` is where it stands there, end exclusive."""

    playbook: Playbook
    span: Span


def find_warned(playbooks: Sequence[Playbook], text: str) -> tuple[Warned, ...]:
    """What the playbooks warn of in a message, in the order of the playbooks.

    The phrases of every language are looked for, whatever accents and case; they begin where a
    word begins. One phrase a playbook is enough.
    """
    read = fold_text(text)
    found = []
    for each in playbooks:
        phrases = (phrase for words in each.wordings.values() for phrase in words.warn)
        hits = (re.search(_as_pattern(phrase), read.text) for phrase in phrases)
        if (hit := next((hit for hit in hits if hit), None)) is not None:
            found.append(Warned(each, read.place(*hit.span())))
    return tuple(found)


@cache
def _as_pattern(phrase: str) -> str:
    """The phrase as it is looked for in folded text: any space between its words."""
    words = (re.escape(fold_word(word)) for word in phrase.split())
    return r"\b" + r"\s+".join(words)
