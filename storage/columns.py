"""Columns that the tables share, and the conditions of their partial indexes.

A query is served by a partial index only where it states the same condition, so both take it from
here. SQLite and PostgreSQL write a condition on a boolean differently.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Text, text
from sqlmodel import Field

from storage.types import EnumText, Instant

PENDING = text("state = 'pending'")
# Said in the same words by the queries, so that the databases see that the index serves them.
OPEN_CASE = text("status NOT IN ('closed', 'dismissed', 'merged')")
OPEN_CONCESSION = text("state IN ('waiting', 'approved', 'promised')")  # states.UNSETTLED
TO_DO = text("done_at IS NULL")
LINKED = text("ticket <> ''")
WATCHED = text("executive IS true")  # as PostgreSQL is asked, and as SQLite is:
WATCHED_SQLITE = text("executive IS 1")
LATE = text("state = 'breached' AND stopped_at IS NULL AND name <> 'check_in'")

# Where nothing is due: after every instant, in both databases, where a null has no place of its own
NO_DUE = datetime(9999, 1, 1, tzinfo=UTC)
NO_DUE_STORED = "9999-01-01 00:00:00.000000"


def instant_column(*, nullable: bool = False, index: bool = False, name: str | None = None) -> Any:
    """A column that holds an instant; ``name`` is the column's where the field's differs."""
    given: dict[str, Any] = {"sa_column_kwargs": {"name": name}} if name else {}
    if nullable:
        return Field(default=None, sa_type=Instant, nullable=True, index=index, **given)
    return Field(sa_type=Instant, nullable=False, index=index, **given)


def enum_text(default: StrEnum) -> Any:
    """A column that holds a member of the enum of ``default`` as its value, never null."""
    return Field(default=default, sa_type=EnumText(type(default)), nullable=False)


def json_column(server_default: str | None = None) -> Any:
    """A column that holds a JSON object, never null; empty by default.

    A change inside the object is not noticed: assign a new one. ``server_default`` is for a column
    that a table gets later: what the version before writes lacks it.
    """
    column = Column(JSON, nullable=False, server_default=server_default)
    return Field(default_factory=dict, sa_column=column)


def long_text(name: str = "") -> Any:
    """A column for text of any length, never null; ``name`` where the field's differs."""
    column = Column(name, Text, nullable=False) if name else Column(Text, nullable=False)
    return Field(default="", sa_column=column)
