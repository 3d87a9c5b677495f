"""Notices of meetings: rows of the notices' table, and what puts one's calls into a calendar.

``at`` is when it begins, ``minutes`` how long it is, ``note`` where, ``by`` who planned or
cancelled it; ``moved``: it had another time. ``reason`` of a cancelled one may be empty.
"""

from collections.abc import Mapping

from bot.rules.business.calendar_entries import EntryKind
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given

PLAN = ButtonSpec("ask:plan_postmortem", "plan_postmortem")
MOVE = ButtonSpec("ask:plan_postmortem", "move_postmortem")
CALL_OFF = ButtonSpec("ask:cancel_postmortem", "cancel_postmortem")


def _has_time(facts: Facts) -> bool:
    """True where the message says by when the call is due."""
    return bool(facts["it"]["until"])


EXECUTIVE_CALL, BREACH_CALL = (
    ButtonSpec("do:call_to_calendar", "to_calendar", take_given(what=kind), "", _has_time)
    for kind in (EntryKind.EXECUTIVE_CALL.value, EntryKind.BREACH_CALL.value)
)
CONTACT = ButtonSpec("do:touch_to_calendar", "to_calendar", take_given("membership"))
COMES = ButtonSpec("do:answer_postmortem", "i_come", take_given(accept=True), "primary")
COMES_NOT = ButtonSpec("do:answer_postmortem", "i_cannot_come", take_given(accept=False))
SAID = ("at", "minutes", "by")
MEETING_NOTICES: Mapping[str, NoticeSpec] = {
    "meeting_planned": NoticeSpec(
        SAID, (COMES, COMES_NOT, MOVE, CALL_OFF), {"note": "", "moved": False}
    ),
    "postmortem_declined": NoticeSpec(("user", "at"), (MOVE,)),
    "meeting_cancelled": NoticeSpec(SAID, (PLAN,), {"note": "", "reason": ""}),
}
