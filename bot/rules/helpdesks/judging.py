"""Whether a ticket is a candidate by the policy's rules, and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.rules.helpdesks.terms import CandidateRule, HelpDeskTerms, traits_of
from bot.rules.helpdesks.tickets import TicketState
from bot.rules.words import HelpDesk, Severity


class Ground(StrEnum):
    """Why a ticket is a candidate. The values are stored."""

    TAG = "tag"
    PRIORITY = "priority"
    RATING = "rating"
    BREACH = "breach"
    REOPENED = "reopened"  # its case is over, and it was opened again
    PLACE = "place"  # its mailbox or its status, and nothing else of the rule


@dataclass(frozen=True, slots=True)
class Judgement:
    """The grounds on which a ticket is a candidate, none for one that is not.

    ``grounds`` are in the order of ``Ground``, each once, of all rules that hold. ``severity`` is
    the gravest that the rules which hold suggest, None where none of them does.
    """

    grounds: tuple[Ground, ...] = ()
    severity: Severity | None = None


def judge_ticket(state: TicketState, terms: HelpDeskTerms, now: datetime) -> Judgement:
    """Ask every rule; a tag that we set ourselves is no ground.

    Tags are compared without regard to case. ``now`` is an instant with a zone, for the targets. It
    is not asked whether the ticket was a candidate before.
    """
    tags = {tag.casefold() for tag in state.tags} - terms.own_tags
    holding = [rule for rule in terms.candidates if _holds(rule, state, tags, now)]
    grounds = {ground for rule in holding for ground in _grounds(rule)}
    severities = [rule.severity for rule in holding if rule.severity]
    return Judgement(
        tuple(ground for ground in Ground if ground in grounds), min(severities, default=None)
    )


def _holds(rule: CandidateRule, state: TicketState, tags: set[str], now: datetime) -> bool:
    """Whether all that the rule names is so.

    Mailbox and status are compared as they are, tag and priority without regard to case. A target
    that has passed counts as near; one that the help desk does not tell never does.
    """
    soon = rule.breach_within
    return all(
        (
            not rule.tag or rule.tag.casefold() in tags,
            not rule.mailbox or rule.mailbox == state.mailbox,
            not rule.status or rule.status == state.status,
            not rule.priority or rule.priority.casefold() == state.priority.casefold(),
            rule.rating is None or (state.rating and state.rating.score is rule.rating),
            soon is None or (state.breach_at is not None and state.breach_at - now <= soon),
        )
    )


def _grounds(rule: CandidateRule) -> Iterator[Ground]:
    """What the rule names that is a ground; ``PLACE`` where it names only a mailbox or a status."""
    named = {
        Ground.TAG: rule.tag,
        Ground.PRIORITY: rule.priority,
        Ground.RATING: rule.rating,
        Ground.BREACH: rule.breach_within,
    }
    found = [ground for ground, value in named.items() if value]
    yield from found or [Ground.PLACE]


def is_open_there(desk: HelpDesk, status: str) -> bool:
    """Whether an agent of the help desk has to act, by the ticket's status.

    ``status`` is in the help desk's words; False for one that it does not have.
    """
    return status in traits_of(desk).open


def choose_properties(state: TicketState, terms: HelpDeskTerms) -> Mapping[str, str]:
    """The customer's properties that the policy names, by the names that it gives them.

    Names are compared without regard to case. A property that the help desk does not know of is
    left out; an empty value stays.
    """
    known = {name.casefold(): value for name, value in state.properties.items()}
    return {name: known[name.casefold()] for name in terms.properties if name.casefold() in known}
