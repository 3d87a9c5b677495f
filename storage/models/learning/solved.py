"""Solved cases as they are found again, and what was found for an open one."""

from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import json_column


class SolvedWord(SQLModel, table=True):
    """A word of a solved case, as ``bot.rules.learning.search_words`` cuts it.

    An index, and no more: whether the case is solved, and who may read it, its own row says.
    """

    __tablename__ = "solved_word"

    word: str = Field(primary_key=True)
    case_number: int = Field(primary_key=True, foreign_key="escalation.number", index=True)


class WorkedThen(SQLModel, table=True):
    """What an open case was told of solved ones that are like it.

    When it is looked for them, ``Case.similar_at`` says; a row stands from the first look on.
    ``told`` has the numbers of the cases that were told of, by the reader's user id, or
    ``channel``. ``tried`` is the case of which the solution is tried by ``tried_by``; None for
    none.
    """

    __tablename__ = "worked_then"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    told: dict[str, Any] = json_column()
    tried: int | None = None
    tried_by: str = ""
