"""``POST /helpdesk/<name>``: the webhooks of the help desks, signed by each in its own way.

What a webhook says is only a reason to look (``bot.tickets.webhooks``).
"""

from functools import partial

from starlette.routing import Route

from bot.rules.words import HelpDesk
from bot.tickets.webhooks import WebhookServices, may_be_signed, receive_webhook
from handlers.http.webhooks import signed_route

EVENT_MAX = 2 * 1024 * 1024  # bytes; Help Scout sends a whole conversation


def helpdesk_routes(services: WebhookServices) -> list[Route]:
    """A route for each help desk, which refuses everything while its secret is empty."""
    return [
        signed_route(
            f"/helpdesk/{name.value}",
            EVENT_MAX,
            partial(may_be_signed, services, name.value),
            partial(receive_webhook, services, name.value),
        )
        for name in HelpDesk
    ]
