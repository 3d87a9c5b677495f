"""The process map as files that other programs draw: Lucidchart's import, and Mermaid.

Columns and names of the CSV are those of Lucidchart's documentation, “Process Diagram Import from
CSV” (https://lucidchart.zendesk.com/hc/en-us/articles/115003866723-Process-Diagram-Import-from-CSV,
read in November 2026): each row is a page, a shape or a line; ids count up from 1; a page needs id,
name and first text; a shape the full name of its library, and the id of its page; a line is called
``Line``, with the ids of its two ends, what each end looks like, and its text. There is no place
for positions: Lucidchart lays the shapes out itself.
"""

import re
from collections.abc import Iterator

from messages.reports.rows import write_rows
from messages.reports.sheet import MapBox, ProcessMap

COLUMNS = (
    "Id", "Name", "Shape Library", "Page ID", "Contained By", "Line Source", "Line Destination",
    "Source Arrow", "Destination Arrow", "Text Area 1",
)  # fmt: skip
LIBRARY = "Flowchart Shapes"
PAGE = 1  # the id of the only page
# What would end or begin something in Mermaid: a label has none of it.
MERMAID_SIGNS = re.compile(r'["#;:<>{}\[\]`\\|%\r\n\t]+')


def lucidchart_rows(drawn: ProcessMap) -> bytes:
    """The map as CSV for Lucidchart, UTF-8; playbooks as a row of steps beside their status.

    No cell is taken for a formula where a spreadsheet opens it.
    """
    rows = ((number, *row) for number, row in enumerate(_rows(drawn), PAGE))
    return write_rows([COLUMNS, *rows], mark=False)


def _rows(drawn: ProcessMap) -> Iterator[tuple[str, ...]]:
    """Every row without its id: the page, then shapes, then lines, which name shapes by id.

    Ids are counted in the order of the rows, so the ids of playbooks' steps are known as the steps
    are written; lines come last because both their ends must be there.
    """
    yield ("Page", "", "", "", "", "", "", "", drawn.title)
    ids: dict[str, int] = {}
    last = PAGE
    for box in (*drawn.way, *drawn.ends):
        last += 1
        ids[box.key] = last
        closes = box in drawn.ends or box in (drawn.way[0], drawn.way[-1])
        yield _shape("Terminator" if closes else "Process", _text(box))
    lines = [(ids[each.source], ids[each.target], each.label) for each in drawn.arrows]
    for guide in drawn.guides:
        before, label = ids[guide.status], guide.title
        for place, step in enumerate(guide.steps, 1):
            last += 1
            lines.append((before, last, label))
            before, label = last, ""
            yield _shape("Process", f"{place}. {step}")
    for source, target, label in lines:
        yield ("Line", "", str(PAGE), "", str(source), str(target), "None", "Arrow", label)


def _shape(name: str, text: str) -> tuple[str, ...]:
    return (name, LIBRARY, str(PAGE), "", "", "", "", "", text)


def _text(box: MapBox) -> str:
    """What stands in a shape: its name, and its note below."""
    return f"{box.name}\n{box.note}" if box.note else box.name


def mermaid_map(drawn: ProcessMap) -> str:
    """The map as a Mermaid state diagram; playbooks as notes, the box of the case filled.

    The front matter has the title. Ids of states are those of the lifecycle, so a diagram that is
    made again compares line by line with an earlier one.
    """
    lines = ["---", f"title: {_clean(drawn.title)}", "---", "stateDiagram-v2"]
    for box in (*drawn.way, *drawn.ends):
        note = f" · {_clean(box.note)}" if box.note else ""
        lines.append(f'    state "{_clean(box.name)}{note}" as {box.key}')
    lines.append(f"    [*] --> {drawn.way[0].key}")
    lines += [f"    {each.source} --> {each.target}: {_clean(each.label)}" for each in drawn.arrows]
    lines += [f"    {box.key} --> [*]" for box in (drawn.way[-1], *drawn.ends)]
    for guide in drawn.guides:
        steps = [f"        {place}. {_clean(step)}" for place, step in enumerate(guide.steps, 1)]
        head = f"        {_clean(guide.title)}"
        lines += [f"    note right of {guide.status}", head, *steps, "    end note"]
    lines += ["    classDef here fill:#3b73af,color:#ffffff"]
    lines += [f"    class {box.key} here" for box in drawn.way if box.here]
    return "\n".join(lines) + "\n"


def _clean(text: str) -> str:
    """A text in one line, without signs that mean something in Mermaid."""
    return " ".join(MERMAID_SIGNS.sub(" ", text).split())
