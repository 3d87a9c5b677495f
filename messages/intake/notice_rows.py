"""Notices of reports, merged cases, tickets and customers' channels: rows of the notices' table.

``duplicate`` is the reference of the other case, ``child`` the number of the one that was merged.
``kept``: both cases keep their tickets. ``written`` is what the help desk did not take: note, tag
or status.
"""

from collections.abc import Mapping

from bot.rules.words import Status
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec


def _is_merged(facts: Facts) -> bool:
    """True while the case goes on in another."""
    return facts["case"].status is Status.MERGED


def _other(facts: Facts) -> Facts:
    """Lead a button to the case in which this one goes on."""
    return {"case": facts["case"].merged_into}


def _child(facts: Facts) -> Facts:
    """Lead a button to the case that was merged into this one."""
    return {"case": facts["it"]["child"]}


SHOW = ButtonSpec("show:show", "show")
SHOW_OTHER = ButtonSpec("show:show", "show_goes_on", _other, "primary", _is_merged)
UNDO = ButtonSpec("do:unmerge", "unmerge", offered=_is_merged)
CHILDS_RECORD = ButtonSpec("show:timeline", "record_of_child", _child)
UNDO_CHILD = ButtonSpec("do:unmerge", "unmerge", _child)
FLAG = ButtonSpec("ask:executive_flag", "executive_flag", style="primary", family="menu")
PROBLEM = ButtonSpec("show:problem", "share_problem", style="primary")

RECORD_ANSWER = ButtonSpec("ask:update", "record_it", style="primary")

INTAKE_NOTICES: Mapping[str, NoticeSpec] = {
    "report_added": NoticeSpec(("by", "summary", "count"), (), {"link": ""}),
    "report_taken": NoticeSpec(("count",), (SHOW,), {"way": ""}),
    "report_resolved": NoticeSpec((), (SHOW,)),
    "call_back": NoticeSpec(("phone",), (), {"caller": ""}),
    "threat_heard": NoticeSpec(("threats", "summary"), (FLAG,)),
    "merged": NoticeSpec(("duplicate", "by"), (SHOW_OTHER, UNDO)),
    "merged_in": NoticeSpec(("duplicate", "child", "by", "summary"), (CHILDS_RECORD, UNDO_CHILD)),
    "unmerged": NoticeSpec(("duplicate", "by"), (SHOW,)),
    "merged_out": NoticeSpec(("duplicate", "by")),
    "merge_other": NoticeSpec(("duplicate",), (PROBLEM,)),
    "slack_waits": NoticeSpec(("reason",)),
    "colleague_wrote": NoticeSpec(("by", "at", "summary"), (RECORD_ANSWER,)),
    "customer_edited": NoticeSpec(("at", "summary"), (), {"before_text": ""}),
    "customer_deleted": NoticeSpec(("at",)),
    "ticket_merged": NoticeSpec(("desk", "url"), (), {"duplicate": "", "kept": False}),
    "ticket_not_set": NoticeSpec(("desk", "written", "url"), (), {"reason": ""}),
}
