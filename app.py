"""Escalation Desk: the command line.

Only names, arguments and help texts are here, and by subject in ``cli/commands/``; what a command
does is in ``cli/``, mostly in the module of the same name. The docstrings of commands are what
``--help`` prints. A command ends with the code that its function returns: 0 done, 1 something is
wrong, 2 it could not begin.

A command imports what it runs only when it is run, so that ``--help`` and ``check`` do not wait for
libraries that they never use.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.commands import policy, security

app = typer.Typer(
    name="escalation-desk",
    help="Runs customer escalations inside Slack. Start with `python app.py demo`.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
accounts_app = typer.Typer(help="The customers whose cases we run.", no_args_is_help=True)
app.add_typer(accounts_app, name="accounts")
reviews_app = typer.Typer(help="Public reviews of review sites.", no_args_is_help=True)
app.add_typer(reviews_app, name="reviews")
app.add_typer(policy.top)
pager_app = typer.Typer(help="Who is woken outside Slack.", no_args_is_help=True)
app.add_typer(pager_app, name="pager")
app.add_typer(security.top)

Number = Annotated[int, typer.Argument(help="the case's number: 7 for ESC-7")]


@app.command(name="demo")
def demo_command() -> None:
    """A local Slack workspace in your browser, with the app in it. Needs no Slack.

    HOST and PORT choose the address; Ctrl-C ends it. Nothing is kept.
    """
    from cli.workspace import demo

    asyncio.run(demo.serve_demo())


@app.command()
def run() -> None:
    """Run the app for a real Slack workspace, as the environment says (see `check`)."""
    from cli import running

    running.run()


@app.command()
def check() -> None:
    """Read every setting, the policy and the database, ask Slack who we are; name each mistake."""
    from cli import admin

    raise typer.Exit(asyncio.run(admin.check()))


@app.command()
def migrate() -> None:
    """Bring the database's tables to what this program needs. Safe to run again."""
    from cli import admin

    asyncio.run(admin.migrate())


@accounts_app.command(name="import")
def accounts_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a CSV file")],
) -> None:
    """Add customers from a CSV file, or bring them up to date. All of it, or nothing."""
    from cli import admin

    raise typer.Exit(asyncio.run(admin.import_accounts(file)))


@reviews_app.command(name="import")
def reviews_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a CSV file")],
    source: Annotated[str, typer.Option(help="the site that wrote the file: g2 or trustradius")],
) -> None:
    """Take in the reviews of an export file; bad ones wait in triage. All of it, or nothing."""
    from cli import admin, reviews

    raise typer.Exit(asyncio.run(reviews.import_reviews(admin.read_settings(), file, source)))


@pager_app.command(name="test")
def pager_test(
    open_for: Annotated[
        float, typer.Option(min=0, max=600, help="seconds until it is resolved at the pagers")
    ] = 60.0,
) -> None:
    """Send a page marked TEST by every way and pager, and say which took it. No case is made."""
    from bot.errors import new_reference
    from cli import admin, pager

    settings = admin.read_settings()
    raise typer.Exit(asyncio.run(pager.try_pagers(settings, f"TEST.{new_reference()}", open_for)))


@app.command(name="doctor")
def doctor_command(
    repair: Annotated[
        bool, typer.Option("--repair", help="queue what the app itself can put right")
    ] = False,
    mend: Annotated[bool, typer.Option("--mend", hidden=True)] = False,  # its name in 0.1
    json: Annotated[bool, typer.Option(help="print the findings as JSON")] = False,
) -> None:
    """Compare what the database says with what Slack shows; needed after a restore.

    Exits 1 when something differs that is not being put right.
    """
    from cli import doctor

    raise typer.Exit(asyncio.run(doctor.run_doctor(repair=repair or mend, as_json=json)))


@app.command()
def manifest() -> None:
    """Print the Slack app manifest as JSON, for Socket Mode or HTTP by what is configured."""
    from cli import admin

    admin.print_manifest()


@app.command()
def export(
    number: Number,
    folder: Annotated[Path, typer.Option(help="where the archive goes")] = Path(),
    problem: Annotated[bool, typer.Option("--problem", help="a problem's, not a case's")] = False,
) -> None:
    """Write an archive with all that is kept about a case, or a problem: esc-7.zip.

    A JSON file for each table, the timeline as CSV, and a manifest of hashes. An archive that is
    there already is not overwritten.
    """
    from cli.files import records

    raise typer.Exit(asyncio.run(records.export_record(number, folder, problem=problem)))


@app.command(name="export-check")
def export_check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="what export wrote")],
) -> None:
    """Compare an archive's files with its manifest; name what was changed, is missing or new.

    Needs no database. Exits 1 when something differs.
    """
    from cli.files import archive

    raise typer.Exit(archive.check_archive(file))


@app.command()
def emergency(
    file: Annotated[Path, typer.Argument(help="the HTML file, written anew each time")],
    language: Annotated[str, typer.Option(help="such as el; the team's by default")] = "",
    drill: Annotated[bool, typer.Option("--drill", help="check it and print an exercise")] = False,
    signed: Annotated[str, typer.Option(help="with --drill: who did it; it is recorded")] = "",
) -> None:
    """Write what people work from while the app or Slack is down. Run it daily.

    The file has open cases with owners, contacts and due times, and people's telephone numbers.
    With --drill the file is not written but looked at, and the exercise for that day printed.
    """
    from cli import admin
    from cli.files.emergency import drill_emergency, write_emergency

    if drill or signed:
        done = drill_emergency(admin.read_settings(), file, language, signed)
        raise typer.Exit(asyncio.run(done))
    raise typer.Exit(asyncio.run(write_emergency(admin.read_settings(), file, language)))


@app.command()
def figures(
    period: Annotated[
        str, typer.Argument(help="2026-Q3, 2026-07, 2026, 90d or last; this quarter by default")
    ] = "",
    customer: Annotated[str, typer.Option(help="a part of a customer's name; all by default")] = "",
    language: Annotated[str, typer.Option(help="such as el; the team's by default")] = "",
    file: Annotated[
        Path | None, typer.Option(dir_okay=False, help="write .pdf, .csv or .html instead")
    ] = None,
) -> None:
    """Print the figures of a period, or write them with charts to a file."""
    from cli import admin
    from cli.files.figures import print_figures

    settings = admin.read_settings()
    raise typer.Exit(asyncio.run(print_figures(settings, period, customer, language, file)))


@app.command(name="map")
def map_command(
    kind: Annotated[
        str, typer.Option("--format", help="svg, png, mermaid or lucidchart (CSV)")
    ] = "mermaid",
    period: Annotated[str, typer.Option(help="of the times, as of figures")] = "",
    language: Annotated[str, typer.Option(help="such as el; the team's by default")] = "",
    file: Annotated[
        Path | None, typer.Option(dir_okay=False, help="write it there instead of printing it")
    ] = None,
) -> None:
    """Write the way of a case as a map: statuses, steps, and how many cases are where."""
    from cli import admin
    from cli.files.process_map import write_map

    settings = admin.read_settings()
    raise typer.Exit(asyncio.run(write_map(settings, kind, period, language, file)))


@app.command(name="tour")
def tour_command() -> None:
    """Play a case and the quarter after it in a local workspace, and print what everybody saw."""
    from cli.workspace import tour, tour_story

    raise typer.Exit(asyncio.run(tour.play(tour_story.tell_story)))


def main() -> None:
    """Run a command; one that cannot do what it was asked ends with a sentence and exit code 2.

    The sentence goes to standard error. A fault for which there is none is raised as it is. What a
    command writes, the database and records of cases, only its own user may read.
    """
    os.umask(0o077)
    try:
        app()
    except Exception as error:
        from cli.failures import print_failure  # help does not wait for what it imports

        if not print_failure(error):
            raise
        sys.exit(2)


if __name__ == "__main__":
    main()
