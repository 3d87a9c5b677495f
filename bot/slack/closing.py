"""Closing a message whose button was pressed: it says what was done instead of asking for it.

Only messages that one person sees are closed: direct messages, and private answers in a channel.
What all see is drawn anew by itself. It is best effort, as private answers are: where Slack does
not do it, the buttons stay, and pressing one again is refused by the use case.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from bot.engine.actors import ReplyTo
from bot.engine.inbox import Answer
from bot.slack.private_replies import ReplyServices, try_slack
from messages.cases.answers import refusal_message
from messages.clients.slack import SlackError
from messages.kit.blocks import Message
from messages.kit.pressed import WAITS, closed_message, done_line, is_still_owed

# Refusals after which the button can never do anything any more: the message says why.
OVER = frozenset(
    {"already_claimed", "already_yours", "ask_answered", "handover_answered", "draft_answered",
     "template_answered", "broadcast_answered", "points_answered", "draft_void", "draft_late",
     "broadcast_void", "broadcast_late", "talked_already", "action_done_already", "no_such_mail",
     "postmortem_already_held", "sent_already", "linked_already", "nothing_to_confirm",
     "nothing_failed", "points_void", "points_late", "review_answered", "no_such_review",
     "declined_already", "flag_had_already", "no_flag_to_have"}
)  # fmt: skip


class Replies(Protocol):
    """What closing needs of the private answers."""

    @property
    def services(self) -> ReplyServices:
        """The process."""

    async def tell_answer(self, reply: ReplyTo, answer: Answer) -> None:
        """Tell what a use case answered."""


async def close_message(
    replies: Replies, reply: ReplyTo, verb: str, fields: Mapping[str, Any], answer: Answer | None
) -> None:
    """Close the message of ``reply.pressed``, and tell what else came of the request.

    A refusal closes it only where nothing can come of the button any more (``OVER``), in the words
    of the refusal; these are then not told apart. Any other refusal, and a fault, leave it; so does
    what leaves the same to do (``is_still_owed``).
    """
    text = str(answer["text"]) if answer else ""
    family, _, name = text.partition(":")
    facts: Mapping[str, Any] = answer.get("extra") or {} if answer else {}
    language = (await replies.services.people.person(reply.user_id)).language
    if family == "refusal" and name in OVER:
        line = refusal_message(name, language, **facts).text
        if await _replace(replies.services, reply, line, verb, fields):
            return
    elif family not in ("refusal", "trouble") and not is_still_owed(verb, fields):
        now = replies.services.clock.now()
        line = done_line(verb, fields, now, language, waits=text in WAITS)
        await _replace(replies.services, reply, line, verb, fields)
    if answer:
        await replies.tell_answer(reply, answer)


async def _replace(
    services: ReplyServices, reply: ReplyTo, line: str, verb: str, fields: Mapping[str, Any]
) -> bool:
    """Put ``line`` in the place of the buttons; False where Slack does not let us.

    ``reply.pressed`` has ``url``, the response URL of a private answer, or ``channel`` and ``ts``
    of a direct message, which is read first so that the rest of it stays.
    """
    pressed = reply.pressed or {}
    if url := pressed.get("url"):
        said = closed_message(line)
        body = {"replace_original": True, "text": said.text, "blocks": said.blocks}
        return await try_slack(services.slack.respond(url, body))
    channel, ts = pressed.get("channel", ""), pressed.get("ts", "")
    found = await _read(services, channel, ts)
    if found is None:
        return False
    said = closed_message(
        line, str(found.get("text", "")), found.get("blocks") or (), verb=verb, fields=fields
    )
    return await try_slack(_update(services, channel, ts, said))


async def _update(services: ReplyServices, channel: str, ts: str, said: Message) -> None:
    await services.slack.call(
        "chat.update", channel=channel, ts=ts, text=said.text, blocks=said.blocks
    )


async def _read(services: ReplyServices, channel: str, ts: str) -> Mapping[str, Any] | None:
    """The message as Slack shows it; None where it cannot be read or is gone."""
    try:
        answer = await services.slack.call(
            "conversations.history", channel=channel, latest=ts, oldest=ts, inclusive=True, limit=1
        )
    except SlackError:
        return None
    return next((m for m in answer.get("messages") or () if m.get("ts") == ts), None)
