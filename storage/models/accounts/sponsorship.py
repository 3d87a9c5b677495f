"""The executive sponsorship programme: its texts and signatures, memberships, sponsors' touches."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from bot.rules.states import SponsorshipState
from storage.columns import enum_text, instant_column, long_text


class SponsorshipText(SQLModel, table=True):
    """What was written for one of the programme's six points; the newest row of a topic counts.

    ``topic`` is a ``SponsorshipTopic``. ``months`` is how long a membership lasts, and stands with
    the exit criteria alone.
    """

    __tablename__ = "sponsorship_text"

    id: int = Field(default=None, primary_key=True)
    topic: str = Field(index=True)
    body: str = long_text()
    months: int | None = None
    author: str
    at: datetime = instant_column()


class SponsorshipSignature(SQLModel, table=True):
    """An executive's signature under the six texts of which ``digest`` is; the newest counts."""

    __tablename__ = "sponsorship_signature"

    id: int = Field(default=None, primary_key=True)
    digest: str
    signed_by: str
    signed_at: datetime = instant_column()


class Sponsorship(SQLModel, table=True):
    """An account in the programme, or nominated for it.

    Attributes:
        live_key: The account's key until it is over, then None: an account is in it once.
        customer: The account's name when it was nominated.
        sponsor: Who stands behind it, or is to; None where a person has to be found.
        deputy: Who is offered it when the sponsor leaves.
        offered_to: Who has an offer to answer: the sponsor before it begins, later their successor.
        score: 0 to 100, by the entry criteria; the waiting list goes by it.
        case_number: The case from which it was nominated, None for none.
        consent_by: Who consented on the customer's side, empty until that is known.
        began_at: When a sponsor accepted it for the first time.
        review_on: The day on which it is looked at again, ``ends_on`` when its length is reached.
        read_at: When its present sponsor confirmed the brief.
        exit_ground: Why its end is proposed, an ``ExitGround``; empty while it is not.
        exit_reason: A ``SponsorshipExit``; ``ended_why`` is in the words of ``ended_by``.
        next_at: When it is looked at again: the offer, the brief, the exit criteria.
        reminded: Reminders since ``next_at`` was last set by a step.
        brief_at: When the present quarter ends and its brief is made; None while it has no sponsor
            who accepted, and once it is over.
    """

    id: int = Field(default=None, primary_key=True)
    account_key: str = Field(index=True)
    live_key: str | None = Field(default=None, unique=True)
    customer: str
    state: SponsorshipState = enum_text(SponsorshipState.WAITING)
    sponsor: str | None = Field(default=None, index=True)
    deputy: str | None = None
    offered_to: str | None = Field(default=None, index=True)
    offered_at: datetime | None = instant_column(nullable=True)
    reason: str = long_text()
    score: int
    case_number: int | None = Field(default=None, foreign_key="escalation.number")
    nominated_by: str
    nominated_at: datetime = instant_column()
    consent_by: str = ""
    consent_on: date | None = None
    began_at: datetime | None = instant_column(nullable=True)
    review_on: date | None = None
    ends_on: date | None = None
    read_at: datetime | None = instant_column(nullable=True)
    exit_ground: str = ""
    exit_asked_at: datetime | None = instant_column(nullable=True)
    exit_reason: str = ""
    ended_by: str | None = None
    ended_at: datetime | None = instant_column(nullable=True)
    ended_why: str = long_text()
    next_at: datetime | None = instant_column(nullable=True, index=True)
    reminded: int = 0
    brief_at: datetime | None = instant_column(nullable=True, index=True)


class SponsorTouch(SQLModel, table=True):
    """A sponsor's contact with an account: one is due every three months, more are welcome.

    Attributes:
        sponsor: Who owed it when it fell due, or made it.
        due_at: Until when it was due; None for one beyond those that are due.
        done_at: When it took place, None while it is owed; ``done_by`` recorded it.
        how: A ``TouchKind``; empty until it took place.
        missed_at: When the director was told that it was missed; it stays missed if made later.
        next_at: When it is looked at again: a reminder, or that it is late.
    """

    __tablename__ = "sponsor_touch"

    id: int = Field(default=None, primary_key=True)
    sponsorship: int = Field(foreign_key="sponsorship.id", index=True)
    account_key: str = Field(index=True)
    sponsor: str
    due_at: datetime | None = instant_column(nullable=True)
    done_at: datetime | None = instant_column(nullable=True)
    done_by: str | None = None
    how: str = ""
    note: str = long_text()
    missed_at: datetime | None = instant_column(nullable=True)
    next_at: datetime | None = instant_column(nullable=True, index=True)
    reminded: int = 0


class SponsorBrief(SQLModel, table=True):
    """A quarterly brief that one reader was given, by a link that opens it until ``expires_at``.

    What it tells is read anew whenever it is opened, as far as the reader may know it then.
    ``quarter`` is its number in the membership, from 1.
    """

    __tablename__ = "sponsor_brief"

    id: int = Field(default=None, primary_key=True)
    sponsorship: int = Field(foreign_key="sponsorship.id", index=True)
    reader: str
    quarter: int
    made_at: datetime = instant_column()
    expires_at: datetime = instant_column()
