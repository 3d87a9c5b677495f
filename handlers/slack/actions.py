"""Buttons, menus and inputs that answer at once."""

from dataclasses import replace

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.forms.redraw import CHANGES, redraw_form
from handlers.ports import Services
from handlers.slack.dispatch import perform_interaction
from handlers.slack.requests import Asked, Body, mapping, of_action, read_json


async def action_received(services: Services, ack: AsyncAck, body: Body) -> None:
    """Buttons, menus or dispatching inputs were used; each leads where its interaction id says.

    Acknowledged when all of it is stored or handed over. A ``link:`` button only opened an address.
    An input that redraws its form (``handlers.forms.redraw``) does so in the background.

    Several things may have been used at once; each is followed in the order of ``actions``, the
    first under the request's key and each further one under a key of its own. A failure ends the
    request unacknowledged: what was stored before it stays.
    """
    asked = of_action(body)
    for number, pressed in enumerate(body.get("actions") or ()):
        each = replace(asked, key=f"{asked.key}#{number}") if number else asked
        await _pressed(services, each, body, mapping(pressed))
    await ack()


async def _pressed(services: Services, asked: Asked, body: Body, pressed: Body) -> None:
    """Follow one element of ``actions``: ``action_id``, and ``value`` or ``selected_option``.

    Raises what ``perform_interaction`` raises. A value that is no JSON object counts as no fields.
    """
    interaction, value = _interaction(pressed)
    if interaction.startswith("link:"):
        return
    if interaction in CHANGES:
        work = redraw_form(services, asked, mapping(body.get("view")), interaction)
        services.background(work, f"redraw_{interaction}", asked.reply)
    elif ":" in interaction:
        await perform_interaction(services, asked, interaction, read_json(value))
    # Any other input of a form: its value comes with the submission.


def _interaction(pressed: Body) -> tuple[str, object]:
    """The interaction id and the JSON of its fields; a menu keeps both in its option.

    ``do:claim#2`` with ``{"case": 7}``; the part behind ``#`` only keeps ids of one block apart.

    The option of a menu (an ``action_id`` of ``menu``) is ``do:claim|{"case": 7}``.
    """
    name = str(pressed.get("action_id", "")).partition("#")[0]
    if name != "menu":
        return name, pressed.get("value")
    chosen = str(mapping(pressed.get("selected_option")).get("value", ""))
    name, _, value = chosen.partition("|")
    return name, value
