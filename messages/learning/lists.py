"""Lists that those who lead are sent by direct message.

``list:actions_overdue``: ``items`` are rows of ``bot.learning.lists.overdue``, ``count`` is how
many there are in all. ``list:causes`` is what ``bot.learning.lists.causes`` describes.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.rules.words import Language
from messages.kit.blocks import Message, actions, button, context, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, on_day
from messages.kit.texts import plural, t
from messages.learning.causes import sent_causes

Facts = Mapping[str, Any]


def list_notice(name: str, language: Language, extra: Facts) -> Message:
    """Compose a list by its name. Raises KeyError for one that there is not."""
    return COMPOSED[name](language, extra)


def _actions_overdue(language: Language, extra: Facts) -> Message:
    """What is overdue of a manager's people, each with the way to give it to another person.

    Ten items at most are told, each in a section with its button; below them how many more there
    are, what to do now, the whole list, and why they read this.
    """
    items = list(extra["items"])
    title = plural(language, "list.actions_overdue", int(extra["count"]))
    lines = [_overdue_line(item, language) for item in items]
    rows = [
        section(line, _reassign(item, number, language))
        for number, (item, line) in enumerate(zip(items, lines, strict=True), 1)
    ]
    left = int(extra["count"]) - len(items)
    more = section(plural(language, "list.more_actions", left)) if left > 0 else None
    every = button("show:actions", t(language, "actions.overdue"), {"scope": "overdue"})
    step = t(language, "list.overdue_step")
    return message(
        "\n".join([title, *lines, step]),
        section(f"*{title}*"),
        *rows,
        more,
        section(step),
        actions(every),
        context(t(language, "list.overdue_why")),
    )


def _reassign(item: Facts, number: int, language: Language) -> dict[str, Any]:
    """The button that asks another person to take an item over."""
    values = {"case": item["case"], "action": item["action"]}
    return button(f"ask:reassign_action#{number}", t(language, "press.reassign_action"), values)


def _overdue_line(item: Facts, language: Language) -> str:
    """What was to be done, by whom and by when; of a restricted case without its words."""
    key = "overdue_line" if item["title"] else "overdue_restricted"
    return t(
        language,
        f"actions.{key}",
        title=short_text(str(item["title"]), 200),
        reference=f"ESC-{item['case']}",
        customer=short_text(str(item["customer"]), 60),
        user=mention_user(str(item["owner"])),
        due=on_day(date.fromisoformat(item["due"]), language),
    )


COMPOSED = {"actions_overdue": _actions_overdue, "causes": sent_causes}
