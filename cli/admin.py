"""What an administrator does from a terminal: check, migrate, import, the manifest.

Each function is one command of ``app.py``: it prints results to standard output, what is wrong to
standard error, and returns the exit code (0 done, 1 refused; 2 through ``typer.Exit`` where the
settings cannot be read). Policies are in ``cli/policy.py``, records to write out in
``cli/files/records.py``, the outbox in ``cli/outbox.py``; running is ``cli/running.py``.

Slack's client and what else only some of it needs is imported where it is needed.
"""

import json
from collections.abc import Collection
from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.operations.signing_key import stored_key
from bot.rules.policy.load import PolicyError, load_policy
from bot.rules.policy.remarks import describe_reading, list_remarks
from bot.settings import RunSettings, Settings
from cli.checking.counts import count_things
from cli.checking.drill import print_drill
from cli.checking.intake import print_intake
from cli.checking.languages import check_languages
from cli.checking.page_ways import check_ways
from cli.checking.playbooks import check_playbooks
from cli.checking.rota import list_gaps
from cli.checking.setup import list_setup
from cli.configured import bug_tracker, connectors, pagers, read_configured, signing_keys
from cli.failures import CommandError, say_failure
from cli.listening import check_address
from cli.logs import configure_logs
from cli.opened import readable_by_others, terminal_user
from messages.clients.helpdesks import Away, Connector, Limited, Refused
from messages.clients.slack_time import APART_MAX, SlackTime
from messages.clients.trackers import Tracker
from storage import schema
from storage.database import Database


def read_settings() -> Settings:
    """Read the settings, for a command that need not talk to Slack.

    Where they are wrong, every mistake is printed to standard error, a line each, and
    ``typer.Exit`` is raised with code 2.
    """
    settings, wrong = read_configured(Settings)
    if wrong:
        for problem in wrong:
            typer.echo(f"✗ {problem}", err=True)
        raise typer.Exit(2)
    return settings


async def check() -> int:
    """Name everything that keeps the bot from running; return 0 when nothing does, else 1.

    Nothing is changed, neither in the store nor in Slack. What is in order is printed as it is
    found, a line for each subject; the mistakes follow on standard error, marked ``✗``. One mistake
    does not hide the others: with settings that are not enough to run, what can be read of them is
    examined all the same. Slack is asked only where there is a bot token, a help
    desk or Jira only where it is configured.
    """
    settings, wrong = read_configured(RunSettings)
    typer.echo(f"mode      {_mode(settings)}")
    wrong += check_address(settings.host)
    wrong += check_languages()
    wrong += _check_policy(settings)
    wrong += await _check_database(settings)
    if settings.slack_bot_token:
        wrong += await _check_slack(settings)
    for connector in connectors(settings):
        wrong += await _check_service(connector)
    if (tracker := bug_tracker(settings)) is not None:
        wrong += await _check_service(tracker)
    wrong += _check_webhooks(settings) + _check_mail(settings) + settings.unheard_pagers()
    typer.echo(f"pagers    {', '.join(p.name.value for p in pagers(settings)) or 'none'}")
    wrong += await check_ways(settings)
    print_intake(settings)
    for problem in wrong:
        typer.echo(f"✗ {problem}", err=True)
    verdict = f"{len(wrong)} to correct" if wrong else "all checks passed"
    typer.echo(verdict, err=bool(wrong))
    return 1 if wrong else 0


def _mode(settings: Settings) -> str:
    """Say how Slack's events come: by Socket Mode, by HTTP, or that neither is set up."""
    if settings.socket_mode:
        return "Socket Mode"
    return "HTTP" if settings.slack_signing_secret else "not chosen yet"


def _check_policy(settings: Settings) -> list[str]:
    """Print which policy would run, by file and version, and what in it may not be meant.

    Returns its mistakes, a line each.
    """
    try:
        policy = load_policy(settings.policy_file)
    except PolicyError as error:
        return str(error).splitlines()
    where = settings.policy_file or "the defaults"
    typer.echo(f"policy    {where}, version {policy.version}")
    typer.echo(f"reading   {describe_reading(policy)}")
    gaps = list_gaps(policy, SystemClock().now())
    for remark in [*list_remarks(policy), *list_setup(policy), *gaps]:
        typer.echo(f"          {remark}")
    return check_playbooks(settings, policy)


async def _check_database(settings: Settings) -> list[str]:
    """Print where the database is and its version; return why it cannot be used, if so.

    A SQLite file that is not there is no mistake: the first run makes it. A PostgreSQL database
    without tables is named. Passwords are masked in what is printed. A fault for which there are no
    words is raised as it is.
    """
    database = Database(settings.database_url)
    where = database.url.render_as_string()
    if database.is_missing:
        await database.close()
        typer.echo(f"database  {where}, to be made by the first `run` or `migrate`")
        return []
    try:
        await schema.require_current(database)
        stored = await stored_key(database)
        await print_drill(settings, database, SystemClock().now())
    except Exception as error:
        if (told := say_failure(error)) is None:
            raise
        return [told]
    finally:
        await database.close()
    typer.echo(f"database  {where}, version {schema.code_version()}")
    secrets = (settings.signing_key_file, settings.page_ways_file)
    return readable_by_others(database, *secrets) + _check_keys(settings, stored)


def _check_keys(settings: Settings, stored: str | None) -> list[str]:
    """Print what signs customers' links; return a line where that is the database's own key.

    The database's key is no mistake where nothing is signed for customers, as on a laptop.
    """
    keys = signing_keys(settings)
    if not keys:
        typer.echo("signing   by the key that the database keeps in the clear: for a laptop only")
        if not (settings.public_url or settings.smtp_host):
            return []
        where = "lies in the database and each of its backups"
        remedy = "Run `python app.py key rotate FILE` and set SIGNING_KEY_FILE"
        return [f"SIGNING_KEY_FILE is missing: the key that signs for customers {where}. {remedy}"]
    more = f", {len(keys) - 1} earlier accepted" if len(keys) > 1 else ""
    typer.echo(f"signing   by the newest of your keys{more}")
    if stored is None:
        return []
    remedy = "Have it in SIGNING_KEY_FILE, then run `python app.py key forget`"
    return [f"the database still keeps a key, which is accepted too. {remedy}"]


async def _check_slack(settings: Settings) -> list[str]:
    """Print who the bot is in Slack; return what is wrong with token, scopes, clock and roles.

    When Slack refuses or cannot be reached, that is the last line returned.
    """
    from cli.checking.connections import broken_links
    from cli.checking.triage import check_triage_channel
    from cli.checking.unfilled import unfilled_roles
    from messages.clients.slack import Slack, SlackError

    slack = Slack(settings.slack_bot_token, settings.slack_api_url)
    slack.time.ours = SystemClock().now
    wrong: list[str] = []
    try:
        me = await slack.identity()
        typer.echo(f"slack     {me.get('team')} as {me.get('user')}")
        wrong += _check_scopes(slack.scopes) + _check_clock(slack.time)
        wrong += await unfilled_roles(settings, slack)
        wrong += await broken_links(settings, slack)
        wrong += await check_triage_channel(settings, slack)
    except SlackError as error:
        wrong.append(say_failure(error) or str(error))
    finally:
        await slack.close()
    return wrong


def _check_scopes(granted: Collection[str] | None) -> list[str]:
    """Compare what the token may do with what the manifest asks for; return what is missing."""
    from handlers.slack.manifest import missing_scopes

    if granted is None:
        typer.echo("scopes    not compared: Slack's answer does not tell them")
        return []
    if missing := missing_scopes(granted):
        remedy = "Paste what `python app.py manifest` prints into your app, and install it again"
        return [f"SLACK_BOT_TOKEN: the token lacks {', '.join(missing)}. {remedy}"]
    typer.echo("scopes    all that the app needs")
    return []


def _check_clock(time: SlackTime) -> list[str]:
    """Compare this machine's clock with Slack's; return a mistake beyond ``APART_MAX``.

    A clock that differs brings every deadline and reminder too early or too late. Slack's time is
    the ``Date`` of its answers; without one nothing is compared.
    """
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


async def _check_service(connector: Connector | Tracker) -> list[str]:
    """Ask a help desk or bug tracker who we are there, print it, and close the connection to it.

    A refusal, a rate limit and an outage are each returned as one line under the service's name.
    """
    try:
        me = await connector.check()
    except (Refused, Limited, Away) as error:
        return [f"{connector.name.value}: {getattr(error, 'reason', error)}"]
    finally:
        await connector.close()
    typer.echo(f"{connector.name.value:<9} as {me}")
    return []


def _check_webhooks(settings: Settings) -> list[str]:
    """Return a line for each service that is configured without a webhook secret.

    Replies would reach a help desk, but what customers answer there cannot be verified, so it is
    never taken in. A bug is looked at each hour without any webhook.
    """
    asked = {
        "HELPSCOUT_WEBHOOK_SECRET": (settings.helpscout_app_id, settings.helpscout_webhook_secret),
        "INTERCOM_WEBHOOK_SECRET": (settings.intercom_api_token, settings.intercom_webhook_secret),
        "ZENDESK_WEBHOOK_SECRET": (settings.zendesk_subdomain, settings.zendesk_webhook_secret),
    }
    missing = [
        f"{name} is missing: what customers answer there would not be heard"
        for name, (wanted, secret) in asked.items()
        if wanted and not secret
    ]
    if settings.jira_url and not settings.jira_webhook_secret:
        missing.append(
            "JIRA_WEBHOOK_SECRET is missing: what happens to a bug is heard up to an hour late"
        )
    return missing


def _check_mail(settings: Settings) -> list[str]:
    """Print where customers ask for an escalation by mail, and who checks their senders.

    Returns a line when mail is taken in but no server's check of its sender counts: without
    MAIL_AUTHSERV_ID every mail is kept back until a person approves it.
    """
    if settings.mail_intake_address:
        checked = settings.mail_authserv_id or "nobody"
        typer.echo(f"intake    {settings.mail_intake_address}, senders checked by {checked}")
    if not settings.mail_inbound_secret or settings.mail_authserv_id:
        return []
    return [
        "MAIL_AUTHSERV_ID is missing: no mail is believed to be a customer's until somebody says so"
    ]


async def migrate() -> None:
    """Bring the tables to the version that this program needs; print it and the one before.

    All steps are one transaction (``storage/schema.py``). Safe to run again. On SQLite the
    directory is made and the file claimed. On PostgreSQL replicas may keep running, as long as they
    release each table within ``schema.LOCK_TIMEOUT``. Raises DatabaseInUseError while another
    process has the file, and SchemaError for tables of a newer program.
    """
    settings = read_settings()
    database = Database(settings.database_url)
    if database.is_sqlite and database.url.database:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        database.claim_file()
        before = await schema.database_version(database)
        await schema.upgrade_schema(database)
        await _note_migration(database, before)
    finally:
        await database.close()
    typer.echo(f"the tables are at version {schema.code_version()} (were: {before or 'none'})")


async def _note_migration(database: Database, before: str | None) -> None:
    """Put a change of the tables on record; where nothing changed, nothing."""
    from bot.operations.terminal_actions import note_action

    if before == schema.code_version():
        return
    async with database.write() as session:
        about = {"before": before or "none", "now": schema.code_version()}
        note_action(session, terminal_user(), "migrate", about)


async def import_accounts(file: Path) -> int:
    """Read a CSV of customers into the store; return 1 when the file has mistakes.

    The file is checked as a whole before one transaction stores it, so a mistake in one line
    imports none; the lines are printed. Accounts with a key that is known are replaced, those that
    are not in the file stay, hence the same file may be imported again. E-mail addresses of
    colleagues are looked up in Slack; without a bot token, ids are believed as they are. Columns
    with unknown names are left out and named. The format is described in
    ``bot/people/accounts_csv.py``. Raises CommandError for an address without a bot token, and
    SchemaError, PolicyError and SlackError: then nothing was imported either.
    """
    from bot.operations.terminal_actions import note_action
    from bot.outcomes.plan import plan_all_renewals
    from bot.people import account_keys, account_worth, accounts_csv
    from bot.people.directory import People
    from messages.clients.slack import Slack

    settings = read_settings()
    configure_logs("ERROR")  # what is wrong is printed, not logged
    database = Database(settings.database_url)
    slack = Slack(settings.slack_bot_token, settings.slack_api_url)
    people = People(database, SystemClock(), slack)
    try:
        await schema.require_current(database)
        policy = load_policy(settings.policy_file)
        found = await accounts_csv.read_accounts(
            file.read_bytes(),
            people.by_email if settings.slack_bot_token else _unasked,
            policy.calendars,
            **({"standing": people.standing} if settings.slack_bot_token else {}),
        )
        async with database.write() as session:
            replaced = await account_keys.store_accounts(session, found)
            await plan_all_renewals(session, policy, SystemClock().now())
            unrated = await account_worth.revalue_accounts(session, policy)
            about = {"file": file.name, "accounts": len(found.accounts)}
            note_action(session, terminal_user(), "accounts import", about)
    except accounts_csv.BadFileError as error:
        typer.echo(f"{file}: nothing was imported\n{error}", err=True)
        return 1
    finally:
        await slack.close()
        await database.close()
    if found.ignored:
        typer.echo(f"columns not understood and left out: {', '.join(found.ignored)}", err=True)
    if unrated:
        said = "no rate in [concessions] of the policy, so their revenue raises no priority"
        typer.echo(f"{', '.join(unrated)}: {said}", err=True)
    for line in replaced:
        typer.echo(line)
    typer.echo(f"{count_things(len(found.accounts), 'account')} imported")
    return 0


async def _unasked(address: str) -> str | None:
    """Refuse to look an address up, as there is no bot token. Raises CommandError."""
    raise CommandError(
        f"SLACK_BOT_TOKEN is missing: who has the address {address} is asked of Slack. Set it, or"
        " name people by their Slack ids. Nothing was imported."
    )


def print_manifest() -> None:
    """Print Slack's app manifest as JSON, for Socket Mode or HTTP by what is configured."""
    from handlers.slack.manifest import build_manifest

    typer.echo(json.dumps(build_manifest(read_settings()), indent=2, ensure_ascii=False))
