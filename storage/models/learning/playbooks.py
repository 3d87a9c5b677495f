"""Playbooks by which people work on a case."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column, long_text


class AppliedPlaybook(SQLModel, table=True):
    """A playbook by which a case is worked on; ``playbook`` is its key.

    ``done`` maps the place of a step, from 0 and as text, to who did it and when:
    ``{"by", "at"}`` (ISO 8601). ``reminded`` has the places of the steps of which it was reminded,
    each once. ``next_at`` is when the next open step is due, None where nothing is to be said.
    ``because`` is why it was applied by itself, ``{"kind", "value"}`` as ``Because`` has them, and
    empty where a person chose it; ``offered`` are the keys of those that fitted beside it then.
    ``content`` is what it says, by which the work goes on (``as_data``); empty before it was kept.
    ``ended_at``: it was taken back; the row stays, since the record and the post refer to it. Of
    one that is not ended a case has one for each key at most.
    """

    __tablename__ = "applied_playbook"

    id: int = Field(default=None, primary_key=True)
    case_number: int = Field(foreign_key="escalation.number", index=True)
    playbook: str
    applied_by: str
    applied_at: datetime = instant_column()
    done: dict[str, Any] = json_column()
    reminded: dict[str, Any] = json_column()
    because: dict[str, Any] = json_column("{}")
    offered: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    content: dict[str, Any] = json_column("{}")
    next_at: datetime | None = instant_column(nullable=True, index=True)
    ended_at: datetime | None = instant_column(nullable=True)


class OwnPlaybook(SQLModel, table=True):
    """What a playbook file of the organisation came to, by its key; of the folder under no key.

    ``content`` is ``{"rule", "words"}`` of the newest reading without mistakes, empty where there
    was none; ``fault`` are the mistakes of the newest reading, a line each. ``read_at`` is when one
    of them last changed.
    """

    __tablename__ = "own_playbook"

    key: str = Field(primary_key=True)
    content: dict[str, Any] = json_column()
    fault: str = long_text()
    read_at: datetime = instant_column()
