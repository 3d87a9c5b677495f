"""Notices of the decision log: rows of the notices' table.

``decision`` is an id; ``by`` decided, in ``decision_judged`` said how it came out; ``result`` is a
``DecisionOutcome``.
"""

from collections.abc import Mapping

from bot.rules.states import DecisionOutcome
from messages.kit.notice_spec import ButtonSpec, NoticeSpec, take_given

JUDGED_WELL = ButtonSpec(
    "do:judge_decision",
    "decision_worked",
    take_given("decision", outcome=DecisionOutcome.WORKED.value),
    "primary",
)
ALL = ButtonSpec("show:decisions", "all_decisions")
JUDGED_ELSE = ButtonSpec("ask:judge_decision", "decision_else", take_given("decision"))

DECISIONS: Mapping[str, NoticeSpec] = {
    "decided": NoticeSpec(("decision", "by", "text", "options", "reason", "until"), (ALL,)),
    "decision_outcome": NoticeSpec(("decision", "by", "text", "at"), (JUDGED_WELL, JUDGED_ELSE)),
    "decision_judged": NoticeSpec(("decision", "by", "text", "result", "lesson"), (ALL,)),
}
