"""What a process looks at every few seconds, whatever else it does: the clocks, whether Slack
answers again, schedules of pagers that are due, how many replicas share Slack's limits.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

import structlog

from bot.engine.delivery import Delivery
from bot.errors import say_broken
from bot.operations.roster import Roster
from bot.operations.time_watch import TimeServices, TimeWatch
from messages.clients.slack import Slack, SlackError
from storage import wakeups

WATCH_EVERY = 5.0  # seconds between looks

log = structlog.get_logger()


class WatchServices(TimeServices, Protocol):
    """What the watch needs of the process."""

    @property
    def delivery(self) -> Delivery:
        """What is shown in Slack."""

    @property
    def roster(self) -> Roster:
        """Who has the roles of the policy."""

    def background(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do this beside everything else."""


async def keep_watch(services: WatchServices, plan_all: Callable[[], None]) -> None:
    """Look for ever; ``plan_all`` is called when the machine's clock was set.

    Clocks that are wrong are noticed before anything waits for them to come round. While Slack does
    not answer it is asked each time, since what waits may be too patient to notice.
    """
    watch = TimeWatch(services)
    services.slack.on_back = lambda: services.background(_show_what_waited(services), "back")
    while True:
        try:
            if await watch.look():
                plan_all()
            if services.roster.look_is_due:
                services.background(services.roster.look(), "schedules")
            if services.slack.outage.is_on:
                services.background(_ask_slack(services.slack), "probe")
            if not services.database.is_sqlite:
                await _share_limits(services)
        except Exception as fault:  # noqa: BLE001 - logged there, and looked at again
            say_broken(fault, "clocks")
        await asyncio.sleep(WATCH_EVERY)


async def _share_limits(services: WatchServices) -> None:
    """Take this process's part of Slack's limits, by how many replicas there are now."""
    async with services.database.read() as session:
        services.delivery.limits.divide(await wakeups.count_replicas(session))


async def _ask_slack(slack: Slack) -> None:
    with suppress(SlackError):
        await slack.call("api.test")


async def _show_what_waited(services: WatchServices) -> None:
    """Slack answers again: try at once what waits for another try, by now perhaps for minutes."""
    if rows := await services.delivery.claims.free_waiting("slack"):
        log.info("slack_is_back", freed=rows)
