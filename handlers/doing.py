"""What a command, a button or a menu leads to: an intent carried out, a form, an answer.

What is carried out is stored before it is acknowledged. What only shows something is handed
to the background before the acknowledgement: nothing that can fail runs behind it.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.errors import UserError
from bot.intents import INTENTS, OnCase
from bot.rules.facts import CaseFacts, CaseFilter, PersonFacts
from handlers import fields
from handlers.drafts import drafted
from handlers.ports import Desk
from handlers.requests import Asked
from handlers.showing import ON_CASE, SHOWN, show
from messages.forms import FORMS, form
from messages.slack import SlackRefused

# Opening a form asks for the least permission with which it can be sent: anyone on the case
# may raise the severity, only some may lower it, and the use case sees which it is.
CHECKED: Mapping[str, str] = {"severity": "raise_severity"}
PICKED_MAX = 100  # cases to choose from; Slack's most options in a select
TRIGGER_ERRORS = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})

Fields = Mapping[str, Any]


async def perform(desk: Desk, asked: Asked, interaction: str, given: Fields) -> None:
    """Do what an interaction id such as ``do:claim`` or ``show:list#2`` names.

    Raises UserError ``stale`` for an id that this version does not know.
    """
    kind, _, name = interaction.partition("#")[0].partition(":")
    if kind not in KINDS:
        raise UserError("stale")
    await KINDS[kind](desk, asked, name, given)


async def carry_out(desk: Desk, asked: Asked, verb: str, given: Fields) -> None:
    """Store the intent that ``given`` makes; what is missing is asked for in its form.

    Raises UserError ``stale`` when there is no such verb or no form that could ask.
    """
    if verb not in INTENTS:
        raise UserError("stale")
    if issubclass(INTENTS[verb], OnCase) and given.get("case") is None:
        return await ask(desk, asked, "picker", {**given, "then": f"do:{verb}"})
    try:
        await accept(desk, asked, verb, given)
    except fields.BadFields:
        # A status has no form; its question is answered by buttons.
        return await (ask if verb in FORMS else answer)(desk, asked, verb, given)
    return None


async def accept(desk: Desk, asked: Asked, verb: str, given: Fields) -> None:
    """Store the intent that ``given`` makes; raises BadFields."""
    intent = fields.build(verb, given)
    dated = verb in fields.DATED
    timezone = (await desk.person(asked.user)).timezone if dated else "UTC"
    fields.check_times(intent, desk.clock.now(), timezone)
    await desk.accept(intent, asked.actor, asked.key, asked.reply)


async def ask(desk: Desk, asked: Asked, verb: str, prefill: Fields) -> None:
    """Open the form of ``verb`` with what is known filled in."""
    desk.background(_open_form(desk, asked, verb, prefill), f"open_{verb}", asked.reply)


async def answer(desk: Desk, asked: Asked, what: str, given: Fields) -> None:
    """Answer privately."""
    if what not in SHOWN:
        raise UserError("stale")
    if what in ON_CASE and given.get("case") is None:
        return await ask(desk, asked, "picker", {**given, "then": f"show:{what}"})
    desk.background(show(desk, asked, what, given), f"show_{what}", asked.reply)
    return None


KINDS: Mapping[str, Callable[[Desk, Asked, str, Fields], Awaitable[None]]] = {
    "do": carry_out,
    "ask": ask,
    "show": answer,
}


async def _open_form(desk: Desk, asked: Asked, verb: str, prefill: Fields) -> None:
    await open_view(desk, asked, await form_view(desk, asked, verb, prefill))


async def open_view(desk: Desk, asked: Asked, view: Mapping[str, Any]) -> None:
    """Open a modal; raises UserError ``too_slow`` when Slack no longer lets us."""
    try:
        await desk.slack.call("views.open", trigger_id=asked.trigger_id, view=view)
    except SlackRefused as refused:
        if refused.code in TRIGGER_ERRORS:
            raise UserError("too_slow") from refused
        raise


async def form_view(desk: Desk, asked: Asked, verb: str, prefill: Fields) -> dict[str, Any]:
    """The modal of ``verb``; a case number that is missing is asked for first.

    Raises UserError when this person may not, or when there is no such case or form.
    """
    if verb not in FORMS:
        raise UserError("stale")
    viewer = await desk.person(asked.user)
    if verb == "picker":
        return await _picker(desk, viewer, prefill)
    number = prefill.get("case")
    if number is None and verb != "open_case":
        return await _picker(desk, viewer, {**prefill, "then": f"ask:{verb}"})
    await desk.check(CHECKED.get(verb, verb), asked.user, number)
    case = await desk.reading.case(number, asked.user) if number is not None else None
    known = {"from_channel": asked.reply.channel_id, **await drafted(desk, verb, case, viewer, prefill)}
    return _form(verb, viewer, case, known)


async def _picker(desk: Desk, viewer: PersonFacts, prefill: Fields) -> dict[str, Any]:
    cases = await desk.reading.cases(viewer.user_id, CaseFilter(), limit=PICKED_MAX)
    if not cases:
        raise UserError("no_open_case")
    return _form("picker", viewer, None, {**prefill, "cases": cases})


def _form(
    verb: str, viewer: PersonFacts, case: CaseFacts | None, prefill: Fields
) -> dict[str, Any]:
    return form(
        verb,
        viewer.language,
        case=case,
        viewer=viewer,
        prefill={name: value for name, value in prefill.items() if value is not None},
        form_id=str(uuid.uuid4()),
    )
