"""What of a case's record is news to a person, and what is asked of them: for a brief of few lines.

Pure functions over facts. Nothing here says it in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.rules.facts import CaseFacts, TimelineFacts
from bot.rules.lifecycle import LIVE, OPEN, missing_confirmations
from bot.rules.states import PageAnswer
from bot.rules.words import ClockKind, Role

# What changes what people must do, or what the customer knows: told before all else.
GRAVE = frozenset({
    "open_case", "severity", "breach", "breach_talk", "customer_replied", "customer_edited",
    "executive_flag", "mitigate", "resolve", "confirm_no", "hold", "reopen", "close",
    "close_duplicate", "dismiss", "merged_in", "merged_out", "contest", "decide", "mail_bounced",
    "mail_refused", "ticket_refused", "slack_refused", "update", "link_case", "log_contact",
    "bug_shipped", "commit",
})  # fmt: skip
# How messages travel, who saw what, and what the app did for order's sake: no news to anybody.
QUIET = frozenset({
    "asked_pulse", "asked_survey", "drift", "drift_over", "mail_automatic", "mail_delayed",
    "mail_queued", "mend", "paged_elsewhere", "policy_applied", "postmortem", "seen", "seen_case",
    "slack_queued", "ticket_queued", "told_next", "postmortem_saved",
    "answer_postmortem",
})  # fmt: skip


CHECK_IN = ClockKind.CHECK_IN.value


class AskedOf(StrEnum):
    """What a case waits for from one person, the most urgent first."""

    PAGE = "page"
    ASK = "ask"
    HANDOVER = "handover"
    CLOCK = "clock"
    CONFIRM = "confirm"
    SEEN = "seen"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked of a person.

    ``text`` is the question, the action item's title, or the clock's name (``next_update``); empty
    where the kind says all. ``by`` asked it; ``until`` is by when, None where no time is set.
    """

    kind: AskedOf
    text: str = ""
    by: str = ""
    until: datetime | None = None


def choose_news(
    entries: Sequence[TimelineFacts], reader: str, most: int
) -> tuple[list[TimelineFacts], int]:
    """The entries that a person should hear of, oldest first, and how many news there are in all.

    ``entries`` are oldest first. What they did themselves is none, nor is what is ``QUIET``. Of
    more than ``most`` the grave ones stay, of equals the newest.
    """
    news = [e for e in entries if e.actor != reader and e.verb not in QUIET]
    first = sorted(news, key=lambda e: (e.verb in GRAVE, e.id), reverse=True)[:most]
    return sorted(first, key=lambda e: e.id), len(news)


def list_asked(case: CaseFacts, reader: str) -> list[Asked]:
    """What the case waits for from this person now, the most urgent first.

    Of an owner that is the clock that is due first, of a technical lead the check-in.
    """
    return [
        *_calls(case, reader),
        *_questions(case, reader),
        *_owned(case, reader),
        *_confirmations(case, reader),
        *_unseen(case, reader),
        *(Asked(AskedOf.ACTION, i.title) for i in case.actions
          if i.owner == reader and i.done_at is None and not i.waits),
    ]  # fmt: skip


def _calls(case: CaseFacts, reader: str) -> list[Asked]:
    """That they were paged and have not answered yet; of a case that has ended nobody is asked."""
    waits = any(p.user == reader and p.answer is PageAnswer.WAITS for p in case.pages)
    return [Asked(AskedOf.PAGE)] if waits and case.status in OPEN else []


def _questions(case: CaseFacts, reader: str) -> list[Asked]:
    """Open questions to them as an executive or as the deputy of one, then roles offered to them.

    The text of a question is its words, that of an offer the ``Role``.
    """
    asks = [
        Asked(AskedOf.ASK, a.question, a.asked_by, a.answer_by)
        for a in case.asks
        if a.answer is None and reader in (a.asked_of, a.deputy)
    ]
    offers = [
        Asked(AskedOf.HANDOVER, offer.role.value, offer.offered_by)
        for offer in case.handovers
        if offer.offered_to == reader
    ]
    return asks + offers


def _owned(case: CaseFacts, reader: str) -> list[Asked]:
    """The clock that this person meets: the technical lead's check-in, or of all others the first.

    Action items and handovers, whose clocks have keys, are asked for by themselves.
    """
    leads = case.roles.get(Role.TECHNICAL_LEAD) == reader
    running = [c for c in case.clocks if not c.ended and c.due and ":" not in c.name]
    theirs = [c for c in running if (leads if c.kind == CHECK_IN else case.owner == reader)]
    if case.status not in LIVE:
        return []
    first = min(theirs, key=lambda c: c.due or case.now, default=None)
    return [Asked(AskedOf.CLOCK, first.name, until=first.due)] if first else []


def _confirmations(case: CaseFacts, reader: str) -> list[Asked]:
    """That a described resolution waits for their word, by a role that they hold on the case."""
    if case.resolution_type is None or case.status not in LIVE:
        return []
    waited = missing_confirmations(case)
    theirs = [role for role, user in case.roles.items() if user == reader]
    return [Asked(AskedOf.CONFIRM)] if any(role.value in waited for role in theirs) else []


def _unseen(case: CaseFacts, reader: str) -> list[Asked]:
    """That they were told of the case as a stakeholder and have not said that they have seen it.

    Who was told in the place of another is not waited for.
    """
    waits = any(t.user == reader and t.seen_at is None and not t.stands_in for t in case.told)
    return [Asked(AskedOf.SEEN)] if waits and case.status in OPEN else []
