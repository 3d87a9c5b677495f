"""The demo: a local workspace with the bot and some open cases in it.

The cases are made as in life: each ``Step`` is accepted as a person's form and carried out while
workspace time moves from ``BEGAN`` ago to now. So every card, clock, reminder and timeline entry is
the app's own, and none is written into the store directly.

The workspace is ``sandbox/seed.py``, the customers are ``demo_accounts.csv``; the bot beside it is
run by ``cli/workspace/local.py``.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from sqlmodel import col, update

from bot.engine.actors import Actor, ReplyTo
from bot.people import account_keys, accounts_csv
from bot.registry import INTENTS
from bot.rules.words import Language
from bot.settings import LOOPBACK, ReadableSettings
from cli.configured import read_configured
from cli.failures import CommandError
from cli.listening import listen_on
from cli.logs import configure_logs
from cli.serving import stop_signal
from cli.workspace.local import Local, local_app
from messages.clients.slack_limits import Limits
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from storage.models import Person

ACCOUNTS = Path(__file__).with_name("demo_accounts.csv")
BEGAN = timedelta(hours=26)  # how long ago the first of the demo's cases was opened
EVERYBODY = (
    "HOST={host}: whoever reaches this machine acts as any person in this workspace, without a"
    " password. Use 127.0.0.1 unless that is meant."
)
MAYA, ELENI, TOMAS, NIKOS = "U0MAYA", "U0ELENI", "U0TOMAS", "U0NIKOS"
GREEKS = (ELENI, NIKOS, "U0SOFIA")


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened ``ago`` before now: who, which verb, its fields.

    ``who`` is a Slack user id, ``verb`` a key of ``bot.registry.INTENTS``, ``fields`` what that
    intent reads. Cases are numbered from 1 in the order in which the story opens them.
    """

    ago: timedelta
    who: str
    verb: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def _ago(hours: float) -> timedelta:
    return timedelta(hours=hours)


def demo_story(now: datetime) -> list[Step]:
    """Return what happened before the demo is looked at, oldest first; ``now`` is workspace time.

    Case 1 is resolved and confirmed by the technical lead, 2 and 3 have a promise that comes due
    within an hour, 4 is new and unclaimed. The first step must not be further back than ``BEGAN``,
    at which workspace time begins.
    """
    return [
        Step(_ago(26), MAYA, "open_case", _delphi()),
        Step(_ago(25.8), ELENI, "claim", {"case": 1}),
        Step(_ago(25.6), MAYA, "update", _update(1, "acknowledgement", now - _ago(22))),
        Step(_ago(22.2), MAYA, "update", _update(1, "update", now - _ago(18.5))),
        Step(_ago(18.6), ELENI, "resolve", _fixed(1)),
        Step(_ago(18.4), TOMAS, "confirm", _comfortable(1)),
        Step(_ago(9), NIKOS, "open_case", _juniper()),
        Step(_ago(8.5), ELENI, "claim", {"case": 2}),
        Step(_ago(8), NIKOS, "update", _update(2, "acknowledgement", now + _ago(1))),
        Step(_ago(3), MAYA, "open_case", _kallisto()),
        Step(_ago(2.8), ELENI, "claim", {"case": 3}),
        Step(_ago(2.5), MAYA, "update", _update(3, "acknowledgement", now + _ago(0.5))),
        Step(_ago(0.2), MAYA, "open_case", _granite()),
    ]


def _delphi() -> dict[str, Any]:
    """Return the fields of case 1: a customer who reads Greek and cannot send invoices."""
    return {
        "account": "delphi-energy",
        "customer": "Delphi Energy",
        "stake": "Δεν μπορούμε να τιμολογήσουμε 40.000 πελάτες μας πριν κλείσει ο μήνας.",
        "trigger": "technical",
        "severity": 2,
        "ticket_url": "https://tickets.example/4101",
        "contact_name": "Γιώργος Ράπτης",
        "contact_email": "g.raptis@delphi-energy.example",
        "language": "el",
    }


def _juniper() -> dict[str, Any]:
    """Return the fields of case 2: nothing is broken, but a customer was not heard."""
    return {
        "account": "juniper-hotels",
        "customer": "Juniper Hotels",
        "stake": "Three managers asked the same question in a week and nobody called us back.",
        "trigger": "unheard",
        "severity": 3,
        "ticket_url": "https://tickets.example/4127",
        "contact_name": "Hanna Berg",
        "contact_email": "hanna@juniper.example",
    }


def _kallisto() -> dict[str, Any]:
    """Return the fields of case 3: a customer who reads Greek."""
    return {
        "account": "kallisto-foods",
        "customer": "Kallisto Foods",
        "stake": "Αν οι παραγγελίες δεν περάσουν ως τις έξι, το αυριανό φορτίο χάνεται.",
        "trigger": "too_slow",
        "severity": 2,
        "contact_name": "Μάριος Βλάχος",
        "contact_email": "m.vlachos@kallisto.example",
        "language": "el",
    }


def _granite() -> dict[str, Any]:
    """Return the fields of case 4: an outage, and a customer who threatens to leave."""
    return {
        "account": "granite-insurance",
        "customer": "Granite Insurance",
        "stake": "Our claims portal has been down since nine; brokers are sending clients away.",
        "trigger": "threat_to_cancel",
        "severity": 1,
        "ticket_url": "https://tickets.example/4140",
        "contact_name": "Marcus Webb",
        "contact_email": "marcus.webb@granite.example",
    }


def _update(case: int, kind: str, promised: datetime) -> dict[str, Any]:
    """Return the fields of an update to the customer of ``case``, who is promised the next one.

    ``promised`` becomes ISO 8601; ``kind`` is a ``MessageKind``. Only cases 1 to 3 have a recipient
    here, KeyError for others; the text is Greek for 1 and 3.
    """
    greek = case in {1, 3}
    text = (
        "Καλημέρα σας. Ανέλαβα προσωπικά την υπόθεσή σας και θα σας γράψω ξανά έως την ώρα αυτή."
        if greek
        else "Hello. I have taken over your case myself and will write again at the time below."
    )
    return {
        "case": case,
        "kind": kind,
        "text": text,
        "recipient": {1: "Γιώργος Ράπτης", 2: "Hanna Berg", 3: "Μάριος Βλάχος"}[case],
        "route": "email",
        "next_update_at": promised.isoformat(),
    }


def _fixed(case: int) -> dict[str, Any]:
    """Return the fields of a resolution: ``note`` is for colleagues, ``text`` for the customer."""
    return {
        "case": case,
        "type": "fix",
        "note": "The nightly export failed on an expired certificate; renewed, and now watched.",
        "text": "Η εξαγωγή λειτουργεί ξανά από τις 09:40 και δεν χάθηκε κανένα στοιχείο.",
        "recipient": "Γιώργος Ράπτης",
        "already_sent": True,
    }


def _comfortable(case: int) -> dict[str, Any]:
    """Return the fields by which the technical lead agrees that ``case`` is resolved."""
    return {"case": case, "party": "technical_lead", "comfortable": True}


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
        async with local_app(workspace, Path(folder), host=host, port=port) as here:
            await _until(stop, here)


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
