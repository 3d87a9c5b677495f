"""``POST /intake/podium``: Podium's webhooks, refused while no secret is set, signed or not."""

from starlette.routing import Route

from bot.intake.reviews.podium import PodiumServices, may_be_read, receive_event
from handlers.http.webhooks import Headers, signed_route

EVENT_MAX = 1024 * 1024  # bytes


def podium_routes(services: PodiumServices) -> list[Route]:
    """The route; it stands before those of the signed webhook, which has no source of the name."""

    def judge(headers: Headers) -> bool:
        return may_be_read(services, *_signed(headers))

    async def receive(headers: Headers, raw: bytes) -> str:
        return await receive_event(services, *_signed(headers), raw)

    return [signed_route("/intake/podium", EVENT_MAX, judge, receive)]


def _signed(headers: Headers) -> tuple[str, str]:
    """When it was signed, and the signature; empty where a header is missing."""
    return headers.get("podium-timestamp", ""), headers.get("podium-signature", "")
