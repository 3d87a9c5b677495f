"""What the composer opens with: the approved words for the moment, and a promise to keep."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import composing, library
from bot.cases import approving, legal
from bot.ports import Desk
from bot.rules.facts import CaseFacts, Composed, PersonFacts, TemplateFacts
from bot.rules.policy import Policy
from bot.rules.tone import Finding, lint
from bot.rules.words import ClockKind, MessageKind
from messages.approved import Target, approved_text
from messages.holding import holding_text
from messages.render import MissingFactError
from messages.stored import BadTemplateError
from storage.models import Case

TOLD = (ClockKind.NEXT_UPDATE, ClockKind.WORKAROUND, ClockKind.RESOLUTION)
QUARTER = timedelta(minutes=15)  # promises are made at times that people can remember


async def draft(
    desk: Desk, kind: MessageKind, case: CaseFacts, viewer: PersonFacts
) -> Mapping[str, Any]:
    """``text``, the approved one (empty when a fact it needs is not known; of a legal case plain
    words that hold the line), ``next_update_at``, whether the desk itself can mail it
    (``mails``), and the help desk in whose ticket it can answer (``desk``), None where it cannot.

    Where a second person is wanted, ``approvers`` are those who would be asked.
    """
    today = library.day_of(desk.clock.now(), ZoneInfo(desk.policy.timezone))
    async with desk.database.read() as session:
        found = await library.versions(session, kind, case.language)
    words = None if case.legal else library.in_force(found, today)
    promise = suggested_promise(desk.policy, case, desk.clock.now())
    # Words that have expired are nobody's words.
    text = await written(desk, words, case, viewer) if words else ""
    return {
        "text": _holding(desk, kind, case, viewer, promise) if case.legal else text,
        "words": words,
        "expired": () if case.legal else tuple(library.expired(found, today)),
        "next_update_at": promise,
        "recipient": _recipient(case),
        "mails": desk.customers.mails and bool(case.contact_email),
        "desk": case.helpdesk if case.helpdesk in desk.customers.helpdesks else None,
        "approvers": await _approvers(desk, case, viewer),
    }


def _holding(
    desk: Desk, kind: MessageKind, case: CaseFacts, viewer: PersonFacts, promise: datetime
) -> str:
    zone = desk.policy.zone_of(case.account)
    return holding_text(kind, case, case.language, viewer=viewer, zone=zone, next_update_at=promise)


async def written(desk: Desk, words: TemplateFacts, case: CaseFacts, viewer: PersonFacts) -> str:
    """A version of the words with the case's facts; empty when a fact it needs is not known."""
    manager = await desk.people.person(case.owner)
    try:
        return approved_text(
            words.kind,
            case,
            words.language,
            viewer=viewer,
            manager=manager,
            zone=desk.policy.zone_of(case.account),
            next_update_at=suggested_promise(desk.policy, case, desk.clock.now()),
            targets=_targets(desk.policy, case),
            body=words.body if words.id is not None else "",
        )
    except (MissingFactError, BadTemplateError):
        return ""


def _recipient(case: CaseFacts) -> str:
    return ", ".join(part for part in (case.contact_name, case.contact_email) if part)


async def _approvers(desk: Desk, case: CaseFacts, viewer: PersonFacts) -> Sequence[str]:
    async with desk.database.read() as session:
        row = await session.get(Case, case.number)
        if row is None:
            return ()
        by_legal = legal.must_agree(desk.policy, row, viewer.user_id)
        if not by_legal and not approving.demanded(desk.policy, case.severity):
            return ()
        return await approving.approvers(session, desk.policy, row, viewer.user_id)


async def left_open(desk: Desk, message: Composed) -> Sequence[str]:
    """The lines in brackets that nobody replaced."""
    async with desk.database.read() as session:
        return await composing.left_open(session, message.kind, message.text)


async def judge(
    desk: Desk, message: Composed, case: CaseFacts, viewer: PersonFacts
) -> Sequence[Finding]:
    """What is found in a message; one that a second person approved is only held to the rules."""
    words = await draft(desk, message.kind, case, viewer)
    manager = await desk.people.person(case.owner)
    zone, now = desk.policy.zone_of(case.account), desk.clock.now()
    digest = approving.digest_of(message.kind, message.recipient, message.text)
    async with desk.database.read() as session:
        known = await composing.setting(
            session,
            case,
            message.kind,
            owner=manager.name,
            time=composing.clock_time(message.next_update_at, now, zone),
            approved=words["text"],
            reader=viewer.language,
            letter=not message.spoken,
        )
        approved = await approving.approved_draft(session, case.number, digest)
    found = lint(message.text, known)
    return composing.only_stops(found) if approved else found


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
