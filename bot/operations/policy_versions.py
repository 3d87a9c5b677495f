"""Policies over time: what was in force, what another would have done, applying a new one.

Versions are kept as their written form and read again when needed. The comparison itself is in
``bot.rules.policy.replay``, the clocks of a case in ``bot.sla.clocks``.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.operations.terminal_actions import note_action
from bot.people.account_worth import revalue_accounts
from bot.rules.lifecycle import OVER
from bot.rules.policy.load import Policy, policy_from_spec
from bot.rules.policy.replay import Comparison, replay_under
from bot.rules.policy.suspicious_pauses import Pause, pauses_of
from bot.rules.words import Severity, Status
from bot.sla import clock_history, clocks
from storage.database import Database
from storage.models import Case, PolicyVersion, TimelineEvent
from storage.upsert import upsert_row

OPEN = [status.value for status in Status if status not in OVER]
SEVERITY_VERBS = ("open_case", "severity")  # the timeline's entries that say a severity
HOLD_VERB = "hold"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A case under another policy, beside what it had; ``customer`` is the name on the case."""

    number: int
    customer: str
    comparison: Comparison


async def remember_policy(database: Database, policy: Policy, now: datetime) -> None:
    """Keep the policy that is in force, so that its cases can be explained later.

    What the accounts are worth is judged by it from now on.

    Keyed by the policy's version; replicas that start together may all call it.
    """
    async with database.write() as session:
        row = PolicyVersion(version=policy.version, spec=dict(policy.spec), since=now)
        await upsert_row(session, row)  # replicas that start together all try
        await revalue_accounts(session, policy)


async def replay_cases(
    session: AsyncSession, current: Policy, other: Policy, now: datetime
) -> list[Replayed]:
    """Every case, closed and open, under ``other``, in the order of their numbers.

    ``current`` is taken for policy versions that the store does not know. Reads only.
    """
    known = await _known(session)
    cases = (await session.exec(select(Case).order_by(col(Case.number)))).all()
    found = []
    for case in cases:
        past = await clock_history.load_history(session, case.number)
        old = known.get(case.policy_version, current)
        severities = await _severities(session, case)
        comparison = replay_under(past.events, severities, old, other, past.calendars, now)
        found.append(Replayed(case.number, case.customer, comparison))
    return found


async def apply_policy(services: WorkServices, actor: Actor, terminal: str) -> list[int]:
    """Give every open case the targets of the policy in force, in one transaction that locks them.

    ``terminal`` says who ran the command and on which machine; it stands in the timelines, and in
    the record of what is done from terminals. Returns the numbers of the cases that changed. This
    is the only way in which a new policy reaches clocks that already run.
    """
    policy = services.policy
    query = select(Case).where(
        col(Case.status).in_(OPEN), col(Case.policy_version) != policy.version
    )
    query = query.order_by(col(Case.number)).with_for_update()
    async with UnitOfWork.begin(services, actor) as work:
        cases = (await work.session.exec(query)).all()
        work.take_locked(cases)
        for case in cases:
            before, case.policy_version = case.policy_version, policy.version
            await clocks.retarget_clocks(work, case, policy.version)
            after = {"policy": policy.version, "terminal": terminal}
            work.note(case, "policy_applied", before={"policy": before}, after=after)
            await effects.queue_card(work, case)
        numbers = [case.number for case in cases]
        about = {"slack_user": actor.user_id, "policy": policy.version, "cases": numbers}
        note_action(work.session, terminal, "policy apply", about)
    return numbers


async def all_pauses(session: AsyncSession) -> list[Pause]:
    """Every pause of every case's clocks, by case number.

    Each carries the user who set it, empty where the timeline has no hold by then. Reads only.
    """
    found: list[Pause] = []
    for case in (await session.exec(select(Case).order_by(col(Case.number)))).all():
        past = await clock_history.load_history(session, case.number)
        holders = await _holders(session, case)
        set_by = functools.partial(_by, holders)
        found += pauses_of(f"ESC-{case.number}", past.events, past.calendars, set_by)
    return found


async def _known(session: AsyncSession) -> Mapping[str, Policy]:
    """The policies that were in force, by version, read again from what was kept."""
    rows = (await session.exec(select(PolicyVersion))).all()
    return {row.version: policy_from_spec(row.spec) for row in rows}


async def _severities(session: AsyncSession, case: Case) -> list[tuple[datetime, Severity]]:
    """The severities that the timeline tells, with their times.

    Where it tells none, the case's present severity counts from its receipt on.
    """
    said = [
        (event.at, Severity(event.after["severity"]))
        for event in await _timeline(session, case, SEVERITY_VERBS)
        if "severity" in event.after
    ]
    return said or [(case.received_at, Severity(case.severity))]


async def _holders(session: AsyncSession, case: Case) -> list[tuple[datetime, str]]:
    return [(e.at, e.actor) for e in await _timeline(session, case, (HOLD_VERB,))]


def _by(holders: Sequence[tuple[datetime, str]], at: datetime) -> str:
    """The actor of the latest hold at that time; empty for none."""
    return next((actor for when, actor in reversed(holders) if when <= at), "")


async def _timeline(
    session: AsyncSession, case: Case, verbs: Sequence[str]
) -> Sequence[TimelineEvent]:
    """The entries of a case with one of these verbs, in the order in which they were written."""
    query: Any = select(TimelineEvent).where(
        col(TimelineEvent.case_number) == case.number, col(TimelineEvent.verb).in_(verbs)
    )
    rows: Sequence[TimelineEvent] = (
        await session.exec(query.order_by(col(TimelineEvent.id)))
    ).all()
    return rows
