"""A question to an executive: who can be asked, by when, who stands in, how it is taken back."""

from datetime import datetime, timedelta

import pytest

from bot.errors import UserError
from storage.models import Absence, Ask
from tests.bot.stage import BILL, CARL, EMMA, EXEC, EXTRA, LEAH, TINA, Stage


async def asked(stage: Stage, **fields: object) -> int:
    number = await stage.claimed()
    await stage.in_channel(number)
    given = {"user": EXEC, "question": "May we call their board?"}
    await stage.do(EMMA, "ask_executive", number, **{**given, **fields})
    return number


async def only(stage: Stage) -> Ask:
    return (await stage.rows(Ask))[0]


async def absent(stage: Stage, user: str, deputy: str | None) -> None:
    await stage.add(
        Absence(
            user_id=user, begins=stage.now, ends=stage.now + timedelta(days=9), deputy=deputy,
            note="", noted_by=user, noted_at=stage.now,
        )
    )  # fmt: skip


@pytest.mark.parametrize("who", [LEAH, TINA, BILL])
async def test_only_an_executive_can_be_asked(stage: Stage, who: str) -> None:
    with pytest.raises(UserError, match="not_an_executive"):
        await asked(stage, user=who)


async def test_an_answer_cannot_be_due_in_the_past(stage: Stage) -> None:
    with pytest.raises(UserError, match="answer_in_past"):
        await asked(stage, answer_by=stage.now - timedelta(hours=1))


async def test_it_is_reminded_of_before_it_is_due_and_then_another_is_asked(stage: Stage) -> None:
    number = await asked(stage, answer_by=stage.now + timedelta(hours=4))
    await stage.said(number)
    heard: list[list[tuple[str, str]]] = []
    for _ in range(2):
        due = (await only(stage)).next_at
        assert isinstance(due, datetime)
        stage.now = due
        await stage.sweep()
        said = [(s.to, s.text) for s in await stage.said(number) if "ask" in s.text]
        heard.append([(to, text.removeprefix("notice:")) for to, text in said])
    assert heard == [
        [(EXEC, "ask_waits")],
        [(EXTRA, "ask_executive"), (EMMA, "ask_unanswered")],
    ]
    await stage.do(EXTRA, "answer_ask", number, ask=1, approve=True, remark="Do it")
    found = await only(stage)
    assert (found.answer, found.remark, found.next_at) == ("approve", "Do it", None)
    assert (await stage.last(number)).why == "Do it"


async def test_the_deputy_of_one_who_is_away_is_asked(stage: Stage) -> None:
    await absent(stage, EXEC, CARL)
    number = await asked(stage)
    assert (await only(stage)).deputy == CARL  # at once
    assert (await stage.heard(number))[CARL] == ["ask_executive"]
    await stage.do(CARL, "answer_ask", number, ask=1, approve=False, remark="Not now")
    assert (await only(stage)).answer == "decline"


async def test_who_goes_away_after_being_asked_is_stood_in_for_with_the_reminder(
    stage: Stage,
) -> None:
    number = await asked(stage, answer_by=stage.now + timedelta(hours=4))
    await stage.said(number)
    await absent(stage, EXEC, CARL)
    stage.later(hours=3)
    await stage.sweep()
    assert (await only(stage)).deputy == CARL
    heard = await stage.heard(number)
    assert heard[CARL] == ["ask_executive"]
    assert EXEC not in heard


async def test_a_withdrawn_question_is_over_for_whoever_was_asked(stage: Stage) -> None:
    number = await asked(stage)
    await stage.said(number)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(BILL, "withdraw", number, what="ask", reason="x")
    await stage.do(EMMA, "withdraw", number, what="ask:1", reason="Solved")
    found = await only(stage)
    assert (found.answer, found.next_at) == ("withdrawn", None)
    drawn = [s.row.payload for s in await stage.said(number) if s.kind == "pages"]
    assert [p["texts"] for p in drawn] == [["notice:ask_executive"]]
    assert drawn[0]["about"] == {"ask": 1}
    with pytest.raises(UserError, match="ask_answered"):
        await stage.do(EXEC, "answer_ask", number, ask=1, approve=True)
    with pytest.raises(UserError, match="nothing_to_withdraw"):
        await stage.do(EMMA, "withdraw", number, what="ask", reason="x")
