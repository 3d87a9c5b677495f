"""The private channel for Legal, ready to be struck."""

from collections.abc import Awaitable, Callable, Mapping

from sqlmodel import select

from bot.rules.states import LegalRoomState
from sandbox.state import Channel
from storage.models import LegalRoom
from tests.faults.scenes import MAYA, Scene

Step, Count = Callable[[Scene], Awaitable[None]], Callable[[Scene], Awaitable[int]]
NAME, DAN = "esc-1-legal", "U0DAN"


def _rooms(scene: Scene) -> list[Channel]:
    return [each for each in scene.channel(NAME) if not each.is_archived]


async def no_channel(scene: Scene) -> None:
    """A room that Slack has not made; those of earlier blows have other names."""
    for number, each in enumerate(scene.channel(NAME)):
        each.name = f"before-{number}-{each.id.lower()}"
    if not await scene.world.get(select(LegalRoom)):
        at = scene.world.time()
        await scene.add(LegalRoom(case_number=1, opened_by=MAYA, opened_at=at, invited={}))
    await scene.change(
        LegalRoom, 1, state=LegalRoomState.WANTED, channel_id=None, channel_name=None
    )


async def make(scene: Scene) -> None:
    """Have the channel made."""
    await scene.leave("legal_channel", "case:1:legal")


async def made(scene: Scene) -> int:
    """How many there are."""
    return len(_rooms(scene))


async def there(scene: Scene) -> None:
    """A room that Slack has made, without Dan."""
    if not _rooms(scene):
        await no_channel(scene)
        await make(scene)
        await scene.world.settled()
    await scene.change(LegalRoom, 1, state=LegalRoomState.OPEN)
    _rooms(scene)[0].members.pop(DAN, None)


async def invite(scene: Scene) -> None:
    """Bring Dan in."""
    await scene.leave("legal_people", "case:1:legal", users=[DAN])


async def invited(scene: Scene) -> int:
    """Whether he is in."""
    return int(DAN in _rooms(scene)[0].members)


async def with_dan(scene: Scene) -> None:
    """A room with Dan in it."""
    await there(scene)
    if DAN not in _rooms(scene)[0].members:
        await invite(scene)
        await scene.world.settled()


async def take_out(scene: Scene) -> None:
    """Take Dan out."""
    await scene.leave("legal_leave", "case:1:legal", users=[DAN])


async def taken_out(scene: Scene) -> int:
    """Whether he is out."""
    return int(DAN not in _rooms(scene)[0].members)


async def say(scene: Scene) -> None:
    """Say what it is for."""
    await scene.leave("legal_post", "case:1:legal")


async def said(scene: Scene) -> int:
    """How often that stands there."""
    return scene.said()


async def over(scene: Scene) -> None:
    """A room whose case has ended, and that is not archived yet."""
    await there(scene)
    for each in scene.channel(NAME):
        if each.is_archived:
            each.name = f"over-{each.id.lower()}"
    await scene.change(LegalRoom, 1, state=LegalRoomState.ENDED)


async def archive(scene: Scene) -> None:
    """Archive it."""
    await scene.leave("legal_archive", "case:1:legal")


async def archived(scene: Scene) -> int:
    """Whether it is."""
    return sum(each.is_archived for each in scene.channel(NAME))


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {
    "legal_channel": (make, made, no_channel),
    "legal_people": (invite, invited, there),
    "legal_leave": (take_out, taken_out, with_dan),
    "legal_post": (say, said, there),
    "legal_archive": (archive, archived, over),
}
