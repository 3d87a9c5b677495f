"""Delivery by signed HTTP POST, as docs.slack.dev/authentication/verifying-requests-from-slack."""

import hashlib
import hmac
import json
import ssl
import time
from urllib.parse import urlencode

import aiohttp

from sandbox.delivery.outcome import REDIRECTS_MAX, Parcel, Timing, UnansweredError
from sandbox.state import AppInstallation, Json

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
BASE_HEADERS = {
    "Accept": "application/json,*/*",
    "Accept-Encoding": "gzip,deflate",
    "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
}


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``v0=`` and the HMAC-SHA256 of ``v0:timestamp:body`` in hex."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encode(parcel: Parcel) -> tuple[str, bytes]:
    """Content type and raw body: commands are a form, interactions one field, events JSON."""
    if parcel.envelope == "slash_commands":
        return FORM, urlencode(parcel.body).encode()
    text = json.dumps(parcel.body, separators=(",", ":"))
    if parcel.envelope == "interactive":
        return FORM, urlencode({"payload": text}).encode()
    return JSON, text.encode()


def headers_for(app: AppInstallation, parcel: Parcel, content_type: str, body: bytes) -> Json:
    """Every header that Slack sends, the signature and the retry marks among them.

    The timestamp is the machine's time, never the workspace's. A first attempt has no retry marks.
    """
    now = str(int(time.time()))
    headers = BASE_HEADERS | {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": now,
        "X-Slack-Signature": signature(app.signing_secret, now, body),
    }
    if parcel.attempt:
        headers["X-Slack-Retry-Num"] = str(parcel.attempt)
        headers["X-Slack-Retry-Reason"] = parcel.reason
    return headers


class HttpSender:
    """Posts to an app's request URL and reads the acknowledgement from the response."""

    def __init__(self, timing: Timing) -> None:
        """``timing.ack_seconds`` bounds each attempt, redirects included."""
        self.timing = timing
        self._session: aiohttp.ClientSession | None = None

    async def send(self, app: AppInstallation, parcel: Parcel) -> Json | None:
        """Deliver once. Returns the answer's payload, None for an empty one.

        Raises :class:`UnansweredError` with Slack's reason for anything but a 2xx in time. The
        reasons are ``http_timeout``, ``too_many_redirects`` (more than two), ``ssl_error``,
        ``connection_failed``, ``http_error`` and ``unknown_error``. A status outside 2xx with
        ``X-Slack-No-Retry: 1`` is not tried again.
        """
        content_type, body = encode(parcel)
        headers = headers_for(app, parcel, content_type, body)
        timeout = aiohttp.ClientTimeout(total=self.timing.ack_seconds)
        try:
            async with self._open().post(
                app.request_url or "",
                data=body,
                headers=headers,
                timeout=timeout,
                max_redirects=REDIRECTS_MAX + 1,
            ) as response:
                text = await response.text()
        except TimeoutError as error:
            raise UnansweredError("http_timeout", late=True) from error
        except aiohttp.TooManyRedirects as error:
            raise UnansweredError("too_many_redirects") from error
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            raise UnansweredError("ssl_error") from error
        except aiohttp.ClientConnectionError as error:
            raise UnansweredError("connection_failed") from error
        except aiohttp.ClientError as error:
            raise UnansweredError("unknown_error") from error
        if not 200 <= response.status < 300:
            no_retry = response.headers.get("X-Slack-No-Retry") == "1"
            raise UnansweredError("http_error", retry=not no_retry)
        return read_answer(response.content_type, text)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(trust_env=False)
        return self._session

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()


def read_answer(content_type: str, text: str) -> Json | None:
    """The payload in a response body: JSON, or plain text as a message; None when empty.

    Raises :class:`UnansweredError` (``http_error``) for what claims to be JSON and is none; JSON
    that is no object counts as empty.
    """
    if not text.strip():
        return None
    if content_type != JSON:
        return {"text": text}
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise UnansweredError("http_error") from error
    return answer if isinstance(answer, dict) else None
