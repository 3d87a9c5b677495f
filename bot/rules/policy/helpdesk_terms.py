"""Read what the policy says of help desks: ``[helpdesks.<name>]``, all of it optional.

Of each: ``candidates``, a list of rules by which a ticket becomes a candidate; ``notes``, the
moments at which a note is written there; ``tags`` and ``statuses``, tables from a moment to what is
set then; ``properties``, names of fields. What a help desk can be asked and told are its traits
(``bot/rules/helpdesks/terms.py``). Mistakes are noted in the tables, nothing is raised.
"""

from collections.abc import Callable, Mapping

from bot.rules.helpdesks.terms import (
    PROPERTIES,
    CandidateRule,
    HelpDeskTerms,
    Moment,
    Score,
    traits_of,
)
from bot.rules.policy.clock_terms import parse_time_span
from bot.rules.policy.reader import Table, WrongValueError, list_of, nearest_word, one_of
from bot.rules.words import HelpDesk, Severity

RULE_KEYS = ("tag", "mailbox", "status", "priority", "rating", "breach_within", "severity")
TERMS_KEYS = ("candidates", "notes", "tags", "statuses", "properties")
WORD_MAX = 80  # characters of a tag, a priority, a mailbox, a property


def read_helpdesks(top: Table) -> dict[HelpDesk, HelpDeskTerms]:
    """The terms of each help desk that the policy names; one that it does not name has no entry.

    ``top`` is the whole policy. That a help desk is named does not mean that it is set up.
    """
    table = top.table("helpdesks", [desk.value for desk in HelpDesk])
    named = (desk for desk in HelpDesk if desk.value in table)
    return {desk: _terms(table.table(desk.value, TERMS_KEYS), desk) for desk in named}


def _terms(table: Table, desk: HelpDesk) -> HelpDeskTerms:
    settable = _status_of(traits_of(desk).settable)
    no_moments = tuple[Moment, ...]()
    rules = tuple(_rule(entry, desk) for entry in table.tables("candidates", RULE_KEYS))
    return HelpDeskTerms(
        candidates=rules,
        notes=frozenset(table.value("notes", list_of(one_of(Moment)), no_moments)),
        tags=_by_moment(table.table("tags", list(Moment)), _word),
        statuses=_by_moment(table.table("statuses", list(Moment)), settable),
        properties=table.value("properties", list_of(_word), PROPERTIES),
    )


def _rule(table: Table, desk: HelpDesk) -> CandidateRule:
    """One rule; a mistake where it names nothing that could hold, or what is never told there.

    ``severity`` is what it suggests, and no condition: a rule of it alone is a mistake. ``rating``,
    ``breach_within`` and ``severity`` are None where they are left out, all else is "".
    """
    traits = traits_of(desk)
    for name, told in (("priority", traits.priorities), ("breach_within", traits.targets)):
        if name in table and not told:
            table.wrong(name, f"{desk.value} does not tell it")
    if not set(RULE_KEYS[:-1]) & set(table.raw):
        table.wrong("tag", "the rule names nothing", ", ".join(RULE_KEYS[:-1]))
    return CandidateRule(
        tag=table.value("tag", _word, ""),
        mailbox=table.value("mailbox", _number, ""),
        status=table.value("status", _status_of(traits.statuses), ""),
        priority=table.value("priority", _word, ""),
        rating=table.value("rating", one_of(Score), None),
        breach_within=table.value("breach_within", parse_time_span, None),
        severity=table.value("severity", one_of(Severity, lambda each: each.label), None),
    )


def _by_moment(table: Table, parse: Callable[[object], str]) -> Mapping[Moment, str]:
    """What is set at each moment that the table names; "" for one with a mistake."""
    return {
        moment: table.value(moment.value, parse, "") for moment in Moment if moment.value in table
    }


def _status_of(known: tuple[str, ...]) -> Callable[[object], str]:
    """A parser for one of these statuses, spelled exactly as they are."""

    def parse(value: object) -> str:
        if value not in known:
            near = nearest_word(str(value), known)
            raise WrongValueError(f"{value!r} is not known", ", ".join(known), near)
        return str(value)

    return parse


def _word(value: object) -> str:
    """One line without a comma: a tag, a priority or a property as the help desk spells it."""
    plain = isinstance(value, str) and value.strip() and value.isprintable() and "," not in value
    if not plain or len(str(value)) > WORD_MAX:
        raise WrongValueError(f"{value!r} is no word", f"one line of at most {WORD_MAX} characters")
    return str(value).strip()


def _number(value: object) -> str:
    """The id of a mailbox or group, as its address in the help desk shows it: 85 or "85"."""
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise WrongValueError(f"{value!r} is no id", "the number in the address, such as 85")
    return str(value)
