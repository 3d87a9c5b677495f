"""What forms about concessions open with."""

from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.money.concessions import in_words
from bot.rules.states import ConcessionState
from handlers.forms.drawing import Fields
from handlers.forms.prefill import must_have_case, whole_number
from handlers.ports import Services


async def fill_concession(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The concession meant, as ``shown``, and the ``digest`` of the button pressed, else its own.

    Raises UserError ``stale``, ``no_such_concession``.
    """
    number = whole_number(prefill, "concession")
    shown = await services.concessions.one(must_have_case(case).number, viewer.user_id, number)
    return {**prefill, "shown": shown, "digest": prefill.get("digest") or shown.digest}


async def fill_fulfilled(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The fulfilled concession meant, as ``fill_concession``; the case's only one where none is.

    Raises UserError ``nothing_fulfilled``, or ``which_fulfilled`` where the case has several.
    """
    if prefill.get("concession") is None:
        there = must_have_case(case).concessions
        done = [each.id for each in there if each.state is ConcessionState.FULFILLED]
        if len(done) != 1:
            raise UserError("which_fulfilled" if done else "nothing_fulfilled")
        prefill = {**prefill, "concession": done[0]}
    return await fill_concession(services, case, viewer, prefill)


async def fill_request(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """What is known of the concession that is changed, where one is (``replaces``)."""
    if prefill.get("replaces") is None:
        return dict(prefill)
    number = whole_number(prefill, "replaces")
    shown = await services.concessions.one(must_have_case(case).number, viewer.user_id, number)
    known = {
        "amount": in_words(shown.brief.amount, shown.brief.currency),
        "kind": shown.brief.kind,
        "reason": shown.reason,
        "why": shown.why,
    }
    return {**known, **prefill}
