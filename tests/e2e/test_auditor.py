"""The auditor reads all of it, changes nothing, has no part in a case, and is on record."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import get_origin

import pytest
import pytest_asyncio
from sqlmodel import col, select

from bot.registry import INTENTS
from bot.rules.permissions import FOR_AUDITORS, FOR_THEMSELVES
from bot.rules.words import Role
from cli.workspace.local import demo_policy
from storage.models import AccessEvent
from tests.e2e import forged
from tests.e2e.office import DAN, ELENI, Office, office, texts_of
from tests.e2e.test_members import MORE, PEOPLE, counted, refusals
from tests.e2e.test_permissions import fields, secret_case

pytestmark = pytest.mark.asyncio(loop_scope="module")

AUDITOR = DAN
# What is read of a case, and what a whole list of cases shows.
OF_A_CASE = ("show", "timeline", "why", "decisions", "promises", "status", "contacts")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """A restricted case, 1, and one that everybody reads, 2; Dan is the auditor, and a manager."""
    roles = demo_policy().roles
    named = {Role.AUDITOR: (AUDITOR,), Role.DIRECTOR: (*roles.get(Role.DIRECTOR, ()), AUDITOR)}
    policy = replace(demo_policy(), roles={**roles, **named})
    folder = tmp_path_factory.mktemp("auditor")
    async with office(Path(folder), http=True, policy=policy) as here:
        await secret_case(here)
        await here.stage("investigating")
        yield here


async def shown(desk: Office, name: str, given: dict[str, object]) -> str:
    """What the auditor is answered, blocks and all."""
    before = len(desk.answers(AUDITOR))
    await forged.press(desk, AUDITOR, f"show:{name}", given)
    await desk.here.settle()
    said = desk.answers(AUDITOR)[before:]
    views = [json.dumps(v.payload, ensure_ascii=False) for v in desk.here.people.views(AUDITOR)]
    await desk.close_forms(AUDITOR)
    return "\n".join([*(m.text + "\n".join(texts_of(m.blocks)) for m in said), *views])


@pytest.mark.parametrize("name", OF_A_CASE)
async def test_they_read_a_restricted_case_and_are_on_record(desk: Office, name: str) -> None:
    said = await shown(desk, name, {"case": 1})
    assert "ESC-1" in said
    assert "not found" not in said
    async with desk.here.services.database.read() as session:
        rows = await session.exec(select(AccessEvent).where(col(AccessEvent.actor) == AUDITOR))
        found = {(row.verb, row.about) for row in rows.all()}
    assert ("read", "ESC-1") in found


async def test_lists_and_counts_have_the_restricted_case(desk: Office) -> None:
    said = await shown(desk, "list", {})
    assert "ESC-1" in said
    assert "ESC-2" in said
    page = await desk.here.services.reading.home(AUDITOR)
    other = await desk.here.services.reading.home(ELENI)
    assert page.open_count == other.open_count == 2


async def test_whatever_they_want_changes_nothing(desk: Office) -> None:
    before = await counted(desk)
    wanted = [verb for verb in INTENTS if verb not in FOR_AUDITORS]
    assert {"open_case", "seen", "answer_ask", "log_call"} <= set(wanted)
    done = len(await refusals(desk, AUDITOR))
    for verb in wanted:
        await desk.wants(AUDITOR, verb, fields(desk, verb, 2) | MORE.get(verb, {}))
    await desk.here.settle()
    told = (await refusals(desk, AUDITOR))[done:]
    assert told == ["refusal:auditor_only_reads"] * len(wanted)
    assert await counted(desk) == before


async def test_no_door_that_takes_a_person_takes_an_auditor(desk: Office) -> None:
    before, done = await counted(desk), len(await refusals(desk, ELENI))
    for verb, name in PEOPLE:
        many = get_origin(INTENTS[verb].model_fields[name].annotation) is dict
        given = {**fields(desk, verb, 2), **MORE.get(verb, {})}
        given[name] = {2: AUDITOR} if many else AUDITOR
        await desk.wants(ELENI, verb, given)
    await desk.here.settle()
    told = (await refusals(desk, ELENI))[done:]
    assert told == ["refusal:auditor_has_no_part"] * len(PEOPLE)
    assert await counted(desk) == before


async def test_a_form_does_not_open_and_the_refusal_says_what_to_do(desk: Office) -> None:
    await desk.command(AUDITOR, "claim 2")
    assert "You are an auditor here" in desk.answers(AUDITOR)[-1].text
    await desk.command(AUDITOR, "")  # the form of a new case
    assert desk.here.people.views(AUDITOR) == []
    assert "You are an auditor here" in desk.answers(AUDITOR)[-1].text


async def test_what_they_are_shown_has_no_button_that_would_be_refused(desk: Office) -> None:
    for name in ("show", "list", "timeline"):
        before = len(desk.answers(AUDITOR))
        await forged.press(desk, AUDITOR, f"show:{name}", {"case": 2} if name != "list" else {})
        await desk.here.settle()
        told = json.dumps([m.blocks for m in desk.answers(AUDITOR)[before:]])
        acts = set(re.findall(r'"(?:do|ask):(\w+)', told))
        assert acts <= FOR_AUDITORS, name


async def test_the_accounts_file_gives_them_no_part(desk: Office) -> None:
    case = await desk.case(2, ELENI)  # of Delphi Energy, with Dan as its account executive
    assert AUDITOR not in case.roles.values()
    assert (AUDITOR, "auditor") in [(each.who, each.reason) for each in case.unreached]


async def test_what_they_may_do_is_theirs_alone() -> None:
    assert FOR_AUDITORS & set(INTENTS) <= FOR_THEMSELVES | {"read_points"}
