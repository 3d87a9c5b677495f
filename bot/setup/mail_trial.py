"""A test mail to an administrator: handed to the mail server once, with its very answer told.

Unlike a customer's mail it is not tried again while the server is away: who waits for it wants to
read why. Struck after the server took it, it goes again under the same Message-ID, which does no
harm.
"""

from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.customers.channels import Customers, require_channels
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.leases import holding_lease
from bot.engine.outbox_claims import Job
from bot.rules.facts import PersonFacts
from bot.rules.setup import SetupStep, TrialEnd
from bot.slack.presenter import begin_work
from messages.clients.smtp import MailAway, Mailer, MailRefused, MailUnknown
from messages.setup.mail_trial import compose_trial
from storage import wakeups
from storage.models import SetupChoice

KIND = "test_mail"  # of the outbox's row
TAG = "test"  # behind the plus of the address to which bounces come
LATE = "the lease is running out"
SPARE = 5.0  # seconds of the lease kept for writing down the server's answer


async def deliver_trial(delivery: Delivery, job: Job) -> EffectResult:
    """Send the mail of payload ``user`` and record how that ended; it never tries again.

    Raises MailAway only where this process has too little of its lease left to begin.
    """
    customers, user = require_channels(delivery.services), job.row.payload["user"]
    person = (await delivery.services.people.people([user]))[user]
    if not job.left:
        raise MailAway(LATE)
    end, said = await _send(delivery, job, customers, person)

    async def save(session: AsyncSession) -> None:
        """Keep the end where it is asked for, and queue ``setup:mail_tried`` for who asked."""
        work = begin_work(delivery, session, job)
        row = await session.get(SetupChoice, SetupStep.MAIL.value, with_for_update=True)
        if row is not None and row.tried_by == user:
            row.trial_end, row.server_said = end.value, said
            session.add(row)
        told = {"end": end.value, "said": said, "address": person.email or ""}
        await effects.queue_dm(work, user, "setup:mail_tried", None, told)
        wakeups.note_wakeup(session, wakeups.LANGUAGES)  # open Homes show it

    return EffectResult({"end": end.value}, save)


async def _send(
    delivery: Delivery, job: Job, customers: Customers, person: PersonFacts
) -> tuple[TrialEnd, str]:
    """Hand the mail in; answers how it ended, and what the server said or why it could not."""
    mailer: Mailer | None = customers.mailer
    if mailer is None:
        return TrialEnd.FAILED, "SMTP_HOST is empty"
    if not person.email:  # taken out of their profile since they asked
        return TrialEnd.FAILED, "Slack tells no address of yours"

    try:
        letter = compose_trial(
            mailer.sender, person.email, customers.signer.message_id(job.row.id,
            mailer.domain), delivery.services.clock.now(), person.language,
        )  # fmt: skip
        within = max(job.left - min(SPARE, job.left / 4), 0.0)
        bounces = mailer.reply_to(TAG)
        giving = partial(_give, delivery, job)
        answer = await mailer.send(letter, person.email, bounces, giving, within)
    except MailUnknown as fault:
        return TrialEnd.UNKNOWN, fault.reason
    except MailAway as fault:
        return TrialEnd.FAILED, fault.reason
    except (MailRefused, ValueError) as fault:
        return TrialEnd.FAILED, str(fault)
    return TrialEnd.TAKEN, answer


async def _give(delivery: Delivery, job: Job) -> None:
    """Make sure that this process still has the row, just before the message is transmitted."""
    async with holding_lease(delivery.services.database, job.row):
        pass
