"""Nobody finds a drill who does not look for it: not in a list, not in a count, not in a figure."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import aliased
from sqlmodel import select

from bot.cases.queries import Reading
from bot.concessions.queries import ConcessionReading
from bot.duty.on_duty import on_duty
from bot.duty.shift_ends import list_owned
from bot.learning.actions import list_actions
from bot.learning.lists.causes import load_causes
from bot.learning.queries import LearningReading
from bot.operations.pruning import prune_done
from bot.reports.reading import read_report
from bot.rules.facts import CaseFilter
from bot.rules.reports.handling import Rate
from bot.rules.reports.periods import Period, PeriodKind
from storage.models import Case, Outbox
from storage.sessions.drills import sees_drills
from tests.bot.drills.test_play import played
from tests.bot.stage import ANNA, BILL, EMMA, EXEC, LEAH, Stage
from tests.statements import counted_statements

READERS = (ANNA, BILL, EMMA, LEAH, EXEC)  # the first two play
FEBRUARY = Period(PeriodKind.DAYS, date(2026, 2, 1), date(2026, 2, 28), "UTC")
NAMED = re.compile(r"(?:FROM|JOIN|,) escalation(?: AS \w+)?\b(?! \()")
HIDDEN = re.compile(r"escalation(?:_\d+)?\.drill IS (?:0|false)")

Read = Callable[[Stage, str], Awaitable[Any]]


def reading(stage: Stage) -> Reading:
    """What answers questions about cases."""
    person = SimpleNamespace(timezone="Europe/Athens")

    async def known(_user: str) -> Any:
        return person

    return Reading(stage.process(SimpleNamespace(person=known)))


async def home(stage: Stage, viewer: str) -> Any:
    """App Home."""
    return await reading(stage).home(viewer)


async def listed(stage: Stage, viewer: str) -> Any:
    """The list of cases, everything that can be asked of it."""
    ways = [CaseFilter(), CaseFilter(mine=True), CaseFilter(breaching=True)]
    ways += [CaseFilter(customer="Lighthouse"), CaseFilter(customer="Acme")]
    return [await reading(stage).page(viewer, way) for way in ways]


async def digest(stage: Stage, viewer: str) -> Any:
    """The morning of an executive."""
    return await reading(stage).digest(viewer, stage.now - timedelta(days=2))


async def figures(stage: Stage, _viewer: str) -> Any:
    """All figures of the month but the one that counts drills."""
    report = await read_report(stage.process(), FEBRUARY, money=True)
    return replace(report, drills=Rate(0, 0))


async def duty(stage: Stage, _viewer: str) -> Any:
    """Who is on duty, which goes by how much they have."""
    async with stage.database.write() as session:
        return await on_duty(stage.work(session))


async def learned(stage: Stage, viewer: str) -> Any:
    """What cases have taught, and who knows what their role asks."""
    asked = LearningReading(stage.process(), reading(stage))
    found = await asked.similar(viewer, None, "guest check-in hotel")
    readiness = await asked.readiness(viewer, "", None)
    actions = [await list_actions(stage.process(), viewer, w, 1) for w in ("mine", "overdue")]
    async with stage.database.read() as session:
        causes = await load_causes(session, FEBRUARY)
    return found, readiness.rows, actions, causes


async def shift(stage: Stage, viewer: str) -> Any:
    """What a person leaves at the end of their shift."""
    async with stage.database.read() as session:
        return await list_owned(session, viewer)


async def money(stage: Stage, viewer: str) -> Any:
    """What customers are to be granted."""
    return await ConcessionReading(stage.process()).listed(viewer)


TABLE: Mapping[str, Read] = {
    "home": home, "list": listed, "digest": digest, "figures": figures, "duty": duty,
    "learned": learned, "shift": shift, "concessions": money,
}  # fmt: skip


async def whole(stage: Stage, read: Read) -> list[str]:
    """What each reader reads."""
    return [repr(await read(stage, viewer)) for viewer in READERS]


@pytest.mark.parametrize("name", TABLE)
async def test_what_everybody_reads_is_the_same_with_a_drill_and_without(
    stage: Stage, name: str
) -> None:
    await stage.investigating()
    stage.later(hours=1)
    before = await whole(stage, TABLE[name])
    number = await played(stage, colleague=BILL)
    await stage.do(BILL, "claim", number)
    assert await whole(stage, TABLE[name]) == before
    await stage.do(ANNA, "end_drill", number)
    assert await whole(stage, TABLE[name]) == before


@pytest.mark.parametrize("name", TABLE)
async def test_every_question_about_cases_leaves_drills_out(stage: Stage, name: str) -> None:
    await stage.investigating()
    with counted_statements(stage.database) as asked:
        await whole(stage, TABLE[name])
    about = [s for s in asked if NAMED.search(s) and s.startswith(("SELECT", "WITH"))]
    by_number = [s for s in about if re.search(r"WHERE escalation\.number = \S+$", s)]
    none_there = [s for s in about if "SELECT concession.id AS id" in s]  # a drill has none
    open_ones = [s for s in about if s not in by_number + none_there and not HIDDEN.search(s)]
    assert open_ones == []


async def test_what_says_that_it_sees_drills_finds_them(stage: Stage) -> None:
    number = await played(stage)
    async with stage.database.read() as session:
        assert (await session.exec(select(Case.number))).all() == []
        assert (await session.exec(sees_drills(select(Case.number)))).all() == [number]
        assert (await session.get_one(Case, number)).drill


async def test_under_another_name_too_none_is_found(stage: Stage) -> None:
    """Joined twice, each name has its own condition, on the rows of that name."""
    real = await stage.investigating()
    number = await played(stage)
    one, other = aliased(Case), aliased(Case)
    pairs = select(one.number, other.number).outerjoin(other, other.number == one.number)
    async with stage.database.read() as session:
        assert (await session.exec(pairs)).all() == [(real, real)]
        both = (await session.exec(sees_drills(pairs))).all()
    assert sorted(both) == [(real, real), (number, number)]


async def test_what_a_drill_left_is_pruned_as_that_of_any_case_is(stage: Stage) -> None:
    number = await played(stage, colleague=BILL)
    await stage.do(BILL, "cancel_drill", number)
    async with stage.database.write() as session:
        for row in (await session.exec(select(Outbox))).all():
            row.state, row.done_at = "done", stage.now
            session.add(row)
    stage.later(days=40)
    await prune_done(stage.process(), timedelta(days=30))
    assert len(await stage.rows(Outbox, case_number=number)) <= 1  # the newest is never asked about
