"""``/c/<token>``: what a customer opens. Rate-limited, never cached by others, never indexed.

A pulse, a survey or a status page, by the token alone: no login, nothing internal. A token that
does not hold answers 404 whatever the reason, too many requests 429, a wrong answer 422. Limits and
memory are of this process; ``?lang=`` chooses another language than the customer's.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Sequence
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.customers.channels import PAGE
from bot.feedback.pages import (
    GoneError,
    InvalidError,
    PageServices,
    Question,
    Standing,
    knows_token,
    open_page,
    take_answer,
)
from bot.rules.words import Language
from handlers.http.bodies import read_body
from handlers.http.throttle import Clock, Throttle
from messages.customers import pages as customer_pages

FORM_MAX = 16 * 1024  # bytes; a comment of 2000 letters in percent-encoded Greek
PER_MINUTE = 600  # requests from one address, which may be a proxy's
PER_LINK = 30  # requests for one link
FRESH = 15  # seconds for which a status page may be shown from memory
ACCEPTED_MAX = 200  # characters of Accept-Language that are looked at
CACHED = 2_000  # status pages kept in memory


class Pages:
    """The customer's pages of one app."""

    def __init__(self, services: PageServices, clock: Clock = time.monotonic) -> None:
        self._services, self._clock = services, clock
        self._addresses = Throttle(PER_MINUTE, clock)
        self._tokens = Throttle(PER_LINK, clock)
        self._cache: OrderedDict[tuple[str, str], tuple[float, str]] = OrderedDict()

    async def show(self, request: Request) -> Response:
        """The page behind a token. A status page may be ``FRESH`` seconds old; a question never is.

        So a link that was just revoked may still open a status page for as long. HEAD and GET
        alike; a reader that has the same page already gets 304.
        """
        token, language = request.path_params["token"], chosen_language(request)
        if (busy := self._busy(request, token)) is not None:
            return busy
        kept = self._cache.get((token, language.value if language else ""))
        if kept is not None and kept[0] > self._clock():
            return _html(request, kept[1])
        try:
            found = await open_page(self._services, token)
        except GoneError:
            return self._sorry(request, "gone", 404)
        if isinstance(found, Standing):
            return _html(request, self._remember(token, language, found))
        return _html(request, self._question(request, found, language))

    async def take(self, request: Request) -> Response:
        """An answer that was sent; stored, then redirected (303) to the page that says thanks.

        An answer may be given again while the link holds: the last one counts. The body's fields
        are ``score``, ``effort`` and ``comment``; of a field sent twice the first.

        A token that does not hold is 404 before the body is read. A body that is refused is told as
        ``busy`` for 503, else as ``gone``, with its own status.
        """
        token, language = request.path_params["token"], chosen_language(request)
        if (busy := self._busy(request, token)) is not None:
            return busy
        if not knows_token(self._services, token):
            return self._sorry(request, "gone", 404)
        try:
            body = await read_body(request, FORM_MAX)
        except HTTPException as refused:
            return self._sorry(request, "gone" if refused.status_code < 500 else "busy", refused)
        given = {name: values[0] for name, values in _fields(body).items()}
        try:
            await take_answer(self._services, token, given)
        except GoneError:
            return self._sorry(request, "gone", 404)
        except InvalidError as problem:
            return await self._again(request, token, language, given, str(problem))
        query = f"?done=1&lang={language.value}" if language else "?done=1"
        return RedirectResponse(query, status_code=303, headers=dict(customer_pages.page_headers()))

    async def _again(
        self,
        request: Request,
        token: str,
        language: Language | None,
        given: dict[str, str],
        problem: str,
    ) -> Response:
        """The form with what was given, and what is wrong with it (422); nothing was stored.

        ``problem`` is the name of the field.
        """
        try:
            found = await open_page(self._services, token)
        except GoneError:
            return self._sorry(request, "gone", 404)
        assert isinstance(found, Question)  # only questions are answered
        values = {
            "score": _digit(given.get("score")),
            "effort": _digit(given.get("effort")),
            "comment": given.get("comment", ""),
        }
        shown = customer_pages.question_page(
            found.kind.value, language or found.language, found.reference, values,
            answered=found.answered, problem=problem, company=self._company,
        )  # fmt: skip
        return _html(request, shown, status=422)

    def _question(self, request: Request, found: Question, language: Language | None) -> str:
        """The question with the answer that stands so far; thanks, right after an answer."""
        spoken = language or found.language
        if found.answered and "done" in request.query_params:
            back = f"?lang={spoken.value}"
            return customer_pages.thanks_page(
                spoken, found.reference, found.expires_at, found.zone,
                unhappy=found.kind.value if found.unhappy else "", back=back,
                company=self._company,
            )  # fmt: skip
        given = {"score": found.score, "effort": found.effort, "comment": found.comment}
        return customer_pages.question_page(
            found.kind.value, spoken, found.reference, given, answered=found.answered,
            company=self._company,
        )  # fmt: skip

    def _remember(self, token: str, language: Language | None, found: Standing) -> str:
        """The status page, kept in memory by token and language; the oldest go beyond
        ``CACHED``.
        """
        shown = customer_pages.status_page(
            language or found.language,
            reference=found.reference,
            stage=found.stage,
            zone=found.zone,
            caller=found.caller,
            phone=found.phone,
            last_text=found.last_text,
            last_at=found.last_at,
            next_at=found.next_at,
            now=found.now,
            waiting=found.waiting_for_customer,
            words_language=found.language,
            company=self._company,
        )
        self._cache[(token, language.value if language else "")] = (self._clock() + FRESH, shown)
        while len(self._cache) > CACHED:
            self._cache.popitem(last=False)
        return shown

    def _busy(self, request: Request, token: str) -> Response | None:
        """The refusal for an address or a link that asks too often; None for all others.

        A request counts for both only where the address may go on.
        """
        address = request.client.host if request.client else ""
        if self._addresses.allows(address) and self._tokens.allows(token):
            return None
        response = self._sorry(request, "busy", 429)
        response.headers["Retry-After"] = "60"
        return response

    @property
    def _company(self) -> str:
        """Whose pages these are, as the policy of now says."""
        return self._services.policy.customer_company

    def _sorry(self, request: Request, what: str, status: int | HTTPException) -> Response:
        """Say why there is no page: ``gone`` or ``busy``, in a language that the reader has.

        ``status`` may be the refusal of a body, with headers of its own.
        """
        spoken = chosen_language(request) or browser_language(
            request, self._services.policy.languages
        )
        shown = customer_pages.unavailable_page(spoken, what, self._company)
        headers = {**customer_pages.page_headers(), "Cache-Control": "no-store"}
        if isinstance(status, HTTPException):
            headers, status = headers | dict(status.headers or {}), status.status_code
        return Response(shown, status, headers, media_type="text/html")


def page_routes(services: PageServices) -> list[Route]:
    """The pages' routes, which share their limits and their memory.

    GET shows, POST takes; a token is the whole rest of the path.
    """
    pages = Pages(services)
    path = PAGE + "{token:str}"
    return [
        Route(path, pages.show, methods=["GET"]),
        Route(path, pages.take, methods=["POST"]),
    ]


def chosen_language(request: Request) -> Language | None:
    """The language that the reader chose with ``?lang=``; None: the customer's own."""
    chosen = request.query_params.get("lang", "")
    return Language(chosen) if chosen in {each.value for each in Language} else None


def browser_language(request: Request, ours: Sequence[Language]) -> Language:
    """The first language of the browser's that we have, else the first of ``ours``.

    Where no case is known, nothing else tells what its customer reads.
    """
    asked = request.headers.get("accept-language", "")[:ACCEPTED_MAX].lower().split(",")
    codes = (each.partition(";")[0].strip().partition("-")[0] for each in asked)
    known = {each.value: each for each in Language}
    return next((known[code] for code in codes if code in known), ours[0])


def _fields(body: bytes) -> dict[str, list[str]]:
    """The form's fields, ten at most; empty for what is no form.

    Bytes that are no UTF-8 become the replacement character. More than ten fields count as no form.
    """
    try:
        text = body.decode("utf-8", "replace")
        return parse_qs(text, keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return {}


def _digit(text: str | None) -> int | None:
    """A score from 1 to 5; None for anything else, which the form then shows as not chosen."""
    return int(text) if text and len(text) == 1 and text in "12345" else None


def _html(request: Request, shown: str, status: int = 200) -> Response:
    """The page with headers that keep it private; 304 where the reader has it already.

    The tag is of the page's content, so a status page that has changed is sent whole.
    """
    tag = f'"{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'
    headers = {**customer_pages.page_headers(), "Cache-Control": "private, no-cache", "ETag": tag}
    if status == 200 and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(shown, status, headers, media_type="text/html")
