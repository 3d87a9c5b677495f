"""Mails and files that carry an entry to a calendar, ready to be struck."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlmodel import select

from storage.models import CalendarEntry, Meeting
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


async def call_owed(scene: Scene) -> None:
    """A call that no calendar has yet; each blow is about one of its own."""
    now = scene.world.time()
    subject = await _newest(scene) + 1
    due = now + timedelta(hours=4)
    row = CalendarEntry(
        kind="breach_call", subject=subject, case_number=1, person=MAYA, owed_by=MAYA, due=due,
        uid=f"{subject}@escalation-desk", begins=due - timedelta(minutes=30), named=True,
        changed_at=now,
    )  # fmt: skip
    await scene.add(row)
    scene.box.raw.clear()


async def _newest(scene: Scene) -> int:
    return max(await scene.world.get(select(CalendarEntry.id)), default=0)


def queue_call(kind: str, lane: str) -> Step:
    """Make the step that leaves the newest entry as a row of this kind."""

    async def queue(scene: Scene) -> None:
        said = {
            "entry": await _newest(scene), "sequence": 0, "user": MAYA, "cancelled": False,
            "asked": True,
        }  # fmt: skip
        await scene.leave(kind, lane, None, **said)

    return queue


async def files_had(scene: Scene) -> int:
    """Messages that carry the newest entry as a file."""
    ending = f"-{await _newest(scene)}-1.ics"
    return sum(
        scene.world.workspace.files[file].name.endswith(ending)
        for channel in scene.world.workspace.channels.values()
        for message in channel.messages.values()
        for file in message.files
    )


async def calls_had(scene: Scene) -> int:
    """Entries of calls that the calendar has, however often its mail came."""
    mails = [mail for mail in scene.box.mails if "For your calendar" in str(mail["Subject"])]
    return len({mail["Message-ID"] for mail in mails})


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {
    "calendar_mail": (queue_invitation, entries_had, meeting_planned),
    "calendar_mail:own": (queue_call("calendar_mail", "calendar:own"), calls_had, call_owed),
    "calendar_file": (queue_call("calendar_file", f"dm:{MAYA}"), files_had, call_owed),
}
