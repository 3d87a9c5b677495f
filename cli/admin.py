"""What an administrator does from a terminal.

Slack's client and what else only some of it needs is imported where it is needed.
"""

import csv
import json
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from sqlmodel import SQLModel, col, select

from bot.clock import SystemClock
from bot.rules.policy.load import PolicyError, load_policy
from bot.settings import RunSettings, Settings
from cli.configured import connectors, problems
from cli.languages import check_languages
from messages.clients.helpdesks import Away, Connector, Limited, Refused
from messages.clients.slack_time import APART_MAX, SlackTime
from storage import schema
from storage.away import is_away
from storage.database import Database, DatabaseInUseError
from storage.models import (
    ActionItem,
    Ask,
    Case,
    CaseRole,
    Clock,
    ClockEvent,
    Confirmation,
    Handover,
    SentMessage,
    TimelineEvent,
)

RECORD = (
    CaseRole, Handover, ClockEvent, Clock, SentMessage, Confirmation, ActionItem, Ask,
    TimelineEvent,
)  # fmt: skip


def read_settings() -> Settings:
    """The settings; exits 2 naming every mistake in them."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in problems(error):
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None


async def check() -> int:
    """Name everything that keeps the bot from running; 0 when nothing does."""
    wrong: list[str] = []
    try:
        settings: Settings = RunSettings()
    except ValidationError as error:
        wrong += problems(error)
        settings = _readable()
    typer.echo(f"mode      {'Socket Mode' if settings.socket_mode else 'HTTP'}")
    wrong += check_languages()
    wrong += _check_policy(settings)
    wrong += await _check_database(settings)
    if settings.slack_bot_token:
        wrong += await _check_slack(settings)
    for connector in connectors(settings):
        wrong += await _check_helpdesk(connector)
    wrong += _check_webhooks(settings) + _check_mail(settings)
    for problem in wrong:
        typer.echo(f"✗ {problem}", err=True)
    verdict = f"{len(wrong)} to correct" if wrong else "everything is in order"
    typer.echo(verdict, err=bool(wrong))
    return 1 if wrong else 0


def _readable() -> Settings:
    """What can be read of the settings, although they are not enough to run."""
    try:
        return Settings()
    except ValidationError:
        return Settings.model_construct()


def _check_policy(settings: Settings) -> list[str]:
    try:
        policy = load_policy(settings.policy_file)
    except PolicyError as error:
        return str(error).splitlines()
    where = settings.policy_file or "the defaults"
    typer.echo(f"policy    {where}, version {policy.version}")
    return []


async def _check_database(settings: Settings) -> list[str]:
    database = Database(settings.database_url)
    where = database.url.render_as_string()
    file = Path(database.url.database or "") if database.is_sqlite else None
    if file is not None and not file.exists():
        typer.echo(f"database  {where}, to be made by the first `run` or `migrate`")
        return []
    try:
        await schema.require_current(database)
    except schema.SchemaError as error:
        return [str(error)]
    except Exception as error:
        if not is_away(error):
            raise
        return [f"DATABASE_URL: cannot connect: {error}"]
    finally:
        await database.close()
    typer.echo(f"database  {where}, version {schema.code_version()}")
    return []


async def _check_slack(settings: Settings) -> list[str]:
    from cli.unfilled import unfilled_roles
    from messages.clients.slack import Slack, SlackError

    slack = Slack(settings.slack_bot_token, settings.slack_api_url)
    slack.time.ours = SystemClock().now
    try:
        me = await slack.identity()
        typer.echo(f"slack     {me.get('team')} as {me.get('user')}")
        return [*_check_clock(slack.time), *await unfilled_roles(settings, slack)]
    except SlackError as error:
        return [f"Slack at {settings.slack_api_url}: {error}"]
    finally:
        await slack.close()


def _check_clock(time: SlackTime) -> list[str]:
    """A clock that is not Slack's brings every deadline and reminder too early or too late."""
    if time.ahead is None:
        typer.echo("clock     not compared: Slack's answer has no Date")
        return []
    seconds = round(time.ahead.total_seconds())
    way = "ahead of" if seconds > 0 else "behind"
    said = f"{abs(seconds)} s {way} Slack's" if abs(seconds) > 1 else "as Slack's"
    typer.echo(f"clock     {said}")
    if abs(time.ahead) <= APART_MAX:
        return []
    return [f"the clock of this machine is {said}: set it right, by NTP for instance"]


async def _check_helpdesk(connector: Connector) -> list[str]:
    try:
        me = await connector.check()
    except (Refused, Limited, Away) as error:
        return [f"{connector.name.value}: {error}"]
    finally:
        await connector.close()
    typer.echo(f"{connector.name.value:<9} as {me}")
    return []


def _check_webhooks(settings: Settings) -> list[str]:
    """A help desk whose webhooks nobody signs would be answered and never heard."""
    asked = {
        "HELPSCOUT_WEBHOOK_SECRET": (settings.helpscout_app_id, settings.helpscout_webhook_secret),
        "ZENDESK_WEBHOOK_SECRET": (settings.zendesk_subdomain, settings.zendesk_webhook_secret),
    }
    return [
        f"{name} is missing: what customers answer there would not be heard"
        for name, (wanted, secret) in asked.items()
        if wanted and not secret
    ]


def _check_mail(settings: Settings) -> list[str]:
    """Mail whose sender nobody checks is kept back, all of it."""
    if not settings.mail_inbound_secret or settings.mail_authserv_id:
        return []
    return [
        "MAIL_AUTHSERV_ID is missing: no mail is believed to be a customer's until somebody says so"
    ]


async def migrate() -> None:
    """Bring the tables up to date."""
    settings = read_settings()
    database = Database(settings.database_url)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        database.claim_file()
        before = await schema.database_version(database)
        await schema.upgrade_schema(database)
    except DatabaseInUseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    finally:
        await database.close()
    typer.echo(f"the tables are at version {schema.code_version()} (were: {before or 'none'})")


async def import_accounts(file: Path) -> int:
    """Read a CSV of customers into the store; 1 when the file has mistakes."""
    from bot.people import accounts_csv
    from bot.people.directory import People
    from messages.clients.slack import Slack, SlackError

    settings = read_settings()
    database = Database(settings.database_url)
    slack = Slack(settings.slack_bot_token, settings.slack_api_url)
    people = People(database, SystemClock(), slack)
    try:
        await schema.require_current(database)
        found, ignored = await accounts_csv.read_accounts(
            file.read_bytes(),
            people.by_email,
            load_policy(settings.policy_file).calendars,
            **({"standing": people.standing} if settings.slack_bot_token else {}),
        )
        async with database.write() as session:
            await accounts_csv.store_accounts(session, found)
    except accounts_csv.BadFileError as error:
        typer.echo(f"{file}: nothing was imported\n{error}", err=True)
        return 1
    except (schema.SchemaError, SlackError, PolicyError) as error:
        typer.echo(str(error), err=True)
        return 1
    finally:
        await slack.close()
        await database.close()
    if ignored:
        typer.echo(f"columns not understood and left out: {', '.join(ignored)}", err=True)
    typer.echo(f"{len(found)} accounts imported")
    return 0


def print_manifest() -> None:
    """The manifest, as JSON."""
    from handlers.slack.manifest import build_manifest

    typer.echo(json.dumps(build_manifest(read_settings()), indent=2, ensure_ascii=False))


async def export(number: int, folder: Path) -> int:
    """Write ``esc-N.json`` (everything) and ``esc-N-timeline.csv``; 1 when there is no case."""
    database = Database(read_settings().database_url)
    try:
        await schema.require_current(database)
        record = await _record(database, number)
    except (schema.SchemaError, DatabaseInUseError) as error:
        typer.echo(str(error), err=True)
        return 1
    finally:
        await database.close()
    if record is None:
        typer.echo(f"there is no case ESC-{number}", err=True)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / f"esc-{number}.json"
    whole.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    timeline = folder / f"esc-{number}-timeline.csv"
    _write_csv(timeline, record["timeline_event"])
    typer.echo(f"{whole}\n{timeline}")
    return 0


async def _record(database: Database, number: int) -> dict[str, Any] | None:
    async with database.read() as session:
        case = await session.get(Case, number)
        if case is None:
            return None
        record: dict[str, Any] = {"case": case.model_dump(mode="json")}
        for model in RECORD:
            query = select(model).where(col(model.case_number) == number)
            rows = (await session.exec(query)).all()
            record[str(model.__tablename__)] = [_plain(r) for r in rows]
    return record


def _plain(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(mode="json")


def _write_csv(path: Path, events: list[dict[str, Any]]) -> None:
    columns = ["id", "at", "actor", "verb", "before", "after", "why", "source"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for event in events:
            writer.writerow({k: _cell(event[k]) for k in columns})


def _cell(value: Any) -> str:
    """A cell that a spreadsheet shows as text: one that begins like a formula is quoted."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
