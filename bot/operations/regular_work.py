"""What every process does regularly beside what is due: looking, refreshing, tidying, sealing."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Protocol

from bot.audit.sealing import SEAL_EVERY, seal_records
from bot.compliance.rounds import forget_overdue
from bot.operations import pruning
from bot.operations.pruning import PruningServices
from bot.operations.roster import Roster
from bot.playbooks.drill_reminder import remind_of_drill
from bot.playbooks.own_files import PlaybookServices, refresh_playbooks
from bot.reports.access_review import plan_access_reviews
from bot.reports.ended import keep_ended
from bot.reports.quarterly import PlanningServices, plan_reviews

Work = Callable[[], Awaitable[object]]

HOUR = timedelta(hours=1)


class RegularServices(PruningServices, PlaybookServices, PlanningServices, Protocol):
    """What the regular work needs of the process."""

    @property
    def roster(self) -> Roster:
        """Who has a role in the organisation."""

    async def reconcile(self) -> None:
        """Look where Slack differs from the store."""


def regular_work(
    services: RegularServices, keep_done: timedelta
) -> Mapping[str, tuple[timedelta, Work]]:
    """How often what is done, by its name in logs; what is done is kept for ``keep_done``."""
    hourly: dict[str, Work] = {
        "reconcile": services.reconcile,
        "roster": services.roster.refresh,
        "prune": partial(pruning.prune_done, services, keep_done),
        "playbooks": partial(refresh_playbooks, services),
        "drill": partial(remind_of_drill, services),
        "ended_clocks": partial(keep_ended, services),
        "quarterly_reviews": partial(plan_reviews, services),
        "access_reviews": partial(plan_access_reviews, services),
        "retention": partial(forget_overdue, services),
    }
    each_hour = {name: (HOUR, work) for name, work in hourly.items()}
    return each_hour | {"audit": (SEAL_EVERY, partial(seal_records, services))}
