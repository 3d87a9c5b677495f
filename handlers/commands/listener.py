"""``/escalate``: read, find the case, do."""

from slack_bolt.context.ack.async_ack import AsyncAck

from handlers.commands import BY_NAME, read_command
from handlers.commands.parser import Unknown
from handlers.ports import Services
from handlers.slack.dispatch import perform_interaction
from handlers.slack.requests import Asked, Body, of_command
from messages.cases.answers import unknown_command


async def command_received(services: Services, ack: AsyncAck, body: Body) -> None:
    """A slash command, acknowledged when what it asks for is stored or handed over."""
    await run_command(services, of_command(body), str(body.get("text") or ""))
    await ack()


async def run_command(services: Services, asked: Asked, text: str) -> None:
    """Do what the text asks for; the channel tells the case where the text does not.

    A word that is no command is answered with the nearest one. Used for mentions and direct
    messages too, of which only those commands come here that show something.
    """
    command = read_command(text)
    if isinstance(command, Unknown):
        told = _unknown(services, asked, command)
        services.background(told, "unknown_command", asked.reply, asked.key)
        return
    row, case = BY_NAME[command.name], command.case
    if case is None and row.grammar.on_case and asked.reply.channel_id:
        case = await services.reading.case_in_channel(asked.reply.channel_id)
    given = dict(command.arguments) if case is None else {**command.arguments, "case": case}
    await perform_interaction(services, asked, row.leads_to, given)


async def _unknown(services: Services, asked: Asked, unknown: Unknown) -> None:
    language = (await services.person(asked.user)).language
    await services.tell(asked.reply, unknown_command(unknown.word, unknown.nearest, language))
