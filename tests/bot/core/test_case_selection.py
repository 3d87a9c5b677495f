"""Which cases a person sees in lists: those that they are on, whatever they are on them by."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from bot.cases.queries import Reading
from bot.core.access import check_permission, exists_for, on_case
from bot.core.case_selection import readable_by
from bot.errors import UserError
from bot.rules.compliance.readership import Readership
from bot.rules.facts import CaseFilter
from bot.rules.names import fold_name
from bot.rules.words import Role
from storage.models import Account, ActionItem, Ask, Case, CaseRole, Handover, Helper
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, T0, Stage


def asked(number: int, *, over: bool) -> SQLModel:
    done = T0 if over else None
    return Ask(case_number=number, asked_of=STRANGER, asked_by=EMMA, question="May we?",
               asked_at=T0, answered_at=done)  # fmt: skip


def to_do(number: int, *, over: bool) -> SQLModel:
    return ActionItem(case_number=number, title="Watch it", type="process", owner=STRANGER,
                      due=T0.date(), created_by=EMMA, done_at=T0 if over else None)  # fmt: skip


def offered(number: int, *, over: bool) -> SQLModel:
    return Handover(case_number=number, role=Role.AGENT.value, offered_by=EMMA,
                    offered_to=STRANGER, summary="x", offered_at=T0,
                    state="refused" if over else "offered")  # fmt: skip


PARTS = {"a question": asked, "an action item": to_do, "an offered role": offered}


async def seen(stage: Stage, number: int) -> dict[str, bool]:
    """In which of the lists a person sees a case."""
    reading = Reading(stage.process(SimpleNamespace(person=lambda _: _zone())))
    every = await reading.cases(STRANGER, CaseFilter())
    mine = await reading.cases(STRANGER, CaseFilter(mine=True))
    home, digest = await reading.home(STRANGER), await reading.digest(STRANGER)
    found = {"list": every, "mine": mine, "home": home.mine, "digest": digest.at_risk}
    return {name: number in {c.number for c in cases} for name, cases in found.items()} | {
        "count": home.open_count == 1
    }


async def _zone() -> Any:
    return SimpleNamespace(timezone="UTC")


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("part", PARTS)
async def test_what_waits_for_a_person_shows_them_the_case_in_every_list(
    stage: Stage, part: str, restricted: bool
) -> None:
    number = await stage.opened(sensitive=restricted)
    await stage.add(PARTS[part](number, over=False))
    assert set((await seen(stage, number)).values()) == {True}


@pytest.mark.parametrize("part", PARTS)
async def test_what_is_answered_or_done_shows_it_no_longer(stage: Stage, part: str) -> None:
    number = await stage.opened(sensitive=True)
    await stage.add(PARTS[part](number, over=True))
    assert set((await seen(stage, number)).values()) == {False}


@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("part", [*PARTS, "a role"])
async def test_lists_and_the_case_itself_know_the_same_people(
    stage: Stage, part: str, over: bool
) -> None:
    number = await stage.opened(sensitive=True)
    role = CaseRole(case_number=number, role="legal", user_id=STRANGER, since=T0)
    await stage.add(PARTS[part](number, over=over) if part in PARTS else role)
    async with stage.database.read() as session:
        on_it = await on_case(session, await stage.case(number), STRANGER)
    assert (await seen(stage, number))["list"] is on_it


def helping(number: int, *, over: bool) -> SQLModel:
    return Helper(case_number=number, skill="db", question="x", wanted=1, user_id=STRANGER,
                  asked_by=EMMA, asked_at=T0, ended_at=T0 if over else None)  # fmt: skip


def standing_in(number: int, *, over: bool) -> SQLModel:
    done = T0 if over else None
    return Ask(case_number=number, asked_of=EMMA, deputy=STRANGER, asked_by=EMMA, question="x",
               asked_at=T0, answered_at=done)  # fmt: skip


@pytest.mark.parametrize("over", [True, False])
@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("part", [helping, standing_in, *PARTS.values()])
async def test_where_only_a_team_reads_a_case_is_there_for_those_who_are_asked(
    stage: Stage, part: Callable[..., SQLModel], restricted: bool, over: bool
) -> None:
    stage.policy = replace(stage.policy, reading=Readership.TEAM)
    number = await stage.opened(sensitive=restricted)
    await stage.add(part(number, over=over))
    expected = not over and not (restricted and part in (helping, standing_in))
    async with stage.database.read() as session:
        case = await stage.case(number)
        assert await exists_for(session, stage.policy, case, STRANGER) is expected
        mine = readable_by(stage.policy, STRANGER)
        found = (await session.exec(select(Case.number).where(mine))).all()
    assert list(found) == [number] * expected
    assert (await seen(stage, number))["list"] is expected


async def test_where_only_a_team_reads_whom_a_row_names_may_act_but_does_not_read(
    stage: Stage,
) -> None:
    finance, admin = "U0FINANCE", "U0ADMIN"
    roles = {**stage.policy.roles, Role.FINANCE_APPROVER: (finance,), Role.ADMINISTRATOR: (admin,)}
    stage.policy = replace(stage.policy, reading=Readership.TEAM, roles=roles)
    case = await stage.case(await stage.opened())
    async with stage.database.read() as session:
        ask = partial(check_permission, session, stage.policy)
        assert Role.FINANCE_APPROVER in await ask(finance, "answer_concession", case)
        assert Role.ADMINISTRATOR in await ask(admin, "mend", case)
        for who, verb in ((finance, "show"), (admin, "claim"), (STRANGER, "claim")):
            with pytest.raises(UserError, match="no_such_case"):
                await ask(who, verb, case)
        with pytest.raises(UserError, match="not_your_role"):
            await ask(BILL, "claim", case)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Larkspur Rail", "“Larkspur Rail”"),
        ("Larkspur Rail", "larkspur\u00a0RAIL"),
        ("Πέλαγος Τροφίμων", "πελαγοσ"),
        ("Πέλαγος Τροφίμων", "ΤΡΟΦΊΜΩΝ"),
        ("株式会社青空", "青空"),
        ("ＡＢＣ Ltd", "abc"),
        ("O’Brien & Sons", "o'brien"),
    ],
)
async def test_a_list_finds_a_customer_as_the_form_does(
    stage: Stage, name: str, typed: str
) -> None:
    number = await stage.opened(account="", customer=name)
    await stage.opened(account="", customer="Somebody else")
    await stage.add(Account(key="k", name=name, folded=fold_name(name)))
    reading = Reading(stage.process(SimpleNamespace(person=lambda _: _zone())))
    found = await reading.cases(EMMA, CaseFilter(customer=typed, open_only=False))
    assert [case.number for case in found] == [number]
    assert [account.name for account in await reading.accounts(typed)] == [name]


@pytest.mark.parametrize(
    "wanted", [CaseFilter(), CaseFilter(mine=True), CaseFilter(customer="acme", open_only=False)]
)
async def test_a_list_says_how_many_there_are_and_leads_to_each(
    stage: Stage, wanted: CaseFilter
) -> None:
    numbers = {await stage.opened(severity=2 + n % 2) for n in range(23)}
    reading = Reading(stage.process())
    first, second, beyond = [await reading.page(ANNA, wanted, n) for n in (1, 2, 99)]
    assert (first.total, first.pages, len(first.cases)) == (23, 2, 20)
    assert [c.number for c in second.cases] == [c.number for c in beyond.cases]
    seen = [c.number for c in (*first.cases, *second.cases)]
    assert (len(seen), set(seen)) == (23, numbers)


async def test_home_counts_what_it_does_not_show(stage: Stage) -> None:
    for _ in range(12):
        await stage.opened()
    stage.later(days=1)
    await stage.sweep()
    home = await Reading(stage.process()).home(STRANGER)
    assert (len(home.mine), home.mine_count) == (0, 0)
    home = await Reading(stage.process()).home(ANNA)
    assert (len(home.mine), home.mine_count, home.breaching_count) == (10, 12, 0)
    home = await Reading(stage.process()).home(BILL)
    assert (len(home.breaching), home.breaching_count) == (10, 12)
