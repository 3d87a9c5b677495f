"""What a case leaves in the two queues is taken out once it is over, and the case stays whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from bot.clock import TimeSource
from bot.operations.pruning import prune_done
from bot.services import KEEP_DONE
from storage.database import Database
from tests.e2e.office import ELENI, Office

LEFT_MAX = 1_000  # bytes; the newest row of each table, and what names the postmortem's file

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class LaterOn:
    """The time at which the case has been over for longer than is kept."""

    clock: TimeSource

    def now(self) -> datetime:
        """A month and a day from now."""
        return self.clock.now() + KEEP_DONE + timedelta(days=1)

    def real(self) -> datetime:
        """The machine's time is not asked."""
        raise NotImplementedError


@dataclass
class Later:
    """The app at that time."""

    database: Database
    clock: LaterOn


async def kept(database: Database) -> tuple[int, int]:
    """How many rows inbox and outbox have, and how many bytes stand in them."""
    rows = size = 0
    async with database.read() as session:
        for table in ("inbox", "outbox"):
            columns = (await session.exec(text(f"PRAGMA table_info({table})"))).all()  # type: ignore[call-overload]
            each = " + ".join(f"coalesce(length({column[1]}), 0)" for column in columns)
            query = text(f"SELECT count(*), coalesce(sum({each}), 0) FROM {table}")
            found = (await session.exec(query)).one()  # type: ignore[call-overload]
            rows, size = rows + found[0], size + found[1]
    return rows, size


async def test_a_closed_case_leaves_next_to_nothing_in_the_queues(socket_desk: Office) -> None:
    number = await socket_desk.stage("closed")
    services = socket_desk.here.services
    rows, size = await kept(services.database)

    await prune_done(Later(services.database, LaterOn(services.clock)), KEEP_DONE)

    assert (rows, size) > (30, 10_000)
    left, bytes_left = await kept(services.database)
    assert left <= 4
    assert bytes_left < LEFT_MAX
    await socket_desk.command(ELENI, f"show {number}")
    await socket_desk.command(ELENI, f"timeline {number}")
    assert f"ESC-{number}" in socket_desk.answers(ELENI)[-1].text
    await socket_desk.stage("acknowledged")  # and the next case finds its ids free
