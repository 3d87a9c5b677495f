"""Joining everything, and running it until somebody says stop."""

import asyncio
import gc
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
import typer
from prometheus_client import REGISTRY
from pydantic import ValidationError
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from bot.clock import SystemClock, TimeSource
from bot.customers.channels import Outside
from bot.engine.parsing.pool import Parsers
from bot.operations import metrics
from bot.rules.policy.load import Policy, PolicyError, load_policy
from bot.services import Services
from bot.settings import RunSettings, Settings
from cli.configured import connectors, problems
from cli.logs import configure_logs
from cli.serving import stop_signal, web_server
from handlers.http import helpdesks, mail, pages
from handlers.http import metrics as http_metrics
from handlers.http.app import web_app
from handlers.slack.app import slack_app
from handlers.socket_mode.client import SocketMode
from handlers.socket_mode.credentials import TokenRefusedError, check_bot_token
from messages.clients.slack import Slack
from messages.clients.smtp import Mailer, MailServer
from storage import schema
from storage.away import why_away
from storage.database import Database, DatabaseInUseError

GRACE = 10.0  # seconds that work in hand may take after SIGTERM
STORE_PAUSE = 1.0  # seconds before a database that cannot be reached is asked again
STORE_PAUSE_MAX = 30.0  # seconds

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that one process runs."""

    services: Services
    bolt: AsyncApp
    web: Starlette
    socket: SocketMode | None


def build(
    settings: Settings, *, clock: TimeSource | None = None, policy: Policy | None = None
) -> Application:
    """Join everything by ``settings``; nothing runs yet, nothing is contacted.

    Raises PolicyError for a policy file with mistakes.
    """
    desk = Services(
        Database(settings.database_url),
        clock or SystemClock(),
        policy or load_policy(settings.policy_file),
        Slack(settings.slack_bot_token, settings.slack_api_url),
        outside(settings),
    )
    bolt = slack_app(desk, settings)
    socket = (
        SocketMode(bolt, settings.slack_app_token, desk.slack.base_url, on_gap=desk.after_gap)
        if settings.socket_mode
        else None
    )

    async def ready() -> bool:
        return desk.ready and (socket is None or socket.connected())

    async def measure() -> None:
        http_metrics.SOCKET_CONNECTED.set(socket is not None and socket.connected())
        if desk.ready:
            await metrics.measure_gauges(desk)

    further = [*mail.mail_routes(desk), *helpdesks.helpdesk_routes(desk), *pages.page_routes(desk)]
    web = web_app(bolt, ready, REGISTRY, measure, further, lambda: desk.ready)
    return Application(desk, bolt, web, socket)


def outside(settings: Settings) -> Outside:
    """How customers are reached outside Slack, by ``settings``."""
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_username,
        settings.smtp_password,
        settings.smtp_tls,
    )
    parsers = Parsers()
    return Outside(
        Mailer(server, settings.mail_from, settings.mail_reply_to) if settings.smtp_host else None,
        settings.public_url,
        settings.secret_key,
        settings.mail_inbound_secret,
        connectors(settings, parsers.words),
        settings.mail_authserv_id,
        parsers,
    )


async def begin_running(application: Application) -> None:
    """Start the bot; the connection to Slack is tried in the background.

    An empty database gets its tables. A database that cannot be reached is waited for. Raises
    DatabaseInUseError, or SchemaError when there are tables of another version: those are
    changed only when somebody says so.
    """
    database = application.services.database
    database.claim_file()
    if await _reached(database) is None:
        await schema.upgrade_schema(database)
    await schema.require_current(database)
    await application.services.start()
    if application.socket is not None:
        application.socket.start()


async def _reached(database: Database) -> str | None:
    """The database's version, once it can be asked."""
    pause = STORE_PAUSE
    while True:
        try:
            return await schema.database_version(database)
        except Exception as fault:
            if (why := why_away(fault)) is None:
                raise
            log.error("store_unreachable", why=why, wait=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, STORE_PAUSE_MAX)


async def finish_running(application: Application) -> None:
    """Take nothing more, finish what is in hand within the grace time, release the rest."""
    log.info("stopping", grace=GRACE)
    if application.socket is not None:
        await application.socket.stop()
    await application.services.stop(GRACE)


@asynccontextmanager
async def started(application: Application) -> AsyncIterator[None]:
    """The bot at work and reached by Slack while the block runs, without its web server."""
    try:
        await begin_running(application)
        if application.socket is not None:
            await application.socket.wait()
        yield
    finally:
        await finish_running(application)


def run() -> None:
    """Run the bot until SIGTERM; exits 2 with a sentence when something must be corrected first."""
    try:
        settings = RunSettings()
        configure_logs(settings.log_level)
        asyncio.run(_run(settings))
    except ValidationError as error:
        for problem in problems(error):
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None
    except (PolicyError, DatabaseInUseError, schema.SchemaError, TokenRefusedError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


async def _run(settings: Settings) -> None:
    stop = asyncio.create_task(stop_signal().wait())
    application = build(settings)
    serving = web_server(application.web, settings.host, settings.port, settings.trusted_proxies)
    async with serving as (port, close):
        log.info("listening", host=settings.host, port=port)
        try:
            await _unless(stop, _live(application))
        finally:
            await close()
            await finish_running(application)


async def _unless(stop: asyncio.Task[Any], work: Coroutine[Any, Any, None]) -> None:
    """Do ``work``, or as much of it as is done when ``stop`` ends."""
    task = asyncio.create_task(work)
    await asyncio.wait({stop, task}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    elif not task.cancelled():
        task.result()


def spare_what_stays() -> None:
    """What was loaded until now stays for good: spare the garbage collector looking through it.

    A full collection of it stops everything for over 100 ms, and a burst of requests causes one.
    """
    gc.collect()
    gc.freeze()


async def _live(application: Application) -> None:
    """Begin, and go on for ever. Raises TokenRefusedError when Slack refuses one at the start."""
    await begin_running(application)
    spare_what_stays()
    watching = [check_bot_token(application.services.slack)]
    if application.socket is not None:
        watching.append(application.socket.refused())
    await asyncio.gather(*watching)
    await asyncio.Event().wait()
