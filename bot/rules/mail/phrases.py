"""What mail programs and mail servers write, as patterns, by ``[mail]`` of every ``reading.toml``.

All languages are tried on every mail: a report comes in the language of the server that wrote it.
"""

import re

from bot.rules.languages import find_languages, read_data


def line_patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of this kind, each for a whole line; empty where no language has any."""
    return tuple(re.compile(pattern) for pattern in list_phrases(kind))


def phrase_pattern(kind: str) -> re.Pattern[str]:
    """One pattern that finds any phrase of this kind, at the begin of a word, in any case."""
    return re.compile(r"(?<!\w)(?:" + "|".join(list_phrases(kind)) + ")", re.IGNORECASE)


def list_phrases(kind: str) -> list[str]:
    """The patterns of this kind in every language, as they are written."""
    return [
        pattern
        for code in find_languages()
        for pattern in read_data(code, "reading.toml").get("mail", {}).get(kind, ())
    ]
