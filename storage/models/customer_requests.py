"""How customers ask for an escalation themselves: the intake address, the web form."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import instant_column, long_text


class StrangersPost(SQLModel, table=True):
    """A post about mails to the intake address of which it is not known whose they are.

    It shows the undecided ones from the mail ``first`` on, up to the next post's first, and is
    edited instead of followed by another. ``channel`` and ``ts`` are empty until it is there.
    """

    __tablename__ = "strangers_post"

    id: int = Field(default=None, primary_key=True)
    first: int = Field(unique=True)
    channel: str = ""
    ts: str = ""
    begun_at: datetime = instant_column()


class FormLink(SQLModel, table=True):
    """A link by which one account's people reach the form; signed, good until ``expires_at``."""

    __tablename__ = "form_link"

    id: int = Field(default=None, primary_key=True)
    account_key: str = Field(index=True)
    made_by: str
    made_at: datetime = instant_column()
    expires_at: datetime = instant_column()
    revoked_at: datetime | None = instant_column(nullable=True)
    revoked_by: str | None = None


class FormRequest(SQLModel, table=True):
    """What was sent by the form; ``key`` is the form's own, so that sending it twice is one.

    ``link`` is the account's link it came by, None for the public form: then it counts only once
    its address is confirmed, until ``expires_at``. What the person wrote is kept here no longer
    than that; afterwards the signal of the same key has it.
    """

    __tablename__ = "form_request"

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    link: int | None = Field(default=None, foreign_key="form_link.id")
    account_key: str = ""
    language: str
    company: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    text: str = long_text()
    impact: str = ""
    made_at: datetime = instant_column()
    expires_at: datetime | None = instant_column(nullable=True, index=True)
    confirmed_at: datetime | None = instant_column(nullable=True)
