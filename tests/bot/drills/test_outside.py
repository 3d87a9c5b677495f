"""Nothing of a drill leaves it: every kind of effect, every verb, everything that reacts."""

from typing import Any

import pytest

from bot.core.access import check_permission
from bot.core.reactions import Event, react
from bot.due_table import DUE
from bot.errors import UserError
from bot.performers import PERFORMERS
from bot.registry import VERBS as ALL
from bot.rules.learning.drills import EFFECTS, TO_PLAYERS, VERBS, may_leave
from bot.rules.permissions import PERMISSIONS
from bot.wiring import REACTIONS
from storage.models import Case, Outbox
from tests.bot.drills.test_play import played
from tests.bot.stage import ANNA, BILL, EMMA, Stage

KINDS = sorted({*PERFORMERS, "edited_post", "a kind of later"})


async def test_an_effect_leaves_a_drill_only_where_the_list_has_its_kind(stage: Stage) -> None:
    number = await played(stage)
    said: dict[str, Any] = {"user": ANNA, "users": [ANNA], "text": "notice:claimed", "extra": {}}
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await work.case(number)
        for kind in KINDS:
            work.leave(kind, "a lane", said, case=case)
    left = {r.kind: r for r in await stage.rows(Outbox) if r.lane == "a lane"}
    assert sorted(left) == KINDS
    assert {kind for kind, row in left.items() if row.state == "pending"} == EFFECTS
    assert {kind for kind, row in left.items() if row.done_at is None} == EFFECTS


@pytest.mark.parametrize("kind", sorted(TO_PLAYERS))
@pytest.mark.parametrize(
    ("people", "may"), [([ANNA], True), ([ANNA, BILL], True), ([EMMA], False), ([], False)]
)
def test_only_those_who_play_are_told_and_invited(kind: str, people: list[str], may: bool) -> None:
    part = TO_PLAYERS[kind]
    said = {part: people if part == "users" else people[0] if people else ""}
    expected = may if part == "users" or people else False
    assert may_leave(kind, said, {ANNA, BILL}) is expected
    assert not may_leave(kind, None, {ANNA})


async def test_the_effects_of_a_real_case_are_never_dropped(stage: Stage) -> None:
    number = await stage.investigating()
    assert {row.state for row in await stage.rows(Outbox, case_number=number)} == {"pending"}


NAMES = sorted(model.verb for model, _ in ALL)


async def test_a_verb_is_refused_until_somebody_puts_it_into_the_list(stage: Stage) -> None:
    number = await played(stage)
    case = await stage.case(number)
    said: dict[str, str] = {}
    async with stage.database.read() as session:
        for verb in {*NAMES, *PERMISSIONS}:
            try:
                await check_permission(session, stage.policy, ANNA, verb, case)
            except UserError as refused:
                said[verb] = refused.key
    assert {*NAMES, *PERMISSIONS} - set(said) == VERBS
    assert set(said.values()) == {"not_in_a_drill", "not_your_role"}


def test_the_list_names_verbs_that_there_are() -> None:
    assert {*NAMES, *PERMISSIONS} >= VERBS
    assert set(PERFORMERS) >= EFFECTS


@pytest.mark.parametrize("event", sorted(REACTIONS, key=lambda each: each.__name__))
async def test_nobody_reacts_to_what_happens_in_a_drill(
    stage: Stage, event: type[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await played(stage)
    case = await stage.case(number)
    happened = object.__new__(event)
    object.__setattr__(happened, "case", case)
    heard: list[Event] = []

    async def hear(_work: object, told: Event) -> None:
        heard.append(told)

    monkeypatch.setitem(REACTIONS, event, (hear,))
    async with stage.database.write() as session:
        await react(stage.work(session), happened)
        object.__setattr__(happened, "case", Case(drill=False))
        await react(stage.work(session), happened)
    assert heard == [happened]


async def test_what_comes_due_of_a_drill_is_its_clocks_its_end_and_holds(stage: Stage) -> None:
    number = await played(stage, colleague=BILL)
    await stage.do(ANNA, "claim", number)
    await stage.update(number, kind="acknowledgement")
    await stage.resolve(number, ANNA)
    await stage.do(BILL, "confirm", number, party="technical_lead", comfortable=True)
    await stage.do(ANNA, "confirm", number, party="customer", comfortable=True)
    case = await stage.case(number)
    columns = [column.key for row in DUE for column in row.when if row.key.class_ is Case]
    planned = {name for name in columns if getattr(case, name) is not None}
    assert planned <= {"rank_at", "hold_until"}
