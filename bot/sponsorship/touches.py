"""A sponsor's contacts with an account."""

from datetime import datetime
from typing import ClassVar

from bot import effects
from bot.core.access import require_permission
from bot.core.steps import read_past
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, Past, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.sponsorship.words import TouchKind
from bot.rules.states import SponsorshipState
from bot.rules.words import Role
from bot.sponsorship.programme import named_among
from bot.sponsorship.rows import list_touches, lock_membership, require_part
from storage.models import Sponsorship, SponsorTouch


class LogTouch(Intent):
    """A contact with the customer took place; ``at`` None means now."""

    verb: ClassVar[str] = "log_touch"
    membership: Hidden[int]
    how: TouchKind
    note: Text
    at: Past[datetime | None] = None


async def log_touch(work: UnitOfWork, intent: LogTouch) -> Answer | None:
    """Record a contact as the one that is owed, a late one first; else as one more.

    A missed one that took place in time counts as made; the director, who was told that it was
    missed, hears of it either way. Raises UserError ``not_your_account``,
    ``sponsorship_not_begun``, ``touch_before_start``, ``not_yet_happened``.
    """
    await require_permission(work, None, "log_touch")
    row = await lock_membership(work, intent.membership)
    await require_part(work, row, deputy=True)
    if row.state is not SponsorshipState.ACTIVE or row.began_at is None:
        raise UserError("sponsorship_not_begun", customer=row.customer)
    at = read_past(work, intent.at)
    if at < row.began_at:
        raise UserError("touch_before_start", customer=row.customer)
    touches = await list_touches(work.session, row.id)
    owed = [each for each in touches if each.done_at is None and each.next_at is not None]
    touch = owed[0] if owed else SponsorTouch(
        sponsorship=row.id, account_key=row.account_key, sponsor=row.sponsor or ""
    )  # fmt: skip
    touch.done_at, touch.done_by = at, work.actor.user_id
    touch.how, touch.note = intent.how.value, intent.note
    # One that was made before it is due is looked at then once more: the next quarter begins.
    touch.next_at = touch.due_at if touch.due_at and touch.due_at > work.now else None
    work.session.add(touch)
    await _tell(work, row, touch)
    following = [each.due_at for each in owed[1:] if each.due_at]
    said = {
        "customer": row.customer, "how": touch.how, "touch_at": at.isoformat(),
        "more": touch.due_at is None,
        "due": following[0].isoformat() if following else "",
    }  # fmt: skip
    return Answer(text="sponsorship:touch_noted", extra=said)


async def _tell(work: UnitOfWork, row: Sponsorship, touch: SponsorTouch) -> None:
    """Tell the sponsor of what another recorded, and the directors of what had been missed."""
    me = work.actor.user_id
    said = {
        "customer": row.customer, "how": touch.how, "by": me, "note": touch.note,
        "touch_at": (touch.done_at or work.now).isoformat(), "sponsor": touch.sponsor,
    }  # fmt: skip
    told = named_among(work.policy, [Role.DIRECTOR]) if touch.missed_at else []
    for user in dict.fromkeys([*told, row.sponsor]):
        if user and user != me:
            await effects.queue_dm(work, user, "sponsorship:touch_made", None, said)
