"""Messages of the app that name who was erased, ready to be struck while they are rewritten."""

import json
from collections.abc import Awaitable, Callable, Mapping

from sqlmodel import col, select

from bot.compliance.erasure.again import write_line
from bot.compliance.erasure.finding import ERASES
from bot.compliance.erasure.places import SECRET
from bot.rules.compliance.persons import Sought
from sandbox.state import Message
from storage.models import Secret
from tests.faults.scenes import Scene

Step, Count = Callable[[Scene], Awaitable[None]], Callable[[Scene], Awaitable[int]]
NAME, ALIAS, KEY, RULE = "Zora Zebrafink", "person-0123abcd", "a key", 900


def _ours(scene: Scene) -> Message:
    """The oldest message of the app in the case's channel."""
    return next(m for m in scene.home.messages.values() if m.user == scene.bot and not m.subtype)


async def _named(scene: Scene) -> None:
    """A message that names them, and who is looked for as an erasure keeps it."""
    _ours(scene).text, _ours(scene).blocks = f"Ask {NAME} today", None
    line = write_line(Sought(ALIAS, (NAME,)), KEY.encode())
    said = {"key": KEY, "line": line, "cases": [1]}
    if not await scene.world.get(select(Secret).where(col(Secret.name) == f"{SECRET}{RULE}")):
        await scene.add(Secret(name=f"{SECRET}{RULE}", value=json.dumps(said)))


async def _go_through(scene: Scene) -> None:
    """Have the channel gone through."""
    place = {"rule": RULE, "channel": scene.home.id, "thread": "", "where": "ESC-1"}
    await scene.leave(ERASES, f"erasure:{RULE}:{scene.home.id}", None, **place)


async def _rewritten(scene: Scene) -> int:
    """Whether the pseudonym stands there, and what was looked for is destroyed with the row."""
    return int(_ours(scene).text == f"Ask {ALIAS} today")


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {ERASES: (_go_through, _rewritten, _named)}
