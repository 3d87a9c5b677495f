"""When the process does what comes round by time: the tick at the next due instant, regular work.

APScheduler stores nothing here: the database says what is due. It goes by the machine's clock, so
everything is planned again when that was set. A tick every ``TICK_EVERY`` catches what a timer has
missed. Several replicas all tick; ``bot.engine.due`` keeps them apart by locks.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import TimeSource

TICK_EVERY = timedelta(seconds=30)  # the net beneath the timer that is set to the next due instant

Work = Callable[[], Awaitable[Any]]


class Scheduler:
    """The timers of one process.

    ``regular`` is done each time that so long has passed, counted from the planning; ``once`` is
    done so long after each planning. APScheduler logs what a job raises, and the next run follows
    all the same.
    """

    def __init__(
        self,
        clock: TimeSource,
        tick: Work,
        regular: Mapping[str, tuple[timedelta, Work]],
        once: Mapping[str, tuple[timedelta, Work]],
    ) -> None:
        """Plan nothing yet; ``tick`` is done at each instant at which something is due.

        ``regular`` is done again and again after its span, ``once`` a single time after it; both by
        name.
        """
        self._clock = clock
        self._tick = tick
        self._regular = regular
        self._once = once
        self._timers = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Plan everything and let the timers run."""
        self.plan_all()
        self._timers.start()

    def stop(self) -> None:
        """Let no timer run out any more; work that has begun is not ended."""
        if self._timers.running:
            self._timers.shutdown(wait=False)

    def plan_all(self) -> None:
        """Plan what comes round; again when the machine's clock was set."""
        self._plan("net", self._tick, IntervalTrigger(seconds=TICK_EVERY.total_seconds()))
        for name, (every, work) in self._regular.items():
            self._plan(name, work, IntervalTrigger(seconds=every.total_seconds()))
        for name, (delay, work) in self._once.items():
            self._plan(name, work, DateTrigger(self._clock.real() + delay))

    def plan_tick(self, due: datetime | None) -> None:
        """Tick when ``due`` comes by the time of the cases, at once if it is past; None: never."""
        if due is None or not self._timers.running:
            return
        ahead = max(due - self._clock.now(), timedelta(0))
        self._timers.add_job(
            self._tick,
            DateTrigger(self._clock.real() + ahead),
            id="next",
            replace_existing=True,
            max_instances=2,  # one may wait for another that is at work
            misfire_grace_time=None,
        )

    def _plan(self, name: str, work: Work, trigger: Any) -> None:
        self._timers.add_job(work, trigger, id=name, max_instances=1, replace_existing=True)
