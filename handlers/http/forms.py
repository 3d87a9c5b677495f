"""``/f/``: the web form by which customers ask for an escalation, and the pages that follow it.

``/f/`` is the public form, ``/f/<token>`` an account's form, a confirmation, or where a request
stands. GET shows and changes nothing, so that programs which open links do nothing; POST takes. A
form that is refused comes back with everything that was typed: 422 wrong fields, 403 sent from
another site, 429 too many. A token that does not hold answers 404 whatever the reason.

Each form that is shown carries a ticket of its own: the same form sent again is one request. There
is no cookie and nobody is logged in, so another site could at most send what any visitor can.
"""

import time
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.customers.channels import FORM
from bot.intake.form import requests
from bot.intake.form.requests import Form, FormServices, NoFormError, RefusedError
from bot.intake.form.standing import open_standing
from bot.rules.intake.request_form import TRAP, Given, read_given
from bot.rules.tokens import LinkKind
from bot.rules.words import Language
from handlers.http.bodies import check_length, read_body
from handlers.http.pages import browser_language, chosen_language
from handlers.http.throttle import Clock, Throttle
from messages.customers import request_pages
from messages.customers.pages import page_headers

BODY_MAX = 512 * 1024  # bytes; what is shown again of an overlong text, in percent-encoded Greek
PER_MINUTE = 240  # pages opened from one address, which may be a proxy's
SENT_PER_MINUTE = 12  # forms sent from one address
FIELDS_MAX = 20
STATUS: Mapping[str, int] = {"busy": 429, "elsewhere": 403}  # of a form that comes back; else 422


class RequestForms:
    """The form's pages of one app; limits by address are of this process.

    ``PER_MINUTE`` counts GET and POST together, before the token is looked at. ``SENT_PER_MINUTE``
    counts the forms that were sent, but for those that ``_doubt`` refuses as ``elsewhere`` or
    ``robot``; confirmations do not count there.
    """

    def __init__(self, services: FormServices, clock: Clock = time.monotonic) -> None:
        self._services = services
        self._opened, self._sent = Throttle(PER_MINUTE, clock), Throttle(SENT_PER_MINUTE, clock)

    async def show(self, request: Request) -> Response:
        """The page behind a token; without one the public form, or that a mail was sent.

        A confirmation that was given before leads on (303) to where the request stands. The public
        form with ``?sent`` says that a mail was sent; it is 404 while the public form is not turned
        on.
        """
        token = request.path_params.get("token", "")
        if not self._opened.allows(_address(request)):
            return self._sorry(request, "busy", 429)
        try:
            kind = requests.read_claim(self._services, token).kind if token else LinkKind.FORM
            if kind is LinkKind.REQUEST:
                return await self._standing(request, token)
            if kind is LinkKind.CONFIRM:
                return await self._confirmation(request, token)
            form = await requests.open_request_form(self._services, token)
        except NoFormError:
            return self._sorry(request, "gone", 404)
        if not token and "sent" in request.query_params:
            return self._page(
                request_pages.check_mail_page(self._spoken(request), self._company), 200
            )
        return self._form(request, form, Given())

    async def take(self, request: Request) -> Response:
        """What was sent: a form, or the confirmation of one; then on (303) to what came of it.

        A token of a request that stands takes nothing: 404. A body longer than ``BODY_MAX`` is told
        as ``large`` (413), and every other refusal of a body as ``busy``, with the status and the
        headers of that refusal. Of a field that is sent twice the first counts.
        """
        token = request.path_params.get("token", "")
        if not self._opened.allows(_address(request)):
            return self._sorry(request, "busy", 429)
        try:
            kind = requests.read_claim(self._services, token).kind if token else LinkKind.FORM
            if kind is LinkKind.CONFIRM:
                return await self._confirmed(request, token)
            form = await requests.open_request_form(self._services, token)
        except NoFormError:
            return self._sorry(request, "gone", 404)
        try:
            check_length(request, BODY_MAX)
            fields = _fields(await read_body(request, BODY_MAX))
        except HTTPException as refused:
            what = "large" if refused.status_code == 413 else "busy"
            return self._sorry(request, what, refused.status_code, refused.headers)
        if reason := self._doubt(request, fields):
            return self._form(request, form, read_given(fields), reason=reason)
        return await self._send(request, form, token, fields)

    async def _send(
        self, request: Request, form: Form, token: str, fields: Mapping[str, str]
    ) -> Response:
        """Store what was sent and lead on (303), or show it again with what is wrong.

        An account's form leads to where its request stands, with ``done=1``. The public form leads
        back to itself, with ``sent=1``: its request waits until the link in the mail is confirmed.
        The same form sent twice leads to the same place.
        """
        spoken = self._spoken(request, form)
        try:
            standing = await requests.send_form(self._services, token, fields, spoken)
        except NoFormError:
            return self._sorry(request, "gone", 404)
        except RefusedError as refused:
            return self._form(
                request, form, refused.given, problems=refused.problems, reason=refused.reason
            )
        query = f"?lang={spoken.value}&" + ("done=1" if standing else "sent=1")
        return _go_on(FORM + standing + query)

    def _doubt(self, request: Request, fields: Mapping[str, str]) -> str:
        """Why what was sent is not looked at: by what program, from where, how often.

        ``elsewhere`` for a browser that says another site sent it (``Sec-Fetch-Site``; without that
        header it passes), ``robot`` for a form with something in the field that people do not see,
        and ``busy`` beyond ``SENT_PER_MINUTE``. Empty when it is looked at. Only a form that passes
        the first two is counted.
        """
        if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return "elsewhere"
        if fields.get(TRAP):
            return "robot"
        return "" if self._sent.allows(_address(request)) else "busy"

    def _form(
        self,
        request: Request,
        form: Form,
        given: Given,
        *,
        problems: Mapping[str, str] | None = None,
        reason: str = "",
    ) -> Response:
        """The form with what was typed, and a new ticket.

        ``problems`` are texts' names by field, ``reason`` is what is said of the whole form. The
        status is 200 without either, that of ``STATUS`` for a reason that it has, else 422.
        """
        shown = request_pages.form_page(
            self._spoken(request, form),
            given,
            requests.new_ticket(self._services, form),
            customer=form.account.name if form.account else "",
            company=self._company,
            problems=problems,
            reason=reason,
        )
        status = STATUS.get(reason, 422) if problems or reason else 200
        return self._page(shown, status, {"Retry-After": "60"} if status == 429 else {})

    async def _confirmation(self, request: Request, token: str) -> Response:
        """The question behind a confirmation link, or at once what came of it."""
        row = await requests.open_confirmation(self._services, token)
        spoken = chosen_language(request) or Language(row.language)
        if row.confirmed_at is not None:
            return _go_on(FORM + requests.standing_token(self._services, row))
        return self._page(request_pages.confirm_page(spoken, self._company), 200)

    async def _confirmed(self, request: Request, token: str) -> Response:
        """Confirm the request behind the token, and lead on (303) to where it stands.

        Raises NoFormError, which the caller answers with 404.
        """
        standing = await requests.confirm_request(self._services, token)
        chosen = chosen_language(request)
        return _go_on(f"{FORM}{standing}?done=1" + (f"&lang={chosen.value}" if chosen else ""))

    async def _standing(self, request: Request, token: str) -> Response:
        """The page that tells where a request stands; raises NoFormError.

        It is in the language of the request unless ``?lang=`` chooses another one, with times in
        the policy's zone. ``?done`` adds that the request has just arrived.
        """
        found = await open_standing(self._services, token)
        policy = self._services.policy
        shown = request_pages.request_page(
            chosen_language(request) or found.language,
            reference=found.reference,
            stage=found.stage,
            received_at=found.received_at,
            zone=policy.timezone,
            told=found.told,
            words_language=found.language,
            page=found.page,
            phone=policy.customer_phone,
            company=self._company,
            fresh="done" in request.query_params,
        )
        return self._page(shown, 200)

    def _spoken(self, request: Request, form: Form | None = None) -> Language:
        """The language that was chosen, else the account's, else the browser's."""
        if (chosen := chosen_language(request)) is not None:
            return chosen
        if form is not None and form.account is not None:
            return Language(form.account.language)
        return browser_language(request, self._services.policy.languages)

    @property
    def _company(self) -> str:
        return self._services.policy.customer_company

    def _sorry(
        self, request: Request, what: str, status: int, more: Mapping[str, str] | None = None
    ) -> Response:
        """Say why there is no page: ``gone``, ``busy`` or ``large``, in a language of the reader's.

        ``more`` are headers that go before ours, such as the ``Retry-After`` of a refused body.
        """
        shown = request_pages.request_gone_page(self._spoken(request), what, self._company)
        wait = {"Retry-After": "60"} if status == 429 else {}
        return self._page(shown, status, {**wait, **(more or {})})

    @staticmethod
    def _page(shown: str, status: int, more: Mapping[str, str] | None = None) -> Response:
        """A page that nobody keeps: it has a ticket, or what one person sent."""
        headers = {**page_headers(), "Cache-Control": "no-store", **(more or {})}
        return Response(shown, status, headers, media_type="text/html")


def form_routes(services: FormServices) -> list[Route]:
    """The form's routes, which share their limits."""
    forms = RequestForms(services)
    return [
        Route(path, endpoint, methods=[method])
        for path in (FORM, FORM + "{token:str}")
        for method, endpoint in (("GET", forms.show), ("POST", forms.take))
    ]


def _address(request: Request) -> str:
    """The address of the peer, which limits count by; empty where the server does not tell it."""
    return request.client.host if request.client else ""


def _go_on(address: str) -> Response:
    """The redirect after a POST, so that reloading the page sends nothing again."""
    headers = {**page_headers(), "Cache-Control": "no-store"}
    return RedirectResponse(address, status_code=303, headers=headers)


def _fields(body: bytes) -> dict[str, str]:
    """The form's fields, of one sent twice the first; empty for what is no form."""
    try:
        text = body.decode("utf-8", "replace")
        found = parse_qs(text, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}
