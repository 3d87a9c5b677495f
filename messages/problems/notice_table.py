"""Every notice about a problem, its broadcasts and its talking points: sentence, quotes, buttons.

The sentence of ``name`` stands under ``problem.said.<name>`` in ``problems.toml``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given


def _plain(it: Facts) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class ProblemNoticeSpec(NoticeSpec):
    """``quotes`` are facts that stand below the sentence as people wrote them.

    ``ending`` picks the sentence by what was given: ``_late`` of ``points_read_late``.
    """

    quotes: tuple[str, ...] = ()
    ending: Callable[[Facts], str] = _plain


def _by_answer(it: Facts) -> str:
    return "_yes" if it["approve"] else "_no"


def _if_given(fact: str, ending: str) -> Callable[[Facts], str]:
    return lambda it: ending if it.get(fact) else ""


def _by_threshold(it: Facts) -> str:
    return f"_{it.get('threshold') or it['family']}"  # as rows of earlier versions call it


def _is_outside(facts: Facts) -> bool:
    return not facts["inside"]


def _is_approved(facts: Facts) -> bool:
    return bool(facts["it"]["approve"])


def _own_button(
    action: str,
    text: str,
    *names: str,
    style: str = "",
    offered: Callable[[Facts], bool] | None = None,
) -> ButtonSpec:
    """A button with a text of problems' own, and these of the given facts as its values."""
    given = {"offered": offered} if offered else {}
    return ButtonSpec(action, text, take_given(*names), style, family="problem.button", **given)


def _answers(verb: str, *names: str) -> tuple[ButtonSpec, ButtonSpec]:
    """Approve at once, or say in a form why not."""
    yes, no = take_given(*names, approve=True), take_given(*names, approve=False)
    return (
        ButtonSpec(f"do:{verb}", "approve", yes, "primary", family="button"),
        ButtonSpec(f"ask:{verb}", "return", no, family="problem.button"),
    )


SHOW = ButtonSpec("show:problem", "show", offered=_is_outside, family="button")
SEND_NOW = _own_button(
    "do:send_broadcast", "send_now", "broadcast", style="primary", offered=_is_approved
)
SHOW_BROADCAST = _own_button("show:broadcast", "broadcast", "broadcast", offered=_is_approved)
SENT_IT = _own_button("ask:sent_by_hand", "sent", "receipt")
SEND_AGAIN = _own_button("do:retry_receipts", "again", "broadcast")
WRITE = _own_button("ask:propose_broadcast", "write")
READ = ButtonSpec("do:read_points", "read", take_given("points"), "primary", family="points")

PROBLEM_NOTICES: Mapping[str, ProblemNoticeSpec] = {
    "opened": ProblemNoticeSpec(presses=(SHOW,)),
    "linked": ProblemNoticeSpec(presses=(SHOW,)),
    "unlinked": ProblemNoticeSpec(),
    "edited": ProblemNoticeSpec(quotes=("known", "scope"), ending=_if_given("ended", "_ended")),
    "noted": ProblemNoticeSpec(),
    "resolved": ProblemNoticeSpec(quotes=("remark",)),
    "affected_added": ProblemNoticeSpec(ending=lambda it: "" if it.get("customers") else "_known"),
    "affected_removed": ProblemNoticeSpec(),
    "broadcast_asked": ProblemNoticeSpec(
        ("broadcast", "digest", "samples"), _answers("answer_broadcast", "broadcast", "digest")
    ),
    "broadcast_lines": ProblemNoticeSpec(("lines",)),
    "broadcast_waits": ProblemNoticeSpec(),
    "broadcast_answered": ProblemNoticeSpec(
        ("broadcast", "approve"), (SEND_NOW, SHOW_BROADCAST), quotes=("remark",), ending=_by_answer
    ),
    "broadcast_noted": ProblemNoticeSpec(("approve",), ending=_by_answer),
    "broadcast_sent": ProblemNoticeSpec(ending=_if_given("by_hand", "_hand")),
    "by_hand": ProblemNoticeSpec(("receipt",), (SENT_IT,), quotes=("text",)),
    "receipt_failed": ProblemNoticeSpec(("broadcast",), (SEND_AGAIN,), quotes=("reason",)),
    "replied": ProblemNoticeSpec(quotes=("summary",), ending=_if_given("doubtful", "_doubtful")),
    "retried": ProblemNoticeSpec(),
    "owner_left": ProblemNoticeSpec(),
    "update_due": ProblemNoticeSpec((), (WRITE,), ending=_by_threshold),
    "points_asked": ProblemNoticeSpec(("points",), _answers("answer_points", "points")),
    "points_wait": ProblemNoticeSpec(),
    "points_answered": ProblemNoticeSpec(("approve",), quotes=("remark",), ending=_by_answer),
    "points_noted": ProblemNoticeSpec(("approve",), ending=_by_answer),
    "points_read": ProblemNoticeSpec(ending=_if_given("ended", "_late")),
    "points_withdrawn": ProblemNoticeSpec(),
    "points_expired": ProblemNoticeSpec(),
    "points_unread": ProblemNoticeSpec(("points",), (READ,)),
    "taken_back": ProblemNoticeSpec(),
    "no_channel": ProblemNoticeSpec(("code", "hindrance")),
    "channel_made": ProblemNoticeSpec(),
}
