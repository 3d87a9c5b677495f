"""Submitted modals: translate, check, store, and only then let the modal close.

Slack waits three seconds, with what was typed still on the screen. Whatever fails before the
acknowledgement leaves the modal open.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.engine.intent import Intent, Mark, OnCase, fields_marked
from bot.errors import UserError
from bot.registry import INTENTS
from handlers.forms import fields
from handlers.forms.drawing import View
from handlers.forms.fields import BadFields, FieldError
from handlers.forms.opening import SAID, form_view
from handlers.forms.steps import steps_of
from handlers.ports import Services
from handlers.slack.dispatch import accept_intent, perform_interaction
from handlers.slack.requests import Asked, Body, mapping, of_view
from messages.forms.open_case import NEW_CASE

MINUTE = timedelta(minutes=1)
CHOSEN = re.compile(r"[0-9]{1,9}", re.ASCII)  # a case's number, as the picker's options have it
PATIENCE = 1.0  # seconds that Slack may take to tell who a person is; a form waits for three


async def form_submitted(services: Services, ack: AsyncAck, body: Body) -> None:
    """A modal was sent: store what it asks for, or answer at the fields that are wrong.

    In turn: another form may follow (``FormSteps.lead``), or advice (``advise``) draws the form
    once more, and nothing is stored; ``prepare`` makes the intent's fields; people in them must be
    members; then it is stored under the form's
    own id, so that a second press stores nothing. A wrong field keeps the modal open.
    """
    asked, view = of_view(body), mapping(body.get("view"))
    verb, given = str(view.get("callback_id")), fields.read_form(view)
    if verb == "picker":
        return await _picked(services, ack, asked, given)
    try:
        if (shown := await _shown_instead(services, asked, verb, view, given)) is not None:
            await ack(response_action="update", view=shown)
            return None
        await _accept(services, asked, verb, given)
    except BadFields as bad:
        language = (await services.person(asked.user)).language
        await _refuse(ack, fields.at_blocks(bad.problems, view, language))
    else:
        await ack()


async def _shown_instead(
    services: Services, asked: Asked, verb: str, view: Body, given: dict[str, Any]
) -> View | None:
    """The form that is shown in place of this one, nothing being stored; None: there is none.

    Raises BadFields for what is wrong in the form, and what ``form_view`` raises for the one that
    follows.
    """
    steps = steps_of(verb)
    if steps.lead and (onward := await steps.lead(services, asked, given)):
        return await form_view(services, asked, *onward)
    return await steps.advise(services, asked, view, given) if steps.advise else None


async def _accept(services: Services, asked: Asked, verb: str, given: dict[str, Any]) -> None:
    """Store the intent of a form. Raises BadFields, or UserError ``stale`` for an unknown form.

    ``prepare`` and the looks that follow only read. The intent is built a second time when it is
    accepted, from the same fields.
    """
    if verb not in INTENTS:
        raise UserError("stale")
    given = await steps_of(verb).prepare(services, given)
    intent = fields.build_intent(verb, given)
    await _check_people(services, intent)
    await _check_reported(services, asked, intent)
    await accept_intent(services, asked, verb, given)


async def _check_people(services: Services, intent: Intent) -> None:
    """Raise BadFields for a person who cannot have a part in a case.

    Slack is given ``PATIENCE``; of whom it does not tell in time, it is found out when the intent
    is carried out, and answered privately.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            unfit = await services.unfit(intent)
    except TimeoutError:
        return
    if unfit:
        raise BadFields(FieldError(name, key) for name, key in unfit.items())


async def _check_reported(services: Services, asked: Asked, intent: Intent) -> None:
    """Raise BadFields for a report of something from before its case was received.

    A form's clock has no seconds, so the minute of the opening itself is taken.

    Only for intents about a case, with a field that is marked as past and filled in. A date without
    a time is not judged. Raises UserError ``no_such_case`` where the person may not see the case.
    """
    told = [name for name in fields_marked(type(intent), Mark.PAST) if getattr(intent, name)]
    if not told or not isinstance(intent, OnCase):
        return
    began = (await services.reading.case(intent.case, asked.user)).received_at - MINUTE
    early = [name for name in told if isinstance(at := getattr(intent, name), datetime)
             and at <= began]  # fmt: skip
    if early:
        raise BadFields(FieldError(name, "before_the_case") for name in early)


async def _refuse(ack: AsyncAck, errors: Mapping[str, str]) -> None:
    """Keep the modal open with the errors, by block id.

    Raises UserError ``stale`` where there are none: then the view has no input to show them at.
    """
    if not errors:
        raise UserError("stale")
    await ack(response_action="errors", errors=dict(errors))


async def _picked(services: Services, ack: AsyncAck, asked: Asked, given: dict[str, Any]) -> None:
    """The case was chosen: go on with what it was needed for, in the same modal if it asks.

    The picker hides ``then``, an interaction id, and ``with``, the fields given for it so far.
    Where a new case was chosen, the whole text is its stake. Raises UserError ``no_such_case`` for
    a value that is no number.

    The picker is no intent: nothing is stored but what ``perform_interaction`` then stores, under
    the key of the picker's own form.
    """
    then, number = str(given.get("then")), str(given.get("case"))
    if number == NEW_CASE and given.get(SAID):
        view = await form_view(services, asked, "open_case", {"stake": str(given[SAID])})
        await ack(response_action="update", view=view)
        return
    if not CHOSEN.fullmatch(number):
        raise UserError("no_such_case")
    given = {**mapping(given.get("with")), "case": int(number)}
    if then.startswith("ask:"):
        view = await form_view(services, asked, then.removeprefix("ask:"), given)
        await ack(response_action="update", view=view)
        return
    await perform_interaction(services, asked, then, given)
    await ack()
