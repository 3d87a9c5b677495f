"""Notices of action items: rows of the notices' table.

``action`` is found again in the case (``item``). ``by`` did it, ``user`` is who was offered the
item or has it now; ``was_due`` is the day until now. ``news`` of its issue are a ``BugNews``, or
``unshown``: the tracker refused our link there, for the reason in ``answer_there``.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.rules.bugs.news import BugNews
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given


def _to_do(facts: Facts) -> bool:
    """True while it is to be done."""
    item = facts["it"]["item"]
    return item.done_at is None and not item.waits


def _waits(facts: Facts) -> bool:
    """True while it is said to be done and was not looked at."""
    return bool(facts["it"]["item"].waits)


def _dropped(facts: Facts) -> bool:
    """True while it is dropped."""
    return bool(facts["it"]["item"].dropped_why) or facts["it"]["item"].done_at is not None


DONE = ButtonSpec("ask:action_done", "action_done", take_given("action"), "primary", _to_do)
REASSIGN = ButtonSpec("ask:reassign_action", "reassign_action", take_given("action"), "", _to_do)
DROP = ButtonSpec("ask:drop_action", "drop_action", take_given("action"), "", _to_do)
EDIT = ButtonSpec("ask:edit_action", "edit_action", take_given("action"), "", _to_do)
YOURS = (DONE, REASSIGN, EDIT, DROP)
VERIFY = ButtonSpec(
    "do:verify_action", "verify_action", take_given("action", accept=True), "primary", _waits
)
NOT_YET = ButtonSpec(
    "ask:verify_action", "not_yet_done", take_given("action", accept=False), "", _waits
)
AGAIN = ButtonSpec("do:reopen_action", "reopen_action", take_given("action"), "", _dropped)
OFFER = (
    ButtonSpec(
        "do:answer_action_offer", "take_action", take_given("action", accept=True), "primary"
    ),
    ButtonSpec("ask:answer_action_offer", "decline_action", take_given("action", accept=False)),
)


def _is_done_there(facts: Facts) -> bool:
    """True while it is to be done, and its issue is done."""
    return facts["it"]["news"] == BugNews.FIXED and _to_do(facts)


def _to_change(facts: Facts) -> bool:
    """True while it is to be done, and its issue is done without it, or cannot be read."""
    return facts["it"]["news"] in CHANGE_ON and _to_do(facts)


def _to_drop(facts: Facts) -> bool:
    """True while it is to be done, and its issue is closed without it."""
    return facts["it"]["news"] == BugNews.DROPPED and _to_do(facts)


def _to_take_up(facts: Facts) -> bool:
    """True where it is said to be done, or is done, and its issue is not any more."""
    return facts["it"]["news"] == BugNews.REOPENED and not _to_do(facts)


CHANGE_ON = (BugNews.DROPPED, BugNews.GONE, BugNews.DELETED, BugNews.HIDDEN)
OF_ISSUE = (
    replace(DONE, offered=_is_done_there),
    replace(EDIT, offered=_to_change),
    replace(DROP, offered=_to_drop),
    replace(AGAIN, offered=_to_take_up),
)

ACTION_NOTICES: Mapping[str, NoticeSpec] = {
    "action_given": NoticeSpec(("action",), YOURS),
    "action_due": NoticeSpec(("action",), YOURS),
    "action_done": NoticeSpec(("action", "by"), (VERIFY, NOT_YET), {"evidence": ""}),
    "action_verified": NoticeSpec(("action", "by"), (AGAIN,), {"remark": ""}),
    "action_returned": NoticeSpec(("action", "by", "remark"), YOURS),
    "action_dropped": NoticeSpec(("action", "by", "reason"), (AGAIN,)),
    "action_reopened": NoticeSpec(("action", "by"), YOURS),
    "action_changed": NoticeSpec(("action", "by", "was_due"), YOURS),
    "action_offered": NoticeSpec(("action", "by", "user"), OFFER, {"note": ""}),
    "action_passing": NoticeSpec(("action", "by", "user"), (DONE,), {"note": ""}),
    "action_offer_over": NoticeSpec(("action", "by")),
    "action_declined": NoticeSpec(("action", "user", "reason"), YOURS),
    "action_taken": NoticeSpec(("action", "user")),
    "action_bug": NoticeSpec(("action", "news", "bug", "url", "there", "answer_there"), OF_ISSUE),
}
