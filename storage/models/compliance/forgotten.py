"""What was forgotten by rule."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column


class Forgotten(SQLModel, table=True):
    """That texts are deleted by the policy's rule, or a person is erased. Append-only.

    A record of the chain. ``verb`` is ``forget_words``, ``forget_survey`` or ``forget_files`` when
    it begins, ``forgot_…`` once all of it is gone. From the first on the database lets the texts
    of the timeline be replaced by the mark, and nothing else (migration 0760). ``about`` has
    ``keep`` (the policy's number) and, at the end, ``rows`` (how many changed since it last began).

    ``erase`` begins an erasure, with the pseudonym as ``as``; ``erased`` ends it, with the
    first's id as ``rule`` and, as ``elsewhere``, what is left for people to delete. In between the
    database lets that pseudonym into the records (migration 0800).
    """

    id: int = Field(default=None, primary_key=True)
    at: datetime = instant_column()
    actor: str
    verb: str = Field(index=True)
    case_number: int | None = Field(default=None, foreign_key="escalation.number", index=True)
    problem: int | None = Field(default=None, foreign_key="problem.number", index=True)
    about: dict[str, Any] = json_column()
