"""Joining everything, and running it until somebody says stop."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
import typer
import uvicorn
from prometheus_client import REGISTRY
from pydantic import ValidationError
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette

from bot import metrics
from bot.clock import Clock, SystemClock
from bot.desk import Desk
from bot.outside import Outside
from bot.rules.policy import Policy, PolicyError, load_policy
from bot.settings import RunSettings, Settings
from handlers import mail, pages
from handlers.app import slack_app
from handlers.socket import SocketMode
from handlers.web import web_app
from messages.slack import Slack
from messages.smtp import Mailer, MailServer
from storage import schema
from storage.database import Database, DatabaseInUseError

GRACE = 10.0  # seconds that work in hand may take after SIGTERM


@dataclass(frozen=True, slots=True)
class Application:
    """Everything that one process runs."""

    desk: Desk
    bolt: AsyncApp
    web: Starlette
    socket: SocketMode | None


def build(
    settings: Settings, *, clock: Clock | None = None, policy: Policy | None = None
) -> Application:
    """Join everything by ``settings``; nothing runs yet, nothing is contacted.

    Raises PolicyError for a policy file with mistakes.
    """
    desk = Desk(
        Database(settings.database_url),
        clock or SystemClock(),
        policy or load_policy(settings.policy_file),
        Slack(settings.slack_bot_token, settings.slack_api_url),
        outside(settings),
    )
    bolt = slack_app(desk, settings)
    socket = (
        SocketMode(bolt, settings.slack_app_token, desk.slack.base_url)
        if settings.socket_mode
        else None
    )

    async def ready() -> bool:
        return desk.ready and (socket is None or await socket.connected())

    async def measure() -> None:
        await metrics.measure(desk)
        metrics.SOCKET_CONNECTED.set(socket is not None and await socket.connected())

    further = [*mail.routes(desk), *pages.routes(desk)]
    web = web_app(bolt, ready, REGISTRY, measure, further)
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
    return Outside(
        Mailer(server, settings.mail_from, settings.mail_reply_to) if settings.smtp_host else None,
        settings.public_url,
        settings.secret_key,
        settings.mail_inbound_secret,
    )


@asynccontextmanager
async def started(application: Application) -> AsyncIterator[None]:
    """The bot at work while the block runs, without its web server.

    An empty database gets its tables. Raises DatabaseInUseError, or SchemaError when there are
    tables of another version: those are changed only when somebody says so.
    """
    database = application.desk.database
    database.claim_file()
    if await schema.current(database) is None:
        await schema.upgrade(database)
    await schema.require_current(database)
    await application.desk.start()
    if application.socket is not None:
        await application.socket.start()
    try:
        yield
    finally:
        if application.socket is not None:
            await application.socket.stop()
        await application.desk.stop(GRACE)


class QuietServer(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Ours are handled by ``stop_signal``."""
        yield


@asynccontextmanager
async def serving(web: Starlette, host: str, port: int) -> AsyncIterator[int]:
    """The web routes served while the block runs; yields the port. Port 0 takes a free one."""
    config = uvicorn.Config(
        web, host=host, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=5
    )
    server = QuietServer(config)
    listening = config.bind_socket()
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listening.close()


def spare_what_stays() -> None:
    """What was loaded until now stays for good: spare the garbage collector looking through it.

    A full collection of it stops everything for over 100 ms, and a burst of requests causes one.
    """
    gc.collect()
    gc.freeze()


def stop_signal() -> asyncio.Event:
    """Set when SIGTERM or Ctrl-C arrives."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def run() -> None:
    """Run the bot until SIGTERM; exits 2 with a sentence when something must be mended first."""
    try:
        settings = RunSettings()
        configure_logs(settings.log_level)
        asyncio.run(_run(settings))
    except ValidationError as error:
        for problem in problems(error):
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None
    except (PolicyError, DatabaseInUseError, schema.SchemaError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


async def _run(settings: Settings) -> None:
    stop = stop_signal()
    application = build(settings)
    async with started(application), serving(application.web, settings.host, settings.port):
        spare_what_stays()
        structlog.get_logger().info("listening", host=settings.host, port=settings.port)
        await stop.wait()


def problems(error: ValidationError) -> list[str]:
    """Each mistake in the settings, by its environment variable."""
    found = []
    for detail in error.errors():
        name = str(detail["loc"][0]).upper() + ": " if detail["loc"] else ""
        found.append(name + detail["msg"].removeprefix("Value error, "))
    return found


def configure_logs(level: str) -> None:
    """JSON lines on standard error: event names with their ids, no secret, no customer text."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
