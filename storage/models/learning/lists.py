"""Lists that those who lead are sent from time to time."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column


class LeadList(SQLModel, table=True):
    """A list that is made and sent at ``next_at``, while there is something to put on it.

    ``name`` says which: ``overdue:<user id of a manager>``, or
    ``causes:2026-07``. Without anything to put on it the row
    is deleted when its time comes, and stands again once there is.
    """

    __tablename__ = "lead_list"

    name: str = Field(primary_key=True)
    next_at: datetime = instant_column(index=True)
