"""What the app gives with each notice, and entries of the record: samples shared by tests."""

import json
from collections.abc import Iterator
from typing import Any

from bot.registry import INTENTS
from bot.rules.bugs.news import BugNews
from bot.rules.facts import TimelineFacts
from handlers.slack.answers import SHOWN
from messages.cases.notice_table import NOTICES
from messages.forms import FORMS
from messages.kit.blocks import Message
from tests.messages.limits import Json, walk
from tests.messages.sample_cases import MAYA, NIKOS, NOW, TOM

GIVEN: dict[str, Any] = {
    "duplicate": "ESC-9",
    "threats": ["threat"],
    "phone": "+30 210 1234567",
    "role": "technical_lead",
    "notice": "page",
    "user": TOM,
    "by": NIKOS,
    "offered_by": NIKOS,
    "recorder": TOM,
    "fresh": True,
    "handover": 4,
    "summary": "Everything is in the log",
    "reason": "On leave from Friday",
    "note": "Asked for log files",
    "before": 3,
    "message": 1,
    "at": NOW.isoformat(),
    "until": NOW.isoformat(),
    "party": "technical_lead",
    "comfortable": False,
    "remark": "Still slow",
    "trigger": "threat_to_cancel",
    "ask": 5,
    "question": "May we offer a month free of charge?",
    "answer": "approve",
    "standing": "blocked",
    "cause": "Nobody watched the certificate",
    "better": "An alert a month before",
    "action": 3,
    "evidence": "The alert fired in a drill",
    "what": "card",
    "code": "restricted_action",
    "hindrance": "setting",
    "clock": "next_update",
    "draft": 9,
    "route": "mail",
    "spoken": "en",
    "address": "eleni@acme.example",
    "place": "ESC-7",
    "promised": NOW.isoformat(),
    "why": "recipient",
    "digest": "0" * 64,
    "kind": "update",
    "topic": "update",
    "recipient": "eleni@acme.example",
    "people": [NIKOS, TOM],
    "approve": True,
    "mail": 9,
    "sender": "eleni@acme.example",
    "subject": "Re: our order",
    "text": "The export works again.",
    "doubt": "sender",
    "others": 2,
    "senders": "eve@elsewhere.example, bob@elsewhere.example",
    "count": 3,
    "child": 7,
    "link": "https://demo.slack.com/archives/C1/p5",
    "desk": "zendesk",
    "written": "tag",
    "reply": 3,
    "page": "pulse",
    "url": "https://desk.example/c/p1-6-abc",
    "score": 2,
    "talk": 1,
    "contest": 2,
    "decision": 4,
    "options": "To wait for the fix",
    "result": "partly",
    "lesson": "The old version has it too",
    "problem": 2,
    "due": NOW.isoformat(),
    "concession": 3,
    "minutes": 60,
    "amount": "500 EUR",
    "granted": "goodwill",
    "motive": "missed_promise",
    "words": "We were late twice",
    "author": MAYA,
    "had": "250 EUR",
    "fee": "2000 EUR",
    "months": 12,
    "complete": True,
    "waits": True,
    "state": "withdrawn",
    "own_limit": 1000,
    "next_limit": 10000,
    "way": "call",
    "contact": "Eleni Rapti",
    "next_on": "2027-02-20",
    "met": True,
    "actions": [3],
    "was_due": "2027-02-18",
    "prevention": "process",
    "outcome": "They lost a day",
    "silent": TOM,
    "solved": [{"other": 3, "reference": "ESC-3", "customer": "Beta", "worked": "A restart"}],
    "since": NOW.isoformat(),
    "turn": "backup",
    "pager": "pagerduty",
    "by_way": "kate-sms",
    "way_fault": "http:403",
    "agent": "Kate Jones",
    "declined": [NIKOS],
    "reader": TOM,
    "component": "Payments",
    "customers": ["Borea", "Cyan & Co"],
    "team": "Payments squad",
    "kept": True,
    "passed": [{"role": "csm", "who": NIKOS, "reason": "away"}],
    "missing": [{"role": "csm", "who": "", "reason": "unnamed"}],
    "unreached": [
        {"role": "technical_lead", "who": TOM, "reason": "deactivated", "heir": NIKOS},
        {"role": "legal", "who": "S0LEGAL", "reason": "empty_group", "heir": ""},
    ],
    "changes": [
        {"part": "stake", "was": "Orders are late", "now": "Orders are lost"},
        {"part": "trigger", "was": "technical", "now": "too_slow"},
        {"part": "language", "was": "en", "now": "el"},
        {"part": "second", "was": "", "now": "Olga, olga@acme.example"},
    ],
    "went": [{"step": "claimed", "how": "in_time"}, {"step": "resolved", "how": "missed"}],
    "entries": [11, 12, 13, 14],
    "news": "later",
    "bug": "PAY-77",
    "was_bug": "SHOP-7",
    "tracked": True,
    "there": "In Review",
    "version": "2.4",
    "expected": "2027-02-20",
    "answer_there": "Won't Do",
    "skill": "Database",
    "helper": 7,
    "query": 6,
    "about": "status",
    "another": True,
    "ended": "over",
    "missed": 2,
    "hours": 12,
    "found": [{"what": "topic", "at": NOW.isoformat(), "seen": "Lunch at one"}],
}
TEXTS = (
    "text", "recipient", "summary", "reason", "note", "remark", "question", "evidence", "subject",
    "sender", "outcome", "cause", "better", "words", "contact", "options", "lesson",
)  # fmt: skip
GIVEN["history"] = [{"user": NIKOS, "reason": "On leave"}, {"user": TOM, "reason": "No access"}]
OPTIONAL = {  # what the app gives besides what is needed
    "worked_then": ("solved",),
    "held": ("note",),
    "paged": ("remark", "until"),
    "page_moved": ("remark", "until"),
    "technical_declined": ("remark",),
    "technical_paged": ("remark",),
    "confirmation_given": ("remark",),
    "confirmation_asked": ("text",),
    "resolution_doubted": ("remark",),
    "ask_answered": ("question", "remark"),
    "status_given": ("remark",),
    "report_added": ("link",),
    "action_done": ("evidence",),
    "draft_answered": ("remark", "until"),
    "ranked": ("reason",),
    "handover_refused": ("history",),
    "contested": ("due",),
    "approval_asked": ("address", "place", "promised", "why"),
    "breach_brief": ("own_limit", "next_limit"),
    "flag_asked": ("due", "until"),
    "flag_had": ("until",),
    "flag_unheard": ("until",),
    "swarm_asked": ("another",),
    "swarm_nobody": ("count",),
    **dict.fromkeys(
        ("contact_logged", "contact_noted", "contact_due"),
        ("outcome", "summary", "next_on", "met"),
    ),
}


def given(name: str, text: str | None = None) -> dict[str, Any]:
    """The facts that go with a notice; ``text`` stands wherever people wrote."""
    names = (*NOTICES[name].needs, *OPTIONAL.get(name, ()))
    facts = {fact: GIVEN[fact] for fact in names}
    if text is not None:
        facts |= {fact: text for fact in names if fact in TEXTS}
    if "found" in names and text is not None:
        facts["found"] = [
            {"what": what, "at": NOW.isoformat(), "seen": text} for what in ("renamed", "topic")
        ]
    if "customers" in names and text is not None:
        facts["customers"] = [text]
    if "solved" in names and text is not None:
        facts["solved"] = [{"other": 3, "reference": "ESC-3", "customer": text, "worked": text}]
    if "history" in names and text is not None:
        facts["history"] = [{"user": NIKOS, "reason": text}]
    if "changes" in names and text is not None:
        parts = ("customer", "stake", "ticket", "contact", "second")
        facts["changes"] = [{"part": part, "was": text, "now": text} for part in parts]
    if name == "executive_alert" and text is not None:
        facts["ask"] = text
    if name in ("held", "hold_ended"):
        facts["reason"] = "waiting_customer"
    return facts


def buttons(said: Message) -> list[Json]:
    """All buttons of a message."""
    return [thing for thing in walk(said.blocks) if thing.get("type") == "button"]


def actions(said: Message) -> list[str]:
    """What the buttons do, without the numbers that tell them apart."""
    return [button["action_id"].partition("#")[0] for button in buttons(said)]


def check_buttons(said: Message) -> None:
    """Assert that every button does something that exists, with values that it takes."""
    for button in buttons(said):
        way, _, verb = button["action_id"].partition("#")[0].partition(":")
        values = json.loads(button["value"])
        assert values["case"] == 7
        if way == "do":
            INTENTS[verb].model_validate(values)
        elif way == "ask":
            assert verb in FORMS
            assert values.keys() - {"case"} <= INTENTS[verb].model_fields.keys()
        else:
            assert (way, verb in SHOWN) == ("show", True)


def everything(said: Message) -> str:
    """All that a reader could see."""
    return said.text + json.dumps(said.blocks, ensure_ascii=False)


def entry(
    verb: str,
    after: dict[str, Any] | None = None,
    before: dict[str, Any] | None = None,
    why: str = "",
    actor: str = NIKOS,
) -> TimelineFacts:
    """An entry of the record."""
    return TimelineFacts(1, NOW, actor, verb, before or {}, after or {}, why, "slack")


def entries() -> Iterator[TimelineFacts]:
    """One entry for every verb that the app records."""
    role = {"role": "csm", "user": TOM}
    day = {"action": 1, "title": "Alert", "owner": TOM, "type": "product", "due": "2026-02-24"}
    yield entry("open_case", {"status": "new", "severity": 1, "trigger": "technical"}, why="Stuck")
    yield entry("claim", {"status": "acknowledged", "owner": NIKOS}, {"status": "new"})
    yield entry("paged", {"user": TOM, "turn": "backup", "silent": NIKOS}, actor="system")
    yield entry("paged_elsewhere", {"pager": "opsgenie", "name": "Kate"}, actor="system")
    yield entry("decline_page", {"user": TOM}, why="On a plane")
    yield entry("have_page")
    yield entry("set_component", {"component": "Payments"}, {"component": ""})
    yield entry("seen_case")
    yield entry("told_next", {"user": TOM, "unseen": NIKOS}, actor="system")
    yield entry("swarm_silent", {"skill": "Database"}, actor="system")
    yield entry("name_stakeholder", role)
    yield entry("assign", role, {"role": "csm", "user": None})
    yield entry("hand_over", {"handover": 4, **role}, why="On leave")
    yield entry("answer_handover", {"accept": True, **role}, actor=TOM)
    yield entry("answer_handover", {"accept": False, **role}, why="Too much", actor=TOM)
    yield entry("severity", {"severity": 1, "roles": {}}, {"severity": 3}, "It spreads")
    yield entry("update", {"kind": "update", "route": "email", "recipient": "E", "message": 1})
    yield entry("customer_replied", {"at": NOW.isoformat(), "hold_ended": True}, why="Still down")
    yield entry("status", {"standing": "blocked"}, why="No access")
    yield entry("hold", {"reason": "waiting_customer", "until": NOW.isoformat()})
    yield entry("resume", before={"reason": "waiting_customer"})
    yield entry("resume", before={"reason": "waiting_customer"}, actor="system")
    yield entry("resolve", {"status": "resolved", "type": "fix"}, {"status": "mitigated"})
    yield entry("confirm", {"party": "customer", "comfortable": True, "status": "review"})
    yield entry("confirm", {"party": "technical_lead", "comfortable": False})
    yield entry("give_up_waiting", {"status": "review"}, {"status": "resolved"}, actor="system")
    yield entry("close", {"code": "fixed", "root_cause": "change", "status": "closed"})
    yield entry("close_duplicate", {"code": "duplicate", "original": "ESC-4", "status": "closed"})
    yield entry("merge", {"original": "ESC-4", "status": "merged"})
    yield entry("merged_in", {"child": "ESC-9", "count": 2}, why="Nothing works")
    yield entry("unmerge", {"original": "ESC-4", "status": "new"})
    yield entry("merged_out", {"child": "ESC-9"})
    yield entry("add_report", {"count": 2, "link": "https://x.example/p5"}, why="Nothing works")
    yield entry("duplicate", {"duplicate": "ESC-9"}, why="Nothing works")
    yield entry("reopen", {"status": "investigating"}, {"status": "closed"}, "Down again")
    yield entry("dismiss", {"status": "dismissed"}, {"status": "new"}, "A question")
    yield entry("executive_flag", {"trigger": "legal", "sensitive": True}, why="Their lawyer")
    yield entry("have_flag", {"user": TOM})
    yield entry("log_contact", {"user": TOM, "contact": "Eleni", "way": "call"}, why="She stays")
    yield entry("commit", {"count": 3})
    yield entry("ask_executive", {"ask": 5, "user": TOM}, why="May we?")
    for verb in (
        "request", "give", "withdraw", "void", "promise", "untold", "fulfil", "expire",
    ):  # fmt: skip
        yield entry(f"{verb}_concession", {"concession": 3})
    yield entry("answer_concession", {"concession": 3, "seat": "money", "approve": True})
    yield entry("answer_concession", {"concession": 3, "seat": "money", "approve": False})
    yield entry("record_outcome", {"result": "saved"}, why="They renewed")
    yield entry("plan_postmortem", {"at": NOW.isoformat(), "minutes": 60})
    yield entry("cancel_postmortem", {"at": NOW.isoformat()}, why="Too early")
    yield entry("correct_outcome", {"result": "lost"}, {"result": "saved"}, why="They left")
    yield entry("answer_ask", {"ask": 5, "answer": "approve"}, why="Yes")
    yield entry("answer_ask", {"ask": 5, "answer": "decline"})
    message = {"draft": 9, "kind": "update", "digest": "0123456789ab"}
    yield entry("ask_approval", {**message, "recipient": "E"})
    yield entry("void_approval", message, {"state": "approved"})
    yield entry("lapse_approval", {"draft": 9, "kind": "update"}, {"state": "approved"})
    yield entry("broadcast_withheld", {"problem": 2})
    yield entry("moved", {"called": "esc-7-acme", "old": "C1", "what": "restricted"})
    yield entry("answer_draft", {**message, "approve": True})
    yield entry("answer_draft", {**message, "approve": False}, why="Too long")
    yield entry("postmortem")
    yield entry("postmortem_held", {"root_cause": "A full queue", "better": "Alert"})
    for accept in (True, False):
        yield entry("answer_postmortem", {"accept": accept})
    yield entry("postmortem_saved", {"root_cause": "A full queue", "came": 2})
    yield entry("action_item", day)
    yield entry("action_done", {"action": 1, "title": "Alert"}, why="It fired")
    item = {"action": 1, "title": "Alert"}
    for accept in (True, False):
        yield entry("verify_action", {**item, "accept": accept}, why="It rings")
    yield entry("answer_action_offer", {**item, "accept": False}, why="On leave")
    yield entry("reassign_action", {**item, "user": TOM})
    yield entry("reopen_action", item)
    yield entry("drop_action", item, why="The product ends")
    was = {"title": "Alarm", "type": "process", "due": "2027-02-18"}
    yield entry("edit_action", {**item, "type": "process", "due": "2027-02-20"}, was)
    yield entry("left", {"standing": "guest", **role}, actor="system")
    yield entry("seen", {"clock": "next_update", "cycle": 1})
    yield entry("breach", {"clock": "next_update", "threshold": "breach"}, actor="system")
    yield entry("ladder", {"clock": "handoff:3", "threshold": "ladder:1"}, actor="system")
    yield entry("breach_retracted", {"clock": "next_update"}, actor="system")
    mail = {"mail": 1, "sender": "e@acme.example", "recipient": "e@acme.example", "kind": "update"}
    for verb in ("queued", "delivered", "refused", "bounced", "doubtful", "delayed", "automatic"):
        yield entry(f"mail_{verb}", mail)
    for verb in ("quarantined", "released", "dropped"):
        yield entry(f"mail_{verb}", mail)
    ticket = {"desk": "zendesk", "ticket": "35436", "kind": "update", "route": "zendesk"}
    for verb in ("link_ticket", "unlink_ticket", "ticket_queued", "ticket_delivered"):
        yield entry(verb, ticket)
    bug = {"bug": "PAY-77", "was_bug": "SHOP-7", "there": "Done", "due": "2027-02-20"}
    for verb in ("link_bug", "unlink_bug"):
        yield entry(verb, bug)
    for news in BugNews:
        yield entry(f"bug_{news}", bug, actor="system")
    yield entry("bug_not_shown", bug, why="403", actor="system")
    issue = {**bug, "action": 1, "title": "Alert"}
    for verb in ("link_action", "unlink_action"):
        yield entry(verb, issue)
    for heard in ("fixed", "dropped", "reopened", "moved", "gone", "deleted", "hidden"):
        yield entry(f"action_bug_{heard}", issue, actor="system")
    yield entry("action_bug_unshown", issue, why="403", actor="system")
    yield entry("ticket_not_set", {**ticket, "what": "tag"}, why="Closed", actor="system")
    for verb in ("ticket_refused", "ticket_unreadable", "colleague_replied"):
        yield entry(verb, ticket, why="Closed", actor="system")
    yield entry("message_withheld", {"kind": "update", "mail": 1}, why="We found the cause.")
    yield entry("question_withheld", {"page": "pulse"})
    yield entry("asked_pulse", {"link": 1}, actor="system")
    yield entry("asked_survey", {"link": 1}, actor="system")
    yield entry("answered_pulse", {"page": "pulse", "score": 2}, why="Slow", actor="system")
    yield entry("answered_rating", {"page": "rating", "score": 3}, actor="system")
    yield entry("answered_survey", {"page": "survey", "score": 5, "effort": 1}, actor="system")
    yield entry("share_status", {"link": 1, "until": NOW.isoformat()})
    yield entry("revoke_status")
    yield entry("breach_brief", {"talk": 1, "clock": "next_update"}, actor="system")
    yield entry("breach_talk", {"talk": 1, "way": "call", "offered": None}, why="They lost a day")
