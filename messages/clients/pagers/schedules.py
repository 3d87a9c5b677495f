"""Who is on call when, by the schedules of PagerDuty and Opsgenie. They are only read.

A call ends as those to pagers do: well, or with Refused, Limited or Away. An answer without what
its documentation promises is Away: nothing is known by it, least of all that no one is on call.

Sources: developer.pagerduty.com, REST API v2 (``GET /schedules/{id}`` with ``since`` and ``until``
at most three months apart: ``final_schedule`` has overrides in it; ``GET /schedules/{id}/users``
has the addresses; ``Accept`` names the version). docs.opsgenie.com, Schedule API
(``GET /v2/schedules/{identifier}/timeline`` with ``date``, ``interval`` and ``intervalUnit``: of
``finalTimeline`` the periods; a user's ``name`` is their address; the key may need the right to
read configurations).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from bot.rules.duty.pagers import PagerName
from bot.rules.duty.sources import Spell, join_spells
from messages.clients.helpdesks import Away
from messages.clients.helpdesks.http import Api, parse_instant, pick_object, pick_objects
from messages.clients.pagers.opsgenie import API as OPSGENIE_API
from messages.clients.pagers.pagerduty import API as PAGERDUTY_API

PAGERDUTY_VERSION = "application/vnd.pagerduty+json;version=2"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
NAME_MAX = 200  # characters kept of a name or an address
DAY = timedelta(days=1)


class Schedules(Protocol):
    """A pager's schedules."""

    @property
    def name(self) -> PagerName:
        """Which pager."""

    async def spells(self, schedule: str, since: datetime, until: datetime) -> list[Spell]:
        """Who is on call in that time, in order, overrides included; empty for no one.

        Raises Refused, Limited, Away.
        """

    async def close(self) -> None:
        """Close the HTTP session."""


class PagerDutySchedules:
    """Schedules of one PagerDuty account, by a read-only API key."""

    name = PagerName.PAGERDUTY

    def __init__(self, token: str, api_url: str = PAGERDUTY_API) -> None:
        self._authorization = f"Token token={token}"
        accept = {"Accept": PAGERDUTY_VERSION}
        self._api = Api(self.name, api_url, wait_header="ratelimit-reset", headers=accept)

    async def spells(self, schedule: str, since: datetime, until: datetime) -> list[Spell]:
        """Ask for the final schedule, then for the people in it."""
        path = f"/schedules/{quote(schedule, safe='')}"
        between = {"since": _iso(since), "until": _iso(until)}
        said = await self._get(path, {**between, "time_zone": "UTC"})
        final = pick_object(pick_object(said, "schedule"), "final_schedule")
        entries = _promised(final, "rendered_schedule_entries")
        people = _promised(await self._get(f"{path}/users", between), "users") if entries else []
        emails = {str(each.get("id")): _text(each, "email") for each in people}
        return join_spells(
            Spell(
                emails.get(str(pick_object(entry, "user").get("id")), ""),
                _text(pick_object(entry, "user"), "summary"),
                parse_instant(entry.get("start")),
                parse_instant(entry.get("end")),
            )
            for entry in entries
        )

    async def _get(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """The JSON object of an answer. Raises Refused, Limited, Away."""
        answer = await self._api.call(
            "GET", path, authorization=self._authorization, params=dict(params)
        )
        return answer.data

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._api.close()


class OpsgenieSchedules:
    """Schedules that the key of an Opsgenie integration may read."""

    name = PagerName.OPSGENIE

    def __init__(self, key: str, base_url: str = OPSGENIE_API) -> None:
        self._authorization = f"GenieKey {key}"
        self._api = Api(self.name, base_url, wait_header="retry-after")

    async def spells(self, schedule: str, since: datetime, until: datetime) -> list[Spell]:
        """Ask for the timeline by the schedule's id, or its name where it is none."""
        params = {
            "identifierType": "id" if UUID.fullmatch(schedule) else "name",
            "date": _iso(since),
            "interval": str(-((since - until) // DAY)),
            "intervalUnit": "days",
        }
        path = f"/v2/schedules/{quote(schedule, safe='')}/timeline"
        answer = await self._api.call("GET", path, authorization=self._authorization, params=params)
        final = pick_object(pick_object(answer.data, "data"), "finalTimeline")
        return join_spells(
            spell
            for rotation in _promised(final, "rotations")
            for period in pick_objects(rotation, "periods")
            for spell in _period(period, since, until)
        )

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._api.close()


def _period(period: Mapping[str, Any], since: datetime, until: datetime) -> Iterator[Spell]:
    """Who is on call in a period of a timeline, cut to the time that was asked for.

    What is past has its people in ``flattenedRecipients``. A ``recipient`` that is no user is told
    by name alone; of one ``none`` there is no one.
    """
    begins, ends = parse_instant(period.get("startDate")), parse_instant(period.get("endDate"))
    people = pick_objects(period, "flattenedRecipients") or [pick_object(period, "recipient")]
    for who in people:
        kind = str(who.get("type") or "none")
        if kind != "none":
            name = _text(who, "name")
            email = name if kind == "user" and "@" in name else ""
            yield Spell(email, name, max(begins, since), min(ends, until))


def _promised(said: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list under ``name``. Raises Away where there is no list."""
    if not isinstance(said.get(name), list):
        raise Away(f"no {name} in the answer")
    return pick_objects(said, name)


def _text(said: Mapping[str, Any], name: str) -> str:
    """The text under ``name`` on one line; empty where it is none."""
    found = said.get(name)
    return " ".join(found.split())[:NAME_MAX] if isinstance(found, str) else ""


def _iso(at: datetime) -> str:
    """The instant in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
