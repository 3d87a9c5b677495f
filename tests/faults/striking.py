"""Striking one effect of a kind at one point of its way; then it is there once, recorded once."""

import json
import os
import signal
from dataclasses import dataclass, field

from sqlmodel import col, select

from bot.engine.outbox_claims import ELSEWHERE
from storage.models import Case, Inbox, Outbox, SentMessage
from tests.faults.blows import INBOX
from tests.faults.scenes import Scene
from tests.faults.strikes import STRIKES


@dataclass
class Told:
    """What came of it: the points that were struck, and what was wrong afterwards."""

    struck: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


async def strike(here: Scene, kind: str, point: str, how: str, told: Told) -> None:
    """Strike one effect; what is wrong afterwards is told."""
    effect, name = STRIKES[kind], f"{kind}:{point}:{how}"
    await effect.prepare(here)
    here.row = 0
    if before := await effect.seen(here):
        told.wrong.append(f"{name}: {before} times before it was queued")
    order, dealt = here.world.folder / "blow", here.world.folder / "blow.dealt"
    dealt.unlink(missing_ok=True)
    wanted = {"kind": kind.partition(":")[0], "point": point, "how": how}
    order.with_suffix(".new").write_text(json.dumps(wanted))
    order.with_suffix(".new").rename(order)
    await effect.queue(here)

    async def struck() -> bool:
        return dealt.exists()

    await here.world.until(struck, f"{name} was not struck: does it come to that point of blows?")
    blow = json.loads(dealt.read_text())
    here.row = blow["row"]
    told.struck.append(name)
    if here.jump is not None:
        await _waits(here, name)
        here.world.set_clocks(here.jump)
    if how == "stop":
        await _others_go_on(here, kind, blow, name)
        os.kill(blow["pid"], signal.SIGCONT)
    await here.world.settled()
    await _look_at_channel(here, kind)
    told.wrong += await _wrong(here, kind, name)


async def _waits(here: Scene, name: str) -> None:
    """Wait until the row waits to be tried again."""

    async def waiting() -> bool:
        query = select(Outbox.not_before).where(col(Outbox.id) == here.row)
        return (await here.world.get(query)) != [None]

    await here.world.until(waiting, f"{name} does not wait to be tried again")


async def _others_go_on(here: Scene, kind: str, blow: dict[str, int], name: str) -> None:
    """Wait until another bot has the row; where there is none, until the lease has ended."""
    table = Inbox if kind == INBOX else Outbox

    async def taken() -> bool:
        (row,) = await here.world.get(select(table).where(col(table.id) == blow["row"]))
        if row.claims > blow["claims"] or row.state != "pending":
            return True
        async with here.world.database.read() as session:
            now = await here.world.database.time(session, here.world.machine())
        return len(here.world.bots) == 1 and row.lease_until <= now

    await here.world.until(taken, f"{name}: nobody took it over")


async def _look_at_channel(here: Scene, kind: str) -> None:
    """Have the bots compare the channel with the store, as they do at any time."""
    if kind == "look" or (number := await _case_of(here, kind)) is None:
        return
    await here.leave("look", f"case:{number}:look", number)
    await here.world.settled()


async def _case_of(here: Scene, kind: str) -> int | None:
    if kind == INBOX:
        return 1
    numbers = await here.world.get(select(Outbox.case_number).where(col(Outbox.id) == here.row))
    return numbers[0]


async def _wrong(here: Scene, kind: str, name: str) -> list[str]:
    seen, number = await STRIKES[kind].seen(here), await _case_of(here, kind)
    wrong = [] if seen == 1 else [f"{name}: {seen} times"]
    if kind != INBOX:
        recorded = _recorded(here)
        wrong += [] if recorded <= 1 else [f"{name}: recorded {recorded} times"]
        (row,) = await here.world.get(select(Outbox).where(col(Outbox.id) == here.row))
        wrong += [] if row.state == "done" else [f"{name}: {row.state} {row.error}"]
    drifts = await here.world.get(select(Case.drift).where(col(Case.number) == number))
    wrong += [f"{name}: the channel differs: {drift}" for drift in drifts if drift]
    if kind in ELSEWHERE:
        states = await here.world.get(select(SentMessage.state))
        wrong += [f"{name}: {state}" for state in states if state != "sent"]
    return wrong


def _recorded(here: Scene) -> int:
    """How often bots say that they recorded the row's outcome."""
    lines = (here.world.folder / "bot.log").read_text().splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    return sum(e.get("event") == "delivered" and here.row in e["outbox"] for e in events)
