"""Answers that a customer wrote into a quoted mail of ours that has no marks. Pure.

Outlook quotes without marks, so only what we wrote tells their words from ours. A line counts as
known when each three words of it that follow one another do so in a mail that we know.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.rules.mail.quote_lines import is_field
from bot.rules.mail.quotes import CUT, TEXT_MAX, shorten

RUN = 3  # words that must follow each other
KNOWN_MAX = 100_000  # characters of known mails that are compared
_WORD = re.compile(r"\w+")
_PAGE = re.compile(r"\W*https?://\S{1,250}/c/\S{1,100}\W*")  # a link to a page of ours


def add_answers(text: str, below: Sequence[str], known: Iterable[str]) -> str:
    """The new words, followed by those below the quote that no known mail has.

    Nothing is added where no line of the quote is known: then it is not ours. Cut to ``TEXT_MAX``.
    """
    runs, lines = _index_known(known)
    unknown = [line for line in below if line and not _is_known(line, runs, lines)]
    if len(unknown) == sum(1 for line in below if line):
        return text
    answers = [line for line in unknown if _WORD.search(line) and not _is_ours(line)]
    return shorten(f"{text}\n\n{CUT}\n" + "\n".join(answers), TEXT_MAX) if answers else text


def _is_ours(line: str) -> bool:
    return is_field(line) or _PAGE.fullmatch(line) is not None


def _index_known(known: Iterable[str]) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """Every run of words in the known mails, and their short lines as a whole."""
    runs: set[tuple[str, ...]] = set()
    short: set[tuple[str, ...]] = set()
    left = KNOWN_MAX
    for text in known:
        said = _words(text[:left])
        left -= min(len(text), left)
        runs |= set(zip(*(said[n:] for n in range(RUN)), strict=False))
        short |= {line for each in text.splitlines() if len(line := _words(each)) < RUN}
        short |= set(pairwise(said))
    return runs, short


def _is_known(line: str, runs: set[tuple[str, ...]], short: set[tuple[str, ...]]) -> bool:
    said = _words(line)
    if len(said) < RUN:
        return said in short
    return all(run in runs for run in zip(*(said[n:] for n in range(RUN)), strict=False))


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))
