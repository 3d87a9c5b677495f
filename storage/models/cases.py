"""The case: the people on it, the questions and offers that wait for an answer, and its record.

Clocks are in ``storage.models.clocks``, what goes to the customer in ``storage.models.messages``,
``mail`` and ``tickets``.
Facts for texts and rules are made of these rows in ``bot.core.snapshot``.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlmodel import Field, SQLModel

from bot.rules.states import ChannelState, HandoverState
from storage.columns import (
    LINKED,
    NO_DUE,
    NO_DUE_STORED,
    OPEN_CASE,
    TO_DO,
    WATCHED,
    WATCHED_SQLITE,
    enum_text,
    instant_column,
    json_column,
    long_text,
)
from storage.types import Instant


class Case(SQLModel, table=True):
    """An escalation. ``number`` is what people call it (``ESC-7``); ``version`` grows with every
    change.

    Attributes:
        severity: 1 to 4, 1 the gravest.
        stake: What the customer has at stake; ``stake_quoted`` where these are their own words.
        legal: The customer threatens legal action, since it was opened or since the flag.
        legal_told: Legal was told of it, so they agree to every message.
        legal_filed: More than a threat: a claim was filed, a lawyer or an authority has written.
        legal_hold_at: Since when nothing of it is deleted; None: it is not held.
        sensitive: Only those on it may know that it exists; its channel is private.
        drill: It is only played, by those of ``drill_for`` (Slack user ids, to when they joined):
            in no list and no figure (``storage.sessions.drills``), and nothing of it leaves its
            channel (``bot.rules.learning.drills``).
        ticket: The id in ``helpdesk`` of the ticket or conversation that the case is linked to;
            empty while it is linked to none. What was written there before ``ticket_since`` does
            not count here.
        bug: What it was linked to in the developers' tracker with, a key or an address; empty while
            it is linked to none. ``bug_key`` is the key where that tracker is set up, ``bug_seen``
            what the last look found: a ``BugState`` as JSON, with ``url`` and ``trouble``.
        contact_by: The Slack user who named the contact; empty where the reporter did.
        second_name: Whom at the customer we turn to where the contact cannot be reached; with
            ``second_email``, and ``second_by`` who named them.
        owner: The Slack user who answers for the case: the manager on duty, or the reporter, until
            another person claims it.
        channel_state: ``wanted`` until Slack has made the channel, then ``open``.
        urgency: An ``Urgency`` that a person set; empty: as the severity suggests.
        deadline: When the customer needs it at the latest, by their own word.
        component: The component of the product, as the policy names it; empty for none.
        rank: Its place in the order of priorities, 0 the most pressing, as ``storage/ranks.py``
            keeps it; ``rank_at`` is when time alone may change it.
        next_due: The least due instant of its clocks that run, ``NO_DUE`` where there is none.
        topic: What the channel's topic was last set to by the app.
        drift: How Slack shows something else: a ``Drift`` to ``{"at": since when (ISO 8601),
            "seen": what is there}``. ``seen`` is a name, a topic or user ids with commas between
            them, else empty.
        standing: What the technical lead last reported that still stands in the way:
            ``{"standing", "by", "remark", "expected", "at"}``; None for nothing.
        letter: The customer's letter about a resolution that waits for the technical lead:
            ``{"fields": the form that resolves, "by", "at"}``; None for none.
        letter_due: When its writer hears again that it waits.
        private_channel: The channel is a private one, also after a restriction was lifted. Only
            known of channels made since the column is there, and where a restriction was lifted.
        looked_at: When ``drift`` was last compared.
        unreached: Whom the case called for in vain: a ``Role`` to a list of ``{"who": the name in
            the policy, "reason": an Unfilled}``.
        paged: Who was paged about it and what they answered: a Slack user id to what
            ``bot.core.access.store_pages`` makes of a page, in the order of the pages.
        focus_of: The technical lead who is in focus; empty without a focus. What the app would tell
            them about the case is kept back meanwhile (``FocusPeriod``).
        helpers: Who helps with which skill: a Slack user id to the skill, as the policy names it.
        page_at: When the next person is paged, because one who was has not answered.
        told: Which stakeholders were told and have seen it, once one has or time was over: a
            Slack user id to what ``bot.core.notify.keep_told`` makes of it.
        told_at: When another is told, because one who was has not seen it.
        learn_at: When the words by which the solved case is found again are read anew.
        similar_at: When it is looked for solved cases that are like this one.
        playbooks_at: When it is looked whether a playbook fits that is applied by itself.
        phrases: What the customer wrote later, as far as a playbook is by it: its phrase to when
            it came first (ISO 8601).
        policy_version: The ``PolicyVersion`` under which the case was opened.
        received_at: From when clocks run and what the customer writes counts: ``opened_at``, or
            when it reached us where it arrived before a person decided that it is a case.
        reported_at: When the customer's report came, where that was before the case was raised;
            it is told to the customer and moves no clock.
        problem: The number of the problem that it is part of; None for most.
        duplicate_of: The number of the case that goes on in its place; None for most.
        merged_into: The number of the case in which it goes on; None unless it is merged. What
            reaches this case, by mail, ticket or page, is led on to that one.
        forgotten_at: Since when its texts are deleted by rule (``Forgotten``); None: they are kept.
        reports: How often it was reported, the first time included (``CaseReport``).
        last_report_at: When it was last reported again; None while it was reported once.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        Index(
            "ix_escalation_open",
            "severity",
            "rank",
            "number",
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
        ),
        Index(
            "ix_escalation_ranked",
            "rank",
            "next_due",
            "number",
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
        ),
        Index(
            "ix_escalation_load",
            "owner",
            "severity",
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
        ),
        Index(
            "ix_escalation_watched",
            "executive",
            "severity",
            "rank",
            "number",
            sqlite_where=WATCHED_SQLITE,
            postgresql_where=WATCHED,
        ),
        Index(
            "ix_escalation_secret",
            "sensitive",
            "number",
            sqlite_where=OPEN_CASE,
            postgresql_where=OPEN_CASE,
        ),
        Index("ix_escalation_component", "component", "received_at"),
        Index(
            "ix_escalation_ticket",
            "helpdesk",
            "ticket",
            sqlite_where=LINKED,
            postgresql_where=LINKED,
        ),
    )

    number: int = Field(default=None, primary_key=True)
    account_key: str | None = Field(default=None, foreign_key="account.key", index=True)
    customer: str = Field(index=True)
    stake: str = long_text()
    stake_quoted: bool = False
    trigger: str
    severity: int = Field(index=True)
    status: str = Field(index=True)
    sensitive: bool = False
    drill: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    drill_for: dict[str, Any] = json_column("{}")
    legal: bool = False
    legal_told: bool = False
    legal_filed: bool = False
    legal_hold_at: datetime | None = instant_column(nullable=True)
    executive: bool = False
    executive_reason: str = long_text()
    ticket_url: str = long_text()
    source_link: str = long_text()
    helpdesk: str = ""
    ticket: str = ""
    ticket_since: datetime | None = instant_column(nullable=True)
    ticket_requester: str = ""  # the email address of its requester; empty until read
    bug: str = Field(default="", sa_column_kwargs={"server_default": ""})
    bug_key: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    bug_seen: dict[str, Any] = json_column(server_default="{}")
    contact_name: str = ""
    contact_email: str = ""
    contact_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    second_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    second_email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    second_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    language: str = "en"
    urgency: str = Field(default="", sa_column_kwargs={"server_default": ""})
    deadline: datetime | None = instant_column(nullable=True)
    component: str = Field(default="", sa_column_kwargs={"server_default": ""})
    rank: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rank_at: datetime | None = instant_column(nullable=True, index=True)
    next_due: datetime = Field(
        default=NO_DUE, sa_type=Instant, sa_column_kwargs={"server_default": NO_DUE_STORED}
    )
    reporter: str = Field(index=True)
    owner: str = Field(index=True)
    channel_id: str | None = Field(default=None, index=True)
    channel_name: str | None = None
    channel_state: ChannelState = enum_text(ChannelState.WANTED)
    card_ts: str | None = None
    topic: str | None = None
    drift: dict[str, Any] = json_column()
    standing: dict[str, Any] | None = Field(
        default=None, sa_type=JSON(none_as_null=True), nullable=True
    )
    letter: dict[str, Any] | None = Field(
        default=None, sa_type=JSON(none_as_null=True), nullable=True
    )
    letter_due: datetime | None = instant_column(nullable=True, index=True)
    private_channel: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    unreached: dict[str, Any] = json_column()
    looked_at: datetime | None = instant_column(nullable=True)
    focus_of: str = Field(default="", sa_column_kwargs={"server_default": ""})
    helpers: dict[str, Any] = json_column("{}")
    paged: dict[str, Any] = json_column("{}")
    page_at: datetime | None = instant_column(nullable=True, index=True)
    told: dict[str, Any] = json_column("{}")
    told_at: datetime | None = instant_column(nullable=True, index=True)
    learn_at: datetime | None = instant_column(nullable=True, index=True)
    similar_at: datetime | None = instant_column(nullable=True, index=True)
    playbooks_at: datetime | None = instant_column(nullable=True, index=True)
    phrases: dict[str, Any] = json_column("{}")
    hold_reason: str | None = None
    hold_until: datetime | None = instant_column(nullable=True, index=True)
    hold_since: datetime | None = instant_column(nullable=True)
    hold_note: str = long_text()
    hold_by: str | None = None
    resolution_type: str | None = None
    resolution_note: str = long_text()
    workaround_note: str = long_text()
    closure_code: str | None = None
    root_cause: str | None = None
    policy_version: str = ""
    received_at: datetime = instant_column()
    reported_at: datetime | None = instant_column(nullable=True)
    opened_at: datetime = instant_column()
    changed_at: datetime = instant_column(index=True)
    resolved_at: datetime | None = instant_column(nullable=True, index=True)
    closed_at: datetime | None = instant_column(nullable=True)
    postmortem_at: datetime | None = instant_column(nullable=True)
    forgotten_at: datetime | None = instant_column(nullable=True)
    problem: int | None = Field(default=None, index=True)
    duplicate_of: int | None = None
    merged_into: int | None = Field(default=None, index=True)
    reports: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    last_report_at: datetime | None = instant_column(nullable=True)
    version: int = 1


class CaseRole(SQLModel, table=True):
    """The holder of a role on a case: one person for each role. Who held it before, the record
    tells.

    ``look_at`` is when it is looked at whether they have it for too long, None for not at all;
    ``asked`` counts how often they were asked to hand it over.
    """

    __tablename__ = "case_role"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    role: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    since: datetime = instant_column()
    given_by: str | None = None  # who answers for it; None: the holder took it themselves
    look_at: datetime | None = instant_column(nullable=True, index=True)
    asked: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Handover(SQLModel, table=True):
    """A role that its holder offered to another person; it changes hands only when that one
    accepts.

    ``state`` is offered, accepted or refused, the latter with a ``reason`` where a person refused
    it: one that was taken back has none. ``summary`` is what the
    next holder needs to know.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    role: str
    offered_by: str
    offered_to: str = Field(index=True)
    summary: str = long_text()
    state: HandoverState = enum_text(HandoverState.OFFERED)
    reason: str = long_text()
    offered_at: datetime = instant_column()
    answered_at: datetime | None = instant_column(nullable=True)


class TimelineEvent(SQLModel, table=True):
    """Who did what to a case, when, from what to what, why and from where. Append-only.

    ``before`` and ``after`` hold plain JSON with the keys of each ``verb``: the texts under
    ``event`` in the locale use them by name, so an old row must stay readable by them. ``source``
    is command, button, form, event, cli, clock, or the name of a door (``mail``, a help desk). The
    order is that of ``id``, which is the order in which they were stored, not always that of
    ``at``.
    """

    __tablename__ = "timeline_event"
    __table_args__ = (Index("ix_timeline_event_case_id", "case_number", "id"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number")
    at: datetime = instant_column()
    actor: str
    verb: str
    before: dict[str, Any] = json_column()
    after: dict[str, Any] = json_column()
    why: str = long_text()
    source: str = ""


class Confirmation(SQLModel, table=True):
    """The latest word of a party on the resolution's quality; a later one takes its place.

    ``party`` is customer, escalation_manager or technical_lead; ``by`` is who recorded it.
    """

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    party: str = Field(primary_key=True)
    comfortable: bool
    by: str
    at: datetime = instant_column()
    remark: str = long_text()


class ActionItem(SQLModel, table=True):
    """What we will do differently: one owner, one due date, evidence when done.

    ``due`` is a calendar day without a zone. ``reported_at`` is when ``reported_by`` said that it
    is done; it is done (``done_at``) once another than its owner has looked. ``verifier`` is
    who is asked to, then who did. ``dropped_why``: it ended without being done. ``offered_to`` was
    asked by ``offered_by`` to take it over and has not answered; ``owner`` has it until then.
    ``next_reminder_at`` is None once it is over. ``bug``, ``bug_key`` and ``bug_seen`` are those of
    its issue in the developers' tracker, as in a case.
    """

    __tablename__ = "action_item"
    __table_args__ = (
        Index("ix_action_item_open", "due", "id", sqlite_where=TO_DO, postgresql_where=TO_DO),
    )

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    title: str
    type: str
    owner: str = Field(index=True)
    due: date
    created_by: str
    next_reminder_at: datetime | None = instant_column(nullable=True, index=True)
    done_at: datetime | None = instant_column(nullable=True)
    evidence: str = long_text()
    reported_at: datetime | None = instant_column(nullable=True)
    reported_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    verifier: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    dropped_why: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    offered_to: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    offered_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    bug: str = Field(default="", sa_column_kwargs={"server_default": ""})
    bug_key: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    bug_seen: dict[str, Any] = json_column(server_default="{}")


class Ask(SQLModel, table=True):
    """A decision asked of an executive.

    ``meaning`` says what an approval allows; an offer is one of up to ``amount`` (a number in
    decimal digits) of ``currency``, or of a share of a price where that is ``%``. ``answer`` is
    None while it waits, then approve, decline or withdrawn; it is given once. ``deputy`` may answer
    too, from when the one who was asked is away or has not answered by ``answer_by``. ``next_at``
    is when one of them is reminded, ``reminded`` counts that.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    asked_of: str = Field(index=True)
    asked_by: str
    question: str = long_text()
    asked_at: datetime = instant_column()
    meaning: str = Field(default="decision", sa_column_kwargs={"server_default": "decision"})
    amount: str = Field(default="", sa_column_kwargs={"server_default": ""})
    currency: str = Field(default="", sa_column_kwargs={"server_default": ""})
    answer_by: datetime | None = instant_column(nullable=True)
    deputy: str | None = Field(default=None, index=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    reminded: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    answer: str | None = None
    remark: str = long_text()
    answered_at: datetime | None = instant_column(nullable=True)
