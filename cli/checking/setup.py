"""What ``check`` tells of the first steps: the same that administrators see in App Home."""

from bot.rules.policy.load import Policy
from bot.rules.setup import is_delivered_calendar, list_unnamed


def list_setup(policy: Policy) -> list[str]:
    """A line for each needed role without a name in the policy, and one for the calendar.

    None of them keeps the app from running.
    """
    found = [f"[roles] {role.value}: nobody is named" for role in list_unnamed(policy)]
    if is_delivered_calendar(policy):
        found.append(
            "calendars.business: as it came with the app, weekdays 09:00 to 17:00 with the"
            " holidays of Greece"
        )
    return found
