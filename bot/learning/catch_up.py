"""Catching up with a case: what happened since a person last looked, and what is asked of them.

A person has looked up to the entry of the record to which their last brief went, or up to their own
last entry, whichever is later (``ReadMark``). Those who come into a case's channel by themselves,
or are brought by a colleague, are told unasked; those whom the app brought have heard of it.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, select

from bot.core.access import on_case
from bot.core.facts.rows import timeline_facts
from bot.core.steps import authorize_case, case_answer
from bot.engine.access_log import note_read
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, Record
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.facts import TimelineFacts
from bot.rules.learning.news import choose_news
from storage.models import Case, ReadMark, TimelineEvent

SHOWN = 3  # news in a brief
READ = 400  # of the record's newest entries: what lies before is no news
FRESH = timedelta(hours=1)  # for which a brief is not given again unasked


class CatchUp(OnCase):
    """Tell me what I missed. ``arrived``: nobody asked, they came into the case's channel."""

    verb: ClassVar[str] = "catch_up"
    record: ClassVar[Record] = Record.NONE  # who reads does nothing to the case
    arrived: Hidden[bool] = False


async def catch_up(work: UnitOfWork, intent: CatchUp) -> Answer | None:
    """Answer ``brief:case`` with the news, and remember how far this person has read now.

    ``extra``: ``reader`` (a user id), ``news`` (at most ``SHOWN`` entries of the record, as
    ``_as_json`` writes them), ``count`` of all news, ``since_at`` (ISO 8601; absent for a first
    look).

    A person who arrived hears nothing where they may not read the case, are on it, or had a brief
    within ``FRESH``. Raises UserError ``no_such_case``, ``not_your_role`` for all others.
    """
    try:
        case = await authorize_case(work, intent.case, "catch_up")
    except UserError:
        if intent.arrived:
            return None
        raise
    reader = work.actor.user_id
    mark = await work.session.get(ReadMark, (case.number, reader))
    if intent.arrived and (_is_fresh(work, mark) or await on_case(work.session, case, reader)):
        return None
    entry, looked_at = await _last_look(work, mark, reader, case)
    await note_read(work, "catch_up", case)
    rows = await _entries_after(work, case, entry)
    news, count = choose_news([timeline_facts(row) for row in rows], reader, SHOWN)
    mark = mark or ReadMark(case_number=case.number, user_id=reader, entry=0, at=work.now)
    mark.entry, mark.at = rows[-1].id if rows else entry, work.now
    work.session.add(mark)
    since = {"since_at": looked_at.isoformat()} if looked_at else {}
    told = [_as_json(each) for each in news]
    said = {"reader": reader, "news": told, "count": count, **since}
    return case_answer(case, "brief:case", **said)


def _is_fresh(work: UnitOfWork, mark: ReadMark | None) -> bool:
    """Whether they read a brief so lately that another one would only repeat it."""
    return mark is not None and work.now - mark.at < FRESH


async def _last_look(
    work: UnitOfWork, mark: ReadMark | None, reader: str, case: Case
) -> tuple[int, datetime | None]:
    """The id of the entry up to which they have looked, and when; 0 and None for never."""
    query = select(TimelineEvent).where(
        col(TimelineEvent.case_number) == case.number, col(TimelineEvent.actor) == reader
    )
    newest = query.order_by(col(TimelineEvent.id).desc()).limit(1)
    own = (await work.session.exec(newest)).first()
    looks = [(own.id, own.at)] if own else []
    looks += [(mark.entry, mark.at)] if mark else []
    return max(looks, default=(0, None))


async def _entries_after(work: UnitOfWork, case: Case, entry: int) -> Sequence[TimelineEvent]:
    """The case's newest ``READ`` entries after this one, oldest first."""
    query = select(TimelineEvent).where(
        col(TimelineEvent.case_number) == case.number, col(TimelineEvent.id) > entry
    )
    newest = query.order_by(col(TimelineEvent.id).desc()).limit(READ)
    return (await work.session.exec(newest)).all()[::-1]


def _as_json(entry: TimelineFacts) -> dict[str, Any]:
    """An entry as JSON: the fields of ``TimelineFacts``, ``at`` in ISO 8601."""
    return {**asdict(entry), "at": entry.at.isoformat()}
