"""What a transaction has read of a case in hand is never older than what it wrote itself."""

import pytest
from sqlmodel import col, delete, select

from bot.core.access import on_case, role_holders
from bot.core.steps import give_role
from bot.engine.actors import Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.sla import EventKind
from bot.rules.words import ClockKind, Role
from bot.sla import clock_history, clocks
from storage.in_hand import held_case, rows_about
from storage.models import Ask, Case, CaseRole, ClockEvent
from tests.bot.at_once import at_once, use_case
from tests.bot.stage import ANNA, EMMA, EXEC, TINA, TOM, Stage


async def in_hand(work: UnitOfWork, number: int) -> Case:
    """The case, with its people, clocks and questions read."""
    case = await work.case(number)
    for model in (CaseRole, ClockEvent, Ask):
        await rows_about(work.session, model, number)
    return case


async def test_what_was_read_before_the_lock_is_what_another_transaction_left_once_it_is_had(
    stage: Stage,
) -> None:
    number = await stage.opened()

    async def looks_then_locks() -> str:
        async with stage.database.write() as session:
            seen = await session.get_one(Case, number)
            locked = await stage.work(session).case(number)
            assert seen is locked
            return locked.status

    assert await at_once(stage, use_case("claim", number), looks_then_locks()) == "acknowledged"


async def test_a_role_given_after_the_first_look_is_seen_by_the_next(stage: Stage) -> None:
    number = await stage.claimed()
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await in_hand(work, number)
        await give_role(work, case, Role.TECHNICAL_LEAD, TOM)

        assert (await role_holders(session, case))[Role.TECHNICAL_LEAD] == TOM
        await session.flush()
        assert (await role_holders(session, case))[Role.TECHNICAL_LEAD] == TOM
        await give_role(work, case, Role.TECHNICAL_LEAD, TINA)
        assert (await role_holders(session, case))[Role.TECHNICAL_LEAD] == TINA
    assert (await stage.roles(number))["technical_lead"] == TINA


async def test_a_clock_that_stops_after_the_first_look_does_not_run_any_more(
    stage: Stage,
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await in_hand(work, number)
        assert await clock_history.is_running(work, case, ClockKind.ACKNOWLEDGE)
        await clocks.stop_clock(work, case, ClockKind.ACKNOWLEDGE)

        assert not await clock_history.is_running(work, case, ClockKind.ACKNOWLEDGE)
    assert "acknowledge" not in await stage.running(number)


async def test_events_have_their_numbers_as_soon_as_they_are_asked_for(stage: Stage) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await in_hand(work, number)
        before = await clock_history.newest_event(work, case)
        await clocks.append_event(work, case, EventKind.AGENT_PUBLIC)
        after = await clock_history.events_since(work, case, before)

        assert after == [await clock_history.newest_event(work, case)]
        await clocks.withdraw_events(work, case, after)
    stored = await stage.rows(ClockEvent, case_number=number)
    assert [e.kind for e in stored if e.id >= after[0]] == ["agent_public", clock_history.WITHDRAWN]


async def test_what_is_asked_after_the_first_look_opens_a_case_to_whom_it_is_asked_of(
    stage: Stage,
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await in_hand(work, number)
        assert not await on_case(session, case, EXEC)
        session.add(
            Ask(
                case_number=number, asked_of=EXEC, asked_by=ANNA, question="May we?",
                asked_at=work.now,
            )
        )  # fmt: skip

        assert await on_case(session, case, EXEC)


async def test_what_a_statement_or_the_session_deletes_is_gone_at_the_next_look(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    async with stage.database.write() as session:
        case = await in_hand(stage.work(session), number)
        (lead, *_) = [r for r in await rows_about(session, CaseRole, number) if r.role == "csm"]
        await session.delete(lead)
        assert Role.CSM not in await role_holders(session, case)
        await session.flush()
        assert Role.CSM not in await role_holders(session, case)

        await session.exec(delete(CaseRole).where(col(CaseRole.case_number) == number))
        assert await role_holders(session, case) == {}


async def test_a_merged_row_is_seen_though_it_joined_the_session_before_it_was_filled(
    stage: Stage,
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        case = await in_hand(stage.work(session), number)
        await session.merge(
            CaseRole(case_number=number, role="legal", user_id=EMMA, since=stage.now)
        )

        assert (await role_holders(session, case))[Role.LEGAL] == EMMA


async def test_a_savepoint_that_is_rolled_back_takes_what_was_read_in_it_along(
    stage: Stage,
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        work = stage.work(session)
        savepoint = await session.begin_nested()
        await give_role(work, await in_hand(work, number), Role.LEGAL, EMMA)
        await savepoint.rollback()

        assert held_case(session, number) is None
        case = await work.case(number)
        assert Role.LEGAL not in await role_holders(session, case)


async def test_a_second_unit_of_work_sees_nothing_of_what_the_first_had_in_hand(
    stage: Stage,
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        await in_hand(stage.work(session), number)
    async with stage.database.write() as other:
        row = CaseRole(case_number=number, role="legal", user_id=EMMA, since=stage.now)
        other.add(row)
    async with stage.database.write() as session:
        assert held_case(session, number) is None
        case = await stage.work(session).case(number)
        assert (await role_holders(session, case))[Role.LEGAL] == EMMA


async def test_after_its_commit_a_session_has_nothing_in_hand(stage: Stage) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        await in_hand(stage.work(session), number)

    assert held_case(session, number) is None


async def test_of_a_case_that_is_not_locked_every_look_is_a_query(stage: Stage) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        case = (await session.exec(select(Case).where(col(Case.number) == number))).one()
        before = await role_holders(session, case)
        row = CaseRole(case_number=number, role="legal", user_id=EMMA, since=stage.now)
        session.add(row)

        assert (await role_holders(session, case)) == before | {Role.LEGAL: EMMA}


async def test_events_of_one_instant_count_in_the_order_in_which_they_were_added(
    stage: Stage,
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await in_hand(work, number)
        kinds = [EventKind.AGENT_PUBLIC, EventKind.CUSTOMER_MESSAGE] * 10
        for kind in kinds:
            await clocks.append_event(work, case, kind)
        await session.flush()
        kept = [e.kind for e in await rows_about(session, ClockEvent, number)]

        assert kept[-len(kinds) :] == kinds
    stored = await stage.rows(ClockEvent, case_number=number)
    assert [e.kind for e in stored[-len(kinds) :]] == kinds


async def test_what_hangs_on_a_case_that_is_not_locked_is_not_stored(stage: Stage) -> None:
    number = await stage.claimed()
    before = await stage.roles(number)

    async def give_without_lock() -> None:
        async with UnitOfWork.begin(stage.services(), Actor(TOM, "test")) as work:
            case = await work.session.get_one(Case, number)
            await give_role(work, case, Role.TECHNICAL_LEAD, TOM)

    with pytest.raises(RuntimeError, match="without the lock"):
        await give_without_lock()
    assert await stage.roles(number) == before


async def test_a_case_that_the_sweep_has_locked_is_in_hand(stage: Stage) -> None:
    number = await stage.claimed()
    async with UnitOfWork.begin(stage.services(), Actor(TOM, "test")) as work:
        case = await work.session.get_one(Case, number, with_for_update=True)
        work.take_locked([case])
        assert held_case(work.session, number) is case
