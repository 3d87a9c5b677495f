"""The checklist of a playbook in a case's channel, and a word about a step that waits.

One post, drawn anew whenever a step is done: what stands in it is what was done by then.
"""

from collections.abc import Mapping
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.learning.playbooks import Playbook, load_playbooks
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, context, message, section
from messages.kit.mrkdwn import escape, mention_user
from messages.kit.texts import t
from messages.learning.playbooks import never_lines, step_line


def playbook_message(
    name: str, case: CaseFacts, language: Language, extra: Mapping[str, Any]
) -> Message:
    """Compose ``checklist`` or ``step_overdue``; ``extra`` is what ``bot.learning.playbooks`` says.

    Raises KeyError for another name, and for a playbook that there is no more.
    """
    playbook = load_playbooks()[str(extra["playbook"])]
    made = {"checklist": _checklist, "step_overdue": _overdue}[name]
    return made(playbook, case, language, extra)


def _checklist(
    playbook: Playbook, case: CaseFacts, language: Language, extra: Mapping[str, Any]
) -> Message:
    """Every step with its button, what never to do, when it is over; or that it was taken back."""
    title = t(language, "checklist.title", title=escape(playbook.wording(language).title))
    by = t(language, "checklist.by", user=mention_user(str(extra["by"])))
    if extra["ended"]:
        ended = t(language, "checklist.ended", title=escape(playbook.wording(language).title))
        return message(ended, context(ended))
    places = range(len(playbook.steps))
    never = never_lines(playbook, language)
    over = t(language, "playbooks.exit", text=escape(playbook.wording(language).exit))
    values = {"case": case.number, "applied": extra["applied"]}
    drop = button("do:drop_playbook", t(language, "press.drop_playbook"), values)
    lines = [_step(playbook, place, language, extra["done"]) for place in places]
    return message(
        "\n".join([title, *lines, *([never] if never else []), over]),
        section(f"*{title}*\n{by}"),
        *(_row(lines[place], place, values, extra["done"], language) for place in places),
        section(never) if never else None,
        section(over),
        actions(drop),
    )


def _step(playbook: Playbook, place: int, language: Language, done: Mapping[str, Any]) -> str:
    """A step as it stands: open, or done by whom."""
    line = step_line(playbook, place, language)
    by = done.get(str(place))
    if by is None:
        return f"☐ {line}"
    return t(language, "checklist.done", line=line, user=mention_user(str(by["by"])))


def _row(
    line: str, place: int, values: Mapping[str, Any], done: Mapping[str, Any], language: Language
) -> Block:
    """A step with the button that marks it as done, or takes that back.

    The button says what it does, not what is: two people who press at once do the same thing.
    """
    verb = "untick_step" if str(place) in done else "tick_step"
    press = t(language, f"press.{verb}")
    return section(line, button(f"do:{verb}#{place + 1}", press, {**values, "step": place}))


def _overdue(
    playbook: Playbook, case: CaseFacts, language: Language, extra: Mapping[str, Any]
) -> Message:
    """Say which step waits, with the button that marks it as done.

    It names neither the customer nor anything that people wrote, so it may be said of a restricted
    case outside its channel.
    """
    place = int(extra["step"])
    title = escape(playbook.wording(language).title)
    lead = t(language, "checklist.overdue", reference=case.reference, title=title)
    line = step_line(playbook, place, language)
    values = {"case": case.number, "applied": extra["applied"], "step": place}
    press = button("do:tick_step", t(language, "press.tick_step"), values, style="primary")
    return message(f"{lead}\n{line}", section(f"*{lead}*\n{line}"), actions(press))
