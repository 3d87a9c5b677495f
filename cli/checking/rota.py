"""What ``check`` tells of the rota: when no one will be on duty."""

from datetime import datetime, timedelta

from bot.rules.duty import AHEAD
from bot.rules.local_time import known_zone
from bot.rules.policy.load import Policy

HOUR = timedelta(hours=1)


def list_gaps(policy: Policy, now: datetime) -> list[str]:
    """One line where the shifts leave gaps; who is away is known to the store alone.

    Where the names of ``policy`` were not looked up, a shift counts as filled that names anybody.
    """
    gaps = policy.rota().find_gaps(now, now + AHEAD)
    if not gaps:
        return []
    open_hours = round(sum((gap.ends - gap.begins for gap in gaps), timedelta()) / HOUR)
    zone = known_zone(policy.timezone)
    first, last = (f"{at.astimezone(zone):%a %d %b %H:%M}" for at in (gaps[0].begins, gaps[0].ends))
    share = f"{open_hours} of the next {round(AHEAD / HOUR)} hours"
    return [f"duty.shifts: nobody is on duty for {share}, at first from {first} to {last}"]
