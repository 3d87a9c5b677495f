"""A report as a page of ours: figures first, then each part with its chart and its table.

Nothing is loaded and no script runs: a chart is an SVG inside the page's own text. Without seeing,
its sentence is read out, and the table below it says the same.
"""

from base64 import b64encode
from collections.abc import Mapping

from bot.rules.words import Language
from messages.customers.pages import draw_page, page_headers
from messages.kit.texts import t
from messages.reports.charts import draw_svg
from messages.reports.sheet import ReportSheet


def report_page(sheet: ReportSheet, pdf: str, csv: str, company: str = "") -> str:
    """Draw the page, with the addresses of the same as files. Takes tenths of a second."""
    charts = {
        part.key: "data:image/svg+xml;base64," + b64encode(draw_svg(part.chart).encode()).decode()
        for part in sheet.parts
        if part.chart is not None and not part.chart.empty
    }
    say = {key: t(sheet.language, f"figures.{key}") for key in ("as_pdf", "as_csv", "nothing")}
    return draw_page(
        "report.html", sheet.language, sheet.title, "", company=company, sheet=sheet,
        charts=charts, pdf=pdf, csv=csv, words=say,
    )  # fmt: skip


def no_report_page(language: Language, what: str, company: str = "") -> str:
    """Say that there is no report to show, and what helps: ``what`` is ``gone`` or ``busy``."""
    title, lines = t(language, f"figures.{what}_title"), [t(language, f"figures.{what}")]
    return draw_page("plain.html", language, title, "", company=company, lines=lines, back="")


def report_headers() -> Mapping[str, str]:
    """The headers of all our pages, but that pictures inside the page's own text are drawn."""
    policy = page_headers()["Content-Security-Policy"]
    allowed = policy.replace("default-src 'none';", "default-src 'none'; img-src data:;")
    return {**page_headers(), "Content-Security-Policy": allowed}
