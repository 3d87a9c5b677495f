"""Who was given the card of which role, and who has said that they understood it.

The texts of the cards stand in the languages' files; a row says only that, and when.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column


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
