"""The report that a program sends, as it is read and as the OpenAPI document describes it.

Types are strict: a number is no text, and a field that is not here is refused, so that a misspelt
one is noticed by its sender instead of being lost.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from bot.rules.words import Language, Severity, Trigger

KEY_MAX = 120  # characters
TEXT_MAX = 20_000  # characters
LINE_MAX = 300  # characters
LINK_MAX = 2_000  # characters
DETAILS_MAX = 20  # facts
EARLIEST, LATEST = 1970, 9999  # years between which something may have happened
BIGGEST = 10**15  # a rating; a longer number is none
REASONS = ("asked", "threat", "legal_threat", "bad_rating", "bad_survey", "third_contact")


def without_nulls(value: object) -> object:
    """Return a text without NUL, which no database stores; anything else as it is."""
    return value.replace("\x00", "") if isinstance(value, str) else value


def _text_of_number(value: object) -> object:
    """A rating may come as a number; it becomes a text, in which 4.0 is ``4``.

    A whole number is written out, any other with fifteen significant digits at most. What is no
    finite number stays, and is refused.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.15g}"
    return str(value) if isinstance(value, int) and abs(value) < BIGGEST else value


def _no_boolean(value: object) -> object:
    """Refuse ``true``, which Python counts as 1."""
    if isinstance(value, bool):
        raise ValueError("must be a number")
    return value


def _on_one_line(text: str) -> str:
    """Join what was written on several lines: it stands on one where it is shown."""
    return " ".join(text.split())


def _of_our_time(instant: datetime) -> datetime:
    """Refuse what no calendar of ours reaches in every zone.

    The year is that of the zone in which the instant was written. Raises ValueError.
    """
    if not EARLIEST <= instant.year < LATEST:
        raise ValueError(f"must be in the years {EARLIEST} to {LATEST - 1}")
    return instant


def _web_address(link: str) -> str:
    """Refuse what is no address of the web: it becomes a link that people press.

    An empty one passes: there is no link. Raises ValueError.
    """
    if link and not link.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return link


def _spaceless(key: str) -> str:
    """Refuse a key with spaces or unprintable characters: it stands in an address.

    Letters of any alphabet pass, and a slash does. Raises ValueError.
    """
    if not key.isprintable() or " " in key:
        raise ValueError("must be without spaces and line breaks")
    return key


Plain = BeforeValidator(without_nulls)
Line = Annotated[str, StringConstraints(max_length=LINE_MAX), AfterValidator(_on_one_line), Plain]
Name = Annotated[Line, StringConstraints(min_length=1)]
Instant = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MAX), Plain
]
Key = Annotated[
    str, StringConstraints(min_length=1, max_length=KEY_MAX), AfterValidator(_spaceless), Plain
]
Link = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LINK_MAX),
    AfterValidator(_web_address),
    Plain,
]


class StrictModel(BaseModel):
    """Takes no field that it does not name, and no value of another type.

    Read from JSON, an enumeration takes its value, and an instant its text.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReportContact(StrictModel):
    """The person at the customer's who is to be answered."""

    name: Line = Field("", description="As it is written in a letter.")
    email: Line = Field("", description="Their email address.")
    phone: Line = Field("", description="Their telephone number, with the country.")


class Report(StrictModel):
    """What a customer said, or what a program noticed about one."""

    example: ClassVar[dict[str, object]] = {
        "key": "order-4711-complaint",
        "text": "Περιμένω την παραγγελία μου τρεις εβδομάδες και δεν απαντά κανείς.",
        "customer": "Aegean Ferries",
        "contact": {"name": "Κατερίνα Δήμου", "email": "k.dimou@aegean-ferries.example"},
        "happened_at": "2027-02-08T09:10:00+02:00",
        "language": "el",
        "link": "https://shop.example/orders/4711",
    }

    key: Key = Field(
        description="Your own id of this report, unique in your source. Sent again, it changes"
        " nothing and is answered as before, for ever."
    )
    text: Words = Field(description="The customer's words, or what was noticed. Plain text.")
    happened_at: Instant | None = Field(
        None,
        description="When it happened: ISO 8601 with a zone. Without it the time of receipt; an"
        " instant that is still to come counts as now.",
    )
    account: Line = Field(
        "",
        description="The account's key or name in the app's list of customers. One that is not"
        " known there is taken as the customer's name.",
    )
    customer: Line = Field("", description="The customer's name, as you know it.")
    contact: ReportContact = Field(default_factory=ReportContact)
    thread: Line = Field(
        "",
        description="What several reports have in common: an order, a conversation. Those of one"
        " thread come to one candidate or case. Without it each report is a thread of its own.",
    )
    link: Link = Field("", description="Where a person sees it in your system.")
    rating: Annotated[Line, BeforeValidator(_text_of_number)] = Field(
        "", description="As your source gives it, such as 2/5. A number is taken too."
    )
    language: Language | None = Field(None, description="The language of the text.")
    severity: Annotated[Severity | None, BeforeValidator(_no_boolean)] = Field(
        None, description="Your suggestion, from 1 (business stopped) to 4 (minor)."
    )
    trigger: Trigger | None = Field(None, description="Why it may have to be escalated.")
    reasons: list[Literal[REASONS]] = Field(  # type: ignore[valid-type]
        default_factory=list, max_length=len(REASONS), description="Why you think that it matters."
    )
    sensitive: bool = Field(
        False, description="True: only those who are asked to decide about it may read it."
    )
    details: dict[Name, Line] = Field(
        default_factory=dict,
        max_length=DETAILS_MAX,
        description="Further facts by name, such as plan or location; all of them are texts.",
    )


def list_fields() -> Sequence[str]:
    """Return the names of all fields of a report, those of its contact included.

    Those of the contact are written ``contact.name``; ``contact`` itself is among the others.
    """
    return [*Report.model_fields, *(f"contact.{name}" for name in ReportContact.model_fields)]
