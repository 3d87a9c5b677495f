"""Comparing what Slack shows with the store, and keeping in mind what differs.

An event, an effect that Slack refuses, a gap in the connection and the hour only say that a case
should be looked at; what differs is always found by the same comparison. So what we changed
ourselves never counts, and the same news twice changes nothing. The store stays the truth:
nothing is taken over from Slack, the case's owner is told once, with a button that repairs it.

``Case.drift`` is ``{"renamed": {"at": "2026-03-02T09:00:00+00:00", "seen": "esc-7-old"}}``: by the
value of ``Drift``, since when it is known (UTC) and what is there instead (``DriftFacts.seen``).
"""

from collections.abc import Set
from datetime import datetime

import structlog
from sqlalchemy import update
from sqlmodel import col, or_, select

from bot import effects
from bot.core.access import administrators, role_holders
from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.drift import (
    EXPOSED,
    HINTS,
    LOST,
    MADE_BY,
    Expected,
    Seen,
    drift_differences,
    undecided_drift,
)
from bot.rules.lifecycle import LIVE
from bot.rules.states import OutboxState
from bot.rules.words import Drift, Role
from storage.models import Case, Outbox

Found = dict[str, dict[str, str]]  # as ``Case.drift``

CARD_GONE = "message_not_found"
NEEDED = (Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD)  # these work in the channel
SAY_AGAIN_MAX = 3  # times that something which the channel did not take is tried again

log = structlog.get_logger()


async def channel_members_needed(work: UnitOfWork, case: Case) -> frozenset[str]:
    """The user ids that have to be in the channel: the owner and the roles in ``NEEDED``.

    A role that no person holds adds none.
    """
    holders = await role_holders(work.session, case)
    return frozenset({case.owner} | {holders[role] for role in NEEDED if role in holders})


def is_live(case: Case | None) -> bool:
    """True for a case that goes on and has a channel.

    Of others nothing is looked at or repaired.
    """
    return case is not None and case.channel_id is not None and case.status in LIVE


async def store_findings(
    work: UnitOfWork,
    number: int,
    seen: Seen,
    since: datetime,
    *,
    mender: str = "",
    quiet: bool = False,
) -> None:
    """Store what a look that began at ``since`` found; locks the case.

    Differences that our own queued effects will remove, or removed during the look, keep their old
    entry. The owner hears of what is new unless ``quiet``; ``mender`` is the user id that asked for
    a repair and hears what is left, or that all is well. What the channel refused while it was lost
    is queued again. A case that ended meanwhile loses its differences. Storing the same look twice
    tells the owner nothing new.

    Raises UserError ``no_such_case``.
    """
    case = await work.case(number)
    case.looked_at = work.now
    work.session.add(case)
    if not is_live(case):
        case.drift = {}
        return
    before: Found = dict(case.drift)
    case.drift = await compare_channel(work, case, seen, since)
    fresh = set(case.drift) - set(before) | _another_missing(before, case.drift)
    over = {d for d in before if d not in case.drift}
    await _record(work, case, fresh, over)
    if fresh and not quiet:
        await _tell_owner(work, case, fresh)
    if mender:
        await _tell_repairer(work, case, mender, before, over)
    if seen != Seen() and seen.lost is None and not EXPOSED & set(case.drift):
        await _say_again(work, case)


async def compare_channel(work: UnitOfWork, case: Case, seen: Seen, since: datetime) -> Found:
    """What differs now, as ``Case.drift`` carries it, by a look that began at ``since``.

    What the look could not tell stays as it was known; a difference that lasts keeps its first
    ``at``.
    """
    people = await channel_members_needed(work, case)
    expected = Expected(case.channel_name, case.topic, case.card_ts is not None, people)
    open_ = undecided_drift(expected, seen) | await _being_made(work, case, since)
    found = {d: text for d, text in drift_differences(expected, seen).items() if d not in open_}
    kept = {d: known for d, known in case.drift.items() if Drift(d) in open_}
    now = {d.value: _since(case.drift.get(d.value), text, work) for d, text in found.items()}
    return now | kept


def _since(known: dict[str, str] | None, seen: str, work: UnitOfWork) -> dict[str, str]:
    return {"at": known["at"] if known else work.now.isoformat(), "seen": seen}


def _another_missing(before: Found, after: Found) -> set[str]:
    """``member`` when a person is missing who was not missing before.

    This alone makes a known difference news: another wrong name or topic does not.
    """
    missing = [found.get(Drift.MEMBER, {}).get("seen", "") for found in (before, after)]
    known, now = (set(ids.split(",")) for ids in missing)
    return {Drift.MEMBER.value} if now - known - {""} else set()


async def _being_made(work: UnitOfWork, case: Case, since: datetime) -> set[Drift]:
    """What our effects are about to change, or changed since the look began."""
    query = select(Outbox.kind, Outbox.state).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind).in_(MADE_BY),
        or_(col(Outbox.state) == OutboxState.PENDING, col(Outbox.done_at) > since),
    )
    making = set((await work.session.exec(query)).all())
    if case.card_ts is not None:  # what waits only draws it again
        making.discard(("card", OutboxState.PENDING))
    return {d for kind, _ in making for d in MADE_BY[kind]}


async def _record(work: UnitOfWork, case: Case, fresh: Set[str], over: Set[str]) -> None:
    """Note each difference once: ``drift`` when it is new, ``drift_over`` when it is gone.

    Both entries carry ``{"drift": <value>}`` in ``after``. The card is drawn again.
    """
    for what in sorted(over):
        work.note(case, "drift_over", after={"drift": what})
    for what in sorted(fresh):
        work.note(case, "drift", after={"drift": what})
    if fresh or over:
        log.info("drift", case=case.number, fresh=sorted(fresh), over=sorted(over))
        await effects.queue_card(work, case)


async def _tell_owner(work: UnitOfWork, case: Case, fresh: Set[str]) -> None:
    """Queue one message to the owner; a card that is gone is also told in the channel.

    Of a channel that others read administrators hear too: who may be in a channel is theirs.
    """
    extra = {"found": drift_facts(case, fresh)}
    told = [case.owner]
    if fresh & EXPOSED and not case.drill:
        told += administrators(work.policy)
    for user in dict.fromkeys(told):
        await effects.queue_dm(work, user, "notice:drift", case, extra)
    if Drift.CARD in fresh:  # the channel has lost its buttons
        await effects.queue_post(work, case, "notice:drift", extra)


def drift_facts(case: Case, which: Set[str]) -> list[dict[str, str]]:
    """Differences as a notice carries them: ``[{"what": "topic", "at": "…", "seen": "…"}]``."""
    return [{"what": d, **found} for d, found in case.drift.items() if d in which]


async def _tell_repairer(
    work: UnitOfWork, case: Case, who: str, before: Found, over: Set[str]
) -> None:
    """Tell the person who asked for a repair what is left to do.

    Where nothing is left, tell what is over; where nothing changed and nothing is wrong, nothing.
    The app itself is told nothing.
    """
    if who == SYSTEM:
        return
    left = set(before) & set(case.drift)
    if left:
        extra = {"found": drift_facts(case, left)}
        await effects.queue_dm(work, who, "notice:drift_left", case, extra)
    elif over:
        extra = {"found": [{"what": d, **before[d]} for d in sorted(over)]}
        await effects.queue_dm(work, who, "notice:drift_over", case, extra)


async def _say_again(work: UnitOfWork, case: Case) -> None:
    """Queue again what the channel refused while it was lost, in its order.

    At most ``SAY_AGAIN_MAX`` attempts for each row, counted with those of its delivery.
    """
    lost = or_(*(col(Outbox.error).endswith(f": {code}") for code in HINTS))
    refused = update(Outbox).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind).in_(effects.IN_CHANNEL),
        col(Outbox.state) == OutboxState.REFUSED,
        col(Outbox.attempts) < SAY_AGAIN_MAX,
        lost,
    )
    again = {
        "state": OutboxState.PENDING,
        "error": "",
        "done_at": None,
        "attempts": Outbox.attempts + 1,
    }
    await work.session.exec(refused.values(**again))


async def doubt_channel(work: UnitOfWork, row: Outbox, code: str) -> None:
    """Queue a look when Slack refused an effect because the channel or the card is not as we think.

    ``code`` is Slack's. Runs in the transaction that stores the refusal, and locks the case.
    Effects outside a case's channel, other codes, and a loss that is known already are passed over.
    """
    about_card = row.kind == "card" and code == CARD_GONE
    if row.case_number is None or not (
        about_card or (row.kind in effects.IN_CHANNEL and code in HINTS)
    ):
        return
    hint = Drift.CARD if about_card else HINTS[code]
    case = await work.case(row.case_number)
    known = {Drift(what) for what in case.drift}
    if is_live(case) and not known & (LOST if not about_card else {Drift.CARD}):
        await effects.queue_look(work, case, hint)
