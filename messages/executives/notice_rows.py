"""The notices about executives, and their buttons; see ``messages/cases/notice_table.py``.

``flag_had``, ``contact_logged`` and ``committed`` are said in the case's channel; ``flag_yours``,
``contact_noted`` and ``committed`` are private answers; all others are direct messages.
"""

from collections.abc import Callable, Mapping

from bot.rules.words import Trigger
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given
from messages.meetings import notice_rows as calendars


def _churn(facts: Facts) -> bool:
    """True for a flag that was raised because the customer threatens to cancel."""
    return bool(facts["it"]["trigger"] == Trigger.THREAT_TO_CANCEL)


def _waits(facts: Facts) -> bool:
    """True until an executive has the flag, or it is over."""
    return not facts["it"]["taken"] and not facts["it"]["ended"]


def _asks(*, openly: bool) -> Callable[[Facts], bool]:
    """Make the condition that a question waits, and is shown in the message or only in its form."""
    return lambda facts: not facts["it"]["ended"] and bool(facts["hidden"]) is not openly


def _which_ask(facts: Facts) -> Facts:
    """The question, ``ask:<id>``, that the form to withdraw something opens with."""
    return {"what": f"ask:{facts['it']['ask']}"}


_OPEN, _HIDDEN = _asks(openly=True), _asks(openly=False)
ASKED = {"due": "", "stands_in": "", "ended": "", "ended_by": "", "at": ""}
DECISION = (
    ButtonSpec("do:answer_ask", "approve", take_given("ask", approve=True), "primary", _OPEN),
    ButtonSpec("ask:answer_ask", "decline", take_given("ask", approve=False), "", _OPEN),
    ButtonSpec("ask:answer_ask", "read_and_answer", take_given("ask"), "primary", _HIDDEN),
)
SHOW = ButtonSpec("show:show", "show")
LEGAL_ROOM = ButtonSpec("do:open_legal_room", "open_legal_room", style="primary")
HAVE = ButtonSpec("do:have_flag", "have_flag", style="primary", offered=_waits)
LOG = ButtonSpec("ask:log_contact", "log_contact")
LOG_FIRST = ButtonSpec("ask:log_contact", "log_contact", style="primary")
COMMIT = ButtonSpec("ask:commit", "commit", offered=_churn)
ALL = ButtonSpec("show:contacts", "contacts")
DONE = ButtonSpec("ask:action_done", "action_done", take_given("action"))
WITHDRAW_ASK = ButtonSpec("ask:withdraw", "withdraw_ask", _which_ask)
FLAG = {"due": "", "until": "", "silent": ()}
CALL = ("trigger", "by", "user", "until")
CALLED = {"due": "", "silent": ()}
TALKED = ButtonSpec("ask:breach_talk", "talked", take_given("talk"), "primary")
BREACH_CALL = ("talk", "clock", "due", "until", "user")
CONTACT = ("user", "by", "way", "contact", "at")
TALK = {"outcome": "", "summary": "", "next_on": "", "met": False}
FILED = {"filed": False}  # a legal threat is no more than one
EXECUTIVE_NOTICES: Mapping[str, NoticeSpec] = {
    "legal_hold_begun": NoticeSpec(("by",)),
    "legal_hold_ended": NoticeSpec(("by", "reason")),
    "legal_room": NoticeSpec(("people", "fresh")),
    "legal_room_opened": NoticeSpec(("people", "by")),
    "legal_room_lost": NoticeSpec(("code",), (LEGAL_ROOM,)),
    "legal_room_stays": NoticeSpec(("people", "code"), (SHOW,)),
    "flag_asked": NoticeSpec(
        ("trigger", "by"), (HAVE, SHOW), {**FLAG, "taken": "", "ended": False}
    ),
    "flag_had": NoticeSpec(("trigger", "by", "user"), (LOG, COMMIT), FLAG),
    "flag_yours": NoticeSpec(("until",), (LOG_FIRST, calendars.EXECUTIVE_CALL, SHOW)),
    "flag_unheard": NoticeSpec(("trigger", "by"), (SHOW,), FLAG),
    "executive_call_soon": NoticeSpec(
        ("trigger", "by", "user", "until"), (LOG_FIRST, calendars.EXECUTIVE_CALL, SHOW), CALLED
    ),
    "executive_call_late": NoticeSpec(
        ("trigger", "by", "user", "until"), (LOG_FIRST, SHOW), CALLED
    ),
    "contact_logged": NoticeSpec(CONTACT, (ALL,), TALK),
    "contact_noted": NoticeSpec(CONTACT, (ALL,), TALK),
    "contact_due": NoticeSpec(CONTACT, (LOG_FIRST, ALL), TALK),
    "ask_waits": NoticeSpec(("ask", "question", "by"), DECISION, ASKED),
    "ask_unanswered": NoticeSpec(("ask", "user", "question"), (WITHDRAW_ASK,), {"stands_in": ""}),
    "breach_call_soon": NoticeSpec(BREACH_CALL, (TALKED, calendars.BREACH_CALL, SHOW)),
    "breach_call_late": NoticeSpec(BREACH_CALL, (TALKED, SHOW)),
    "committed": NoticeSpec(("by", "actions")),
    "commitment_late": NoticeSpec(("action",), (DONE,)),
}
