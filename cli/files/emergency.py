"""The emergency file, from a terminal or a daily job: ``python app.py emergency FILE``.

It is read when neither the app nor Slack works, so it is a plain file that its own user may read.
Slack is asked for telephone numbers while it can be; without it the file is written all the same.
"""

import os
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import typer
from sqlmodel import col, func, select

from bot.clock import SystemClock
from bot.core import snapshot
from bot.core.case_selection import is_open_case, select_cases
from bot.operations.terminal_actions import note_action
from bot.people.person_rows import read_person
from bot.playbooks.drills import DRILLED
from bot.rules.facts import CaseFacts, CaseFilter, PersonFacts
from bot.rules.policy.load import load_policy
from bot.rules.words import Language
from bot.settings import Settings
from cli.checking.counts import count_things
from cli.opened import opened, terminal_user
from messages.clients.slack import Slack, SlackError
from messages.emergency.drill import drill_sheet, find_gaps
from messages.emergency.paper import emergency_page
from storage.database import Database
from storage.models import Case, Person

SIGNED = 120  # characters of a signature
CASES_MAX = 300  # on the page, by priority; how many more there are stands there


async def write_emergency(settings: Settings, file: Path, language: str) -> int:
    """Write the file anew, as one step, and print where it is and what it has; return 0.

    ``language`` is a code such as ``el``; the team's first where it is empty. Returns 1 for one
    that is not spoken. Raises PolicyError, SchemaError, and OSError where it cannot be written.
    """
    policy = load_policy(settings.policy_file)
    spoken = Language.named(language) if language else policy.languages[0]
    if spoken is None:
        known = ", ".join(each.value for each in Language)
        typer.echo(f"--language: {language!r} is not spoken here; there are {known}", err=True)
        return 1
    async with opened(settings) as database:
        cases, total = await _open_cases(database)
        people = await _people(database, cases, spoken)
        phones = await _phones(settings, people)
        page = emergency_page(
            cases, people, phones, spoken,
            zone=policy.timezone, made_at=SystemClock().now(), total=total,
        )  # fmt: skip
        async with database.write() as session:
            about = {"file": str(file.absolute()), "cases": len(cases)}
            note_action(session, terminal_user(), "emergency", about)
    _replace(file, page)
    typer.echo(f"{file}: {count_things(len(cases), 'open case')},"
               f" {count_things(len(phones), 'telephone number')}")  # fmt: skip
    return 0


async def drill_emergency(settings: Settings, file: Path, language: str, signed: str) -> int:
    """Print the exercise with what the file lacks, or record with ``signed`` that it was done.

    Returns 1 where the file is not there or lacks something, or the language is not spoken; what is
    signed is recorded all the same. Raises PolicyError, SchemaError, and OSError.
    """
    policy = load_policy(settings.policy_file)
    spoken = Language.named(language) if language else policy.languages[0]
    if spoken is None:
        typer.echo(f"--language: {language!r} is not spoken here", err=True)
        return 1
    async with opened(settings) as database:
        if signed.strip():
            async with database.write() as session:
                about = {"file": str(file.absolute()), "signed": " ".join(signed.split())[:SIGNED]}
                note_action(session, terminal_user(), DRILLED, about)
            typer.echo(f"recorded: the drill was done, signed by {about['signed']}")
            return 0
        there = file.is_file()
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC) if there else None
        gaps: list[str] = []
        if written is not None:
            cases, _ = await _open_cases(database)
            people = await _people(database, cases, spoken)
            page = file.read_text(encoding="utf-8")
            gaps = find_gaps(page, written, cases, people, spoken, SystemClock().now())
    typer.echo(drill_sheet(str(file), written, gaps, spoken, policy.timezone))
    return 1 if gaps or written is None else 0


async def _open_cases(database: Database) -> tuple[list[CaseFacts], int]:
    """The open cases that come first by priority, and how many are open."""
    now = SystemClock().now()
    async with database.read() as session:
        count = select(func.count()).select_from(Case).where(is_open_case())
        total = (await session.exec(count)).one()
        rows = await session.exec(select_cases(CaseFilter(), [is_open_case()], CASES_MAX))
        return [await snapshot.load_case(session, row, now) for row in rows.all()], total


async def _people(
    database: Database, cases: Iterable[CaseFacts], language: Language
) -> dict[str, PersonFacts]:
    """Everybody whom the cases name, by user id, as the directory last knew them.

    Those of whom it knows nothing are missing; the page then has their Slack id.
    """
    named = {user for case in cases for user in (case.owner, *case.roles.values())}
    async with database.read() as session:
        rows = await session.exec(select(Person).where(col(Person.user_id).in_(named)))
        return {row.user_id: read_person(row, language) for row in rows.all()}


async def _phones(settings: Settings, people: Iterable[str]) -> dict[str, str]:
    """The telephone numbers in people's Slack profiles; what Slack does not tell is left out.

    Without a bot token nothing is asked. The first failure ends the asking, with a line about it.
    """
    found: dict[str, str] = {}
    if not settings.slack_bot_token:
        return found
    slack = Slack(settings.slack_bot_token, settings.slack_api_url)
    try:
        for user in sorted(people):
            answer = await slack.call("users.info", user=user)
            phone = str(((answer.get("user") or {}).get("profile") or {}).get("phone") or "")
            found |= {user: phone} if phone else {}
    except SlackError as error:
        typer.echo(f"Slack did not tell all telephone numbers: {error}", err=True)
    finally:
        await slack.close()
    return found


def _replace(file: Path, page: str) -> None:
    """Put the page in the place of the file at once, so that no half of it is ever read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as begun:
            begun.write(page)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
