"""What the composer opens with: the approved words for the moment, and a promise to keep."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.clock import Clock
from bot.outside import Customers
from bot.people import People
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.policy import Policy
from bot.rules.words import ClockKind, Language, MessageKind
from messages.approved import Target, approved_text
from messages.render import MissingFactError

TOLD = (ClockKind.NEXT_UPDATE, ClockKind.WORKAROUND, ClockKind.RESOLUTION)
QUARTER = timedelta(minutes=15)  # promises are made at times that people can remember


class Desk(Protocol):
    """What a draft needs of the desk."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def policy(self) -> Policy:
        """What the organisation decided."""

    @property
    def customers(self) -> Customers:
        """How customers are reached outside Slack."""

    @property
    def people(self) -> People:
        """Who is who."""


async def draft(
    desk: Desk, kind: MessageKind, case: CaseFacts, viewer: PersonFacts
) -> Mapping[str, Any]:
    """``text``, the approved one (empty when a fact it needs is not known), ``next_update_at``,
    and whether the desk itself can mail it (``mails``)."""
    promise = suggested_promise(desk.policy, case, desk.clock.now())
    manager = await desk.people.person(case.owner)
    try:
        text = approved_text(
            kind,
            case,
            Language(case.language),
            viewer=viewer,
            manager=manager,
            zone=desk.policy.timezone,
            next_update_at=promise,
            targets=_targets(desk.policy, case),
        )
    except MissingFactError:
        text = ""
    return {
        "text": text,
        "next_update_at": promise,
        "recipient": _recipient(case),
        "mails": desk.customers.mails and bool(case.contact_email),
    }


def _recipient(case: CaseFacts) -> str:
    return ", ".join(part for part in (case.contact_name, case.contact_email) if part)


def suggested_promise(policy: Policy, case: CaseFacts, now: datetime) -> datetime:
    """The latest quarter of an hour at which the next update keeps the policy's interval."""
    clock = policy.severity(case.severity).clocks[ClockKind.NEXT_UPDATE]
    minutes = clock.target.minutes if clock.target else None
    due = policy.calendars[clock.calendar].add(now, timedelta(minutes=minutes or 24 * 60))
    rounded = due - (due - datetime.min.replace(tzinfo=due.tzinfo)) % QUARTER
    return rounded if rounded > now else due


def _targets(policy: Policy, case: CaseFacts) -> list[Target]:
    clocks = policy.severity(case.severity).clocks
    found = []
    for kind in TOLD:
        clock = clocks.get(kind)
        if clock is not None and clock.target is not None and clock.target.minutes:
            within = timedelta(minutes=clock.target.minutes)
            hours = not policy.calendars[clock.calendar].never_closes
            found.append(Target(kind, within, working_time=hours))
    return found
