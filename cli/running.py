"""Build the application from the settings, and run it until it is told to stop.

The only module that knows both the handlers and ``bot``: ``build`` joins them, ``begin_running``
and ``finish_running`` are the life of one process. ``run`` is the command;
``cli/workspace/local.py`` runs the same application beside a local workspace, ``cli/doctor.py``
builds one and only asks. The web server itself is ``cli/serving.py``.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
import typer
from prometheus_client import REGISTRY
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.routing import Route

from bot.clock import SystemClock, TimeSource
from bot.customers.channels import Outside
from bot.engine.parsing.pool import Parsers
from bot.operations import metrics
from bot.rules.policy.load import Policy, load_policy
from bot.services import Services
from bot.settings import RunSettings, Settings
from cli.configured import (
    bug_tracker,
    connectors,
    intake_sources,
    pager_secrets,
    pagers,
    read_configured,
    schedules,
    signing_keys,
)
from cli.connections import watch_descriptors
from cli.logs import configure_logs
from cli.opened import readable_by_others
from cli.serving import stop_signal, web_server
from handlers.http import forms, helpdesks, intake, mail, pages, podium, trackers
from handlers.http import metrics as http_metrics
from handlers.http import pagers as pager_hooks
from handlers.http.app import web_app
from handlers.http.own.briefs import brief_routes
from handlers.http.own.reports import report_routes
from handlers.slack.app import slack_app
from handlers.socket_mode.client import SocketMode
from handlers.socket_mode.credentials import check_bot_token
from messages.clients.page_ways import PageWays
from messages.clients.slack import Slack
from messages.clients.smtp import Mailer, MailServer
from storage import schema
from storage.away import why_away
from storage.database import Database

GRACE = 10.0  # seconds that work in hand may take after SIGTERM
STORE_PAUSE = 1.0  # seconds before a database that cannot be reached is asked again
STORE_PAUSE_MAX = 30.0  # seconds

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Application:
    """What one process runs; ``socket`` is None where Slack delivers over HTTP.

    ``web`` is served in both modes, for health, figures, mail, webhooks and the customers' pages.
    """

    services: Services
    bolt: AsyncApp
    web: Starlette
    socket: SocketMode | None


def build(
    settings: Settings, *, clock: TimeSource | None = None, policy: Policy | None = None
) -> Application:
    """Join everything by ``settings``; nothing runs yet, nothing is contacted.

    ``policy`` replaces the file of the settings, ``clock`` the machine's time, for tests and the
    demo. Raises PolicyError for a policy file with mistakes.
    """
    desk = Services(
        Database(settings.database_url),
        clock or SystemClock(),
        policy or load_policy(settings.policy_file),
        Slack(settings.slack_bot_token, settings.slack_api_url),
        outside(settings),
        timedelta(days=settings.keep_done_days),
    )
    bolt = slack_app(desk, settings)
    socket = _socket_mode(bolt, settings, desk)

    async def ready() -> bool:
        """Return whether ``/readyz`` answers 200.

        That is: started, connected to Slack in Socket Mode, and able to store what is asked.
        """
        reached = desk.ready and (socket is None or socket.connected())
        return reached and await desk.readiness.is_writable()

    async def measure() -> None:
        """Bring the gauges up to date for ``/metrics``; the store is asked only once started."""
        http_metrics.SOCKET_CONNECTED.set(socket is not None and socket.connected())
        if desk.ready:
            await metrics.measure_gauges(desk)

    web = web_app(
        bolt,
        ready,
        REGISTRY,
        measure,
        _outside_routes(desk),
        lambda: desk.ready,
        signing_secret=settings.slack_signing_secret,
        metrics_token=settings.metrics_token,
    )
    return Application(desk, bolt, web, socket)


def _outside_routes(desk: Services) -> list[Route]:
    """What others than Slack ask for: mail, webhooks, reviews, reports, customers' pages."""
    return [
        *mail.mail_routes(desk),
        *helpdesks.helpdesk_routes(desk),
        *trackers.tracker_routes(desk),
        *podium.podium_routes(desk),
        *pager_hooks.pager_routes(desk),
        *intake.intake_routes(desk),
        *pages.page_routes(desk),
        *forms.form_routes(desk),
        *brief_routes(desk),
        *report_routes(desk),
    ]


def _socket_mode(bolt: AsyncApp, settings: Settings, desk: Services) -> SocketMode | None:
    """The connection by which Slack's events come; None where they come by HTTP."""
    if not settings.socket_mode:
        return None
    return SocketMode(bolt, settings.slack_app_token, desk.slack.base_url, on_gap=desk.after_gap)


def outside(settings: Settings) -> Outside:
    """Return how customers are reached outside Slack, by ``settings``; nothing is contacted.

    Without SMTP_HOST there is no mailer, without PUBLIC_URL no links. The parsers, which read what
    strangers wrote in processes of their own, serve mail and help desks alike.
    """
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
        signing_keys(settings),
        settings.mail_inbound_secret,
        connectors(settings, parsers.words),
        settings.mail_authserv_id,
        parsers,
        intake_sources(settings),
        settings.podium_webhook_secret.split(),
        settings.mail_intake_address,
        settings.public_form,
        bug_tracker(settings),
        pagers(settings),
        pager_secrets(settings),
        PageWays(settings.load_ways),
        schedules(settings),
        settings.playbooks_dir,
    )


async def begin_running(application: Application) -> None:
    """Start the bot; the connection to Slack is tried in the background.

    In this order: the SQLite file is claimed, a database that cannot be reached is waited for, an
    empty one gets its tables, work left over is taken up, Socket Mode connects. Raises
    DatabaseInUseError when another process has the file, or SchemaError when there are tables of
    another version: those are changed only by ``python app.py migrate``.
    """
    database = application.services.database
    database.claim_file()
    for said in readable_by_others(database):
        log.warning("readable_by_others", what=said)
    if await _reached(database) is None:
        await schema.upgrade_schema(database)
    await schema.require_current(database)
    await application.services.start()
    if application.socket is not None:
        application.socket.start()


async def _reached(database: Database) -> str | None:
    """Return the database's version once it answers, None when it has no tables.

    Tries again after 1 second, then after twice as long each time, 30 seconds at most, without end.
    A fault that does not mean that the database is away is raised.
    """
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
    """Take nothing more, finish what is in hand within ``GRACE`` seconds, release the rest.

    What is cut short stays in the store for the next process. Closes the connections to Slack, help
    desks and the database.
    """
    log.info("stopping", grace=GRACE)
    if application.socket is not None:
        await application.socket.stop()
    await application.services.stop(GRACE)


@asynccontextmanager
async def started(application: Application) -> AsyncIterator[None]:
    """Run the bot while the block runs, without its web server.

    With Socket Mode the block begins once Slack is connected. The bot is stopped however the block
    ends, also when it could not start.
    """
    try:
        await begin_running(application)
        if application.socket is not None:
            await application.socket.wait()
        yield
    finally:
        await finish_running(application)


def run() -> None:
    """Run the bot until SIGTERM or Ctrl-C; a second one ends it at once.

    Exits 2 with a sentence for each thing that must be corrected first: settings, policy, tables of
    another version, a SQLite file in use, an address that cannot be listened on, a token that Slack
    refuses. What may pass by itself (a database or Slack out of reach) is waited for.
    """
    settings, wrong = read_configured(RunSettings)
    if wrong:
        for problem in wrong:
            typer.echo(f"✗ {problem}", err=True)
        raise typer.Exit(2)
    configure_logs(settings.log_level)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    """Serve the web routes, then start the bot; on the signal stop the two in the same order.

    Health can be asked while the database is waited for; all else answers 503 until the bot is
    ready.
    """
    stop = asyncio.create_task(stop_signal().wait())
    watch_descriptors(asyncio.get_running_loop())
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
    """Do ``work``, or as much of it as is done when ``stop`` ends; then cancel it and wait for it.

    A fault of ``work`` is raised, unless ``stop`` ended first.
    """
    task = asyncio.create_task(work)
    await asyncio.wait({stop, task}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    elif not task.cancelled():
        task.result()


def spare_what_stays() -> None:
    """Exempt what was loaded until now from garbage collection, for the life of the process.

    A full collection of it stops everything for over 100 ms, and a burst of requests causes one.
    """
    gc.collect()
    gc.freeze()


async def _live(application: Application) -> None:
    """Start the bot and go on for ever, until cancelled.

    Raises TokenRefusedError when Slack refuses the bot's or the app's token at the start.
    """
    await begin_running(application)
    spare_what_stays()
    watching = [check_bot_token(application.services.slack)]
    if application.socket is not None:
        watching.append(application.socket.refused())
    await asyncio.gather(*watching)
    await asyncio.Event().wait()
