"""A small factory: one believable case, and what to change about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.rules.bugs.state import BugFacts, BugState
from bot.rules.facts import (
    AccountFacts,
    ActionFacts,
    AskFacts,
    CaseFacts,
    ClockFacts,
    ConfirmationFacts,
    DriftFacts,
    HandoverFacts,
    HoldFacts,
    PersonFacts,
    SentFacts,
)
from bot.rules.words import (
    ActionType,
    ClosureCode,
    Drift,
    HoldReason,
    Language,
    MessageKind,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Status,
    Trigger,
)

T0 = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)  # the case is received
NOW = datetime(2026, 2, 10, 11, 35, tzinfo=UTC)

MAYA, NIKOS, ELENA, TOM, IRIS = "U0MAYA", "U0NIKOS", "U0ELENA", "U0TOM", "U0IRIS"
VIEWER = PersonFacts(MAYA, "Maya Lind", timezone="Europe/Athens", email="maya@example.com")

HOSTILE = {
    "broadcast": "<!channel> <@U0EVIL> <https://evil.example|harmless> @here @everyone",
    "formatting": "*bold* _italic_ ~struck~ `code` ```pre``` > quote\n> quoted\n*two*",
    "entities": "&lt;b&gt; &amp; & < > &nbsp;",
    "long": "aλ &<" * 600,
    "right_to_left": "שלום עולם · مرحبا",
    "emoji": "👩‍👩‍👧‍👦 :tada: 🇬🇷 e\u0301",
    "one_letter": "x",
    "blank": "   ",
    "lines": "\n".join(["> line"] * 200),
    "braces": "{owner} {0} {{}} %s ${x}",
}


def minutes(count: int) -> timedelta:
    """A length of time."""
    return timedelta(minutes=count)


def clock(name: str, due_in: int | None, **changes: Any) -> ClockFacts:
    """A clock due so many minutes after NOW (negative: overdue; None: paused)."""
    due = None if due_in is None else NOW + minutes(due_in)
    late = due_in is not None and due_in < 0
    return ClockFacts(
        **{
            "name": name,
            "state": "paused" if due is None else "breached" if late else "running",
            "started_at": T0,
            "due": due,
            "remaining": None if late else minutes(120 if due_in is None else due_in),
            "overdue": minutes(-due_in) if late and due_in else None,
            "paused": due is None,
            **changes,
        }
    )


def sent(kind: MessageKind = MessageKind.UPDATE, **changes: Any) -> SentFacts:
    """A message that reached the customer."""
    facts: dict[str, Any] = {
        "id": 1,
        "kind": kind,
        "language": Language.ENGLISH,
        "text": "Dear Eleni, we are on it.",
        "sent_by": MAYA,
        "sent_at": T0 + minutes(25),
        "recipient": "Eleni Papadaki",
        "route": "email",
        "next_update_at": NOW + minutes(25),
    }
    return SentFacts(**facts | changes)


def account(**changes: Any) -> AccountFacts:
    """A customer with everything known about it."""
    facts: dict[str, Any] = {
        "key": "acme",
        "name": "Acme Hellas",
        "tier": "Strategic",
        "arr": 1_250_000,
        "renewal": date(2026, 4, 30),
        "csm": ELENA,
        "account_executive": TOM,
        "sponsor": IRIS,
        "language": Language.GREEK,
        "contact_name": "Eleni Papadaki",
        "contact_email": "eleni@acme.example",
    }
    return AccountFacts(**facts | changes)


def case(status: Status = Status.INVESTIGATING, **changes: Any) -> CaseFacts:
    """A case as it stands in this status, with what usually belongs to it."""
    facts: dict[str, Any] = {
        "number": 7,
        "customer": "Acme Hellas",
        "stake": "We cannot ship orders. If this lasts until Friday, we lose our largest client.",
        "trigger": Trigger.TECHNICAL,
        "severity": Severity.SEV1,
        "status": status,
        "now": NOW,
        "received_at": T0,
        "reporter": MAYA,
        "owner": NIKOS,
        "language": Language.GREEK,
        "account": account(),
        "ticket_url": "https://tickets.example/4711?a=1&b=2",
        "contact_name": "Eleni Papadaki",
        "contact_email": "eleni@acme.example",
        "channel_id": "C0ESC7",
        "channel_name": "esc-7-acme-hellas",
        "roles": {
            Role.REPORTER: MAYA,
            Role.AGENT: MAYA,
            Role.ESCALATION_MANAGER: NIKOS,
            Role.TECHNICAL_LEAD: ELENA,
        },
        **_by_status(status),
    }
    return CaseFacts(**facts | changes)


def _by_status(status: Status) -> dict[str, Any]:
    if status in (Status.CANDIDATE, Status.NEW):
        return {"clocks": (clock("acknowledge", 12), clock("first_response", -5))}
    if status is Status.ACKNOWLEDGED:
        return {"clocks": (clock("first_response", 8), clock("resolution", 1285))}
    running = (clock("next_update", 25, promised=True), clock("resolution", 1285))
    if status in (Status.INVESTIGATING, Status.MITIGATED):
        note = "Orders can be exported by hand." if status is Status.MITIGATED else ""
        return {"clocks": running, "sent": (sent(),), "workaround_note": note}
    return _ended(status)


def _ended(status: Status) -> dict[str, Any]:
    party = ("technical_lead", "escalation_manager", "customer")
    said = party[:2] if status is Status.RESOLVED else party
    facts: dict[str, Any] = {
        "sent": (sent(), sent(MessageKind.RESOLUTION, id=2)),
        "resolution_type": ResolutionType.FIX,
        "resolution_note": "The export job runs again since 11:20.",
        "resolved_at": NOW - minutes(15),
        "confirmations": tuple(ConfirmationFacts(p, True, NIKOS, NOW) for p in said),
        "clocks": (clock("postmortem_held", 3000),),
        "actions": (action(),),
    }
    if status is Status.CLOSED:
        facts |= {
            "closure_code": ClosureCode.FIXED,
            "root_cause": RootCause.CHANGE,
            "closed_at": NOW,
            "postmortem_at": NOW - minutes(5),
            "clocks": (),
        }
    return facts


def action(**changes: Any) -> ActionFacts:
    """An open action item."""
    facts: dict[str, Any] = {
        "id": 3,
        "title": "Alert when the export queue grows",
        "type": ActionType.PRODUCT,
        "owner": ELENA,
        "due": date(2026, 2, 24),
    }
    return ActionFacts(**facts | changes)


def issue(text: str) -> BugFacts:
    """An issue in the developers' tracker that was closed without being done, with this text."""
    return BugFacts(text, state=BugState(text, "1", text, text, done=True, resolution="Declined"))


def ask(**changes: Any) -> AskFacts:
    """A question to an executive that nobody has answered."""
    facts: dict[str, Any] = {
        "id": 5,
        "case_number": 7,
        "asked_of": IRIS,
        "asked_by": NIKOS,
        "question": "May we offer a month of service free of charge?",
        "asked_at": NOW - minutes(40),
    }
    return AskFacts(**facts | changes)


def full(subject: CaseFacts) -> CaseFacts:
    """The same case with everything that can be said of one at once."""
    return replace(
        subject,
        sensitive=True,
        executive=True,
        executive_reason="Threatens to cancel",
        source_link="https://example.slack.com/archives/C1/p1",
        hold=HoldFacts(HoldReason.WAITING_CUSTOMER, NOW + minutes(600), "Asked for log files"),
        handovers=(
            HandoverFacts(4, Role.ESCALATION_MANAGER, NIKOS, TOM, "All is in the log", NOW),
        ),
        asks=(ask(), ask(id=6, answer="approved")),
        confirmations=(ConfirmationFacts("technical_lead", False, ELENA, NOW, "Still slow"),),
        drift=tuple(DriftFacts(what, NOW, "Lunch") for what in (Drift.TOPIC, Drift.PIN)),
        resolution_type=ResolutionType.FIX,
        resolution_note="The export job runs again.",
        actions=(action(id=1, bug=issue("PAY-77")), *(action(id=n) for n in range(2, 9))),
        clocks=(
            *(clock(kind, 30 * n) for n, kind in enumerate(("next_reply", "check_in"), 1)),
            clock("next_update", -12),
            clock("workaround", None),
            clock("resolution", 5000, remaining=minutes(900)),
            clock("handoff:4", 10),
        ),
    )


def hostile(subject: CaseFacts, text: str) -> CaseFacts:
    """The same case with ``text`` wherever people write."""
    hold = HoldFacts(HoldReason.WAITING_CUSTOMER, NOW + minutes(600), text)
    return replace(
        subject,
        customer=text,
        stake=text,
        executive_reason=text,
        contact_name=text,
        contact_email=text,
        resolution_note=text,
        workaround_note=text,
        ticket_url=f"https://x.example/{text}",
        account=account(name=text, tier=text, currency=text, contact_name=text),
        hold=hold,
        handovers=(HandoverFacts(4, Role.AGENT, NIKOS, TOM, text, NOW),),
        asks=(ask(question=text),),
        actions=(action(title=text, bug=issue(text)), action(id=4, title=text)),
        sent=(sent(text=text, recipient=text, route=text),),
        confirmations=(ConfirmationFacts("customer", False, MAYA, NOW, text),),
        drift=(DriftFacts(Drift.TOPIC, NOW, text),),
    )
