"""Drawing a form: what its intent hides, and the channel in which a refusal is told.

A modal belongs to no channel, so the one that it was asked for in travels in its metadata, JSON of
at most ``METADATA_MAX`` characters.
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

View = dict[str, Any]
Fields = Mapping[str, Any]


def draw_form(
    verb: str,
    viewer: PersonFacts,
    case: CaseFacts | None,
    prefill: Fields,
    *,
    form_id: str,
    channel: object,
) -> View:
    """The modal of ``verb``, which carries the hidden fields of its intent.

    ``channel`` is the id of the channel that the form was asked for in, or anything else where
    there is none. Raises as ``messages.forms.draw_form`` does.
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
    return carry_channel(view, channel)


def hidden_fields(verb: str) -> tuple[str, ...]:
    """The fields of the verb's intent that its form carries unseen; none for the picker."""
    return fields_marked(INTENTS[verb], Mark.HIDDEN) if verb in INTENTS else ()


def carry_channel(view: View, channel: object) -> View:
    """The view with the channel it was asked for in, so that a refusal is told there.

    Left as it is where there is no channel, where it carries one already, or where the metadata
    would grow too long: then the refusal is a direct message.
    """
    hidden = metadata(view)
    if not isinstance(channel, str) or NAMES_CHANNEL in hidden:
        return view
    text = json.dumps({**hidden, NAMES_CHANNEL: channel}, ensure_ascii=False)
    return {**view, "private_metadata": text} if len(text) <= METADATA_MAX else view
