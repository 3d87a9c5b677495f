"""Answers to a command or a click: the response URL, and the message inside an acknowledgement."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox import posting
from sandbox.blockkit import validate_attachments, validate_message
from sandbox.errors import SlackError
from sandbox.lifetimes import ResponseUrl
from sandbox.posting import Draft
from sandbox.state import Channel, Json, Message
from sandbox.workspace import Workspace

ANSWER_KEYS = frozenset(
    {"text", "blocks", "attachments", "response_type", "replace_original", "delete_original"}
    | {"thread_ts", "mrkdwn", "unfurl_links", "unfurl_media", "metadata", "parse", "link_names"}
)


def address(ws: Workspace, response_url: ResponseUrl) -> str:
    """Where the app posts its answer."""
    return f"{ws.base_url}/_/response/{response_url.id}"


def respond(ws: Workspace, place: ResponseUrl, answer: Json) -> Message | None:
    """Do what an answer asks for. Returns the message that it made or changed.

    ``delete_original`` comes before all else and does nothing where the original is gone.
    ``replace_original`` without an original says something new. ``in_channel`` is for all in the
    channel unless the source was ephemeral; all else is shown to the person alone, in the source's
    thread unless ``thread_ts`` names another.

    Raises SlackError: ``no_text``, ``invalid_blocks``, ``invalid_attachments``, ``is_archived`` …
    """
    channel = ws.channel(place.channel_id)
    original = _original(channel, place)
    bot = ws.apps[place.app_id].bot_user_id
    if answer.get("delete_original"):
        if original is not None:
            posting.remove(ws, channel, original.ts, bot)
        return None
    draft = _draft(answer, place)
    if answer.get("replace_original") and original is not None:
        posting.change(ws, channel, original, draft, bot)
        return original
    if answer.get("response_type") == "in_channel" and not place.source_ephemeral:
        if channel.is_archived:
            raise SlackError("is_archived")
        return posting.post_unchecked(ws, bot, channel, draft)
    return posting.post_ephemeral(ws, bot, channel, place.user_id, draft)


def _original(channel: Channel, place: ResponseUrl) -> Message | None:
    if place.source_ts is None:
        return None
    return channel.ephemerals.get(place.source_ts) or channel.messages.get(place.source_ts)


def _draft(answer: Json, place: ResponseUrl) -> Draft:
    blocks, attachments = answer.get("blocks"), answer.get("attachments")
    for code, problems in (
        ("invalid_blocks", validate_message(blocks) if blocks else []),
        ("invalid_attachments", validate_attachments(attachments) if attachments else []),
    ):
        if problems:
            lines = [problem.line() for problem in problems]
            raise SlackError(code, response_metadata={"messages": lines})
    return Draft(
        text=answer.get("text"),
        blocks=blocks,
        attachments=attachments,
        metadata=answer.get("metadata"),
        thread_ts=answer.get("thread_ts") or place.thread_ts,
        mrkdwn=bool(answer.get("mrkdwn", True)),
    )


def endpoint(ws: Workspace) -> Callable[[Request], Awaitable[Response]]:
    """``POST /_/response/<id>``: ``ok`` as text, or 404 with the reason as JSON.

    A body that is no object, or has a key that Slack does not document, is ``invalid_payload`` and
    uses nothing up; an answer that is refused later has cost one of the five uses.
    """

    async def post(request: Request) -> Response:
        try:
            answer = _parse(await request.body())
            place = ws.lifetimes.use_response_url(request.path_params["response_url_id"])
            respond(ws, place, answer)
        except SlackError as error:
            return JSONResponse({"ok": False, "error": error.code} | error.extra, 404)
        return PlainTextResponse("ok")

    return post


def _parse(body: bytes) -> Json:
    try:
        answer: Any = json.loads(body)
    except ValueError as error:
        raise SlackError("invalid_payload") from error
    if not isinstance(answer, dict) or set(answer) - ANSWER_KEYS:
        raise SlackError("invalid_payload")
    return answer
