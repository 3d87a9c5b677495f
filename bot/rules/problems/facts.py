"""What is known of a problem that many customers have, as ``facts`` is of one case.

Instants are aware UTC, people Slack user ids. bot/problems/queries.py fills these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rules.states import ApprovalState, ProblemState, RecipientState
from bot.rules.words import Language, Severity


def name_number(number: int, *, known: bool = False) -> str:
    """Return how people refer to a problem, ``PRB-3``, or to a known issue, ``KI-3``."""
    return f"{'KI' if known else 'PRB'}-{number}"


@dataclass(frozen=True, slots=True)
class AffectedFacts:
    """A customer who has the problem; ``route`` is how a broadcast would reach them.

    ``route`` is mail or hand, ``owner`` is who writes where it is hand. ``link`` is where the
    ``evidence`` can be seen, ``said_by`` the person who listed them. ``told``: a broadcast reached
    them. ``greeting`` is the first line of a message to them, in ``language``. ``ticket`` is the
    URL of the ticket in which they wait, ``source`` where the report came from, if no link tells.
    """

    id: int
    customer: str
    evidence: str
    said_by: str
    said_at: datetime
    link: str = ""
    case: int | None = None
    account: str | None = None
    tier: str = ""
    region: str = ""
    language: Language = Language.ENGLISH
    contact: str = ""
    greeting: str = ""
    email: str = ""
    ticket: str = ""
    source: str = ""
    owner: str = ""
    told: bool = False

    def segments(self) -> tuple[str, ...]:
        """The audiences of this customer, beside ``all``: ``untold``, ``tier:gold`` …"""
        named = (("tier", self.tier), ("region", self.region), ("language", self.language.value))
        found = [f"{kind}:{value}" for kind, value in named if value]
        return tuple(found if self.told else ["untold", *found])


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What became of a broadcast for one customer.

    ``state`` is a value of ``RecipientState``, ``reason`` why it failed, ``text`` word for word
    what this customer reads, ``replied`` whether they answered.
    """

    id: int
    customer: str
    state: str
    route: str
    recipient: str
    owner: str
    text: str
    language: Language
    case: int | None = None
    reason: str = ""
    replied: bool = False


@dataclass(frozen=True, slots=True)
class BroadcastFacts:
    """A message to many, and how far it got.

    ``texts`` is by language, before names are filled in; ``digest`` is what the approval is bound
    to (``digest_broadcast``). ``receipts`` is empty where only the head was asked for. Without
    ``promises`` no next update is promised, and ``next_update_at`` is not told.
    """

    id: int
    problem: int
    audience: str
    texts: Mapping[str, str]
    next_update_at: datetime
    digest: str
    state: ApprovalState
    author: str
    receipts: tuple[ReceiptFacts, ...] = ()
    approver: str | None = None
    remark: str = ""
    sent_at: datetime | None = None
    promises: bool = True
    step: int = 0

    def count(self, state: RecipientState) -> int:
        """How many receivers are in a state."""
        return sum(each.state == state for each in self.receipts)

    @property
    def replied(self) -> int:
        """How many customers have answered, in whatever state their line is."""
        return sum(each.replied for each in self.receipts)

    @property
    def total(self) -> int:
        """How many customers it is for, without those that were left out of it."""
        return len(self.receipts) - self.count(RecipientState.LEFT)


@dataclass(frozen=True, slots=True)
class PointsFacts:
    """Talking points: what agents say; ``readers`` have to read them, ``unread`` have not.

    ``say``, ``dont_say`` and ``questions`` are texts of several lines; ``expires_at`` ends their
    use by itself. ``ended_by`` and ``ended_why`` are set once a person withdrew them. ``readers``
    is a number, ``unread`` are user ids.
    """

    id: int
    problem: int
    title: str
    version: int
    say: str
    dont_say: str
    questions: str
    scope: str
    expires_at: datetime
    state: ApprovalState
    author: str
    approver: str | None = None
    remark: str = ""
    ended_by: str | None = None
    ended_why: str = ""
    ended_at: datetime | None = None
    readers: int = 0
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One line of a problem's record; ``after`` carries the verb's own JSON values."""

    at: datetime
    actor: str
    verb: str
    after: Mapping[str, Any]
    why: str = ""


@dataclass(frozen=True, slots=True)
class ProblemFacts:
    """A problem as it stands at ``now``; lists are empty where only its head was asked for.

    ``known`` is what we know of it, ``scope`` who is and is not affected, ``outcome`` how it ended.
    ``state`` is open or resolved; of a known issue it is known. ``promised``: ``next_update_at``
    was told to customers.
    """

    number: int
    title: str
    known: str
    scope: str
    severity: Severity
    state: ProblemState
    owner: str
    now: datetime
    opened_at: datetime
    cycle_began_at: datetime
    next_update_at: datetime | None = None
    promised: bool = False
    channel_id: str | None = None
    card_ts: str | None = None
    outcome: str = ""
    resolved_at: datetime | None = None
    cases: tuple[int, ...] = ()
    affected: tuple[AffectedFacts, ...] = ()
    broadcasts: tuple[BroadcastFacts, ...] = ()
    points: PointsFacts | None = None
    record: tuple[RecordFacts, ...] = ()

    @property
    def exposed(self) -> bool:
        """False: whether its channel is shared outside, the process alone keeps in mind."""
        return False

    @property
    def reference(self) -> str:
        """``PRB-3``; of a known issue ``KI-3``."""
        return name_number(self.number, known=self.is_known_issue)

    @property
    def open(self) -> bool:
        """True while it is not resolved; never for a known issue."""
        return self.state == ProblemState.OPEN

    @property
    def is_known_issue(self) -> bool:
        """True for what is no problem yet."""
        return self.state == ProblemState.KNOWN
