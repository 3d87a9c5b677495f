"""A private channel for Legal: who opens it, who is in it, when it ends, and when it is lost."""

from typing import Any

import pytest

from bot.core.reactions import CaseClosed, react
from bot.errors import UserError
from bot.legal.room import look_after_rooms, lose_room
from bot.rules.states import LegalRoomState
from bot.rules.words import Status
from storage.models import Case, LegalRoom, Outbox
from tests.bot.policies import policy
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EXEC, LAWYER, ROLES, Stage

S = LegalRoomState
KINDS = ["legal_channel", "legal_people", "legal_post"]


async def threatened(stage: Stage) -> int:
    """A case whose customer threatens legal action."""
    number = await stage.claimed()
    await stage.do(ANNA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    await stage.said(number)
    return number


async def room_of(stage: Stage, number: int) -> LegalRoom:
    """The case's room."""
    (room,) = await stage.rows(LegalRoom, case_number=number)
    return room


async def queued(stage: Stage, number: int) -> list[Outbox]:
    """What is queued of it, in order."""
    rows = await stage.rows(Outbox, case_number=number)
    return [row for row in rows if row.kind.startswith("legal_")]


async def opened(stage: Stage, number: int, who: str = EMMA, **fields: Any) -> LegalRoom:
    """A room that Slack has made."""
    await stage.do(who, "open_legal_room", number, **fields)
    room = await room_of(stage, number)
    room.state, room.channel_id, room.channel_name = S.OPEN, "C0LEGAL", f"esc-{number}-legal"
    await stage.add(room)
    return room


async def test_it_is_opened_for_lawyers_owner_and_who_opened_it(stage: Stage) -> None:
    number = await threatened(stage)
    await stage.do(EMMA, "open_legal_room", number)
    room = await room_of(stage, number)
    owner = (await stage.case(number)).owner
    assert room.state is S.WANTED
    assert set(room.invited["users"]) == {EMMA, LAWYER, EXEC, owner}
    rows = await queued(stage, number)
    assert [row.kind for row in rows] == ["legal_channel", "legal_people", "legal_post"]
    assert {row.lane for row in rows} == {f"case:{number}:legal"}
    assert (await stage.last(number)).verb == "open_legal_room"
    assert "post" not in await stage.heard(number)  # the case's channel is told nothing


async def test_who_is_in_it_already_is_not_invited_again(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number)
    before = len(await queued(stage, number))
    await stage.do(LAWYER, "open_legal_room", number)
    assert len(await queued(stage, number)) == before
    await stage.do(LAWYER, "open_legal_room", number, user=ANNA)
    (row,) = (await queued(stage, number))[before:]
    assert (row.kind, row.payload["users"]) == ("legal_people", [ANNA])
    entry = await stage.last(number)
    assert (entry.verb, entry.after) == ("join_legal_room", {"user": ANNA})


async def test_what_is_not_legal_has_none_and_strangers_do_not_come_in(stage: Stage) -> None:
    plain = await stage.claimed()
    with pytest.raises(UserError, match="no_legal_question"):
        await stage.do(EMMA, "open_legal_room", plain)
    number = await threatened(stage)
    with pytest.raises(UserError, match="not_on_legal_case"):
        await stage.do(EMMA, "open_legal_room", number, user="USTRANGER")
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(ANNA, "open_legal_room", number)
    with pytest.raises(UserError):
        await stage.do(BILL, "open_legal_room", number)
    assert await stage.rows(LegalRoom) == []


async def test_without_legal_there_is_nobody_to_talk_to(stage: Stage) -> None:
    stage.policy = policy({role: who for role, who in ROLES.items() if role != "legal"})
    number = await threatened(stage)
    with pytest.raises(UserError, match="no_lawyer_here"):
        await stage.do(EMMA, "open_legal_room", number)


async def end(stage: Stage, number: int) -> None:
    """The case is closed, as whoever closes it says."""
    async with stage.database.write() as session:
        work = stage.work(session)
        case: Case = await work.case(number)
        case.status = Status.CLOSED
        session.add(case)
        await react(work, CaseClosed(case))


async def test_it_ends_with_the_case_once_nothing_is_held(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number)
    await end(stage, number)
    assert (await room_of(stage, number)).state is S.OPEN  # the hold outlives the case
    await stage.do(LAWYER, "end_legal_hold", number, reason="Settled")
    assert (await room_of(stage, number)).state is S.ENDED
    assert [row.kind for row in await queued(stage, number)] == [*KINDS, "legal_archive"]
    with pytest.raises(UserError, match="no_legal_question"):
        await stage.do(EMMA, "open_legal_room", number)


async def test_where_the_hold_ended_first_it_ends_with_the_case(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number)
    await stage.do(LAWYER, "end_legal_hold", number, reason="Settled")
    assert (await room_of(stage, number)).state is S.OPEN
    await end(stage, number)
    assert (await room_of(stage, number)).state is S.ENDED


async def test_a_room_that_is_lost_is_told_of_once_and_another_can_be_opened(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number)
    await stage.said(number)
    for _ in range(2):
        async with stage.database.write() as session:
            await look_after_rooms(stage.work(session), [number], {number})
    told = [e.to for e in await stage.said(number) if e.text == "notice:legal_room_lost"]
    assert sorted(told) == sorted(set(told))
    assert {LAWYER, EMMA} <= set(told)
    assert (await room_of(stage, number)).state is S.LOST
    await stage.do(LAWYER, "open_legal_room", number)
    room = await room_of(stage, number)
    assert (room.state, room.channel_id, room.opened_by) == (S.WANTED, None, LAWYER)


async def test_a_new_owner_is_brought_in(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number)
    async with stage.database.write() as session:
        case = await session.get_one(Case, number)
        case.owner = DORA
        session.add(case)
    async with stage.database.write() as session:
        await look_after_rooms(stage.work(session), [number], set())
    assert DORA in (await room_of(stage, number)).invited["users"]
    assert (await queued(stage, number))[-1].payload["users"] == [DORA]


async def look(stage: Stage, number: int, owner: str) -> list[str]:
    """Give the case to somebody, and look after its room; answers who is taken out."""
    async with stage.database.write() as session:
        case = await session.get_one(Case, number)
        case.owner = owner
        session.add(case)
    async with stage.database.write() as session:
        await look_after_rooms(stage.work(session), [number], set())
    rows = [row for row in await queued(stage, number) if row.kind == "legal_leave"]
    return [user for row in rows for user in row.payload["users"]]


async def test_a_former_owner_is_taken_out_once_and_comes_back_with_the_case(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number, LAWYER)
    assert EMMA in (await room_of(stage, number)).invited["users"]
    assert await look(stage, number, DORA) == [EMMA]
    assert await look(stage, number, DORA) == [EMMA]
    assert EMMA not in (await room_of(stage, number)).invited["users"]
    assert await look(stage, number, EMMA) == [EMMA, DORA]
    last = [row for row in await queued(stage, number) if row.kind == "legal_people"][-1]
    assert last.payload["users"] == [EMMA]


async def test_who_opened_it_or_was_brought_in_by_name_stays(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number)  # by Emma, who owns the case
    await stage.do(LAWYER, "open_legal_room", number, user=ANNA)
    assert await look(stage, number, DORA) == []
    assert {EMMA, ANNA, LAWYER, DORA} <= set((await room_of(stage, number)).invited["users"])


async def test_nobody_is_taken_out_of_a_room_that_did_not_tell_guests_apart(stage: Stage) -> None:
    number = await threatened(stage)
    await opened(stage, number, LAWYER)
    async with stage.database.write() as session:
        room = await session.get_one(LegalRoom, number)
        room.invited = {"users": room.invited["users"]}
        session.add(room)
    assert await look(stage, number, DORA) == []


async def test_what_slack_does_not_make_is_told_with_its_reason(stage: Stage) -> None:
    number = await threatened(stage)
    await stage.do(EMMA, "open_legal_room", number)
    await stage.said(number)
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await work.case(number)
        await lose_room(work, case, await session.get_one(LegalRoom, number), "restricted_action")
    told = [e for e in await stage.said(number) if e.text == "notice:legal_room_lost"]
    assert {e.extra["code"] for e in told} == {"restricted_action"}
