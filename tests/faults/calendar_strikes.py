"""A mail that carries a meeting to a calendar, ready to be struck."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlmodel import select

from storage.models import Meeting
from tests.faults.scenes import MAYA, Scene

Step, Count = Callable[[Scene], Awaitable[None]], Callable[[Scene], Awaitable[int]]


async def meeting_planned(scene: Scene) -> None:
    """A meeting that no calendar has yet: each blow is about one change of it."""
    now = scene.world.time()
    rows = await scene.world.get(select(Meeting))
    if not rows:
        row = Meeting(
            case_number=1, kind="postmortem", uid="struck@escalation-desk", minutes=60,
            begins=now + timedelta(days=2), planned_by=MAYA, invited={"users": [MAYA]},
            changed_at=now,
        )  # fmt: skip
        await scene.add(row)
    scene.box.raw.clear()


async def queue_invitation(scene: Scene) -> None:
    """The mail of the meeting as it is now."""
    (row,) = await scene.world.get(select(Meeting))
    said = {"meeting": row.id, "sequence": row.sequence, "user": MAYA}
    await scene.leave("calendar_mail", f"calendar:{row.id}:{MAYA}", **said)


async def entries_had(scene: Scene) -> int:
    """Entries that the calendar has: one for each UID, however often its mail came."""
    mails = [mail for mail in scene.box.mails if "Postmortem" in str(mail["Subject"])]
    return len({mail["Message-ID"] for mail in mails})


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {
    "calendar_mail": (queue_invitation, entries_had, meeting_planned)
}
