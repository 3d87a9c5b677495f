"""Of a case whose time is over no word is left, in no table; its facts are as they were."""

from bot.audit.proof import prove_records
from bot.audit.sealing import seal_records
from bot.compliance.rounds import forget_overdue
from bot.rules.compliance.columns import HOLDINGS
from bot.rules.compliance.retention import Period
from storage.models import Case, Forgotten, Problem
from tests.bot.compliance.old_cases import (
    GONE,
    LATER,
    MARKER,
    closed_case,
    dump,
    fill,
    let_go,
    with_retention,
)
from tests.bot.stage import EMMA, T0, Stage


async def old_problem(stage: Stage, number: int) -> int:
    """A problem that was resolved at T0."""
    await stage.add(
        Problem(title=MARKER, known=MARKER, severity=2, state="resolved", owner=EMMA,
                cycle_began_at=T0, opened_by=EMMA, opened_at=T0, resolved_at=T0),
    )  # fmt: skip
    return max(row.number for row in await stage.rows(Problem))


async def test_a_marker_in_every_column_of_words_is_nowhere_afterwards(kept: Stage) -> None:
    number = await closed_case(kept)
    problem = await old_problem(kept, number)
    filled = await fill(kept, number, problem)
    assert filled == {(h.name, c) for h in HOLDINGS.values() for c in h.holding(GONE)}
    await let_go(kept)
    await seal_records(kept)
    before = await dump(kept)
    assert {t for t, rows in before.items() if MARKER in rows} == {table for table, _ in filled}
    with_retention(kept).now = T0 + LATER
    newest = await kept.opened(customer="Beta")
    await let_go(kept)
    await seal_records(kept)
    assert await forget_overdue(kept.process()) == {Period.WORDS: 2}
    await seal_records(kept)
    left = {t: rows for t, rows in (await dump(kept)).items() if MARKER in rows}
    assert left == {}
    verdict = await prove_records(kept.database, kept.now)
    assert verdict.findings == []
    case = await kept.case(number)
    assert (case.customer, case.severity, case.status) == ("Acme Hellas", 2, "dismissed")
    assert case.forgotten_at == kept.now
    assert (await kept.case(newest)).forgotten_at is None
    did = [(row.verb, row.case_number, row.problem) for row in await kept.rows(Forgotten)]
    assert did == [
        ("forget_words", number, None), ("forgot_words", number, None),
        ("forget_words", None, problem), ("forgot_words", None, problem),
    ]  # fmt: skip


async def test_what_was_forgotten_is_not_looked_at_again(kept: Stage) -> None:
    number = await closed_case(kept)
    with_retention(kept).now = T0 + LATER
    assert await forget_overdue(kept.process()) == {Period.WORDS: 1}
    assert await forget_overdue(kept.process()) == {}
    assert len(await kept.rows(Forgotten, case_number=number)) == 2


async def test_without_a_rule_nothing_goes(kept: Stage) -> None:
    await closed_case(kept)
    before = await dump(kept)
    kept.now = T0 + LATER * 10
    assert await forget_overdue(kept.process()) == {}
    assert await dump(kept) == before


async def test_a_case_that_ended_lately_or_goes_on_stays(kept: Stage) -> None:
    open_case = await kept.opened()
    lately = await closed_case(kept)
    before = {n: await kept.case(n) for n in (open_case, lately)}
    with_retention(kept).now = T0 + LATER / 2
    assert await forget_overdue(kept.process()) == {}
    assert {n: await kept.case(n) for n in before} == before
    assert isinstance(before[lately], Case)
