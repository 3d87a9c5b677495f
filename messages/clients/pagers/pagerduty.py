"""PagerDuty: pages by the Events API v2, people by the REST API v2.

Sources: developer.pagerduty.com, Events API v2 (trigger, acknowledge, resolve; ``dedup_key`` of at
most 255 characters, ``summary`` of at most 1024), REST API v2 (``GET /users/{id}``).
"""

import re

from bot.rules.duty.pagers import PagerName
from messages.clients.helpdesks.http import Api, pick_object
from messages.clients.pagers import Page

EVENTS = "https://events.pagerduty.com"
API = "https://api.pagerduty.com"
GRADES = {1: "critical", 2: "error", 3: "warning", 4: "info"}
USER = re.compile(r"[A-Z0-9]{1,30}", re.ASCII)
SUMMARY_MAX = 1024  # characters


class PagerDuty:
    """One PagerDuty service, by the routing key of its Events API v2 integration.

    ``token`` reads who acknowledged; without it that stays a name.
    """

    name = PagerName.PAGERDUTY

    def __init__(
        self, routing_key: str, token: str = "", events_url: str = EVENTS, api_url: str = API
    ) -> None:
        self._routing_key, self._token = routing_key, token
        self._events = Api(self.name, events_url, wait_header="retry-after")
        self._people = Api(self.name, api_url, wait_header="ratelimit-reset")

    async def trigger(self, page: Page) -> None:
        """Open an incident, or add to the open one of that key."""
        links = [{"href": page.link, "text": "Slack"}] if page.link else []
        said = {"summary": page.title[:SUMMARY_MAX], "source": "Escalation Desk",
                "severity": GRADES[page.grade]}  # fmt: skip
        await self._send("trigger", page.key, payload=said, links=links)

    async def acknowledge(self, key: str) -> None:
        """An incident that is not open stays as it is."""
        await self._send("acknowledge", key)

    async def resolve(self, key: str) -> None:
        """An incident that is not open stays as it is."""
        await self._send("resolve", key)

    async def _send(self, action: str, key: str, **more: object) -> None:
        """Send an event about the incident of ``key``; ``more`` are further fields of its JSON.

        The routing key stands in the body, not in a header. Raises Refused, Limited, Away.
        """
        event = {"routing_key": self._routing_key, "event_action": action, "dedup_key": key, **more}
        await self._events.call("POST", "/v2/enqueue", json=event)

    async def email_of(self, agent: str) -> str:
        """The address of a user; empty without a token."""
        if not self._token or not USER.fullmatch(agent):
            return ""
        answer = await self._people.call(
            "GET", f"/users/{agent}", authorization=f"Token token={self._token}"
        )
        return str(pick_object(answer.data, "user").get("email") or "")

    async def close(self) -> None:
        """Close the HTTP sessions."""
        await self._events.close()
        await self._people.close()
