"""What the forms of decisions, action items and the postmortem open with, and are held to."""

from contextlib import suppress
from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.prose.vague_actions import is_vague
from bot.rules.states import PostmortemStep
from handlers.forms.drawing import Fields
from handlers.forms.fields import BadFields, FieldError
from handlers.forms.prefill import must_have_case, whole_number
from handlers.ports import Services
from handlers.slack.requests import Asked, Body

# Why a person may not lead a postmortem; each a text at the field.
UNINVOLVED = ("facilitator_on_case", "facilitator_acted", "facilitator_nobody")


async def fill_decision(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The decision that is judged, as ``shown``.

    Raises UserError ``stale``, ``no_such_case``, ``no_such_decision``.
    """
    number = whole_number(prefill, "decision")
    shown = await services.learning.one(must_have_case(case).number, viewer.user_id, number)
    return {**prefill, "shown": shown}


async def fill_looked_at(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The answer is not yet: that it is done needs no form.

    ``accept`` stays where a button said it.
    """
    return {**prefill, "accept": prefill.get("accept") or False}


async def fill_action_now(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """What the item says now: ``title``, ``type``, ``due``, ``bug``.

    Raises UserError ``stale``, ``no_such_case``, ``no_such_action``.
    """
    number = whole_number(prefill, "action")
    items = must_have_case(case).actions
    item = next((each for each in items if each.id == number), None)
    if item is None:
        raise UserError("no_such_action")
    now = {"title": item.title, "type": item.type.value, "due": item.due}
    if item.bug is not None:
        now["bug"] = item.bug.name
    return {**now, **prefill}


async def require_action(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """An action item says what will be different, and its issue is one of our tracker.

    Raises BadFields at ``title`` and ``bug``.
    """
    wrong = []
    if is_vague(str(given.get("title") or "")):
        wrong.append(FieldError("title", "vague_action"))
    try:
        services.learning.check_bug(str(given.get("bug") or "").strip())
    except UserError as refused:
        wrong.append(FieldError("bug", refused.key, refused.facts))
    if wrong:
        raise BadFields(wrong)
    return given


async def fill_postmortem(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """What was saved last, as ``shown`` and in its fields. Raises UserError ``no_such_case``.

    What was typed with the command goes before what was saved.
    """
    shown = await services.learning.postmortem(must_have_case(case).number, viewer.user_id)
    saved = {
        "root_cause": shown.root_cause,
        "better": shown.better,
        "prevention": shown.prevention.value if shown.prevention else "",
        "no_action": shown.no_action,
        "facilitator": shown.facilitator,
        "came": shown.came,
    }
    return {**{name: value for name, value in saved.items() if value}, **prefill, "shown": shown}


async def fill_invited(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """Who is invited, and has answered, as ``shown``. Raises UserError ``no_such_case``."""
    shown = await services.learning.postmortem(must_have_case(case).number, viewer.user_id)
    return {**prefill, "shown": shown}


async def require_findings(
    services: Services, asked: Asked, _view: Body, given: dict[str, Any]
) -> None:
    """What is reviewed is complete, so that nothing that was written is lost by a refusal.

    Raises BadFields at those of ``root_cause``, ``better``, ``prevention`` and ``no_action`` that
    lack, and at a ``facilitator`` who had a part in the case; the last two as far as the case may
    be read. What is only saved may lack anything, but its facilitator is held to the same.
    """
    number, wrong = given.get("case"), []
    if isinstance(number, int):
        wrong = await _check_facilitator(services, asked.user, number, given)
    if given.get("step") != PostmortemStep.SAVED:
        wanted = ("root_cause", "better", "prevention")
        wrong += [FieldError(name, "required") for name in wanted if not given.get(name)]
        if not given.get("no_action") and isinstance(number, int):
            with suppress(UserError):  # who may not read the case is told so when it is carried out
                if not await services.learning.count_actions(number, asked.user):
                    wrong.append(FieldError("no_action", "action_or_none"))
    if wrong:
        raise BadFields(wrong)


async def _check_facilitator(
    services: Services, viewer: str, number: int, given: dict[str, Any]
) -> list[FieldError]:
    """What is wrong with the ``facilitator`` who was chosen, with the names of who could instead.

    Nothing for a viewer who may not read the case: they are told so when it is carried out.
    """
    chosen = given.get("facilitator")
    if not isinstance(chosen, str) or not chosen:
        return []
    try:
        await services.learning.check_uninvolved(number, viewer, chosen)
    except UserError as refused:
        if refused.key in UNINVOLVED:
            people = refused.facts.get("people")
            names = ", ".join(people) if isinstance(people, list) else ""
            return [FieldError("facilitator", refused.key, {"people": names})]
    return []
