"""A report in words: page, PDF, rows and answer say the same, and none says too much."""

import csv
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from xml.etree import ElementTree

import pytest
from PIL import Image
from pypdf import PdfReader

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.reports.figures import Report, build_report
from bot.rules.reports.periods import Period, PeriodKind
from bot.rules.reports.records import (
    ActionRecord,
    AnswerRecord,
    CaseClocks,
    CaseRecord,
    ConcessionRecord,
    CycleRecord,
    OutcomeRecord,
    Records,
)
from bot.rules.words import ClockKind, Language, RootCause, Severity, Status, Trigger
from messages.reports.answer import figure_files, figures_answer, files_answer
from messages.reports.charts import DARK, draw_png, draw_svg
from messages.reports.compose import compose_report
from messages.reports.page import no_report_page, report_headers, report_page
from messages.reports.pdf import draw_report
from messages.reports.rows import report_rows
from messages.reports.sheet import ReportSheet
from tests.mail.html_check import check_page

BOTH = pytest.mark.parametrize("language", [Language.ENGLISH, Language.GREEK])
HOSTILE = '<script>alert(1)</script> & =1+1 "Co" 漢字'
PERIOD = Period(PeriodKind.QUARTER, date(2026, 7, 1), date(2026, 9, 30), "Europe/Athens")
NOW = datetime(2026, 10, 5, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def records(count: int = 30) -> Records:
    """Cases of a quarter with something in every part."""
    cases = []
    for n in range(count):
        at = PERIOD.begins + 2 * n * DAY
        cycles = tuple(
            CycleRecord(clock, at, at + DAY, at + (n % 3) * DAY, n % 3 > 1)
            for clock in (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
        )
        cases.append(CaseRecord(
            n, f"a{n % 4}", Severity(1 + n % 4), Status.CLOSED if n % 5 else Status.INVESTIGATING,
            list(Trigger)[n % 3], at, at if n % 4 else None, at + DAY if n % 5 else None,
            at + 2 * DAY if n % 5 else None, list(RootCause)[n % 5] if n % 2 else None, n == 7,
            clocks=CaseClocks(cycles), arr=Decimal(1000), executive=n % 5 == 0,
        ))  # fmt: skip
    answers = tuple(
        AnswerRecord(n, "a1", kind, PERIOD.begins + n * DAY, PERIOD.begins + n * DAY, 1 + n % 5)
        for n in range(20)
        for kind in ("survey", "pulse")
    )
    return Records(
        tuple(cases), 40, answers,
        (OutcomeRecord("a1", PERIOD.begins, OutcomeResult.REDUCED, Decimal(900), Decimal(500)),),
        (ConcessionRecord(PERIOD.begins, None, Decimal(250)),),
        tuple(ActionRecord(date(2026, 8, 1), date(2026, 8, n + 1)) for n in range(6)),
        tuple((PERIOD.begins + DAY, PERIOD.begins) for _ in range(6)),
        (PERIOD.begins + 3 * DAY,), {"a0": HOSTILE, "a1": "Delphi Energy"},
    )  # fmt: skip


def report(*, money: bool = True) -> Report:
    """The report of that quarter."""
    return build_report(records(), PERIOD, NOW, money=money)


def said(sheet: ReportSheet) -> list[str]:
    """Everything that a sheet says, in its order."""
    tiles = [text for tile in sheet.tiles for text in (tile.name, tile.value, tile.remark)]
    parts = [
        text
        for part in sheet.parts
        for text in (
            part.heading, *part.table.columns, *(cell for row in part.table.rows for cell in row),
            part.remark,
        )
    ]  # fmt: skip
    return [sheet.title, sheet.subtitle, *tiles, *parts, *sheet.notes]


def squeezed(text: str) -> str:
    """The text without what only breaks lines, and as what is escaped on a page is read."""
    for escaped, letter in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(escaped, letter)
    return "".join(text.replace("&amp;", "&").split())


@BOTH
def test_the_page_has_every_word_and_is_sound(language: Language) -> None:
    sheet = compose_report(report(), language)
    page = report_page(sheet, "x.pdf?lang=en", "x.csv?lang=en", "Quill Systems")
    check_page(page)
    assert "<script>" not in page
    shown = squeezed(page)
    for text in said(sheet):
        assert squeezed(text) in shown, text
    charts = [part.chart for part in sheet.parts if part.chart and not part.chart.empty]
    assert len(charts) == 7
    for chart in charts:
        assert f'alt="{chart.said}"' in page
    assert page.count("data:image/svg+xml;base64,") == 7
    assert "img-src data:" in report_headers()["Content-Security-Policy"]
    assert "default-src 'none'" in report_headers()["Content-Security-Policy"]


@BOTH
def test_the_pdf_has_every_word_to_be_searched_and_a_bookmark_for_each_part(
    language: Language,
) -> None:
    sheet = compose_report(report(), language)
    reader = PdfReader(BytesIO(draw_report(sheet)))
    found = squeezed("".join(page.extract_text() for page in reader.pages))
    for part in sheet.parts:
        assert squeezed(part.heading) in found
        for row in part.table.rows:
            assert squeezed(row[-1]) in found
    assert squeezed(sheet.tiles[0].value) in found
    assert reader.root_object["/Lang"] == language.value
    assert [str(each["/Title"]) for each in reader.outline if isinstance(each, dict)] == [
        part.heading for part in sheet.parts
    ]
    assert draw_report(sheet) == draw_report(sheet)


def test_the_rows_are_the_tables_and_no_cell_is_a_formula() -> None:
    sheet = compose_report(report(), Language.ENGLISH)
    rows = list(csv.reader(StringIO(report_rows(sheet).decode("utf-8-sig"))))
    assert [part.heading for part in sheet.parts] == list(
        dict.fromkeys(row[0] for row in rows[1 + len(sheet.tiles) :] if len(row) > 1)
    )
    for part in sheet.parts:
        assert [part.heading, *part.table.columns] in rows
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+1", "@"))]


@BOTH
def test_a_chart_says_what_is_seen_and_is_drawn_light_and_dark(language: Language) -> None:
    sheet = compose_report(report(), language)
    for part in sheet.parts:
        if part.chart is None:
            continue
        drawn = draw_svg(part.chart)
        root = ElementTree.fromstring(drawn)
        name = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.findtext(f"{name}title") == part.chart.title
        assert root.findtext(f"{name}desc") == part.chart.said
        assert "<style>svg{background:#ffffff}@media (prefers-color-scheme:dark)" in drawn
        assert "svg{background:#17181a}" in drawn
        colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawn))
        assert "#000000" not in colours  # which nobody would see in the dark
        assert colours & set(DARK)
        picture = Image.open(BytesIO(draw_png(part.chart)))
        assert picture.size[0] == 1280


@BOTH
def test_the_answer_is_short_and_leads_on(language: Language) -> None:
    found = figures_answer(report(), "https://desk.example/g/token", "a1", language)
    text = found.text
    assert len(text.splitlines()) <= 14
    assert "https://desk.example/g/token" in text
    assert "2026" in text
    assert "<script>" not in str(found.blocks)
    without = figures_answer(report(), "", "", language)
    assert "http" not in without.text
    assert "show:figures_files" in str(without.blocks)
    assert "2026-Q2" in str(without.blocks)
    assert files_answer(report(), language).text


def test_the_files_are_the_charts_and_the_whole() -> None:
    files = figure_files(compose_report(report(), Language.ENGLISH))
    assert [each.name for each in files] == [
        *(f"figures-2026-Q3-{key}.png"
          for key in ("cases", "triggers", "way", "promises", "backlog", "causes", "process")),
        "figures-2026-Q3.pdf",
    ]  # fmt: skip
    assert all(each.alt for each in files)


@BOTH
def test_a_period_without_cases_says_so_and_tells_no_rate(language: Language) -> None:
    empty = build_report(Records(), PERIOD, NOW, money=True)
    sheet = compose_report(empty, language)
    page = report_page(sheet, "x.pdf?lang=en", "x.csv?lang=en")
    check_page(page)
    assert page.count("data:image") == 1  # the map: there is always a process
    assert draw_report(sheet)
    few = {Language.ENGLISH: "too few", Language.GREEK: "πολύ λίγα"}[language]
    assert sheet.tiles[1].value == few
    assert figures_answer(empty, "", "", language).text


def test_without_leave_no_amount_is_told() -> None:
    known, kept = (compose_report(report(money=m), Language.ENGLISH) for m in (True, False))
    assert "business" in [part.key for part in known.parts]
    assert "business" not in [part.key for part in kept.parts]
    assert "€" not in "".join(said(kept))
    assert "€400" in said(known)  # what was lost


def test_a_change_of_policy_and_what_is_left_out_are_told() -> None:
    text = " ".join(said(compose_report(report(), Language.ENGLISH)))
    assert "On 4 Jul 2026 another policy came into force" in text
    assert "1 of them is restricted" in text
    merged = replace(records().cases[0], number=99, status=Status.MERGED)
    more = build_report(
        replace(records(), cases=(*records().cases, merged)), PERIOD, NOW, money=True
    )
    assert "1 report that was merged" in " ".join(said(compose_report(more, Language.ENGLISH)))


@BOTH
@pytest.mark.parametrize("what", ["gone", "busy"])
def test_where_there_is_no_report_the_page_says_what_helps(language: Language, what: str) -> None:
    check_page(no_report_page(language, what))
