"""Bugs that cases and known issues are linked to, as their tracker last had them."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column


class TrackedBug(SQLModel, table=True):
    """A bug that is looked at, under its key in the tracker; changed only in the bug's lane.

    ``bug_id`` is the tracker's own id, which stays when the key changes. ``versions`` are the ids
    of its fix versions, each between spaces. ``seen`` is its state as the last look found it, empty
    before the first. ``look_at`` is when to look again by ourselves.

    What each case or known issue was last told of it stands in their own rows (``bug_seen``).
    """

    __tablename__ = "tracked_bug"

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    bug_id: str = Field(default="", index=True)
    versions: str = ""
    seen: dict[str, Any] = json_column()
    look_at: datetime | None = instant_column(nullable=True, index=True)
