"""Mails that carry a meeting to a colleague's calendar.

A mail that may have been taken is sent again under the same Message-ID. A calendar knows the entry
by its UID and SEQUENCE, so the second one changes nothing there.
"""

import structlog

from bot.calendar_files.facts import load_meeting
from bot.core.access import on_case
from bot.customers.channels import require_channels
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.leases import holding_lease
from bot.engine.outbox_claims import Job
from bot.rules.business.meetings import Attendee
from messages.clients.smtp import MailAway, MailRefused
from messages.meetings.calendar_file import compose_invitation
from storage.models import Case, Meeting

LATE = "the lease is running out"
SPARE = 5.0  # seconds of the lease kept for writing down the server's answer
TAG = "calendar"  # behind the plus of the address to which bounces come

log = structlog.get_logger()


async def deliver_invitation(delivery: Delivery, job: Job) -> EffectResult:
    """Hand the mail to the server; a refused one ends the row, and the log has why.

    Payload: ``meeting``, ``sequence``, ``user``. Nothing is sent of a change that is not the last,
    to a person without an address, nor of a restricted case to a person who is no longer on it,
    but that it is cancelled. Raises MailAway or MailUnknown, upon which delivery tries again.
    """
    customers, said = require_channels(delivery.services), job.row.payload
    found = await load_meeting(delivery.services, said["meeting"], said["sequence"])
    if found is None:
        return EffectResult({"done": "changed since"})
    row, facts = found
    user = said["user"]
    person = (await delivery.services.people.people([user]))[user]
    if not person.email or not await _may_know(delivery, row, person.user_id):
        return EffectResult({"done": "not sent"})
    if customers.mailer is None:
        raise MailAway("there is no mail server: SMTP_HOST is empty")
    if not job.left:
        raise MailAway(LATE)
    mailer = customers.mailer
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


async def _give(delivery: Delivery, job: Job) -> None:
    """Make sure that this process still has the row, just before the message is transmitted."""
    async with holding_lease(delivery.services.database, job.row):
        pass
    if not job.left:
        raise MailAway(LATE)


async def _may_know(delivery: Delivery, row: Meeting, user: str) -> bool:
    """Whether a person may be told of the meeting: of a restricted case only one who is on it.

    That it is cancelled all may know who have the entry.
    """
    async with delivery.services.database.read() as session:
        case = await session.get_one(Case, row.case_number)
        return row.cancelled or not case.sensitive or await on_case(session, case, user)
