"""What ``check`` tells of the rota: when no one will be on duty."""

from datetime import datetime

from bot.rules.local_time import known_zone
from bot.rules.policy.load import Policy
from bot.rules.setup import measure_gaps


def list_gaps(policy: Policy, now: datetime) -> list[str]:
    """One line where the shifts leave gaps; who is away is known to the store alone.

    Where the names of ``policy`` were not looked up, a shift counts as filled that names anybody.
    """
    short = measure_gaps(policy, now)
    if short is None:
        return []
    zone = known_zone(policy.timezone)
    first, last = (f"{at.astimezone(zone):%a %d %b %H:%M}" for at in (short.begins, short.ends))
    share = f"{short.hours} of the next {short.of} hours"
    return [f"duty.shifts: nobody is on duty for {share}, at first from {first} to {last}"]
