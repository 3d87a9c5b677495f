"""What is done to a submitted form's fields before they become its intent.

For what a field of the form says in another way than the intent's. Each is a ``Prepare``; it runs
before the acknowledgement, so it only looks things up.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.customers.templates import ProposeTemplate, must_be_usable
from bot.engine.intent import LINE_MAX
from bot.rules.intake import Telling
from bot.rules.problems import affected_csv
from bot.rules.severity import suggest_severity
from bot.rules.words import ClosureCode, Severity
from handlers.forms import fields
from handlers.forms.fields import BadFields, FieldError
from handlers.ports import Services
from messages.customers.template_sandbox import BadTemplateError
from messages.forms.open_case import NEW_NAME_MAX, adds_to_case

Prepare = Callable[[Services, dict[str, Any]], Awaitable[dict[str, Any]]]
"""From the fields as they were sent to those of the intent; raises BadFields."""


async def keep_sent(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """The fields are the intent's already."""
    return given


async def read_takers(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """Who takes which case, out of an input for each: ``to_7`` becomes the key 7 of ``to``."""
    names = {name: name.removeprefix("to_") for name in given if name.startswith("to_")}
    return {**given, "to": {number: given[name] for name, number in names.items()}}


async def read_opening(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """The customer select's value to account and name; the severity from the signs.

    A severity that was chosen goes before the one that the ticked signs speak for; with neither,
    the intent says that it is missing. A report that is added to a case needs none: should that
    case have ended, its own severity is taken, of which any is the graver.
    """
    given = await read_customer(services, given)
    adds = adds_to_case(given.get("same_as"))
    given["same_as"] = given.get("same_as") if adds else None
    if adds and not given.get("severity"):
        given["severity"] = suggest_severity(given.get("signs") or ()) or Severity.SEV4
    if not given.get("severity"):
        given["severity"] = suggest_severity(given.get("signs") or ())
    return {name: value for name, value in given.items() if value is not None}


async def read_customer(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """The customer select's value to account and name.

    ``account:<key>`` becomes ``account`` and ``customer``; ``new:<name>`` an empty ``account``.
    Raises BadFields for an account that is gone and for a name that was too long for the field;
    anything else stays as it came. With an account the name is only for the eye: its own counts.
    """
    kind, _, value = str(given.get("customer") or "").partition(":")
    if kind == "account":
        account = await services.reading.account(value)
        if account is None:
            raise BadFields([FieldError("customer", "choice")])
        return given | {"account": account.key, "customer": account.name[:LINE_MAX]}
    if kind == "long":
        raise BadFields([FieldError("customer", "too_long", {"limit": NEW_NAME_MAX})])
    return given | {"account": "", "customer": value} if kind == "new" else given


async def read_other(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """A case that is none of those offered is named by its number; BadFields where it is not."""
    if given.get("into") != "other":
        return given
    if not given.get("into_other"):
        raise BadFields([FieldError("into_other", "case_number")])
    return given | {"into": given["into_other"]}


async def require_issue(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """A known issue is chosen, or a new one has a title; BadFields at ``title``.

    A title of blanks alone is none.
    """
    if not given.get("issue") and not str(given.get("title") or "").strip():
        raise BadFields([FieldError("title", "required")])
    return given


async def require_time(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """An answer by a time needs the time, and any other words none; BadFields at ``answer_by``.

    A time that came with other words is dropped, so that it is not stored with the decision.
    """
    if given.get("told") != Telling.SUPPORT_BY:
        return {name: value for name, value in given.items() if name != "answer_by"}
    if given.get("answer_by") is None:
        raise BadFields([FieldError("answer_by", "required")])
    return given


async def require_original(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """A duplicate names the case that goes on; raises BadFields at ``duplicate_of``."""
    if given.get("code") == ClosureCode.DUPLICATE and not given.get("duplicate_of"):
        raise BadFields([FieldError("duplicate_of", "original")])
    return given


async def check_words(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """A template that cannot be used is refused at its field, with line and reason.

    Raises BadFields at ``body``, as ``template_<reason>`` with ``line`` (a number) and what else is
    known, and for any field that is wrong in itself.
    """
    intent = fields.build_intent("propose_template", given)
    if isinstance(intent, ProposeTemplate):
        try:
            must_be_usable(intent)
        except BadTemplateError as bad:
            facts = {"line": bad.line, **bad.facts}
            raise BadFields([FieldError("body", f"template_{bad.reason}", facts)]) from bad
    return given


async def match_lines(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """Check that each pasted customer has an account; every line that cannot be taken is told.

    Raises BadFields at ``lines``, one error a mistake, the first ``FOUND_MAX`` in order of lines.
    The fields themselves stay: the use case reads the text again.
    """
    lines, wrong = affected_csv.read_affected(str(given.get("lines") or ""))
    keys: dict[int, str] = {}
    for line in lines:
        account = await services.problems.account_named(line.customer)
        if account is None:
            wrong.append(affected_csv.Mistake(line.number, "unknown", line.customer))
        else:
            keys[line.number] = account.key
    wrong += affected_csv.repeated_lines([ln for ln in lines if ln.number in keys], keys)
    if wrong:
        wrong.sort(key=lambda mistake: mistake.line)
        raise BadFields(
            FieldError("lines", f"lines_{m.kind}", {"line": m.line, "quote": m.quote})
            for m in wrong[: affected_csv.FOUND_MAX]
        )
    return given
