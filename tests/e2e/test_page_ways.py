"""A page goes out by the ways of the policy: of the person, and of the step."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from bot.rules.duty.ways import KIND
from bot.rules.policy.model import Paging
from storage.models import Outbox
from tests.bot.paging.way_double import TOKEN, WayDouble
from tests.e2e.office import ELENI, KATE, MAYA, Office, office


@asynccontextmanager
async def reaching(folder: Path, *names: str) -> AsyncIterator[tuple[Office, WayDouble]]:
    """The office whose manager Eleni has ``names`` as ways, and ``everyone`` of the first step."""
    async with WayDouble().running() as there:
        entries = [f"{name}={there.address(name)}" for name in ("eleni-sms", "everyone")]
        async with office(folder, http=True, page_ways=" ".join(entries)) as desk:
            services = desk.here.services
            paging = Paging(people={ELENI: names}, steps={"first": ("everyone",)})
            services.policy = replace(services.policy, paging=paging)
            yield desk, there


async def rows(desk: Office) -> list[Outbox]:
    """The rows of pages that went by a way."""
    async with desk.here.services.database.read() as session:
        query = select(Outbox).where(col(Outbox.kind) == KIND).order_by(col(Outbox.id))
        return list((await session.exec(query)).all())


async def test_a_page_goes_by_the_persons_way_and_by_the_steps(tmp_path: Path) -> None:
    async with reaching(tmp_path, "eleni-sms", "gone") as (desk, there):
        number = await desk.stage("new", severity=1)
        case = await desk.case(number)
        [title] = there.titles("eleni-sms")
        assert title.startswith(f"ESC-{number}, SEV1")
        assert case.customer in title
        assert there.titles("everyone") == [title]
        [said] = there.said["eleni-sms"]
        assert str(case.channel_id) in said["message"]
        assert len(title) + len(said["message"]) <= 160
        assert "They cannot invoice" not in f"{there.said}"
        kept = "".join(
            f"{row.payload} {row.lane} {row.error} {row.result}" for row in await rows(desk)
        )
        assert "eleni-sms" in kept
        assert TOKEN not in kept
        told = [each for each in desk.dms(KATE) if "was not called by gone" in each.text]
        assert len(told) == 1


async def test_of_a_restricted_case_no_name_goes_out(tmp_path: Path) -> None:
    async with reaching(tmp_path, "eleni-sms") as (desk, there):
        number = await desk.stage("new", severity=1, sensitive=True)
        case = await desk.case(number)
        [title] = there.titles("everyone")
        assert case.customer not in title


async def test_a_case_that_is_taken_wakes_no_one(tmp_path: Path) -> None:
    async with reaching(tmp_path, "eleni-sms") as (desk, there):
        there.answers = [503] * 40  # for every try until the case is taken
        await desk.wants(MAYA, "open_case", {"severity": 1})
        await desk.wants(ELENI, "claim", {"case": 1})
        there.answers = []
        await desk.pass_time(timedelta(minutes=10))
        await desk.here.settle()
        assert there.said == {}


async def test_a_quiet_case_goes_by_no_way(tmp_path: Path) -> None:
    async with reaching(tmp_path, "eleni-sms") as (desk, there):
        await desk.stage("new", severity=4)
        assert there.said == {}
