"""What is put on record of who looks: once an hour, never in the way, and never without bound."""

import errno
from typing import Any

import pytest
from sqlmodel import col, select

from bot.cases.queries import Reading
from bot.engine.access_log import DENIALS_MAX, DENIED, MANY, WAITING_MAX, AccessLog
from bot.errors import UserError
from bot.rules.facts import CaseFilter
from storage.models import AccessEvent
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, Stage
from tests.statements import counted_statements

SECRET = {"sensitive": True}


async def on_record(stage: Stage) -> list[tuple[str, str, str, str, str]]:
    """Who, what, where, why and about which subject, in the order in which it was stored."""
    async with stage.database.read() as session:
        rows = (await session.exec(select(AccessEvent).order_by(col(AccessEvent.id)))).all()
    return [(row.actor, row.verb, row.door, row.why, row.about) for row in rows]


def refused(log: AccessLog, who: str, door: str, case: int, key: str = "no_such_case") -> None:
    log.refused(who, door, UserError(key), case)


async def test_a_read_of_a_restricted_case_is_on_record_once_an_hour(stage: Stage) -> None:
    number, process = await stage.claimed(**SECRET), stage.process()
    reading = Reading(process)
    for _ in range(3):
        await reading.case(number, EMMA)
        await reading.timeline(number, EMMA)
        await reading.page(EMMA, CaseFilter())
        await process.access.write()
    shown = [(EMMA, "read", door, "", f"ESC-{number}") for door in ("show", "timeline", "list")]
    assert await on_record(stage) == shown
    stage.later(hours=1)
    later = stage.process()  # another process too
    await Reading(later).case(number, EMMA)
    await later.access.write()
    assert await on_record(stage) == [*shown, shown[0]]


async def test_another_process_in_the_same_hour_adds_nothing(stage: Stage) -> None:
    number = await stage.claimed(**SECRET)
    for _ in range(2):
        process = stage.process()
        await Reading(process).case(number, EMMA)
        await process.access.write()
    assert len(await on_record(stage)) == 1


async def test_of_an_unrestricted_case_nothing_is_kept_and_nothing_asked(stage: Stage) -> None:
    number, process = await stage.claimed(), stage.process()
    await Reading(process).case(number, ANNA)
    await Reading(process).page(ANNA, CaseFilter())
    await Reading(process).home(EMMA)
    with counted_statements(stage.database) as statements:
        await process.access.write()
    assert statements == []
    assert await on_record(stage) == []


async def test_what_a_home_and_a_digest_show_of_restricted_cases_is_on_record(
    stage: Stage,
) -> None:
    number, people = await stage.claimed(**SECRET, severity=1), stage.process().people
    process = stage.process(people)
    await Reading(process).home(EMMA)
    await Reading(process).home(BILL)  # who is not on it is shown nothing of it
    await process.access.write()
    assert await on_record(stage) == [(EMMA, "read", "home", "", f"ESC-{number}")]


async def test_a_refused_look_is_on_record_and_a_number_that_is_none_is_not(stage: Stage) -> None:
    number, process = await stage.claimed(**SECRET), stage.process()
    for tried in (number, number + 900):
        with pytest.raises(UserError) as caught:
            await Reading(process).case(tried, BILL)
        process.access.refused(BILL, "show_show", caught.value, tried)
    open_case = await stage.claimed()
    refused(process.access, BILL, "close", open_case, "wrong_status")
    refused(process.access, BILL, "open_close", open_case, "not_your_role")
    refused(process.access, STRANGER, "command", 900, "guest")
    await process.access.write()
    assert await on_record(stage) == [
        (BILL, DENIED, "show", "no_such_case", f"ESC-{number}"),
        (BILL, DENIED, "close", "not_your_role", f"ESC-{open_case}"),
        (STRANGER, DENIED, "command", "guest", ""),
    ]


async def test_who_presses_a_thousand_times_leaves_a_bounded_number_of_rows(stage: Stage) -> None:
    number, process = await stage.claimed(), stage.process()
    for turn in range(1000):
        refused(process.access, STRANGER, f"verb{turn}", number, "not_your_role")
    for _ in range(1000):
        refused(process.access, BILL, "close", number, "not_your_role")
    await process.access.write()
    found = await on_record(stage)
    assert len([row for row in found if row[0] == STRANGER]) == DENIALS_MAX
    assert [row for row in found if row[0] == STRANGER][-1] == (STRANGER, DENIED, "", MANY, "")
    assert len([row for row in found if row[0] == BILL]) == 1
    stage.later(hours=1)
    refused(process.access, STRANGER, "verb0", number, "not_your_role")
    await process.access.write()
    assert len(await on_record(stage)) == len(found) + 1


async def test_while_the_store_is_away_reading_goes_on_and_it_is_written_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, process = await stage.claimed(**SECRET), stage.process()

    def away() -> Any:
        raise OSError(errno.ENOSPC, "the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(stage.database, "write_patiently", away)
        broken.setattr("bot.engine.access_log.PAUSES", (0.0,))
        assert (await Reading(process).case(number, EMMA)).number == number
        with pytest.raises(OSError, match="full"):
            await process.access.write()
    await Reading(process).timeline(number, EMMA)
    await process.access.write()
    assert {row[2] for row in await on_record(stage)} == {"show", "timeline"}


async def test_what_waits_for_the_store_is_bounded(stage: Stage) -> None:
    process = stage.process()
    for turn in range(WAITING_MAX + 10):
        process.access.exported(f"U{turn}", "figures_page")
    await process.access.write()
    assert len(await on_record(stage)) == WAITING_MAX


async def test_a_row_that_the_store_will_never_take_does_not_hold_up_the_others(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = stage.process()
    process.access.exported(BILL, "figures_page")
    with monkeypatch.context() as broken:
        broken.setattr(
            "bot.engine.access_log.store_access", lambda *_given: (_ for _ in ()).throw(KeyError())
        )
        await process.access.write()
    process.access.exported(ANNA, "figures_page")
    await process.access.write()
    assert [row[0] for row in await on_record(stage)] == [ANNA]
