"""The effects of a channel that a customer shares, each ready to be struck."""

from typing import Any

from sqlmodel import col, select

from sandbox import connect, conversations
from sandbox.people import people_of
from sandbox.state import Message, User
from storage.models import ConnectLink, ConnectMessage, ConnectThread, Signal
from tests.faults.scenes import ELENI, MAYA, Scene

CHANNEL, NORA, TEAM, ACCOUNT = "C0SHARED", "U0NORA", "T0AEGEAN", "aegean-ferries"
LANE = f"connect:{CHANNEL}"


async def share_channel(scene: Scene) -> None:
    """The customer of all cases shares a channel, which is linked."""
    ws = scene.world.workspace
    if CHANNEL in ws.channels:
        return
    connect.add_outsider(ws, User(NORA, "nora", "Nora Vance", team_id=TEAM), "Aegean Ferries")
    conversations.create(ws, MAYA, "aegean-shared", channel_id=CHANNEL)
    conversations.invite(ws, MAYA, CHANNEL, [ELENI, scene.bot])
    connect.share_channel(ws, MAYA, CHANNEL, TEAM, NORA)
    await scene.add(
        ConnectLink(
            channel_id=CHANNEL, account_key=ACCOUNT, teams={"ids": [TEAM]}, state="working",
            by=ELENI, at=scene.world.time(),
        )
    )  # fmt: skip
    await scene.world.settled()


async def says(scene: Scene, text: str, thread: str | None = None) -> Message:
    """Nora writes in the channel."""
    return await people_of(scene.world.workspace).say(NORA, CHANNEL, text, thread)


async def _leave(scene: Scene, kind: str, **payload: Any) -> None:
    await scene.leave(kind, LANE, None, channel=CHANNEL, **payload)


async def before_check(scene: Scene) -> None:
    """The link is there, and was not looked at yet."""
    await share_channel(scene)
    await scene.change(ConnectLink, CHANNEL, state="checking")


async def check(scene: Scene) -> None:
    """Slack is asked about the link."""
    await _leave(scene, "connect_check", confirms=True)


async def checked(scene: Scene) -> int:
    """The link works."""
    query = select(ConnectLink.state).where(col(ConnectLink.state) == "working")
    return len(await scene.world.get(query))


async def before_mark(scene: Scene) -> None:
    """Nora wrote something."""
    await share_channel(scene)
    await scene.change(ConnectLink, CHANNEL, state="working")
    scene.marked = (await says(scene, "Nothing can be booked.")).ts


async def mark(scene: Scene) -> None:
    """Nora marked what she wrote."""
    await _leave(scene, "connect_marked", ts=scene.marked, by=NORA)


async def taken_in(scene: Scene) -> int:
    """It is taken in once, and answered once in its thread."""
    query = select(Signal.id).where(col(Signal.key) == f"{CHANNEL}:{scene.marked}")
    signals = len(await scene.world.get(query))
    replies = scene.world.workspace.channels[CHANNEL].replies(scene.marked)
    answers = [m for m in replies if m.user == scene.bot]
    return max(signals, len(answers))


async def before_look(scene: Scene) -> None:
    """Nora wrote in the thread of a case, which was not looked into since."""
    await share_channel(scene)
    root = await says(scene, "About our case")
    reply = await says(scene, "Here is the log.", root.ts)
    scene.marked = reply.ts
    await scene.add(
        ConnectThread(
            channel_id=CHANNEL, ts=root.ts, since=reply.ts, account_key=ACCOUNT, case_number=2,
            answered=True,
        )
    )  # fmt: skip


async def look(scene: Scene) -> None:
    """The thread is read."""
    root = scene.world.workspace.channels[CHANNEL].messages[scene.marked].thread_ts
    await _leave(scene, "connect_thread", thread=root)


async def heard(scene: Scene) -> int:
    """What she wrote there is kept once."""
    query = select(ConnectMessage.id).where(col(ConnectMessage.ts) == scene.marked)
    return len(await scene.world.get(query))


async def say(scene: Scene) -> None:
    """The app answers in a thread."""
    text = "connect.received"
    await _leave(scene, "connect_say", thread=scene.marked, text=text, account=ACCOUNT)


EFFECTS = {
    "connect_check": (check, checked, before_check),
    "connect_marked": (mark, taken_in, before_mark),
    "connect_thread": (look, heard, before_look),
}
