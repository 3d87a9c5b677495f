"""Drawing the posts that are edited: what they show is read when it is shown.

The effect's payload carries only ``post``, the id of an ``EditedPost``; the text comes from the
store at delivery, so that an effect that is delivered late shows the latest state. The rows are
made, and the effects queued, in ``bot.core.edited_posts``.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.edited_posts import ANSWER, CHECKLIST, STRANGERS, kept_mail_facts
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.feedback import surveys
from bot.playbooks.applied import checklist_facts
from bot.rules.states import MessageState
from bot.slack.case_presenter import case_facts
from bot.slack.posts import edit_message, posted
from bot.slack.presenter import inner_channel_of, team_language
from messages.clients.slack import SlackRefused
from messages.compose import compose_message
from storage.models import AppliedPlaybook, CustomerLink, EditedPost, Mail

KEPT_BACK = (MessageState.QUARANTINED, MessageState.RELEASED, MessageState.DROPPED)
SENDERS = 3  # of the latest mails, whose senders are named
GONE = frozenset({"message_not_found", "cant_update_message"})  # somebody deleted the post

Said = tuple[str, Mapping[str, Any]]


async def edited_post(delivery: Delivery, job: Job) -> EffectResult:
    """Post it the first time, then keep it true; one that was deleted is posted anew."""
    case = await case_facts(delivery, job)
    channel = await inner_channel_of(delivery, case, job.row)
    async with delivery.services.database.read() as session:
        post = await session.get(EditedPost, job.row.payload["post"])
        assert post is not None  # they are kept
        text, extra = await _said(session, post)
    message = compose_message(text, extra, case, team_language(delivery), inside=True)
    if post.ts is not None:
        try:
            await edit_message(delivery, channel, post.ts, message)
        except SlackRefused as refused:
            if refused.code not in GONE:
                raise
        else:
            return EffectResult({"ts": post.ts})
    sent = await posted(delivery, job, channel, message)
    return EffectResult({"ts": sent.ts}, _save(post.id, sent.ts))


def _save(number: int, ts: str) -> Any:
    """Store the post's time stamp with the outcome of the delivery, in one transaction."""

    async def save(session: AsyncSession) -> None:
        row = update(EditedPost).where(col(EditedPost.id) == number)
        await session.exec(row.values(ts=ts))

    return save


async def _said(session: AsyncSession, post: EditedPost) -> Said:
    """The text and its facts, by what the post is about."""
    said = {STRANGERS: _strangers, ANSWER: _answer, CHECKLIST: _checklist}
    return await said[post.topic](session, post)


async def _checklist(session: AsyncSession, post: EditedPost) -> Said:
    """How far a playbook is done: ``first`` is the id of its ``AppliedPlaybook``."""
    row = await session.get(AppliedPlaybook, post.first)
    assert row is not None  # they are kept
    return "playbook:checklist", await checklist_facts(session, row)


async def _answer(session: AsyncSession, post: EditedPost) -> Said:
    """The post about a customer's answer: ``first`` is the id of its ``CustomerLink``."""
    link = await session.get(CustomerLink, post.first)
    assert link is not None  # they are kept
    return "notice:customer_answered", surveys.answer_facts(link)


async def _strangers(session: AsyncSession, post: EditedPost) -> Said:
    """The mail that waits for a decision longest, and how many wait behind it.

    A post covers the held mails from its ``first`` up to the ``first`` of the next post of the
    case. Once all are decided, the text is ``notice:mails_decided`` with their ``count``. Until
    then ``others`` counts the further mails and ``senders`` names up to ``SENDERS`` of the latest.
    """
    later = select(func.min(EditedPost.first)).where(
        col(EditedPost.case_number) == post.case_number,
        col(EditedPost.topic) == STRANGERS,
        col(EditedPost.first) > post.first,
    )
    until = (await session.exec(later)).one()
    query = select(Mail).where(
        col(Mail.case_number) == post.case_number,
        col(Mail.state).in_(KEPT_BACK),
        col(Mail.id) >= post.first,
        *([col(Mail.id) < until] if until is not None else []),
    )
    mails = (await session.exec(query.order_by(col(Mail.id)))).all()
    waiting = [mail for mail in mails if mail.state is MessageState.QUARANTINED]
    if not waiting:
        return "notice:mails_decided", {"count": len(mails)}
    latest = dict.fromkeys(mail.sender for mail in reversed(waiting[1:]))
    further = {"others": len(waiting) - 1, "senders": ", ".join(list(latest)[:SENDERS])}
    return "notice:mail_quarantined", kept_mail_facts(waiting[0]) | further
