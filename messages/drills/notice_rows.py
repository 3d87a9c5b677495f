"""Notices of drills: rows of the notices' table.

``by`` began or ended it, "" where its time was up; ``people`` play it, in a review those for whom
it counts; ``until`` is when it ends by itself. ``went`` are rows of ``step`` and ``how``, a
``Step`` and a ``Went`` of ``bot.rules.learning.drills``.
"""

from collections.abc import Mapping

from messages.kit.notice_spec import ButtonSpec, NoticeSpec

END = ButtonSpec("do:end_drill", "end_drill")
CANCEL = ButtonSpec("do:cancel_drill", "cancel_drill")
CLAIM = ButtonSpec("do:claim", "claim", style="primary", family="button")
AGAIN = ButtonSpec("ask:start_drill", "start_drill")
MINE = ButtonSpec("show:readiness", "own", family="readiness")

DRILLS: Mapping[str, NoticeSpec] = {
    "drill_begun": NoticeSpec(("by", "people", "until"), (CLAIM, END, CANCEL)),
    "drill_invited": NoticeSpec(("by", "people", "until")),
    "drill_reviewed": NoticeSpec(("by", "people", "went"), (MINE, AGAIN)),
    "drill_cancelled": NoticeSpec(("by",), (AGAIN,)),
}
