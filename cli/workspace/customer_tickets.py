"""The help desk of the demo: an account at Help Scout on this machine, with two customers' tickets.

What happens in a ticket reaches the app by a signed webhook, at the door that a real account uses;
the app reads and writes by the account's API. Both listen on this machine alone.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.rules.helpdesks.terms import CandidateRule, HelpDeskTerms, Moment, Score
from bot.rules.policy.load import Policy
from bot.rules.words import HelpDesk, Severity
from cli.serving import serving
from sandbox.helpdesk.helpscout import HelpScout
from sandbox.helpdesk.tickets import Conversation, Customer
from sandbox.web.helpdesk import ESCALATE
from sandbox.workspace import Workspace

WEBHOOK = "/helpdesk/"  # below which the app hears of help desks
SOLHEIM = Customer(501, "Ingrid", "Solheim", "ingrid.solheim@boreal.example", "Boreal Bank")
ZOI = Customer(502, "Ελένη", "Ζώη", "e.zoi@hermes.example", "Hermes Couriers")
TICKETS = {
    7: (SOLHEIM, 412, "Payments of yesterday are missing", (
        "Two hundred payments of yesterday have not reached the beneficiaries.",
        "We are looking into it.",
        "I have heard nothing since. Our regulator asks the same question.",
    )),
    8: (ZOI, 415, "Οι ετικέτες δεν τυπώνονται", (
        "Εδώ και ώρες δεν τυπώνονται ετικέτες και τα δέματα μένουν στην αποθήκη.",
        "Το εξετάζουμε.",
        "Σας έγραψα πριν από τρεις ώρες. Τα φορτηγά φεύγουν σε λίγο.",
    )),
}  # fmt: skip
TERMS = HelpDeskTerms(
    candidates=(
        CandidateRule(tag=ESCALATE, severity=Severity.SEV2),
        CandidateRule(rating=Score.BAD, severity=Severity.SEV3),
    ),
    notes=frozenset(Moment),
    tags={Moment.ESCALATED: "escalated"},
)


@asynccontextmanager
async def customer_tickets(workspace: Workspace) -> AsyncIterator[dict[str, Any]]:
    """Give the workspace a help desk while the block runs; yield the settings of a bot for it."""
    desk = HelpScout(conversations={})
    desk.now = workspace.now
    desk.changed = lambda: workspace.bus.publish({"type": "ticket"})
    workspace.helpdesk = desk
    async with serving(desk.app(), "127.0.0.1", 0) as port:
        try:
            yield desk.settings(f"http://127.0.0.1:{port}")
        finally:
            workspace.helpdesk = None


def watch_tickets(policy: Policy) -> Policy:
    """The policy by which the tag, or a bad rating, has a ticket decided on."""
    return replace(policy, helpdesks={HelpDesk.HELP_SCOUT: TERMS})


async def fill_tickets(workspace: Workspace) -> None:
    """Let customers have written, and been answered once; the app hears from now on."""
    desk, now = workspace.helpdesk, workspace.now()
    assert desk is not None  # the demo has one
    for number, (customer, shown, subject, (asked, answered, again)) in TICKETS.items():
        desk.conversations[number] = Conversation(subject=subject, customer=customer, number=shown)
        desk.now = lambda: now - timedelta(hours=3)
        await desk.customer_writes(asked, number)
        desk.now = lambda: now - timedelta(hours=2.5)
        await desk.colleague_writes(answered, number)
        desk.now = lambda: now - timedelta(minutes=20)
        await desk.customer_writes(again, number)
    desk.now = workspace.now
    desk.hook = f"{workspace.base_url}{WEBHOOK}{desk.name}"
