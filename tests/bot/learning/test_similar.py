"""What worked before: which cases are found by whom, who is told when, and what using it does."""

from datetime import timedelta

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.learning.queries import LearningReading
from bot.rules.lifecycle import OPEN
from bot.rules.words import Language
from messages.learning.similar import similar_answer
from storage.models import Affected, KnownIssue, Problem, SolvedWord, WorkedThen
from tests.bot.stage import ANNA, BILL, EMMA, LEAH, STRANGER, TINA, Stage
from tests.statements import counted_statements

STAKE = "Card payments time out at the gateway"
WORKED = "Restarted the payment gateway and drained the queue"


def reading(stage: Stage) -> LearningReading:
    """The queries, at this moment."""
    return LearningReading(stage.process(), Reading(stage.process()))


async def solved(stage: Stage, stake: str = STAKE, note: str = WORKED, **fields: object) -> int:
    """A solved case of which the sweep has read the words."""
    number = await stage.investigating(stake=stake, **fields)
    await end(stage, number, note)
    return number


async def end(stage: Stage, number: int, note: str = WORKED) -> None:
    """Resolve a case, to the comfort of its technical lead, and let the sweep read its words."""
    await stage.resolve(number, note=note)
    if "technical_lead" in await stage.roles(number):
        await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    await stage.sweep()


async def found(stage: Stage, words: str, who: str = EMMA, number: int | None = None) -> list[int]:
    """The numbers that the search answers, best first."""
    _, cases = await reading(stage).similar(who, number, words)
    return [each.number for each in cases]


async def heard(stage: Stage, number: int) -> list[str]:
    """Who is told what worked then, now that time has passed."""
    await stage.sweep()
    return [each.to for each in await stage.said(number) if each.text == "notice:worked_then"]


async def test_a_solved_case_is_found_by_its_words_in_any_form(stage: Stage) -> None:
    number = await solved(stage)
    greek = await solved(stage, "Οι πληρωμές με κάρτα αποτυγχάνουν", "Επανεκκίνηση της πύλης")
    assert await found(stage, "PAYMENT gateways") == [number]
    assert await found(stage, "πληρωμη καρτας") == [greek]
    assert await found(stage, "drained the queues") == [number]
    assert await found(stage, "nothing alike whatsoever") == []


async def test_the_rarest_words_go_first_and_at_most_three_are_shown(stage: Stage) -> None:
    for _ in range(4):
        await solved(stage, "Export fails for reports", "Raised the limit")
    best = await solved(stage, "Export fails with Zeppelin", "Raised the limit of Zeppelin")
    numbers = await found(stage, "export fails zeppelin limit")
    assert numbers[0] == best
    assert len(numbers) == 3


async def test_two_statements_answer_it(stage: Stage) -> None:
    await solved(stage)
    with counted_statements(stage.database) as seen:
        assert await found(stage, STAKE)
    assert len([each for each in seen if each.startswith("SELECT")]) == 2


async def test_an_open_or_reopened_or_restricted_case_is_never_found(stage: Stage) -> None:
    await stage.investigating(stake=STAKE)
    assert await found(stage, STAKE) == []
    number = await solved(stage)
    await stage.do(EMMA, "reopen", number, reason="It is back")
    assert await found(stage, STAKE) == [], "before the words are read anew"
    await stage.sweep()
    assert await stage.rows(SolvedWord) == []
    await end(stage, number)
    assert await found(stage, STAKE) == [number]
    await stage.do(EMMA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    assert await stage.rows(SolvedWord) == [], "in the same transaction"
    for who in (EMMA, ANNA, LEAH):
        assert await found(stage, STAKE, who) == []


async def test_only_those_who_may_read_cases_find_them(stage: Stage) -> None:
    await solved(stage)
    assert await found(stage, STAKE, BILL) != []
    assert await found(stage, STAKE, STRANGER) == []
    hidden = await stage.opened(stake="Secret", sensitive=True)
    with pytest.raises(UserError, match="no_such_case"):
        await found(stage, "", BILL, hidden)
    with pytest.raises(UserError, match="what_to_look_for"):
        await found(stage, "")


async def test_known_issues_that_its_customer_waits_for_are_words_of_a_case(stage: Stage) -> None:
    number = await solved(stage)
    await stage.add(
        Problem(number=9, title="Zeppelin import hangs", owner=EMMA, opened_by=EMMA, severity=3,
                opened_at=stage.now, changed_at=stage.now, state="known",
                cycle_began_at=stage.now),
    )  # fmt: skip
    await stage.add(
        KnownIssue(number=9, workaround="Upload by hand"),
        Affected(problem=9, folded="acme", customer="Acme", case_number=number,
                 said_by=EMMA, said_at=stage.now),
    )  # fmt: skip
    assert await found(stage, "zeppelin import") == []
    await stage.do(EMMA, "edit_issue", problem=9, owner=EMMA, title="Zeppelin import",
                   workaround="Upload in Zeppelin by hand")  # fmt: skip
    await stage.sweep()
    assert await found(stage, "zeppelin import") == [number]
    await stage.do(EMMA, "edit_issue", problem=9, owner=TINA, title="Zeppelin import",
                   workaround="Upload in Zeppelin by hand")  # fmt: skip
    assert (await stage.case(number)).learn_at is None, "its words are as they were"


async def test_a_solved_case_that_is_linked_to_a_known_issue_has_its_words(stage: Stage) -> None:
    number = await solved(stage)
    await stage.add(
        Problem(number=9, title="Zeppelin import hangs", owner=EMMA, opened_by=EMMA, severity=3,
                opened_at=stage.now, changed_at=stage.now, cycle_began_at=stage.now),
    )  # fmt: skip
    await stage.add(KnownIssue(number=9, workaround="Upload by hand"))
    await stage.do(EMMA, "link_case", number, problem=9)
    await stage.sweep()
    assert await found(stage, "zeppelin import") == [number]


async def test_the_technical_lead_is_told_at_opening_and_half_way_the_same_only_once(
    stage: Stage,
) -> None:
    first = await solved(stage)
    number = await stage.claimed(stake="Payments time out, the gateway is slow", severity=2)
    await stage.said(number)
    assert await heard(stage, number) == [], "a lead may still be named"
    stage.later(minutes=3)
    await stage.sweep()
    [told] = [each for each in await stage.said(number) if each.text == "notice:worked_then"]
    assert told.to == TINA
    assert [each["other"] for each in told.extra["solved"]] == [first]
    clock = await stage.clock(number, "workaround")
    assert clock is not None
    assert clock.due is not None
    half = clock.started_at + (clock.due - clock.started_at) / 2
    assert (await stage.case(number)).similar_at == half
    second = await solved(stage, "Gateway payments time out again", "Moved to the other region")
    stage.now = half + timedelta(minutes=1)
    await stage.sweep()
    [again] = [each for each in await stage.said(number) if each.text == "notice:worked_then"]
    assert [each["other"] for each in again.extra["solved"]] == [second], "not the first again"
    [kept] = await stage.rows(WorkedThen, case_number=number)
    assert kept.told == {TINA: [first, second]}
    assert (await stage.case(number)).similar_at is None


async def test_without_a_lead_the_channel_reads_how_many_and_nothing_of_them(
    stage: Stage,
) -> None:
    await solved(stage)
    number = await stage.opened(stake="Payments time out at our gateway", severity=4)
    stage.later(minutes=3)
    await stage.sweep()
    [told] = [each for each in await stage.said(number) if each.text == "notice:worked_then"]
    assert (told.to, told.extra["count"]) == ("post", 1)
    assert "solved" not in told.extra


async def test_nobody_hears_of_nothing_or_of_a_case_that_has_its_workaround(stage: Stage) -> None:
    number = await stage.opened(stake="Nothing like it was ever seen")
    stage.later(minutes=3)
    assert await heard(stage, number) == []
    await solved(stage)
    other = await stage.investigating(stake=STAKE)
    await stage.update(other, kind="workaround", workaround="Pay by transfer")
    stage.later(minutes=3)
    assert await heard(stage, other) == []


async def test_what_is_used_is_recorded_fills_the_form_and_can_be_taken_back(
    stage: Stage,
) -> None:
    first = await solved(stage)
    number = await stage.investigating(stake=STAKE)
    answer = await stage.do(BILL, "try_solution", number, other=first)
    assert answer is not None
    assert answer["extra"]["place"] == f"ESC-{first}"
    assert (await stage.last(number)).after == {"tried": first}
    assert await reading(stage).tried(number) == WORKED
    _, [shown] = await reading(stage).similar(BILL, number, "")
    assert shown.tried
    await stage.do(EMMA, "executive_flag", first, trigger="legal", reason="Their lawyer wrote")
    assert await reading(stage).tried(number) == "", "restricted since"
    await stage.do(BILL, "drop_solution", number)
    assert (await stage.last(number)).verb == "drop_solution"
    with pytest.raises(UserError, match="nothing_tried"):
        await stage.do(BILL, "drop_solution", number)


async def test_only_what_is_solved_and_public_can_be_used(stage: Stage) -> None:
    first = await solved(stage)
    number = await stage.investigating(stake=STAKE)
    for other in (number, 999, await stage.opened(stake=STAKE)):
        with pytest.raises(UserError, match="no_such_solution"):
            await stage.do(BILL, "try_solution", number, other=other)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, "try_solution", number, other=first)
    await stage.do(EMMA, "executive_flag", first, trigger="legal", reason="Their lawyer wrote")
    with pytest.raises(UserError, match="no_such_solution"):
        await stage.do(EMMA, "try_solution", number, other=first)


@pytest.mark.parametrize("language", Language)
async def test_the_answer_offers_to_use_it_while_the_case_is_open(
    stage: Stage, language: Language
) -> None:
    await solved(stage)
    number = await stage.investigating(stake=STAKE)
    case, cases = await reading(stage).similar(EMMA, number, "")
    assert case is not None
    assert case.status in OPEN
    answer = similar_answer(case, cases, "", language)
    ids = [e["action_id"] for b in answer.blocks if b["type"] == "actions" for e in b["elements"]]
    assert ids == ["do:try_solution#1", "show:show#1"]
    assert WORKED in answer.text
    assert similar_answer(None, (), "zeppelin", language).text.count("zeppelin") == 1
