"""Figures for Prometheus that must be looked up: what waits, what is overdue.

They are gauges of the whole store: every replica reports the same, so they must not be summed.
``AHEAD`` alone is the process's own.
"""

from datetime import timedelta
from typing import Protocol

from prometheus_client import Gauge
from sqlmodel import col, func, select

from bot.clock import TimeSource
from bot.engine.delivery import ALERT_AFTER
from bot.rules.states import InboxState, OutboxState
from messages.clients.slack import Slack
from storage.database import Database
from storage.models import Clock, Inbox, Outbox

OUTBOX_DEPTH = Gauge("desk_outbox_depth", "Effects by state: pending, failing, refused", ["state"])
OUTBOX_AGE = Gauge("desk_outbox_oldest_seconds", "Age of the oldest effect that waits")
INBOX_DEPTH = Gauge("desk_inbox_depth", "Accepted requests that are not carried out yet")
AHEAD = Gauge("desk_clock_ahead_of_slack_seconds", "How far our clock is ahead of Slack's")
OVERDUE = Gauge("desk_clocks_overdue", "Clocks whose reminder should have been queued by now")


class MetricsServices(Protocol):
    """What measuring needs of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def slack(self) -> Slack:
        """The workspace."""


async def measure_gauges(services: MetricsServices) -> None:
    """Bring the gauges up to date, by counts of one read session.

    Ages are seconds and never negative; an empty outbox has age 0, and a clock that was not yet
    held against Slack's counts as not ahead. ``failing`` effects are among the ``pending`` ones.
    """
    now = services.clock.now()
    AHEAD.set((services.slack.time.ahead or timedelta(0)).total_seconds())
    pending, waiting = (
        col(Outbox.state) == OutboxState.PENDING,
        col(Inbox.state) == InboxState.PENDING,
    )
    counts = {
        OUTBOX_DEPTH.labels("pending"): select(func.count(col(Outbox.id))).where(pending),
        OUTBOX_DEPTH.labels("failing"): select(func.count(col(Outbox.id))).where(
            pending, col(Outbox.attempts) >= ALERT_AFTER
        ),
        OUTBOX_DEPTH.labels("refused"): select(func.count(col(Outbox.id))).where(
            col(Outbox.state) == OutboxState.REFUSED
        ),
        INBOX_DEPTH: select(func.count(col(Inbox.id))).where(waiting),
        OVERDUE: select(func.count(col(Clock.name))).where(col(Clock.next_fire_at) < now),
    }
    async with services.database.read() as session:
        for gauge, query in counts.items():
            gauge.set((await session.exec(query)).one())
        oldest = select(Outbox.queued_at).where(pending).order_by(col(Outbox.id)).limit(1)
        since = (await session.exec(oldest)).first()
    OUTBOX_AGE.set(max((now - since).total_seconds(), 0.0) if since else 0.0)
