"""Performing effects on a subject's card: showing it as things stand, pinning it.

The rows carry no content. Should several be performed, the last shows the newest state, since a
card's lane runs in order. The result of a card's row is ``ts``, or ``gone`` with the ts of a card
that was deleted in Slack.
"""

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.slack.channels import ALREADY
from bot.slack.posts import edit_message, posted
from bot.slack.presenter import F, Posted, Presenter, channel_of, inner_channel_of, team_language
from messages.clients.slack import SlackRefused


async def show_card(presenter: Presenter[F], delivery: Delivery, job: Job) -> EffectResult:
    """Show the subject as it is now: post its card the first time, then keep that one true.

    A card that was deleted in Slack is not posted again here: that is for a person to ask
    (``bot/drift/repair.py``). Raises SlackRefused ``no_channel_yet`` without a channel.
    """
    facts = await presenter.load_facts(delivery, job)
    channel, ts = await inner_channel_of(delivery, facts, job.row), facts.card_ts
    if ts is not None and presenter.is_card_deleted(facts):
        return EffectResult({"gone": ts})
    message = presenter.draw_card(facts, team_language(delivery))
    fresh = False
    if ts is None:
        ts, _, fresh = await posted(delivery, job, channel, message)
    if not fresh:  # one that an earlier try posted shows the subject as it was then
        await edit_message(delivery, channel, ts, message)
    shown = Posted(ts, channel, fresh)

    async def save(session: AsyncSession) -> None:
        await presenter.save_card(session, facts, job.row, shown)

    return EffectResult({"ts": ts}, save)


async def pin_card(presenter: Presenter[F], delivery: Delivery, job: Job) -> EffectResult:
    """Pin the card; one that is pinned already is fine, so repeating it is harmless."""
    facts = await presenter.load_row_facts(delivery, job)
    channel = channel_of(facts, job.row)
    try:
        await delivery.call("pins.add", channel=channel, timestamp=facts.card_ts)
    except SlackRefused as refused:
        if refused.code not in ALREADY:
            raise
    return EffectResult()
