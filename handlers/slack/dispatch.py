"""What a command, a button or a menu leads to: an intent carried out, a form, an answer.

What is carried out is stored before it is acknowledged. What only shows something is handed to the
background before the acknowledgement: nothing that can fail runs behind it. Of a request that Slack
delivers again, to whichever process, neither is done twice.

``do:<verb>`` carries an intent out, ``ask:<verb>`` opens its form, ``show:<what>`` answers
privately; ``messages.kit.blocks`` makes the buttons.
"""

from collections.abc import Awaitable, Callable, Mapping

from bot.engine.intent import NUMBER_MAX, OnCase
from bot.errors import UserError
from bot.registry import INTENTS
from handlers.forms import fields
from handlers.forms.drawing import Fields
from handlers.forms.opening import form_view, open_view, picker_prefill
from handlers.ports import Services
from handlers.slack.answers import SHOWN, show_answer_privately
from handlers.slack.requests import Asked
from messages.forms import FORMS

# Fields by which answers and forms look things up, before any intent judges them.
NUMBERS = frozenset(
    {
        "case",
        "problem",
        "page",
        "version",
        "broadcast",
        "at",
        "draft",
        "reply",
        "concession",
        "replaces",
        "membership",
    }
)
WORDS = frozenset({"clock", "kind", "language", "scope", "customer", "channel", "topic"})
TOO_LARGE = {"case": "no_such_case", "problem": "no_such_problem"}


async def perform_interaction(
    services: Services, asked: Asked, interaction: str, given: Fields
) -> None:
    """Do what an interaction id such as ``do:claim`` or ``show:list#2`` names.

    Raises UserError ``stale`` for an id that this version does not know, and for fields that no
    button of ours carries; ``no_such_case``, ``no_such_problem`` for a number that none can have.
    """
    kind, _, name = interaction.partition("#")[0].partition(":")
    if kind not in KINDS:
        raise UserError("stale")
    for field, value in given.items():
        _require_fitting(field, value)
    await KINDS[kind](services, asked, name, given)


def _require_fitting(field: str, value: object) -> None:
    """Raise UserError unless a button or a command may carry this value in this field."""
    if value is None or field not in NUMBERS | WORDS:
        return
    wanted = int if field in NUMBERS else str
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise UserError("stale")
    if isinstance(value, int) and abs(value) > NUMBER_MAX:
        raise UserError(TOO_LARGE.get(field, "stale"))


async def carry_out(services: Services, asked: Asked, verb: str, given: Fields) -> None:
    """Store the intent that ``given`` makes; what is missing is asked for in its form.

    Without a case that it needs, the picker asks for one first. Raises UserError ``stale`` for an
    unknown verb. Nothing is stored while a question is open.

    A field that is missing or wrong opens the form with what was given; of a verb without a form,
    and of one that ``SHOWN`` has too, the answer of its name is shown.
    """
    if verb not in INTENTS:
        raise UserError("stale")
    if issubclass(INTENTS[verb], OnCase) and given.get("case") is None:
        return await ask_form(services, asked, "picker", picker_prefill(f"do:{verb}", given))
    try:
        return await accept_intent(services, asked, verb, given)
    except fields.BadFields:
        # The question about a status is answered by buttons first.
        asks = verb in FORMS and verb not in SHOWN
        return await (ask_form if asks else answer_privately)(services, asked, verb, given)


async def accept_intent(services: Services, asked: Asked, verb: str, given: Fields) -> None:
    """Store the intent that ``given`` makes; raises BadFields for a wrong field or time.

    Permission, status and all else of the case are judged when it is carried out. A second delivery
    of the same request stores nothing and is no error.

    The person is looked up only for an intent with a date that is judged by the day where they are.
    """
    intent = fields.build_intent(verb, given)
    dated = fields.has_local_date(type(intent))
    timezone = (await services.person(asked.user)).timezone if dated else "UTC"
    fields.check_times(intent, services.clock.now(), timezone)
    await services.accept(intent, asked.actor, asked.key, asked.reply)


async def ask_form(services: Services, asked: Asked, verb: str, prefill: Fields) -> None:
    """Open the form of ``verb`` with what is known filled in; Slack lets us for three seconds."""
    opened = _open_form(services, asked, verb, prefill)
    services.background(opened, f"open_{verb}", asked.reply, asked.key, by_trigger=True)


async def _open_form(services: Services, asked: Asked, verb: str, prefill: Fields) -> None:
    """Draw the form and open it; in the background, where a UserError is told to the person."""
    await open_view(services, asked, await form_view(services, asked, verb, prefill))


async def answer_privately(services: Services, asked: Asked, what: str, given: Fields) -> None:
    """Answer privately, with what ``SHOWN`` has under ``what``; ask for a case where it needs one.

    Raises UserError ``stale`` for an answer that this version does not know.

    The answer is given once for each key of a request, by whichever process has it first.
    """
    if what not in SHOWN:
        raise UserError("stale")
    if what == "timeline" and given.get("case") is None and given.get("page"):
        given = {"case": given["page"]}  # outside a case's channel the number names the case
    if SHOWN[what].of_case and given.get("case") is None:
        return await ask_form(services, asked, "picker", picker_prefill(f"show:{what}", given))
    shown = show_answer_privately(services, asked, what, given)
    services.background(shown, f"show_{what}", asked.reply, asked.key)
    return None


KINDS: Mapping[str, Callable[[Services, Asked, str, Fields], Awaitable[None]]] = {
    "do": carry_out,
    "ask": ask_form,
    "show": answer_privately,
}
