"""The web side: Slack's requests over HTTP, health, and figures for Prometheus.

It is served with Socket Mode too: mail, webhooks, customers' pages and health need it then. TLS and
the outer limits on connections are not here (``cli.connections``, or a proxy in front).
"""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
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
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.clock import SystemClock, stopwatch
from handlers.http import metrics as http_metrics
from handlers.http.bodies import Bodies, check_length, read_body
from handlers.http.intake import refuse_early
from handlers.slack.shape import MalformedError, require_shape

BODY_MAX = 1024 * 1024  # bytes; a view of 250 kB with its state is the largest Slack sends

COME_AGAIN = "5"  # seconds after which a sender may try again
INTAKE = "/intake/"  # below which every answer is JSON

EPOCH = re.compile(r"[0-9]{1,12}", re.ASCII)  # seconds since 1970
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
WINDOW = 300  # seconds for which Slack's signature is good, by Slack's documentation

Ready = Callable[[], Awaitable[bool]]
Endpoint = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger()


def web_app(
    bolt: AsyncApp,
    ready: Ready,
    registry: CollectorRegistry,
    measure: Callable[[], Awaitable[None]] | None = None,
    further: Sequence[Route] = (),
    working: Callable[[], bool] = lambda: True,
    *,
    signing_secret: str,
    metrics_token: str = "",
) -> Starlette:
    """The application: ``POST /slack/events``, health, figures, and ``further`` routes.

    - ``/slack/events``: 401 for what ``signing_secret`` did not sign (everything, where it is
      empty), 400 for what Slack never sends, else Bolt's.
    - ``/healthz``: 200 while the process lives; the only one of the three that all may ask.
    - ``/readyz``: 200 when ``ready`` says that it can work, else 503.
    - ``/metrics``: Prometheus' text format; ``measure`` brings the figures up to date first.
      It and ``/readyz`` want ``metrics_token`` as a bearer token: 401 without it, and 404 where the
      token is empty.
    - ``further``: mail, help desks and the customers' pages.

    While we are not ``working``, all but the three in the middle answer 503 with ``Retry-After``.

    A body longer than ``BODY_MAX`` is 413, and ``read_body`` may refuse with 400, 408 or 503. Only
    a request of Slack's that is answered with 200 is counted as acknowledged. ``app.state.bodies``
    has the counts of bodies that all routes share.
    """

    async def slack_events(request: Request) -> Response:
        arrived = stopwatch()
        check_length(request, BODY_MAX)
        if not _may_be_signed(request):
            return PlainTextResponse("unsigned", status_code=401)
        body = await read_body(request, BODY_MAX)
        if not _is_signed(request, body, signing_secret):
            return PlainTextResponse("unsigned", status_code=401)
        response = await _dispatch(bolt, request, body)
        if response.status_code == 200:
            http_metrics.count_acknowledged("http", arrived)
        return response

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def readyz(_request: Request) -> Response:
        able = await ready()
        return JSONResponse({"ok": able}, status_code=200 if able else 503)

    async def metrics(_request: Request) -> Response:
        if measure is not None:
            await measure()
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    watched = [
        Route("/healthz", healthz),
        Route("/readyz", _by_token(metrics_token, readyz)),
        Route("/metrics", _by_token(metrics_token, metrics)),
    ]
    app = Starlette(
        routes=[*watched, Route("/slack/events", slack_events, methods=["POST"]), *further]
    )
    app.state.bodies = Bodies()
    app.add_middleware(Gate, working=working, always=frozenset(r.path for r in watched))
    return app


def _by_token(token: str, answer: Endpoint) -> Endpoint:
    """The endpoint for those who send the token; a public port tells others nothing.

    The header is ``Authorization: Bearer <token>``; the scheme may be written in any case, and
    spaces around the token do not count. The token is compared in constant time, and a refusal
    carries ``WWW-Authenticate``.
    """

    async def guarded(request: Request) -> Response:
        if not token:
            return PlainTextResponse("set METRICS_TOKEN", status_code=404)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not right:
            asks = {"WWW-Authenticate": "Bearer"}
            return PlainTextResponse("unauthorized", status_code=401, headers=asks)
        return await answer(request)

    return guarded


class Gate:
    """Lets no request in while there is nothing to store things in; Slack sends an event again.

    ``always`` are the paths that it lets in all the same.
    """

    def __init__(self, app: ASGIApp, working: Callable[[], bool], always: frozenset[str]) -> None:
        self.app, self.working, self.always = app, working, always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or answer 503 with ``Retry-After``, to reports of programs as JSON."""
        if self.working() or scope.get("path") in self.always:
            await self.app(scope, receive, send)
        else:
            waits = {"Retry-After": COME_AGAIN}
            answer: Response = PlainTextResponse("not ready", 503, headers=waits)
            if str(scope.get("path", "")).startswith(INTAKE):
                answer = refuse_early(waits)
            await answer(scope, receive, send)


def _may_be_signed(request: Request) -> bool:
    """Whether it is worth reading the body: a signature may be right, and is not old.

    ``_is_signed`` checks it over the body.

    ``X-Slack-Request-Timestamp`` is seconds since 1970 and may differ from our machine's time by
    ``WINDOW`` seconds either way; ``X-Slack-Signature`` is ``v0=`` and 64 hexadecimal digits in
    small letters. A header that is missing is a signature that cannot be right.
    """
    stamp = request.headers.get("x-slack-request-timestamp", "")
    given = request.headers.get("x-slack-signature", "")
    if not EPOCH.fullmatch(stamp) or not SIGNATURE.fullmatch(given):
        return False
    return abs(SystemClock().real().timestamp() - int(stamp)) <= WINDOW


def _is_signed(request: Request, body: bytes, secret: str) -> bool:
    """Whether Slack's signature is right: Bolt would read the body before it asks.

    It is the HMAC-SHA256 with ``secret`` over ``v0:``, the timestamp, a colon and the raw body.
    ``_may_be_signed`` must have passed before, since a missing header is a KeyError here. False
    while ``secret`` is empty.
    """
    stamp, given = (
        request.headers[f"x-slack-{name}"] for name in ("request-timestamp", "signature")
    )
    base = b"v0:" + stamp.encode() + b":" + body
    right = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(right, given)


async def _dispatch(bolt: AsyncApp, request: Request, body: bytes) -> Response:
    """Bolt's answer; 400 and one line in the log for a body that Slack cannot have sent.

    The log names the first field that is wrong where the shape is (``MalformedError``), and only
    says ``unreadable`` for everything else; no part of the body is logged.
    """
    try:
        asked = _read(request, body)
        require_shape(asked.body)
        answer = await bolt.async_dispatch(asked)  # faults of our listeners do not come out here
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as unreadable:
        named = isinstance(unreadable, MalformedError)
        log.warning("malformed_request", why=str(unreadable) if named else "unreadable")
        return PlainTextResponse("malformed", status_code=400)
    return to_starlette_response(answer)


def _read(request: Request, body: bytes) -> AsyncBoltRequest:
    """The request as Bolt knows it.

    Bolt takes every form in which the word "payload" stands for an interaction, and then finds
    nothing in it: a command about a payload would be lost. So such a form is read again as plain
    fields, the last of each name.
    """
    asked = to_async_bolt_request(request, body)
    if not asked.body and b"payload" in body:
        asked.body = dict(parse_qsl(body.decode(), keep_blank_values=True))
        asked.context = build_async_context(asked.context, asked.body)
    return asked
