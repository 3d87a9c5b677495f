"""What a case keeps in columns of its own as JSON, or in several together, as facts.

None of it takes a query. A column that is empty is None, or no facts at all.
"""

from collections.abc import Mapping
from datetime import date, datetime

from bot.rules.facts import DriftFacts, HoldFacts, LetterFacts, StandingFacts, UnreachedFacts
from bot.rules.membership import Unfilled
from bot.rules.words import Drift, HelpDesk, HoldReason, Role
from messages.kit.routes import BY_MAIL
from storage.models import Case


def standing_facts(case: Case) -> StandingFacts | None:
    """What stands in the way, as it was last reported; None before the first report."""
    if not case.standing:
        return None
    expected = case.standing.get("expected")
    return StandingFacts(
        standing=case.standing["standing"],
        by=case.standing["by"],
        at=datetime.fromisoformat(case.standing["at"]),
        remark=case.standing["remark"],
        expected=date.fromisoformat(expected) if expected else None,
    )


def letter_facts(case: Case) -> LetterFacts | None:
    """The letter about the resolution that waits for a yes; None where none does.

    ``fields`` are those of the form by which it was written, and by which it can be sent by hand.
    """
    if not case.letter:
        return None
    fields = case.letter["fields"]
    return LetterFacts(
        by=case.letter["by"],
        at=datetime.fromisoformat(case.letter["at"]),
        text=fields["text"],
        recipient=fields["recipient"],
        sent_by_us=fields["route"] in (BY_MAIL, "slack", *HelpDesk),
        free=bool(case.letter.get("anyway")),
        fields=fields,
    )


def unreached_facts(case: Case) -> tuple[UnreachedFacts, ...]:
    """Whom the case called for in vain, as what, and why; a role may have several.

    The order is that in which they were called for. Who stands in for them is not kept.
    """
    return tuple(
        UnreachedFacts(Role(role), row["who"], Unfilled(row["reason"]))
        for role, rows in (case.unreached or {}).items()
        for row in rows
    )


def hold_facts(case: Case) -> HoldFacts | None:
    """Why the case waits, until when, and who said so; None where it does not wait.

    A hold from before there was a date counts as none: it would never end.
    """
    if not case.hold_reason or case.hold_until is None:
        return None
    return HoldFacts(
        HoldReason(case.hold_reason),
        case.hold_until,
        case.hold_note,
        case.hold_since,
        case.hold_by,
    )


def drift_facts(what: str, found: Mapping[str, str]) -> DriftFacts:
    """A difference between Slack and the store: which, since when, and what was seen.

    Raises ValueError for a word that is no ``Drift``.
    """
    return DriftFacts(Drift(what), datetime.fromisoformat(found["at"]), found["seen"])
