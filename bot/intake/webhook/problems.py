"""What is wrong with a report that cannot be read: where, what, and what its sender should do."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.intake.webhook.answers import Problem
from bot.intake.webhook.report import REASONS, list_fields
from bot.rules.policy.reader import nearest_word
from bot.rules.words import Language, Severity, Trigger

PROBLEMS_MAX = 20  # that are told of one report
SHOWN_MAX = 60  # characters of a name that is repeated to its sender
DATE = "2027-02-08T09:10:00+02:00"
# What may stand in a field whose values are few.
CHOICES = {
    "language": [each.value for each in Language],
    "severity": [str(each.value) for each in Severity],
    "trigger": [each.value for each in Trigger],
    "reasons": list(REASONS),
}


def list_problems(error: ValidationError) -> list[Problem]:
    """Return every mistake that pydantic found, at most ``PROBLEMS_MAX``, in words.

    Values are not repeated: they may be a customer's words. Names of fields are, shortened. The
    order is pydantic's, and the list is never empty.
    """
    details = error.errors(include_url=False, include_context=True)
    return [_say_problem(each) for each in details[:PROBLEMS_MAX]]


def is_malformed(error: ValidationError) -> bool:
    """Whether the body was no JSON at all.

    The route answers 400 then, and 422 for JSON that is no report.
    """
    return any(each["type"] == "json_invalid" for each in error.errors(include_url=False))


def _say_problem(detail: ErrorDetails) -> Problem:
    """One mistake in words: ``where`` is the path in the report, with full stops between its parts.

    What no case here knows is said in the words of pydantic or of the model's own check.
    """
    where = _shortened(".".join(str(part) for part in detail["loc"]))
    kind = detail["type"]
    context = detail.get("ctx") or {}
    top = str(detail["loc"][0]) if detail["loc"] else ""
    if kind == "json_invalid":
        said = f"The body is no JSON: {context.get('error', 'it cannot be read')}."
        return _problem("malformed", "", said, "Send one JSON object, in UTF-8.")
    if kind == "extra_forbidden":
        return _unknown(where)
    if kind == "missing":
        return _problem("missing", where, "This field is needed.", f"Add {where}.")
    if kind in ("string_too_long", "too_long"):
        most = context.get("max_length")
        said = f"It is longer than {most}."
        return _problem("too_long", where, said, "Shorten it; a link may lead to the whole.")
    if top == "happened_at":
        said = (
            "This is no instant with a zone."
            if kind != "timezone_aware"
            else "The zone is missing."
        )
        return _problem("wrong_date", where, said, f"Write ISO 8601 with a zone, such as {DATE}.")
    if top in CHOICES:
        allowed = ", ".join(CHOICES[top])
        return _problem("wrong_value", where, "This value is not known.", f"One of: {allowed}.")
    return _problem("wrong_value", where, _said(detail), _remedy(kind))


def _unknown(where: str) -> Problem:
    """A field that the report does not have, with the nearest that it has, if one is near."""
    near = nearest_word(where, list_fields())
    remedy = f"Did you mean {near}?" if near else "Facts of your own go into details."
    return _problem("unknown_field", where, "There is no field of this name.", remedy)


def _said(detail: ErrorDetails) -> str:
    """The check's own words as a sentence, with a capital letter and a full stop."""
    said = detail["msg"].removeprefix("Value error, ")
    return said[:1].upper() + said[1:].removesuffix(".") + "."


def _remedy(kind: str) -> str:
    if kind == "string_type":
        return "Write it as a text, in quotation marks."
    if kind == "string_too_short":
        return "Write something in it."
    return "Send it as the OpenAPI document says: /intake/openapi.json."


def _problem(kind: str, where: str, what: str, do: str) -> Problem:
    return Problem.model_validate({"kind": kind, "where": where, "what": what, "do": do})


def _shortened(name: str) -> str:
    """The name, of which ``SHOWN_MAX`` characters are shown at most, the last one an ellipsis."""
    return name if len(name) <= SHOWN_MAX else name[: SHOWN_MAX - 1] + "…"


def join_problems(problems: Sequence[Problem]) -> str:
    """Return the mistakes as one text: ``contact.emial: There is no …. Did you mean …?``."""
    said = (f"{p.where}: {p.what} {p.do}" if p.where else f"{p.what} {p.do}" for p in problems)
    return " ".join(said)
