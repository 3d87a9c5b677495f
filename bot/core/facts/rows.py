"""Rows that belong to a case as facts, each by itself; none of it takes a query."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from bot.rules.bugs.state import describe_bug
from bot.rules.facts import (
    ActionFacts,
    AskFacts,
    ConfirmationFacts,
    DriftFacts,
    HandoverFacts,
    OpinionFacts,
    SentFacts,
    TimelineFacts,
)
from bot.rules.words import ActionType, AskMeaning, Drift, Language, MessageKind, Role
from storage.models import (
    ActionItem,
    Ask,
    Confirmation,
    CustomerLink,
    Handover,
    SentMessage,
    TimelineEvent,
)


def sent_facts(row: SentMessage) -> SentFacts:
    """Return a customer message as it was sent; for any state, so the caller chooses the rows."""
    return SentFacts(
        id=row.id, kind=MessageKind(row.kind), language=Language(row.language), text=row.text,
        sent_by=row.sent_by, sent_at=row.sent_at, recipient=row.recipient, route=row.route,
        next_update_at=row.next_update_at, link=row.link,
        faults=tuple((each["rule"], each["quote"]) for each in row.evidence.get("faults", ())),
        gaps=tuple(row.evidence.get("gaps", ())),
    )  # fmt: skip


def confirmation_facts(row: Confirmation) -> ConfirmationFacts:
    """Whether a party says that the case is solved."""
    return ConfirmationFacts(row.party, row.comfortable, row.by, row.at, row.remark)


def handover_facts(row: Handover) -> HandoverFacts:
    """A handover that was offered."""
    role = Role(row.role)
    return HandoverFacts(row.id, role, row.offered_by, row.offered_to, row.summary, row.offered_at)


def opinion_facts(row: CustomerLink) -> OpinionFacts:
    """What a customer answered on a page; ``at`` is when, or when it was asked."""
    at = row.answered_at or row.made_at
    return OpinionFacts(row.kind, row.score or 0, at, row.effort, row.comment)


def action_facts(row: ActionItem) -> ActionFacts:
    """An action item as it may be said."""
    return ActionFacts(
        row.id, row.title, ActionType(row.type), row.owner, row.due, row.done_at, row.evidence,
        row.reported_at, row.reported_by, row.verifier, row.dropped_why, row.offered_to,
        describe_bug(row.bug, row.bug_key, row.bug_seen),
    )  # fmt: skip


def ask_facts(row: Ask) -> AskFacts:
    """A decision asked of an executive."""
    amount = Decimal(row.amount) if row.amount else None
    return AskFacts(
        row.id, row.case_number, row.asked_of, row.asked_by, row.question, row.asked_at,
        row.answer, row.answered_at, AskMeaning(row.meaning), amount, row.currency,
        answer_by=row.answer_by, deputy=row.deputy, remark=row.remark,
    )  # fmt: skip


def timeline_facts(row: TimelineEvent) -> TimelineFacts:
    """One entry of the record."""
    return TimelineFacts(
        row.id, row.at, row.actor, row.verb, row.before, row.after, row.why, row.source
    )


def drift_facts(what: str, found: Mapping[str, str]) -> DriftFacts:
    """A difference between Slack and the store: which, since when, and what was seen.

    Raises ValueError for a word that is no ``Drift``.
    """
    return DriftFacts(Drift(what), datetime.fromisoformat(found["at"]), found["seen"])
