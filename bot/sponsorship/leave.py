"""The way out: a person ends a membership with a reason, or lets it go on to another day."""

from datetime import date
from typing import ClassVar

from bot import effects
from bot.core.access import require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Hidden, Intent, LocalDate, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.sponsorship.words import SponsorshipExit
from bot.rules.states import SponsorshipState
from bot.sponsorship.offers import offer_next
from bot.sponsorship.rows import (
    describe_membership,
    hold_membership,
    redraw_cards,
    require_part,
    today_of,
)
from bot.sponsorship.schedule import end_touches, plan_next


class EndSponsorship(Intent):
    """An account leaves the programme, or its nomination is dropped."""

    verb: ClassVar[str] = "end_sponsorship"
    membership: Hidden[int]
    exit_reason: SponsorshipExit
    why: Text


class KeepSponsorship(Intent):
    """A membership goes on, and is looked at again on ``review_on``, which its end follows."""

    verb: ClassVar[str] = "keep_sponsorship"
    membership: Hidden[int]
    review_on: Future[LocalDate]
    why: OptionalText = ""


async def end_sponsorship(work: UnitOfWork, intent: EndSponsorship) -> Answer | None:
    """End it with the reason; the place that becomes free is offered to the next who waits.

    A membership that has begun is ``ended``, a nomination ``withdrawn``. What was missed stays on
    record; touches that are not due yet are taken out. Its sponsor, their deputy, who is offered it
    and who nominated it are told. Raises UserError ``not_your_account``, ``sponsorship_over``,
    ``no_such_sponsorship``.
    """
    await require_permission(work, None, "end_sponsorship")
    row, account = await hold_membership(work, intent.membership)
    await require_part(work, row)
    begun = row.state is SponsorshipState.ACTIVE
    places = (row.sponsor, row.offered_to)  # which become free
    told = (*places, row.deputy, row.nominated_by)
    row.state = SponsorshipState.ENDED if begun else SponsorshipState.WITHDRAWN
    row.live_key = row.offered_to = row.next_at = row.brief_at = None
    row.exit_reason, row.ended_why = intent.exit_reason.value, intent.why
    row.ended_by, row.ended_at = work.actor.user_id, work.now
    if account is not None:
        account.programme_sponsor = None
        work.session.add(account)
        await redraw_cards(work, account.key)
    work.session.add(row)
    await end_touches(work, row)
    said = {
        "customer": row.customer, "exit_reason": row.exit_reason, "why_text": row.ended_why,
        "by": row.ended_by, "begun": begun,
    }  # fmt: skip
    for user in dict.fromkeys(told):
        if user and user != work.actor.user_id:
            await effects.queue_dm(work, user, "sponsorship:ended", None, said)
    await work.session.flush()
    for user in dict.fromkeys(places):
        await offer_next(work, user)
    return Answer(text="sponsorship:ended_noted", extra=said)


async def keep_sponsorship(work: UnitOfWork, intent: KeepSponsorship) -> Answer | None:
    """Let it go on until another day; nothing is proposed before then.

    The end moves to that day where it would come before it, and the ground on which an end was
    proposed is forgotten. The sponsor reads ``sponsorship:kept`` (``by``, ``why_text``) unless they
    are the actor. Raises UserError ``not_your_account``, ``sponsorship_not_begun``,
    ``review_in_past`` for a day that is not after today in the organisation's zone.
    """
    await require_permission(work, None, "keep_sponsorship")
    row, _ = await hold_membership(work, intent.membership)
    await require_part(work, row)
    if row.state is not SponsorshipState.ACTIVE:
        raise UserError("sponsorship_not_begun", customer=row.customer)
    if intent.review_on <= today_of(work):
        raise UserError("review_in_past")
    row.review_on = intent.review_on
    row.ends_on = _later(row.ends_on, intent.review_on)
    row.exit_ground, row.exit_asked_at, row.reminded = "", None, 0
    plan_next(work, row)
    work.session.add(row)
    said = {**describe_membership(row), "by": work.actor.user_id, "why_text": intent.why}
    if row.sponsor and row.sponsor != work.actor.user_id:
        await effects.queue_dm(work, row.sponsor, "sponsorship:kept", None, said)
    return Answer(text="sponsorship:kept", extra=said)


def _later(first: date | None, second: date) -> date:
    """The later of two days; the second where the first is None."""
    return max(first, second) if first else second
