"""Asking the customer: when a pulse and a survey are due, and what low scores set off.

When to ask is kept in one row a case (``Asking``); each question is a ``CustomerLink``, sent by
``bot.feedback.questions``. Times are stored in UTC; the hour of asking is local to the policy's
time zone. A score counts from 1 to 5 where 1 is worst; an effort from 1 to 5 where 5 is worst.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import col, select

from bot import effects
from bot.core import edited_posts
from bot.core.access import role_holders
from bot.core.reactions import (
    CaseCorrected,
    CaseDismissed,
    CaseReopened,
    CaseResolved,
    CaseRestricted,
    CaseReviewed,
    CustomerAnswered,
    CustomerUnhappy,
    MessageQueued,
    react,
)
from bot.core.steps import refresh_card
from bot.customers.channels import customer_channels
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.mail.withhold import withhold_questions
from bot.rules import daily_times
from bot.rules.calendars.calendar import Calendar
from bot.rules.lifecycle import OPEN
from bot.rules.local_time import known_zone, local_day
from bot.rules.tokens import LinkKind
from bot.rules.words import ActionType, ClockKind, Role, Severity
from messages.kit.texts import t
from storage.models import ActionItem, Asking, Case, CustomerLink

PULSE_EVERY = {Severity.SEV1: timedelta(days=1)}  # domain: SEV1 daily, others weekly
PULSE_ELSE = timedelta(days=7)
PULSE_HOUR = time(10, 0)  # local: after the morning's work, before lunch
AFTER_A_MISS = timedelta(hours=2)  # open time to put it right before we ask how it felt
QUIET = timedelta(hours=20)  # nobody is asked twice within this
STATUS_GOOD_FOR = timedelta(days=90)
SURVEY_AFTER = 1  # business days after the customer confirmed, or stayed silent
CALL_WITHIN = timedelta(hours=4)  # until an unhappy customer is called while we work for them
LOW = 2  # of 5: this and below is unhappy
HIGH_EFFORT = 4  # of 5: this and above was too much work for the customer


async def survey_plan(work: UnitOfWork, case: Case) -> Asking:
    """The case's row of times; a new one, not yet in the session, where there is none."""
    row = await work.session.get(Asking, case.number)
    return row or Asking(case_number=case.number)


async def plan_pulse(work: UnitOfWork, event: CustomerAnswered) -> None:
    """Ask the customer how it goes at regular intervals, from the first answer on."""
    case = event.case
    if not may_ask_customer(work, case):
        return
    row = await survey_plan(work, case)
    if row.pulse_at is None and case.status in OPEN:
        row.pulse_at = next_pulse(work, case, work.now)
        work.session.add(row)


async def hurry_pulse(work: UnitOfWork, case: Case) -> None:
    """Bring the next pulse forward after a missed update, but leave time to put it right.

    That time, and the pulse, lie in the hours in which the customer is owed updates. The pulse is
    never put later, never within ``QUIET`` of the one before, and none is planned where none was.
    """
    if not may_ask_customer(work, case):
        return
    row = await survey_plan(work, case)
    hours = _hours(work, case, ClockKind.NEXT_UPDATE)
    soon = hours.add(work.now, AFTER_A_MISS)
    if row.pulsed_at is not None:
        soon = max(soon, hours.next_open(row.pulsed_at + QUIET))
    if row.pulse_at is not None and row.pulse_at > soon:
        row.pulse_at = soon
        work.session.add(row)


async def end_pulses(work: UnitOfWork, event: CaseResolved) -> None:
    """Ask no more how it goes once the case is resolved: next the customer says whether it is."""
    await withhold_questions(work, event.case)
    row = await work.session.get(Asking, event.case.number)
    if row is not None:
        row.pulse_at = None
        work.session.add(row)


async def plan_survey(work: UnitOfWork, event: CaseReviewed) -> None:
    """Plan one survey a business day after the customer confirmed, or was waited for in vain.

    A second time moves the survey that is still planned. Nothing is planned where the customer may
    not be asked.
    """
    case = event.case
    if not may_ask_customer(work, case):
        return
    row = await survey_plan(work, case)
    row.pulse_at = None
    row.survey_at = business_days(work, case, SURVEY_AFTER)
    work.session.add(row)


async def plan_nothing(work: UnitOfWork, event: CaseReopened | CaseDismissed) -> None:
    """Ask nothing about an end that was none; in a reopened case the pulses begin again.

    Links that were sent can still be answered, but are not reminded of; what was not sent yet is
    held back.
    """
    case = event.case
    await withhold_questions(work, case)
    row = await work.session.get(Asking, case.number)
    if row is not None:
        row.pulse_at = row.survey_at = None
        if case.status in OPEN:
            row.pulse_at = next_pulse(work, case, work.now)
        work.session.add(row)
    for link in await _links(work, case):
        if link.answered_at is None:
            link.remind_at = None
            work.session.add(link)


async def ask_no_more(work: UnitOfWork, event: CaseRestricted) -> None:
    """Hold back what waits to ask the customer of a case that is restricted now."""
    await withhold_questions(work, event.case)


def may_ask_customer(work: UnitOfWork, case: Case) -> bool:
    """Whether questions may go out: only with public pages, and never of a restricted case."""
    channels = customer_channels(work)
    return channels is not None and channels.pages and not case.sensitive


def next_pulse(work: UnitOfWork, case: Case, after: datetime) -> datetime:
    """The next pulse: a day (SEV1) or a week later, at ``PULSE_HOUR`` in the policy's time zone.

    A day on which the customer is owed no update, such as a holiday, gives way to the next one.
    """
    every = PULSE_EVERY.get(Severity(case.severity), PULSE_ELSE)
    zone = known_zone(work.policy.timezone)
    day = (after + every).astimezone(zone).date()
    day = daily_times.next_open_day(_hours(work, case, ClockKind.NEXT_UPDATE), day, zone)
    return datetime.combine(day, PULSE_HOUR, zone).astimezone(after.tzinfo)


def _hours(work: UnitOfWork, case: Case, *kinds: ClockKind) -> Calendar:
    """The calendar of the first of these clocks that the severity has; else around the clock."""
    names = (work.policy.clock(Severity(case.severity), kind).calendar for kind in kinds)
    found = [work.policy.calendars[name] for name in names if name]
    return found[0] if found else Calendar.always(work.policy.timezone)


def business_days(work: UnitOfWork, case: Case, days: int) -> datetime:
    """``PULSE_HOUR`` on the business day that many business days from now.

    The calendar is that of the customer confirmation clock at the case's severity; the hour is in
    the policy's time zone, and the result in that of ``work.now``.
    """
    calendar = _hours(work, case, ClockKind.CUSTOMER_CONFIRMATION)
    close = calendar.business_day_close(work.now, days)
    day = local_day(close, work.policy.timezone)
    at = datetime.combine(day, PULSE_HOUR, known_zone(work.policy.timezone))
    return at.astimezone(work.now.tzinfo)


def call_by(work: UnitOfWork, case: Case, kind: LinkKind) -> tuple[datetime, datetime]:
    """When an unhappy customer is called at the latest, and when the caller is reminded of it.

    While the case is worked on within ``CALL_WITHIN`` of the hours in which customers are answered
    at its severity, with the reminder an hour before; after a survey within one business day.
    """
    if kind is not LinkKind.PULSE:
        by = business_days(work, case, 1)
        return by, by
    calendar = _hours(work, case, ClockKind.NEXT_REPLY, ClockKind.CUSTOMER_CONFIRMATION)
    last_hour = CALL_WITHIN - timedelta(hours=1)
    return calendar.add(work.now, CALL_WITHIN), calendar.add(work.now, last_hour)


async def ensure_status_page(work: UnitOfWork, event: MessageQueued) -> None:
    """Make the status page to which the message links, unless there is one or may be none."""
    if may_ask_customer(work, event.case) and await living_status_link(work, event.case) is None:
        await make_status(work, event.case)


async def living_status_link(work: UnitOfWork, case: Case) -> CustomerLink | None:
    """The newest status page that can be opened now, or None."""
    found = [x for x in await living_links(work, case) if x.kind == LinkKind.STATUS]
    return max(found, key=lambda x: x.id, default=None)


async def living_links(work: UnitOfWork, case: Case) -> list[CustomerLink]:
    """Every page of the case that can be opened now."""
    links = await _links(work, case)
    return [x for x in links if x.revoked_at is None and x.expires_at > work.now]


async def close_pages(work: UnitOfWork, case: Case) -> bool:
    """Make every link that the customer has stop working now; False where none does any more."""
    links = await living_links(work, case)
    for link in links:
        link.revoked_at, link.remind_at = work.now, None
        work.session.add(link)
    return bool(links)


async def leave_reader(work: UnitOfWork, event: CaseCorrected) -> None:
    """Close the pages whose links went to another customer or address.

    The next message brings the right one a new link. Pulses and surveys are planned as before: they
    go to the contact of the moment. One that was not sent yet is held back, and asked anew.
    """
    contact = event.was.get("contact")
    moved = contact is not None and contact[1] not in ("", event.case.contact_email)
    if not moved and "customer" not in event.was:
        return
    await _ask_anew(work, event.case, await withhold_questions(work, event.case))
    if await close_pages(work, event.case):
        event.followed.add("pages")


async def _ask_anew(work: UnitOfWork, case: Case, kinds: Collection[str]) -> None:
    """Let the questions of these kinds be due now."""
    if kinds:
        row = await survey_plan(work, case)
        row.pulse_at = work.now if LinkKind.PULSE in kinds else row.pulse_at
        row.survey_at = work.now if LinkKind.SURVEY in kinds else row.survey_at
        work.session.add(row)


async def make_status(work: UnitOfWork, case: Case) -> CustomerLink:
    """Make a link to the status page that expires after ``STATUS_GOOD_FOR``, and flush it."""
    link = CustomerLink(
        case_number=case.number,
        kind=LinkKind.STATUS.value,
        made_at=work.now,
        expires_at=work.now + STATUS_GOOD_FOR,
    )
    work.session.add(link)
    await work.session.flush()
    return link


async def _links(work: UnitOfWork, case: Case) -> list[CustomerLink]:
    query = select(CustomerLink).where(col(CustomerLink.case_number) == case.number)
    return list((await work.session.exec(query)).all())


def needs_call(link: CustomerLink) -> bool:
    """True when the answer is unhappy: a score of ``LOW`` or less, or ``HIGH_EFFORT`` or more."""
    low = link.score is not None and link.score <= LOW
    return low or (link.effort is not None and link.effort >= HIGH_EFFORT)


def answer_facts(link: CustomerLink) -> dict[str, Any]:
    """What the notice of an answer carries, by the answer as it is now.

    ``page`` is the kind of the link, ``changed`` says that the customer answered before, ``low``
    that the answer asks for a call.
    """
    return {
        "page": link.kind, "score": link.score, "effort": link.effort, "comment": link.comment,
        "changed": link.changes > 0, "low": needs_call(link),
    }  # fmt: skip


async def record_answer(
    work: UnitOfWork, case: Case, link: CustomerLink, score: int, effort: int | None, comment: str
) -> None:
    """Take the customer's answer, or their change of it; the same answer again changes nothing.

    The first unhappy answer of a link makes one action item; a change back and forth makes no
    second. The post in the channel is edited rather than repeated, and the reminder is cancelled.
    """
    if (link.score, link.effort, link.comment) == (score, effort, comment):
        return
    first, was_unhappy = link.answered_at is None, needs_call(link)
    link.score, link.effort, link.comment = score, effort, comment
    link.answered_at, link.remind_at = work.now, None
    link.changes += 0 if first else 1
    said = {"page": link.kind, "score": score, "effort": effort, "changed": not first}
    who = Actor(SYSTEM, "page")
    work.note(case, f"answered_{link.kind}", after=said, why=comment, actor=who)
    work.session.add(link)
    await edited_posts.show_answered(work, case, link)
    if needs_call(link) and not was_unhappy and link.action is None:
        await _call(work, case, link, answer_facts(link))
        await react(work, CustomerUnhappy(case, link))
    await refresh_card(work, case)


async def _call(work: UnitOfWork, case: Case, link: CustomerLink, extra: dict[str, object]) -> None:
    """Make a call the task of the escalation manager, due as ``call_by`` says.

    The owner has it where no manager is named. Two direct messages follow: the answer, with the
    priority of a breach and ``due`` (ISO 8601), and the action item.
    """
    by, remind = call_by(work, case, LinkKind(link.kind))
    extra = {**extra, "due": by.isoformat()}
    manager = (await role_holders(work.session, case)).get(Role.ESCALATION_MANAGER, case.owner)
    action = ActionItem(
        case_number=case.number,
        title=t(work.policy.languages[0], f"ask.task_{link.kind}", score=link.score),
        type=ActionType.PROCESS.value,
        owner=manager,
        due=local_day(by, work.policy.timezone),
        created_by=SYSTEM,
        next_reminder_at=remind,
    )
    work.session.add(action)
    await work.session.flush()
    link.action = action.id
    said = {
        "action": action.id, "title": action.title, "type": action.type,
        "owner": action.owner, "due": action.due.isoformat(),
    }  # fmt: skip
    work.note(case, "action_item", after=said, actor=Actor(SYSTEM, "page"))
    await effects.queue_dm(
        work, manager, "notice:customer_answered", case, extra, priority=effects.BREACH
    )
    await effects.queue_dm(work, manager, "notice:action_given", case, {"action": action.id})
