"""Notices of what customers answer, of their status pages and of calls after a breach.

Rows of the notices' table (``messages/cases/notice_table.py``), which says what the facts are.
"""

from collections.abc import Mapping

from bot.rules.lifecycle import OPEN, RESOLVED
from bot.rules.words import MessageKind
from messages.customers.concession_notices import ASK_MONEY
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec, take_given
from messages.meetings import notice_rows as calendars


def _surveyed(facts: Facts) -> bool:
    """True for an answer at the end, after which the customer hears what we changed."""
    return facts["it"]["page"] == "survey" and facts["case"].status in RESOLVED


def _low_open(facts: Facts) -> bool:
    """Offer the composer after a low score while the case is open."""
    return bool(facts["it"]["low"] and facts["case"].status in OPEN)


def _low_ended(facts: Facts) -> bool:
    """Offer to reopen after a low score once the case is resolved."""
    return bool(facts["it"]["low"] and facts["case"].status in RESOLVED)


CHANGED = ButtonSpec(
    "ask:update", "write_changed", take_given(kind=MessageKind.WHAT_CHANGED.value), "", _surveyed
)
TALKED = ButtonSpec("ask:breach_talk", "talked", take_given("talk"), "primary")
CALL = ButtonSpec(
    "ask:update", "write_update", take_given(kind=MessageKind.UPDATE.value), "primary", _low_open
)
REOPEN_LOW = ButtonSpec("ask:reopen", "not_fixed", offered=_low_ended)
UNSHARE = ButtonSpec("do:revoke_status", "unshare")

FEEDBACK_NOTICES: Mapping[str, NoticeSpec] = {
    "ask_yourself": NoticeSpec(("page", "url")),
    "customer_answered": NoticeSpec(
        ("page", "score"),
        (CALL, REOPEN_LOW, CHANGED),
        {"effort": None, "comment": "", "low": False, "changed": False, "due": ""},
    ),
    "status_page": NoticeSpec(("url", "until"), (UNSHARE,)),
    "status_page_gone": NoticeSpec(),
    "breach_brief": NoticeSpec(
        ("talk", "clock", "due"),
        (TALKED, calendars.BREACH_CALL, ASK_MONEY),
        {"own_limit": None, "next_limit": None, "until": ""},
    ),
    "breach_talked": NoticeSpec(("by", "way", "outcome"), (), {"offered": "", "promised": ""}),
}
