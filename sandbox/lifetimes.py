"""What lives for a short real time: trigger ids, response URLs, socket tickets."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.errors import SlackError

TRIGGER_SECONDS = 3.0  # api.slack.com/interactivity/handling#modal_responses
RESPONSE_URL_SECONDS = 30 * 60.0  # api.slack.com/interactivity/handling#message_responses
RESPONSE_URL_USES = 5
TICKET_SECONDS = 30.0

RealTime = Callable[[], float]


@dataclass
class Trigger:
    """A right to open one modal for one person, soon."""

    id: str
    app_id: str
    user_id: str
    view_id: str | None
    minted: float
    used: bool = False


@dataclass
class ResponseUrl:
    """A right to answer in one place, five times within half an hour.

    ``source_ts`` is the message whose button was pressed (None for a command),
    ``source_ephemeral`` whether only ``user_id`` saw it.
    """

    id: str
    app_id: str
    channel_id: str
    user_id: str
    minted: float
    source_ts: str | None = None
    source_ephemeral: bool = False
    thread_ts: str | None = None
    uses: int = 0


@dataclass
class Lifetimes:
    """The registry of all of them. ``real_time`` is seconds; tests may replace it."""

    real_time: RealTime = time.time
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    tickets: dict[str, tuple[str, float]] = field(default_factory=dict)

    def mint_trigger(self, app_id: str, user_id: str, view_id: str | None = None) -> str:
        """A new trigger id; ``view_id`` is the modal from which it came, if any."""
        now = self.real_time()
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}."
        trigger_id += secrets.token_hex(16)
        self.triggers[trigger_id] = Trigger(trigger_id, app_id, user_id, view_id, now)
        return trigger_id

    def exchange_trigger(self, trigger_id: str, app_id: str) -> Trigger:
        """Use a trigger id up.

        Raises SlackError ``invalid_trigger_id``, ``exchanged_trigger_id``, ``expired_trigger_id``.
        A trigger of another app is an invalid one. Used is told before expired.
        """
        trigger = self.triggers.get(trigger_id)
        if trigger is None or trigger.app_id != app_id:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.real_time() - trigger.minted > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def mint_response_url(
        self,
        app_id: str,
        channel_id: str,
        user_id: str,
        *,
        source_ts: str | None = None,
        source_ephemeral: bool = False,
        thread_ts: str | None = None,
    ) -> ResponseUrl:
        """A new response URL; its path is ``/_/response/<id>``."""
        response_url = ResponseUrl(
            secrets.token_urlsafe(24),
            app_id,
            channel_id,
            user_id,
            self.real_time(),
            source_ts,
            source_ephemeral,
            thread_ts,
        )
        self.response_urls[response_url.id] = response_url
        return response_url

    def use_response_url(self, response_url_id: str) -> ResponseUrl:
        """Count one use. Raises SlackError ``expired_url`` (30 min), ``used_url`` (5 uses).

        One that never was counts as expired.
        """
        response_url = self.response_urls.get(response_url_id)
        if response_url is None or (self.real_time() - response_url.minted > RESPONSE_URL_SECONDS):
            raise SlackError("expired_url")
        if response_url.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        response_url.uses += 1
        return response_url

    def mint_ticket(self, app_id: str) -> str:
        """A ticket for one Socket Mode connection."""
        ticket = secrets.token_urlsafe(24)
        self.tickets[ticket] = (app_id, self.real_time())
        return ticket

    def take_ticket(self, ticket: str) -> str | None:
        """The app that may connect with this ticket, once; None when it is worthless."""
        app_id, minted = self.tickets.pop(ticket, ("", 0.0))
        if not app_id or self.real_time() - minted > TICKET_SECONDS:
            return None
        return app_id
