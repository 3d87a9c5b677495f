"""The checklist of a playbook in a case's channel, and a word about a step that waits.

One post, drawn anew whenever a step is done: what stands in it is what was done by then.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.learning.playbooks import Playbook, from_data, load_playbooks
from bot.rules.words import ClockKind, HoldReason, Language, RootCause, Severity, Trigger
from messages.kit.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    fit,
    message,
    section,
)
from messages.kit.mrkdwn import escape, mention_user
from messages.kit.texts import label, plural, t
from messages.learning.playbooks import never_lines, step_line

FAULTS_SHOWN = 8  # mistakes in playbook files, in one message
FAULT_SHOWN = 300  # characters of each
OFFERED_MAX = 3  # buttons for other playbooks below a checklist; all are in `/escalate playbook`
# What the value of a ``Because`` is a word of, by its kind; of others it is no word of ours.
WORDS: Mapping[str, Callable[[str], Enum]] = {
    "triggers": Trigger, "causes": RootCause, "holds": HoldReason, "late": ClockKind,
    "used": ClockKind, "severity": lambda name: Severity[name.upper()],
}  # fmt: skip


def playbook_message(
    name: str, case: CaseFacts | None, language: Language, extra: Mapping[str, Any]
) -> Message:
    """Compose ``checklist`` or ``step_overdue``; ``extra`` is what ``bot.playbooks.applied`` says.

    ``files_wrong``, for administrators, is about no case; ``bot.playbooks.own_files`` says its
    ``extra``. Raises KeyError for another name, and for a playbook that there is no more.
    """
    if name == "files_wrong":
        return _files_wrong(language, extra)
    key = str(extra["playbook"])
    playbook = from_data(key, extra.get("content") or {})
    if playbook is None or case is None:
        raise KeyError(key)
    made = {"checklist": _checklist, "step_overdue": _overdue}[name]
    return made(playbook, case, language, extra)


def _files_wrong(language: Language, extra: Mapping[str, Any]) -> Message:
    """Tell an administrator which mistakes the organisation's playbook files have, and what to do.

    The mistakes are said in English, as the command line says them.
    """
    faults = [fit(escape(str(each)), FAULT_SHOWN) for each in extra["faults"]]
    lead = t(language, "own_playbooks.wrong", folder=escape(str(extra["folder"])))
    more = len(faults) - FAULTS_SHOWN
    lines = [f"•  {each}" for each in faults[:FAULTS_SHOWN]]
    lines += [plural(language, "own_playbooks.more", more)] if more > 0 else []
    todo = t(language, "own_playbooks.todo")
    return message(
        "\n".join([lead, *lines, todo]), section(lead), section("\n".join(lines)), section(todo)
    )


def _checklist(
    playbook: Playbook, case: CaseFacts, language: Language, extra: Mapping[str, Any]
) -> Message:
    """Every step with its button, what never to do, when it is over; or that it was taken back."""
    title = t(language, "checklist.title", title=escape(playbook.wording(language).title))
    if extra["ended"]:
        ended = t(language, "checklist.ended", title=escape(playbook.wording(language).title))
        return message(ended, context(ended))
    places = range(len(playbook.steps))
    never = never_lines(playbook, language)
    words = playbook.wording(language)
    over = t(language, "playbooks.exit", text=escape(words.exit)) if words.exit else ""
    values = {"case": case.number, "applied": extra["applied"]}
    drop = button("do:drop_playbook", t(language, "press.drop_playbook"), values)
    by = _origin(extra, language)
    lines = [_step(playbook, place, language, extra["done"]) for place in places]
    return message(
        "\n".join([title, by, *lines, *[part for part in (never, over) if part]]),
        section(f"*{title}*\n{by}"),
        *(_row(lines[place], place, values, extra["done"], language) for place in places),
        section(never) if never else None,
        section(over) if over else None,
        actions(drop, *_offers(extra, case, language)),
    )


def _origin(extra: Mapping[str, Any], language: Language) -> str:
    """Who has chosen the playbook, or why the app put it there by itself.

    A word of the case that is none of ours, a phrase of the playbook for instance, is said as it is
    and escaped.
    """
    because = extra.get("because")
    if not because:
        return t(language, "checklist.by", user=mention_user(str(extra["by"])))
    kind, value = str(because["kind"]), str(because["value"])
    word = WORDS.get(kind)
    said = escape(label(language, word(value)) if word else value)
    reason = t(language, f"because.{kind}", value=said)
    return t(language, "checklist.itself", because=reason)


def _offers(extra: Mapping[str, Any], case: CaseFacts, language: Language) -> list[Block]:
    """A button for each playbook that fits as well, the most special first; at most a few.

    One that there is no more is not offered.
    """
    known = load_playbooks()
    there = [known[key] for key in extra.get("offered", ()) if key in known]
    return [
        button(
            f"do:apply_playbook#{place}",
            t(language, "press.apply_other", title=each.wording(language).title),
            {"case": case.number, "name": each.key},
        )
        for place, each in enumerate(there[:OFFERED_MAX], start=1)
    ]


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
