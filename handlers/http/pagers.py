"""``POST /pager/pagerduty`` and ``/pager/opsgenie``: refused while no secret is set."""

from functools import partial

from starlette.routing import Route

from bot.paging.webhooks import PagerServices, may_be_told, receive_told
from bot.rules.duty.pagers import PagerName
from handlers.http.webhooks import signed_route

EVENT_MAX = 1024 * 1024  # bytes


def pager_routes(services: PagerServices) -> list[Route]:
    """A route for each pager."""
    return [
        signed_route(
            f"/pager/{name.value}",
            EVENT_MAX,
            partial(may_be_told, services, name),
            partial(receive_told, services, name),
        )
        for name in PagerName
    ]
