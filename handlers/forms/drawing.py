"""Drawing a form: what its intent hides, the place it was asked for in, the message pressed in.

A modal belongs to no channel, so the one that it was asked for in travels in its metadata, JSON of
at most ``METADATA_MAX`` characters, with the address for an answer there, where the app need not be
a member. So does the message of which a button opened it.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.engine.intent import Mark, fields_marked
from bot.registry import INTENTS
from bot.rules.facts import CaseFacts, PersonFacts
from handlers.slack.requests import hidden_fields as metadata
from messages.forms import draw_form as form
from messages.kit.blocks import METADATA_MAX

NAMES_CHANNEL = "from_channel"  # the hidden field that says where a private answer belongs
NAMES_MESSAGE = "pressed"  # and the one that says in which message its button was pressed
NAMES_URL = "answer_url"  # Slack's address for an answer in that place

View = dict[str, Any]
Fields = Mapping[str, Any]


def draw_form(
    verb: str,
    viewer: PersonFacts,
    case: CaseFacts | None,
    prefill: Fields,
    *,
    form_id: str,
    carried: Fields,
) -> View:
    """The modal of ``verb``, which carries the hidden fields of its intent.

    ``carried`` has under ``NAMES_CHANNEL`` the id of the channel that the form was asked for in,
    under ``NAMES_MESSAGE`` the message (``ReplyTo.pressed``) and under ``NAMES_URL`` where answers
    go, as far as they are known. Raises as ``messages.forms.draw_form`` does.
    """
    view = form(
        verb,
        viewer.language,
        case=case,
        viewer=viewer,
        prefill=prefill,
        form_id=form_id,
        hidden=hidden_fields(verb),
    )
    return carry_place(view, carried)


def hidden_fields(verb: str) -> tuple[str, ...]:
    """The fields of the verb's intent that its form carries unseen; none for the picker."""
    return fields_marked(INTENTS[verb], Mark.HIDDEN) if verb in INTENTS else ()


def carry_place(view: View, carried: Fields) -> View:
    """The view with the place and the message that it was asked for in.

    What it carries already stays. What would make the metadata too long is left out: the address
    first, then the message, so that its buttons stay, and then the channel: a refusal is a direct
    message then.

    ``NAMES_MESSAGE`` is an object, the other two are texts; a value of another type is left out.
    """
    for name, kind in ((NAMES_CHANNEL, str), (NAMES_MESSAGE, dict), (NAMES_URL, str)):
        hidden, value = metadata(view), carried.get(name)
        if name in hidden or not isinstance(value, kind):
            continue
        text = json.dumps({**hidden, name: value}, ensure_ascii=False)
        view = {**view, "private_metadata": text} if len(text) <= METADATA_MAX else view
    return view
