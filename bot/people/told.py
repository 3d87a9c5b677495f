"""Which stakeholders were told of a case and have seen it: ``Case.told``.

They are kept under the case's lock, by Slack user id, in the order in which they were told.
``bot.duty.stakeholders`` tells another where one has not seen a SEV1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.duty.stakeholders import STAKEHOLDERS
from bot.rules.facts import ToldFacts, UnreachedFacts
from bot.rules.words import Notice, Role, Severity, Unfilled
from storage.models import Case


def read_told(stored: Mapping[str, Any] | None) -> tuple[ToldFacts, ...]:
    """The stakeholders as ``Case.told`` keeps them."""
    return tuple(
        ToldFacts(
            user,
            Role(row["role"]),
            datetime.fromisoformat(row["at"]),
            _instant(row["seen_at"]),
            _instant(row["again_at"]),
            row["then"],
            tuple(
                UnreachedFacts(Role(row["role"]), each["who"], Unfilled(each["reason"]))
                for each in row["passed"]
            ),
        )
        for user, row in (stored or {}).items()
    )


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def keep_told(case: Case, told: Iterable[ToldFacts]) -> None:
    """Keep who was told; the next is told at the earliest ``again_at``."""
    kept = tuple(told)
    case.told = {
        each.user: {
            "role": each.role.value,
            "at": each.at.isoformat(),
            "seen_at": each.seen_at.isoformat() if each.seen_at else "",
            "again_at": each.again_at.isoformat() if each.again_at else "",
            "then": each.then,
            "passed": [{"who": p.who, "reason": p.reason.value} for p in each.passed],
        }
        for each in kept
    }
    case.told_at = min((each.again_at for each in kept if each.again_at), default=None)


def note_told(work: UnitOfWork, case: Case, user: str, role: Role, notice: Notice) -> None:
    """Note that a stakeholder is told; of a SEV1 another is told unless they see it in time.

    People of other roles are not noted, nor is anyone twice. What waits for a morning is not
    waited for.
    """
    told = read_told(case.told)
    if role not in STAKEHOLDERS or any(each.user == user for each in told):
        return
    urgent = case.severity == Severity.SEV1 and notice is not Notice.DIGEST
    again = work.now + work.policy.paging.unseen_after if urgent else None
    keep_told(case, [*told, ToldFacts(user, role, work.now, again_at=again)])


def fit_told(work: UnitOfWork, case: Case) -> None:
    """Wait from now for those who have not seen a case that became SEV1; for no one else's."""
    urgent = case.severity == Severity.SEV1
    again = work.now + work.policy.paging.unseen_after if urgent else None
    keep_told(
        case,
        [
            replace(each, again_at=None if each.seen_at or each.then else again)
            for each in read_told(case.told)
        ],
    )
