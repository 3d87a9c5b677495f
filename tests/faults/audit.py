"""The workspace held against the store: what was lost, said twice, or said out of order."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlmodel import select

from storage.models import Case, Inbox, Outbox
from tests.faults.world import World

# Effects that are one message each.
SAID = frozenset({"post", "dm", "digest", "alert", "clock_alert"})


@dataclass
class Audit:
    """Each wrong in a line; all empty when the promise was kept."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    messages: int = 0

    def __str__(self) -> str:
        wrong = f"{len(self.lost)} lost, {len(self.duplicated)} duplicated"
        lines = [f"{self.messages} messages: {wrong}, {len(self.disordered)} out of order"]
        return "\n".join([*lines, *self.lost[:9], *self.duplicated[:9], *self.disordered[:9]])

    @property
    def clean(self) -> bool:
        """True when nothing is wrong."""
        return not (self.lost or self.duplicated or self.disordered)


async def audit(world: World) -> Audit:
    """Look at everything that was accepted, and at everything that is shown."""
    found = Audit()
    shown = _shown(world)
    rows: list[Outbox] = await world.get(select(Outbox).order_by(Outbox.id))  # type: ignore[arg-type]
    for row in rows:
        if row.state != "done":
            found.lost.append(f"outbox {row.id} {row.kind} {row.lane}: {row.state} {row.error}")
        elif row.kind in SAID:
            _once(found, f"outbox {row.id} {row.kind} {row.lane}", len(shown.get(row.id, ())))
    found.messages = sum(len(places) for places in shown.values())
    _in_order(found, (r for r in rows if r.kind in SAID), shown)
    await _requests(found, world)
    await _channels(found, world)
    return found


def _shown(world: World) -> dict[int, list[str]]:
    """Where each outbox row's message stands: its ts, by the row's id."""
    shown: dict[int, list[str]] = defaultdict(list)
    for channel in world.workspace.channels.values():
        for message in channel.messages.values():
            payload = (message.metadata or {}).get("event_payload", {})
            if "outbox" in payload:
                shown[payload["outbox"]].append(message.ts)
    return shown


def _once(found: Audit, what: str, times: int) -> None:
    if times == 0:
        found.lost.append(what)
    elif times > 1:
        found.duplicated.append(f"{what}: {times} times")


def _in_order(found: Audit, rows: Iterable[Outbox], shown: dict[int, list[str]]) -> None:
    last: dict[str, tuple[str, int]] = {}
    for row in rows:
        ts = min(shown.get(row.id, [""]))
        before, before_id = last.get(row.lane, ("", 0))
        if ts and ts < before:
            found.disordered.append(f"outbox {row.id} stands before {before_id} in {row.lane}")
        last[row.lane] = (ts, row.id)


async def _requests(found: Audit, world: World) -> None:
    for row in await world.get(select(Inbox)):
        if row.state != "done" or row.answer.get("text") == "trouble":
            found.lost.append(f"inbox {row.id} {row.verb}: {row.state} {row.answer}")


async def _channels(found: Audit, world: World) -> None:
    channels = [c for c in world.workspace.channels.values() if c.name.startswith("esc-")]
    for case in await world.get(select(Case)):
        ours = [c for c in channels if c.name.startswith(f"esc-{case.number}-")]
        _once(found, f"channel of case {case.number}", len(ours))
        for channel in ours:
            _once(found, f"pinned card of case {case.number}", len(channel.pins))
            wanted = {case.reporter, case.owner}
            if not wanted <= set(channel.members):
                found.lost.append(f"members of case {case.number}")
