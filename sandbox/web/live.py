"""The page's live update: server-sent events that say what changed, never what it says."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sandbox.state import Json
from sandbox.workspace import Workspace

KEEP_ALIVE_SECONDS = 15.0  # a comment that often keeps the connection and notices a dead one
_PERSONAL = {"ephemeral", "view", "home", "read", "notice"}


def concerns(ws: Workspace, event: Json, user_id: str) -> bool:
    """Whether this person may know of the event."""
    if event.get("type") in _PERSONAL and event.get("user") != user_id:
        return False
    channel = ws.channels.get(event.get("channel", ""))
    return channel is None or channel.visible_to(user_id)


async def stream(ws: Workspace, user_id: str) -> AsyncIterator[str]:
    """Events for one person in the format of `text/event-stream`, for as long as they listen."""
    with ws.bus.subscribe() as events:
        yield "retry: 500\n\n"
        while True:
            try:
                event = await asyncio.wait_for(events.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if event.get("type") == "bye":
                return
            if concerns(ws, event, user_id):
                yield f"data: {json.dumps(event)}\n\n"


async def live(ws: Workspace, request: Request) -> Response:
    """`GET /_/events?as=U…`."""
    user_id = request.query_params.get("as", "")
    if user_id not in ws.users:
        return Response(status_code=404)
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(stream(ws, user_id), media_type="text/event-stream", headers=headers)
