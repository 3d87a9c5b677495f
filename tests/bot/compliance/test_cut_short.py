"""Retention that is cut short goes on, whichever step it was; figures stay; people can still read.

Killed means here: the process ends after so many transactions, in the middle of the next one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from bot.audit.proof import prove_records
from bot.audit.sealing import seal_records
from bot.compliance.rounds import forget_overdue
from bot.core.facts.rows import timeline_facts
from bot.core.snapshot import load_case
from bot.reports.reading import read_report
from bot.rules.compliance.retention import Period, Retention
from bot.rules.words import Language
from messages.cases.answers import timeline_answer
from messages.cases.card import case_card
from storage.models import AuditEvent, Case, Forgotten, SolvedWord
from tests.bot.compliance.old_cases import (
    LATER,
    MARKER,
    TWO_YEARS,
    closed_case,
    dump,
    fill,
    let_go,
    with_retention,
)
from tests.bot.compliance.test_marker import old_problem
from tests.bot.reports import test_year
from tests.bot.reports.year import NOW, build_year
from tests.bot.stage import T0, Stage
from tests.bot.store import Keeper
from tests.statements import counted_statements


class KilledError(Exception):
    """The process ended here."""


@pytest.fixture
def kill(monkeypatch: pytest.MonkeyPatch) -> Any:
    """End the process in the middle of a transaction after so many others; None: never."""
    left: list[int | None] = [None]

    def after(stage: Stage, turns: int | None) -> None:
        left[0] = turns
        write = type(stage.database).write

        @asynccontextmanager
        async def written(database: Any) -> AsyncIterator[Any]:
            async with write(database) as session:
                yield session
                if left[0] is not None:
                    if left[0] == 0:
                        raise KilledError
                    left[0] -= 1

        monkeypatch.setattr(stage.database, "write", written.__get__(stage.database))

    return after


async def test_killed_at_every_step_it_goes_on_to_the_same_end(kept: Stage, kill: Any) -> None:
    number = await closed_case(kept)
    await fill(kept, number, await old_problem(kept, number))
    await let_go(kept)
    await seal_records(kept)
    with_retention(kept).now = T0 + LATER
    for turns in range(200):
        kill(kept, turns)
        try:
            await forget_overdue(kept.process())
        except KilledError:
            continue
        break
    else:
        pytest.fail("it never came to its end")
    assert turns > 20  # there were steps to be killed in
    kill(kept, None)
    await seal_records(kept)
    left = {name for name, rows in (await dump(kept)).items() if MARKER in rows}
    assert left == set()
    assert (await prove_records(kept.database, kept.now)).findings == []
    verbs = [row.verb for row in await kept.rows(Forgotten, case_number=number)]
    assert verbs == ["forget_words", "forgot_words"]  # begun once, ended once
    links = [(link.record, link.row) for link in await kept.rows(AuditEvent)]
    assert len(links) == len(set(links))


async def test_a_step_changes_so_many_rows_at_most(
    kept: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await closed_case(kept)
    for module in ("tables", "records"):
        monkeypatch.setattr(f"bot.compliance.{module}.WINDOW", 2)
    await kept.add(*(SolvedWord(word=f"{MARKER}{n}", case_number=number) for n in range(7)))
    with_retention(kept).now = T0 + LATER
    with counted_statements(kept.database) as seen:
        assert await forget_overdue(kept.process()) == {Period.WORDS: 1}
    assert await kept.rows(SolvedWord) == []
    assert len([s for s in seen if s.startswith("DELETE FROM solved_word")]) == 4
    assert MARKER not in repr(await dump(kept))


async def test_what_a_case_costs_does_not_grow_with_the_others(kept: Stage) -> None:
    first = await closed_case(kept)
    with_retention(kept).now = T0 + LATER
    with counted_statements(kept.database) as alone:
        await forget_overdue(kept.process())
    for _ in range(3):
        await closed_case(kept)
    kept.now = T0 + LATER
    with counted_statements(kept.database) as three:
        assert await forget_overdue(kept.process()) == {Period.WORDS: 3}
    assert len(three) <= 3 * len(alone)
    assert len(alone) < 400
    assert first == 1


async def test_people_read_in_both_languages_that_the_texts_were_deleted(kept: Stage) -> None:
    number = await closed_case(kept)
    with_retention(kept).now = T0 + LATER
    await forget_overdue(kept.process())
    async with kept.database.read() as session:
        facts = await load_case(session, await session.get_one(Case, number), kept.now)
    entries = [timeline_facts(row) for row in await kept.timeline(number)]
    words = {
        Language.ENGLISH: "deleted by rule on",
        Language.GREEK: "διαγράφηκαν βάσει κανόνα στις",
    }
    for language, said in words.items():
        card = repr(case_card(facts, language))
        assert said in card
        assert "2028" in card
        shown = repr(timeline_answer(facts, entries, 1, 1, language))
        assert MARKER not in card + shown
        assert "[…]" in shown


async def test_the_figures_of_a_year_are_the_same_before_and_after(keeper: Keeper) -> None:
    await build_year(keeper.database, 60)
    services = test_year.services(keeper.database)
    assert test_year.Q3 is not None
    before = await read_report(services, test_year.Q3, money=True)
    stage = Stage(keeper.database, replace(services.policy, retention=TWO_YEARS), NOW + LATER)
    while await seal_records(stage):
        pass
    done = await forget_overdue(stage.process(), most=None)
    assert done[Period.WORDS] > 20
    assert await read_report(services, test_year.Q3, money=True) == before
    assert (await prove_records(keeper.database, stage.now)).findings == []
    async with keeper.database.engine.begin() as connection:  # and read anew, by clocks and record
        await connection.execute(update(Case).values(version=Case.version + 1))
    assert await read_report(services, test_year.Q3, money=True) == before
    assert stage.policy.retention == Retention(case_months=24)
