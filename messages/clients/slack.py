"""The one way to talk to Slack: no hidden retries, and errors that say what is known.

A call ends in one of four ways: an answer; SlackRefused (Slack said no: nothing happened);
SlackRateLimited (later: nothing happened); SlackUnknown (it is not known whether it happened).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from prometheus_client import Counter
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from messages.clients.outages import Outage
from messages.clients.shared_channels import SHARED, SharedChannels
from messages.clients.slack_time import SlackTime

CALL_TIMEOUT = 15  # seconds; past this the outcome is unknown
RETRY_AFTER_DEFAULT = 30.0  # seconds, where Slack limits a call and does not say for how long
UNKNOWN_CODES = frozenset({"internal_error", "fatal_error", "service_unavailable"})

CALLS = Counter("desk_slack_calls_total", "Slack calls by method and result", ["method", "result"])


class SlackError(Exception):
    """A Slack call that gave no answer we wanted; always one of the three below."""


class SlackRefused(SlackError):
    """Slack refused with ``code``; nothing happened. ``response`` is Slack's whole answer.

    ``code`` is Slack's word (``channel_not_found``), or the HTTP status as text where ``method`` is
    ``response_url``.
    """

    def __init__(self, method: str, code: str, response: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{method}: {code}")
        self.method = method
        self.code = code
        self.response = response or {}


class SlackRateLimited(SlackError):
    """Slack asks to wait ``retry_after`` seconds; nothing happened.

    The limit is one of ``method``, or, for ``chat.postMessage``, of the channel.
    """

    def __init__(self, method: str, retry_after: float) -> None:
        super().__init__(f"{method}: retry after {retry_after} s")
        self.method = method
        self.retry_after = retry_after


class SlackUnknown(SlackError):
    """No usable answer came: the call may or may not have taken effect.

    A lost connection, a timeout, an answer that cannot be read, HTTP 5xx. Before it is repeated,
    look for what it may have left.
    """

    def __init__(self, method: str, why: str) -> None:
        super().__init__(f"{method}: {why}")
        self.method = method


class Slack:
    """The workspace, through one HTTP session kept for the life of the process.

    ``time`` is Slack's own, and ``scopes`` are those that our token was granted, both learned from
    its answers; ``scopes`` is None while none has told. Limits are kept by ``slack_limits``.
    ``on_back`` is called in the event loop when Slack answers again after an outage.
    """

    def __init__(self, token: str, base_url: str) -> None:
        """Connect to nothing yet: the session is made by the first call.

        ``scopes`` and the identity are known once Slack has answered. ``on_back`` is called after
        an outage.
        """
        self.token = token
        self.base_url = base_url.rstrip("/") + "/"
        self.time = SlackTime()
        self.scopes: frozenset[str] | None = None
        self.outage = Outage()
        self.shared = SharedChannels()
        self.on_back: Callable[[], None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None
        self._identity: dict[str, Any] | None = None

    @property
    def client(self) -> AsyncWebClient:
        """The SDK's client, made on first use inside the running loop.

        Its own retries are off: a lost reply must be looked into, not sent again.
        """
        if self._client is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT),
                connector=aiohttp.TCPConnector(limit=100),
            )
            self._client = AsyncWebClient(
                self.token,
                base_url=self.base_url,
                session=self._session,
                timeout=CALL_TIMEOUT,
                retry_handlers=[],
            )
        return self._client

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Slack's answer to ``method``; arguments that are None are left out.

        ``method`` is Slack's name (``chat.postMessage``); the answer is its JSON object. Raises
        SlackRefused, SlackRateLimited or SlackUnknown, the latter after ``CALL_TIMEOUT`` too. Words
        for a channel that another organisation reads are refused without calling
        (``shared_channels``). What is refused that way is not counted. A refusal and a limit end an
        outage, as an answer does.
        """
        if self.shared.forbids(method, arguments):
            raise SlackRefused(method, SHARED)
        try:
            with _counted(method):
                answer = await self._send(method, arguments)
        except SlackUnknown:
            self.outage.unanswered()
            raise
        except SlackError:
            self._answered()
            raise
        self._answered()
        self.shared.learn_from(answer)
        return answer

    def _answered(self) -> None:
        """Note that Slack answered, and call ``on_back`` where that ends an outage that counts."""
        if self.outage.answered() and self.on_back is not None:
            self.on_back()

    async def _send(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make the call and sort how it ended; raises the three kinds of SlackError.

        An answer that is no JSON object is an empty one. AttributeError for a method that the SDK
        does not have.
        """
        given = {k: v for k, v in arguments.items() if v is not None}
        try:
            function = getattr(self.client, method.replace(".", "_"))
            response = await function(**given)
        except SlackApiError as error:
            self._heard(getattr(error.response, "headers", None))
            raise _translated(method, error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackUnknown(method, type(error).__name__) from error
        except SlackClientError as error:
            raise SlackUnknown(method, type(error).__name__) from error
        self._heard(response.headers)
        return dict(response.data) if isinstance(response.data, dict) else {}

    def _heard(self, headers: Mapping[str, str] | None) -> None:
        """Learn from an answer's headers what time it is in Slack, and what our token may do."""
        self.time.heard(headers)
        named = {name.lower(): value for name, value in (headers or {}).items()}
        if (said := named.get("x-oauth-scopes")) is not None:
            self.scopes = frozenset(each.strip() for each in said.split(",") if each.strip())

    async def identity(self) -> dict[str, Any]:
        """Who we are: Slack's auth.test, asked once; raises as ``call``.

        ``user_id``, ``team_id``, ``enterprise_id`` in an organisation of several workspaces, and
        others.
        """
        if self._identity is None:
            self._identity = await self.call("auth.test")
        return self._identity

    @property
    def teams(self) -> frozenset[str]:
        """The ids of our own workspace; empty until ``identity`` was answered.

        Also in an organisation of several workspaces, where other ids may be of colleagues: there
        only the directory can tell.
        """
        told = self._identity or {}
        team = "" if told.get("enterprise_id") else str(told.get("team_id") or "")
        return frozenset({team} - {""})

    @property
    def user_id(self) -> str:
        """Our user id; empty until ``identity`` was answered."""
        return str((self._identity or {}).get("user_id") or "")

    async def respond(self, url: str, message: Mapping[str, Any]) -> None:
        """Post a private answer to a response URL, which takes five within half an hour.

        Raises SlackRefused for any status from 400 on, as when the URL is used up; SlackUnknown
        when nothing came back. A 429 is SlackRefused as well (``429``). Neither outages nor Slack's
        clock are learned from here, and no channel is asked whether it is shared: the answer is
        private.
        """
        _ = self.client
        if self._session is None:  # pragma: no cover - the property above made it
            raise SlackUnknown("response_url", "closed")
        with _counted("response_url"):
            try:
                async with self._session.post(url, json=dict(message)) as answer:
                    if answer.status >= 400:
                        raise SlackRefused("response_url", str(answer.status))
            except (aiohttp.ClientError, TimeoutError) as error:
                raise SlackUnknown("response_url", type(error).__name__) from error

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file's bytes to the address that Slack gave for it.

        Until ``files.completeUploadExternal`` no one sees the file, so any failure is SlackUnknown
        and safe to repeat from the start.
        """
        _ = self.client
        if self._session is None:  # pragma: no cover - the property above made it
            raise SlackUnknown("upload", "closed")
        with _counted("upload"):
            try:
                async with self._session.post(url, data=content) as answer:
                    if answer.status >= 400:
                        raise SlackUnknown("upload", str(answer.status))
            except (aiohttp.ClientError, TimeoutError) as error:
                raise SlackUnknown("upload", type(error).__name__) from error

    async def close(self) -> None:
        """Close the HTTP session. The next call opens another one."""
        if self._session is not None:
            await self._session.close()
        self._session = self._client = None


@contextmanager
def _counted(method: str) -> Iterator[None]:
    """Count a call by how it ends."""
    result = "unknown"
    try:
        yield
        result = "ok"
    except SlackRefused as error:
        result = error.code
        raise
    except SlackRateLimited:
        result = "ratelimited"
        raise
    finally:
        CALLS.labels(method, result).inc()


def _translated(method: str, error: SlackApiError) -> SlackError:
    """What is known after Slack's error: refused, limited, or nothing.

    By HTTP status and ``error`` code; without a code nothing is known. ``Retry-After`` is in
    seconds.
    """
    response = error.response
    status = getattr(response, "status_code", 200)
    data = response.data if hasattr(response, "data") else response
    data = data if isinstance(data, dict) else {}
    code = str(data.get("error", ""))
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        headers = {k.lower(): v for k, v in (getattr(response, "headers", None) or {}).items()}
        try:
            wait = float(headers.get("retry-after", RETRY_AFTER_DEFAULT))
        except ValueError:
            wait = RETRY_AFTER_DEFAULT
        return SlackRateLimited(method, wait)
    if status >= 500 or code in UNKNOWN_CODES or not code:
        return SlackUnknown(method, f"HTTP {status} {code}".strip())
    return SlackRefused(method, code, data)
