"""The office with a channel that a customer shares: Delphi Energy's people are in it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from sandbox import connect, conversations
from sandbox.state import Message, User
from storage.models import Candidate, ConnectLink, Signal
from tests.e2e.office import ELENI, MAYA, Office

NORA, THEO, EVE = "U0NORA", "U0THEO", "U0EVE"
DELPHI, LARKSPUR = "T0DELPHI", "T0LARKSPUR"
SHARED, ACCOUNT = "C0DELPHI", "delphi-energy"
BANG = "bangbang"


async def share_channel(desk: Office, *, link: bool = True, channel: str = SHARED) -> None:
    """Delphi Energy shares a channel in which the app is; Eleni links it unless told otherwise."""
    if NORA not in desk.ws.users:
        for user_id, name, team in (
            (NORA, "Nora Vance", DELPHI),
            (THEO, "Θεοδώρα Ιωάννου", DELPHI),
            (EVE, "Eve Larkin", LARKSPUR),
        ):
            handle = user_id.lower().removeprefix("u0")
            company = "Delphi Energy" if team == DELPHI else "Larkspur Rail"
            person = User(user_id, handle, name, team_id=team, tz="Europe/Athens")
            connect.add_outsider(desk.ws, person, company)
    conversations.create(desk.ws, MAYA, channel.lower(), channel_id=channel)
    conversations.invite(desk.ws, MAYA, channel, [ELENI, desk.bot])
    await desk.here.people.share(MAYA, channel, DELPHI, NORA, THEO)
    if link:
        await desk.command(ELENI, "connect Delphi Energy", channel)


async def rows(desk: Office, table: type[Any]) -> list[Any]:
    """All rows of a table."""
    async with desk.here.services.database.read() as session:
        return list((await session.exec(select(table))).all())


async def the_link(desk: Office, channel: str = SHARED) -> ConnectLink:
    """The link of a channel."""
    return next(row for row in await rows(desk, ConnectLink) if row.channel_id == channel)


async def say(desk: Office, who: str, text: str, thread: str | None = None) -> Message:
    """Somebody writes in the shared channel."""
    message = await desk.here.people.say(who, SHARED, text, thread)
    await desk.here.settle()
    return message


async def mark(desk: Office, who: str, message: Message, name: str = BANG) -> None:
    """Somebody adds the emoji to a message there, or takes it away."""
    await desk.here.people.react(who, SHARED, message.ts, name)
    await desk.here.settle()


async def candidates(desk: Office) -> list[Candidate]:
    """What waits, or was decided, oldest first."""
    return sorted(await rows(desk, Candidate), key=lambda row: row.id)


async def signals(desk: Office) -> list[Signal]:
    """What arrived, oldest first."""
    return sorted(await rows(desk, Signal), key=lambda row: row.id)


def ours_in(desk: Office, thread: Message | None = None, channel: str = SHARED) -> list[str]:
    """What the app said in the shared channel, or in one of its threads."""
    said = desk.ws.channels[channel].messages.values()
    return [
        m.text
        for m in said
        if m.user == desk.bot and not m.subtype and (thread is None or m.thread_ts == thread.ts)
    ]


def fields_of(desk: Office, number: int, **more: Any) -> Mapping[str, Any]:
    """The fields of a customer message by the shared channel."""
    return (
        desk.complete("update", {"case": number, "kind": "acknowledgement", "route": "slack"})
        | more
    )
