"""What people do with reviews: paste one, take the reply, record that it was given.

The app writes to no review site: a person answers there, in approved words, and records it here.
Every answer carries ``review_extra``; all but that to a recorded reply ``due`` besides (ISO 8601).
"""

from datetime import datetime, time
from typing import Any, ClassVar
from urllib.parse import urlsplit

from sqlmodel import col, select

from bot import effects
from bot.core.access import require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Hidden,
    Intent,
    Line,
    LocalDate,
    OptionalLine,
    OptionalText,
    Past,
    Url,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.intake.reviews.take_in import take_in_review
from bot.rules.local_time import known_zone
from bot.rules.reviews.export import bare_link, review_key
from bot.rules.reviews.ratings import read_rating
from bot.rules.reviews.review import GivenReview, ReviewSource
from storage.models import Review

# Sites that are known by the end of a link's host.
HOSTS = {"g2.com": ReviewSource.G2, "trustradius.com": ReviewSource.TRUSTRADIUS}


class AddReview(Intent):
    """A public review that a person pastes, by its link; the same link again is the same review.

    ``rating`` is as the site writes it, ``written`` the day on which the review was written.
    """

    verb: ClassVar[str] = "add_review"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.OPENINGS
    source: ReviewSource
    link: Url
    author: Line
    customer: OptionalLine = ""
    rating: Line
    text: OptionalText = ""
    written: LocalDate


class OnReview(Intent):
    """An intent about one review, by its row."""

    review: Hidden[int]


class TakeReview(OnReview):
    """The actor owes the reply to the review from now on."""

    verb: ClassVar[str] = "take_review"


class RecordReviewReply(OnReview):
    """The review was answered where it stands; ``at`` is when, now where it is left out."""

    verb: ClassVar[str] = "record_review_reply"
    at: Past[datetime | None] = None
    text: OptionalText = ""


def site_of_link(link: str) -> ReviewSource:
    """The review site that an address is of; ``OTHER`` for one that ``HOSTS`` does not know.

    Subdomains count: ``www.g2.com`` is G2. Never Podium, which is not pasted by its links.
    """
    try:
        host = (urlsplit(link).hostname or "").lower()
    except ValueError:  # a bracket that is not closed
        return ReviewSource.OTHER
    named = (site for end, site in HOSTS.items() if host == end or host.endswith(f".{end}"))
    return next(named, ReviewSource.OTHER)


async def add_review(work: UnitOfWork, intent: AddReview) -> Answer | None:
    """Take in a review that a person pasted.

    The day counts from noon in the policy's zone, or as now where that is still to come. The key is
    the link without query and fragment, cut to ``KEY_MAX``. The answer is ``review:pasted_new``,
    ``_known``, ``_changed`` or ``_old``, and ``review:pasted_new_bad`` for one that comes to
    triage; it carries ``due`` in each case.

    Raises UserError ``review_needs_link``, ``review_rating_unread`` with ``rating`` as typed.
    """
    await require_permission(work, None, "add_review")
    if not intent.link:
        raise UserError("review_needs_link")
    if read_rating(intent.rating, intent.source) is None:
        raise UserError("review_rating_unread", rating=intent.rating)
    noon = datetime.combine(intent.written, time(12), known_zone(work.policy.timezone))
    taken = await take_in_review(
        work,
        GivenReview(
            source=intent.source,
            key=review_key(bare_link(intent.link)),
            rating=intent.rating,
            text=intent.text,
            author=intent.author,
            customer=intent.customer,
            link=intent.link,
            written_at=noon.astimezone(work.now.tzinfo),
        ),
    )
    bad = "_bad" if taken.outcome == "new" and taken.review.bad else ""
    return _answer(
        taken.review, f"pasted_{taken.outcome}{bad}", due=taken.review.due_at.isoformat()
    )


async def take_review(work: UnitOfWork, intent: TakeReview) -> Answer | None:
    """Make the actor the one who replies; who owed the reply before is told.

    Locks the row. One who owed it before hears ``review:taken_over`` with ``review_extra`` and
    ``by``, the actor's user id; the actor, taking it again, does not. ``due_at`` stays as it was.

    Raises UserError ``no_such_review``, ``review_answered``.
    """
    await require_permission(work, None, "take_review")
    row = await _lock_review(work, intent.review)
    if row.replied_at is not None:
        raise UserError("review_answered")
    if row.owner not in ("", work.actor.user_id):
        extra = {**review_extra(row), "by": work.actor.user_id}
        await effects.queue_dm(work, row.owner, "review:taken_over", extra=extra)
    row.owner, row.taken_at = work.actor.user_id, work.now
    work.session.add(row)
    return _answer(row, "taken", due=row.due_at.isoformat())


async def record_review_reply(work: UnitOfWork, intent: RecordReviewReply) -> Answer | None:
    """Record that the review was answered, by whom and when.

    Locks the row. ``replied_by`` is the actor; the one who owed the reply stays its owner, and
    where there was none the actor becomes it. A recorded reply is not taken back, and cannot be
    recorded twice.

    Raises UserError ``no_such_review``, ``review_answered``, and ``review_reply_too_early`` for a
    day before that of the review, in the policy's zone.
    """
    await require_permission(work, None, "record_review_reply")
    row = await _lock_review(work, intent.review)
    if row.replied_at is not None:
        raise UserError("review_answered")
    at = intent.at or work.now
    zone = known_zone(work.policy.timezone)
    if (
        at.astimezone(zone).date() < row.written_at.astimezone(zone).date()
    ):  # noon, for want of more
        raise UserError("review_reply_too_early")
    row.replied_at, row.replied_by, row.reply = at, work.actor.user_id, intent.text
    row.owner = row.owner or work.actor.user_id
    work.session.add(row)
    return _answer(row, "answered")


async def _lock_review(work: UnitOfWork, number: int) -> Review:
    """The row, locked. Raises UserError ``no_such_review``. Permission is asked before."""
    query = select(Review).where(col(Review.id) == number).with_for_update()
    row = (await work.session.exec(query)).one_or_none()
    if row is None:
        raise UserError("no_such_review")
    return row


def review_extra(row: Review) -> dict[str, Any]:
    """What every notice about a review carries, as JSON."""
    return {"review": row.id, "source": row.source, "author": row.author, "link": row.link}


def _answer(row: Review, name: str, **extra: Any) -> Answer:
    return Answer(text=f"review:{name}", extra={**review_extra(row), **extra})
