"""Pages that are drawn anew once a person has the case, and pagers, ready to be struck."""

from collections.abc import Awaitable, Callable, Mapping

from sqlmodel import col, select

from bot.paging.trial import KIND as PAGE_TRIAL
from bot.rules.duty.pagers import PagerName
from bot.rules.duty.ways import KIND as PAGE_WAY
from bot.rules.words import Status
from storage.models import Case, Outbox
from tests.faults.scenes import MAYA, Scene

Step, Count = Callable[[Scene], Awaitable[None]], Callable[[Scene], Awaitable[int]]


async def page_sent(scene: Scene) -> None:
    """A page that was sent as of now, so that no blow before has drawn it anew."""
    said = {"role": "escalation_manager", "notice": "page"}
    await scene.leave("dm", f"dm:{MAYA}", user=MAYA, text="notice:opened", extra=said)
    await scene.world.settled()


async def redraw(scene: Scene) -> None:
    """Somebody has the case."""
    at = scene.world.time().isoformat()
    await scene.leave("pages", "case:1:pages", by=MAYA, at=at)


async def redrawn(scene: Scene) -> int:
    """Whether the newest page was drawn anew."""
    query = select(Outbox).where(col(Outbox.kind) == "dm").order_by(col(Outbox.id).desc())
    sent = [r for r in await scene.world.get(query) if r.payload["text"] == "notice:opened"]
    place = sent[0].result
    shown = scene.world.workspace.channels[place["channel"]].messages[place["ts"]]
    return int(shown.edited is not None)


WAITS = 3  # the case that waits again to be taken
KEY = "ESC-1.acknowledge.1.0"


def _at_pager(name: PagerName) -> tuple[Step, Count, Step]:
    """A page is acknowledged at the pager: done twice it is the same, as it knows the key."""

    async def forget(scene: Scene) -> None:
        scene.pagers.pages.clear()

    async def queue(scene: Scene) -> None:
        await scene.leave(name.value, f"{name.value}:{KEY}", do="acknowledge", key=KEY)

    async def seen(scene: Scene) -> int:
        return int("acknowledge" in scene.pagers.pages.get(f"{name.value}:{KEY}", []))

    return queue, seen, forget


async def _queue_way(scene: Scene) -> None:
    """A page of a case that no one has, as of a moment: it is taken again when it arrived."""
    await scene.change(Case, WAITS, status=Status.NEW.value)
    key = f"ESC-{WAITS}.acknowledge.1.0"
    said = {"way": "kate", "key": key, "user": MAYA}
    await scene.leave(PAGE_WAY, f"way:{key}:kate", WAITS, **said)


async def _arrived(scene: Scene) -> int:
    """Whether the message came: a service that knows no key may show it twice after a blow."""
    if scene.ways.said:
        await scene.change(Case, WAITS, status=Status.ACKNOWLEDGED.value)
    return int(bool(scene.ways.said))


async def _queue_trial(scene: Scene) -> None:
    told = {"user": MAYA, "by": MAYA, "ways": ["kate"], "pagers": [], "message": 1}
    await scene.leave(PAGE_TRIAL, "trial:1", None, **told)


async def _told(scene: Scene) -> int:
    """How often it was told what became of the trial, which may itself go twice."""
    query = select(Outbox).where(col(Outbox.kind) == "dm", col(Outbox.id) > scene.row)
    rows = [r for r in await scene.world.get(query) if r.payload["text"] == "duty:page_tried"]
    return len(rows) if scene.row else 0


async def _forget_ways(scene: Scene) -> None:
    scene.ways.said.clear()


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {
    "pages": (redraw, redrawn, page_sent),
    **{name.value: _at_pager(name) for name in PagerName},
    PAGE_TRIAL: (_queue_trial, _told, _forget_ways),
    PAGE_WAY: (_queue_way, _arrived, _forget_ways),
}
