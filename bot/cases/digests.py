"""The morning summary of each executive: sent when it would say something new.

What is stored of an executive is a row of ``Digest``: ``next_at``, when their next morning is (the
policy's ``digest_hour`` in their own Slack time zone), ``last_at``, when they last had a summary,
and ``fingerprint``, what that one said. The sweep calls the functions in the order prepare, load,
queue (``bot/due_table.py``). What a digest contains is in ``queries``.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot import effects
from bot.cases.queries import FIRST_DIGEST
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.people.directory import People
from bot.rules import daily_times
from bot.rules.facts import DigestFacts
from storage.models import Digest


class DigestReader(Protocol):
    """The query that reads a digest: ``Reading`` in ``queries``, which the services bring along."""

    async def digest(self, viewer: str) -> DigestFacts:
        """What an executive's digest would say now, since their last one."""


class DigestServices(WorkServices, Protocol):
    """What mornings need of the process."""

    @property
    def people(self) -> People:
        """The directory."""

    @property
    def reading(self) -> DigestReader:
        """The queries."""


@dataclass(frozen=True, slots=True)
class Morning:
    """What an executive would read now, and when their next morning is (an aware instant)."""

    news: DigestFacts
    next_at: datetime


@dataclass(frozen=True, slots=True)
class DueDigest:
    """A locked row that is due, with what its executive would read."""

    row: Digest
    morning: Morning


async def prepare_mornings(services: DigestServices, users: Sequence[str]) -> dict[str, Morning]:
    """What each of them would read, by user id; runs before the transaction.

    It may ask Slack for a person's time zone, so no row is locked meanwhile.
    """
    now, hour = services.clock.now(), services.policy.digest_hour
    found = {}
    for user in users:
        person = await services.people.person(user)
        news = await services.reading.digest(user)
        found[user] = Morning(news, daily_times.next_morning(now, person.timezone, hour))
    return found


async def load_digests(
    work: UnitOfWork, rows: Sequence[Digest], mornings: Mapping[str, Morning]
) -> list[DueDigest]:
    """Each locked row with what was prepared for it."""
    return [DueDigest(row, mornings[row.user_id]) for row in rows]


async def queue_digest(work: UnitOfWork, due: DueDigest, says: Sequence[Reminder]) -> None:
    """Queue the summary where it says anything new, and set the next morning in any case.

    Payload of the row, kind ``digest``: ``user`` and ``since`` (ISO 8601; a day ago for a first
    one). The facts are read again when it is sent, so what happened in between is in it.
    """
    row, news = due.row, due.morning.news
    row.next_at = due.morning.next_at
    fingerprint = fingerprint_of(news)
    if fingerprint and fingerprint != row.fingerprint:
        since = (row.last_at or work.now - FIRST_DIGEST).isoformat()
        row.fingerprint, row.last_at = fingerprint, work.now
        reminder = get_reminder(says, "digest")
        known: dict[str, tuple[str]] = {Audience.READER: (row.user_id,)}
        for user in find_recipients(reminder.who, known, work.policy.roles):
            payload = {"user": user, "since": since}
            work.leave(reminder.template, f"dm:{user}", payload, priority=effects.DIGEST)
    work.session.add(row)


def fingerprint_of(news: DigestFacts) -> str:
    """Changes whenever the digest would say something else; empty when it has nothing to say.

    Made of the ids of the open questions, what the reader owes, and the reference and version of
    each case, so that any change of a listed case counts as news. What is overdue is news every
    day.
    """
    parts = [f"ask{a.id}" for a in news.asks]
    parts += [f"owed{each.what}{each.case_number}:{each.due}" for each in news.owed]
    parts += [f"{c.reference}:{c.version}" for c in (*news.at_risk, *news.breaches, *news.wins)]
    parts += [f"late{news.local_day}" for _ in news.breaches[:1]]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16] if parts else ""
