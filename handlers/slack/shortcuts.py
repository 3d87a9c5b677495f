"""Shortcuts: escalate from anywhere, or from a message."""

import html

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.engine.intent import TEXT_MAX
from bot.errors import UserError
from handlers.forms.opening import form_view, open_view
from handlers.ports import Services
from handlers.slack.manifest import GLOBAL_SHORTCUT, MESSAGE_SHORTCUT
from handlers.slack.requests import Asked, Body, mapping, of_shortcut
from messages.clients.slack import SlackError


async def shortcut_received(services: Services, ack: AsyncAck, body: Body) -> None:
    """Open the form, empty or filled from the message.

    Its text becomes the stake, cut to what the field takes, and its address the source. Raises
    UserError ``stale`` for a shortcut that this version does not know.
    """
    if body.get("callback_id") not in {GLOBAL_SHORTCUT, MESSAGE_SHORTCUT}:
        raise UserError("stale")
    asked = of_shortcut(body)
    services.background(_open(services, asked, body), "shortcut", asked.reply, asked.key)
    await ack()


async def _open(services: Services, asked: Asked, body: Body) -> None:
    """Open the form; from a message with ``stake`` and ``source_link``, both to be changed."""
    message = mapping(body.get("message"))
    prefill = {}
    if message:
        # Slack hands message text over with &, < and > escaped; the form is plain text.
        stake = html.unescape(str(message.get("text") or ""))[:TEXT_MAX]
        prefill = {"stake": stake, "source_link": await _permalink(services, asked, message)}
    await open_view(services, asked, await form_view(services, asked, "open_case", prefill))


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
