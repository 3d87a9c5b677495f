"""Mail to the intake address that may be of no customer: held, and shown in one edited post.

Senders outside could otherwise fill the channel in which others decide. The post shows the mail
that waits longest and how many wait behind it; it is read when it is drawn, and has a lane of its
own behind everything that a person waits for. The row's payload is ``post``, the id of the
``StrangersPost``.

A held mail joins the newest post while that was begun within a day (``FRESH``) and another mail
waits in it; else it begins a new one. A post stands in the policy's channel for what arrives, else
in the private messages of one person who decides, else nowhere; the mails wait all the same.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import named_for
from bot.core.facts.mails import describe_mail
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.mail.requests import REQUEST
from bot.people.account_domains import find_accounts_of, find_by_contact
from bot.rules.intake.customer_domains import domain_of
from bot.rules.policy.load import Policy
from bot.rules.states import MessageState
from bot.rules.words import Role
from bot.slack.posts import edit_message, post_to_person, posted, save_place
from bot.slack.presenter import team_language
from messages.clients.slack import SlackRefused
from messages.intake.strangers import strangers_message
from storage.models import Mail, StrangersPost
from storage.upsert import take_turns

KIND = "strangers_post"
FRESH = timedelta(days=1)  # after which a post is too far up for an edit of it to be seen
SENDERS, GUESSES = 3, 2  # latest senders that are named; accounts that are offered
# Slack's refusals: the message was deleted, or the channel does not let the app in any more.
CLOSED = frozenset({"not_in_channel", "channel_not_found", "is_archived"})
GONE = CLOSED | {"message_not_found", "cant_update_message"}
# By whom it is seen where the policy names no channel for what arrives: the first who is named.
READERS = (Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD, Role.DIRECTOR)


async def hold_mail(work: UnitOfWork, row: Mail, doubt: str) -> None:
    """Keep the mail until a person decides, and have the post show it.

    ``doubt`` is a key of ``mail_doubt``: of the sender, or why the account is not known. Those that
    hold mail take turns until their transactions end, so that two at once begin one post.
    """
    row.state, row.reason = MessageState.QUARANTINED, doubt
    work.session.add(row)
    await work.session.flush()
    await take_turns(work.session, KIND)
    query = select(StrangersPost).where(col(StrangersPost.begun_at) > work.now - FRESH)
    post = (await work.session.exec(query.order_by(col(StrangersPost.id).desc()))).first()
    if post is None or not await _any_waits(work.session, post, but=row.id):
        post = StrangersPost(first=row.id, begun_at=work.now)
    await _show(work, post)


async def _any_waits(session: AsyncSession, post: StrangersPost, but: int) -> bool:
    """Whether a mail from the post's first on is undecided, apart from the mail ``but``."""
    query = select(Mail.id).where(*is_held(), col(Mail.id) >= post.first, col(Mail.id) != but)
    return (await session.exec(query.limit(1))).first() is not None


def is_held() -> tuple[Any, Any]:
    """The conditions that a mail to the intake address waits for a decision."""
    return col(Mail.kind) == REQUEST, col(Mail.state) == MessageState.QUARANTINED


async def show_again(work: UnitOfWork, *mails: int) -> None:
    """Show what still waits, after a person decided about the mails of these ids.

    Each post that covers one of them is drawn again, the oldest first; without a post nothing is.
    """
    query = select(StrangersPost).where(col(StrangersPost.first) <= max(mails))
    posts = (await work.session.exec(query.order_by(col(StrangersPost.first)))).all()
    begins = [post.first for post in posts]
    covering = {bisect_right(begins, mail) for mail in mails}  # 0: before the first post
    for place in sorted(covering - {0}):
        await _show(work, posts[place - 1])


async def _show(work: UnitOfWork, post: StrangersPost) -> None:
    """Leave the post to be drawn, unless an unclaimed row for it waits already.

    A row that delivery has claimed does not count: it may have read what waits before this
    transaction commits. The waiting row is locked until the transaction ends.
    """
    work.session.add(post)
    await work.session.flush()
    lane = f"{KIND}:{post.id}"
    if not await effects.lock_waiting(work, lane):
        work.leave(KIND, lane, {"post": post.id}, priority=effects.NUDGE)


def _reader(policy: Policy) -> str:
    """The person who decides where there is no channel; empty for none."""
    return next((user for role in READERS for user in named_for(policy, role)), "")


async def perform_strangers_post(delivery: Delivery, job: Job) -> EffectResult:
    """Post it the first time, then keep it true; one that was deleted is posted anew.

    What is shown is read here, not when the row was left. Refusals in ``GONE`` lead from an edit to
    a new post, those in ``CLOSED`` from the channel to a person; any other is raised. A post stays
    where it is when the policy names another channel.
    """
    async with delivery.services.database.read() as session:
        post = await session.get_one(StrangersPost, job.row.payload["post"])
        facts = await _load_facts(session, post)
    message = strangers_message(facts, team_language(delivery))
    if post.ts:
        try:
            await edit_message(delivery, post.channel, post.ts, message)
        except SlackRefused as refused:
            if refused.code not in GONE:
                raise
        else:
            return EffectResult({"ts": post.ts})
    if channel := delivery.services.policy.triage.channel:
        try:
            sent = await posted(delivery, job, channel, message)
        except SlackRefused as refused:
            if refused.code not in CLOSED:
                raise
        else:
            told = EffectResult({"channel": sent.channel, "ts": sent.ts})
            return EffectResult(told.result, save_place(StrangersPost, post.id, told))
    return await _tell_reader(delivery, job, post, facts)


async def _tell_reader(
    delivery: Delivery, job: Job, post: StrangersPost, facts: Mapping[str, Any]
) -> EffectResult:
    """Show the post to a person who decides, in their language; to none where none is named.

    Without a reader the effect counts as done, and its result is empty.
    """
    reader = _reader(delivery.services.policy)
    if not reader:
        return EffectResult()
    language = (await delivery.services.people.surely(reader)).language
    told = await post_to_person(delivery, job, reader, strangers_message(facts, language))
    return EffectResult(told.result, save_place(StrangersPost, post.id, told))


async def _load_facts(session: AsyncSession, post: StrangersPost) -> Mapping[str, Any]:
    """The mail that waits longest, and what waits behind it; only a ``count`` once none does.

    A post covers the mails from its ``first`` up to that of the next post. ``accounts`` are key and
    name of customers whose the mail may be, ``alike`` how many further ones are of its domain.

    The rest are those of ``describe_mail``, and ``name``, ``text``, ``doubt`` of the first mail;
    ``others``, how many wait behind it in this post; ``senders``, at most ``SENDERS`` addresses of
    the latest of those; ``domain``, in ASCII, "" where the address has none that is valid.
    ``count`` is how many of the post's mails were released or dropped.
    """
    later = select(func.min(StrangersPost.first)).where(col(StrangersPost.first) > post.first)
    until = (await session.exec(later)).one()
    ours = [col(Mail.kind) == REQUEST, col(Mail.id) >= post.first]
    ours += [col(Mail.id) < until] if until is not None else []
    held = col(Mail.state) == MessageState.QUARANTINED
    first = (await session.exec(select(Mail).where(*ours, held).order_by(col(Mail.id)))).first()
    if first is None:
        decided = col(Mail.state).in_((MessageState.RELEASED, MessageState.DROPPED))
        count = select(func.count()).select_from(Mail).where(*ours, decided)
        return {"count": (await session.exec(count)).one()}
    behind = [*ours, held, col(Mail.id) > first.id]
    others = (await session.exec(select(func.count()).select_from(Mail).where(*behind))).one()
    latest = select(Mail.sender).where(*behind).order_by(col(Mail.id).desc()).limit(SENDERS * 4)
    senders = dict.fromkeys((await session.exec(latest)).all())
    return describe_mail(first) | {
        "name": first.reading.get("name", ""),
        "text": first.text,
        "doubt": first.reason,
        "others": others,
        "senders": list(senders)[:SENDERS],
        "domain": domain_of(first.sender),
        "alike": await count_alike(session, first),
        "accounts": await _guess_accounts(session, first.sender),
    }


async def count_alike(session: AsyncSession, mail: Mail) -> int:
    """How many further held mails came later from the same domain, by what they say of it."""
    query = select(func.count()).select_from(Mail).where(*is_alike(mail))
    return (await session.exec(query)).one()


def is_alike(mail: Mail) -> tuple[Any, ...]:
    """The conditions of held mails that came later from the same domain; none without one."""
    domain = mail.sender.rpartition("@")[2] or "@"
    alike = col(Mail.sender).endswith(f"@{domain}", autoescape=True)
    return *is_held(), alike, col(Mail.id) > mail.id


async def _guess_accounts(session: AsyncSession, sender: str) -> list[tuple[str, str]]:
    """At most ``GUESSES`` pairs of key and name: by the domain, else by a contact's very address.

    Only the latter finds anything for an address at a public provider.
    """
    found = await find_accounts_of(session, sender) or await find_by_contact(session, sender)
    return [(each.key, each.name) for each in found[:GUESSES]]
