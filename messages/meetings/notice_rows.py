"""Notices of meetings: rows of the notices' table.

``at`` is when it begins, ``minutes`` how long it is, ``note`` where, ``by`` who planned or
cancelled it; ``moved``: it had another time. ``reason`` of a cancelled one may be empty.
"""

from collections.abc import Mapping

from messages.kit.notice_spec import ButtonSpec, NoticeSpec

PLAN = ButtonSpec("ask:plan_postmortem", "plan_postmortem")
MOVE = ButtonSpec("ask:plan_postmortem", "move_postmortem")
CALL_OFF = ButtonSpec("ask:cancel_postmortem", "cancel_postmortem")
SAID = ("at", "minutes", "by")
MEETING_NOTICES: Mapping[str, NoticeSpec] = {
    "meeting_planned": NoticeSpec(SAID, (MOVE, CALL_OFF), {"note": "", "moved": False}),
    "meeting_cancelled": NoticeSpec(SAID, (PLAN,), {"note": "", "reason": ""}),
}
