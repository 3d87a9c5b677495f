"""Links between customers and the channels that they share, as Slack answers now; for ``check``."""

import typer

from bot.connect.queries import list_links
from bot.rules.facts.sharing import ConnectionFacts, Sharing, find_fault, read_sharing
from bot.rules.words import ConnectFault, ConnectState, Language
from bot.settings import Settings
from cli.checking.counts import count_things
from messages.clients.slack import Slack, SlackRefused
from messages.kit.template_context import lower_first
from messages.kit.texts import t
from storage.database import Database

GONE = {
    "channel_not_found": ConnectFault.NOT_FOUND,
    "not_in_channel": ConnectFault.NOT_IN_CHANNEL,
}


async def broken_links(settings: Settings, slack: Slack) -> list[str]:
    """Return a line for each link that does not work; prints how many there are.

    Nothing is stored: the running app finds the same and tells who made the link. A database that
    cannot be read gives no lines; ``check`` names that elsewhere. Raises SlackError.
    """
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            links = await list_links(session)
    except Exception:  # noqa: BLE001 - what is wrong with the database is named elsewhere
        return []
    finally:
        await database.close()
    if links:
        typer.echo(f"channels  {count_things(len(links), 'customer channel')}")
    return [line for link in links if (line := await _line(slack, link))]


async def _line(slack: Slack, link: ConnectionFacts) -> str:
    """The line about one link; empty where it works. A fault that is stored is not asked for."""
    fault = link.fault or await _fault(slack, link)
    if fault is None:
        return ""
    said = lower_first(t(Language.ENGLISH, f"connect_fault.{fault.value}"), Language.ENGLISH)
    return f"Slack channel {link.channel} of {link.customer}: {said}"


async def _fault(slack: Slack, link: ConnectionFacts) -> ConnectFault | None:
    """What is wrong with a link by Slack's answer; None where it works.

    A channel that is not found, or that the app is not in, is a fault; any other refusal is raised
    as SlackRefused.
    """
    try:
        answer = await slack.call("conversations.info", channel=link.channel)
    except SlackRefused as refused:
        if refused.code not in GONE:
            raise
        return GONE[refused.code]
    identity = await slack.identity()
    ours = frozenset({str(identity.get(name) or "") for name in ("team_id", "enterprise_id")})
    seen: Sharing = read_sharing(answer.get("channel") or {}, ours)
    known = link.teams if link.state is ConnectState.WORKING else None
    return find_fault(seen, known)
