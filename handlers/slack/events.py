"""Events: the App Home, words said to the app in a DM or a mention, and its channels.

Every other event is acknowledged and left alone, so that Slack never has to ask twice. A failure is
not acknowledged: Slack repeats the event within minutes, under the same ``event_id``.
"""

import re
from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.engine.background import LatelySeen
from bot.learning.catch_up import CatchUp
from bot.rules.words import Standing
from handlers.commands import BY_NAME, read_command
from handlers.commands.listener import run_command, with_case
from handlers.commands.parser import Command, Unknown
from handlers.ports import Services
from handlers.slack.admission import said_to_us
from handlers.slack.channel_events import (
    Elsewhere,
    channel_event,
    event_channel,
    note_readers,
    quiet_word,
)
from handlers.slack.customer_channels import shared_channel_event
from handlers.slack.directory import person_event
from handlers.slack.dispatch import perform_interaction
from handlers.slack.manifest import STEP
from handlers.slack.requests import Asked, Body, mapping, of_event
from messages.cases.typed import offer_said

MENTION = re.compile(r"^\s*<@[UW][A-Z0-9_]+(?:\|[^>]*)?>\s*")

EXECUTED = "function_executed"  # the event of a workflow that runs a step

Listener = Callable[[Services, Asked, Body], Awaitable[None]]


async def event_received(
    seen: LatelySeen, elsewhere: Elsewhere, services: Services, ack: AsyncAck, body: Body
) -> None:
    """An event of any type, given in turn to channels, the directory, the step of Workflow
    Builder, the quiet word about posts, and one listener by type.

    All but the last run for repeated events too: what they do is idempotent. The listener runs
    once, as far as this process remembers; twice would do no harm.

    Raises what a store that is away raises, before the acknowledgement. An event without a user
    reaches no listener, since there would be no one to answer.
    """
    asked, about = of_event(body), mapping(body.get("event"))
    note_readers(services, body)
    await channel_event(services, asked, about)
    await shared_channel_event(services, asked, body)
    await person_event(services, about)
    await _step_runs(services, about)
    await quiet_word(services, elsewhere, asked, about)
    listener = EVENTS.get(str(about.get("type")))
    if listener is not None and asked.user and not seen.before(asked.key):
        try:
            await listener(services, asked, about)
        except BaseException:
            seen.forget(asked.key)  # Slack is told that it failed, and sends it again
            raise
    await ack()


async def _step_runs(services: Services, about: Body) -> None:
    """Store that our step of Workflow Builder runs, under Slack's id of it.

    Other events, and other steps, are passed over. Who asks is looked at when it is taken in.
    """
    ours = mapping(about.get("function")).get("callback_id") == STEP
    execution = about.get("function_execution_id")
    if about.get("type") == EXECUTED and ours and isinstance(execution, str) and execution:
        await services.note_step(execution, mapping(about.get("inputs")))


async def _home_opened(services: Services, asked: Asked, about: Body) -> None:
    """The home tab is drawn each time that it is opened, and kept up to date from then on."""
    if about.get("tab") == "home":
        services.homes.open_home(asked.user)
    else:
        services.homes.leave_home(asked.user)


async def _message(services: Services, asked: Asked, about: Body) -> None:
    """A direct message from a person."""
    if said_to_us(about):
        await _said(services, asked, str(about.get("text") or ""))


async def _mention(services: Services, asked: Asked, about: Body) -> None:
    """Words said to the app in a channel, without the mention that begins them."""
    if said_to_us(about):
        await _said(services, asked, MENTION.sub("", str(about.get("text") or "")))


async def _said(services: Services, asked: Asked, text: str) -> None:
    """A command that only shows something is done, another offered as a button, prose as a case.

    An event has no trigger, so it cannot open a form, and prose should not act by accident. The
    answer goes to the channel or the conversation in which the words were said.

    A single word that is no command and like none counts as a greeting: it is answered with help,
    as no words at all are.
    """
    command = read_command(text)
    greeting = isinstance(command, Unknown) and not command.nearest and len(text.split()) == 1
    if not text.strip() or greeting:
        return await perform_interaction(services, asked, "show:help", {})
    if not isinstance(command, Command) or BY_NAME[command.name].leads_to.startswith("show:"):
        return await run_command(services, asked, text)
    return services.background(_offer(services, asked, command), "said", asked.reply, asked.key)


async def _offer(services: Services, asked: Asked, command: Command) -> None:
    """Answer with a button for what the words ask for."""
    language = (await services.person(asked.user)).language
    row, prose = BY_NAME[command.name], command.arguments.get("stake") == command.said
    given = await with_case(services, asked, command)
    form = ("", {}) if prose else (row.leads_to, given)
    await services.tell(asked.reply, offer_said(row.name, form, command.said, language))


async def _arrived(services: Services, asked: Asked, about: Body) -> None:
    """A colleague came into a case's channel, and not by the app: they are told what they missed.

    Guests and those whom the directory does not know yet are not told, nor is it said to them that
    they may not read: they asked for nothing. What they are told, and how seldom, is decided by
    ``bot.learning.catch_up``. Raises what a store that is away raises; Slack repeats the event.
    """
    if services.slack.user_id in (asked.user, about.get("inviter")):
        return
    number = await services.reading.case_in_channel(event_channel(about))
    if number is None or await services.known_standing(asked.user) is not Standing.MEMBER:
        return
    await services.accept(CatchUp(case=number, arrived=True), asked.actor, asked.key, asked.reply)


EVENTS: Mapping[str, Listener] = {
    "member_joined_channel": _arrived,
    "app_home_opened": _home_opened,
    "message": _message,
    "app_mention": _mention,
}
