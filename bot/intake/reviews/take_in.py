"""A review taken in: a new one, one that is known, or one that its author has changed.

A bad rating brings it to triage, once; a later change is shown where that went, and is no other
candidate. The same review is known by its own id at its source, whatever brought it: the webhook,
an export file or a form.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import col, or_, select

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.reviews.standing import goes_on
from bot.intake.signals import find_standing, take_in_signal
from bot.rules.intake import Arrival, Reason, redact_secrets
from bot.rules.reviews.export import bare_link
from bot.rules.reviews.ratings import is_bad_rating, read_rating
from bot.rules.reviews.review import GivenReview, ReviewSource
from bot.rules.words import ClockKind, Severity
from messages.kit.template_context import clip_line
from messages.kit.texts import t
from storage.models import Review, ReviewEdit
from storage.upsert import take_turns

NEW, KNOWN, CHANGED, OLD = "new", "known", "changed", "old"
SAID_MAX = 80  # characters of each text in what is told of a change; the list has more of them
TURN = "reviews"  # reviews take turns, so that two deliveries of one make one row
OLD_AFTER = timedelta(days=90)  # a review that was written longer ago is kept for comparison only
BUSINESS_DAYS = 1  # within which a review is answered


@dataclass(frozen=True, slots=True)
class ReviewTaken:
    """The review, and ``new``, ``known``, ``changed``, or ``old``: new, and written long ago.

    Long ago is more than ``OLD_AFTER`` before now. No reply is owed to an old review, and it comes
    to triage neither now nor by a later change.
    """

    review: Review
    outcome: str


async def take_in_review(work: UnitOfWork, given: GivenReview) -> ReviewTaken:
    """Take in a review as its source gives it now, without secrets. Locks its row.

    Runs in the caller's transaction, and with ``take_in_signal`` in it stores the review, its edit,
    its signal and all that is shown of them, or nothing. All reviews take turns until it ends; the
    locks of signals, customers and threads come after that. Secrets are looked for in the language
    of the review, else in the policy's first one. Asks no permission.
    """
    language = given.language or work.policy.languages[0]
    given = replace(given, text=redact_secrets(given.text, language))
    await take_turns(work.session, TURN)
    row = await _find_review(work, given)
    if row is None:
        return await _add_review(work, given)
    return ReviewTaken(row, CHANGED if await _update_review(work, row, given) else KNOWN)


async def _find_review(work: UnitOfWork, given: GivenReview) -> Review | None:
    """The row of the review, locked: by its id, else by its address.

    Only reviews of the same source are compared. Where one row has the id and another the address,
    the older row counts.
    """
    same = col(Review.key) == given.key
    if address := _address(given):
        same = or_(same, col(Review.address) == address)
    query = select(Review).where(col(Review.source) == given.source.value, same)
    return (await work.session.exec(query.order_by(col(Review.id)).with_for_update())).first()


def _address(given: GivenReview) -> str:
    """The address of the review itself; Podium's may be that of a page with many.

    Empty for Podium, and where there is no link. It is as ``bare_link`` says.
    """
    return "" if given.source is ReviewSource.PODIUM else bare_link(given.link)


async def _add_review(work: UnitOfWork, given: GivenReview) -> ReviewTaken:
    """Store a review that is not known, and bring a bad one that is not old to triage.

    One without a date counts as written now, one dated in the future as well. A reply that the
    source tells is recorded at once, and the review comes to triage all the same.
    """
    written = min(given.written_at or work.now, work.now)
    old = work.now - written > OLD_AFTER
    row = Review(
        source=given.source.value,
        key=given.key,
        site=given.site,
        location=given.location,
        author=given.author,
        customer=given.customer,
        rating=given.rating,
        text=given.text,
        link=given.link,
        address=_address(given),
        bad=is_bad_rating(given.rating, given.source),
        owed=not old,
        written_at=written,
        received_at=work.now,
        due_at=_answer_by(work),
        as_of=given.edited_at,
    )
    work.session.add(row)
    await work.session.flush()
    _take_reply(work, row, given)
    if row.bad and not old:
        await take_in_signal(work, _read_signal(row, given))
    return ReviewTaken(row, OLD if old else NEW)


def _answer_by(work: UnitOfWork) -> datetime:
    """The close of the next business day, by the calendar of answers to minor cases.

    That is the calendar of the first response at SEV3; where it names none, one day from now. It
    counts from when the review reached us, not from when it was written.
    """
    clock = work.policy.clock(Severity.SEV3, ClockKind.FIRST_RESPONSE)
    calendar = work.policy.calendars[clock.calendar] if clock.calendar else None
    if calendar is None:
        return work.now + timedelta(days=BUSINESS_DAYS)
    return calendar.business_day_close(work.now, BUSINESS_DAYS)


async def _update_review(work: UnitOfWork, row: Review, given: GivenReview) -> bool:
    """Bring a known review up to date; answers whether its author changed it.

    The caller has locked the row. A state that is older than the one that is known changes nothing
    at all; one without a date of its change counts as newer. A change keeps what was there as a
    ``ReviewEdit``; neither ``due_at`` nor a recorded reply begins anew with it.
    """
    if _is_older(work, given.edited_at, row.as_of):
        return False  # an older state that was delivered late
    row.as_of = given.edited_at or row.as_of
    row.link = given.link or row.link
    _take_reply(work, row, given)
    work.session.add(row)
    if not _is_changed(row, given):
        return False
    edit = ReviewEdit(
        review=row.id,
        at=min(given.edited_at or work.now, work.now),
        rating_before=row.rating,
        rating_after=given.rating,
        text_before=row.text,
        text_after=given.text,
    )
    row.rating, row.text = given.rating, given.text
    row.bad = is_bad_rating(given.rating, given.source)
    work.session.add(edit)
    await work.session.flush()
    await _show_change(work, row, edit, given)
    return True


def _is_older(work: UnitOfWork, at: datetime | None, known: datetime | None) -> bool:
    """Whether a state is older than the known one, by their dates; not where one is missing.

    A known date that is still to come is wrong, so it makes nothing older that is dated until now.
    """
    if at is None or known is None:
        return False
    return at < known and (known <= work.now or at > work.now)


def _is_changed(row: Review, given: GivenReview) -> bool:
    """Whether rating or words differ, not how they are written: ``2`` is ``2/5`` of five.

    Spaces and line breaks do not matter. Two ratings that cannot be read are the same.
    """
    shares = [read_rating(each, given.source) for each in (row.rating, given.rating)]
    return shares[0] != shares[1] or row.text.split() != given.text.split()


def _take_reply(work: UnitOfWork, row: Review, given: GivenReview) -> None:
    """Note that the source says it was answered; what a person recorded stays.

    A reply in the future counts as given now. ``replied_by`` stays empty, since no source says by
    whom it was given.
    """
    if given.replied_at is not None and row.replied_at is None:
        row.replied_at = min(given.replied_at, work.now)
        row.reply = given.reply
        work.session.add(row)


def _read_signal(row: Review, given: GivenReview) -> Arrival:
    """The review as an arrival; its key is also its thread, so that later changes join it.

    The customer is the company that the review names, else its author. ``details`` are those of
    ``author``, ``site`` and ``location`` that are known.
    """
    named = {"author": row.author, "site": row.site, "location": row.location}
    return Arrival(
        source=row.source,
        key=row.key,
        text=row.text or row.rating,
        happened_at=row.written_at,
        customer=row.customer or row.author,
        thread=row.key,
        link=row.link,
        rating=row.rating,
        language=given.language,
        reasons=(Reason.BAD_RATING,),
        details={name: value for name, value in named.items() if value},
    )


async def _show_change(work: UnitOfWork, row: Review, edit: ReviewEdit, given: GivenReview) -> None:
    """Show a change where the review went: its candidate or case, and who replies.

    One that was good and is bad now comes to triage for the first time. A change of a review that
    was decided on, and of which there is no live case, is shown only to its owner, by the private
    message ``review:changed``.
    """
    signal = _read_signal(row, given)
    standing = await find_standing(work.session, row.source, row.key)
    if standing is None:
        if row.bad and row.owed:
            await take_in_signal(work, signal)
    elif await goes_on(work, standing):
        await take_in_signal(work, _read_change(work, signal, edit))
    if row.owner:
        await effects.queue_dm(work, row.owner, "review:changed", extra=change_extra(row, edit))


def _read_change(work: UnitOfWork, signal: Arrival, edit: ReviewEdit) -> Arrival:
    """The change as another report of the same thread, with what was there before.

    Its key is that of the review with the edit's id: ``4711#3``. Its words are the app's own,
    ``reviews.reported_change`` or ``reported_rating``, in the review's language, else the policy's
    first; each text in them is cut to ``SAID_MAX``, and ``-`` stands for what is empty.
    """
    language = signal.language or work.policy.languages[0]
    facts = {
        "rating_before": edit.rating_before or "-",
        "rating_after": edit.rating_after or "-",
        "text_before": clip_line(edit.text_before, SAID_MAX) or "-",
        "text_after": clip_line(edit.text_after, SAID_MAX) or "-",
    }
    same = edit.text_before.split() == edit.text_after.split()
    return replace(
        signal,
        key=f"{signal.key}#{edit.id}",
        text=t(language, f"reviews.reported_{'rating' if same else 'change'}", **facts),
        happened_at=edit.at,
        rating=f"{facts['rating_before']} → {facts['rating_after']}",
        reasons=(Reason.EDITED,),
    )


def change_extra(row: Review, edit: ReviewEdit) -> dict[str, object]:
    """What the notice of a change carries, as JSON.

    ``review`` is the row's id, ``source`` a value of ``ReviewSource``, ``author`` and ``link`` may
    be "". Ratings are as the source writes them, texts are whole and without secrets.
    """
    return {
        "review": row.id,
        "source": row.source,
        "author": row.author,
        "link": row.link,
        "rating_before": edit.rating_before,
        "rating_after": edit.rating_after,
        "text_before": edit.text_before,
        "text_after": edit.text_after,
    }
