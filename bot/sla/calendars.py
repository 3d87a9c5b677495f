"""Which calendar a case's clocks count on, stored so that events can name it for good."""

from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.policy.model import ClockPolicy
from storage.in_hand import account_of
from storage.models import CalendarSpec, Case
from storage.upsert import upsert_row

STORED = "calendars"  # the key under which a session remembers which calendars it has stored
# By database: the calendars that are there for good. None is ever deleted, so each is asked once.
_SEEN: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()


async def choose_calendar(work: UnitOfWork, policy: ClockPolicy, case: Case) -> str:
    """The name of the calendar on which a clock of the case counts.

    The account's own working hours, if it has any; a clock that never closes stays so.
    """
    with work.session.no_autoflush:
        account = await account_of(work.session, case)
    own = account.calendar if account else None
    if own is None or own not in work.policy.calendars:
        return policy.calendar
    return policy.calendar if work.policy.calendars[policy.calendar].never_closes else own


async def store_calendar(work: UnitOfWork, name: str) -> str:
    """The key of a calendar of the policy; stored first if no clock has used this content yet."""
    calendar = work.policy.calendars[name]
    stored: set[str] = work.session.info.setdefault(STORED, set())
    seen = _SEEN.setdefault(work.session.get_bind().engine, set())
    if calendar.key not in stored | seen:
        with work.session.no_autoflush:
            there = await work.session.get(CalendarSpec, calendar.key)
        if there is None:
            spec = CalendarSpec(key=calendar.key, name=name, spec=calendar.spec())
            await upsert_row(work.session, spec)
        stored.add(calendar.key)
        event.listen(
            work.session.sync_session, "after_commit", lambda _: seen.add(calendar.key), once=True
        )
    return calendar.key
