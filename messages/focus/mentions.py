"""Naming a person without calling them: a mention in Slack interrupts, a name does not."""

import re
from typing import Any

from bot.rules.focus.facts import FocusFacts
from messages.kit.blocks import Message
from messages.kit.mrkdwn import escape


def spare_lead(said: Message, focus: FocusFacts) -> Message:
    """The same message, with the lead in focus named instead of mentioned.

    Every text in it is looked at, in blocks and for notifications. A lead of whom no name is known
    is named by their id, which calls them as little.
    """
    mention = re.compile(rf"<@{re.escape(focus.lead)}(?:\|[^>]*)?>")
    name = f"*{escape(focus.name)}*" if focus.name else focus.lead

    def spared(value: Any) -> Any:
        if isinstance(value, str):
            return mention.sub(lambda _: name, value)
        if isinstance(value, dict):
            return {key: spared(each) for key, each in value.items()}
        return [spared(each) for each in value] if isinstance(value, list) else value

    return Message(spared(said.text), spared(said.blocks))
