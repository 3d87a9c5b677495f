"""What a look at its issue means for an action item: a word to its owner, and nothing by itself.

An issue that is done is a reason to ask for evidence. Whether the item is done is for people: its
owner says so, and another looks (``bot/learning/action_ends.py``).
"""

from typing import Any

from bot import effects
from bot.bugs.seen import UNSHOWN, Sight
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.bugs.news import BugNews, find_news_of_work
from storage.models import ActionItem, Case


async def hear_of_action_issue(
    work: UnitOfWork, case: Case, action: ActionItem, sight: Sight
) -> bool:
    """Store what was seen, and tell the owner once what is new. The item's case is locked.

    True where the item looks different now; redrawing the card is left to the caller. Of an item
    that is said to be done, or is done, only an issue that was opened again is told. One that was
    moved is followed and only recorded: its owner has nothing to do.
    """
    news = sight.news_after(action.bug_seen, find_news_of_work)
    facts = sight.facts(action.bug_key, action.bug_seen)
    was, seen = action.bug_key, sight.to_column(action.bug_seen)
    moved = sight.is_moved(was)
    if seen == action.bug_seen and not moved:
        return False
    action.bug_seen = seen
    if sight.state is not None:
        action.bug = action.bug_key = sight.state.key
    work.session.add(action)
    if moved:
        _note(work, case, action, BugNews.MOVED, {**facts, "was_bug": was})
    if news is not None and _is_told(action, news):
        _note(work, case, action, news, facts)
        await tell_owner(work, case, action, news.value, facts)
    return True


def _is_told(action: ActionItem, news: BugNews) -> bool:
    """Whether its owner hears of it; of what is said to be done, only that the issue is not."""
    to_do = action.done_at is None and action.reported_at is None
    return to_do or news is BugNews.REOPENED


def _note(
    work: UnitOfWork, case: Case, action: ActionItem, news: BugNews, facts: dict[str, Any]
) -> None:
    """Record the news. Timeline ``action_bug_<news>``.

    ``action``, ``title``, ``bug``, ``there`` (the tracker's status), of one that was moved
    ``was_bug``.
    """
    said: dict[str, Any] = {"action": action.id, "title": action.title}
    said |= {name: facts[name] for name in ("bug", "was_bug", "there") if name in facts}
    work.note(case, f"action_bug_{news}", after=said)


async def tell_owner(
    work: UnitOfWork, case: Case, action: ActionItem, news: str, facts: dict[str, Any]
) -> None:
    """Tell the item's owner by a direct message.

    The notice ``action_bug`` has ``action``, ``news`` (a ``BugNews``, or ``unshown``), ``bug``,
    ``url``, ``there`` and ``answer_there`` (status and resolution in the tracker's words).
    """
    names = ("bug", "url", "there", "answer_there")
    extra = {"action": action.id, "news": news} | {name: facts.get(name, "") for name in names}
    await effects.queue_dm(work, action.owner, "notice:action_bug", case, extra)


async def tell_issue_unshown(
    work: UnitOfWork, case: Case, action: ActionItem, url: str, refusal: str
) -> None:
    """Say once to its owner that the issue shows no link to the item. The case is locked.

    Timeline ``action_bug_unshown``: ``action``, ``title``, ``bug``, the reason as why.
    """
    if action.bug_seen.get(UNSHOWN):
        return
    action.bug_seen = {**action.bug_seen, UNSHOWN: True}
    work.session.add(action)
    said = {"action": action.id, "title": action.title, "bug": action.bug_key}
    work.note(case, "action_bug_unshown", after=said, why=refusal)
    facts = {"bug": action.bug_key, "url": url, "answer_there": refusal}
    await tell_owner(work, case, action, UNSHOWN, facts)
