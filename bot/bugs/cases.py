"""What a look at a bug means for a case: its card, its record, and a word in its channel."""

from typing import Any

from bot import effects
from bot.bugs.seen import Sight
from bot.core.steps import follow_merged, refresh_card
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.bugs.news import BugNews
from bot.rules.lifecycle import LIVE
from bot.rules.words import Role, Status
from storage.in_hand import rows_about
from storage.models import Case, CaseRole


async def hear_of_bug(work: UnitOfWork, case: Case, sight: Sight) -> None:
    """Store what was seen, and tell owner and technical lead once what is new. The case is locked.

    Of a case that is over only a bug that was opened again is told, and of one that was merged the
    case in which it goes on hears all of it.
    """
    told = [BugNews.MOVED] if sight.is_moved(case.bug_key) else []
    news = sight.news_after(case.bug_seen)
    facts = {**sight.facts(case.bug_key, case.bug_seen), "was_bug": case.bug_key}
    seen = sight.to_column(case.bug_seen)
    if seen == case.bug_seen and not told:
        return
    case.bug_seen = seen
    if sight.state is not None:
        case.bug = case.bug_key = sight.state.key
    work.session.add(case)
    for each in [*told, news] if news else told:
        await _tell(work, case, each, facts)
    await refresh_card(work, case)


async def _tell(work: UnitOfWork, case: Case, news: BugNews, facts: dict[str, Any]) -> None:
    """Say one piece of news in the channel, and in the record. The case that hears it is locked.

    Timeline ``bug_<news>``: ``bug``, ``was_bug``, ``version``, ``there`` (the tracker's status),
    ``due`` (a day). The notice ``bug_news`` has ``news``, ``people`` (user ids), and the facts of
    ``Sight.facts``.
    """
    heard = await follow_merged(work.session, case)
    if Status(heard.status) not in LIVE and news is not BugNews.REOPENED:
        return
    after = {name: facts[name] for name in ("bug", "was_bug", "version", "there")}
    work.note(heard, f"bug_{news}", after={**after, "due": facts["expected"] or "–"})
    people = await _who_hears(work, heard)
    extra = {**facts, "news": news.value, "people": people}
    await effects.queue_post(work, heard, "notice:bug_news", extra)


async def _who_hears(work: UnitOfWork, case: Case) -> list[str]:
    """The owner and the technical lead, each once."""
    roles = await rows_about(work.session, CaseRole, case.number)
    leads = [each.user_id for each in roles if each.role == Role.TECHNICAL_LEAD]
    return list(dict.fromkeys([case.owner, *leads]))
