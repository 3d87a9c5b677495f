"""Taking in what arrives: each thing once, many of them one candidate, nothing ignored.

What comes of a thread of which there is a live case is another report of that case. All else waits
as a candidate for a person to decide (``bot.intake.decide``): one a thread, and one a customer
while it is undecided. Of a restricted candidate nothing is said to those who may not know of it, so
what is not restricted never joins one for its customer's sake; of the same thread it does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from bot.core.steps import as_utc, follow_merged
from bot.engine.unit_of_work import UnitOfWork
from bot.intake import reports
from bot.intake.candidates import find_owner, show_candidate, tell_legal
from bot.rules.intake import (
    Arrival,
    Reason,
    find_threats,
    redact_secrets,
    suggest_severity,
    suggest_trigger,
)
from bot.rules.lifecycle import LIVE
from bot.rules.names import fold_name
from bot.rules.states import CandidateState
from bot.rules.words import Language, Severity, Status
from storage.models import Account, Candidate, Case, Signal
from storage.upsert import take_turns

OFTEN, OFTEN_SPAN = 3, timedelta(days=7)  # contacts of a customer that together are a sign
THREAD_DAYS = timedelta(days=14)  # after which an undecided candidate is joined by its thread only
WAITS = col(Candidate.state) == CandidateState.WAITING
REPEATED, NEW, ADDED, CASE = "repeated", "new", "added", "case"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an arrival: ``outcome`` is one of the four names above.

    ``signal`` is the id of its row. ``case`` is the number of the live case of its thread, and then
    ``candidate`` is None; for a repetition ``candidate`` and ``case`` are what came of it, as it
    stands now.
    """

    outcome: str
    signal: int
    candidate: int | None
    case: int | None


async def take_in_signal(work: UnitOfWork, arrival: Arrival) -> Taken:
    """Store the arrival under its source and key, and have it decided on.

    Runs in the caller's transaction and shows everything by itself. The same source and key change
    nothing, however often they come, also at once, and whatever else they bring.

    Turns are taken for the key, the customer and the thread, in this order, before a case or a
    candidate is locked. No permission is checked; the caller answers for the arrival. An account's
    key that is not known counts as none, and then ``customer`` is the name, which may be empty.
    """
    await take_turns(work.session, f"signal:{arrival.source}:{arrival.key}")
    if (known := await _find_signal(work, arrival)) is not None:
        return Taken(REPEATED, known.id, known.candidate, known.case_number)
    account = await _find_account(work, arrival)
    arrival = _with_threats(arrival, _language(work, arrival, account))
    name = account.name if account else arrival.customer
    await take_turns(work.session, f"customer:{fold_name(name)}")
    if arrival.thread:
        await take_turns(work.session, f"thread:{arrival.source}:{arrival.thread}")
    signal = _signal_of(work, arrival, account, name)
    if (case := await _find_case(work, arrival)) is not None:
        return await _add_to_case(work, signal, case)
    return await _add_to_candidate(work, arrival, signal, account)


def _with_threats(arrival: Arrival, language: Language) -> Arrival:
    """The arrival with the threats that its words make; a legal one restricts it, as it does a
    case.
    """
    found = find_threats(arrival.text, language)
    reasons = (*arrival.reasons, *(each for each in found if each not in arrival.reasons))
    secret = arrival.sensitive or Reason.LEGAL_THREAT in reasons
    return replace(arrival, reasons=reasons, sensitive=secret)


async def _find_signal(work: UnitOfWork, arrival: Arrival) -> Signal | None:
    query = select(Signal).where(
        col(Signal.source) == arrival.source, col(Signal.key) == arrival.key
    )
    return (await work.session.exec(query)).first()


async def _find_account(work: UnitOfWork, arrival: Arrival) -> Account | None:
    """The account by its key, else the only one of the name that was given.

    None where the key is unknown, without looking at the name, and where several accounts have it.
    """
    if arrival.account:
        return await work.session.get(Account, arrival.account)
    if not arrival.customer:
        return None
    query = select(Account).where(col(Account.folded) == fold_name(arrival.customer)).limit(2)
    found = (await work.session.exec(query)).all()
    return found[0] if len(found) == 1 else None


def _signal_of(work: UnitOfWork, arrival: Arrival, account: Account | None, name: str) -> Signal:
    """The row, without secrets. What lies in the future happened now.

    Secrets are hidden in the text and in the values of ``details``, not in link, contact or rating.
    Name and address of the contact are the account's where the arrival has none, each for itself.
    """
    expected = _language(work, arrival, account)
    return Signal(
        source=arrival.source,
        key=arrival.key,
        thread=arrival.thread,
        account_key=account.key if account else None,
        customer=name,
        folded=fold_name(name),
        contact_name=arrival.contact.name or (account.contact_name if account else ""),
        contact_email=arrival.contact.email or (account.contact_email if account else ""),
        contact_phone=arrival.contact.phone,
        text=redact_secrets(arrival.text, expected),
        link=arrival.link,
        rating=arrival.rating,
        details={k: redact_secrets(v, expected) for k, v in arrival.details.items()},
        reported_by=arrival.reported_by or None,
        happened_at=min(as_utc(arrival.happened_at), work.now),
        received_at=work.now,
    )


def _language(work: UnitOfWork, arrival: Arrival, account: Account | None) -> Language:
    """The language of the arrival, else the account's, else the first one of the policy."""
    if arrival.language is not None:
        return arrival.language
    return Language(account.language) if account else work.policy.languages[0]


async def _find_case(work: UnitOfWork, arrival: Arrival) -> Case | None:
    """The live case of the same thread, locked; where it was merged, the one in which it goes on.

    None as well where it has ended: then what arrives is decided on anew.
    """
    if not arrival.thread:
        return None
    query = select(Signal.case_number).where(
        col(Signal.source) == arrival.source,
        col(Signal.thread) == arrival.thread,
        col(Signal.case_number).is_not(None),
    )
    number = (await work.session.exec(query.order_by(col(Signal.id).desc()))).first()
    if number is None:
        return None
    case = await follow_merged(work.session, await work.session.get_one(Case, number))
    case = await work.case(case.number)
    open_to_more = arrival.sensitive and not case.sensitive
    return None if open_to_more or Status(case.status) not in LIVE else case


async def _add_to_case(work: UnitOfWork, signal: Signal, case: Case) -> Taken:
    """Store the signal with the case, which is locked, and count it as a report; no candidate comes
    of it.
    """
    signal.case_number = case.number
    await _save(work, signal)
    await reports.add_signal(work, case, signal)
    return Taken(CASE, signal.id, None, case.number)


async def _add_to_candidate(
    work: UnitOfWork, arrival: Arrival, signal: Signal, account: Account | None
) -> Taken:
    """Add the signal to the candidate that waits, or begin one, and show it.

    A restricted arrival restricts the whole candidate, and Legal is told when it becomes so.
    Customer, contact and words stay those of the first signal; ``signals`` counts all.
    """
    found = await _find_waiting(work, arrival, signal)
    reasons = [*arrival.reasons, *await _own_reasons(work, arrival, signal)]
    candidate = found or await _begin(work, arrival, signal, _language(work, arrival, account))
    if found is not None:
        candidate.signals += 1
    secret = arrival.sensitive and (found is None or not candidate.sensitive)
    candidate.sensitive = candidate.sensitive or arrival.sensitive
    _raise_suggestion(work, candidate, arrival, reasons)
    work.session.add(candidate)
    await work.session.flush()
    signal.candidate = candidate.id
    await _save(work, signal)
    await show_candidate(work, candidate)
    if secret:
        await tell_legal(work, candidate)
    return Taken(ADDED if found else NEW, signal.id, candidate.id, None)


async def _save(work: UnitOfWork, signal: Signal) -> None:
    work.session.add(signal)
    await work.session.flush()


async def lock_thread_candidate(work: UnitOfWork, source: str, thread: str) -> Candidate | None:
    """The undecided candidate of that thread of the source, locked; None where none waits."""
    query = select(Candidate).join(Signal, col(Signal.candidate) == col(Candidate.id))
    query = query.where(WAITS, col(Signal.source) == source, col(Signal.thread) == thread)
    return (await work.session.exec(query.with_for_update(of=Candidate))).first()


async def _find_waiting(work: UnitOfWork, arrival: Arrival, signal: Signal) -> Candidate | None:
    """The undecided candidate of the same thread, else of the same customer, locked.

    Of a customer only one that is restricted as the arrival is, and not older than
    ``THREAD_DAYS``.
    """
    if arrival.thread:
        found = await lock_thread_candidate(work, arrival.source, arrival.thread)
        if found is not None:
            return found
    customer = _same_customer(signal)
    if customer is None:
        return None
    query = select(Candidate).where(
        WAITS,
        customer,
        col(Candidate.sensitive).is_(arrival.sensitive),
        col(Candidate.received_at) > work.now - THREAD_DAYS,
    )
    query = query.order_by(col(Candidate.id)).limit(1).with_for_update()
    return (await work.session.exec(query)).first()


def _same_customer(signal: Signal) -> ColumnElement[bool] | None:
    """The condition that a candidate is of the signal's customer: by account, else by the folded
    name.

    None for a signal without either, which joins no candidate but by its thread.
    """
    if signal.account_key:
        return col(Candidate.account_key) == signal.account_key
    return col(Candidate.folded) == signal.folded if signal.folded else None


async def _own_reasons(work: UnitOfWork, arrival: Arrival, signal: Signal) -> list[Reason]:
    """What we know beside the source: that the customer comes often, or was turned down before."""
    found = []
    if await _is_often(work, signal):
        found.append(Reason.THIRD_CONTACT)
    if arrival.thread and await _was_turned_down(work, arrival):
        found.append(Reason.AGAIN)
    return found


async def _is_often(work: UnitOfWork, signal: Signal) -> bool:
    """Whether this is at least the third contact of the customer within ``OFTEN_SPAN``."""
    if not signal.folded:
        return False
    key = (
        col(Signal.account_key) == signal.account_key
        if signal.account_key
        else col(Signal.folded) == signal.folded
    )
    recent = select(col(Signal.id)).where(key, col(Signal.received_at) > work.now - OFTEN_SPAN)
    counted = select(func.count()).select_from(recent.limit(OFTEN - 1).subquery())
    return (await work.session.exec(counted)).one() >= OFTEN - 1


async def _was_turned_down(work: UnitOfWork, arrival: Arrival) -> bool:
    """Whether a candidate of the same source and thread was dismissed, however long ago."""
    query = (
        select(Candidate.id)
        .join(Signal, col(Signal.candidate) == col(Candidate.id))
        .where(
            col(Signal.source) == arrival.source,
            col(Signal.thread) == arrival.thread,
            col(Candidate.state) == CandidateState.DISMISSED,
        )
    )
    return (await work.session.exec(query.limit(1))).first() is not None


async def _begin(
    work: UnitOfWork, arrival: Arrival, signal: Signal, language: Language
) -> Candidate:
    """A new candidate, as its first signal has it."""
    return Candidate(
        account_key=signal.account_key,
        customer=signal.customer,
        folded=signal.folded,
        contact_name=signal.contact_name,
        contact_email=signal.contact_email,
        contact_phone=signal.contact_phone,
        language=language.value,
        stake=signal.text,
        severity=Severity.SEV4.value,
        trigger=suggest_trigger(arrival.trigger, ()).value,
        sensitive=arrival.sensitive,
        owner=await find_owner(work),
        happened_at=signal.happened_at,
        received_at=work.now,
    )


def _raise_suggestion(
    work: UnitOfWork, candidate: Candidate, arrival: Arrival, reasons: Iterable[Reason]
) -> None:
    """Let the candidate look as grave as its gravest signal, and be asked after in time.

    Reasons are added and never taken away. The severity is what this arrival suggests, else what
    all reasons together do, and never gets less grave; the trigger follows it where it is as grave
    as before or graver. The next reminder comes earlier where the severity rose, never later.
    """
    before = candidate.severity
    found = dict.fromkeys([*candidate.reasons.get("found", ()), *(each.value for each in reasons)])
    candidate.reasons = {"found": list(found)}
    known = [Reason(each) for each in found]
    given = suggest_severity(arrival.severity, known)
    if given.value <= before:
        candidate.severity = given.value
        candidate.trigger = suggest_trigger(arrival.trigger, known).value
    candidate.happened_at = min(candidate.happened_at, as_utc(arrival.happened_at))
    if candidate.ask_at is None or candidate.severity < before:
        by = work.policy.decide_by(Severity(candidate.severity), work.now)
        candidate.ask_at = min(candidate.ask_at or by, by)


@dataclass(frozen=True, slots=True)
class SignalStanding:
    """What became of something that arrived, for those who sent or reported it.

    ``told`` is what its source is told, empty for nothing. ``case`` is the number of its case, None
    where there is none. ``candidate`` is None where it came to a live case at once; then ``state``
    is ``ADDED`` and ``decided_at`` is None.
    """

    state: CandidateState
    candidate: int | None
    case: int | None
    told: str
    received_at: datetime
    decided_at: datetime | None


async def find_standing(session: Any, source: str, key: str) -> SignalStanding | None:
    """What became of the arrival of this source and key; None for none. Locks nothing.

    Only what is flushed is seen. Whether it is restricted makes no difference: the source may know
    what came of its own reports.
    """
    query = (
        select(Signal, Candidate)
        .outerjoin(Candidate, col(Candidate.id) == col(Signal.candidate))
        .where(col(Signal.source) == source, col(Signal.key) == key)
    )
    found = (await session.exec(query)).first()
    if found is None:
        return None
    signal, candidate = found
    if candidate is None:
        return SignalStanding(
            CandidateState.ADDED, None, signal.case_number, "", signal.received_at, None
        )
    case = candidate.case_number
    told, decided = candidate.told, candidate.decided_at
    return SignalStanding(candidate.state, candidate.id, case, told, signal.received_at, decided)
