"""Every door, out of the registries: who may come in by it, and what it tells of what is secret.

Each door is tried by one of the people, in turn, and of commands and the picker every third;
``DOORS=all`` in the environment (``make doors``) tries all.
"""

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.engine.intent import Mark, OnCase, fields_marked
from bot.registry import INTENTS
from sandbox.state import User
from tests.e2e.doors import Door, knocked, list_doors
from tests.e2e.office import DAN, ELENI, KATE, STRANGER, Office, office
from tests.e2e.test_members import MORE, counted, let_in
from tests.e2e.test_permissions import SECRET, fields, secret_case

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL = os.environ.get("DOORS") == "all"
NOBODYS = 999_983  # a number that no case has
NEWCOMERS = 5  # of so many doors one is tried by such a guest
MANY = {"command": 3, "picker": 3}  # kinds with many doors that lead to the same
KINDS = sorted({door.kind for door in list_doors()})
DOORS: Mapping[str, Sequence[Door]] = {
    kind: [d for d in list_doors() if d.kind == kind][:: 1 if ALL else MANY.get(kind, 1)]
    for kind in KINDS
}
OF_CASES = sorted(kind for kind, doors in DOORS.items() if any(door.of_case for door in doors))
LATER = {
    "outbox",
    "worked_then",
    "outreach",
}  # reminders, looks and what worked before, which come due


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office with a restricted case, 1, and one that everybody reads, 2."""
    async with office(Path(tmp_path_factory.mktemp("doors")), http=True) as here:
        await secret_case(here)
        await here.stage("investigating")
        await here.pass_time(timedelta(minutes=3))  # what comes by itself has come
        let_in(here)
        yield here


def in_turn(people: Sequence[str], place: int) -> Sequence[str]:
    """Who tries the door at a place."""
    return people if ALL else [people[place % len(people)]]


def carried(desk: Office, door: Door, number: int) -> dict[str, Any]:
    """All that the door's request may carry about a case."""
    if door.verb not in INTENTS:
        return {"case": number, "clock": "resolution", "mail": 1, "page": 1}
    return {**fields(desk, door.verb, number), **MORE.get(door.verb, {}), "case": number}


def without_number(told: str, number: int) -> str:
    """What was told, for any number; what no two answers share is left out."""
    told = re.sub(rf"(ESC-|(?:case|into)\W+){number}\b", r"\1N", told)
    return re.sub(r'[0-9a-f]{8}-[0-9a-f-]{27}|"block_id": "[^"]*"', "…", told)


@pytest.mark.parametrize("kind", OF_CASES)
async def test_a_restricted_case_is_told_apart_by_no_door_from_one_that_no_one_raised(
    desk: Office, kind: str
) -> None:
    done = await desk.done(1)
    for place, door in enumerate(door for door in DOORS[kind] if door.of_case):
        for who in in_turn((KATE, DAN, STRANGER), place):
            told = [
                without_number(await knocked(desk, door, who, carried(desk, door, number)), number)
                for number in (1, NOBODYS)
            ]
            assert told[0] == told[1], (door.name, who)
            assert SECRET not in told[0], (door.name, who)
    assert await desk.done(1) == done


def hidden_numbers(verb: str) -> list[str]:
    """The fields in which a request carries the number of something that hangs on a case."""
    model = INTENTS[verb]
    hidden = fields_marked(model, Mark.HIDDEN)
    return [name for name in hidden if "int" in str(model.model_fields[name].annotation)]


@pytest.mark.parametrize("number", [1, 2**31 - 1])
async def test_what_hangs_on_a_restricted_case_is_not_found_by_another(
    desk: Office, number: int
) -> None:
    done = await desk.done(1)
    buttons = {door.verb: door for door in DOORS["do"]}
    for verb, model in INTENTS.items():
        for name in hidden_numbers(verb) if issubclass(model, OnCase) else ():
            given = carried(desk, buttons[verb], 2)
            told = [
                without_number(await knocked(desk, buttons[verb], KATE, given | {name: each}), each)
                for each in (number, NOBODYS)
            ]
            assert told[0] == told[1], (verb, name)
    assert await desk.done(1) == done


@pytest.mark.parametrize("kind", KINDS)
async def test_a_guest_whom_nobody_knows_comes_in_by_no_door(desk: Office, kind: str) -> None:
    """All who are known for what they are: tests/e2e/test_who_knows.py."""
    before = await counted(desk)
    for door in DOORS[kind][:: 1 if ALL else NEWCOMERS]:
        told = await knocked(desk, door, newcomer(desk, door), carried(desk, door, 2))
        betrayed = [word for word in ("Delphi", "ESC-2", '"view"') if word in told]
        assert betrayed == [], door.name
    after = await counted(desk)
    assert {name: n for name, n in after.items() if n != before[name]}.keys() <= LATER


def newcomer(desk: Office, door: Door) -> str:
    """Another such guest for each door."""
    user = "U0" + door.name.encode().hex()[-24:].upper()
    if user not in desk.ws.users:
        desk.ws.add_user(User(id=user, name=user.lower(), real_name="New", is_restricted=True))
    return user


ODD: Mapping[str, Any] = {
    "huge": 10**20, "negative": -7, "text": "x", "list": [2], "object": {"case": 2},
    "digits": "9" * 5000, "no digit": "²",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["do", "form", "picker", "redraw", "show"])
async def test_a_number_that_is_none_harms_nothing_by_any_door(desk: Office, kind: str) -> None:
    done = [await desk.done(1), await desk.done(2)]
    for place, door in enumerate(door for door in DOORS[kind] if door.of_case):
        for odd in in_turn(list(ODD), place):
            told = await knocked(desk, door, ELENI, {**carried(desk, door, 2), "case": ODD[odd]})
            assert "went wrong" not in told, (door.name, odd)
    assert [await desk.done(1), await desk.done(2)] == done
