"""What a look finds is stored and told once; what repairs it is queued in order."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.drift import detect as drift
from bot.errors import UserError
from bot.rules.drift import Seen
from bot.rules.words import Drift
from storage.models import Outbox
from tests.bot.stage import ANNA, CARL, DORA, EMMA, STRANGER, TINA, Stage

FINE = Seen(
    name="esc-1-acme",
    topic="ESC-1",
    card=True,
    pinned=True,
    members=frozenset({ANNA, EMMA, TINA}),
)


async def shown(stage: Stage) -> int:
    """A case in work whose channel, topic and card are there."""
    number = await stage.investigating()
    await stage.in_channel(number)
    async with stage.database.write() as session:
        case = await stage.work(session).case(number)
        case.channel_name, case.topic, case.card_ts = "esc-1-acme", "ESC-1", "1.0"
        session.add(case)
    stage.later(minutes=1)
    return number


async def look(stage: Stage, number: int, seen: Seen, mender: str = "") -> None:
    """A look that saw this is over."""
    async with stage.database.write() as session:
        work = stage.work(session)
        await drift.store_findings(work, number, seen, stage.now, mender=mender)


async def differs(stage: Stage, number: int) -> set[str]:
    """What is stored as differing."""
    return set((await stage.case(number)).drift)


async def test_a_difference_is_told_to_the_owner_once(stage: Stage) -> None:
    number = await shown(stage)
    for _ in range(3):
        await look(stage, number, replace(FINE, topic="Lunch"))
    assert await stage.heard(number) == {EMMA: ["drift"]}
    assert await differs(stage, number) == {Drift.TOPIC}
    verbs = [event.verb for event in await stage.timeline(number)]
    assert verbs.count("drift") == 1


async def test_two_looks_at_once_tell_once(stage: Stage) -> None:
    number = await shown(stage)
    seen = replace(FINE, pinned=False)
    await asyncio.gather(*(look(stage, number, seen) for _ in range(4)))
    assert await stage.heard(number) == {EMMA: ["drift"]}


async def test_what_comes_back_after_it_was_right_is_told_again(stage: Stage) -> None:
    number = await shown(stage)
    await look(stage, number, replace(FINE, topic="Lunch"))
    await look(stage, number, FINE)
    assert await differs(stage, number) == set()
    await look(stage, number, replace(FINE, topic="Tea"))
    assert await stage.heard(number) == {EMMA: ["drift", "drift"]}


async def test_another_who_is_missing_is_news_and_one_fewer_is_not(stage: Stage) -> None:
    number = await shown(stage)
    await look(stage, number, replace(FINE, members=frozenset({EMMA})))
    await look(stage, number, replace(FINE, members=frozenset()))
    await look(stage, number, replace(FINE, members=frozenset({EMMA})))
    assert await stage.heard(number) == {EMMA: ["drift", "drift"]}


async def test_what_an_effect_of_ours_is_changing_is_left_as_it_was(stage: Stage) -> None:
    number = await shown(stage)
    await stage.do(EMMA, "severity", number, severity=1, reason="Worse")
    await look(stage, number, replace(FINE, topic="Lunch"))
    assert await differs(stage, number) == set()
    async with stage.database.write() as session:
        for row in await stage.rows(Outbox, case_number=number):
            row.state, row.done_at = "done", stage.now + timedelta(seconds=1)
            await session.merge(row)
    await look(stage, number, replace(FINE, topic="Lunch"))
    assert await differs(stage, number) == set(), "it was set while somebody looked"
    stage.later(minutes=1)
    await look(stage, number, replace(FINE, topic="Lunch"))
    assert await differs(stage, number) == {Drift.TOPIC}


async def test_what_mends_stands_in_one_row_and_a_look_comes_last(stage: Stage) -> None:
    number = await shown(stage)
    seen = Seen(name="lunch", topic="Lunch", card=False, members=frozenset({EMMA}))
    await look(stage, number, seen)
    await stage.said(number)
    await stage.do(EMMA, "mend", number)
    queued = [each.row for each in await stage.said(number)]
    assert [row.kind for row in queued] == ["rename", "topic", "card", "pin", "invite", "look"]
    assert [row.after for row in queued[1:]] == [row.id for row in queued[:-1]]
    assert queued[4].payload == {"users": [TINA]}
    assert (await stage.case(number)).card_ts is None
    await look(stage, number, FINE, EMMA)
    assert len(await differs(stage, number)) == 4, "until the effects have made it right"


async def test_a_new_channel_takes_what_waited_for_the_old_one(stage: Stage) -> None:
    number = await shown(stage)
    await look(stage, number, Seen(Drift.DELETED))
    await stage.do(ANNA, "customer_replied", number, summary="Still down")
    waiting = [each.row.id for each in await stage.said(number) if each.kind == "post"]
    await stage.do(EMMA, "mend", number)
    said = await stage.said(number)
    made = next(each.row for each in said if each.kind == "create_channel")
    rows = {row.id: row for row in await stage.rows(Outbox, case_number=number)}
    assert {rows[each].after for each in waiting} == {made.id}
    assert {EMMA, TINA, ANNA, CARL} <= set(
        next(each.row.payload["users"] for each in said if each.kind == "invite")
    )
    case = await stage.case(number)
    assert (case.channel_id, case.card_ts, case.drift) == (None, None, {})
    await stage.do(ANNA, "customer_replied", number, summary="And again")
    assert {each.row.after for each in await stage.said(number) if each.kind == "post"} == {made.id}


async def test_nothing_is_mended_where_nothing_is_wrong(stage: Stage) -> None:
    number = await shown(stage)
    with pytest.raises(UserError, match="nothing_to_mend"):
        await stage.do(EMMA, "mend", number)


@pytest.mark.parametrize(("who", "may"), [(EMMA, True), (DORA, True), (ANNA, False),
                                          (TINA, False), (STRANGER, False)])  # fmt: skip
async def test_who_may_mend(stage: Stage, who: str, may: bool) -> None:
    number = await shown(stage)
    await look(stage, number, replace(FINE, topic="Lunch"))
    if may:
        await stage.do(who, "mend", number)
    else:
        with pytest.raises(UserError, match="not_your_role"):
            await stage.do(who, "mend", number)


async def test_what_was_refused_is_tried_a_few_times_and_not_for_ever(stage: Stage) -> None:
    number = await shown(stage)
    for attempt in range(5):
        rows = [r for r in await stage.rows(Outbox, case_number=number) if r.kind == "post"]
        async with stage.database.write() as session:
            rows[-1].state, rows[-1].error = "refused", "chat.postMessage: channel_not_found"
            await session.merge(rows[-1])
        await look(stage, number, FINE)
        again = await stage.rows(Outbox, id=rows[-1].id)
        assert (again[0].state == "pending") is (attempt < drift.SAY_AGAIN_MAX)


async def test_after_the_end_nothing_differs(stage: Stage) -> None:
    number = await shown(stage)
    await look(stage, number, replace(FINE, topic="Lunch"))
    await stage.said(number)
    async with stage.database.write() as session:
        case = await stage.work(session).case(number)
        case.status = "closed"
        session.add(case)
    await look(stage, number, Seen(Drift.ARCHIVED))
    assert await differs(stage, number) == set()
    assert await stage.heard(number) == {}
