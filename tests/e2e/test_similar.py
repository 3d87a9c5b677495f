"""What worked before, in Slack: the technical lead is told, uses it, and the form has it."""

import pytest

from tests.e2e.office import HOUR, KATE, TOMAS, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
MINUTE = HOUR / 60
ZEPPELIN = "Zeppelin imports hang since the gateway was moved"


async def solve_one(desk: Office) -> int:
    """A solved case about a Zeppelin, of which the words are read."""
    number = await desk.stage("resolved", stake=ZEPPELIN)
    await desk.pass_time(MINUTE)
    return number


async def test_the_lead_reads_what_worked_uses_it_and_takes_it_back(desk: Office) -> None:
    solved = await solve_one(desk)
    number = await desk.stage("investigating", stake="Zeppelin hangs at every import")
    await desk.pass_time(HOUR)
    told = next(m for m in reversed(desk.dms(TOMAS)) if "show:similar" in str(m.blocks))
    assert f"ESC-{solved}" in told.text
    assert "A certificate had expired" in told.text
    await desk.press(TOMAS, told, "do:try_solution")
    assert (TOMAS, "try_solution") in await desk.done(number)
    shown = desk.answers(TOMAS)[-1]
    assert f"ESC-{solved}" in shown.text
    await desk.press(TOMAS, shown, "ask:update")
    assert "A certificate had expired" in str(desk.form(TOMAS).payload)
    await desk.close_forms(TOMAS)
    await desk.press(TOMAS, shown, "do:drop_solution")
    assert (TOMAS, "drop_solution") in await desk.done(number)


async def test_whoever_looks_finds_it_by_words_in_any_channel(desk: Office) -> None:
    solved = await solve_one(desk)
    await desk.command(KATE, "similar zeppelin importers")
    assert f"ESC-{solved}" in "\n".join(texts_of(desk.answers(KATE)[-1].blocks))
    await desk.command(KATE, "παρόμοιες zeppelin")
    assert f"ESC-{solved}" in "\n".join(texts_of(desk.answers(KATE)[-1].blocks))
    await desk.command(KATE, "similar nothing whatsoever alike")
    assert "No solved case is like it" in desk.answers(KATE)[-1].text
    await desk.command(KATE, "similar")
    assert "What shall we look for" in desk.answers(KATE)[-1].text
