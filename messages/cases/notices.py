"""What people are told when something happens to a case: one table, name to facts and buttons.

The words of ``name`` stand in ``templates/notices/<name>.<language>.j2``, or under
``[template.notices]`` beside a verb's other words; the first line is the headline. Templates see
the case, and as ``it`` what the caller gave: JSON values, so that a notice can wait in the outbox.
Ids are looked up in the case as it is when the notice is rendered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

from bot.rules.drift import LOST, Hindrance
from bot.rules.facts import CaseFacts, DriftFacts, UnreachedFacts
from bot.rules.lifecycle import OPEN, RESOLVED
from bot.rules.words import (
    Drift,
    HelpDesk,
    HoldReason,
    Language,
    MessageKind,
    Role,
    Severity,
    Trigger,
    Unfilled,
)
from messages.kit.blocks import Block, Message, button
from messages.kit.privacy import restricted_facts
from messages.kit.render import MissingFactError, slack_text
from messages.kit.template_context import composed, placed, scene
from messages.kit.texts import t

Facts = Mapping[str, Any]


def _nothing(facts: Facts) -> Facts:
    return {}


def _always(facts: Facts) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ButtonSpec:
    """A button: its action, its text under ``press.``, its values, and when it is offered."""

    action: str
    text: str
    values: Callable[[Facts], Facts] = _nothing
    style: str = ""
    offered: Callable[[Facts], bool] = _always


@dataclass(frozen=True, slots=True)
class NoticeSpec:
    """``needs`` must be given, ``defaults`` may be; ``presses`` are its buttons."""

    needs: tuple[str, ...] = ()
    presses: tuple[ButtonSpec, ...] = ()
    defaults: Facts = field(default_factory=dict)


def _given(*names: str, **fixed: Any) -> Callable[[Facts], Facts]:
    """A button's values: those of these names that the notice was given, and fixed ones."""
    return lambda facts: {name: _plain(facts["it"][name]) for name in names} | fixed


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _kind(kind: MessageKind) -> Callable[[Facts], Facts]:
    return _given(kind=kind.value)


def _standing(standing: str) -> ButtonSpec:
    style = "primary" if standing == "on_track" else ""
    return ButtonSpec("do:status", f"standing_{standing}", _given(standing=standing), style)


def _manages(facts: Facts) -> bool:
    return bool(facts["it"]["role"] is Role.ESCALATION_MANAGER and not facts["em"])


def _nobody_else(facts: Facts) -> bool:
    return bool(facts["case"].owner == facts["case"].reporter and not facts["em"])


def _silent(facts: Facts) -> bool:
    return not facts["case"].sent


def _lowered(facts: Facts) -> bool:
    return bool(facts["case"].severity > facts["it"]["before"])


def _composed(facts: Facts) -> bool:
    """The composer writes it; a resolution's notice belongs to the form that resolves."""
    return facts["it"]["topic"] in {kind.value for kind in MessageKind} - {MessageKind.RESOLUTION}


def _topic(facts: Facts) -> Facts:
    return {"kind": facts["it"]["topic"]}


def _low_open(facts: Facts) -> bool:
    return bool(facts["it"]["low"] and facts["case"].status in OPEN)


def _low_ended(facts: Facts) -> bool:
    return bool(facts["it"]["low"] and facts["case"].status in RESOLVED)


def _answered(*, approved: bool, last: bool = False) -> Callable[[Facts], bool]:
    """Offered for that answer; ``last`` for the resolution, which has a form of its own."""

    def offered(facts: Facts) -> bool:
        resolution = facts["it"]["kind"] is MessageKind.RESOLUTION
        return bool(facts["it"]["approve"]) is approved and resolution is last

    return offered


def _asks(facts: Facts) -> bool:
    """Said to those who talk with the customer: the channel, the owner, the agent."""
    return bool(facts["confirmed"] is False and facts["it"]["role"] in CUSTOMERS_OWN)


def _meets(facts: Facts) -> bool:
    return bool(facts["it"]["agenda"] or facts["it"]["invited"])


def _drifts(facts: Facts) -> set[Drift]:
    return {each.what for each in facts["it"]["found"]}


def _lost(facts: Facts) -> bool:
    return bool(_drifts(facts) & LOST)


def _ours(facts: Facts) -> bool:
    """What the desk can put right in the channel that is there."""
    return not _lost(facts)


def _let_in(facts: Facts) -> bool:
    """A public channel that the desk was taken out of: it can walk in again."""
    return Drift.REMOVED in _drifts(facts) and not facts["case"].sensitive


def _theirs(facts: Facts) -> bool:
    """First a person has to do something in Slack."""
    return _lost(facts) and not _let_in(facts) and Drift.DELETED not in _drifts(facts)


def _open(facts: Facts) -> bool:
    return not facts["hidden"]


def _hidden(facts: Facts) -> bool:
    return bool(facts["hidden"])


SHOW = ButtonSpec("show:show", "show")
WRITE = ButtonSpec("ask:update", "write_update", _kind(MessageKind.UPDATE), "primary")
FIRST = ButtonSpec(
    "ask:update", "write_first", _kind(MessageKind.ACKNOWLEDGEMENT), "primary", _silent
)
TELL = ButtonSpec("ask:update", "tell_customer", _kind(MessageKind.UPDATE), "", _lowered)
CLAIM = ButtonSpec("do:claim", "claim", style="primary")
AGENDA = ButtonSpec("show:postmortem", "agenda")
DONE = ButtonSpec("ask:action_done", "action_done", _given("action"))
OFFER_AGAIN = ButtonSpec("ask:hand_over", "offer_again", _given("role"))
HANDOVER = (
    ButtonSpec("do:answer_handover", "accept", _given("handover", accept=True), "primary"),
    ButtonSpec("ask:answer_handover", "refuse", _given("handover", accept=False)),
)
COMFORT = (
    ButtonSpec("do:confirm", "comfortable", _given("party", comfortable=True), "primary"),
    ButtonSpec("ask:confirm", "not_comfortable", _given("party", comfortable=False)),
)
DECISION = (
    ButtonSpec("do:answer_ask", "approve", _given("ask", approve=True), "primary", _open),
    ButtonSpec("do:answer_ask", "decline", _given("ask", approve=False), "", _open),
    ButtonSpec("ask:answer_ask", "read_and_answer", _given("ask"), "primary", _hidden),
)
STANDINGS = tuple(_standing(each) for each in ("on_track", "blocked", "need_help", "eta_moved"))
ASSIGN = ButtonSpec("ask:assign", "assign", _given(role=Role.ESCALATION_MANAGER.value))
APPROVING = (
    ButtonSpec(
        "do:answer_draft", "approve", _given("draft", "digest", approve=True), "primary", _open
    ),
    ButtonSpec("ask:answer_draft", "return", _given("draft", "digest", approve=False), "", _open),
    ButtonSpec(
        "ask:answer_draft", "read_and_answer", _given("draft", "digest"), "primary", _hidden
    ),
)
SENT_IT = ButtonSpec(
    "ask:update", "i_sent_it", _given("draft"), "primary", _answered(approved=True)
)
SENT_THAT = ButtonSpec(
    "ask:resolve", "i_sent_it", _given("draft"), "primary", _answered(approved=True, last=True)
)
EDIT_IT = ButtonSpec("ask:update", "edit_it", _given("draft"), "primary", _answered(approved=False))
EDIT_THAT = ButtonSpec(
    "ask:resolve", "edit_it", _given("draft"), "primary", _answered(approved=False, last=True)
)
OPENED = (ButtonSpec("do:claim", "claim", style="primary", offered=_manages), SHOW)
HELD = ButtonSpec("ask:postmortem_held", "postmortem_held", style="primary")
AGAIN = ButtonSpec("ask:hold", "hold_again")
SAID_YES = ButtonSpec(
    "ask:confirm", "customer_said_yes", _given(party="customer", comfortable=True), "primary", _asks
)
READ = ButtonSpec("show:postmortem", "agenda", offered=_meets)
NOT_FIXED = ButtonSpec("ask:reopen", "not_fixed")
ASK = ButtonSpec("ask:ask_executive", "ask_executive")
UNSHARE = ButtonSpec("do:revoke_status", "unshare")
TALKED = ButtonSpec("ask:breach_talk", "talked", _given("talk"), "primary")
CALL = ButtonSpec("ask:update", "write_update", _kind(MessageKind.UPDATE), "primary", _low_open)
REOPEN_LOW = ButtonSpec("ask:reopen", "not_fixed", offered=_low_ended)
PUT_RIGHT = ButtonSpec("do:mend", "mend", _given(way="same"), "primary", _ours)
COME_BACK = ButtonSpec("do:mend", "come_back", _given(way="same"), "primary", _let_in)
LOOK_AGAIN = ButtonSpec("do:mend", "look_again", _given(way="same"), "primary", _theirs)
NEW_CHANNEL = ButtonSpec("do:mend", "new_channel", _given(way="new"), "", _lost)
TRY_AGAIN = ButtonSpec("do:mend", "try_again", _given(way="same"), "primary")
MENDS = (PUT_RIGHT, COME_BACK, LOOK_AGAIN, NEW_CHANNEL)
ESCALATE = ButtonSpec("ask:open_case", "escalate")
RECORD = ButtonSpec("show:timeline", "record")
WRITE_AGAIN = ButtonSpec("ask:update", "write_again", _topic, "primary", _composed)
UNLINK = ButtonSpec("do:unlink_ticket", "unlink")
LINK_AGAIN = ButtonSpec("ask:link_ticket", "link_again", style="primary")
RECORD_IT = ButtonSpec("ask:update", "record_it", _given("reply"), "primary")
RELEASE_MAIL = ButtonSpec("do:release_mail", "release_mail", _given("mail"))
DROP_MAIL = ButtonSpec("do:drop_mail", "drop_mail", _given("mail"))

NOTICES: Mapping[str, NoticeSpec] = {
    "opened": NoticeSpec(("role", "notice"), OPENED),
    "opened_reporter": NoticeSpec((), (replace(CLAIM, offered=_nobody_else), SHOW)),
    "role_card": NoticeSpec(("role",)),
    "role_given": NoticeSpec(("role", "user")),
    "handover_offered": NoticeSpec(("handover", "role", "offered_by", "summary"), HANDOVER),
    "handover_accepted": NoticeSpec(("role", "user", "offered_by")),
    "handover_refused": NoticeSpec(("role", "user", "offered_by", "reason"), (OFFER_AGAIN,)),
    "claimed": NoticeSpec(("user",), (FIRST,)),
    "severity_changed": NoticeSpec(("before", "by", "reason"), (TELL,)),
    "update_sent": NoticeSpec(("message",), (), {"mitigated": False}),
    "customer_replied": NoticeSpec(("summary", "at"), (WRITE,), {"hold_ended": False}),
    "held": NoticeSpec(("reason", "until"), (), {"note": ""}),
    "resumed": NoticeSpec(),
    "hold_ended": NoticeSpec(("reason",), (WRITE, AGAIN)),
    "confirmation_asked": NoticeSpec(("party",), COMFORT),
    "confirmation_given": NoticeSpec(("party", "comfortable", "by"), (), {"remark": ""}),
    "resolution_waits": NoticeSpec(),
    "resolved": NoticeSpec(
        (), (SAID_YES, NOT_FIXED, READ), {"agenda": False, "invited": False, "role": ""}
    ),
    "reopened": NoticeSpec(("by", "reason"), (WRITE,)),
    "review": NoticeSpec((), (AGENDA, HELD)),
    "closed": NoticeSpec(),
    "dismissed": NoticeSpec(("by", "reason")),
    "executive_flag": NoticeSpec(("by", "trigger", "reason"), (ASK,)),
    "executive_alert": NoticeSpec((), (SHOW,), {"ask": "", "role": ""}),
    "ask_executive": NoticeSpec(("ask", "question", "by"), DECISION),
    "ask_answered": NoticeSpec(("ask", "answer", "by"), (), {"question": "", "remark": ""}),
    "check_in": NoticeSpec((), STANDINGS),
    "status_given": NoticeSpec(("by", "standing"), (), {"remark": ""}),
    "postmortem_invitation": NoticeSpec((), (AGENDA,)),
    "action_given": NoticeSpec(("action",), (DONE,)),
    "action_due": NoticeSpec(("action",), (DONE,)),
    "action_done": NoticeSpec(("action", "by"), (), {"evidence": ""}),
    "drift": NoticeSpec(("found",), MENDS),
    "drift_left": NoticeSpec(("found",), MENDS),
    "drift_over": NoticeSpec(("found",)),
    "record_lost": NoticeSpec((), (ESCALATE,)),
    "unreached": NoticeSpec(("unreached",), (ASSIGN,)),
    "broadcast_withheld": NoticeSpec(("problem", "text"), (WRITE,)),
    "no_channel": NoticeSpec(("code", "hindrance"), (TRY_AGAIN, SHOW)),
    "channel_made": NoticeSpec((), (SHOW,)),
    "moved": NoticeSpec(("what",), (RECORD,), {"old": "", "called": ""}),
    "breach_retracted": NoticeSpec(("clock",)),
    "approval_asked": NoticeSpec(
        ("draft", "digest", "kind", "by", "recipient", "text", "route", "spoken"),
        APPROVING,
        {"address": "", "place": "", "promised": "", "why": ""},
    ),
    "approval_waits": NoticeSpec(("people", "kind")),
    "draft_answered": NoticeSpec(
        ("draft", "approve", "kind", "by"),
        (SENT_IT, SENT_THAT, EDIT_IT, EDIT_THAT),
        {"remark": "", "until": ""},
    ),
    "draft_noted": NoticeSpec(("approve", "kind")),
    "owner_missing": NoticeSpec((), (CLAIM, ASSIGN)),
    "mail_failed": NoticeSpec(
        ("topic", "recipient", "reason"),
        (WRITE_AGAIN,),
        {"text": "", "came_back": False, "human": True},
    ),
    "mail_waits": NoticeSpec(("recipient", "reason")),
    "mail_quarantined": NoticeSpec(
        ("mail", "sender", "subject", "text", "doubt"),
        (RELEASE_MAIL, DROP_MAIL),
        {"others": 0, "senders": ""},
    ),
    "mails_decided": NoticeSpec(("count",)),
    "ask_yourself": NoticeSpec(("page", "url")),
    "customer_answered": NoticeSpec(
        ("page", "score"),
        (CALL, REOPEN_LOW),
        {"effort": None, "comment": "", "low": False, "changed": False},
    ),
    "status_page": NoticeSpec(("url", "until"), (UNSHARE,)),
    "status_page_gone": NoticeSpec(),
    "breach_brief": NoticeSpec(
        ("talk", "clock", "due"), (TALKED,), {"own_limit": None, "next_limit": None}
    ),
    "breach_talked": NoticeSpec(("by", "way", "outcome"), (), {"offered": ""}),
    "ticket_linked": NoticeSpec(("desk", "url"), (UNLINK,)),
    "ticket_unlinked": NoticeSpec(("desk",)),
    "ticket_not_linked": NoticeSpec(("url",)),
    "ticket_failed": NoticeSpec(("topic", "desk", "reason", "text"), (WRITE_AGAIN,)),
    "ticket_waits": NoticeSpec(("desk", "reason")),
    "ticket_unreadable": NoticeSpec(("desk", "reason"), (LINK_AGAIN,)),
    "colleague_replied": NoticeSpec(("desk", "at", "summary", "url", "reply"), (RECORD_IT,)),
    "mail_after_end": NoticeSpec(("summary", "at"), (NOT_FIXED,)),
}


def _instant(value: Any) -> Any:
    """An instant that was kept as text; nothing for an empty one."""
    return datetime.fromisoformat(value) if value and isinstance(value, str) else value or None


# How a JSON value becomes the word that it stands for; a hold's reason is a word, others are text.
WORDS: Mapping[str, Callable[[Any], Any]] = {
    "found": lambda rows: tuple(_difference(row) for row in rows),
    "unreached": lambda rows: tuple(_unreached(row) for row in rows),
    "hindrance": Hindrance,
    "role": lambda value: Role(value) if value else value,
    "trigger": Trigger,
    "kind": MessageKind,
    "desk": HelpDesk,
    "before": Severity,
    "at": _instant,
    "due": _instant,
    "until": _instant,
    "promised": _instant,
}
CUSTOMERS_OWN = frozenset({"", Role.ESCALATION_MANAGER, Role.AGENT, Role.REPORTER})
HOLDS = frozenset({"held", "hold_ended", "resumed"})


def _difference(row: Mapping[str, str]) -> DriftFacts:
    return DriftFacts(Drift(row["what"]), datetime.fromisoformat(row["at"]), row["seen"])


def _unreached(row: Mapping[str, str]) -> UnreachedFacts:
    heir = row.get("heir") or ""
    return UnreachedFacts(Role(row["role"]), row["who"], Unfilled(row["reason"]), heir)


def notice(
    name: str, case: CaseFacts, language: Language, *, inside: bool = False, **extra: Any
) -> Message:
    """What is said of ``case`` under this name; ``extra`` as in the table's ``needs``.

    ``inside`` is true in the case's own channel. Anywhere else a restricted case shows neither
    its customer nor anything that people wrote.
    Raises KeyError for an unknown name and MissingFactError for a fact that is not given.
    """
    spec, template = NOTICES[name], template_name(name, language)
    given = dict(spec.defaults) | extra
    for fact in spec.needs:
        if given.get(fact) is None:
            raise MissingFactError(template, fact)
    hidden = case.sensitive and not inside
    it = _words(name, given)
    facts = scene(case, language, hidden=hidden)
    shown = restricted_facts(it) if hidden else it
    facts["it"] = shown | _looked_up(facts["case"], it, template)
    text = slack_text(template, facts)
    presses = pressed(spec.presses, facts, language)
    return composed(text, *presses, **placed(facts, inside=inside))


def _words(name: str, given: Facts) -> dict[str, Any]:
    reads = dict(WORDS) | ({"reason": HoldReason} if name in HOLDS else {})
    return {key: reads[key](value) if key in reads else value for key, value in given.items()}


def _looked_up(case: CaseFacts, it: Facts, template: str) -> dict[str, Any]:
    """What the ids stand for: ``sent``, ``item`` with ``days`` left, ``asked``."""
    found: dict[str, Any] = {}
    for key, name, rows in (
        ("message", "sent", case.sent),
        ("action", "item", case.actions),
        ("ask", "asked", case.asks),
    ):
        if not isinstance(it.get(key), int):
            continue
        found[name] = next((row for row in rows if row.id == it[key]), None)
        if found[name] is None:
            raise MissingFactError(template, f"{key} {it[key]}")
    if "item" in found:
        found["days"] = it.get("days", (found["item"].due - case.now.date()).days)
    return found


def template_name(name: str, language: Language) -> str:
    """Where the notice's words stand, below ``templates/``."""
    return f"notices/{name}.{language.value}.j2"


def pressed(presses: tuple[ButtonSpec, ...], facts: Facts, language: Language) -> list[Block]:
    """The buttons offered with these facts; a second one of the same action gets ``#2``."""
    blocks: list[Block] = []
    for press in presses:
        if not press.offered(facts):
            continue
        before = sum(block["action_id"].partition("#")[0] == press.action for block in blocks)
        action = f"{press.action}#{before + 1}" if before else press.action
        values = {"case": facts["case"].number} | dict(press.values(facts))
        text = t(language, f"press.{press.text}")
        blocks.append(button(action, text, values, style=press.style))
    return blocks
