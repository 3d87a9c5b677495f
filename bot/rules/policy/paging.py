"""The policy's table ``[paging]``: after how long another is paged, and how people are reached.

``people`` and ``steps`` hold names of ways alone: an address has a token in it, and belongs into
the environment or a file.
"""

import re
from collections.abc import Callable, Mapping

from bot.rules.duty.ways import WAY, WAY_FORM
from bot.rules.policy.clock_terms import parse_time_span
from bot.rules.policy.model import Paging
from bot.rules.policy.reader import Table, WrongValueError, list_of, nearest_word
from bot.rules.states import Turn

STEPS = tuple(turn.value for turn in Turn if turn is not Turn.KNOWS)
PERSON = re.compile(r"[UW][A-Z0-9]{4,}|[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+")
WAYS_MAX = 8  # of one person or step


def read_paging(top: Table) -> Paging:
    """The table; policies from before some of its keys have the usual, and no ways."""
    usual = Paging()
    table = top.table("paging", ["backup_after", "lead_after", "unseen_after", "people", "steps"])
    return Paging(
        backup_after=table.value("backup_after", parse_time_span, usual.backup_after),
        lead_after=table.value("lead_after", parse_time_span, usual.lead_after),
        unseen_after=table.value("unseen_after", parse_time_span, usual.unseen_after),
        people=_read_named(table, "people", _person),
        steps=_read_named(table, "steps", _step),
    )


def _read_named(
    table: Table, name: str, parse: Callable[[str], str]
) -> Mapping[str, tuple[str, ...]]:
    """A table of ways by a person or a step; each mistake is noted under its full key."""
    raw = table.raw.get(name, {})
    keys = [str(key) for key in raw] if isinstance(raw, Mapping) else []
    inner = table.table(name, keys)
    found, nothing = dict[str, tuple[str, ...]](), tuple[str, ...]()
    for key in keys:
        try:
            found[parse(key)] = inner.value(key, _ways, nothing)
        except WrongValueError as error:
            inner.wrong(key, str(error), error.allowed, error.suggestion)
    return found


def _person(key: str) -> str:
    if not PERSON.fullmatch(key):
        raise WrongValueError("is no person", "a Slack user id (U…), an email address")
    return key


def _step(key: str) -> str:
    if key not in STEPS:
        near = nearest_word(key, STEPS)
        raise WrongValueError("is no step of paging", ", ".join(STEPS), near)
    return key


def _ways(value: object) -> tuple[str, ...]:
    """Names of ways, each once; what is none is not repeated, as it may be an address."""
    names = tuple(dict.fromkeys(list_of(_way)(value)))
    if not 0 < len(names) <= WAYS_MAX:
        raise WrongValueError(f"{len(names)} ways", f"1 to {WAYS_MAX}")
    return names


def _way(value: object) -> str:
    if not isinstance(value, str) or not WAY.fullmatch(value):
        raise WrongValueError("one of these is no name of a way", f"{WAY_FORM}; no address")
    return value
