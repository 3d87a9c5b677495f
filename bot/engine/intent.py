"""What intents are made of: their base, and the kinds of field that people fill in.

A field says by a mark in its annotation what a form has to know of it: ``draft: Hidden[int]``,
``due: Future[LocalDate]``. Handlers read the marks; pydantic ignores them.

An intent is validated twice: where it comes in, for the form to show what is wrong, and again when
the inbox carries it out. It is stored as JSON, so a new field needs a default: older rows lack it.
The custom errors (``url``, ``email``, ``number``, ``date``) are keys of texts under
``field.``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from typing import Annotated, ClassVar, TypeVar, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    field_validator,
)
from pydantic_core import PydanticCustomError

from bot.rules.customer_addresses import is_address
from bot.rules.words import Severity

LINE_MAX = 200  # characters; a field that must fit on one line of the card
INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0 \n\t")  # printable, but nothing is seen
NUMBER_MAX = 2**31 - 1  # of a case, a row, a version: what a column takes
FIRST_YEAR, LAST_YEAR = 1970, 2200  # of what people promise or report
CASE_NUMBER = re.compile(r"(?:ESC-?|#)?\s*([1-9]\d{0,8})", re.IGNORECASE)
TEXT_MAX = 3000  # characters; Slack's longest plain_text_input and section


def _http(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.netloc or " " in url):
        raise PydanticCustomError("url", "url")
    return url


def _email(address: str) -> str:
    if address and not is_address(address):
        raise PydanticCustomError("email", "email")
    return address


def _case_number(typed: object) -> object:
    """Return a case's number as a whole number, read as people write it: ``ESC-7``, ``7``.

    Empty is None; anything else raises the error ``case_number``.
    """
    if not isinstance(typed, str):
        return typed
    if not typed.strip():
        return None
    found = CASE_NUMBER.fullmatch(typed.strip())
    if found is None:
        raise PydanticCustomError("case_number", "case_number")
    return int(found[1])


def clean_text(text: str) -> str:
    """Return the text without what cannot be printed and outer space; empty if nothing shows."""
    kept = "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
    return "" if set(kept) <= INVISIBLE else kept


Clean = AfterValidator(clean_text)
Line = Annotated[str, Clean, StringConstraints(min_length=1, max_length=LINE_MAX)]
OptionalLine = Annotated[str, Clean, StringConstraints(max_length=LINE_MAX)]
Text = Annotated[str, Clean, StringConstraints(min_length=1, max_length=TEXT_MAX)]
OptionalText = Annotated[str, Clean, StringConstraints(max_length=TEXT_MAX)]
Url = Annotated[str, Clean, StringConstraints(max_length=2000), AfterValidator(_http)]
Email = Annotated[str, Clean, StringConstraints(max_length=254), AfterValidator(_email)]


class Mark(Enum):
    """What a form has to know of a field."""

    COLLEAGUE = "colleague"  # the person gets a part in a case
    HIDDEN = "hidden"  # carried unseen by the form or the button
    FUTURE = "future"  # an instant or a date that makes sense only ahead of us
    PAST = "past"  # one that makes sense only behind us
    LOCAL_DATE = "local_date"  # a date, which depends on where the person is


@dataclass(frozen=True, slots=True)
class MissingText:
    """The text under ``field.`` that says that this field is missing, instead of the usual one."""

    key: str


T = TypeVar("T")
Hidden = Annotated[T, Mark.HIDDEN]
Future = Annotated[T, Mark.FUTURE]
Past = Annotated[T, Mark.PAST]
LocalDate = Annotated[date, Mark.LOCAL_DATE]
ChosenSeverity = Annotated[Severity, MissingText("severity")]
CaseNumber = Annotated[int | None, BeforeValidator(_case_number)]
SlackUser = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9_]{1,30}$"), Mark.COLLEAGUE]


class AllowanceKind(StrEnum):
    """What is counted a person, under this name in the store."""

    OPENINGS = "openings"
    REQUESTS = "requests"


class Record(StrEnum):
    """Which record tells of a verb; the value is the family of its sentences in the texts."""

    NONE = ""
    CASE = "event"
    PROBLEM = "problem.event"


class Intent(BaseModel):
    """Something a person wants done; ``verb`` names it in permissions, texts and timeline.

    ``form_permission`` is the row of the permission table that lets a person open the form,
    where that is another than the verb's own: the least with which the form can be sent.
    ``allowance`` is what a person may have only so much of within an hour, where the verb takes
    of it: it opens cases, or writes to others. ``record`` tells of it, as ``recorded_as`` where
    that is not the verb itself.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    verb: ClassVar[str]
    form_permission: ClassVar[str] = ""
    allowance: ClassVar[AllowanceKind | None] = None
    record: ClassVar[Record] = Record.NONE
    recorded_as: ClassVar[str] = ""

    @field_validator("*")
    @classmethod
    def _in_range(cls, value: object) -> object:
        """Refuse numbers that no column takes and days that no calendar has.

        The error is ``number`` or ``date``.
        """
        if isinstance(value, date) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise PydanticCustomError("date", "date")
        if isinstance(value, int) and abs(value) > NUMBER_MAX:
            raise PydanticCustomError("number", "number")
        return value


def named_colleagues(intent: Intent) -> dict[str, str]:
    """Whom the intent gives a part in a case, by field: only full members may have one.

    An empty field names no one. A field that names one person for each of several things has them
    under the names of its inputs: ``to_7`` for the key 7 of ``to``.
    """
    found: dict[str, str] = {}
    for name in people_fields(type(intent)):
        value = getattr(intent, name)
        if isinstance(value, Mapping):
            found |= {f"{name}_{key}": user for key, user in value.items()}
        elif value:
            found[name] = value
    return found


def people_fields(model: type[Intent]) -> tuple[str, ...]:
    """The fields that name people, optional ones and mappings to people too, in their order."""
    return tuple(
        name
        for name, info in model.model_fields.items()
        if Mark.COLLEAGUE in info.metadata or _names_people(info.annotation)
    )


def _names_people(annotation: object) -> bool:
    """Whether a part of the annotation is a person: ``SlackUser | None``, a mapping to people."""
    if Mark.COLLEAGUE in getattr(annotation, "__metadata__", ()):
        return True
    return any(_names_people(part) for part in get_args(annotation))


def fields_marked(model: type[Intent], mark: Mark) -> tuple[str, ...]:
    """The names of the model's fields that carry ``mark``, in their order."""
    return tuple(name for name, field in model.model_fields.items() if mark in field.metadata)


class OnCase(Intent):
    """An intent about one existing case, by its number."""

    record: ClassVar[Record] = Record.CASE
    case: int
