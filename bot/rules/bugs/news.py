"""What of a change of a bug people hear of, and what it means for the day that was told. Pure."""

from datetime import date
from enum import StrEnum

from bot.rules.bugs.state import BugStage, BugState


class BugNews(StrEnum):
    """What happened to a bug that those who wait for it want to know.

    ``MOVED``: it has another key. ``GONE``, ``DELETED`` and ``HIDDEN`` are the troubles.
    """

    SHIPPED = "shipped"
    FIXED = "fixed"
    DROPPED = "dropped"
    REOPENED = "reopened"
    LATER = "later"
    EARLIER = "earlier"
    DATED = "dated"
    UNDATED = "undated"
    MOVED = "moved"
    GONE = "gone"
    DELETED = "deleted"
    HIDDEN = "hidden"


STAGE_NEWS = {
    BugStage.SHIPPED: BugNews.SHIPPED,
    BugStage.FIXED: BugNews.FIXED,
    BugStage.DROPPED: BugNews.DROPPED,
}
AHEAD = frozenset({BugStage.OPEN, BugStage.FIXED})  # the repair is still to come


def find_news(before: BugState | None, now: BugState) -> BugNews | None:
    """What is new in how the repair stands; None for nothing that is worth a word.

    Of a bug that is read for the first time only an end is news: the rest is shown with the link.
    """
    was = before.stage if before else BugStage.OPEN
    if now.stage is not was:
        back = now.stage is BugStage.OPEN or (was, now.stage) == (BugStage.SHIPPED, BugStage.FIXED)
        return BugNews.REOPENED if back else STAGE_NEWS[now.stage]
    if before is None or now.stage not in AHEAD:
        return None
    return _of_days(before.fix_day, now.fix_day)


def find_news_of_work(before: BugState | None, now: BugState) -> BugNews | None:
    """The same for those who wait for the work itself, not for the version that brings it.

    One of ``FIXED``: it is done, ``DROPPED``: it was closed without being done, ``REOPENED``.
    """
    was, ended = _end_of_work(before), _end_of_work(now)
    if was is ended:
        return None
    return ended or BugNews.REOPENED


def _end_of_work(state: BugState | None) -> BugNews | None:
    if state is None or not state.done:
        return None
    return BugNews.DROPPED if state.stage is BugStage.DROPPED else BugNews.FIXED


def _of_days(before: date | None, now: date | None) -> BugNews | None:
    if before == now:
        return None
    if before is None:
        return BugNews.DATED
    if now is None:
        return BugNews.UNDATED
    return BugNews.LATER if now > before else BugNews.EARLIER


def day_to_expect(
    before: BugState | None, now: BugState, expected: date | None, today: date
) -> date | None:
    """The day on which a known issue is expected from now on; None: what stands, stands.

    A later day is taken over whenever it is new, and an earlier one only where the expected day was
    the bug's own: people may have promised more caution than the developers plan. A day that has
    passed is nothing to expect.
    """
    day, was = now.fix_day, before.fix_day if before else None
    if now.stage not in AHEAD or day is None or day < today or day in (expected, was):
        return None
    return day if expected is None or day > expected or expected == was else None
