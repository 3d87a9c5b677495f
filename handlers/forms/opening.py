"""From a verb and what is known to an open modal.

Runs in the background, within the three seconds for which Slack's trigger is good. Nothing is
stored by opening a form.
"""

import asyncio
import uuid
from typing import Any

import structlog

from bot.engine.intent import OnCase
from bot.errors import UserError
from bot.registry import INTENTS, form_permission
from bot.rules.facts import CaseFacts, CaseFilter, PersonFacts
from bot.rules.lifecycle import fits_status
from handlers.forms.drawing import (
    NAMES_CHANNEL,
    NAMES_MESSAGE,
    NAMES_URL,
    Fields,
    View,
    draw_form,
)
from handlers.forms.steps import steps_of
from handlers.forms.tips import add_tip
from handlers.ports import Services
from handlers.slack.requests import Asked, hidden_fields
from messages.clients.slack import SlackRateLimited, SlackRefused, SlackUnknown
from messages.forms import FORMS
from messages.kit.blocks import fit_plain

PICKED_MAX = 100  # cases to choose from; Slack's most options in a select
SAID = "said"  # in what is given: the whole text, where it may have meant a new case
CARRIED_MAX = 800  # characters of a text that the picker carries on, so that metadata fits
TRIGGER_ERRORS = frozenset({"expired_trigger_id", "invalid_trigger_id"})
# This trigger has opened a form, which can only be this one: Slack delivered the request again, or
# its answer was lost.
OPEN_ALREADY = frozenset({"exchanged_trigger_id", "duplicate_external_id"})
PAUSES = (0.0, 0.1, 1.0, 3.0, 10.0)  # seconds before each try; a trigger lives three

log = structlog.get_logger()


async def open_view(services: Services, asked: Asked, view: View) -> None:
    """Open a modal; raises UserError ``too_slow`` when Slack no longer lets us.

    A trigger opens one form. So where Slack's answer was lost, asking again with the same trigger
    either opens the form or tells that it is there. While Slack tells neither, the person is told
    nothing either: an apology beside an open form would be wrong. Raises SlackRefused for any other
    refusal.

    The view's ``external_id`` is the form's own id, by which a form that is there already is found.
    Slack is asked once for each of ``PAUSES``, as long as its answers are lost.
    """
    view = {**view, "external_id": str(hidden_fields(view).get("form") or uuid.uuid4())}
    for tries, pause in enumerate(PAUSES):
        await asyncio.sleep(pause)
        try:
            return await _open_once(services, asked, view, again=tries > 0)
        except SlackUnknown as unknown:
            log.warning("form_in_doubt", form=view["external_id"], error=str(unknown))
    return None


async def _open_once(services: Services, asked: Asked, view: View, *, again: bool) -> None:
    """Ask Slack to open the form; return too when it is open already.

    ``again``: an earlier try may have opened it. Raises SlackUnknown, UserError ``too_slow``, and
    SlackRefused.
    """
    try:
        method = "views.push" if asked.in_form else "views.open"
        await services.slack.call(method, trigger_id=asked.trigger_id, view=view)
    except SlackRateLimited as limited:  # a trigger does not live as long as Slack asks to wait
        raise UserError("too_slow") from limited
    except SlackRefused as refused:
        if refused.code in OPEN_ALREADY or (again and await _is_open(services, view)):
            return
        if refused.code in TRIGGER_ERRORS:
            raise UserError("too_slow") from refused
        raise


async def _is_open(services: Services, view: View) -> bool:
    """Whether Slack shows the form, known by its ``external_id``; it is drawn again as it was.

    What was typed stays, since every block keeps its id. Raises SlackUnknown.
    """
    try:
        await services.slack.call("views.update", external_id=view["external_id"], view=view)
    except SlackRateLimited as limited:
        raise SlackUnknown("views.update", "rate limited") from limited
    except SlackRefused:
        return False
    return True


async def form_view(services: Services, asked: Asked, verb: str, prefill: Fields) -> View:
    """The modal of ``verb``; a case number that is missing is asked for first.

    Raises UserError when this person may not, or when there is no such case or form: ``stale``,
    ``no_such_case``, ``no_open_case``, ``wrong_status``, and what ``Services.check`` and the form's
    prefill raise. The permission is asked again when the intent is carried out.

    The permission that is asked is that of the form (``form_permission``), which may be wider than
    the verb's own. The status of a case is judged last, so that it tells nothing of a case that
    they may not see.
    """
    if verb not in FORMS:
        raise UserError("stale")
    viewer = await services.person(asked.user)
    if verb == "picker":
        return await _picker(services, asked, viewer, prefill)
    number = prefill.get("case") if verb == "open_case" or _on_case(verb) else None
    if number is None and _on_case(verb):
        return await _picker(services, asked, viewer, picker_prefill(f"ask:{verb}", prefill))
    await services.check(form_permission(verb), asked.user, number)
    case = await services.reading.case(number, asked.user) if number is not None else None
    if case is not None and not fits_status(case.status, verb):
        raise UserError("wrong_status", verb=verb, status=case.status)
    known = await steps_of(verb).prefill(services, case, viewer, prefill)
    return await add_tip(services, asked, viewer, _form(asked, verb, viewer, case, known))


def _on_case(verb: str) -> bool:
    """Whether the verb's intent is about a case, so that one must be chosen first."""
    return issubclass(INTENTS[verb], OnCase)


def picker_prefill(then: str, given: Fields) -> dict[str, Any]:
    """What the picker carries: the interaction to go on with, and what was typed for it.

    Texts are cut to ``CARRIED_MAX``, so the form that follows may begin with less than was typed;
    an address that is longer is left out: a part of it leads elsewhere. ``SAID`` stands apart.
    """
    short = {k: _short(v) for k, v in given.items() if k not in ("case", SAID)}
    carried = {k: v for k, v in short.items() if v is not None}
    said = {SAID: _short(given[SAID])} if given.get(SAID) else {}
    return {"then": then, "with": carried, **said}


def _short(value: Any) -> Any:
    """A text cut to ``CARRIED_MAX``, None for an address that is longer; all else as it is."""
    if not isinstance(value, str) or len(value) <= CARRIED_MAX:
        return value
    return None if value.startswith(("http://", "https://")) else fit_plain(value, CARRIED_MAX)


async def _picker(services: Services, asked: Asked, viewer: PersonFacts, prefill: Fields) -> View:
    """The form that asks for a case, of the viewer's gravest open ones; UserError
    ``no_open_case``.

    What was said may be a new case: where there is none to choose, it is.
    """
    cases = await services.reading.cases(viewer.user_id, CaseFilter(), limit=PICKED_MAX)
    if not cases and prefill.get(SAID):
        return await form_view(services, asked, "open_case", {"stake": prefill[SAID]})
    if not cases:
        raise UserError("no_open_case")
    return _form(asked, "picker", viewer, None, {**prefill, "cases": cases})


def _form(
    asked: Asked, verb: str, viewer: PersonFacts, case: CaseFacts | None, prefill: Fields
) -> View:
    """Draw the form under a new id, with the place that it was asked for in.

    Values that are None count as unknown and are left out.
    """
    known = {name: value for name, value in prefill.items() if value is not None}
    reply = asked.reply
    place = {
        NAMES_CHANNEL: reply.channel_id,
        NAMES_MESSAGE: reply.pressed,
        NAMES_URL: reply.response_url,
    }
    return draw_form(verb, viewer, case, known, form_id=str(uuid.uuid4()), carried=place)
