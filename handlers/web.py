"""The web side: Slack's requests over HTTP, health, and figures for Prometheus."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from slack_bolt.adapter.starlette.async_handler import (
    to_async_bolt_request,
    to_starlette_response,
)
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.request.async_internals import build_async_context
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

BODY_MAX = 1024 * 1024  # bytes; a view of 250 kB with its state is the largest Slack sends

EPOCH = re.compile(r"[0-9]{1,12}")  # seconds since 1970

Ready = Callable[[], Awaitable[bool]]

log = structlog.get_logger()


def web_app(
    bolt: AsyncApp,
    ready: Ready,
    registry: CollectorRegistry,
    measure: Callable[[], Awaitable[None]] | None = None,
) -> Starlette:
    """``POST /slack/events``, ``/healthz`` (the process lives), ``/readyz`` (it can work),
    ``/metrics``, whose figures ``measure`` brings up to date first."""

    async def slack_events(request: Request) -> Response:
        body = await _limited(request)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        return await _dispatch(bolt, request, body)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(_request: Request) -> Response:
        able = await ready()
        return JSONResponse({"ok": able}, status_code=200 if able else 503)

    async def metrics(_request: Request) -> Response:
        if measure is not None:
            await measure()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/slack/events", slack_events, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
        ]
    )


async def _dispatch(bolt: AsyncApp, request: Request, body: bytes) -> Response:
    if not EPOCH.fullmatch(request.headers.get("x-slack-request-timestamp", "")):
        return PlainTextResponse("unsigned", status_code=401)  # Bolt would fail on it
    try:
        # Bolt reads the body before it checks the signature, so anybody can send anything; and
        # on a shape that Slack never sends it fails in places where no listener is asked yet.
        answer = await bolt.async_dispatch(_read(request, body))
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as unreadable:
        log.warning("unreadable_request", exc_info=unreadable)
        return PlainTextResponse("unreadable", status_code=400)
    return to_starlette_response(answer)


def _read(request: Request, body: bytes) -> AsyncBoltRequest:
    """The request as Bolt knows it.

    Bolt takes every form in which the word "payload" stands for an interaction, and then finds
    nothing in it: a command about a payload would be lost.
    """
    asked = to_async_bolt_request(request, body)
    if not asked.body and b"payload" in body:
        asked.body = dict(parse_qsl(body.decode(), keep_blank_values=True))
        asked.context = build_async_context(asked.context, asked.body)
    return asked


async def _limited(request: Request) -> bytes | None:
    """The body, or None when it is longer than BODY_MAX; nothing beyond that is kept."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > BODY_MAX:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > BODY_MAX:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
