"""What customers are asked and shown: signed links and their key, surveys, calls after a breach.

Beside it what cases teach: decisions, and how they came out.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column, long_text


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
    is None while the conversation is owed, by ``call_by``; ``next_at`` is when its caller is
    reminded. ``way`` is call, meeting, message or not_reached, or
    ``retracted`` where the breach turned out to be none.
    """

    __tablename__ = "breach_talk"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    clocks: dict[str, Any] = json_column()
    caller: str
    opened_at: datetime = instant_column()
    call_by: datetime | None = instant_column(nullable=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    reminded: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    talked_at: datetime | None = instant_column(nullable=True)
    talked_by: str = ""
    way: str = ""
    outcome: str = long_text()
    offered: str = long_text()


class Contest(SQLModel, table=True):
    """What a customer said against our ranking of the case, in their ``words``.

    ``ask_at`` is when somebody is reminded that it has no answer, None once it has one or no one is
    left to remind; ``asked`` counts the reminders. ``answer`` is what the customer was told.
    """

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    words: str = long_text()
    by: str
    at: datetime = instant_column()
    ask_at: datetime | None = instant_column(nullable=True, index=True)
    asked: int = 0
    answer: str = long_text()
    answered_by: str = ""
    answered_at: datetime | None = instant_column(nullable=True)


class Secret(SQLModel, table=True):
    """A key that the app made itself, where the setting for it is empty. One for all replicas."""

    name: str = Field(primary_key=True)
    value: str


class CaseDecision(SQLModel, table=True):
    """A decision on a case, and how it came out.

    Attributes:
        options: What else there was to choose.
        decider: Who decided; ``author`` recorded it.
        next_at: When it is asked next how it came out; ``asked`` counts the questions.
        outcome: A ``DecisionOutcome``; empty until it is said. ``lesson`` is what we know now.
    """

    __tablename__ = "case_decision"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    decision: str = long_text()
    options: str = long_text()
    why: str = long_text()
    decider: str
    author: str
    at: datetime = instant_column()
    next_at: datetime | None = instant_column(nullable=True, index=True)
    asked: int = 0
    outcome: str = ""
    lesson: str = long_text()
    judged_by: str = ""
    judged_at: datetime | None = instant_column(nullable=True)
