"""What a sponsor answers to an offer, and that they have read the brief."""

from typing import ClassVar

from bot import effects
from bot.core.access import require_permission
from bot.core.reactions import SponsorNamed, react
from bot.engine.inbox import Answer
from bot.engine.intent import (
    Hidden,
    Intent,
    LocalDate,
    OptionalLine,
    OptionalText,
    Past,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.sponsorship.quarters import add_months
from bot.rules.states import SponsorshipState
from bot.sponsorship.briefs.make import begin_briefs
from bot.sponsorship.nominate import consent_day
from bot.sponsorship.offers import offer_next, seek_sponsor
from bot.sponsorship.programme import require_active
from bot.sponsorship.rows import (
    describe_membership,
    hold_membership,
    load_programme,
    lock_membership,
    redraw_cards,
    today_of,
)
from bot.sponsorship.schedule import begin_touches, hand_touches, plan_next
from storage.models import Account, Sponsorship

REVIEW_AFTER = 6  # months


class AnswerSponsorship(Intent):
    """Accept an account, or refuse it with a remark.

    ``consent_by`` is who consented on the customer's side, where that was not said before.
    """

    verb: ClassVar[str] = "answer_sponsorship"
    membership: Hidden[int]
    approve: Hidden[bool]
    consent_by: OptionalLine = ""
    consent_on: Past[LocalDate | None] = None
    remark: OptionalText = ""


class ReadSponsorBrief(Intent):
    """The sponsor has read the brief."""

    verb: ClassVar[str] = "read_sponsor_brief"
    membership: Hidden[int]


async def answer_sponsorship(work: UnitOfWork, intent: AnswerSponsorship) -> Answer | None:
    """Begin, or go on with, the membership as its sponsor; or leave it to be offered to another.

    Raises UserError ``no_such_sponsorship``, ``sponsorship_over``, ``sponsorship_not_offered``
    (``user``), ``consent_needed``, and as ``require_active`` does for one that is to begin.
    """
    await require_permission(work, None, "answer_sponsorship")
    row, account = await hold_membership(work, intent.membership)
    me = work.actor.user_id
    if row.offered_to != me:
        raise UserError("sponsorship_not_offered", user=row.offered_to or "")
    if not intent.approve:
        return await _refuse(work, row, intent.remark)
    if row.state is not SponsorshipState.ACTIVE:
        await require_active(work)
    if intent.consent_by:
        row.consent_by = intent.consent_by
        row.consent_on = consent_day(work, intent.consent_by, intent.consent_on)
    if not row.consent_by:
        raise UserError("consent_needed", customer=row.customer)
    await _accept(work, row, account)
    return Answer(text="sponsorship:brief", extra=await _brief(work, row))


async def _refuse(work: UnitOfWork, row: Sponsorship, remark: str) -> Answer:
    """Take the actor's refusal: the programme's leads are asked to name a sponsor, and read why.

    The place that becomes free is offered to the next who waits for the actor. Answers
    ``sponsorship:refused_noted`` with ``customer``.
    """
    me = work.actor.user_id
    await seek_sponsor(work, row, left=me, remark=remark)
    await work.session.flush()
    await offer_next(work, me)
    return Answer(text="sponsorship:refused_noted", extra={"customer": row.customer})


async def _accept(work: UnitOfWork, row: Sponsorship, account: Account | None) -> None:
    """The actor is the sponsor from now on.

    The first one begins the membership, with its end, its review and its touches; a later one
    takes the touches over. Those who nominated, the deputy and the sponsor before are told.
    """
    me, before = work.actor.user_id, row.sponsor
    first = row.state is not SponsorshipState.ACTIVE
    row.state, row.sponsor, row.offered_to, row.read_at = SponsorshipState.ACTIVE, me, None, None
    row.deputy = row.deputy if row.deputy != me else None
    if first:
        months = (await load_programme(work.session)).months
        row.began_at, today = work.now, today_of(work)
        row.ends_on = add_months(today, months)
        row.review_on = add_months(today, min(REVIEW_AFTER, months))
        begin_touches(work, row)
        begin_briefs(work, row)
    else:
        await hand_touches(work, row)
    plan_next(work, row)
    if account is not None:
        account.programme_sponsor = me
        work.session.add(account)
        await react(work, SponsorNamed(account))
        await redraw_cards(work, account.key)
    work.session.add(row)
    said = describe_membership(row)
    for user in dict.fromkeys([row.nominated_by, row.deputy, None if first else before]):
        if user and user != me:
            await effects.queue_dm(work, user, "sponsorship:accepted", None, {**said, "by": me})


async def _brief(work: UnitOfWork, row: Sponsorship) -> dict[str, object]:
    """What the sponsor reads first: their duties and training, and why this account."""
    programme = await load_programme(work.session)
    texts = {topic.value: text.body for topic, text in programme.texts.items()}
    return {
        **describe_membership(row),
        "duties": texts.get("duties", ""),
        "training": texts.get("training", ""),
    }


async def read_sponsor_brief(work: UnitOfWork, intent: ReadSponsorBrief) -> Answer | None:
    """Record that its sponsor has read the brief; a second time changes nothing.

    Raises UserError ``not_your_account`` (``user``).
    """
    await require_permission(work, None, "read_sponsor_brief")
    row = await lock_membership(work, intent.membership)
    if row.sponsor != work.actor.user_id or row.state is not SponsorshipState.ACTIVE:
        raise UserError("not_your_account", user=row.sponsor or "")
    row.read_at = row.read_at or work.now
    plan_next(work, row)
    work.session.add(row)
    return Answer(text="sponsorship:read_noted", extra=describe_membership(row))
