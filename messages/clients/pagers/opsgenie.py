"""Opsgenie: pages as alerts by the Alert API, known by their alias.

Requests are taken (202) and carried out later there, in order; an alert that is not open is neither
acknowledged nor closed, which is no mistake of ours.

Sources: docs.opsgenie.com, Alert API (create with ``alias`` of at most 512 characters and
``message`` of at most 130; acknowledge and close with ``identifierType=alias``), Authentication.
"""

from typing import Any
from urllib.parse import quote

from bot.rules.duty.pagers import PagerName
from messages.clients.helpdesks.http import Api
from messages.clients.pagers import Page

API = "https://api.opsgenie.com"
MESSAGE_MAX = 130  # characters
SOURCE = "Escalation Desk"


class Opsgenie:
    """One Opsgenie team, by the key of its API integration; in Europe at another address."""

    name = PagerName.OPSGENIE

    def __init__(self, key: str, base_url: str = API) -> None:
        self._authorization = f"GenieKey {key}"
        self._api = Api(self.name, base_url, wait_header="retry-after")

    async def trigger(self, page: Page) -> None:
        """Open an alert; while one of that alias is open, it only counts up."""
        said: dict[str, Any] = {"message": page.title[:MESSAGE_MAX], "alias": page.key,
                                "priority": f"P{page.grade}", "source": SOURCE}  # fmt: skip
        if page.link:
            said["description"] = page.link
        await self._post("/v2/alerts", said)

    async def acknowledge(self, key: str) -> None:
        """Somebody has it."""
        await self._on_alert(key, "acknowledge")

    async def resolve(self, key: str) -> None:
        """It is over; Opsgenie calls that closed."""
        await self._on_alert(key, "close")

    async def _on_alert(self, key: str, action: str) -> None:
        """Do ``acknowledge`` or ``close`` to the alert that has ``key`` as its alias."""
        path = f"/v2/alerts/{quote(key, safe='')}/{action}?identifierType=alias"
        await self._post(path, {"source": SOURCE})

    async def _post(self, path: str, said: dict[str, Any]) -> None:
        """Post JSON with the integration's key. Raises Refused, Limited, Away."""
        await self._api.call("POST", path, authorization=self._authorization, json=said)

    async def email_of(self, agent: str) -> str:
        """Opsgenie's webhook names people by their address already."""
        return ""

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._api.close()
