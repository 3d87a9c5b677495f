"""Drills: cases that are played, and who has done one."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column


class Drill(SQLModel, table=True):
    """What is known of a case that is played beside its own row, which says who plays.

    ``ends_at`` is when it ends by itself, None once it has ended. ``cancelled``: it was left, and
    counts for no one.
    """

    __tablename__ = "drill"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    begun_by: str
    begun_at: datetime = instant_column()
    ends_at: datetime | None = instant_column(nullable=True, index=True)
    ended_at: datetime | None = instant_column(nullable=True)
    cancelled: bool = False


class DrillDone(SQLModel, table=True):
    """A person has done a drill: they did something in it, and it was ended."""

    __tablename__ = "drill_done"

    user_id: str = Field(primary_key=True)
    case_number: int = Field(primary_key=True, foreign_key="escalation.number", index=True)
    done_at: datetime = instant_column()
