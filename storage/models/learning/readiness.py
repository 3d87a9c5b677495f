"""Who was given the card of which role, who has said that they understood it, and tips.

The texts of both stand in the languages' files; a row says only that they were told, and when.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column


class RoleCard(SQLModel, table=True):
    """The card of a role, and one person.

    ``key`` is ``<user id>:<role>``. ``told_at`` is when they were last given it, in the case of
    ``case_number``; None for one that they read without being given the role. ``read_at`` is when
    they last said that they understood it. ``remind_at`` is when they are reminded, None for not at
    all.
    """

    __tablename__ = "role_card"

    key: str = Field(primary_key=True)
    user_id: str = Field(index=True)
    role: str
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    told_at: datetime | None = instant_column(nullable=True)
    read_at: datetime | None = instant_column(nullable=True)
    remind_at: datetime | None = instant_column(nullable=True, index=True)


class TipReader(SQLModel, table=True):
    """A person who is given tips.

    ``forms`` counts by form how often it was opened with its tip. ``told`` counts the weekly tips
    that were sent; ``next_at`` is when the next one is, None for none. ``forms_off`` and
    ``weekly_off`` are the person's own choice, and so is ``courtesy_off``, about quiet words.
    """

    __tablename__ = "tip_reader"

    user_id: str = Field(primary_key=True)
    forms: dict[str, Any] = json_column()
    told: int = 0
    next_at: datetime | None = instant_column(nullable=True, index=True)
    forms_off: bool = False
    weekly_off: bool = False
    courtesy_off: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
