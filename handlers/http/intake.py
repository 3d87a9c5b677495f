"""``/intake/<source>``: reports of other programs, signed by each with a secret of its own.

``POST /intake/<source>`` takes a report, ``GET /intake/<source>/<key>`` says what became of one,
``GET /intake/openapi.json`` describes both, and asks for no signature. All answers are JSON: 202
for a report that is new, 200 for one that is known, else a ``Refusal``:

- 400 ``malformed``: no JSON. 422 ``invalid``: JSON, and no report. 413 ``too_large``.
- 401 ``unsigned``: refused without its body being read where no signature can be right.
- 404 ``unknown_key``; 409 ``replayed``: the nonce was here before; 429 ``too_many``.
- 408 ``too_slow``, 503 ``come_again``: nothing is wrong with the report.
"""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.intake.webhook.answers import Problem, Refusal
from bot.intake.webhook.problems import is_malformed, join_problems, list_problems
from bot.intake.webhook.receive import (
    Replayed,
    ReportServices,
    count_report,
    find_answer,
    receive_report,
)
from bot.intake.webhook.report import Report
from bot.rules.webhook.signature import SignedBy, find_unsigned, is_signed_by
from handlers.http.bodies import check_length, read_body
from handlers.http.openapi import describe_intake
from handlers.http.throttle import Throttle

REPORT_MAX = 256 * 1024  # bytes; twice the longest text in Greek, each letter escaped
PER_MINUTE = 600  # signed requests of one source
UNSIGNED = (
    "No secret of this source made the signature. Sign X-Desk-Timestamp, a full stop, X-Desk-Nonce,"
    " a full stop and the body exactly as it is sent (for a GET the key), with the secret that"
    " INTAKE_SECRETS has for the source in the address."
)
# What a refusal of the body means, by its status.
BODY = {
    400: ("malformed", "The connection ended before the whole body was there. Send it again."),
    408: ("too_slow", "The body came too slowly. Send it again, faster."),
    413: ("too_large", f"A report has {REPORT_MAX} bytes at most. Send a link to what is longer."),
    503: ("come_again", "Too much is arriving. Send it again in a moment, signed anew."),
}

Endpoint = Callable[[Request], Awaitable[Response]]


class RefusedRequest(Exception):
    """A request that is answered with a refusal.

    ``error`` is one of the codes above, which is also the outcome that is counted. ``said`` is the
    JSON: ``error``, ``message`` in English, and ``problems``, one for each mistake in the report,
    else empty.
    """

    def __init__(
        self, status: int, error: str, message: str, problems: list[Problem] | None = None
    ) -> None:
        super().__init__(error)
        self.status, self.error = status, error
        fields = {"error": error, "message": message, "problems": problems or []}
        self.said = Refusal.model_validate(fields)


class IntakeDoor:
    """The webhook of one app: its sources, and how often each has come.

    ``PER_MINUTE`` counts requests of a source that it has signed, GET and POST together, in this
    process alone. A stranger who names a source uses up nothing of it.
    """

    def __init__(self, services: ReportServices) -> None:
        self._services = services
        self._throttle = Throttle(PER_MINUTE)

    async def take_report(self, request: Request) -> Response:
        """``POST /intake/<source>``.

        The signature is judged before the JSON, and both before a nonce is used up: so a report
        that is refused for its shape may be corrected and sent under the same nonce. Raises
        RefusedRequest, or Replayed with nothing stored.
        """
        check = self._signed(request)
        try:
            check_length(request, REPORT_MAX)
            raw = await read_body(request, REPORT_MAX)
        except HTTPException as refused:
            raise _of_body(refused) from None
        self._require_signature(request, check, raw)
        report = _read_report(raw)
        source = request.path_params["source"]
        answer, fresh = await receive_report(self._services, source, check.nonce, report)
        count_report(source, "new" if fresh else "repeated")
        return _json(answer, 202 if fresh else 200)

    async def show_report(self, request: Request) -> Response:
        """``GET /intake/<source>/<key>``.

        The signature is over the key in place of a body. Asking uses up a nonce, even where no
        report has the key (404). A key may hold slashes, since it is the whole rest of the path.
        """
        key = request.path_params["key"]
        check = self._signed(request)
        self._require_signature(request, check, key.encode())
        source = request.path_params["source"]
        answer = await find_answer(self._services, source, check.nonce, key)
        if answer is None:
            said = "No report of this source has this key. The key is the field of the report."
            raise RefusedRequest(404, "unknown_key", said)
        count_report(source, "asked")
        return _json(answer, 200)

    def answering(self, answer: Endpoint) -> Endpoint:
        """The endpoint, of which every refusal is counted and told as JSON.

        It is counted under the source where that has a secret, else under ``unknown``, so that no
        stranger can make up labels. 429 and 503 carry ``Retry-After``, in seconds.
        """

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except Replayed:
                said = (
                    "This nonce was used before. Make a new one and sign again: a key that is"
                    " known is answered as before."
                )
                refused = RefusedRequest(409, "replayed", said)
            except RefusedRequest as found:
                refused = found
            source = request.path_params["source"]
            known = source in self._services.outside.intake_sources
            count_report(source if known else "unknown", refused.error)
            waits = {"Retry-After": "60"} if refused.status in (429, 503) else None
            return _json(refused.said, refused.status, waits)

        return answered

    def _signed(self, request: Request) -> SignedBy:
        """The headers of a request that may be signed; refused before a byte is read otherwise.

        ``X-Desk-Timestamp``, ``X-Desk-Nonce`` and ``X-Desk-Signature``, of which one that is
        missing counts as empty. Raises RefusedRequest 401, with the reason in words; of a source
        without a secret it says the same as of a signature that is wrong.
        """
        named = ("timestamp", "nonce", "signature")
        given = SignedBy(*(request.headers.get(f"x-desk-{name}", "") for name in named))
        if found := find_unsigned(given, self._services.clock.real()):
            raise RefusedRequest(401, "unsigned", found)
        if request.path_params["source"] not in self._services.outside.intake_sources:
            raise RefusedRequest(401, "unsigned", UNSIGNED)
        return given

    def _require_signature(self, request: Request, given: SignedBy, body: bytes) -> None:
        """Raise RefusedRequest 401 for a signature of other bytes, 429 beyond ``PER_MINUTE``.

        ``body`` is what must have been signed, by one of the source's secrets. ``_signed`` must
        have passed before, since the source must have a secret.
        """
        source = request.path_params["source"]
        if not is_signed_by(self._services.outside.intake_sources[source], given, body):
            raise RefusedRequest(401, "unsigned", UNSIGNED)
        if not self._throttle.allows(source):
            said = f"A source may send {PER_MINUTE} requests a minute. Send the rest later."
            raise RefusedRequest(429, "too_many", said)


def refuse_early(headers: dict[str, str]) -> Response:
    """The refusal ``come_again`` (503) while the app starts, and nothing can be stored yet."""
    said = "The app is starting. Send it again in a moment, signed anew."
    return _json(RefusedRequest(503, "come_again", said).said, 503, headers)


def intake_routes(services: ReportServices) -> list[Route]:
    """The routes, which refuse every source that has no secret."""
    door = IntakeDoor(services)
    take, show = door.answering(door.take_report), door.answering(door.show_report)
    return [
        Route("/intake/openapi.json", _describe, methods=["GET"]),
        Route("/intake/{source}", take, methods=["POST"]),
        Route("/intake/{source}/{key:path}", show, methods=["GET"]),
    ]


async def _describe(_request: Request) -> Response:
    return JSONResponse(describe_intake())


def _read_report(raw: bytes) -> Report:
    """The report in the body.

    Raises RefusedRequest 400 for what is no JSON and 422 for what is no report, with the mistakes.
    """
    try:
        return Report.model_validate_json(raw)
    except ValidationError as error:
        problems = list_problems(error)
        said = join_problems(problems)
        if is_malformed(error):
            raise RefusedRequest(400, "malformed", said, problems) from None
        raise RefusedRequest(422, "invalid", said, problems) from None


def _of_body(refused: HTTPException) -> RefusedRequest:
    """The refusal of a body (400, 408, 413, 503) as one of ours, with words for its sender."""
    error, said = BODY[refused.status_code]
    return RefusedRequest(refused.status_code, error, said)


def _json(said: BaseModel, status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(said.model_dump(mode="json"), status, headers)
