"""The notices about the bug that a case waits for, as rows of the table of all notices.

``bug_news`` says by ``news`` (a ``BugNews``) what happened: ``bug`` and ``was_bug`` are keys,
``there`` the tracker's status, ``answer_there`` its resolution, ``expected`` a day or empty,
``people`` the user ids of those who are called.
"""

from collections.abc import Mapping

from bot.rules.bugs.news import BugNews
from messages.kit.notice_spec import ButtonSpec, Facts, NoticeSpec

UNLINK_BUG = ButtonSpec("do:unlink_bug", "unlink")
ENDS = frozenset({BugNews.SHIPPED, BugNews.LATER, BugNews.DATED, BugNews.EARLIER})


def _to_tell(facts: Facts) -> bool:
    """True for news that the customer may want to hear."""
    return facts["it"]["news"] in ENDS


def _is_lost(facts: Facts) -> bool:
    """True where the link leads nowhere."""
    return facts["it"]["news"] in (BugNews.GONE, BugNews.DELETED)


BUG_NOTICES: Mapping[str, NoticeSpec] = {
    "bug_linked": NoticeSpec(("bug", "tracked"), (UNLINK_BUG,)),
    "bug_unlinked": NoticeSpec(("bug",)),
    "bug_news": NoticeSpec(
        ("news", "bug", "was_bug", "url", "there", "version", "expected", "answer_there", "people"),
        (
            ButtonSpec("ask:update", "write_of_bug", style="primary", offered=_to_tell),
            ButtonSpec("do:unlink_bug", "unlink", offered=_is_lost),
        ),
    ),
    "bug_not_shown": NoticeSpec(("bug", "url", "reason")),
}
