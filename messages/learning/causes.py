"""Root causes of the milder cases of a period: as a private answer, and as a monthly message."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.rules.learning.causes import CauseLine, Causes
from bot.rules.learning.playbooks import load_playbooks
from bot.rules.reports.periods import Period, read_period
from bot.rules.words import Language, RootCause
from messages.kit.blocks import Block, Message, actions, button, context, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape
from messages.kit.texts import label, plural, t
from messages.reports.writing import name_period


def causes_message(found: Causes, language: Language, *, sent: bool = False) -> Message:
    """The causes, the most frequent first, each with what can be done about it now.

    ``sent``: nobody asked for it, so it says why it came. Of restricted cases it has the number.
    """
    title = t(language, "causes.title", period=name_period(found.period, language))
    lines = [_line(line, language) for line in found.lines]
    hidden = [plural(language, "causes.restricted", found.restricted)] if found.restricted else []
    none = [t(language, "causes.none")] if found.empty else []
    step = [t(language, "causes.step")] if found.lines else []
    rows = [
        section(said, _press(line, number, language))
        for number, (line, said) in enumerate(zip(found.lines, lines, strict=True), 1)
    ]
    books = button("show:playbook", t(language, "causes.playbooks"), {})
    return message(
        "\n".join([title, *lines, *hidden, *none, *step]),
        section("\n".join([f"*{title}*", *none])),
        *rows,
        *(section(each) for each in (*hidden, *step)),
        actions(books) if found.lines else None,
        context(t(language, "causes.why")) if sent else None,
    )


def sent_causes(language: Language, extra: Mapping[str, Any]) -> Message:
    """The monthly message, from what ``bot.learning.lists.causes`` describes.

    It is composed when it is sent, in the language of its reader. Raises ValueError for a period
    that is none.
    """
    return causes_message(_read_back(extra), language, sent=True)


def _read_back(extra: Mapping[str, Any]) -> Causes:
    """The causes from JSON. Raises ValueError for a period that is none."""
    first = date.fromisoformat(str(extra["first"]))
    period: Period | None = read_period(str(extra["period"]), first, "UTC")
    if period is None:
        raise ValueError(extra["period"])
    lines = tuple(
        CauseLine(
            RootCause(line["cause"]),
            int(line["count"]),
            tuple((str(name), int(count)) for name, count in line["customers"]),
            int(line["others"]),
            tuple(line["cases"]),
        )
        for line in extra["lines"]
    )
    return Causes(period, lines, int(extra["restricted"]))


def _line(line: CauseLine, language: Language) -> str:
    """One cause: how many cases, of which customers, which they are, and its playbook.

    Names of customers are escaped and cut; three dots say that there are more cases than are
    named. Where there is no playbook the line says so: it is the next one to write.
    """
    counted = plural(language, "causes.cases", line.count)
    customers = ", ".join(f"{short_text(name, 60)} ({count})" for name, count in line.customers)
    if line.others:
        customers += ", " + plural(language, "causes.others", line.others)
    cases = ", ".join(f"ESC-{number}" for number in line.cases)
    return "\n".join(
        [
            f"*{label(language, line.cause)}: {counted}*",
            customers,
            cases + ("…" if line.count > len(line.cases) else ""),
            _playbook(line.cause, language),
        ]
    )


def _playbook(cause: RootCause, language: Language) -> str:
    """The first playbook for the cause, or that it has none.

    Its title comes from a file, and is escaped as anything that does.
    """
    books = load_playbooks().values()
    title = next((b.wording(language).title for b in books if cause in b.causes), "")
    if title:
        return t(language, "causes.playbook", title=escape(title))
    return t(language, "causes.no_playbook")


def _press(line: CauseLine, number: int, language: Language) -> Block:
    """The button that adds an action item to the newest case of the cause.

    An action item may be added to a closed case; its form opens with the policy's day.
    """
    words = t(language, "menu.action_item")
    return button(f"ask:action_item#{number}", words, {"case": line.cases[0]})
