"""Known issues, which customers wait for, and the bugs of the developers' tracker behind them."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from bot.rules.states import KnownIssueState
from storage.columns import enum_text, instant_column, json_column, long_text


class KnownIssue(SQLModel, table=True):
    """What a problem's row has besides while it is a known issue; ``number`` is that row's.

    Title, owner and record are those of the row, the customers who wait its ``Affected``. ``bug``
    is the URL or the key of the bug, ``bug_key`` and ``bug_seen`` are as in a case. ``expected_on``
    is the day on which the fix is expected, ``outcome`` what the last step said. ``before`` is what
    stood before that step, until
    customers are told of it: ``{"state", "expected_on", "outcome"}`` (a date in ISO 8601 or None);
    empty where nothing can be undone. ``remind_at`` is when the owner is asked about a day that has
    passed; None while nothing is due.
    """

    __tablename__ = "known_issue"

    number: int = Field(primary_key=True, foreign_key="problem.number")
    state: KnownIssueState = enum_text(KnownIssueState.OPEN)
    component: str = ""
    bug: str = long_text()
    bug_key: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    bug_seen: dict[str, Any] = json_column(server_default="{}")
    expected_on: date | None = None
    workaround: str = long_text()
    outcome: str = long_text()
    before: dict[str, Any] = json_column()
    remind_at: datetime | None = instant_column(nullable=True, index=True)
    ended_at: datetime | None = instant_column(nullable=True)


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
