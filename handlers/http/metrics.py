"""Figures about what Slack delivers, for Prometheus, by HTTP and by Socket Mode.

They are of this process alone: each replica is asked for its own. The names are part of what is
promised to administrators (docs/administrators.md): dashboards and alerts rely on them.
"""

from prometheus_client import Counter, Gauge, Histogram

from bot.clock import stopwatch

ACKNOWLEDGED = Histogram(
    "desk_acknowledgement_seconds",
    "From a delivery's arrival to its acknowledgement; Slack waits for 3",
    ["way"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
)
LAST_DELIVERY = Gauge(
    "desk_last_delivery_age_seconds",
    "Seconds since Slack last delivered anything; since the start while it has not",
)
SOCKET_CONNECTED = Gauge("desk_socket_connected", "1 while Slack can reach us over Socket Mode")
SOCKET_RENEWED = Counter(
    "desk_socket_renewals_total",
    "Socket Mode connections that were replaced, by reason",
    ["reason"],
)
SOCKET_GAP = Counter(
    "desk_socket_gap_seconds_total", "Seconds in which Slack could not reach us over Socket Mode"
)


class _Delivered:
    """When Slack delivered last, or the process began; on the stopwatch.

    Only what was acknowledged counts: a delivery that failed leaves the age growing.
    """

    at = stopwatch()


def count_acknowledged(way: str, arrived: float) -> None:
    """Slack's delivery by ``way`` (``socket``, ``http``) was taken; it came at ``arrived``.

    ``arrived`` is an instant of ``bot.clock.stopwatch``. A delivery that was not answered
    with 200 is not counted.

    The age of the last delivery counts from ``arrived`` on, not from the acknowledgement.
    """
    now = stopwatch()
    _Delivered.at = arrived
    ACKNOWLEDGED.labels(way).observe(now - arrived)


LAST_DELIVERY.set_function(lambda: stopwatch() - _Delivered.at)
