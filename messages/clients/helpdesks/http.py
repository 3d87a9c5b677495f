"""JSON over HTTP with a help desk or bug tracker, its answers sorted by what is known of the call.

Below 300 an Answer; 429 Limited; 301 and 308 Moved, which is Refused; 5xx, ``RECOVERABLE`` and no
answer at all Away; all else Refused.
"""

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import aiohttp
from prometheus_client import Counter

from messages.clients.helpdesks import Away, Limited, Refused, Reply

CALL_TIMEOUT = 10  # seconds for one request; several fit into the lease of a row
RETRY_AFTER_DEFAULT = 30.0  # seconds, where a limit does not say for how long
INSTANT = 1e9  # seconds; more than that is no wait, but an instant since 1970
RETRY_AFTER_MAX = 900.0  # seconds; a longer wait is asked for again
REASON_MAX = 300  # characters kept of a refusal
RECOVERABLE = frozenset({401, 403, 408, 409})  # credentials, a slow line, a collision: they pass
MOVED = frozenset({301, 308})
KEY_MAX = 100  # characters of an event's id
# The mark of what we wrote, where a help desk keeps no field of ours and shows it at the end.
REFERENCE = re.compile(r"(?<![\w-])(?:ESC-[0-9]{1,9}|NOTE)-[0-9]{1,12}(?![\w-])")
TICKET = re.compile(r"[0-9]{1,18}")

CALLS = Counter(
    "desk_helpdesk_calls_total",
    "Calls to help desks and bug trackers by result",
    ["desk", "result"],
)


class Moved(Refused):
    """What was asked for is somewhere else now, at the address ``where``."""

    def __init__(self, reason: str, where: str) -> None:
        super().__init__(reason)
        self.where = where


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; names of ``headers`` are lower case.

    ``data`` is empty where the body is no JSON object.
    """

    data: Mapping[str, Any]
    headers: Mapping[str, str]


class Api:
    """One service's API, through one HTTP session kept for the life of the process.

    ``wait_header`` is the header of a 429 that says for how many seconds to wait, in lower case, or
    until which second since 1970. ``headers`` go with each request.
    """

    def __init__(
        self,
        name: StrEnum,
        base_url: str,
        *,
        wait_header: str,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Open no connection yet.

        ``wait_header`` names the header of a 429 that has the seconds to wait.
        """
        self._headers = headers
        self.name, self.base_url = name, base_url.rstrip("/")
        self._wait_header = wait_header  # which header of a 429 says for how many seconds
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        path: str,
        *,
        authorization: str = "",
        **content: Any,
    ) -> Answer:
        """Ask, with ``json``, ``data`` or ``params``. Raises Refused, Limited or Away.

        Redirects are not followed: an answer from elsewhere is none of ours. ``authorization`` is
        the whole header; empty sends none. Nothing is tried again. Each request has
        ``CALL_TIMEOUT`` in all. The session is opened by the first call, in its event loop, and
        again after ``close``.
        """
        headers = {"Accept": "application/json", **self._headers}
        headers |= {"Authorization": authorization} if authorization else {}
        try:
            async with self._open().request(
                method, self.base_url + path, headers=headers, allow_redirects=False, **content
            ) as response:
                answer = Answer(
                    _data(await response.read()),
                    {name.lower(): value for name, value in response.headers.items()},
                )
                self._judge(response.status, answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as lost:
            CALLS.labels(self.name.value, "lost").inc()
            raise Away(f"{type(lost).__name__}: {lost}"[:REASON_MAX]) from lost
        return answer

    def _open(self) -> aiohttp.ClientSession:
        """The session, opened where there is none; at most ten connections at once."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT),
                connector=aiohttp.TCPConnector(limit=10),
            )
        return self._session

    def _judge(self, status: int, answer: Answer) -> None:
        """Count the answer by its status, and raise what anything but a success means.

        A 301 or 308 without a ``Location`` is Refused. Away has the status alone as its text and
        the help desk's words as its ``reason``; Refused has both.
        """
        CALLS.labels(self.name.value, str(status)).inc()
        if status < 300:
            return
        said = f"{status} {error_reason(answer.data)}".strip()
        if status == 429:
            raise Limited(_seconds(answer.headers.get(self._wait_header, ""), answer.headers))
        if status in MOVED and (where := answer.headers.get("location", "")):
            raise Moved(said, where)
        if status >= 500 or status in RECOVERABLE:
            raise Away(str(status), status, said)
        raise Refused(said)

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session is not None:
            await self._session.close()
        self._session = None


def _data(raw: bytes) -> Mapping[str, Any]:
    """The JSON object in a body; empty for no body and for anything else."""
    try:
        data = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _seconds(said: str, headers: Mapping[str, str]) -> float:
    """How long to wait; where an instant is told, as far from now as their own clock says.

    A number beyond ``INSTANT`` is such an instant. Never below 0, never above ``RETRY_AFTER_MAX``,
    and ``RETRY_AFTER_DEFAULT`` where neither can be read.
    """
    try:
        wait = float(said)
        if wait > INSTANT:
            wait -= parsedate_to_datetime(headers.get("date", "")).timestamp()
        return min(max(wait, 0.0), RETRY_AFTER_MAX)
    except (TypeError, ValueError):
        return RETRY_AFTER_DEFAULT


def error_reason(data: Mapping[str, Any]) -> str:
    """What an error says, on one line: its texts in order, whatever they are called."""
    return " ".join(" ".join(_texts(data)).split())[:REASON_MAX]


def _texts(value: Any) -> list[str]:
    """All texts in a JSON value, in order, at any depth; links and log references are left out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = [v for k, v in value.items() if k not in ("_links", "logRef")]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


def as_html(text: str) -> str:
    """Words as HTML that shows them and nothing else: paragraphs and line breaks."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return "".join(f"<p>{html.escape(block).replace(chr(10), '<br>')}</p>" for block in blocks)


def written_page(written: Reply) -> str:
    """What we write as HTML, with the sentence that names its mark at the end."""
    return as_html(f"{written.text.strip()}\n\n{written.reference}")


def event_key(said: object, raw: bytes) -> str:
    """A webhook's own id; a digest of the body where that is none that can be stored."""
    usual = isinstance(said, str) and 0 < len(said) <= KEY_MAX and said.isprintable()
    return str(said) if usual else hashlib.sha256(raw).hexdigest()


def parse_instant(said: object) -> datetime:
    """An ISO 8601 instant as aware UTC. Raises Away for what is none: nothing else is known."""
    try:
        at = datetime.fromisoformat(str(said))
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last days of all lie outside some zones
        raise Away(f"not an instant: {said!r}"[:REASON_MAX]) from None


def ticket_id(value: object) -> str:
    """A ticket's id as a webhook gives it, a number or digits. Raises ValueError for what is
    none.
    """
    said = str(value)
    if not TICKET.fullmatch(said):
        raise ValueError("not a ticket")
    return said


def pick_object(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under ``name``; an empty one where there is something else, or nothing."""
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def pick_objects(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list under ``name``; what is none is left out."""
    found = said.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def body_of(raw: bytes) -> Mapping[str, Any]:
    """A webhook's JSON object. Raises ValueError for anything else."""
    try:
        data = json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data
