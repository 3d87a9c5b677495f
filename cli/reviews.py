"""Reviews from an export file of a review site, taken in by an administrator.

Prints to standard output what became of them, to standard error what is wrong with the file.
"""

from collections import Counter
from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import Standalone, UnitOfWork
from bot.errors import new_reference
from bot.intake.reviews.take_in import CHANGED, KNOWN, NEW, OLD, ReviewTaken, take_in_review
from bot.operations.terminal_actions import note_action
from bot.people.directory import People
from bot.rules.policy.load import Policy, PolicyError, load_policy
from bot.rules.reviews.export import BadExportError, Export, read_export
from bot.rules.reviews.review import ReviewSource
from bot.settings import Settings
from bot.wiring import WIRING
from cli.checking.counts import count_things
from cli.logs import configure_logs
from cli.opened import opened, terminal_user
from messages.clients.slack import Slack
from storage.database import Database

IMPORTED = (ReviewSource.G2, ReviewSource.TRUSTRADIUS)


async def import_reviews(settings: Settings, file: Path, source: str) -> int:
    """Take in all reviews of a CSV file, or none where it has mistakes; then return 1.

    One transaction. A review that is known is compared: what its author changed is shown where it
    went. Safe to run again, and beside the app. Raises SchemaError as ``opened`` does, and
    SlackError where Slack cannot say who the people of the policy are.
    """
    if source not in {each.value for each in IMPORTED}:
        known = " or ".join(each.value for each in IMPORTED)
        typer.echo(f"--source must be {known}, not {source}", err=True)
        return 1
    try:
        found = read_export(file.read_bytes(), ReviewSource(source))
        policy = load_policy(settings.policy_file)
    except BadExportError as error:
        typer.echo(f"{file}: nothing was imported\n{error}", err=True)
        return 1
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 1
    configure_logs("ERROR")  # what is wrong is printed, not logged
    async with opened(settings) as database:
        reached = await _reach_people(settings, database, policy)
        services = Standalone(database, reached, SystemClock(), wiring=WIRING)
        taken = await _take_in(services, found, file)
    _print_outcome(found, taken)
    return 0


async def _reach_people(settings: Settings, database: Database, policy: Policy) -> Policy:
    """The policy with the people behind its names; as it is written where there is no bot token."""
    if not settings.slack_bot_token:
        return policy
    slack = Slack(settings.slack_bot_token, settings.slack_api_url)
    try:
        return await People(database, SystemClock(), slack).resolved(policy)
    finally:
        await slack.close()


async def _take_in(services: Standalone, found: Export, file: Path) -> list[ReviewTaken]:
    """Take every review in, with who ran the command; all commit together or none does."""
    actor = Actor(SYSTEM, "import")
    async with UnitOfWork.begin(services, actor, new_reference()) as work:
        taken = [await take_in_review(work, each) for each in found.reviews]
        about = {"file": file.name, "reviews": len(taken)}
        note_action(work.session, terminal_user(), "reviews import", about)
    return taken


def _print_outcome(found: Export, taken: list[ReviewTaken]) -> None:
    """Print the counts by outcome, and to standard error the columns that were not understood."""
    if found.ignored:
        typer.echo(f"columns not understood and left out: {', '.join(found.ignored)}", err=True)
    counts = Counter(each.outcome for each in taken)
    bad = sum(each.outcome == NEW and each.review.bad for each in taken)
    said = [f"{counts[NEW]} new ({bad} with a bad rating, now in triage)"]
    said += [f"{counts[CHANGED]} changed", f"{counts[KNOWN]} known and as before"]
    said += [f"{counts[OLD]} over 90 days old, kept without asking for a reply"]
    typer.echo(f"{count_things(len(taken), 'review')}: {', '.join(said)}")
