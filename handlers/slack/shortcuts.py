"""Shortcuts: escalate from anywhere, or from a message."""

import asyncio

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.engine.intent import TEXT_MAX
from bot.errors import UserError
from handlers.forms.opening import form_view, open_view
from handlers.ports import Services
from handlers.slack.manifest import GLOBAL_SHORTCUT, MESSAGE_SHORTCUT
from handlers.slack.requests import Asked, Body, mapping, of_shortcut
from messages.clients.slack import SlackError
from messages.kit.blocks import fit_plain
from messages.kit.slack_text import mentioned_ids, read_message

NAMED_MAX = 10  # mentions of one message that are asked for
PATIENCE = 1.0  # seconds for their names


async def shortcut_received(services: Services, ack: AsyncAck, body: Body) -> None:
    """Open the form, empty or filled from the message.

    All its words become the stake, as people read them, cut to what the field takes; its address
    becomes the source. Raises
    UserError ``stale`` for a shortcut that this version does not know.
    """
    if body.get("callback_id") not in {GLOBAL_SHORTCUT, MESSAGE_SHORTCUT}:
        raise UserError("stale")
    asked = of_shortcut(body)
    opened = _open(services, asked, body)
    services.background(opened, "shortcut", asked.reply, asked.key, by_trigger=True)
    await ack()


async def _open(services: Services, asked: Asked, body: Body) -> None:
    """Open the form; from a message with ``stake`` and ``source_link``, both to be changed."""
    message = mapping(body.get("message"))
    prefill = {}
    if message:
        names, link = await asyncio.gather(
            _names(services, message), _permalink(services, asked, message)
        )
        prefill = {"stake": fit_plain(read_message(message, names), TEXT_MAX), "source_link": link}
    await open_view(services, asked, await form_view(services, asked, "open_case", prefill))


async def _names(services: Services, message: Body) -> dict[str, str]:
    """The names of people and channels that the message mentions, as far as they are told in time.

    Slack has three seconds for the form; whom it does not tell of in ``PATIENCE``, their id names.
    """
    wanted = sorted(mentioned_ids(message))[:NAMED_MAX]
    asking = {key: asyncio.create_task(_name(services, key)) for key in wanted}
    if asking:
        await asyncio.wait(asking.values(), timeout=PATIENCE)
    for task in asking.values():
        task.cancel()
    done = {key: task for key, task in asking.items() if task.done() and not task.cancelled()}
    return {key: task.result() for key, task in done.items() if not task.exception()}


async def _name(services: Services, key: str) -> str:
    """The name of a person or a channel; raises SlackError where Slack does not tell it.

    The id of a private channel stands for it: we may be in one that the asker may not know of.
    """
    if not key.startswith("C"):
        return (await services.person(key)).name
    answer = await services.slack.call("conversations.info", channel=key)
    channel = mapping(answer.get("channel"))
    return key if channel.get("is_private") else str(channel.get("name") or key)


async def _permalink(services: Services, asked: Asked, message: Body) -> str | None:
    """The message's address, None where Slack does not give it: a form without it is better than
    none.
    """
    channel, ts = asked.reply.channel_id, message.get("ts")
    try:
        answer = await services.slack.call("chat.getPermalink", channel=channel, message_ts=ts)
    except SlackError:
        return None
    return str(answer.get("permalink") or "") or None
