"""What pages have in common that a link of one colleague opens: limits, language, what is refused.

By the token alone: no login, but what is shown is what that reader may know at this moment. Never
cached, never indexed, limited for each address and each link. A token that does not hold answers
404 whatever the reason, too many requests 429. ``?lang=`` chooses another language than the
reader's. Limits are of this process.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from bot.rules.facts import PersonFacts
from bot.rules.policy.load import Policy
from bot.rules.words import Language
from handlers.http.pages import browser_language, chosen_language
from handlers.http.throttle import Clock, Throttle

PER_MINUTE = 120  # requests from one address, which may be a whole office's
PER_LINK = 20  # requests for one link
DRAWN_AT_ONCE = 2  # each takes the processor for a fraction of a second

T = TypeVar("T")
Drawn = TypeVar("Drawn")


@dataclass(frozen=True)
class OwnPageKind(Generic[T]):
    """A kind of page: what a token opens, and what is said instead.

    ``opened`` answers what is shown and whose it is, and raises ``gone``. ``sorry`` draws the page
    that says why there is none, by language, ``gone`` or ``busy``, and company. ``noted`` hears
    whose it is, each time that one is opened.
    """

    opened: Callable[[str], Awaitable[tuple[T, PersonFacts]]]
    gone: type[Exception]
    sorry: Callable[[Language, str, str], str]
    headers: Callable[[], Mapping[str, str]]
    noted: Callable[[str], None]


class OwnPages(Generic[T]):
    """The pages of a kind, of one app."""

    def __init__(self, policy: Policy, kind: OwnPageKind[T], clock: Clock = time.monotonic) -> None:
        self._policy, self._kind = policy, kind
        self._addresses, self._links = Throttle(PER_MINUTE, clock), Throttle(PER_LINK, clock)
        self._drawing = asyncio.Semaphore(DRAWN_AT_ONCE)

    @property
    def company(self) -> str:
        """Whose pages they are, as the policy has it."""
        return self._policy.customer_company

    async def find(self, request: Request) -> tuple[T, Language] | Response:
        """What is behind the token and the language that was chosen; else why there is nothing.

        A request counts for its link only where its address may go on.
        """
        token, address = request.path_params["token"], request.client.host if request.client else ""
        if not (self._addresses.allows(address) and self._links.allows(token)):
            busy = self._refuse(request, "busy", 429)
            busy.headers["Retry-After"] = "60"
            return busy
        try:
            found, reader = await self._kind.opened(token)
        except self._kind.gone:
            return self._refuse(request, "gone", 404)
        self._kind.noted(reader.user_id)
        return found, chosen_language(request) or reader.language

    async def draw(self, drawing: Callable[[], Drawn]) -> Drawn:
        """Draw in a thread; further ones wait while ``DRAWN_AT_ONCE`` are drawn."""
        async with self._drawing:
            return await asyncio.to_thread(drawing)

    def answer(
        self, content: str | bytes, media_type: str, file: str = "", *, keep: bool = False
    ) -> Response:
        """With the headers of such pages, and kept by nobody on the way.

        ``file`` is a file's name; ``keep``: it is to be kept, not shown.
        """
        response = self._private(Response(content, media_type=media_type))
        if file:
            how = "attachment" if keep else "inline"
            response.headers["Content-Disposition"] = f'{how}; filename="{file}"'
        return response

    def _refuse(self, request: Request, what: str, status: int) -> Response:
        """Say why there is nothing, in a language that the reader has."""
        spoken = chosen_language(request) or browser_language(request, self._policy.languages)
        shown = self._kind.sorry(spoken, what, self.company)
        return self._private(Response(shown, status, media_type="text/html"))

    def _private(self, response: Response) -> Response:
        """Set what the browser, and everything on the way, may do with it."""
        response.headers.update({**self._kind.headers(), "Cache-Control": "no-store"})
        return response
