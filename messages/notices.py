"""What people are told when something happens to a case: one table, name to place and buttons.

The words of ``name`` stand in ``templates/notices/<name>.<language>.j2``; the first line is the
headline. ``needs`` are the facts beyond the case that the caller gives.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.words import Language, MessageKind, Role
from messages.blocks import Block, Message, button
from messages.privacy import restricted_facts
from messages.render import MissingFactError, slack_text
from messages.scene import composed, scene
from messages.texts import t

Facts = Mapping[str, Any]


def _nothing(facts: Facts) -> Facts:
    return {}


def _always(facts: Facts) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Press:
    """A button: its action, its text under ``press.``, its values, and when it is offered."""

    action: str
    text: str
    values: Callable[[Facts], Facts] = _nothing
    style: str = ""
    offered: Callable[[Facts], bool] = _always


@dataclass(frozen=True, slots=True)
class NoticeSpec:
    """``inside``: it is said in the case's channel; elsewhere a restricted case stays unnamed."""

    inside: bool
    needs: tuple[str, ...] = ()
    presses: tuple[Press, ...] = ()
    defaults: Facts = field(default_factory=dict)


def _kind(kind: MessageKind) -> Callable[[Facts], Facts]:
    return lambda facts: {"kind": kind.value}


def _comfortable(comfortable: bool) -> Callable[[Facts], Facts]:
    return lambda facts: {"party": facts["party"], "comfortable": comfortable}


def _handover(accept: bool) -> Callable[[Facts], Facts]:
    return lambda facts: {"handover": facts["handover"].id, "accept": accept}


def _answer(approve: bool) -> Callable[[Facts], Facts]:
    return lambda facts: {"ask": facts["ask"].id, "approve": approve}


def _standing(standing: str) -> Press:
    style = "primary" if standing == "on_track" else ""
    return Press("do:status", f"standing_{standing}", lambda facts: {"standing": standing}, style)


def _manages(facts: Facts) -> bool:
    return bool(facts["role"] == Role.ESCALATION_MANAGER)


SHOW = Press("show:show", "show")
WRITE = Press("ask:update", "write_update", _kind(MessageKind.UPDATE), "primary")
FIRST = Press(
    "ask:update", "write_first", _kind(MessageKind.ACKNOWLEDGEMENT), "primary",
    lambda facts: not facts["case"].sent,
)  # fmt: skip
CLAIM = Press("do:claim", "claim", style="primary")
AGENDA = Press("show:postmortem", "agenda")
DONE = Press("ask:action_done", "action_done", lambda facts: {"action": facts["action"].id})

NOTICES: Mapping[str, NoticeSpec] = {
    "opened": NoticeSpec(False, ("role", "notice"), (
        Press("do:claim", "claim", style="primary", offered=_manages), SHOW,
    )),
    "opened_reporter": NoticeSpec(False, (), (SHOW,)),
    "role_card": NoticeSpec(False, ("role",)),
    "role_given": NoticeSpec(True, ("role", "holder", "by")),
    "handover_offered": NoticeSpec(False, ("handover",), (
        Press("do:answer_handover", "accept", _handover(True), "primary"),
        Press("ask:answer_handover", "refuse", _handover(False)),
    )),
    "handover_accepted": NoticeSpec(True, ("handover",)),
    "handover_refused": NoticeSpec(True, ("handover", "reason"), (
        Press("ask:hand_over", "offer_again",
              lambda facts: {"role": facts["handover"].role.value}),
    )),
    "claimed": NoticeSpec(True, ("by",), (FIRST,)),
    "severity_changed": NoticeSpec(True, ("before", "by", "reason"), (
        Press("ask:update", "tell_customer", _kind(MessageKind.UPDATE),
              offered=lambda facts: facts["case"].severity > facts["before"]),
    )),
    "update_sent": NoticeSpec(True, ("sent",)),
    "customer_replied": NoticeSpec(True, ("summary", "at"), (WRITE,)),
    "held": NoticeSpec(True, ("by",)),
    "resumed": NoticeSpec(True, ("by",)),
    "hold_ended": NoticeSpec(True, ("why",), (WRITE, Press("ask:hold", "hold_again"))),
    "mitigated": NoticeSpec(True, ("by",)),
    "confirmation_asked": NoticeSpec(False, ("party",), (
        Press("do:confirm", "comfortable", _comfortable(True), "primary"),
        Press("ask:confirm", "not_comfortable", _comfortable(False)),
    )),
    "confirmation_given": NoticeSpec(True, ("confirmation",)),
    "resolved": NoticeSpec(True, ("by",), (Press("ask:reopen", "not_fixed"),)),
    "reopened": NoticeSpec(True, ("by", "reason"), (WRITE,)),
    "review": NoticeSpec(True, (), (
        AGENDA, Press("ask:postmortem_held", "postmortem_held", style="primary"),
    )),
    "closed": NoticeSpec(True, ("by",)),
    "dismissed": NoticeSpec(False, ("by", "reason")),
    "executive_flag": NoticeSpec(True, ("by", "trigger", "reason"), (
        Press("ask:ask_executive", "ask_executive"),
    )),
    "executive_alert": NoticeSpec(False, (), (SHOW,), {"ask": ""}),
    "ask_executive": NoticeSpec(False, ("ask",), (
        Press("do:answer_ask", "approve", _answer(True), "primary", lambda f: not f["hidden"]),
        Press("do:answer_ask", "decline", _answer(False), "", lambda f: not f["hidden"]),
        Press("ask:answer_ask", "read_and_answer", lambda f: {"ask": f["ask"].id}, "primary",
              lambda f: f["hidden"]),
    )),
    "ask_answered": NoticeSpec(True, ("ask", "approve"), (), {"remark": ""}),
    "check_in": NoticeSpec(False, (), tuple(
        _standing(each) for each in ("on_track", "blocked", "need_help", "eta_moved")
    )),
    "status_given": NoticeSpec(True, ("by", "standing"), (), {"remark": ""}),
    "postmortem_invitation": NoticeSpec(False, (), (AGENDA,)),
    "action_given": NoticeSpec(False, ("action",), (DONE,)),
    "action_due": NoticeSpec(False, ("action", "days"), (DONE,)),
    "action_done": NoticeSpec(True, ("action",)),
    "drift": NoticeSpec(True, ("what",)),
    "breach_retracted": NoticeSpec(True, ("clock", "at")),
    "owner_missing": NoticeSpec(False, (), (
        CLAIM,
        Press("ask:assign", "assign", lambda facts: {"role": Role.ESCALATION_MANAGER.value}),
    )),
}  # fmt: skip


def notice(
    name: str, case: CaseFacts, language: Language, *, inside: bool | None = None, **extra: Any
) -> Message:
    """What is said of ``case`` under this name; ``extra`` as in the table's ``needs``.

    ``inside`` tells whether it is said in the case's channel, where that differs from the table:
    outside, a restricted case shows neither its customer nor anything that people wrote.
    Raises KeyError for an unknown name and MissingFactError for a fact that is not given.
    """
    spec = NOTICES[name]
    hidden = case.sensitive and not (spec.inside if inside is None else inside)
    facts = dict(spec.defaults) | extra
    for fact in spec.needs:
        if facts.get(fact) is None:
            raise MissingFactError(template_name(name, language), fact)
    facts = restricted_facts(facts) if hidden else facts
    facts = scene(case, language, hidden=hidden) | facts
    text = slack_text(template_name(name, language), facts)
    return composed(text, *pressed(spec.presses, facts, language))


def template_name(name: str, language: Language) -> str:
    """Where the notice's words stand, below ``templates/``."""
    return f"notices/{name}.{language.value}.j2"


def pressed(presses: tuple[Press, ...], facts: Facts, language: Language) -> list[Block]:
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
