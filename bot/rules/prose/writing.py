"""In which language a person has written, so that they are answered in it. Pure."""

from bot.rules.prose.disguises import unmask_text
from bot.rules.prose.scripts import own_letters, plain_latin, typed_in_latin
from bot.rules.words import Language

READ_MAX = 2_000  # characters that are looked at


def written_language(text: str, expected: Language) -> Language:
    """The language of a text; in doubt the ``expected`` one.

    A language with an alphabet of its own is known when it is typed with Latin letters as well.
    """
    folded = unmask_text(text[:READ_MAX], _no_word).text
    if not folded.strip():
        return expected
    return own_letters(folded) or typed_in_latin(folded, expected) or plain_latin(folded, expected)


def _no_word(_word: str) -> bool:
    return False
