"""Posts that are edited instead of followed by another: what strangers send, what is answered.

A sender outside could otherwise fill a case's channel, and keep what matters from being said. What
such a post shows is read when it is shown; each has a lane of its own, and comes after everything
that a person waits for. The row's payload is ``post``, the id of the ``EditedPost``;
``bot/feedback/edited_posts.py`` performs it.
"""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot import effects
from bot.core.facts.mails import describe_mail
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import MessageState
from bot.subjects import build_lane
from storage.models import Case, CustomerLink, EditedPost, Mail

STRANGERS, ANSWER, CHECKLIST = "strangers", "answer", "checklist"
FRESH = timedelta(days=1)  # after which a post is too far up for an edit of it to be seen


async def kept_back(work: UnitOfWork, case: Case, mail: Mail) -> bool:
    """Show one more mail that was kept back; True when that is news and not one more of many.

    A post of the last day that still has undecided mails is edited; else a new one begins.
    """
    query = select(EditedPost).where(
        col(EditedPost.case_number) == case.number,
        col(EditedPost.topic) == STRANGERS,
        col(EditedPost.begun_at) > work.now - FRESH,
    )
    post = (await work.session.exec(query.order_by(col(EditedPost.id).desc()))).first()
    again = post is not None and await _undecided(work, case, post, but=mail)
    if post is None or not again:
        post = _begun(work, case, STRANGERS, mail.id)
    await _show(work, case, post)
    return not again


async def _undecided(work: UnitOfWork, case: Case, post: EditedPost, but: Mail) -> bool:
    """Whether another mail of those that the post tells of still waits for a decision."""
    query = select(Mail.id).where(
        col(Mail.case_number) == case.number,
        col(Mail.state) == MessageState.QUARANTINED,
        col(Mail.id) >= post.first,
        col(Mail.id) != but.id,
    )
    return (await work.session.exec(query.limit(1))).first() is not None


async def sender_decided(work: UnitOfWork, case: Case, mail: Mail) -> None:
    """Show again what still waits for a decision, after a person decided about ``mail``.

    The post is the newest that begins with this mail or an earlier one; without one, do nothing.
    """
    query = select(EditedPost).where(
        col(EditedPost.case_number) == case.number,
        col(EditedPost.topic) == STRANGERS,
        col(EditedPost.first) <= mail.id,
    )
    post = (await work.session.exec(query.order_by(col(EditedPost.first).desc()))).first()
    if post is not None:
        await _show(work, case, post)


async def show_answered(work: UnitOfWork, case: Case, link: CustomerLink) -> None:
    """Show what a customer answers to a question, once, however often they change it."""
    await _show_one(work, case, ANSWER, link.id)


async def show_checklist(work: UnitOfWork, case: Case, applied: int) -> None:
    """Show how far a playbook is done, in one post; ``applied`` is an ``AppliedPlaybook``'s id.

    What it shows is read when it is drawn, so many steps at once are one edit.
    """
    await _show_one(work, case, CHECKLIST, applied)


async def _show_one(work: UnitOfWork, case: Case, topic: str, first: int) -> None:
    """Show the one post about the row ``first``, which begins where there is none yet."""
    query = select(EditedPost).where(
        col(EditedPost.case_number) == case.number,
        col(EditedPost.topic) == topic,
        col(EditedPost.first) == first,
    )
    post = (await work.session.exec(query)).first()
    await _show(work, case, post or _begun(work, case, topic, first))


def _begun(work: UnitOfWork, case: Case, topic: str, first: int) -> EditedPost:
    return EditedPost(case_number=case.number, topic=topic, first=first, begun_at=work.now)


async def _show(work: UnitOfWork, case: Case, post: EditedPost) -> None:
    """Leave the post to be drawn, unless an unclaimed row for it waits already.

    Nothing is left where the case has no channel and none is on its way.
    """
    work.session.add(post)
    await work.session.flush()
    lane = build_lane(case, f"edited_post:{post.id}")
    if await effects.lock_waiting(work, lane):
        return
    after = await effects.channel_row(work, case)
    if after is not None or case.channel_id is not None:
        given = {"post": post.id}
        work.leave("edited_post", lane, given, case=case, after=after, priority=effects.NUDGE)


def kept_mail_facts(mail: Mail) -> dict[str, Any]:
    """Return what is told of a mail that was kept back, as JSON.

    What ``describe_mail`` has, with ``doubt``, the reason's key (``sender``, ``unsigned`` …), and
    ``text``, the stranger's own words.
    """
    return describe_mail(mail) | {"text": mail.text, "doubt": mail.reason}
