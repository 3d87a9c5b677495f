"""Effects in a public channel that its case has left for a private one: it tells nothing any more.

The rows carry the old channel in their payload, since the case does not know it any longer:
``channel`` (its id), ``ts`` of the card or None, ``link`` of the ticket or empty. What was said in
the channel before stays there. ``move_to_private`` queues the rows, each after what was on its way.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import on_case
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.facts import CaseFacts
from bot.slack import move_to_private
from messages.clients.shared_channels import speaking_to_all
from messages.clients.slack import SlackRefused
from messages.kit.blocks import Message, message, section
from messages.kit.texts import t
from storage.models import Case

ELSEWHERE = "elsewhere"
# What administrators and directors hear of a case that they need not be on.
TO_REPAIR = frozenset(
    {"notice:no_channel", "notice:channel_made", "notice:owner_missing", "notice:unreached",
     "notice:nobody_left", "notice:pager_refused", "notice:way_refused"}
)  # fmt: skip

Save = Callable[[AsyncSession], Awaitable[None]]

log = structlog.get_logger()


def elsewhere_message(delivery: Delivery) -> Message:
    """Return all that is said there, in the team's language."""
    words = t(delivery.services.policy.languages[0], "channel.elsewhere")
    return message(words, section(words))


async def old_card(delivery: Delivery, job: Job) -> EffectResult:
    """Put one line in place of the card, without its buttons."""
    old, said = job.row.payload, elsewhere_message(delivery)
    with speaking_to_all(old["channel"]):
        await delivery.call(
            "chat.update", channel=old["channel"], ts=old["ts"], text=said.text, blocks=said.blocks
        )
    return EffectResult()


async def old_topic(delivery: Delivery, job: Job) -> EffectResult:
    """Make the topic say the same as the card."""
    channel, words = job.row.payload["channel"], elsewhere_message(delivery).text
    with speaking_to_all(channel):
        await delivery.call("conversations.setTopic", channel=channel, topic=words)
    return EffectResult()


async def old_name(delivery: Delivery, job: Job) -> EffectResult:
    """Take the customer out of the name, which everyone finds in the list of channels.

    Where Slack does not let us, because an administrator forbids it for instance, it stays.
    """
    name = f"esc-{job.row.case_number}-{ELSEWHERE}"
    try:
        await delivery.call("conversations.rename", channel=job.row.payload["channel"], name=name)
    except SlackRefused as refused:
        log.warning("old_name_stays", case=job.row.case_number, code=refused.code)
    return EffectResult()


async def old_bookmark(delivery: Delivery, job: Job) -> EffectResult:
    """Take away the link to the customer's ticket, as often as it is there."""
    old = job.row.payload
    answer = await delivery.call("bookmarks.list", channel_id=old["channel"])
    for mark in answer.get("bookmarks") or ():
        if mark.get("link") == old["link"]:
            await delivery.call(
                "bookmarks.remove", channel_id=old["channel"], bookmark_id=mark["id"]
            )
    return EffectResult()


# -- what was under way when the case was restricted


async def if_restricted_meanwhile(work: UnitOfWork, case: Case) -> None:
    """A case that was restricted while its public channel was made leaves it at once."""
    if case.sensitive:
        await move_to_private.leave_channel(work, case)


async def is_hidden(delivery: Delivery, case: CaseFacts, text: str, user: str) -> bool:
    """True for a restricted case that ``user`` is not on, or not any more.

    Also of what they asked or did there; told are only the texts of ``TO_REPAIR``, which are about
    what the reader has to repair.
    """
    if not case.sensitive or text in TO_REPAIR:
        return False
    return not await those_on(delivery, case.number, [user])


async def those_on(delivery: Delivery, number: int, users: Sequence[str]) -> list[str]:
    """Those of the users who are on the case."""
    async with delivery.services.database.read() as session:
        case = await session.get(Case, number)
        assert case is not None  # its facts were just read
        return [user for user in users if await on_case(session, case, user)]
