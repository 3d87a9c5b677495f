"""Notices of what cases teach: rows of the notices' table.

``decision`` is an id; ``by`` decided, in ``decision_judged`` said how it came out; ``result`` is a
``DecisionOutcome``. ``solved`` are solved cases as ``bot.learning.worked_then`` describes them, and
``count`` how many there are; ``place`` is one of them, ``remark`` what worked there.
"""

from collections.abc import Callable, Mapping

from bot.rules.states import DecisionOutcome
from bot.rules.words import MessageKind
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given

JUDGED_WELL = ButtonSpec(
    "do:judge_decision",
    "decision_worked",
    take_given("decision", outcome=DecisionOutcome.WORKED.value),
    "primary",
)
ALL = ButtonSpec("show:decisions", "all_decisions")
JUDGED_ELSE = ButtonSpec("ask:judge_decision", "decision_else", take_given("decision"))

SIMILAR = ButtonSpec("show:similar", "similar")
DROP = ButtonSpec("do:drop_solution", "drop_solution")
TELL = ButtonSpec(
    "ask:update", "tell_workaround", lambda _: {"kind": MessageKind.WORKAROUND.value}, "primary"
)


def _other(place: int) -> Callable[[Facts], Facts]:
    """Make a function for the button of the solved case at this place in the notice."""
    return lambda facts: {"other": facts["it"]["solved"][place]["other"]}


def _stands_at(place: int) -> Callable[[Facts], bool]:
    """Whether the notice names so many solved cases; to whom it is hidden it names none."""
    return lambda facts: len(facts["it"]["solved"] or ()) > place


USE = tuple(
    ButtonSpec("do:try_solution", f"use_{place}", _other(place - 1), "", _stands_at(place - 1))
    for place in (1, 2, 3)
)

LEARNED: Mapping[str, NoticeSpec] = {
    "decided": NoticeSpec(("decision", "by", "text", "options", "reason", "until"), (ALL,)),
    "decision_outcome": NoticeSpec(("decision", "by", "text", "at"), (JUDGED_WELL, JUDGED_ELSE)),
    "decision_judged": NoticeSpec(("decision", "by", "text", "result", "lesson"), (ALL,)),
    "worked_then": NoticeSpec(("count",), (*USE, SIMILAR), {"solved": ()}),
    "solution_tried": NoticeSpec(("place", "remark"), (TELL, DROP)),
}

# Customers who may meet the same: ``component`` is of the case, ``count`` how many, ``customers``
# the first names, ``people`` those who were asked.
OUTREACH_LIST = ButtonSpec("show:outreach", "outreach", style="primary")
OUTREACH: Mapping[str, NoticeSpec] = {
    "at_risk_found": NoticeSpec(("count", "component"), (OUTREACH_LIST,)),
    "outreach_asked": NoticeSpec(("by", "count", "component", "customers"), (OUTREACH_LIST,)),
    "outreach_sent": NoticeSpec(("count", "people"), (OUTREACH_LIST,)),
    "outreach_waits": NoticeSpec(("count", "component"), (OUTREACH_LIST,)),
    "outreach_silent": NoticeSpec(("count", "component", "people"), (OUTREACH_LIST,)),
    "outreach_over": NoticeSpec(("count", "component", "by")),
    "outreach_ended": NoticeSpec(("count",), (OUTREACH_LIST,)),
}
