"""Customers who may meet what a case was about: found, told by their own people, or spared."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, UniqueConstraint

from bot.rules.learning.outreach import OutreachState
from storage.columns import enum_text, instant_column, json_column, long_text


class Outreach(SQLModel, table=True):
    """What was done about customers who may meet what a case was about; one row a case.

    Attributes:
        look_at: When it is looked for them; None while nothing has changed.
        next_at: When those are reminded who have not answered, then who asked them.
        found: How many the technical lead was told of, once.
        told_at: When that was; None: not yet, so it may be looked for them again.
        sent_by: Who had their people asked.
        sent_at: When that was; None while their people were not asked.
        texts: The words as they were completed, by the code of the language.
        reminded: How often those were reminded who have not answered.
        ended_at: It was taken back, or the case was reopened, dismissed or restricted. It may begin
            anew for the customers who were neither told nor spared.

    """

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    look_at: datetime | None = instant_column(nullable=True, index=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    found: int = 0
    told_at: datetime | None = instant_column(nullable=True)
    sent_by: str = ""
    sent_at: datetime | None = instant_column(nullable=True)
    texts: dict[str, Any] = json_column()
    reminded: int = 0
    ended_at: datetime | None = instant_column(nullable=True)


class OutreachAccount(SQLModel, table=True):
    """One such customer, and who tells them; a case has one row for each at most.

    Attributes:
        component: The case's when their people were asked; by it is found who came after all.
        user_id: Who was asked to tell them.
        language: The code of the language in which they read it.
        text: Word for word what they are told, with their greeting and the teller's name.
        state: An ``OutreachState``.
        why: Why they need not be told; empty otherwise.
        answered_by: Who said that they told them, or that it is not needed; empty until then.
        answered_at: When that was; from then on they are watched.

    """

    __tablename__ = "outreach_account"
    __table_args__ = (UniqueConstraint("case_number", "account_key"),)

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    account_key: str = Field(foreign_key="account.key", index=True)
    component: str
    user_id: str = Field(index=True)
    language: str
    text: str = long_text()
    state: OutreachState = enum_text(OutreachState.WAITING)
    why: str = long_text()
    answered_by: str = ""
    answered_at: datetime | None = instant_column(nullable=True, index=True)
