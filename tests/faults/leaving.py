"""A case that becomes restricted leaves its public channel, a case of its own for each strike.

The case must not know that channel any more when what it leaves there is struck. Of one that did,
any look at its channel would have its card drawn again in what stands there.
"""

from collections.abc import Awaitable, Callable

from sqlmodel import func, select

from sandbox.state import Channel
from storage.models import Case
from tests.faults.scenes import Scene


async def in_public(scene: Scene) -> None:
    """A case with a public channel and a ticket."""
    await scene.ask(
        "open_case", customer="Another", stake="They cannot pay.", trigger="technical", severity=3,
        ticket_url=f"https://tickets.example/{scene.asked}",  # of the same it would be a report
    )  # fmt: skip
    await scene.world.settled()


async def restrict(scene: Scene) -> None:
    """The newest case is restricted."""
    number = await _newest(scene)
    await scene.ask("executive_flag", case=number, trigger="legal", reason="Their lawyer wrote.")


async def _newest(scene: Scene) -> int:
    numbers: list[int] = await scene.world.get(select(func.max(Case.number)))
    return numbers[0]


def seen_when_left(
    tells_nothing: Callable[[Channel, int], bool],
) -> Callable[[Scene], Awaitable[int]]:
    """Whether the public channel of the newest case tells nothing of it any more."""

    async def seen(scene: Scene) -> int:
        number = await _newest(scene)
        (channel,) = scene.channel(f"esc-{number}-")
        return int(tells_nothing(channel, number))

    return seen


def has_plain_topic(channel: Channel, number: int) -> bool:
    """The topic names no case."""
    return f"ESC-{number}" not in channel.topic.value


def has_plain_name(channel: Channel, number: int) -> bool:
    """The name has no customer."""
    return channel.name == f"esc-{number}-elsewhere"


def has_plain_card(channel: Channel, number: int) -> bool:
    """What was the card has no buttons."""
    (card,) = [channel.messages[ts] for ts in channel.pins]
    return "actions" not in str(card.blocks)


def has_no_bookmark(channel: Channel, number: int) -> bool:
    """The ticket is not linked."""
    return not channel.bookmarks


EFFECTS = {
    "old_topic": (restrict, seen_when_left(has_plain_topic), in_public),
    "old_name": (restrict, seen_when_left(has_plain_name), in_public),
    "old_card": (restrict, seen_when_left(has_plain_card), in_public),
    "old_bookmark": (restrict, seen_when_left(has_no_bookmark), in_public),
}
