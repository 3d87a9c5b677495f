"""``/escalate``: read, find the case, do."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import UserError
from bot.rules.local_time import known_zone
from handlers.commands import BY_NAME, read_command
from handlers.commands.instants import resolve_time
from handlers.commands.parser import Command, Unknown, Unread
from handlers.commands.vocabulary import choices_of
from handlers.commands.when import find_leftover
from handlers.forms.opening import SAID
from handlers.ports import Services
from handlers.slack.dispatch import perform_interaction
from handlers.slack.requests import Asked, Body, of_command
from messages.cases.typed import unknown_command, unread_word
from messages.forms import FORMS

TIMES = ("until", "from", "lasting")  # readers whose text is put at an instant


async def command_received(services: Services, ack: AsyncAck, body: Body) -> None:
    """A slash command, acknowledged when what it asks for is stored or handed over."""
    await run_command(services, of_command(body), str(body.get("text") or ""))
    await ack()


async def run_command(services: Services, asked: Asked, text: str) -> None:
    """Do what the text asks for; the channel tells the case where the text does not.

    A word that is no command is answered with the nearest one, one that no argument reads with what
    may be typed. Used for mentions and direct
    messages too, of which only those commands come here that show something.

    Of a text that is not understood nothing is done. Raises UserError as ``perform_interaction``
    does.
    """
    command = read_command(text)
    if not isinstance(command, Command):
        told = _refuse(services, asked, command)
        services.background(told, "unread_command", asked.reply, asked.key)
        return
    row = BY_NAME[command.name]
    given = await with_case(services, asked, command)
    if "channel" in row.grammar.typed and "channel" not in given:
        given = _with_channel(services, asked, given)
    given = await _with_times(services, asked, command, given)
    if row.grammar.on_case and row.grammar.text in given and "case" not in given:
        given = {**given, SAID: command.said}  # it may have been a sentence about a new case
    await perform_interaction(services, asked, row.find_interaction(given), given)


async def with_case(services: Services, asked: Asked, command: Command) -> dict[str, Any]:
    """What was read, with the case: the one that is named, else the channel's, if there is one.

    A command that is on no case is never given the channel's; outside a case's channel the case is
    missing, and is asked for by whatever the command leads to.
    """
    case = command.case
    if case is None and BY_NAME[command.name].grammar.on_case and asked.reply.channel_id:
        case = await services.reading.case_in_channel(asked.reply.channel_id)
    return dict(command.arguments) if case is None else {**command.arguments, "case": case}


async def _with_times(
    services: Services, asked: Asked, command: Command, given: dict[str, Any]
) -> dict[str, Any]:
    """The typed times as instants, by the person's own clock.

    Raises UserError where one is no time, names a day that is not, or is past, or where words are
    left behind it that look like a part of it: nothing is done by half of what was typed.
    """
    typed = BY_NAME[command.name].grammar.typed
    fields = [name for name, reader in typed.items() if reader in TIMES and name in given]
    if not fields:
        return given
    rest = str(given.get(BY_NAME[command.name].grammar.text or "") or "")
    last = max((str(given[name]) for name in fields), key=lambda each: command.said.rfind(each))
    if left := find_leftover(rest):
        raise UserError("odd_time", said=f"{last} {left}")
    zone = known_zone((await services.person(asked.user)).timezone)
    now, since = services.clock.now(), None
    for name in sorted(fields, key=lambda each: typed[each] != "from"):
        text = str(given[name])
        said = text if len(text.split()) > 1 else f"{text} {' '.join(rest.split()[:3])}".strip()
        since = resolve_time(said, now, zone, since)
        given = {**given, name: since}
    return given


def _with_channel(services: Services, asked: Asked, given: dict[str, Any]) -> dict[str, Any]:
    """The channel in which it was typed, where that one is shared with another organisation."""
    here = asked.reply.channel_id or ""
    return {**given, "channel": here} if services.slack.shared.is_known(here) else given


async def _refuse(services: Services, asked: Asked, command: Unknown | Unread) -> None:
    """Say what was not understood, with what may be typed, and offer the form with what was."""
    language = (await services.person(asked.user)).language
    if isinstance(command, Unknown):
        words = unknown_command(command.word, command.nearest, command.said, language)
        await services.tell(asked.reply, words)
        return
    row, read = BY_NAME[command.command.name], command.command
    choices = choices_of(command.wants, language)
    form = f"ask:{row.verb}" if row.verb in FORMS else ""
    given = await with_case(services, asked, read)
    words = unread_word(
        command.word, row.name, command.wants, choices, (form, given), read.said, language
    )
    await services.tell(asked.reply, words)
