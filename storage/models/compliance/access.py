"""Who looked, who was refused, who took something out."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import instant_column


class AccessEvent(SQLModel, table=True):
    """That a person read what is restricted, was refused, or took a record out. Append-only.

    A record of the chain. ``verb`` is ``read``, ``denied`` or ``exported``; ``door`` is where: the
    name of a private answer, a verb, a page, ``home``. ``why`` is the refusal's key, of a denial.
    ``about`` is ``ESC-7``, ``PRB-2`` or empty, as the two columns before it say. Once for each
    ``hour`` (the beginning of it): ``at`` is the first time in it.
    """

    __tablename__ = "access_event"
    __table_args__ = (
        UniqueConstraint("actor", "verb", "door", "why", "about", "hour", name="access_once"),
    )

    id: int = Field(default=None, primary_key=True)
    at: datetime = instant_column()
    actor: str
    verb: str
    door: str
    why: str = ""
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    problem: int | None = Field(default=None, foreign_key="problem.number", index=True)
    about: str = ""
    hour: datetime = instant_column()
