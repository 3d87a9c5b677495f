"""Tips: under a form the first times that a person opens it, and one a week by direct message.

They begin when a person first opens a form that has one. What was turned off stays off.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from bot import effects
from bot.core.access import require_permission
from bot.engine.due import Reminder, get_reminder
from bot.engine.inbox import Answer, UseCase
from bot.engine.intent import Hidden, Intent
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.rules import daily_times
from bot.rules.learning.tips import FORMS_MAX, TIMES, WEEKLY_TIPS, TipKind
from bot.rules.membership import UNFIT
from storage import wakeups
from storage.models import Person, TipReader

WAIT = timedelta(days=6)  # before the morning of the next weekly tip


class SeenTip(Intent):
    """A form was opened with its tip."""

    verb: ClassVar[str] = "seen_tip"
    form: Hidden[str] = Field(max_length=60)


class ChooseTips(Intent):
    """Have tips of this kind, or have them no more."""

    verb: ClassVar[str] = "choose_tips"
    kind: Hidden[TipKind]
    on: Hidden[bool]


async def wants_tip(services: WorkServices, user: str, form: str) -> bool:
    """Whether this form, which has a tip, is to open with it. One statement; locks nothing."""
    async with services.database.read() as session:
        row = await session.get(TipReader, user)
    return row is None or (not row.forms_off and int(row.forms.get(form, 0)) < TIMES)


async def count_tip(work: UnitOfWork, intent: SeenTip) -> Answer | None:
    """Count that the actor had a form's tip; the first one begins the weekly ones."""
    await require_permission(work, None, "seen_tip")
    row = await _reader(work)
    if not (row.told or row.weekly_off):
        row.next_at = row.next_at or await _next_week(work, row.user_id)
    if intent.form in row.forms or len(row.forms) < FORMS_MAX:
        row.forms = {**row.forms, intent.form: int(row.forms.get(intent.form, 0)) + 1}
    work.session.add(row)
    return None


async def choose_tips(work: UnitOfWork, intent: ChooseTips) -> Answer | None:
    """Keep what the actor chose; weekly tips that are turned on again go on where they ended.

    A choice about the tips under forms, or about quiet words, begins no weekly ones.
    """
    await require_permission(work, None, "choose_tips")
    row = await _reader(work)
    if intent.kind is TipKind.FORMS:
        row.forms_off = not intent.on
    elif intent.kind is TipKind.COURTESY:
        row.courtesy_off = not intent.on
    else:
        row.weekly_off = not intent.on
        more = intent.on and row.told < len(WEEKLY_TIPS)
        row.next_at = (row.next_at or await _next_week(work, row.user_id)) if more else None
    work.session.add(row)
    wakeups.note_wakeup(work.session, wakeups.LANGUAGES)  # open Homes show what was chosen
    return None


async def _reader(work: UnitOfWork) -> TipReader:
    """The actor's row, locked; a new one, without a weekly tip ahead, where there was none."""
    user = work.actor.user_id
    found = await work.session.get(TipReader, user, with_for_update=True)
    return found or TipReader(user_id=user, forms={})


async def _next_week(work: UnitOfWork, user: str) -> datetime:
    """A morning in about a week, in the person's own zone."""
    person = await work.session.get(Person, user)
    zone = person.timezone if person else work.policy.timezone
    return daily_times.next_morning(work.now + WAIT, zone, work.policy.digest_hour)


async def tell_tip(work: UnitOfWork, row: TipReader, says: Sequence[Reminder]) -> None:
    """Send the next weekly tip and plan the one after it; the row is locked.

    Who left gets none any more, and after the last there is none.
    """
    person = await work.session.get(Person, row.user_id)
    row.next_at = None
    if row.told < len(WEEKLY_TIPS) and not (person and person.standing in UNFIT):
        said = {"name": WEEKLY_TIPS[row.told]}
        template = get_reminder(says, "weekly_tip").template
        await effects.queue_dm(work, row.user_id, template, None, said, priority=effects.DIGEST)
        row.told += 1
        if row.told < len(WEEKLY_TIPS):
            row.next_at = await _next_week(work, row.user_id)
    work.session.add(row)


TIP_VERBS: tuple[tuple[type[Intent], UseCase], ...] = (
    (SeenTip, count_tip),
    (ChooseTips, choose_tips),
)
