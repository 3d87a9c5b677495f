"""Two cases that are one: the child goes on in the parent, and for a day it can be taken back."""

import asyncio
from datetime import timedelta

import pytest

from bot.customers.incoming import take_customer_message
from bot.errors import UserError
from bot.rules.words import ClockKind
from storage.models import ActionItem, Case, CaseMerge, CaseRole, Outbox, SentMessage
from tests.bot.stage import ANNA, BILL, EMMA, LEAH, STRANGER, TINA, Stage

WAYS = {
    "new": Stage.opened,
    "acknowledged": Stage.claimed,
    "investigating": Stage.investigating,
}


async def pair(stage: Stage, **fields: object) -> tuple[int, int]:
    """The parent, raised first, and the child twenty minutes later."""
    parent = await stage.claimed(who=EMMA)
    stage.later(minutes=20)
    return parent, await stage.opened(BILL, **fields)


async def merge(stage: Stage, child: int, into: object, who: str = EMMA) -> str:
    answer = await stage.do(who, "merge", child, into=into)
    return str(answer["text"]) if answer else ""


@pytest.mark.parametrize("status", WAYS)
async def test_a_case_ends_as_merged_and_its_clocks_with_it(stage: Stage, status: str) -> None:
    parent = await stage.opened()
    child = await WAYS[status](stage)
    await merge(stage, child, f"ESC-{parent}")
    case = await stage.case(child)
    assert (case.status, case.merged_into) == ("merged", parent)
    assert await stage.running(child) == set()
    assert (await stage.last(child)).after["original"] == f"ESC-{parent}"
    entry = await stage.last(parent)
    assert (entry.verb, entry.after) == ("merged_in", {"child": f"ESC-{child}", "count": 1})


async def test_what_was_missed_before_stays_missed_and_nothing_is_missed_after(
    stage: Stage,
) -> None:
    parent, child = await pair(stage)
    stage.later(minutes=45)
    await stage.sweep()
    missed = await stage.clock(child, ClockKind.ACKNOWLEDGE)
    assert missed is not None
    assert missed.breached_at is not None
    await merge(stage, child, parent)
    stage.later(days=2)
    await stage.sweep()
    names = ("acknowledge", "first_response", "resolution")
    ended = {name: await stage.clock(child, name) for name in names}
    assert all(clock and clock.state == "cancelled" for clock in ended.values())
    assert ended["acknowledge"].breached_at == missed.breached_at  # type: ignore[union-attr]
    assert ended["resolution"].breached_at is None  # type: ignore[union-attr]


async def test_the_parent_counts_from_the_earlier_receipt(stage: Stage) -> None:
    early = await stage.opened()
    stage.later(minutes=20)
    late = await stage.opened(BILL)
    due = await stage.clock(late, ClockKind.RESOLUTION)
    await merge(stage, early, late)
    assert (await stage.case(late)).received_at == stage.now - timedelta(minutes=20)
    moved = await stage.clock(late, ClockKind.RESOLUTION)
    assert due is not None
    assert moved is not None
    assert due.due is not None
    assert moved.due == due.due - timedelta(minutes=20)
    await stage.do(EMMA, "unmerge", early)
    back = await stage.clock(late, ClockKind.RESOLUTION)
    assert back is not None
    assert (back.due, (await stage.case(late)).received_at) == (due.due, stage.now)


async def test_a_younger_case_moves_no_due_time_of_the_parent(stage: Stage) -> None:
    parent, child = await pair(stage)
    before = await stage.clock(parent, ClockKind.RESOLUTION)
    await merge(stage, child, parent)
    after = await stage.clock(parent, ClockKind.RESOLUTION)
    assert before is not None
    assert after is not None
    assert before.due == after.due
    assert (await stage.case(parent)).reports == 2


async def test_both_channels_and_those_on_the_child_are_told(stage: Stage) -> None:
    parent, child = await pair(stage)
    for number, channel in ((parent, "C1"), (child, "C2")):
        await stage.in_channel(number, channel)
    owner = (await stage.case(child)).owner
    await merge(stage, child, parent, LEAH)
    heard = await stage.heard(child)
    assert heard == {"post": ["merged"], BILL: ["merged"], owner: ["merged"]}
    stage.told = 0
    assert (await stage.heard(parent))["post"][-1] == "merged_in"
    invited = await stage.rows(Outbox, case_number=parent, kind="invite")
    assert BILL in invited[-1].payload["users"]


async def test_open_action_items_go_along_and_come_back(stage: Stage) -> None:
    parent, child = await pair(stage)
    due = (stage.now + timedelta(days=9)).date().isoformat()
    for title in ("Watch the queue", "Write the runbook"):
        await stage.do(EMMA, "action_item", child, title=title, type="process", owner=TINA, due=due)
    await merge(stage, child, parent)
    there = [i for i in await stage.rows(ActionItem, case_number=parent) if i.done_at is None]
    here = await stage.rows(ActionItem, case_number=child)
    assert [i.title for i in there] == ["Watch the queue", "Write the runbook"]
    assert all(i.evidence == f"→ ESC-{parent}" and not i.next_reminder_at for i in here)
    await stage.do(TINA, "action_done", parent, action=there[0].id, evidence="The alarm rang")
    await stage.do(EMMA, "verify_action", parent, action=there[0].id, accept=True)
    await stage.do(EMMA, "unmerge", child)
    back = [i.title for i in await stage.rows(ActionItem, case_number=child) if i.done_at is None]
    assert back == ["Write the runbook"]


async def test_what_the_customer_writes_to_the_child_arrives_in_the_parent(stage: Stage) -> None:
    parent, child = await pair(stage)
    await merge(stage, child, parent)
    stage.later(minutes=5)
    async with stage.database.write() as session:
        work = stage.work(session)
        await take_customer_message(work, await work.case(child), stage.now, "Still nothing")
    entry = await stage.last(parent)
    assert (entry.verb, entry.why) == ("customer_replied", "Still nothing")
    assert ClockKind.NEXT_REPLY in await stage.running(parent)
    assert (await stage.last(child)).verb == "merge"


async def test_the_source_of_a_merged_case_leads_to_the_parent(stage: Stage) -> None:
    parent, child = await pair(stage, source_link="https://x.slack.com/p1")
    await merge(stage, child, parent)
    await stage.opened(ANNA, source_link="https://x.slack.com/p1")
    assert (len(await stage.rows(Case)), (await stage.case(parent)).reports) == (2, 3)


async def test_another_customers_case_is_not_merged_and_a_problem_is_offered(stage: Stage) -> None:
    child = await stage.opened()
    other = await stage.opened(account="", customer="Bravo")
    assert await merge(stage, child, other) == "notice:merge_other"
    assert ((await stage.case(child)).status, await stage.rows(CaseMerge)) == ("new", [])


async def test_what_cannot_be_merged_is_refused(stage: Stage) -> None:
    parent, child = await pair(stage)
    over = await stage.opened()
    await stage.do(EMMA, "dismiss", over, reason="A question")
    secret = await stage.opened(BILL, sensitive=True)
    wrong = {
        None: "merge_needed", child: "merge_into_itself", over: "merge_is_over",
        999: "no_such_case",
    }  # fmt: skip
    for into, refusal in wrong.items():
        with pytest.raises(UserError, match=refusal):
            await merge(stage, child, into)
    with pytest.raises(UserError, match="no_such_case"):
        await merge(stage, child, secret, LEAH)  # who is not on it is told nothing of it
    with pytest.raises(UserError, match="merge_restricted"):
        await merge(stage, child, secret)
    with pytest.raises(UserError, match="merge_restricted"):
        await merge(stage, secret, parent)
    with pytest.raises(UserError, match="not_your_role"):
        await merge(stage, child, parent, ANNA)
    assert (await stage.case(child)).status == "new"


async def test_restricted_cases_merge_only_with_the_same_people_on_them(stage: Stage) -> None:
    one, same = await stage.opened(ANNA, sensitive=True), await stage.opened(ANNA, sensitive=True)
    others = await stage.opened(BILL, sensitive=True)
    async with stage.database.write() as session:
        for number in (one, same, others):
            (await session.get_one(Case, number)).owner = EMMA
        for role in await stage.rows(CaseRole, role="escalation_manager"):
            await session.delete(await session.merge(role))
    with pytest.raises(UserError, match="merge_other_people"):
        await merge(stage, one, others)
    await merge(stage, one, same)
    assert (await stage.case(one)).merged_into == same


async def test_nothing_is_merged_while_a_message_or_a_decision_is_under_way(stage: Stage) -> None:
    parent = await stage.opened()
    child = await stage.investigating()
    (sent,) = await stage.rows(SentMessage, case_number=child)
    for state, refusal in (("queued", "merge_message_under_way"), ("sent", "")):
        async with stage.database.write() as session:
            work = stage.work(session)
            await work.case(child)
            row = await session.get(SentMessage, sent.id)
            assert row is not None
            row.state = state  # type: ignore[assignment]
        if refusal:
            with pytest.raises(UserError, match=refusal):
                await merge(stage, child, parent)
    await stage.do(EMMA, "ask_executive", child, user="UEXEC", question="May we call?")
    with pytest.raises(UserError, match="merge_undecided"):
        await merge(stage, child, parent)


async def test_a_case_of_a_problem_is_unlinked_before_it_is_merged(stage: Stage) -> None:
    parent, child = await pair(stage)
    async with stage.database.write() as session:
        (await session.get_one(Case, child)).problem = 3
    with pytest.raises(UserError, match="merge_in_problem"):
        await merge(stage, child, parent)


async def test_undone_the_child_is_what_it_was_and_its_clocks_ran_on(stage: Stage) -> None:
    parent = await stage.claimed()
    child = await stage.claimed()
    until = stage.now + timedelta(hours=5)
    await stage.do(
        EMMA, "hold", child, reason="waiting_customer", until=until.isoformat(), note="Logs"
    )
    before = {n: await stage.clock(child, n) for n in sorted(await stage.running(child))}
    await merge(stage, child, parent)
    assert (await stage.case(child)).hold_reason is None
    stage.later(minutes=50)
    await stage.sweep()
    await stage.do(EMMA, "unmerge", child)
    case = await stage.case(child)
    assert (case.status, case.merged_into, case.hold_note) == ("acknowledged", None, "Logs")
    assert case.hold_until == until
    after = {n: await stage.clock(child, n) for n in sorted(await stage.running(child))}
    assert {n: c and c.due for n, c in after.items()} == {n: c and c.due for n, c in before.items()}
    overdue = await stage.clock(child, ClockKind.FIRST_RESPONSE)
    assert overdue is not None
    assert overdue.breached_at is None  # due in ten minutes
    stage.later(minutes=15)
    await stage.sweep()
    late = await stage.clock(child, ClockKind.FIRST_RESPONSE)
    assert late is not None
    assert late.breached_at == late.due


async def test_a_merge_is_undone_within_a_day_and_once(stage: Stage) -> None:
    parent, child = await pair(stage)
    await merge(stage, child, parent)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, "unmerge", child)
    stage.later(hours=23, minutes=59)
    await stage.do(EMMA, "unmerge", child)
    assert (await stage.case(parent)).reports == 1
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(EMMA, "unmerge", child)
    await merge(stage, child, parent)
    stage.later(days=1, minutes=1)
    with pytest.raises(UserError, match="unmerge_too_late"):
        await stage.do(EMMA, "unmerge", child)


async def test_a_parent_that_was_merged_on_is_taken_back_first(stage: Stage) -> None:
    parent, child = await pair(stage)
    last = await stage.opened()
    await merge(stage, child, parent)
    await merge(stage, parent, last)
    with pytest.raises(UserError, match="unmerge_parent_first"):
        await stage.do(EMMA, "unmerge", child)
    await stage.do(EMMA, "unmerge", parent)
    await stage.do(EMMA, "unmerge", child)
    assert (await stage.case(child)).status == "new"


async def test_of_two_merges_into_each_other_one_holds(stage: Stage) -> None:
    one, other = await stage.opened(), await stage.opened()
    done = await asyncio.gather(
        merge(stage, one, other), merge(stage, other, one, LEAH), return_exceptions=True
    )
    refused = [each for each in done if isinstance(each, UserError)]
    assert [each.key for each in refused] in (["wrong_status"], ["merge_is_over"])
    left = [(await stage.case(number)).status for number in (one, other)]
    assert sorted(left) == ["merged", "new"]
