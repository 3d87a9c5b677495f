"""What goes to customers and comes back from them: messages, their approval, words, pages.

A message is stored when a person sends it, and counts for the clocks only when it has gone out: at
once where its author sent it, when its courier reports it where the app sends it (``Mail``,
``TicketReply``).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.rules.states import ApprovalState, MessageState
from storage.columns import enum_text, instant_column, json_column, long_text


class SentMessage(SQLModel, table=True):
    """A customer message word for word, as a person sent it.

    ``state``: sent; queued while our mail is on its way; refused or bounced, with the ``reason``.
    Only sent ones count. ``link`` is where it can be read, when a person sent it themselves.
    ``next_update_at`` is what it promises. ``evidence`` has

    - ``override``: a manager let the promise be later than the policy asks.
    - ``mitigates``: it tells the customer of a workaround.
    - ``approved_by``: the second person, or None.
    - ``events``: the ids of the clock events that rest on it, which a bounce withdraws; missing
      until it counts.
    """

    __tablename__ = "sent_message"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    language: str
    text: str = long_text()
    sent_by: str
    sent_at: datetime = instant_column()
    recipient: str
    route: str
    next_update_at: datetime | None = instant_column(nullable=True)
    link: str = long_text()
    state: MessageState = enum_text(MessageState.SENT)
    reason: str = long_text()
    evidence: dict[str, Any] = json_column()


class Mail(SQLModel, table=True):
    """A mail, ``direction`` out or in, known by its Message-ID; ``parents`` are its References.

    ``receipt`` is the recipient of a broadcast (``BroadcastRecipient.id``) that it is for.
    ``state`` of ours: queued, handed (given to the server, which has not answered yet), sent,
    refused, bounced. Of theirs: received, quarantined, released, dropped, automatic, unmatched.
    ``handed_claim`` is the claim of the outbox's row under which it was handed, 0 once that try is
    known to be over. ``answer`` is that of a server which took the mail from a process that did not
    hold the row any more: it tells the next holder not to send it again.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    direction: str
    kind: str
    message_id: str = Field(unique=True)
    parents: str = long_text()
    subject: str = ""
    sender: str = ""
    recipient: str = ""
    text: str = long_text()
    sent_message: int | None = Field(default=None, foreign_key="sent_message.id")
    receipt: int | None = None
    outbox_id: int | None = Field(default=None, index=True)
    state: MessageState = enum_text(MessageState.QUEUED)
    reason: str = long_text()
    handed_at: datetime | None = instant_column(nullable=True)
    handed_claim: int = 0
    answer: str = long_text()
    at: datetime = instant_column()


class EditedPost(SQLModel, table=True):
    """A post in a case's channel that is edited instead of followed by another.

    ``topic``: strangers (mails that were kept back, from the mail ``first`` on) or answer (to the
    question ``first``). ``ts`` is the post, once it is there; None before. What it shows is read
    from the store when it is drawn.
    """

    __tablename__ = "edited_post"
    __table_args__ = (UniqueConstraint("case_number", "topic", "first"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    topic: str
    first: int
    ts: str | None = None
    begun_at: datetime = instant_column()


class TicketReply(SQLModel, table=True):
    """What was written in a case's ticket, ``direction`` out (ours) or in; ``entry``: its id there.

    ``state`` of ours: queued, sent, refused with the ``reason``. Of others: received (from the
    customer), colleague (one of ours answered there; ``text`` is what they wrote). ``mark`` is by
    what ours is known again when no answer came. ``entry`` is None until it is there.
    """

    __tablename__ = "ticket_reply"
    __table_args__ = (UniqueConstraint("helpdesk", "entry"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    helpdesk: str
    ticket: str
    direction: str
    entry: str | None = None
    mark: str = ""
    sent_message: int | None = Field(default=None, foreign_key="sent_message.id")
    outbox_id: int | None = Field(default=None, index=True)
    state: MessageState = enum_text(MessageState.QUEUED)
    reason: str = long_text()
    text: str = long_text()
    at: datetime = instant_column()


class Secret(SQLModel, table=True):
    """A key that the app made itself, where the setting for it is empty. One for all replicas."""

    name: str = Field(primary_key=True)
    value: str


class CustomerLink(SQLModel, table=True):
    """A page that a customer may open: ``kind`` is pulse, survey or status.

    ``score`` and ``effort`` are 1 to 5, None until answered; ``changes`` counts the answers after
    the first. ``remind_at`` is when an unanswered question is repeated; ``allowed``: a person said
    that it may show a restricted case. ``action`` is the action item that an answer led to.
    """

    __tablename__ = "customer_link"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    made_at: datetime = instant_column()
    expires_at: datetime = instant_column()
    revoked_at: datetime | None = instant_column(nullable=True)
    allowed: bool = False
    remind_at: datetime | None = instant_column(nullable=True, index=True)
    score: int | None = None
    effort: int | None = None
    comment: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)
    changes: int = 0
    action: int | None = Field(default=None, foreign_key="action_item.id")


class Asking(SQLModel, table=True):
    """When a case's customer is asked next, None for not at all; ``pulsed_at`` is when they last
    were.
    """

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    pulse_at: datetime | None = instant_column(nullable=True, index=True)
    survey_at: datetime | None = instant_column(nullable=True, index=True)
    pulsed_at: datetime | None = instant_column(nullable=True)


class BreachTalk(SQLModel, table=True):
    """The conversation that a broken promise asks for; one at a time for each case.

    ``clocks`` maps the name of each clock that was missed since to when (ISO 8601). ``talked_at``
    is None while the conversation is owed. ``way`` is call, meeting, message or not_reached, or
    ``retracted`` where the breach turned out to be none.
    """

    __tablename__ = "breach_talk"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    clocks: dict[str, Any] = json_column()
    caller: str
    opened_at: datetime = instant_column()
    talked_at: datetime | None = instant_column(nullable=True)
    talked_by: str = ""
    way: str = ""
    outcome: str = long_text()
    offered: str = long_text()


class Draft(SQLModel, table=True):
    """A customer message that a second person must approve before it is sent.

    ``bound`` is an ``Outgoing`` of ``bot.customers.outgoing``, field by field: all that goes out.
    ``digest`` is SHA-256 over it: an approval is of this and nothing else, until ``expires_at``.
    ``reason`` is why a second person is wanted. ``fields`` is the whole form but for its case and
    draft, so that it opens again as it was. ``state`` is waiting, approved, returned, void (the
    text was changed) or sent; an approved one is sent once.
    """

    __tablename__ = "customer_draft"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    kind: str
    text: str = long_text()
    recipient: str
    digest: str
    bound: dict[str, Any] = json_column()
    reason: str = ""
    expires_at: datetime | None = instant_column(nullable=True)
    fields: dict[str, Any] = json_column()
    author: str
    state: ApprovalState = enum_text(ApprovalState.WAITING)
    asked_at: datetime = instant_column()
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)


class MessageTemplate(SQLModel, table=True):
    """A customer template that people wrote; those in files are its version 1 and so on.

    ``state`` is proposed, approved, returned or withdrawn; whether it has expired depends on the
    day on which it is asked: ``expires`` is its last one. ``body`` is a template, not yet filled.
    """

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("kind", "language", "version"),)

    id: int = Field(default=None, primary_key=True)
    kind: str
    language: str
    version: int
    body: str = long_text()
    why: str = long_text()
    expires: date
    state: ApprovalState = enum_text(ApprovalState.PROPOSED)
    author: str = Field(sa_column_kwargs={"name": "proposed_by"})
    asked_at: datetime = instant_column(name="proposed_at")
    approver: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)
    ended_by: str | None = Field(default=None, sa_column_kwargs={"name": "withdrawn_by"})
    ended_why: str = long_text("withdrawn_why")
    ended_at: datetime | None = instant_column(nullable=True, name="withdrawn_at")
