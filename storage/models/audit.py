"""The chain over the records that are never edited; see ``bot/rules/audit.py``."""

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import instant_column


class AuditEvent(SQLModel, table=True):
    """A link of the chain: one row of a record, as digests. The database refuses to change it.

    ``record`` is the row's table and ``row`` its id; ``at``, ``what`` (a verb, a kind of clock
    event, a command), ``about`` (``ESC-7``) and ``source`` are the row's own. ``who`` and
    ``content`` are digests with the salt of ``AuditSalt``. ``hash`` covers all of it and
    ``previous``, the hash of the link before; ``seq`` has no gaps.
    """

    __tablename__ = "audit_event"
    __table_args__ = (UniqueConstraint("record", "row"),)

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    form: int
    record: str
    row: int
    at: datetime = instant_column()
    what: str
    about: str
    source: str
    who: str
    content: str
    previous: str
    hash: str


class AuditSalt(SQLModel, table=True):
    """The salt of a link's digests, beside the chain: without it what they cover cannot be tried."""

    __tablename__ = "audit_salt"

    seq: int = Field(
        primary_key=True, foreign_key="audit_event.seq", sa_column_kwargs={"autoincrement": False}
    )
    salt: str
