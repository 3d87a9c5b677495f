"""One translation for every form: view state and hidden fields to an intent, errors to fields.

A block's id is the intent's field; what follows ``~`` in it only makes Slack draw it afresh. What
is judged here is the form of each field alone; rules that need the store are the use case's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.engine.intent import Intent, Mark, MissingText, fields_marked
from bot.registry import INTENTS
from bot.rules.words import Language
from handlers.slack.requests import Body, hidden_fields, mapping
from messages.cases.answers import field_problem

# Where each element of Block Kit keeps what was chosen (platform: view.state.values).
PLAIN = ("value", "selected_user", "selected_users", "selected_date", "selected_time",
         "selected_conversation", "selected_conversations", "selected_channel",
         "selected_channels")  # fmt: skip

# Pydantic's error types → the kinds of problem that the texts know; others are "invalid".
PROBLEMS: Mapping[str, str] = {
    "missing": "required",
    "too_short": "required",
    "string_too_short": "required",
    "too_long": "too_long",
    "string_too_long": "too_long",
    "enum": "choice",
    "int_parsing": "number",
    "int_type": "number",
    "int_from_float": "number",
    "number": "number",
    "date": "date",
    "date_parsing": "date",
    "datetime_parsing": "date",
    "date_type": "date",
    "date_from_datetime_parsing": "date",
    "datetime_type": "date",
    "datetime_from_date_parsing": "date",
    "url": "url",
    "email": "email",
    **{
        kind: kind
        for kind in (
            "money",
            "money_zero",
            "money_negative",
            "money_share",
            "money_currency",
            "money_large",
        )
    },
    "case_number": "case_number",
    "candidate_number": "candidate_number",
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; ``kind`` is a text under ``field.``, ``facts`` are its own.

    ``name`` is the field of the intent, or of the form where that has one more (``into_other``).
    """

    name: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class BadFields(Exception):
    """A form that cannot be taken as it is, with every problem at its field; nothing was stored."""

    def __init__(self, problems: Iterable[FieldError]) -> None:
        self.problems = tuple(problems)
        super().__init__(", ".join(f"{p.name}: {p.kind}" for p in self.problems))


def read_element(element: Body) -> Any:
    """What was typed or chosen in one element; None when nothing was.

    An instant as aware UTC, a day and a time as Slack's text (``2030-01-31``), checkboxes and
    several choices as a list, everything else as a string. An empty list is something.
    """
    if "selected_date_time" in element:
        return _instant(element["selected_date_time"])
    if "selected_option" in element:
        return mapping(element["selected_option"]).get("value")
    if "selected_options" in element:
        return [mapping(option).get("value") for option in element["selected_options"] or ()]
    return next((element[name] for name in PLAIN if name in element), None)


def _instant(epoch: object) -> datetime | str | None:
    """Unix seconds as an instant; as text, which the intent refuses, where no calendar has it."""
    try:
        return datetime.fromtimestamp(epoch, UTC) if isinstance(epoch, int) else None
    except (ValueError, OverflowError, OSError):
        return str(epoch)


def read_state(view: Body) -> dict[str, Any]:
    """Every field that has something in it, by its name.

    An emptied input is missing here, so what ``read_form`` takes from the hidden fields must not be
    an input of the same name.
    """
    state = mapping(mapping(view.get("state")).get("values"))
    read = {
        name_of(block): read_element(mapping(element))
        for block, elements in state.items()
        for element in mapping(elements).values()
    }
    return {name: value for name, value in read.items() if value is not None}


def read_form(view: Body) -> dict[str, Any]:
    """The fields of a submitted form: what it hides, then what was filled in.

    A number that was hidden is a number again; what was typed is text, which the intent reads.
    """
    return {**hidden_fields(view), **read_state(view)}


def build_intent(verb: str, fields: Mapping[str, Any]) -> Intent:
    """The intent that ``fields`` make; raises BadFields, or KeyError for an unknown verb.

    Fields that the intent does not have are ignored. Nothing is asked of the store.

    All mistakes are in the one BadFields, in the order in which pydantic found them.
    """
    model = INTENTS[verb]
    try:
        return model.model_validate(_shaped(model, fields))
    except ValidationError as error:
        raise BadFields(_problem(model, detail) for detail in error.errors()) from error


def check_times(intent: Intent, now: datetime, timezone: str = "UTC") -> None:
    """Raise BadFields for a promise in the past or a report from the future.

    ``timezone`` says which day it is where the person is; only a date depends on it. Today is
    neither past nor future. Which fields are judged their marks say (``Mark.FUTURE``,
    ``Mark.PAST``).
    """
    today = now.astimezone(ZoneInfo(timezone)).date()
    future = fields_marked(type(intent), Mark.FUTURE)
    past = fields_marked(type(intent), Mark.PAST)
    problems = []
    for name, value in intent:
        if not isinstance(value, date):
            continue
        ahead, behind = _beside(value, now, today)
        if name in future and behind:
            problems.append(FieldError(name, "past"))
        if name in past and ahead:
            problems.append(FieldError(name, "future"))
    if problems:
        raise BadFields(problems)


def has_local_date(model: type[Intent]) -> bool:
    """True where ``check_times`` needs to know which day it is where the person is.

    Only then is the directory asked for their time zone.
    """
    return bool(fields_marked(model, Mark.LOCAL_DATE))


def _beside(value: date, now: datetime, today: date) -> tuple[bool, bool]:
    """Whether the value lies ahead of us, and behind us. An instant is a date to Python too."""
    if isinstance(value, datetime):
        return value > now, value < now
    return value > today, value < today


def at_blocks(problems: Iterable[FieldError], view: Body, language: Language) -> dict[str, str]:
    """The problems as Slack shows them: block id to text.

    A problem of a hidden field stands at the first input, so that it is seen at all. Empty when the
    view has no input. Several problems of one field stand on lines of one text.
    """
    inputs = input_blocks(view)
    places = {name_of(block): block for block in inputs}
    errors: dict[str, str] = {}
    for problem in problems:
        if problem.name in places:
            text = field_problem(problem.kind, language, **problem.facts)
            place = places[problem.name]
            errors[place] = f"{errors[place]}\n{text}" if place in errors else text
        elif inputs:
            errors.setdefault(inputs[0], field_problem("stale", language))
    return errors


def input_blocks(view: Body) -> list[str]:
    """The ids of the view's input blocks, in their order, ``~`` and what follows it included."""
    if "blocks" not in view:  # then what was filled in tells which inputs there were
        return [str(block) for block in mapping(mapping(view.get("state")).get("values"))]
    blocks = [mapping(block) for block in view.get("blocks") or ()]
    return [str(block.get("block_id")) for block in blocks if block.get("type") == "input"]


def name_of(block_id: object) -> str:
    """The field that a block's id names."""
    return str(block_id).partition("~")[0]


def _shaped(model: type[BaseModel], fields: Mapping[str, Any]) -> dict[str, Any]:
    """A ticked box is the list ``["true"]``, an unticked one an empty list: the model wants yes or
    no.
    """
    return {
        name: bool(value) if _is_flag(model, name) and isinstance(value, list) else value
        for name, value in fields.items()
    }


def _is_flag(model: type[BaseModel], name: str) -> bool:
    """Whether the field is a plain yes or no in the intent; one that may be None is not."""
    info = model.model_fields.get(name)
    return info is not None and info.annotation is bool


def _problem(model: type[Intent], detail: ErrorDetails) -> FieldError:
    """One of pydantic's errors at the first part of its place: a field of the form.

    ``limit`` goes with ``too_long``. A type of error that ``PROBLEMS`` lacks is ``invalid``.
    """
    limit = (detail.get("ctx") or {}).get("max_length")
    kind = PROBLEMS.get(detail["type"], "invalid")
    name = str(detail["loc"][0]) if detail["loc"] else ""
    kind = _missing_text(model, name) if kind == "required" else kind
    return FieldError(name, kind, {"limit": limit} if kind == "too_long" else {})


def _missing_text(model: type[Intent], name: str) -> str:
    """What is said where the field is empty: that of its ``MissingText``, else ``required``."""
    info = model.model_fields.get(name)
    marks = info.metadata if info else ()
    return next((mark.key for mark in marks if isinstance(mark, MissingText)), "required")
