"""The process map in Slack: the way of a case in a few lines, where this one is, and the files."""

from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.words import Language
from messages.clients.own_files import OwnFile
from messages.kit.blocks import Message, actions, button, context, message, section
from messages.kit.mrkdwn import escape
from messages.kit.texts import t
from messages.reports.charts import draw_png
from messages.reports.map_files import lucidchart_rows, mermaid_map
from messages.reports.sheet import MapBox, Part, ProcessMap

MARK, OTHER = "▶", "•"


def map_answer(
    part: Part, case: CaseFacts | None, period: str, link: str, language: Language
) -> Message:
    """The statuses with what leads on; of the case's own all that does, and its playbooks.

    ``part`` is that of ``map_part``. ``period`` is what was asked for and stands in the button;
    ``link`` opens the page with figures, empty for who may not read them.
    """
    drawn = _drawn(part)
    lines = [f"*{escape(drawn.title)}*"]
    lines += [_line(box, drawn) for box in drawn.way]
    ends = ", ".join(f"{each.name} ({_into(each, drawn)})" for each in drawn.ends)
    lines.append(t(language, "process.ends", ends=escape(ends)))
    if here := next((box for box in drawn.way if box.here), None):
        names = {box.key: box.name for box in (*drawn.way, *drawn.ends)}
        steps = [
            f"{names[each.target]} ({each.label})"
            for each in drawn.arrows
            if each.source == here.key
        ]
        lines.append(t(language, "process.from_here", steps=escape(" · ".join(steps))))
        if guides := [each.title for each in drawn.guides if each.status == here.key]:
            said = escape(" · ".join(guides))
            lines.append(t(language, "process.playbooks", playbooks=said))
    if link:
        lines.append(f"<{link}|{t(language, 'process.open')}>")
    about: dict[str, Any] = {"period": period} if period else {}
    about |= {"case": case.number} if case is not None else {}
    text = "\n".join(lines)
    return message(
        text, section(text),
        actions(button("show:map_files", t(language, "process.files"), about)),
        context(escape(part.remark)),
    )  # fmt: skip


def map_sent(language: Language) -> Message:
    """Say that the files are in the conversation with the app."""
    said = t(language, "process.sent")
    return message(said, section(said))


def map_picture(part: Part) -> bytes:
    """The map as PNG. Takes tenths of a second: not in the loop's own thread."""
    return draw_png(_drawn(part))


def map_files(part: Part) -> list[OwnFile]:
    """The picture, and the files for Lucidchart and Mermaid. Takes tenths of a second."""
    drawn = _drawn(part)
    return [
        OwnFile("process.png", drawn.said, map_picture(part)),
        OwnFile("process-lucidchart.csv", drawn.title, lucidchart_rows(drawn)),
        OwnFile("process.mmd", drawn.title, mermaid_map(drawn).encode()),
    ]


def _drawn(part: Part) -> ProcessMap:
    """The map of its part."""
    assert isinstance(part.chart, ProcessMap)
    return part.chart


def _line(box: MapBox, drawn: ProcessMap) -> str:
    """A status of the way, what is told of it, and what leads to the next one.

    Steps that skip a status or lead back are told only of the status in which the case is.
    """
    place = drawn.way.index(box)
    following = drawn.way[place + 1].key if place + 1 < len(drawn.way) else ""
    onward = [
        each.label for each in drawn.arrows if (each.source, each.target) == (box.key, following)
    ]
    note = f" · {escape(box.note)}" if box.note else ""
    leads = f" → {escape(onward[0])}" if onward else ""
    return f"{MARK if box.here else OTHER} *{escape(box.name)}*{note}{leads}"


def _into(end: MapBox, drawn: ProcessMap) -> str:
    """What leads to an end.

    Every step to it has the same words, whatever the status from which it is taken.
    """
    return next((each.label for each in drawn.arrows if each.target == end.key), "")
