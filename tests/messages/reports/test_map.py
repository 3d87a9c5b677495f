"""The map of the process: the picture, its table, Lucidchart's columns, Mermaid, and the answer."""

import csv
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from bot.rules.lifecycle import TABLE
from bot.rules.reports.process import StatusFigure
from bot.rules.words import Language, Status
from messages.kit.texts import label, t
from messages.reports.charts import DARK, draw_svg
from messages.reports.map_answer import map_answer, map_files, map_sent
from messages.reports.map_files import COLUMNS, lucidchart_rows, mermaid_map
from messages.reports.process import map_part
from messages.reports.sheet import Part, ProcessMap
from tests.messages.sample_cases import case

BOTH = pytest.mark.parametrize("language", [Language.ENGLISH, Language.GREEK])
FIGURES = tuple(
    StatusFigure(status, place, 10 * place, timedelta(hours=place) if place > 2 else None)
    for place, status in enumerate(Status)
)
HERE = case(Status.INVESTIGATING)


def part(language: Language = Language.ENGLISH) -> Part:
    """The map with figures and a case on it."""
    return map_part(language, FIGURES, HERE)


def drawn(language: Language = Language.ENGLISH) -> ProcessMap:
    """The map itself."""
    found = part(language).chart
    assert isinstance(found, ProcessMap)
    return found


@BOTH
def test_every_step_of_the_lifecycle_has_its_words(language: Language) -> None:
    for verb in {verb for _, verb in TABLE}:
        assert t(language, f"process.step.{verb}")
    sheet = part(language)
    assert [row[0].partition(" ←")[0] for row in sheet.table.rows] == [
        label(language, status) for status in Status
    ]
    assert all(len(row) == len(sheet.table.columns) for row in sheet.table.rows)
    assert sum(HERE.reference in row[0] for row in sheet.table.rows) == 1
    few = t(language, "figures.few")
    assert [few in row for row in sheet.table.rows][:4] == [False, True, True, False]


@BOTH
def test_without_figures_nothing_is_told_of_other_cases(language: Language) -> None:
    sheet = map_part(language, (), None)
    assert len(sheet.table.columns) == 3
    assert isinstance(sheet.chart, ProcessMap)
    assert not any(box.note or box.here for box in (*sheet.chart.way, *sheet.chart.ends))
    here = map_part(language, (), HERE).chart
    assert isinstance(here, ProcessMap)
    assert [box.key for box in here.way if box.here] == ["investigating"]


@BOTH
def test_the_picture_is_drawn_light_and_dark_with_its_words(language: Language) -> None:
    found = draw_svg(drawn(language))
    root = ElementTree.fromstring(found)
    name = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.findtext(f"{name}title") == drawn(language).title
    assert HERE.reference in (root.findtext(f"{name}desc") or "")
    assert "prefers-color-scheme:dark" in found
    assert "#000000" not in found
    assert all(colour in found for colour in DARK)
    files = map_files(part(language))
    assert [each.name for each in files] == [
        "process.png", "process-lucidchart.csv", "process.mmd",
    ]  # fmt: skip
    assert all(each.alt and each.content for each in files)
    assert Image.open(BytesIO(files[0].content)).size[0] == 1280


@BOTH
def test_lucidchart_reads_every_row(language: Language) -> None:
    rows = list(csv.DictReader(StringIO(lucidchart_rows(drawn(language)).decode())))
    assert list(rows[0]) == [
        "Id", "Name", "Shape Library", "Page ID", "Contained By", "Line Source",
        "Line Destination", "Source Arrow", "Destination Arrow", "Text Area 1",
    ] == list(COLUMNS)  # fmt: skip
    assert [int(row["Id"]) for row in rows] == list(range(1, len(rows) + 1))
    assert [row["Name"] for row in rows].count("Page") == 1
    shapes = {row["Id"]: row for row in rows if row["Shape Library"]}
    assert {row["Name"] for row in shapes.values()} == {"Process", "Terminator"}
    assert {row["Shape Library"] for row in shapes.values()} == {"Flowchart Shapes"}
    lines = [row for row in rows if row["Name"] == "Line"]
    assert len(rows) == 1 + len(shapes) + len(lines)
    for row in (*shapes.values(), *lines):
        assert row["Page ID"] == "1"
    for row in lines:
        assert row["Line Source"] in shapes
        assert row["Line Destination"] in shapes
        assert (row["Source Arrow"], row["Destination Arrow"]) == ("None", "Arrow")
    steps = sum(len(guide.steps) for guide in drawn(language).guides)
    assert len(lines) == len(drawn(language).arrows) + steps
    assert steps > 5


HOSTILE = '=HYPERLINK("https://evil.example") "x"; end note %%{init}'


def hostile() -> ProcessMap:
    """A map whose playbook and title were written to do harm."""
    found = drawn()
    guide = replace(found.guides[0], title=HOSTILE, steps=(HOSTILE,))
    return replace(found, title=HOSTILE, guides=(guide,))


def test_no_cell_is_a_formula_and_nothing_ends_a_note() -> None:
    cells = [cell for row in csv.reader(StringIO(lucidchart_rows(hostile()).decode()))
             for cell in row]  # fmt: skip
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]
    assert "'=HYPERLINK" in "".join(cells)
    told = mermaid_map(hostile())
    assert told.count("end note\n") == 1
    assert not set('"%;{}') & set(told.split("note right of")[1].split("classDef")[0])


@BOTH
def test_mermaid_has_every_box_and_arrow(language: Language) -> None:
    told = mermaid_map(drawn(language)).splitlines()
    assert told[3] == "stateDiagram-v2"
    for arrow in drawn(language).arrows:
        assert [line for line in told if line.startswith(f"    {arrow.source} --> {arrow.target}:")]
    assert "    class investigating here" in told
    assert told.count("    end note") == len(drawn(language).guides)


@BOTH
def test_the_answer_says_where_the_case_is_and_what_leads_on(language: Language) -> None:
    found = map_answer(part(language), HERE, "last", "https://desk.example/g/x", language)
    assert found.text.count("▶") == 1
    marked = next(line for line in found.text.splitlines() if line.startswith("▶"))
    assert HERE.reference in marked
    assert label(language, Status.INVESTIGATING) in marked
    assert "https://desk.example/g/x" in found.text
    assert '\\"period\\": \\"last\\"' in str(found.blocks) or '"period":"last"' in str(found.blocks)
    assert "show:map_files" in str(found.blocks)
    bare = map_answer(map_part(language, (), None), None, "", "", language)
    assert "▶" not in bare.text
    assert "http" not in bare.text
    assert len(bare.text.splitlines()) == 10
    assert map_sent(language).text
