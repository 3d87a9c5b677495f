"""Of several cases that went up in one, a merge is taken back: what the others brought stays."""

from datetime import datetime, timedelta

from bot.customers.incoming import take_customer_message
from bot.intake.sources import Source, find_same_source
from bot.rules.words import ClockKind
from storage.models import Case
from tests.bot.stage import ANNA, BILL, EMMA, Stage

LINK = "https://x.slack.com/p1"


async def raised(stage: Stage, minutes: int, **fields: object) -> tuple[int, datetime]:
    """A case that was raised so many minutes after the one before, and its receipt."""
    stage.later(minutes=minutes)
    return await stage.opened(BILL, **fields), stage.now


async def wrote(stage: Stage, number: int) -> datetime:
    """The customer writes to a case; when."""
    async with stage.database.write() as session:
        work = stage.work(session)
        await take_customer_message(work, await work.case(number), stage.now, "Still nothing")
    return stage.now


async def due(stage: Stage, number: int) -> datetime:
    """When the case is to be resolved."""
    clock = await stage.clock(number, ClockKind.RESOLUTION)
    assert clock is not None
    assert clock.due is not None
    return clock.due


async def test_the_earliest_of_those_that_stay_counts_whichever_is_taken_back(
    stage: Stage,
) -> None:
    first, at_first = await raised(stage, 0)
    second, at_second = await raised(stage, 10)
    parent, at_parent = await raised(stage, 10)
    own = await due(stage, parent)
    for child in (first, second):
        await stage.do(EMMA, "merge", child, into=parent)
    assert (await stage.case(parent)).received_at == at_first

    await stage.do(EMMA, "unmerge", first)
    assert (await stage.case(parent)).received_at == at_second
    assert await due(stage, parent) == own - (at_parent - at_second)
    await stage.do(EMMA, "unmerge", second)
    assert (await stage.case(parent)).received_at == at_parent
    assert await due(stage, parent) == own


async def test_the_order_in_which_they_were_merged_makes_no_difference(stage: Stage) -> None:
    first, at_first = await raised(stage, 0)
    second, _ = await raised(stage, 10)
    parent, _ = await raised(stage, 10)
    own = await due(stage, parent)
    for child in (second, first):
        await stage.do(EMMA, "merge", child, into=parent)
    await stage.do(EMMA, "unmerge", second)
    assert (await stage.case(parent)).received_at == at_first
    assert await due(stage, parent) == own - timedelta(minutes=20)
    await stage.do(EMMA, "unmerge", first)
    assert await due(stage, parent) == own


async def test_what_was_reported_earliest_follows_the_same_rule(stage: Stage) -> None:
    first, _ = await raised(stage, 0)
    second, _ = await raised(stage, 10)
    parent, _ = await raised(stage, 10)
    told = {first: stage.now - timedelta(hours=3), second: stage.now - timedelta(hours=2)}
    async with stage.database.write() as session:
        for number, at in told.items():
            (await session.get_one(Case, number)).reported_at = at
    for child in (first, second):
        await stage.do(EMMA, "merge", child, into=parent)
    await stage.do(EMMA, "unmerge", first)
    assert (await stage.case(parent)).reported_at == told[second]
    await stage.do(EMMA, "unmerge", second)
    assert (await stage.case(parent)).reported_at is None


async def test_a_reply_that_another_child_brought_stays_owed(stage: Stage) -> None:
    parent, _ = await raised(stage, 0)
    first, _ = await raised(stage, 1)
    second, _ = await raised(stage, 1)
    await wrote(stage, first)
    stage.later(minutes=5)
    since = await wrote(stage, second)
    for child in (first, second):
        await stage.do(EMMA, "merge", child, into=parent)
    await stage.do(EMMA, "unmerge", first)
    owed = await stage.clock(parent, ClockKind.NEXT_REPLY)
    assert owed is not None
    assert (owed.state, owed.started_at) == ("running", since)
    await stage.do(EMMA, "unmerge", second)
    assert ClockKind.NEXT_REPLY not in await stage.running(parent)


async def test_what_the_customer_wrote_in_the_parent_meanwhile_stays_owed(stage: Stage) -> None:
    parent, _ = await raised(stage, 0)
    child, _ = await raised(stage, 1)
    await wrote(stage, child)
    await stage.do(EMMA, "merge", child, into=parent)
    stage.later(minutes=5)
    since = await wrote(stage, parent)
    await stage.do(EMMA, "unmerge", child)
    owed = await stage.clock(parent, ClockKind.NEXT_REPLY)
    assert owed is not None
    assert (owed.state, owed.started_at) == ("running", since)


async def test_a_source_is_followed_through_every_merge(stage: Stage) -> None:
    first = await stage.opened(source_link=LINK)
    second, third = await stage.opened(BILL), await stage.opened(BILL)
    await stage.do(EMMA, "merge", first, into=second)
    await stage.do(EMMA, "merge", second, into=third)
    await stage.opened(ANNA, source_link=LINK)
    assert len(await stage.rows(Case)) == 3
    assert (await stage.case(third)).reports == 4


async def test_cases_that_name_each_other_lead_nowhere_and_to_no_end(stage: Stage) -> None:
    one, other = await stage.opened(source_link=LINK), await stage.opened(BILL)
    async with stage.database.write() as session:
        for number, into in ((one, other), (other, one)):
            case = await session.get_one(Case, number)
            case.status, case.merged_into = "merged", into  # type: ignore[assignment]
    async with stage.database.read() as session:
        shown = Case.sensitive.is_(False)  # type: ignore[attr-defined]
        assert await find_same_source(session, Source(message=LINK), shown) is None
