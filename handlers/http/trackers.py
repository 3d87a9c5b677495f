"""``POST /tracker/<name>``: the webhooks of bug trackers, refused while no secret is set.

What a webhook says is only a reason to look (``bot.bugs.webhooks``).
"""

from functools import partial

from starlette.routing import Route

from bot.bugs.webhooks import may_be_tracker, receive_bug_event
from bot.rules.words import BugTracker
from bot.tickets.webhooks import WebhookServices
from handlers.http.webhooks import signed_route

EVENT_MAX = 2 * 1024 * 1024  # bytes; Jira sends a whole issue


def tracker_routes(services: WebhookServices) -> list[Route]:
    """A route for each bug tracker, which refuses everything while its secret is empty."""
    return [
        signed_route(
            f"/tracker/{name.value}",
            EVENT_MAX,
            partial(may_be_tracker, services, name.value),
            partial(receive_bug_event, services, name.value),
        )
        for name in BugTracker
    ]
