"""A message that carries a sponsored account's brief as a file, ready to be struck."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlmodel import select

from bot.rules.states import SponsorshipState
from bot.sponsorship.briefs.make import KIND
from storage.models import SponsorBrief, Sponsorship
from tests.faults.scenes import MAYA, Scene

Step, Count = Callable[[Scene], Awaitable[None]], Callable[[Scene], Awaitable[int]]


async def brief_made(scene: Scene) -> None:
    """A brief that nobody has had yet; each blow is about one of its own."""
    now = scene.world.time()
    rows = await scene.world.get(select(Sponsorship))
    if not rows:
        row = Sponsorship(
            account_key="aegean-ferries", live_key="aegean-ferries", customer="Aegean Ferries",
            state=SponsorshipState.ACTIVE, sponsor=MAYA, reason="They grow", score=60,
            nominated_by=MAYA, nominated_at=now, began_at=now,
        )  # fmt: skip
        await scene.add(row)
        rows = await scene.world.get(select(Sponsorship))
    await scene.add(
        SponsorBrief(
            sponsorship=rows[0].id, reader=MAYA, quarter=1, made_at=now,
            expires_at=now + timedelta(days=30),
        )
    )  # fmt: skip


async def _newest(scene: Scene) -> int:
    return max(await scene.world.get(select(SponsorBrief.id)))


async def queue_brief(scene: Scene) -> None:
    """The message with the newest brief."""
    await scene.leave(KIND, f"dm:{MAYA}", None, brief=await _newest(scene), user=MAYA)


async def briefs_had(scene: Scene) -> int:
    """Messages that carry the newest brief."""
    ending = f"-{await _newest(scene)}.pdf"
    return sum(
        scene.world.workspace.files[file].name.endswith(ending)
        for channel in scene.world.workspace.channels.values()
        for message in channel.messages.values()
        for file in message.files
    )


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {KIND: (queue_brief, briefs_had, brief_made)}
