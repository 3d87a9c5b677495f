"""Pages that were sent and are drawn anew once a person has the case, ready to be struck."""

from sqlmodel import col, select

from storage.models import Outbox
from tests.faults.scenes import MAYA, Scene


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


EFFECTS = {"pages": (redraw, redrawn, page_sent)}
