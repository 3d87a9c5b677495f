"""Figures of a period, from a terminal: ``python app.py figures 2026-Q3 --customer delphi``."""

from functools import partial
from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.engine.unit_of_work import Standalone
from bot.errors import UserError
from bot.operations.terminal_actions import note_action
from bot.reports.accounts import find_account_key
from bot.reports.reading import read_report
from bot.rules.local_time import local_day
from bot.rules.policy.load import load_policy
from bot.rules.reports.periods import read_period
from bot.rules.words import Language
from bot.settings import Settings
from cli.failures import CommandError
from cli.opened import opened, terminal_user
from messages.cases.answers import refusal_message
from messages.reports.compose import compose_report
from messages.reports.page import report_page
from messages.reports.pdf import draw_report
from messages.reports.rows import report_rows
from messages.reports.sheet import ReportSheet


async def print_figures(
    settings: Settings, typed: str, customer: str, language: str, file: Path | None
) -> int:
    """Print a period's figures, or write them to ``file``: .pdf, .csv or .html; return 0.

    ``typed`` and ``customer`` are as in Slack, ``language`` a code, the team's first where it is
    empty. All amounts are told. Raises CommandError, PolicyError, SchemaError, OSError.
    """
    policy = load_policy(settings.policy_file)
    spoken = Language.named(language) if language else policy.languages[0]
    if spoken is None:
        raise CommandError(f"--language: {language!r} is not spoken here")
    if file is not None and file.suffix not in (".pdf", ".csv", ".html"):
        raise CommandError(f"--file: {file} ends in none of .pdf, .csv, .html")
    today = local_day(SystemClock().now(), policy.timezone)
    period = read_period(typed, today, policy.timezone)
    async with opened(settings) as database:
        try:
            if period is None:
                raise UserError("odd_period", typed=typed)
            key = await find_account_key(database, customer) if customer else ""
            services = Standalone(database, policy, SystemClock())
            report = await read_report(services, period, money=True, account=key)
        except UserError as refused:
            said = refusal_message(refused.key, spoken, **refused.facts).text
            raise CommandError(said.removeprefix("✗ ")) from None
        if file is not None:
            async with database.write() as session:
                about = {"file": str(file.absolute()), "period": period.key}
                note_action(session, terminal_user(), "figures", about)
    sheet = compose_report(report, spoken)
    if file is None:
        typer.echo("\n".join(_lines(sheet)))
    else:
        file.write_bytes(_content(sheet, file.suffix, policy.customer_company))
        typer.echo(str(file))
    return 0


def _content(sheet: ReportSheet, ending: str, company: str) -> bytes:
    """The file; a page's links to the other files lead to files beside it, of the same name."""
    name = f"figures-{sheet.key}"
    page = partial(report_page, sheet, f"{name}.pdf", f"{name}.csv", company)
    if ending == ".html":
        return page().encode()
    return draw_report(sheet) if ending == ".pdf" else report_rows(sheet)


def _lines(sheet: ReportSheet) -> list[str]:
    """The whole report as text, tables in columns."""
    lines = [sheet.title, sheet.subtitle, ""]
    lines += [f"{each.name}: {each.value} ({each.remark})" for each in sheet.tiles]
    for part in sheet.parts:
        rows = [part.table.columns, *part.table.rows]
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        lines += ["", f"== {part.heading}"]
        lines += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        lines += [part.remark] if part.remark else []
    return [*lines, "", *sheet.notes]
