"""What an administrator does about a step: say that it is not needed here, try the mail server."""

from typing import ClassVar

from bot import effects
from bot.core.access import require_permission
from bot.customers.channels import customer_channels
from bot.engine.inbox import Answer, UseCase
from bot.engine.intent import AllowanceKind, Hidden, Intent
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.setup import SetupStep, TrialEnd
from bot.setup.mail_trial import KIND
from storage import wakeups
from storage.models import Person, SetupChoice
from storage.upsert import upsert_row


class ChooseSetup(Intent):
    """Say that a step of the installation is not needed here, or that it is after all."""

    verb: ClassVar[str] = "choose_setup"
    step: Hidden[SetupStep]
    needed: Hidden[bool]


class TryMail(Intent):
    """Have a test mail sent to one's own address."""

    verb: ClassVar[str] = "test_mail"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS


async def choose_setup(work: UnitOfWork, intent: ChooseSetup) -> Answer | None:
    """Keep what was said of a step; open Homes of administrators follow.

    Pressed twice it is the same. No one is told: it stands in the steps with who said so. Of a
    step that lacks nothing it changes nothing that is shown. Raises UserError ``not_your_role``.
    """
    await require_permission(work, None, "choose_setup")
    skipped = None if intent.needed else work.now
    row = SetupChoice(
        step=intent.step.value,
        skipped_by="" if intent.needed else work.actor.user_id,
        skipped_at=skipped,
    )
    await upsert_row(work.session, row, update=("skipped_by", "skipped_at"))
    wakeups.note_wakeup(work.session, wakeups.LANGUAGES)  # open Homes show it
    return None


async def try_mail(work: UnitOfWork, intent: TryMail) -> Answer | None:
    """Queue a test mail to the actor; what became of it is told by direct message.

    A trial that is on its way is followed by a second one, and the newest counts. Answers
    ``setup:mail_trying`` with ``address``. Raises UserError ``not_your_role``, ``no_mail`` without
    a mail server, ``no_own_address`` where Slack tells the app no address of theirs.
    """
    await require_permission(work, None, "test_mail")
    channels, user = customer_channels(work), work.actor.user_id
    if channels is None or channels.mailer is None:
        raise UserError("no_mail")
    person = await work.session.get(Person, user)
    if person is None or not person.email:
        raise UserError("no_own_address")
    row = SetupChoice(
        step=SetupStep.MAIL.value, tried_by=user, tried_at=work.now,
        trial_end=TrialEnd.WAITS.value,
    )  # fmt: skip
    tried = ("tried_by", "tried_at", "trial_end", "server_said")
    await upsert_row(work.session, row, update=tried)
    work.leave(KIND, f"{KIND}:{user}", {"user": user}, priority=effects.INTERACTIVE)
    wakeups.note_wakeup(work.session, wakeups.LANGUAGES)
    return Answer(text="setup:mail_trying", extra={"address": person.email})


SETUP_VERBS: tuple[tuple[type[Intent], UseCase], ...] = (
    (ChooseSetup, choose_setup),
    (TryMail, try_mail),
)
