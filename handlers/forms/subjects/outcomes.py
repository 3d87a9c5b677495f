"""What forms about outcomes open with, and what is wrong with their figures."""

from typing import Any

from babel.numbers import format_decimal

from bot.errors import UserError
from bot.outcomes.record import read_change
from bot.people.revenue import NotRevenueError
from bot.rules.business.outcomes import OutcomeResult, complete_change, find_contradiction
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language
from handlers.forms.drawing import Fields
from handlers.forms.fields import BadFields, FieldError
from handlers.forms.prefill import whole_number
from handlers.ports import Services
from messages.kit.texts import cldr_locale


async def fill_record(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The outcome as ``shown``, and what the accounts file says is paid now, ``before``.

    Raises UserError ``stale``, ``no_such_outcome``, ``outcome_recorded`` (``user``).
    """
    shown = await services.outcomes.one(viewer.user_id, whole_number(prefill, "outcome"))
    if shown.result is not None:
        raise UserError("outcome_recorded", user=shown.recorded_by)
    change = shown.revenue
    before = write_revenue(change.before, change.currency, viewer.language) if change else ""
    return {"before": before, **prefill, "shown": shown}


async def fill_correction(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The outcome as ``shown``, with all that was recorded.

    Raises UserError ``stale``, ``no_such_outcome``, ``outcome_unrecorded``.
    """
    shown = await services.outcomes.one(viewer.user_id, whole_number(prefill, "outcome"))
    if shown.result is None or shown.revenue is None:
        raise UserError("outcome_unrecorded")
    change = shown.revenue
    known = {
        "result": shown.result.value,
        "before": write_revenue(change.before, change.currency, viewer.language),
        "after": write_revenue(change.after, change.currency, viewer.language),
        "note": shown.note,
    }
    return {**known, **prefill, "shown": shown}


def write_revenue(units: int | None, currency: str, language: Language) -> str:
    """Revenue as the form shows it and reads it again: ``410,000 EUR``; empty for not known."""
    if units is None:
        return ""
    return f"{format_decimal(units, locale=cldr_locale(language))} {currency}".strip()


async def check_figures(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """Refuse figures that do not fit the result at their field, so that nothing typed is lost.

    Raises BadFields at ``after``. What cannot be read at all is left to the intent.
    """
    if given.get("result") not in list(OutcomeResult):
        return given
    result = OutcomeResult(given["result"])
    try:
        change = read_change(str(given.get("before") or ""), str(given.get("after") or ""), "")
    except NotRevenueError:
        return given
    except UserError as wrong:
        raise BadFields([FieldError("after", wrong.key)]) from wrong
    if wrong_key := find_contradiction(result, complete_change(result, change)):
        raise BadFields([FieldError("after", wrong_key)])
    return given
