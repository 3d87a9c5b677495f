"""The map of the process, from a terminal: ``python app.py map --format lucidchart``."""

from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.engine.unit_of_work import Standalone
from bot.reports.reading import read_report
from bot.rules.local_time import local_day
from bot.rules.policy.load import load_policy
from bot.rules.reports.periods import read_period
from bot.rules.words import Language
from bot.settings import Settings
from cli.failures import CommandError
from cli.opened import opened
from messages.reports.charts import draw_png, draw_svg
from messages.reports.map_files import lucidchart_rows, mermaid_map
from messages.reports.process import map_part
from messages.reports.sheet import ProcessMap

FORMATS = ("svg", "png", "mermaid", "lucidchart")


async def write_map(
    settings: Settings, kind: str, typed: str, language: str, file: Path | None
) -> int:
    """Write the map to ``file``, or print it where that is text; return 0.

    ``kind`` is one of ``FORMATS``, ``typed`` the period of the times, ``language`` a code, the
    team's first where it is empty. Counts are of all cases; no case and no customer is named.
    Raises CommandError, PolicyError, SchemaError, OSError.
    """
    policy = load_policy(settings.policy_file)
    spoken = Language.named(language) if language else policy.languages[0]
    if spoken is None:
        raise CommandError(f"--language: {language!r} is not spoken here")
    if kind not in FORMATS:
        raise CommandError(f"--format: {kind!r} is none of {', '.join(FORMATS)}")
    if kind == "png" and file is None:
        raise CommandError("--file: name a file for a picture")
    today = local_day(SystemClock().now(), policy.timezone)
    period = read_period(typed, today, policy.timezone)
    if period is None:
        raise CommandError(f"{typed!r} is no period: type 2026-Q3, 2026-07, 2026, 90d or last")
    async with opened(settings) as database:
        services = Standalone(database, policy, SystemClock())
        report = await read_report(services, period, money=False)
    content = _content(kind, map_part(spoken, report.statuses).chart)
    if file is None:
        typer.echo(content.decode(), nl=False)
    else:
        file.write_bytes(content)
        typer.echo(str(file))
    return 0


def _content(kind: str, drawn: object) -> bytes:
    """The map in that format; text is UTF-8.

    ``drawn`` is the chart of the map's part. Drawing takes tenths of a second, and a process that
    ends with it need not do so in a thread.
    """
    assert isinstance(drawn, ProcessMap)
    match kind:
        case "svg":
            return draw_svg(drawn).encode()
        case "png":
            return draw_png(drawn)
        case "mermaid":
            return mermaid_map(drawn).encode()
        case _:
            return lucidchart_rows(drawn)
