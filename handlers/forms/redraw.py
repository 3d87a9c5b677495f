"""An open form that answers to what was just chosen in it.

Slack keeps what was typed in a block while the block's id stays the same, and draws a block with a
new id afresh; the view's hash keeps an older answer from overwriting a newer one. ``CHANGES`` names
the inputs that do so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from bot.errors import UserError
from bot.rules.words import Trigger
from handlers.forms.composer import composer_view, next_turn
from handlers.forms.correction import redraw_contact
from handlers.forms.drawing import View, draw_form
from handlers.forms.fields import name_of, read_form
from handlers.forms.opening import PAUSES
from handlers.forms.prefill import fill_message
from handlers.forms.problem_prefill import start_broadcast
from handlers.forms.same_report import redraw_cases, redraw_severity, with_blocks
from handlers.ports import Services
from handlers.slack.requests import Asked, Body
from messages.clients.slack import SlackRefused, SlackUnknown
from messages.forms.inputs import FormContext
from messages.forms.open_case import (
    contact_inputs,
    restricted_input,
    severity_input,
    severity_suggestion,
)

Change = Callable[[Services, Asked, Body, dict[str, Any]], Awaitable[View]]

KNOWN = ("contact_name", "contact_email", "language")  # what an account says of its contact
TOO_LATE = frozenset({"hash_conflict", "not_found"})  # a newer change won, or the form was closed

log = structlog.get_logger()


async def redraw_form(services: Services, asked: Asked, view: Body, name: str) -> None:
    """Show what a change of the input ``name`` changes elsewhere in the form.

    A form that was closed, or changed again meanwhile, is left alone; other refusals of Slack are
    raised. What was typed elsewhere stays in the blocks that keep their ids. Where Slack's answer
    is lost it is asked again: after a change that took effect the hash is another, so it changes
    nothing more.

    The view is sent under its own ``id`` and ``hash``, so an answer that comes late changes
    nothing. Raises KeyError for an input that ``CHANGES`` lacks, which the caller rules out.
    """
    changed = await CHANGES[name](services, asked, view, read_form(view))
    for pause in PAUSES:
        await asyncio.sleep(pause)
        try:
            await services.slack.call(
                "views.update", view_id=view.get("id"), hash=view.get("hash"), view=changed
            )
            return
        except SlackRefused as refused:
            if refused.code in TOO_LATE:
                return
            raise
        except SlackUnknown as unknown:
            log.warning("form_in_doubt", form=view.get("id"), error=str(unknown))


async def _suggest(services: Services, asked: Asked, view: Body, given: dict[str, Any]) -> View:
    """Which severity the ticked signs speak for; it need be chosen only where they suggest none."""
    viewer = await services.person(asked.user)
    draft = FormContext("open_case", viewer.language, viewer, None, given)
    said = severity_suggestion(given.get("signs") or (), viewer.language)
    return with_blocks(view, {"suggestion": said, "severity": severity_input(draft)})


async def _restrict(services: Services, asked: Asked, view: Body, given: dict[str, Any]) -> View:
    """A legal threat ticks that the case is restricted; another reason leaves what was ticked."""
    viewer = await services.person(asked.user)
    legal = given.get("trigger") == Trigger.LEGAL.value
    known = given | ({"sensitive": True} if legal else {})
    draft = FormContext("open_case", viewer.language, viewer, None, known)
    drawn = restricted_input(draft, next_turn(view, "sensitive") + 1)
    return with_blocks(view, {"sensitive": drawn} if legal else {})


async def _contact(services: Services, asked: Asked, view: Body, given: dict[str, Any]) -> View:
    """The account's contact and language, unless others were typed; all else as it is.

    What an earlier account filled in counts as typed by no one: once the blocks were drawn anew,
    the next account replaces it.
    """
    if view.get("callback_id") == "edit_case":
        return await redraw_contact(services, asked, view, given)
    kind, _, key = str(given.get("customer") or "").partition(":")
    account = await services.reading.account(key) if kind == "account" else None
    drawn = next_turn(view, "contact_name")
    typed = {name: given[name] for name in KNOWN if given.get(name) and not drawn}
    found = {name: getattr(account, name) for name in KNOWN} if account else {}
    viewer = await services.person(asked.user)
    draft = FormContext("open_case", viewer.language, viewer, None, found | typed)
    fresh = {name_of(block["block_id"]): block for block in contact_inputs(draft, drawn + 1)}
    return with_blocks(view, fresh | await redraw_cases(services, asked, view, given, draft))


async def _reword(services: Services, asked: Asked, view: Body, given: dict[str, Any]) -> View:
    """The approved text of what was chosen, in place of what stood there: a kind, a resolution.

    What the writer had typed as text is lost with it; all other fields stay.

    Raises UserError ``stale`` for a form without a case, and ``no_such_case``. The text's block
    gets the next number behind ``~``, since Slack would keep what stood in it.
    """
    if not isinstance(given.get("case"), int):
        raise UserError("stale")
    viewer = await services.person(asked.user)
    case = await services.reading.case(given["case"], asked.user)
    written = {name: value for name, value in given.items() if name != "text"}
    verb = str(view.get("callback_id"))
    known = await fill_message(verb, services, case, viewer, written)
    known["revision"] = (next_turn(view, "text") or 1) + 1
    form_id = str(given.get("form", ""))
    return draw_form(verb, viewer, case, known, form_id=form_id, carried=given)


async def _reword_many(services: Services, asked: Asked, view: Body, given: dict[str, Any]) -> View:
    """The words of the letter to many that was chosen, in place of what stood there.

    Raises UserError ``no_such_problem`` where the form hides no problem.
    """
    viewer = await services.person(asked.user)
    written = {name: value for name, value in given.items() if not name.startswith("text_")}
    known = await start_broadcast(services, None, viewer, written)
    known["revision"] = 1 + max(next_turn(view, f"text_{each}") for each in known["languages"])
    form_id = str(given.get("form", ""))
    return draw_form("propose_broadcast", viewer, None, known, form_id=form_id, carried=given)


async def _address(services: Services, asked: Asked, view: Body, given: dict[str, Any]) -> View:
    """The texts in the languages that the chosen audience reads; what was written stays.

    Raises as ``_reword_many`` does. A text in a language that the audience does not read is not
    drawn.
    """
    viewer = await services.person(asked.user)
    known = await start_broadcast(services, None, viewer, given)
    form_id = str(given.get("form", ""))
    return draw_form("propose_broadcast", viewer, None, known, form_id=form_id, carried=given)


async def _check(services: Services, asked: Asked, view: Body, given: dict[str, Any]) -> View:
    """The message as the customer will see it, and what is found in it."""
    return await composer_view(services, asked, view, given)


CHANGES: Mapping[str, Change] = {
    "signs": _suggest,
    "trigger": _restrict,
    "kind": _reword,
    "type": _reword,
    "letter": _reword_many,
    "audience": _address,
    "customer": _contact,
    "same_as": redraw_severity,
    "check": _check,
}
