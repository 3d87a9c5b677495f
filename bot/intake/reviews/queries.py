"""Which reviews wait for a reply, and how the last ones went; read without locks.

No permission is asked here: what is read stands on public sites. Instants are UTC.
"""

from collections.abc import Mapping, Sequence

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.rules.reviews.review import ReviewFacts, ReviewSource
from storage.models import Review, ReviewEdit

WAITING_MAX, ANSWERED_MAX = 15, 5  # shown at once


class ReviewReading:
    """The store's answers about reviews, all of which are public on their sites."""

    def __init__(self, services: WorkServices) -> None:
        self._services = services

    async def waiting(self) -> tuple[Sequence[ReviewFacts], int]:
        """The reviews that wait for a reply, first what is due first, and how many there are.

        At most ``WAITING_MAX`` are answered; the number counts all. Reviews that were old when they
        came (``owed`` is false) never wait.
        """
        open_ones = (col(Review.replied_at).is_(None), col(Review.owed).is_(True))
        async with self._services.database.read() as session:
            query = select(Review).where(*open_ones).order_by(col(Review.due_at), col(Review.id))
            rows = (await session.exec(query.limit(WAITING_MAX))).all()
            count = (await session.exec(select(func.count()).where(*open_ones))).one()
            return await _facts(session, rows), count

    async def answered(self) -> Sequence[ReviewFacts]:
        """The reviews that were answered last, at most ``ANSWERED_MAX``, the newest answer first.

        Reviews that were old when they came count too.
        """
        async with self._services.database.read() as session:
            query = select(Review).where(col(Review.replied_at).is_not(None))
            query = query.order_by(col(Review.replied_at).desc()).limit(ANSWERED_MAX)
            return await _facts(session, (await session.exec(query)).all())

    async def review(self, number: int) -> ReviewFacts:
        """One review. Raises UserError ``no_such_review``."""
        async with self._services.database.read() as session:
            row = await session.get(Review, number)
            if row is None:
                raise UserError("no_such_review")
            return (await _facts(session, [row]))[0]


async def _facts(session: AsyncSession, rows: Sequence[Review]) -> list[ReviewFacts]:
    edits = await _edits(session, [row.id for row in rows]) if rows else {}
    return [_one(row, edits.get(row.id, ())) for row in rows]


async def _edits(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, list[ReviewEdit]]:
    """The edits of each review by its id, the oldest first; no entry for one without any."""
    query = select(ReviewEdit).where(col(ReviewEdit.review).in_(ids)).order_by(col(ReviewEdit.id))
    found: dict[int, list[ReviewEdit]] = {}
    for edit in (await session.exec(query)).all():
        found.setdefault(edit.review, []).append(edit)
    return found


def _one(row: Review, edits: Sequence[ReviewEdit]) -> ReviewFacts:
    """The facts of a review as it stands now; what was ``before`` is of its newest edit alone.

    Without an edit, ``rating_before`` and ``text_before`` are "" and ``edited_at`` is None.
    """
    last = edits[-1] if edits else None
    return ReviewFacts(
        id=row.id,
        source=ReviewSource(row.source),
        rating=row.rating,
        text=row.text,
        author=row.author,
        customer=row.customer,
        link=row.link,
        site=row.site,
        location=row.location,
        bad=row.bad,
        written_at=row.written_at,
        received_at=row.received_at,
        due_at=row.due_at,
        owner=row.owner,
        edits=len(edits),
        rating_before=last.rating_before if last else "",
        text_before=last.text_before if last else "",
        edited_at=last.at if last else None,
        replied_at=row.replied_at,
        replied_by=row.replied_by,
    )
