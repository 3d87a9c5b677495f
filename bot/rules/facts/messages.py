"""What is known of messages to a customer: sent, promised, composed, to be approved.

``route`` is the way to the customer: ``mail`` or the value of a ``HelpDesk`` where the app sends,
else a listed word (``phone``, ``portal`` …) or what a person typed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.rules.states import ApprovalState
from bot.rules.words import Language, MessageKind, ResolutionType


@dataclass(frozen=True, slots=True)
class SentFacts:
    """A customer message as it was sent, word for word.

    ``recipient`` is as it was recorded, a name or an address; ``next_update_at`` the update that it
    promised, None for none; ``link`` where the message can be read outside Slack. ``faults`` are
    what was wrong in it when it went out: a rule's name and what was found. ``gaps``: parts that
    it should have confirmed as the first response (``Part``).
    """

    id: int
    kind: MessageKind
    language: Language
    text: str
    sent_by: str
    sent_at: datetime
    recipient: str
    route: str
    next_update_at: datetime | None = None
    link: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """That the customer hears from us by ``due``; ``kept_at`` is when they did, late or not.

    None while nothing was sent, also when the promise was never kept.
    """

    due: datetime
    kept_at: datetime | None = None

    @property
    def kept(self) -> bool:
        """True when the customer heard at or before ``due``.

        False may also mean that it is not due yet.
        """
        return self.kept_at is not None and self.kept_at <= self.due


@dataclass(frozen=True, slots=True)
class Composed:
    """A customer message as it stands in the composer; ``spoken`` ones are notes of a call.

    Nothing of it is stored yet. ``next_update_at`` is the promise that it would make, None for
    none; ``resolution`` is what the form that resolves says was done.
    """

    kind: MessageKind
    text: str
    recipient: str = ""
    next_update_at: datetime | None = None
    spoken: bool = False
    route: str = ""
    resolution: ResolutionType | None = None


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A customer message before it was sent, as a second person is asked to approve it.

    ``state`` is waiting, approved, returned, void or sent; ``fields`` is the form it came from, as
    JSON. ``shown`` is all that an approval is of, as the approver reads it: labels to texts.
    ``digest`` is a SHA-256 as 64 hexadecimal digits of all that goes out; an answer names it, so
    that an approval of another text is refused.
    """

    id: int
    case_number: int
    kind: MessageKind
    text: str
    recipient: str
    digest: str
    author: str
    state: ApprovalState
    fields: Mapping[str, Any] = field(default_factory=dict)
    approver: str | None = None
    remark: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """The customer's letter about a resolution, which waits for the technical lead since ``at``.

    ``fields`` is the form that it was written in, as JSON; ``by`` wrote it. ``sent_by_us``: the app
    sends it once the lead has confirmed, otherwise its writer does. ``free``: a manager let it go
    before that.
    """

    by: str
    at: datetime
    text: str
    recipient: str
    sent_by_us: bool
    free: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """A version of the words for a kind of message; ``id`` is None for the one that ships.

    ``state`` is proposed, approved, returned or withdrawn; ``expires`` is its last day. The
    ``approver`` of the one that ships is a role. The words in use are those of the newest version
    that is approved and not expired.
    """

    kind: MessageKind
    language: Language
    version: int
    body: str
    state: ApprovalState
    expires: date
    id: int | None = None
    why: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    approver: str | None = None
    remark: str = ""
    withdrawn_by: str | None = None
    withdrawn_why: str = ""

    def of(self, kind: MessageKind, language: Language) -> bool:
        """True for a version of these words."""
        return (self.kind, self.language) == (kind, language)

    def standing(self, today: date) -> ApprovalState:
        """Its state on a day: an approved one is ``EXPIRED`` after its last day.

        ``today`` is the date where the organisation is. Expiry is never stored, only judged.
        """
        in_use = self.state == ApprovalState.APPROVED
        return ApprovalState.EXPIRED if in_use and today > self.expires else self.state


@dataclass(frozen=True, slots=True)
class MailFacts:
    """A customer's mail as it came: ``text`` is all that it says, cut where it is very long.

    ``note`` says why words are missing, ``files`` are attachments with ``name`` and ``size``, both
    as in the table of notices. ``at`` is when it was written.
    """

    sender: str
    subject: str
    text: str
    at: datetime
    note: str = ""
    files: tuple[Mapping[str, Any], ...] = ()
