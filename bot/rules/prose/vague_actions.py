"""Whether an action item says what will be different, or only that somebody means well. Pure.

A title is vague where it has nothing but words that can be said of any case (``vague_actions.toml``
of each language): no component, no document by name, no number, nothing that could be looked at
afterwards. All languages are asked, since a team writes in more than one. What is written in a
language without the file is never called vague.
"""

import re
from functools import cache

from bot.rules.languages import find_languages, read_data
from bot.rules.names import fold_name

FILE = "vague_actions.toml"
WORD = re.compile(r"[^\W_]+")
REST = "*"  # any end of a word


def is_vague(title: str) -> bool:
    """Whether nothing could be seen of it once it is said to be done; False without any word."""
    words = WORD.findall(fold_name(title))
    whole, begun = _known()
    return bool(words) and all(word in whole or word.startswith(begun) for word in words)


@cache
def _known() -> tuple[frozenset[str], tuple[str, ...]]:
    """The words of all languages, folded: those that stand whole, and beginnings."""
    known = [word for code in find_languages() for word in read_data(code, FILE).get("words", ())]
    whole = {fold_name(word) for word in known if not word.endswith(REST)}
    begun = {fold_name(word.removesuffix(REST)) for word in known if word.endswith(REST)}
    return frozenset(whole), tuple(sorted(begun))
