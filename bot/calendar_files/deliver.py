"""Mails that carry a meeting to a colleague's calendar, and files in a person's own conversation.

A mail that may have been taken is sent again under the same Message-ID. A calendar knows the entry
by its UID and SEQUENCE, so the second one changes nothing there.
"""

from collections.abc import Mapping
from dataclasses import replace
from email.utils import parseaddr
from typing import Any

import structlog

from bot.calendar_files.facts import load_entry, load_meeting, name_entry
from bot.core.access import on_case
from bot.customers.channels import customer_channels, require_channels
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.leases import holding_lease
from bot.engine.outbox_claims import Job
from bot.rules.business.meetings import Attendee, MeetingFacts, Method
from bot.slack.posts import find_dm_channel, upload_once
from messages.clients.smtp import MailAway, MailRefused
from messages.meetings.calendar_file import compose_invitation, say_entry, write_calendar
from storage.models import CalendarEntry, Case, Meeting

LATE = "the lease is running out"
SPARE = 5.0  # seconds of the lease kept for writing down the server's answer
TAG = "calendar"  # behind the plus of the address to which bounces come

log = structlog.get_logger()


async def deliver_invitation(delivery: Delivery, job: Job) -> EffectResult:
    """Hand the mail to the server; a refused one ends the row, and the log has why.

    Payload: ``meeting`` or ``entry``, ``sequence``, ``user``; of an entry ``cancelled`` too.
    Nothing is sent of a change that is not the last, to a person without an address, nor of a
    restricted case to a person who is no longer on it, but that it is cancelled. Raises MailAway or
    MailUnknown, upon which delivery tries again.
    """
    customers, said = require_channels(delivery.services), job.row.payload
    found = await _load(delivery, said)
    if found is None:
        return EffectResult({"done": "changed since"})
    row, facts = found
    user = said["user"]
    person = (await delivery.services.people.people([user]))[user]
    if not person.email or not await _may_know(delivery, row, facts, person.user_id):
        return EffectResult({"done": "not sent"})
    if customers.mailer is None:
        raise MailAway("there is no mail server: SMTP_HOST is empty")
    if not job.left:
        raise MailAway(LATE)
    mailer = customers.mailer
    if facts.due:
        us = Attendee(parseaddr(mailer.sender)[0], mailer.reply_to(TAG))
        facts = replace(facts, organizer=us)
    try:
        letter = compose_invitation(
            facts,
            Attendee(person.name, person.email),
            mailer.sender,
            customers.signer.message_id(job.row.id, mailer.domain),
            person.language,
        )
        within = max(job.left - min(SPARE, job.left / 4), 0.0)
        answer = await mailer.send(
            letter, person.email, mailer.reply_to(TAG), lambda: _give(delivery, job), within
        )
    except (MailRefused, ValueError) as refusal:
        log.warning("invitation_refused", outbox=job.row.id, error=type(refusal).__name__)
        return EffectResult({"refused": type(refusal).__name__})
    return EffectResult({"answer": answer})


async def _load(
    delivery: Delivery, said: Mapping[str, Any]
) -> tuple[Meeting | CalendarEntry, MeetingFacts] | None:
    """What the row of the outbox is about, as it is now; None once it was changed since."""
    if "entry" in said:
        return await load_entry(delivery.services, said)
    return await load_meeting(delivery.services, said["meeting"], said["sequence"])


async def deliver_entry(delivery: Delivery, job: Job) -> EffectResult:
    """Upload a person's own entry to their conversation; one message, with a sentence about it.

    Payload: ``entry``, ``sequence``, ``user``, ``cancelled``, ``asked``. A retry looks for the file
    by its name. Nothing is said of a change that is not the last, of a restricted case to a person
    who is no longer on it, to a person who has left, nor of what a mail tells them that they did
    not ask for just now.
    """
    services, said, user = delivery.services, job.row.payload, job.row.payload["user"]
    if (standing := services.people.left(user)) is not None:
        return EffectResult({"left": standing.value})
    found = await load_entry(services, said)
    if found is None:
        return EffectResult({"done": "changed since"})
    row, facts = found
    customers = customer_channels(services)
    if not said["asked"] and customers is not None and customers.mails and facts.attendees:
        return EffectResult({"done": "by mail"})
    if not await _may_know(delivery, row, facts, user):
        return EffectResult({"done": "not told"})
    language = (await services.people.surely(user)).language
    method = Method.CANCEL if facts.cancelled else Method.PUBLISH
    channel = await find_dm_channel(delivery, user, needed=True)
    content = write_calendar(facts, method, language)
    words = say_entry(facts, language, asked=said["asked"])
    return EffectResult(
        await upload_once(delivery, job, channel, name_entry(row, facts), content, words)
    )


async def _give(delivery: Delivery, job: Job) -> None:
    """Make sure that this process still has the row, just before the message is transmitted."""
    async with holding_lease(delivery.services.database, job.row):
        pass
    if not job.left:
        raise MailAway(LATE)


async def _may_know(
    delivery: Delivery, row: Meeting | CalendarEntry, facts: MeetingFacts, user: str
) -> bool:
    """Whether a person may be told of it: of a restricted case only one who is on it.

    That it is cancelled all may know who have the entry.
    """
    if facts.cancelled or row.case_number is None:
        return True
    async with delivery.services.database.read() as session:
        case = await session.get_one(Case, row.case_number)
        return not case.sensitive or await on_case(session, case, user)
