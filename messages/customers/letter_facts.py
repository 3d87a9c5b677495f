"""What letters to customers are filled with: plain text in the customer's language, by name.

``LetterSetting`` brings what the case itself does not know. Times are on the customer's own clock
and short; only ``next_update`` names the zone. What is not known is "", except for ``next_update``,
which is None; what only a person can say is a text in brackets.

- people: ``greeting`` (a whole line), ``contact``, ``sender``, ``sender_email``, ``manager``,
  ``manager_email``, ``executive``, ``phone`` (the policy's), and ``leads``, true when the sender is
  the manager
- times: ``received``, ``last_contact``, ``next_update``, ``workaround_by`` and ``resolution_by``
  (while they lie ahead), ``hold_until``, ``resolved``; days: ``confirm_by``, ``confirmed_on``,
  ``close_on``, ``reopen_until``, ``review_by``; of the broken promise ``promise``, ``promised_at``,
  ``late_by``
- the case: ``reference``, ``quote`` (the customer's own words, once a case), ``stake``,
  ``priority`` (also as ``severity``), ``urgency``, ``meaning``, ``targets`` (a list), ``kind`` (of
  the resolution), ``offer`` (what was approved)
- ``resolution`` and ``workaround``: brackets, for what the team noted is not for the customer
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.rules.facts import CaseFacts, ClockFacts, PersonFacts
from bot.rules.lifecycle import REOPEN_WINDOW
from bot.rules.local_time import known_zone
from bot.rules.severity import rank_case, urgency_of
from bot.rules.words import ClockKind, Language, ResolutionType
from messages.customers.greeting import find_greeting, greet_customer
from messages.kit.amounts import format_amount
from messages.kit.dates import (
    format_duration,
    format_letter_day,
    format_letter_moment,
    format_rough_duration,
)
from messages.kit.texts import load_texts, plural, t

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Target:
    """A policy target told to the customer; ``working_time`` when only open hours count."""

    clock: ClockKind
    within: timedelta
    working_time: bool = False


@dataclass(frozen=True, slots=True)
class LetterSetting:
    """What a letter is written with beside the case; instants are aware.

    ``viewer`` signs; ``manager`` is the case's escalation manager (None: the viewer); ``executive``
    who speaks for the executives on it (None: the viewer). ``zone`` is the customer's IANA zone
    (empty: the viewer's); ``next_update_at`` is what is promised, by default the due time of the
    next-update clock when it is still to come; ``confirm_by`` is until when the customer is asked
    to confirm a resolution told now, ``review_by`` when the postmortem is due. ``targets`` are the
    policy's for the severity, ``phone`` its number for customers. ``resolution`` is what the form
    says of it before it is stored.
    """

    viewer: PersonFacts
    manager: PersonFacts | None = None
    executive: PersonFacts | None = None
    zone: str = ""
    phone: str = ""
    next_update_at: datetime | None = None
    confirm_by: datetime | None = None
    review_by: datetime | None = None
    targets: Sequence[Target] = ()
    resolution: ResolutionType | None = None


def letter_facts(case: CaseFacts, language: Language, given: LetterSetting) -> dict[str, Any]:
    """Return every fact of a letter about the case."""
    return {
        **_people(case, language, given),
        **_times(case, language, given),
        **_promises(case, language, given),
        **_words(case, language, given),
    }


def _people(case: CaseFacts, language: Language, given: LetterSetting) -> dict[str, Any]:
    """Return who writes, who leads and who is written to.

    An address that is not known is a text in brackets, and so is a missing contact.
    """
    leader = given.manager or given.viewer
    unknown = t(language, "customer.address")
    return {
        "greeting": greet_customer(language, find_greeting(case)),
        "contact": case.contact_name or t(language, "customer.nobody"),
        "sender": given.viewer.name,
        "sender_email": given.viewer.email or unknown,
        "manager": leader.name,
        "manager_email": leader.email or unknown,
        "executive": (given.executive or given.viewer).name,
        "phone": given.phone,
        "leads": leader.user_id == given.viewer.user_id,
    }


def _times(case: CaseFacts, language: Language, given: LetterSetting) -> dict[str, Any]:
    """Return the instants and days, each "" where it is not known.

    ``workaround_by``, ``resolution_by`` and ``close_on`` are "" too once they have passed.
    ``received`` is ``reported_at`` where the case has one; ``next_update`` alone names the zone,
    and is None when nothing is promised.
    """
    told = _Clockface(case, language, given.zone or given.viewer.timezone)
    next_at = given.next_update_at or _coming(case, ClockKind.NEXT_UPDATE)
    said = next((c.at for c in case.confirmations if c.party == "customer" and c.comfortable), None)
    return {
        "received": told.moment(case.reported_at or case.received_at),
        "last_contact": told.moment(max((sent.sent_at for sent in case.sent), default=None)),
        "next_update": told.moment(next_at, zoned=True) or None,
        "workaround_by": told.moment(_coming(case, ClockKind.WORKAROUND)),
        "resolution_by": told.moment(_coming(case, ClockKind.RESOLUTION)),
        "hold_until": told.moment(case.hold.until if case.hold else None),
        "resolved": told.moment(case.resolved_at),
        "confirm_by": told.day(_coming(case, ClockKind.CUSTOMER_CONFIRMATION) or given.confirm_by),
        "confirmed_on": told.day(said),
        "close_on": told.day(_coming(case, ClockKind.CUSTOMER_CONFIRMATION)),
        "reopen_until": told.day((case.closed_at or case.resolved_at or case.now) + REOPEN_WINDOW),
        "review_by": told.day(given.review_by or _due(case, ClockKind.POSTMORTEM_HELD)),
    }


def _promises(case: CaseFacts, language: Language, given: LetterSetting) -> dict[str, Any]:
    """Return the oldest broken promise, what was promised for when, and by how much it is late.

    All three are "" where no promise is broken.
    """
    missed = missed_promise(case)
    if missed is None:
        return {"promise": "", "promised_at": "", "late_by": ""}
    told = _Clockface(case, language, given.zone or given.viewer.timezone)
    return {
        "promise": t(language, f"customer.promise.{missed.kind}"),
        "promised_at": told.moment(missed.due),
        "late_by": format_rough_duration(_late(case, missed), language),
    }


def _words(case: CaseFacts, language: Language, given: LetterSetting) -> dict[str, Any]:
    """Return what the letter says of the case itself, without promises that were kept or missed.

    ``targets`` has at least one line, that nothing is known. ``kind`` is a ``ResolutionType``'s
    value, a fix by default. ``quote`` is "" once a letter had it, and where the stake is not the
    customer's own words.
    """
    own = end_sentence(case.stake.strip()) if case.stake_quoted and case.stake.strip() else ""
    priority = t(language, f"customer.priority.{rank_case(case).priority.value}")
    shown = [each for each in given.targets if _still_ahead(case, each.clock)]
    return {
        "reference": case.reference,
        "quote": "" if was_quoted(case) else own,
        "stake": own or t(language, "customer.stake"),
        "priority": priority,
        "severity": priority,
        "urgency": t(language, f"customer.urgency.{urgency_of(case).value}"),
        "meaning": t(language, f"customer.meaning.{case.severity.name.lower()}"),
        "targets": [_target(each, language) for each in shown]
        or [t(language, "customer.target.unknown")],
        "kind": (given.resolution or case.resolution_type or ResolutionType.FIX).value,
        "offer": _offer(case, language),
        "resolution": t(language, "customer.changed"),
        "workaround": t(language, "customer.steps"),
        "expected_on": "",  # of a known issue, never of a case
    }


@dataclass(frozen=True, slots=True)
class _Clockface:
    """Instants as this customer reads them in a letter; "" for None."""

    case: CaseFacts
    language: Language
    zone: str

    def moment(self, at: datetime | None, *, zoned: bool = False) -> str:
        now = self.case.now
        return format_letter_moment(at, self.language, self.zone, now, zoned=zoned) if at else ""

    def day(self, at: datetime | None) -> str:
        zone = known_zone(self.zone)
        today = self.case.now.astimezone(zone).date()
        return format_letter_day(at.astimezone(zone).date(), self.language, today) if at else ""


def end_sentence(text: str) -> str:
    """Write a text with one mark at its end; one that has a mark stays as it is."""
    return text if text.rstrip("”\"»’')")[-1:] in set(".!?;…·:") else f"{text}."


def was_quoted(case: CaseFacts) -> bool:
    """True when a letter of the case has told the customer their own words already."""
    stake = case.stake.strip()
    return bool(stake) and any(stake in sent.text for sent in case.sent)


def _offer(case: CaseFacts, language: Language) -> str:
    """Write what was approved last; "" for nothing."""
    approved = [each for each in case.concessions if each.is_promisable(case.now)]
    last = max(approved, key=lambda each: each.id, default=None)
    return format_amount(last.amount, last.currency, language) if last else ""


def _target(target: Target, language: Language) -> str:
    """Say a target in the customer's language; the text has it as a span and as how often."""
    span = _within(target, language)
    every = _every(target, span, language)
    return t(language, f"customer.target.{target.clock.value}", span=span, every=every)


def _within(target: Target, language: Language) -> str:
    """Write how long a target gives: whole hours of working time are business hours."""
    if not target.working_time:
        return format_duration(target.within, language)
    if target.within % HOUR:
        span = format_duration(target.within, language)
        return t(language, "customer.target.working_time", span=span)
    return plural(language, "customer.target.working_hours", target.within // HOUR)


def _every(target: Target, span: str, language: Language) -> str:
    """Write how often: nobody says “every 1 hour”."""
    if target.within != HOUR:
        return t(language, "customer.target.every", span=span)
    word = "every_working_hour" if target.working_time else "every_hour"
    return t(language, f"customer.target.{word}")


def _due(case: CaseFacts, kind: ClockKind) -> datetime | None:
    clock = case.clock(kind.value)
    return clock.due if clock else None


def _coming(case: CaseFacts, kind: ClockKind) -> datetime | None:
    """Return when the clock is due; None when that time has passed or nothing is due."""
    clock = case.clock(kind.value)
    ahead = clock is not None and not clock.ended and not clock.breached_at
    return clock.due if clock and ahead and clock.due and clock.due > case.now else None


def _still_ahead(case: CaseFacts, kind: ClockKind) -> bool:
    """True unless the promise was missed or kept already, so that it can still be made."""
    clock = case.clock(kind.value)
    return clock is None or (not clock.ended and not clock.breached_at)


def missed_promise(case: CaseFacts) -> ClockFacts | None:
    """Return the oldest broken promise that the customer knows of; None when there is none.

    Those still owed come before those kept too late. A clock counts as known to the customer when
    there are words for it under ``customer.promise.``.
    """
    promised = load_texts(Language.ENGLISH)
    broken = [
        clock
        for clock in case.clocks
        if clock.breached_at and clock.due and f"customer.promise.{clock.kind}" in promised
    ]
    return min(broken, key=lambda c: (c.ended, c.due), default=None)


def _late(case: CaseFacts, clock: ClockFacts) -> timedelta:
    """Return how late we were to the customer: by the wall clock, not by our opening hours."""
    return (clock.stopped_at or case.now) - (clock.due or case.now)
