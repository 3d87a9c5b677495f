"""What happened, as values: a use case says it, and the table in ``bot/wiring.py`` says who reacts.

A subject calls those below it and tells those above it by an event. Reactions run at once, in the
order of the table, in the transaction of the use case: an error in one undoes all of it.

An event carries rows, not copies: a reaction sees, and may change, what the use case will commit.
Nothing is stored of the event itself, so it cannot be missed or come twice.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.helpdesks.judging import Ground
from bot.rules.helpdesks.tickets import Rating, TicketState
from bot.rules.mail.parsing import InboundMail
from bot.rules.words import Severity, Trigger
from storage.models import (
    Account,
    ActionItem,
    Candidate,
    Case,
    CustomerLink,
    KnownIssue,
    Mail,
    Problem,
    SentMessage,
)


@dataclass(frozen=True)
class Event:
    """Something that happened in this transaction. Its rows are those of the session, locked.

    Announce it after the rows say so, and before the card is queued.
    """


@dataclass(frozen=True)
class CaseOpened(Event):
    """A case has its row, people, clocks and channel; its stakeholders are not told yet."""

    case: Case


@dataclass(frozen=True)
class CaseResolved(Event):
    """A case became resolved."""

    case: Case


@dataclass(frozen=True)
class CaseReviewed(Event):
    """A resolved case went on to its review: all confirmed it, or the customer stayed silent."""

    case: Case


@dataclass(frozen=True)
class CaseReopened(Event):
    """A resolved case is being worked on again; ``unmerged``: a merge was taken back instead."""

    case: Case
    unmerged: bool = False


@dataclass(frozen=True)
class CaseClosed(Event):
    """A case was closed under its code, which may be that of a duplicate."""

    case: Case


@dataclass(frozen=True)
class CaseDismissed(Event):
    """A case turned out to be no escalation."""

    case: Case


@dataclass(frozen=True)
class CaseRestricted(Event):
    """A case is visible to the people on it alone from now on; its channel is still the old one."""

    case: Case


@dataclass(frozen=True)
class ExecutivesFlagged(Event):
    """Executives were brought in, for the first time since the case had no flag.

    Reactions put into ``asked`` those whom they ask themselves, so that nothing is said twice.
    """

    case: Case
    trigger: Trigger
    asked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class FlagWithdrawn(Event):
    """The flag for executives was taken back.

    Reactions put into ``asked`` those whom they had asked to take it: they hear of it too.
    """

    case: Case
    asked: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class CaseCorrected(Event):
    """What a case says was corrected: the part that changed and what it was until now.

    Parts and values are those of ``bot.cases.correction.parts``. Reactions put the name of what
    they did into ``followed``, and the id of each message that they held back into ``withheld``,
    for the notice that tells of it.
    """

    case: Case
    was: Mapping[str, tuple[str, ...]]
    followed: set[str] = field(default_factory=set)
    withheld: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class SponsorNamed(Event):
    """An account has another sponsor by the sponsorship programme, or its first.

    Its row names them already. It is not said when a sponsor leaves without another.
    """

    account: Account


@dataclass(frozen=True)
class KnownIssueChanged(Event):
    """A known issue was logged or changed, or other customers wait for it.

    ``renamed``: its bug is another one than before, or is named for the first time. ``reworded``:
    its title or workaround is another one.
    """

    row: Problem
    issue: KnownIssue
    renamed: bool = False
    reworded: bool = False


@dataclass(frozen=True)
class ActionChanged(Event):
    """An action item was added, changed, ended or taken up again.

    ``was_key`` is the issue of the developers' tracker that it was linked to until now; empty where
    there was none, or where it is the same.
    """

    case: Case
    action: ActionItem
    was_key: str = ""


@dataclass(frozen=True)
class MessageQueued(Event):
    """A customer message of the case waits in the outbox."""

    case: Case


@dataclass(frozen=True)
class CustomerAnswered(Event):
    """A person's message to the customer counts from now on, and the clocks know it.

    For what the app sends, that is when it was delivered, not when it was queued.
    """

    case: Case


@dataclass(frozen=True)
class CustomerWrote(Event):
    """The customer of a case wrote ``words``, by whatever route."""

    case: Case
    words: str = ""


@dataclass(frozen=True)
class MessageDelivered(Event):
    """The mail server or the help desk took a message.

    ``case`` is None for a broadcast's mail to a customer without a case, ``message`` is None for
    what no person wrote. ``receipt`` is the id of the ``BroadcastRecipient`` that the message is
    for, None where it is for none.
    """

    case: Case | None
    message: SentMessage | None
    receipt: int | None = None


@dataclass(frozen=True)
class MessageFailed(Event):
    """A message was refused or came back; the fields are those of ``MessageDelivered``.

    ``reason`` is in the words of the server or the help desk.
    """

    case: Case | None
    message: SentMessage | None
    receipt: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class ResolutionDelivered(Event):
    """The customer has the message that tells them of the resolution."""

    case: Case


@dataclass(frozen=True)
class CustomerUnhappy(Event):
    """A customer answered a question on a page of ours badly, for the first time on this link."""

    case: Case
    link: CustomerLink


@dataclass(frozen=True)
class BroadcastReplied(Event):
    """A customer without a case answered a broadcast; ``receipt`` is the id of its recipient.

    ``doubtful``: the sender could not be verified.
    """

    receipt: int
    mail: InboundMail
    doubtful: bool


@dataclass(frozen=True)
class CandidateDecided(Event):
    """A person decided what becomes of something that arrived; the row says what.

    ``told`` of the candidate is for its sources, each of which is told in its own way.
    """

    candidate: Candidate


@dataclass(frozen=True)
class DecisionUndone(Event):
    """The decision that a candidate is no escalation was taken back: it waits again.

    What was decided, and told to its sources, stands in ``undone`` of the candidate.
    """

    candidate: Candidate


@dataclass(frozen=True)
class TicketNoticed(Event):
    """A ticket without a live case gives grounds to look at it, or its customer wrote once more.

    ``grounds`` are new ones, none where only the customer's words are. ``key`` is unique to what is
    new. ``words`` are the customer's newest, empty where there are none; ``said_at`` is when they
    were written, else now. ``ended`` is the case of this ticket that is over, None where it has
    had none.
    """

    helpdesk: str
    state: TicketState
    key: str
    grounds: tuple[Ground, ...]
    severity: Severity | None
    words: str
    said_at: datetime
    ended: Case | None = None


@dataclass(frozen=True)
class TicketRated(Event):
    """The customer rated the answers in the ticket of a case, for the first time or anew."""

    case: Case
    helpdesk: str
    rating: Rating


@dataclass(frozen=True)
class TicketsMerged(Event):
    """A ticket went up in another, ``into``; both are ids in the help desk."""

    helpdesk: str
    ticket: str
    into: str


@dataclass(frozen=True)
class IntakeMailCame(Event):
    """A person wrote to the intake address, and the mail is of no case and no broadcast.

    ``row`` is stored without the words; what reacts keeps what is needed of them, and sets its
    state. ``doubt`` is why the sender is not believed, empty when they are.
    """

    row: Mail
    mail: InboundMail
    doubt: str


@dataclass(frozen=True)
class AnswerFailed(Event):
    """A mail of ours that is about neither a case nor a broadcast was refused, or came back.

    ``reason`` is in the words of the mail server.
    """

    mail: Mail
    reason: str


E = TypeVar("E", bound=Event)
Reaction = Callable[[UnitOfWork, E], Awaitable[None]]


def on(event: type[E], *reactions: Reaction[E]) -> tuple[type[Event], tuple[Reaction[Any], ...]]:
    """A row of the table, in which the type checker holds each reaction to its event."""
    return event, reactions


async def react(work: UnitOfWork, event: Event) -> None:
    """Call what reacts to ``event``, one after the other, and wait for each.

    To what happens in a drill no one reacts: surveys, tickets, pagers and figures are others'.
    Raises what they raise, and KeyError for an event without a row in the table.
    """
    case = getattr(event, "case", None)
    if case is not None and case.drill:
        return
    for reaction in work.wiring.reactions[type(event)]:
        await reaction(work, event)
