"""Who looks at what is restricted, who is refused and who takes something out is on record."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlmodel import col, select

from bot.audit.proof import prove_records
from bot.audit.sealing import seal_records
from storage.models import AccessEvent
from tests.e2e import forged
from tests.e2e.office import DAN, ELENI, SOFIA, STRANGER, Office, office, texts_of
from tests.e2e.test_members import GUEST, let_in
from tests.e2e.test_permissions import secret_case
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office with a restricted case, 1, and one that everybody reads, 2."""
    url, folder = f"http://127.0.0.1:{free_port()}", tmp_path_factory.mktemp("access")
    async with office(Path(folder), http=True, public_url=url) as here:
        await secret_case(here)
        await here.stage("investigating")
        yield here


async def new_rows(desk: Office, after: int) -> list[tuple[str, str, str, str, str]]:
    """What came on record after that row: who, what, where, why, about which case."""
    await desk.here.settle()
    async with desk.here.services.database.read() as session:
        query = select(AccessEvent).where(col(AccessEvent.id) > after).order_by(col(AccessEvent.id))
        rows = (await session.exec(query)).all()
    return [(row.actor, row.verb, row.door, row.why, row.about) for row in rows]


async def last_row(desk: Office) -> int:
    await desk.here.settle()
    async with desk.here.services.database.read() as session:
        query = select(AccessEvent.id).order_by(col(AccessEvent.id).desc()).limit(1)
        return (await session.exec(query)).first() or 0


async def test_who_is_on_a_restricted_case_reads_it_on_record(desk: Office) -> None:
    after = await last_row(desk)
    await desk.command(ELENI, "timeline 1")
    await desk.command(ELENI, "brief 1")
    await desk.command(ELENI, "show 2")
    found = await new_rows(desk, after)
    assert {(row[0], row[1], row[4]) for row in found} == {(ELENI, "read", "ESC-1")}
    assert {"timeline", "catch_up"} <= {row[2] for row in found}


async def test_who_is_refused_is_on_record_by_whatever_door(desk: Office) -> None:
    after = await last_row(desk)
    await desk.command(DAN, "show 1")
    await forged.press(desk, DAN, "ask:update", {"case": 1})
    await desk.wants(DAN, "claim", {"case": 1})
    await desk.wants(STRANGER, "claim", {"case": 2})
    await forged.press(desk, STRANGER, "show:figures", {})
    await desk.command(STRANGER, "show 999983")
    let_in(desk)
    await forged.press(desk, GUEST, "show:list", {})
    assert sorted(await new_rows(desk, after)) == sorted([
        (DAN, "denied", "show", "no_such_case", "ESC-1"),
        (DAN, "denied", "update", "no_such_case", "ESC-1"),
        (DAN, "denied", "claim", "no_such_case", "ESC-1"),
        (STRANGER, "denied", "claim", "not_your_role", "ESC-2"),
        (STRANGER, "denied", "figures", "not_your_role", ""),
        (GUEST, "denied", "list", "guest", ""),
    ])  # fmt: skip


async def test_who_takes_figures_out_is_on_record(desk: Office) -> None:
    after = await last_row(desk)
    await forged.press(desk, SOFIA, "show:figures_files", {})
    await desk.command(SOFIA, "figures")
    answer = desk.answers(SOFIA)[-1]
    said = answer.text + "\n".join(texts_of(answer.blocks))
    link = re.findall(r"https?://[^|\s>]+/g/[\w-]+", said)[0]
    async with httpx.AsyncClient() as client:
        for ending in ("", ".csv"):
            assert (await client.get(link + ending)).status_code == 200
        assert (await client.get(link + "x")).status_code == 404
    assert await new_rows(desk, after) == [
        (SOFIA, "exported", "figures_files", "", ""),
        (SOFIA, "exported", "figures_page", "", ""),
    ]


async def test_it_stands_in_the_chain(desk: Office) -> None:
    services = desk.here.services
    await desk.command(DAN, "list")
    await desk.here.settle()
    await seal_records(services)
    verdict = await prove_records(services.database, services.clock.now())
    assert verdict.findings == []
    assert await last_row(desk) > 0
