"""The policy's table ``[outcomes]``: after which cases, and when, their outcome is asked for."""

from dataclasses import dataclass
from datetime import timedelta

from bot.rules.policy.reader import Table, list_of, one_of, whole_number, yes_or_no
from bot.rules.words import Severity

KEYS = ("severities", "executive_flag", "ask_after_days", "remind_after_days")
DAYS = whole_number(1, 730)


@dataclass(frozen=True)
class Outcomes:
    """Which cases have their outcome asked for, and when.

    These are the cases of ``severities``, and with ``executive_flag`` those that executives were
    brought into: ``ask_after`` their close. Who does not answer is reminded after ``remind_after``,
    and after the same time once more a manager is asked.
    """

    severities: frozenset[Severity] = frozenset({Severity.SEV1, Severity.SEV2})
    executive_flag: bool = True
    ask_after: timedelta = timedelta(days=90)
    remind_after: timedelta = timedelta(days=7)


USUAL_OUTCOMES = Outcomes()


def read_outcomes(top: Table) -> Outcomes:
    """The table; a policy from before there was one has the defaults."""
    table, usual = top.table("outcomes", KEYS), USUAL_OUTCOMES
    named = list_of(one_of(Severity, lambda severity: severity.label))
    return Outcomes(
        severities=frozenset(table.value("severities", named, tuple(usual.severities))),
        executive_flag=table.value("executive_flag", yes_or_no, usual.executive_flag),
        ask_after=timedelta(days=table.value("ask_after_days", DAYS, usual.ask_after.days)),
        remind_after=timedelta(
            days=table.value("remind_after_days", DAYS, usual.remind_after.days)
        ),
    )
