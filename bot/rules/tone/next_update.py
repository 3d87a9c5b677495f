"""Whether a text says when the customer hears from us next, and the same time as was promised.

``[next_update]`` of ``tone.toml`` has phrases of ``time``, of ``tell`` for telling and of ``ahead``
for what is to come; a sentence with all three says it. ``[clock]`` of ``reading.toml`` has the
words for the halves of the day.
"""

import re
from collections.abc import Iterator
from functools import cache

from bot.rules.languages import read_data
from bot.rules.prose.folding import Span
from bot.rules.prose.reading import Prose
from bot.rules.prose.sentences import CLOCK, Sentence
from bot.rules.tone.advice import says_what_is_next
from bot.rules.words import Language

_TIME = re.compile(r"(?<![\d:.])(\d{1,2})[:.](\d{2})(?![\d:])")
HALF_DAY = 12 * 60
HALF_WORDS = 2  # words by which the half of the day is told


def says_when(prose: Prose) -> bool:
    """True when a sentence says that we will speak to the customer, and at what time."""
    return any(says_what_is_next(prose, sentence) for sentence in prose.sentences)


def other_time(prose: Prose, promised: str) -> Span | None:
    """Where the text says that we write at another clock time than the ``promised`` one.

    In the original text. None when it says no clock time after the word for telling, or says the
    promised one too. ``promised`` is ``14:00``, or ``12/2 14:00``, or empty when nothing is
    promised. Dates and zones are not compared.
    """
    wanted = _TIME.search(promised)
    said = [
        each
        for sentence in prose.sentences
        for told in list(says_what_is_next(prose, sentence))[:1]
        for each in _times(sentence, told.last)
    ]
    if wanted is None or not said or _minutes(wanted[0]) in [minutes for minutes, _ in said]:
        return None
    return prose.folded.place(*said[-1][1])


def _times(sentence: Sentence, first: int) -> Iterator[tuple[int, Span]]:
    """Clock times from a word of the sentence on, in minutes since midnight, with their places."""
    for at, word in enumerate(sentence.words[first:], first):
        if CLOCK in word.kinds:
            behind = [each.text for each in sentence.words[at + 1 : at + 1 + HALF_WORDS]]
            half = {" ".join(behind), " ".join(behind[:1])}
            minutes = _minutes(word.text)
            if half & _halves("am") or half & _halves("pm"):
                minutes = minutes % HALF_DAY + (HALF_DAY if half & _halves("pm") else 0)
            yield minutes, (word.start, word.end)


def _minutes(clock: str) -> int:
    hour, minute = re.split("[:.]", clock)
    return int(hour) * 60 + int(minute)


@cache
def _halves(name: str) -> frozenset[str]:
    """How one half of the day is written, in every language."""
    known = [read_data(each.value, "reading.toml").get("clock", {}) for each in Language]
    return frozenset(word for each in known for word in each.get(name, ()))
