"""Every notice about a problem, its broadcasts and its talking points: sentence, quotes, buttons.

The sentence of ``name`` is the text ``problem.said.<name>`` in ``problems.toml``; a problem's
notices have no templates. Rows of the outbox name notices, so a name in use is not changed.
Of a known issue ``issue`` is True as well, and the name is ``KI-3``.
``messages/problems/notices.py`` composes the message. The table of cases is
``messages/cases/notice_table.py``.

What ``extra`` carries, all of it JSON. Every notice but ``taken_back`` has ``problem`` (its
number), ``title`` and ``channel`` (an id, "" before there is one); besides these:

``linked``, ``unlinked``
    ``case``, the number, and for the first ``customer``.
``edited``
    ``by``, ``known``, ``scope``, ``rescoped``; ``ended``: the version of the talking points that
    another scope withdrew, or None.
``resolved``
    ``by``, ``remark``, ``cases``: numbers of the cases that are still to be closed.
``affected_added``, ``affected_removed``
    ``customers``: the names added, empty when all were known; ``customer``.
``broadcast_asked``
    ``broadcast``, ``digest`` (SHA-256, hexadecimal, returned by the buttons), ``author``,
    ``audience`` (``all``, ``untold``, ``tier:…``, ``region:…``, ``language:…``), ``count``,
    ``customers``, ``next_update_at``, ``samples``: pairs of a customer and the whole text.
``broadcast_lines``
    ``lines``: pairs of a customer and the parts that differ; page ``at`` of ``of``, from 1.
``broadcast_waits``, ``points_wait``
    ``people``: ids of those asked to approve; ``count`` receivers, or ``version``.
``broadcast_answered``, ``broadcast_noted``, ``points_answered``, ``points_noted``
    ``approve``, ``by``, ``remark``, and ``broadcast`` or ``version``.
``broadcast_sent``
    ``by``, ``broadcast``, ``count``, ``delivered``, ``failed``, ``by_hand``, ``next_update_at``.
``went``
    ``routes``: pairs of a route and a count; ``hand``: customer, recipient and owner of each whom a
    person writes to; ``withheld``: how many were left out.
``by_hand``
    ``receipt`` (the customer's line of the broadcast), ``customer``, ``recipient``, ``text``.
``receipt_failed``
    ``broadcast``, ``customer``, ``recipient``, ``reason``.
``replied``
    ``customer``, ``sender``, ``summary``, ``doubtful``: the mail may be from a stranger.
``retried``
    ``count`` receivers.
``owner_left``, ``untold``
    ``left``, ``heir``, ``user``: user ids; ``code``: Slack's refusal of a direct message to them.
``update_due``
    ``threshold``: ``warn``, ``breach`` or ``ladder``; ``due``. Earlier rows say ``family``.
``points_asked``, ``points_unread``
    ``points``, ``version``, ``say``, ``dont_say``, ``questions``, ``scope``, ``author``,
    ``expires_at``; ``last`` is true in the last reminder to read them.
``points_read``, ``points_withdrawn``, ``points_expired``
    ``version``; ``ended`` is true for a reader who pressed the button too late.
``waiter_added``, ``waiter_changed``, ``waiter_removed``
    ``customer``.
``ship_issue``, ``slip_issue``, ``drop_issue``, ``issue_due``
    ``count`` customers who wait to be told; ``day`` (ISO 8601) of the second and the last. Where
    there is none to tell, it is ``ship_issue_none`` and so on.
``bug_shipped``, ``bug_later``, ``bug_earlier``, ``bug_dated``, ``bug_undated``, ``bug_fixed``,
``bug_dropped``, ``bug_reopened``, ``bug_moved``, ``bug_gone``, ``bug_deleted``, ``bug_hidden``
    ``bug`` and ``was_bug`` (keys), ``there`` and ``answer_there`` (status and resolution in the
    tracker), ``count`` of those who wait, ``ended``: it has shipped or will not be fixed; ``day``
    where there is one.
``bug_not_shown``
    ``bug``, ``reason``.
``no_channel``
    ``code``, ``hindrance``: Slack's refusal, and what stands behind it.
``channel_exposed``
    ``people``: the guests who read the channel; none where another organisation does.

Instants are ISO 8601 with an offset.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.rules.words import Language
from messages.kit.blocks import Block
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given
from messages.problems.lines import sure_to_send


def _plain(it: Facts) -> str:
    """Use the sentence without an ending."""
    return ""


@dataclass(frozen=True, slots=True)
class ProblemNoticeSpec(NoticeSpec):
    """A row of the table.

    ``quotes`` are the facts that are shown below the sentence as people wrote them. ``ending``
    picks the sentence by what was given: ``_late`` makes it ``problem.said.points_read_late``.
    """

    quotes: tuple[str, ...] = ()
    ending: Callable[[Facts], str] = _plain


def _by_answer(it: Facts) -> str:
    """Pick the sentence by the decision; ``approve`` must be given."""
    return "_yes" if it["approve"] else "_no"


def _if_given(fact: str, ending: str) -> Callable[[Facts], str]:
    """Pick the sentence with this ending when the fact is given and not empty."""
    return lambda it: ending if it.get(fact) else ""


def _by_reply(it: Facts) -> str:
    """Pick the sentence by whether it is surely the customer's, and about a known issue."""
    return ("_issue" if it.get("issue") else "") + ("_doubtful" if it.get("doubtful") else "")


def _by_threshold(it: Facts) -> str:
    """Pick the sentence by the threshold; rows of earlier versions call it ``family``."""
    return f"_{it.get('threshold') or it['family']}"  # as rows of earlier versions call it


def _is_outside(facts: Facts) -> bool:
    """True in a direct message or a private answer, where the way to the problem is needed."""
    return not facts["inside"]


def _is_approved(facts: Facts) -> bool:
    return bool(facts["it"]["approve"])


def _may_send(facts: Facts) -> bool:
    """True where the reader may send what was approved; rows of before do not say who may."""
    return _is_approved(facts) and bool(facts["it"].get("may_send", True))


def _sure(facts: Facts, language: Language) -> Block:
    it = facts["it"]
    return sure_to_send(int(it.get("count") or 0), it.get("languages") or (), language)


def _is_issue(facts: Facts) -> bool:
    """True of a known issue; what became a problem has its own ways."""
    return bool(facts["it"].get("issue"))


def _goes_on(facts: Facts) -> bool:
    """True of a known issue for which customers still wait."""
    return _is_issue(facts) and not facts["it"].get("ended")


def _waited(facts: Facts) -> bool:
    """True of a known issue with customers to tell."""
    return _is_issue(facts) and bool(facts["it"].get("count"))


def _by_waiting(it: Facts) -> str:
    """Pick the sentence by whether it became a problem, and whether customers wait."""
    if not it.get("issue"):
        return "_problem"
    return "_waiting" if it.get("count") else ""


def _own_button(
    action: str,
    text: str,
    *names: str,
    style: str = "",
    offered: Callable[[Facts], bool] = lambda facts: True,
    sure: Callable[[Facts, Language], Block] | None = None,
) -> ButtonSpec:
    """Make a button with a text of problems' own; its values are the given facts of these names."""
    given = take_given(*names)
    return ButtonSpec(action, text, given, style, offered, "problem.button", sure)


def _answers(verb: str, *names: str) -> tuple[ButtonSpec, ButtonSpec]:
    """Make the two buttons of a decision: approve at once, or say in a form why not."""
    yes, no = take_given(*names, approve=True), take_given(*names, approve=False)
    return (
        ButtonSpec(f"do:{verb}", "approve", yes, "primary", family="button"),
        ButtonSpec(f"ask:{verb}", "return", no, family="problem.button"),
    )


SHOW = ButtonSpec("show:problem", "show", offered=_is_outside, family="button")
SEND_NOW = _own_button(
    "do:send_broadcast", "send_now", "broadcast", style="primary", offered=_may_send, sure=_sure
)
SHOW_BROADCAST = _own_button("show:broadcast", "broadcast", "broadcast", offered=_is_approved)
SENT_IT = _own_button("ask:sent_by_hand", "sent", "receipt")
SEND_AGAIN = _own_button("do:retry_receipts", "again", "broadcast")
WRITE = _own_button("ask:propose_broadcast", "write")
SHOW_ISSUE = ButtonSpec("show:issue", "show", family="button")
ADD_WAITER = _own_button("ask:add_waiter", "add_waiter")
SHIPPED = _own_button("ask:ship_issue", "ship_issue", style="primary")
SLIPPED = _own_button("ask:slip_issue", "slip_issue")
WRITE_NOTICE = _own_button("ask:propose_broadcast", "write_notice", style="primary")
STEP = (SHOW_ISSUE, _own_button("do:undo_issue", "undo_issue"))
DROPPED = _own_button("ask:drop_issue", "drop_issue", offered=_goes_on)
SHIPPED_OF_BUG = _own_button("ask:ship_issue", "ship_issue", offered=_goes_on)
SLIPPED_OF_BUG = _own_button("ask:slip_issue", "slip_issue", offered=_is_issue)
WRITE_OF_BUG = _own_button(
    "ask:propose_broadcast", "write_notice", style="primary", offered=_waited
)
SHOW_OF_BUG = ButtonSpec("show:issue", "show", offered=_is_issue, family="button")
STEP_OF_BUG = (
    WRITE_OF_BUG, SHOW_OF_BUG, _own_button("do:undo_issue", "undo_issue", offered=_is_issue)
)  # fmt: skip
OF_BUG = ("bug", "was_bug", "there", "count")
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
        ("broadcast", "digest", "samples"),
        _answers("answer_broadcast", "broadcast", "digest"),
        ending=_if_given("issue", "_issue"),
    ),
    "broadcast_lines": ProblemNoticeSpec(("lines",)),
    "broadcast_waits": ProblemNoticeSpec(),
    "broadcast_answered": ProblemNoticeSpec(
        ("broadcast", "approve"), (SEND_NOW, SHOW_BROADCAST), quotes=("remark",), ending=_by_answer
    ),
    "broadcast_noted": ProblemNoticeSpec(("approve",), ending=_by_answer),
    "broadcast_sent": ProblemNoticeSpec(ending=_if_given("by_hand", "_hand")),
    "went": ProblemNoticeSpec(("routes",)),
    "by_hand": ProblemNoticeSpec(
        ("receipt",), (SENT_IT,), quotes=("text",), ending=_if_given("recipient", "_to")
    ),
    "receipt_failed": ProblemNoticeSpec(
        ("broadcast",), (SEND_AGAIN,), quotes=("reason",), ending=_if_given("issue", "_issue")
    ),
    "replied": ProblemNoticeSpec(quotes=("summary",), ending=_by_reply),
    "retried": ProblemNoticeSpec(),
    "owner_left": ProblemNoticeSpec(),
    "untold": ProblemNoticeSpec(("user", "code")),
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
    "channel_exposed": ProblemNoticeSpec(("people",), ending=_if_given("people", "_guest")),
    "channel_made": ProblemNoticeSpec(),
    "issue_added": ProblemNoticeSpec((), (SHOW_ISSUE, ADD_WAITER)),
    "issue_changed": ProblemNoticeSpec((), (SHOW_ISSUE,)),
    "waiter_added": ProblemNoticeSpec(("customer",), (SHOW_ISSUE, ADD_WAITER)),
    "waiter_changed": ProblemNoticeSpec(("customer",), (SHOW_ISSUE, ADD_WAITER)),
    "waiter_removed": ProblemNoticeSpec(("customer",), (SHOW_ISSUE,)),
    "ship_issue": ProblemNoticeSpec(("count",), (WRITE_NOTICE, *STEP)),
    "slip_issue": ProblemNoticeSpec(("count", "day"), (WRITE_NOTICE, *STEP)),
    "drop_issue": ProblemNoticeSpec(("count",), (WRITE_NOTICE, *STEP)),
    "ship_issue_none": ProblemNoticeSpec((), STEP),
    "slip_issue_none": ProblemNoticeSpec(("day",), STEP),
    "drop_issue_none": ProblemNoticeSpec((), STEP),
    "issue_undone": ProblemNoticeSpec((), (SHOW_ISSUE,)),
    "issue_due": ProblemNoticeSpec(("day",), (SHIPPED, SLIPPED, SHOW_ISSUE)),
    "bug_shipped": ProblemNoticeSpec(OF_BUG, STEP_OF_BUG, ending=_by_waiting),
    "bug_later": ProblemNoticeSpec((*OF_BUG, "day"), STEP_OF_BUG, ending=_by_waiting),
    "bug_earlier": ProblemNoticeSpec((*OF_BUG, "day"), (SHOW_OF_BUG,)),
    "bug_dated": ProblemNoticeSpec((*OF_BUG, "day"), (SHOW_OF_BUG,)),
    "bug_undated": ProblemNoticeSpec(OF_BUG, (SLIPPED_OF_BUG, SHOW_OF_BUG)),
    "bug_fixed": ProblemNoticeSpec(OF_BUG, (SHIPPED_OF_BUG, SHOW_OF_BUG)),
    "bug_dropped": ProblemNoticeSpec((*OF_BUG, "answer_there"), (DROPPED, SHOW_OF_BUG)),
    "bug_reopened": ProblemNoticeSpec(OF_BUG, (SLIPPED_OF_BUG, SHOW_OF_BUG)),
    "bug_moved": ProblemNoticeSpec(OF_BUG, (SHOW_OF_BUG,)),
    "bug_gone": ProblemNoticeSpec(OF_BUG, (SHOW_OF_BUG,)),
    "bug_deleted": ProblemNoticeSpec(OF_BUG, (SHOW_OF_BUG,)),
    "bug_hidden": ProblemNoticeSpec(OF_BUG, (SHOW_OF_BUG,)),
    "bug_not_shown": ProblemNoticeSpec(("bug", "reason"), (SHOW_OF_BUG,)),
}
