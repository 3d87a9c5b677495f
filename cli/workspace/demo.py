"""The demo: a local workspace with the bot and some open cases in it.

The cases are made as in life: each step of ``demo_story.py`` is accepted as a person's form and
carried out while workspace time moves from ``BEGAN`` ago to now. So every card, clock, reminder,
email and timeline entry is the app's own, and none is written into the store directly.

The workspace is ``sandbox/seed.py``, the customers are ``demo_accounts.csv``, their mailboxes are
``customer_mail.py``, the channel of one of them ``customer_channel.py``, tickets of others
``customer_tickets.py``; the bot beside it is run by ``cli/workspace/local.py``.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import typer
from sqlmodel import col, update

from bot.customers.channels import FORM
from bot.engine.actors import Actor, ReplyTo
from bot.outcomes.plan import plan_all_renewals
from bot.people import account_keys, accounts_csv
from bot.people.account_worth import revalue_accounts
from bot.registry import INTENTS
from bot.rules.facts import PersonFacts
from bot.rules.policy.load import Policy
from bot.rules.words import Language
from bot.settings import LOOPBACK, ReadableSettings
from cli.configured import read_configured
from cli.failures import CommandError
from cli.listening import listen_on
from cli.logs import configure_logs
from cli.serving import stop_signal
from cli.workspace.customer_channel import CHANNEL as SHARED
from cli.workspace.customer_channel import share_customer_channel
from cli.workspace.customer_mail import customer_mail
from cli.workspace.customer_tickets import customer_tickets, fill_tickets, watch_tickets
from cli.workspace.demo_story import BEGAN, ELENI, NIKOS, demo_story
from cli.workspace.local import Local, demo_policy, local_app
from messages.clients.slack_limits import Limits
from messages.kit.texts import t
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from sandbox.workspace import Workspace
from storage.models import Person

ACCOUNTS = Path(__file__).with_name("demo_accounts.csv")
EVERYBODY = (
    "HOST={host}: whoever reaches this machine acts as any person in this workspace, without a"
    " password. Use 127.0.0.1 unless that is meant."
)
SUPPORT, TRIAGE = "C0SUPPORT", "C0TRIAGE"
# What the workspace's page says of the demo; the texts are below ``demo.`` in each language.
WORDS = (
    "welcome", "outside", "mailbox", "mailbox_hint", "mailbox_empty", "mail_html", "reply_as",
    "send", "reply_received", "reply_held", "reply_lost", "shared_hint",
    "helpdesk", "ticket_hint", "ticket_write", "ticket_send", "ticket_rate", "ticket_great",
    "ticket_okay", "ticket_not_good", "ticket_agent", "ticket_tag", "ticket_note",
    "ticket_active", "ticket_pending", "ticket_closed",
)  # fmt: skip
GREEKS = (ELENI, NIKOS, "U0SOFIA")


class Unlimited(Limits):
    """No limits of our own on calls to Slack: the past is told at once."""

    def take(self, method: str, channel: str = "") -> float:
        """Grant every call without a wait."""
        return 0.0


async def furnish(here: Local) -> None:
    """Import the demo's customers and let the story happen, in workspace time.

    Neither the workspace nor the bot keeps Slack's rate limits meanwhile; both do afterwards.
    Raises TimeoutError when a step is not shown in time.
    """
    here.workspace.strict_limits, here.services.delivery.limits = False, Unlimited()
    await import_demo_accounts(here)
    await _relive(here)
    await share_customer_channel(here)
    await fill_tickets(here.workspace)
    here.workspace.strict_limits, here.services.delivery.limits = True, Limits()


async def _relive(here: Local) -> None:
    """Carry out the story step by step, each shown before the next begins.

    Each has a key of its own (``demo:0``, ``demo:1`` …), by which the inbox knows it again. What
    the time between two steps brings, such as reminders, happens on the way.
    """
    now = here.workspace.clock.now() + BEGAN
    for number, step in enumerate(demo_story(now)):
        await here.workspace.clock.advance_to(now - step.ago)
        intent = INTENTS[step.verb].model_validate(step.fields)
        await here.services.accept(
            intent, Actor(step.who, "form"), f"demo:{number}", ReplyTo(step.who)
        )
        await here.settle()
    await here.workspace.clock.advance_to(now)


async def choose_demo_languages(here: Local) -> None:
    """Let those who speak Greek have chosen it, some time before: their Slack cannot tell."""
    for user in GREEKS:
        await here.services.people.surely(user)  # so that there is a row
    async with here.services.database.write() as session:
        chosen = update(Person).where(col(Person.user_id).in_(GREEKS))
        await session.exec(chosen.values(language=Language("el").value))
    here.services.people.forget()


async def import_demo_accounts(here: Local) -> None:
    """Import the dozen customers of Northwind Support; who reads Greek has chosen it before.

    Safe to repeat: accounts with the same key are replaced.
    """
    found = await accounts_csv.read_accounts(ACCOUNTS.read_bytes(), here.services.people.by_email)
    async with here.services.database.write() as session:
        await account_keys.store_accounts(session, found)
        await plan_all_renewals(session, here.services.policy, here.services.clock.now())
        await revalue_accounts(session, here.services.policy)
    await choose_demo_languages(here)


async def serve_demo() -> None:
    """Serve the demo until Ctrl-C; everything it stored is deleted then.

    Reads HOST, PORT and LOG_LEVEL from the environment; by default 127.0.0.1, 8484 and ERROR.
    Workspace time begins ``BEGAN`` before the machine's, and runs as fast; once furnished it is
    behind only by the seconds that this took.
    """
    host, port, level = _place()
    configure_logs(level)
    if host not in LOOPBACK:
        typer.echo(EVERYBODY.format(host=host), err=True)
    stop = stop_signal()
    clock = WorkspaceClock(real_now=lambda: datetime.now(UTC) - BEGAN)
    workspace = demo_workspace(clock)
    with tempfile.TemporaryDirectory(prefix="escalation-desk-") as folder:
        async with demo_app(workspace, Path(folder), host=host, port=port) as here:
            await _until(stop, here)


@asynccontextmanager
async def demo_app(
    workspace: Workspace, folder: Path, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Local]:
    """Run the bot with all that a demo has: customers' pages, mail, tickets, words that explain.

    All of it is served at the workspace's own address; mail server and help desk listen on this
    machine.
    """
    async with (
        customer_mail(workspace) as mail,
        customer_tickets(workspace) as tickets,
        local_app(
            workspace, folder, host=host, port=port, outside=mail | tickets, one_address=True,
            policy=watch_tickets(_with_triage(demo_policy())),
        ) as here,
    ):  # fmt: skip
        workspace.channels[TRIAGE].members[next(iter(workspace.apps.values())).bot_user_id] = None
        workspace.guide = partial(explain_demo, here.services.person, f"{here.url}{FORM}")
        yield here


def _with_triage(policy: Policy) -> Policy:
    """The policy with a channel in which what arrives is decided on."""
    return replace(policy, triage=replace(policy.triage, channel=TRIAGE))


async def explain_demo(
    person: Callable[[str], Awaitable[PersonFacts]], form: str, user_id: str
) -> dict[str, str]:
    """Return what the page says of the demo, by name, in the language of a person.

    ``form`` is the address of the form by which customers ask for an escalation.
    """
    language = (await person(user_id)).language
    known = {"support": f"<#{SUPPORT}>", "triage": f"<#{TRIAGE}>", "name": "{name}"}
    known["shared"] = f"<#{SHARED}>"
    known["form"] = f"<{form}|{form}>"
    texts = {name: t(language, f"demo.{name}", **known) for name in WORDS}
    return {"lang": language.value, **texts}


def _place() -> tuple[str, int, str]:
    """HOST, PORT and LOG_LEVEL, judged as those of a run are, whatever else is set.

    Raises CommandError for a wrong value, and CannotListenError where another program has the
    address.
    """
    found, wrong = read_configured(ReadableSettings)
    given = [name for name in ("HOST", "PORT", "LOG_LEVEL") if os.environ.get(name)]
    if ours := [line for line in wrong if line.partition(":")[0] in given]:
        raise CommandError("\n".join(ours))
    host = found.host if "HOST" in given else "127.0.0.1"
    port = found.port if "PORT" in given else 8484
    listen_on(host, port, 1).close()
    return host, port, found.log_level if "LOG_LEVEL" in given else "ERROR"


async def _until(stop: Any, here: Local) -> None:
    """Print the address, furnish the workspace, and wait for the signal.

    The page can be opened while the cases are still being made.
    """
    typer.echo(f"Escalation Desk, in a workspace of its own: {here.url}")
    typer.echo("Some cases are being opened …")
    await furnish(here)
    typer.echo("Ready. Type /escalate in any channel. Ctrl-C ends it; nothing is kept.")
    await stop.wait()
