"""The examination: what it names, what it leaves to people, and what it says on the terminal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.operations import doctor
from bot.operations.doctor import Doctor, Finding
from cli.doctor import report
from sandbox import conversations
from storage.models import Case, Outbox
from tests.e2e.office import ELENI, HOUR, MAYA, Office, office

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office whose channels are disturbed."""
    async with office(Path(tmp_path_factory.mktemp("doctor")), http=False) as here:
        yield here


async def examined(desk: Office, *, mend: bool = False) -> list[Finding]:
    """What the doctor finds now."""
    asked = Doctor(desk.here.services, desk.here.services.delivery)
    found = await asked.examine()
    if mend:
        await asked.repair()
        await desk.here.settle()
    return found


def of(found: list[Finding], number: int) -> list[tuple[str, bool]]:
    """What is found of a case, and whether the app can repair it."""
    return [(each.what, each.mends) for each in found if each.where.startswith(f"ESC-{number}")]


async def test_what_only_people_can_put_right_is_left_to_them(desk: Office) -> None:
    open_, secret = await desk.stage("investigating"), await desk.stage("new", sensitive=True)
    await desk.here.people.archive(MAYA, desk.channel(open_).id)
    await desk.here.people.kick(MAYA, desk.channel(secret).id, desk.bot)
    await desk.here.settle()
    found = await examined(desk, mend=True)
    assert of(found, open_) == [("its channel is archived", False)]
    assert of(found, secret) == [("the app is not in its channel", False)]
    assert {each.do for each in found} >= {doctor.OPEN_AGAIN, doctor.INVITE}
    assert of(await examined(desk), open_), "still"
    await desk.here.people.unarchive(MAYA, desk.channel(open_).id)
    await desk.here.people.invite(MAYA, desk.channel(secret).id, desk.bot)
    await desk.here.settle()
    found = await examined(desk)
    assert of(found, open_) == of(found, secret) == []


async def test_a_deleted_channel_is_replaced_and_the_old_one_of_a_moved_case_is_no_orphan(
    desk: Office,
) -> None:
    number = await desk.stage("investigating")
    await desk.here.people.delete_channel(MAYA, desk.channel(number).id)
    await desk.here.settle()
    assert of(await examined(desk, mend=True), number) == [("its channel is gone from Slack", True)]
    assert of(await examined(desk), number) == []
    old = desk.channel(number).id
    await desk.here.people.archive(MAYA, old)
    await desk.here.settle()
    await desk.wants(ELENI, "mend", {"case": number, "way": "new"})
    await desk.here.settle()
    assert not [each for each in await examined(desk) if each.what == doctor.SECOND]


async def test_a_case_without_a_channel_gets_one(desk: Office) -> None:
    number = await desk.stage("new")
    async with desk.here.services.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        old, case.channel_id, case.card_ts = case.channel_id, None, None
        session.add(case)
    found = await examined(desk, mend=True)
    assert of(found, number) == [("has no channel, and none is on its way", True)]
    assert [each.where for each in found if each.what == doctor.SECOND]
    assert (await desk.case(number)).channel_id not in (None, old)


async def test_channels_of_other_people_are_none_of_ours(desk: Office) -> None:
    conversations.create(desk.ws, MAYA, "esc-77-our-lunch")
    conversations.create(desk.ws, desk.bot, "escape-room")
    where = {each.where for each in await examined(desk)}
    assert not where & {"#esc-77-our-lunch", "#escape-room"}


async def test_a_mail_that_waits_is_for_a_person_to_decide(desk: Office) -> None:
    async with desk.here.services.database.write() as session:
        row = Outbox(lane="mail:x", kind="mail", queued_at=desk.ws.now(),
                     lease_until=desk.here.services.clock.real() + HOUR)  # fmt: skip
        session.add(row)
        await session.flush()
        number = row.id
    found = await examined(desk)
    (mail,) = [each for each in found if each.where == f"outbox {number}"]
    assert f"outbox drop {number}" in mail.do
    assert not mail.mends
    async with desk.here.services.database.write() as session:
        await session.delete(row)


async def test_the_report_says_what_becomes_of_each() -> None:
    found = [
        Finding("ESC-1 #esc-1-acme", "its card was deleted", mends=True),
        Finding("ESC-2 #esc-2-acme", "its channel is archived", doctor.OPEN_AGAIN),
        Finding("outbox", "3 effects wait", doctor.DO_WAITING, note=True),
    ]
    assert report(found, repairing=False).splitlines() == [
        "✗ ESC-1 #esc-1-acme: its card was deleted",
        "✗ ESC-2 #esc-2-acme: its channel is archived",
        f"    {doctor.OPEN_AGAIN}",
        "· outbox: 3 effects wait",
        f"    {doctor.DO_WAITING}",
        "2 differences",
        "python app.py doctor --repair puts 1 of them right",
    ]
    assert "1 of them queued" in report(found, repairing=True)
    assert report(found[2:], repairing=False).endswith("Slack shows what the database says")
