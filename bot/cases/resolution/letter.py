"""The customer's letter about a resolution, kept until the technical lead has confirmed it.

What is not confirmed is not told: the form that resolves leaves its letter with the case
(``Case.letter``), and it goes out once the lead says yes. By a route that has a courier the app
sends it; by any other its writer is told that it may go out, and records it in the same form. What
must be approved by a second person is put to them only then.

While it waits no clock stops. ``Case.letter_due`` is when lead, writer and owner hear again: first
after the policy's time for a handover, the time in which a colleague answers, then once a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from bot import effects
from bot.core.steps import case_facts, refresh_card, severity_of
from bot.customers.channels import customer_channels, find_courier
from bot.customers.clearance import clear_message, require_sendable
from bot.customers.shared_place import BY_CHANNEL, shared_place_of
from bot.customers.updates import note_queued, record_message
from bot.engine.actors import Actor
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import OPEN, unheard_lead
from bot.rules.states import MessageState
from bot.rules.words import ClockKind, MessageKind, Role
from messages.kit.routes import BY_MAIL
from storage.in_hand import rows_about
from storage.models import Case, SentMessage, TimelineEvent

WAIT = timedelta(hours=1)  # until it is said that a letter waits, where the policy has no time
AGAIN = timedelta(days=1)  # between further reminders
KIND = MessageKind.RESOLUTION
UNDER_WAY = (MessageState.QUEUED, MessageState.HANDED, MessageState.SENT)


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter as its form left it, in the shape that ``clear_message`` reads; ``by`` wrote it."""

    fields: Mapping[str, Any]
    by: str
    already_sent: bool = False
    next_update_at: None = None

    @property
    def text(self) -> str:
        """The words, as their writer left them."""
        return str(self.fields["text"])

    @property
    def recipient(self) -> str:
        """Whom they go to."""
        return str(self.fields["recipient"])

    @property
    def route(self) -> str:
        """The way to the customer: a courier's route, or how a person writes."""
        return str(self.fields["route"])

    def model_dump(self, *, mode: str, exclude: set[str]) -> dict[str, Any]:
        """The form's fields as JSON, from which it opens again."""
        return {name: value for name, value in self.fields.items() if name not in exclude}


def find_letter(case: Case) -> KeptLetter | None:
    """The letter that waits; None for none."""
    return KeptLetter(case.letter["fields"], case.letter["by"]) if case.letter else None


async def keep_letter(work: UnitOfWork, case: Case, form: Any) -> None:
    """Keep the letter of ``form``, an intent that resolves, in place of any before.

    ``Case.letter`` is ``{"fields", "by", "at"}``: the form's fields as JSON, the writer's user id,
    ISO 8601. ``anyway`` and ``gone`` are added later, both true where they are there. The first
    reminder is due after the policy's time for a handover. Raises UserError as ``require_sendable``
    does.
    """
    await require_sendable(work, case, form, KIND)
    fields = form.model_dump(mode="json", exclude={"case", "draft"})
    case.letter = {"fields": fields, "by": work.actor.user_id, "at": work.now.isoformat()}
    case.letter_due = _first_reminder(work, case)


def free_letter(case: Case) -> None:
    """Let the letter go out although the lead has not confirmed."""
    case.letter = {**(case.letter or {}), "anyway": True}


def is_free(case: Case) -> bool:
    """True for a letter that goes out although the lead has not confirmed."""
    return bool(case.letter and case.letter.get("anyway"))


def drop_letter(case: Case) -> None:
    """Let no letter wait any more: it is on its way, or of no use."""
    case.letter = case.letter_due = None


def _first_reminder(work: UnitOfWork, case: Case) -> datetime:
    """When a colleague should have answered: the policy's target for a handover, from now."""
    clock = work.policy.clock(severity_of(case), ClockKind.HANDOFF)
    minutes = clock.target.minutes if clock.target else None
    if not minutes:
        return work.now + WAIT
    return work.policy.calendars[clock.calendar].add(work.now, timedelta(minutes=minutes))


async def hear_colleague(work: UnitOfWork, case: Case, *, comfortable: bool) -> None:
    """After a colleague's word, which is stored: a no holds the letter, the last yes lets it go.

    While a no stands ``letter_due`` is None: the owner knows, and nothing is said again by itself.
    """
    before, letter = case.letter_due, find_letter(case)
    if letter is None:
        return
    known = await case_facts(work, case)
    if not comfortable or _is_doubted(known):
        case.letter_due = None
    elif not unheard_lead(known, letter.by) and not (before and _was_let_go(case)):
        await send_letter(work, case)


def _is_doubted(known: CaseFacts) -> bool:
    """True while a colleague has said no to the resolution."""
    return any(not said.comfortable and said.party != "customer" for said in known.confirmations)


def _was_let_go(case: Case) -> bool:
    """True for a letter that its writer was asked to send, or that waits for its approval."""
    return bool(case.letter and case.letter.get("gone"))


async def send_letter(work: UnitOfWork, case: Case) -> Answer | None:
    """Let the kept letter go out as its writer's, whoever says so.

    By a courier's route it is queued, and it counts once it was delivered. Where a second person
    has to approve it, they are asked, and the writer is told; the answer is the same for the actor.
    Where the app cannot send it, writer and owner are asked to send and record it. Until it is on
    its way it stays with the case.
    """
    letter = find_letter(case)
    if letter is None:
        return None
    case.letter_due = work.now + AGAIN
    case.letter = {**(case.letter or {}), "gone": True}
    if not await _can_send(work, case, letter.route):
        await _hand_over(work, case, letter)
        return None
    writer = replace(work, actor=Actor(letter.by, work.actor.source))
    try:
        cleared = await clear_message(writer, case, letter, KIND)
    except UserError as refused:
        if refused.key != "approval_waits":
            await _hand_over(work, case, letter, blocked=True)
        return None
    if cleared.waits is not None:
        await effects.queue_dm(work, letter.by, cleared.waits["text"], case, cleared.waits["extra"])
        return cleared.waits
    message = await record_message(
        writer, case, kind=KIND, text=letter.text, recipient=letter.recipient, route=letter.route,
        link=str(letter.fields.get("link") or ""), approved_by=cleared.approved_by,
        money=cleared.money,
    )  # fmt: skip
    said = {"message": message.id, "kind": message.kind, "recipient": message.recipient}
    note_queued(writer, case, message, {**said, "route": message.route})
    drop_letter(case)
    return None


async def _can_send(work: UnitOfWork, case: Case, route: str) -> bool:
    """True where the app has a courier for the route, and what the courier needs."""
    channels = customer_channels(work)
    if find_courier(work, route) is None or channels is None:
        return False
    if route == BY_CHANNEL:
        return await shared_place_of(work.session, case, route) is not None
    return channels.mails if route == BY_MAIL else route in channels.helpdesks


async def _hand_over(
    work: UnitOfWork, case: Case, letter: KeptLetter, *, blocked: bool = False
) -> None:
    """Ask writer and owner to send the letter and record it; ``blocked``: something stops it."""
    for user in sorted({letter.by, case.owner}):
        extra = {"blocked": blocked}
        await effects.queue_dm(work, user, "notice:letter_free", case, extra)


async def remind_of_letter(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Say again that the letter waits, or let it go if the lead has confirmed it meanwhile.

    Lead, writer and owner hear it. Of a case without a lead, and once it is free, the letter goes
    out; nothing is said where a colleague said no, since the owner knows.
    """
    letter, case.letter_due = find_letter(case), None
    work.session.add(case)
    if letter is None or case.status not in OPEN:
        return
    known = await case_facts(work, case)
    lead = unheard_lead(known, letter.by)
    if is_free(case) or not (lead or _is_doubted(known)):
        await send_letter(work, case)
    elif not _is_doubted(known):
        case.letter_due = work.now + AGAIN
        about = {"party": Role.TECHNICAL_LEAD.value, "by": letter.by, "text": letter.text}
        people: dict[str, Sequence[str]] = {
            Role.TECHNICAL_LEAD: (lead,),
            Audience.AUTHOR: (letter.by,),
        }
        asked, waits = (get_reminder(says, name) for name in ("letter_asked", "letter_waits"))
        await effects.queue_reminder(work, case, asked, about, known=people)
        await effects.queue_reminder(work, case, waits, {"user": lead}, known=people)
    await refresh_card(work, case)


async def was_told(work: UnitOfWork, case: Case) -> bool:
    """True when the customer has, or is being sent, word of this resolution.

    What they were told before the case was last reopened does not count.
    """
    newest = select(func.max(TimelineEvent.at)).where(
        col(TimelineEvent.case_number) == case.number, col(TimelineEvent.verb) == "reopen"
    )
    since = (await work.session.exec(newest)).one()
    return any(
        row.kind == KIND and row.state in UNDER_WAY and (since is None or row.sent_at > since)
        for row in await rows_about(work.session, SentMessage, case.number)
    )
