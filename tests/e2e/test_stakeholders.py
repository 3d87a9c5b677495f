"""Those who answer for a customer say that they have seen a case; a missing one is named."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.rules.policy.routing import Route
from bot.rules.words import Role
from sandbox.state import Message
from storage.models import Account
from tests.e2e.office import DAN, ELENI, MAYA, NIKOS, PRIYA, TOMAS, Office, office, texts_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path, http=False) as found:
        yield found


def about(desk: Office, who: str) -> list[Message]:
    """What a person was told of the case in private, oldest first."""
    return sorted((m for m in desk.dms(who) if "ESC-1" in m.text), key=lambda m: m.ts)


async def test_one_has_seen_it_and_another_is_told_in_the_place_of_who_has_not(
    desk: Office,
) -> None:
    number = await desk.stage("new", severity=1)
    (mine,) = about(desk, PRIYA)
    await desk.press(PRIYA, mine, "do:seen_case")
    (mine,) = about(desk, PRIYA)
    assert "You have seen it" in str(mine.blocks)
    assert "do:seen_case" not in texts_of(mine.blocks or [])
    card = str(desk.card(number).blocks)
    assert f"<@{PRIYA}> has seen it" in card
    assert f"<@{DAN}> <!date" in card
    await desk.press(ELENI, desk.card(number), "do:claim")
    (mine,) = about(desk, PRIYA)  # drawn anew
    assert "do:seen_case" not in texts_of(mine.blocks or [])
    await desk.pass_time(16 * MINUTE)
    told = [m for who in desk.ws.users for m in about(desk, who) if "in their place" in m.text]
    assert len({m.ts for m in told}) >= 1


async def test_the_technical_lead_answers_their_page(desk: Office) -> None:
    number = await desk.stage("new", severity=1)
    (page,) = about(desk, TOMAS)
    await desk.press(TOMAS, page, "do:have_page")
    (page,) = about(desk, TOMAS)
    assert "✓" in str(page.blocks)
    assert any(f"<@{TOMAS}> has it as technical lead" in m.text for m in desk.said(number))


async def test_a_missing_manager_of_the_account_is_named_and_the_next_case_knows_them(
    desk: Office,
) -> None:
    async with desk.here.services.database.write() as session:
        account = await session.get_one(Account, "delphi-energy")
        account.csm = None
        session.add(account)
    number = await desk.stage("new")
    (gap,) = [m for m in desk.said(number) if "the accounts lack" in m.text]
    await desk.press(ELENI, gap, "ask:name_stakeholder")
    assert await desk.fill(ELENI, role="csm", user=NIKOS) == {}
    assert (await desk.case(number)).roles[Role.CSM] == NIKOS
    assert (await desk.case(await desk.stage("new"))).roles[Role.CSM] == NIKOS


async def test_a_component_is_said_by_command_and_its_team_is_offered_the_case(
    desk: Office,
) -> None:
    services = desk.here.services
    routing = {"Payments": Route("Payments", "Payments squad", (NIKOS,))}
    services.policy = replace(services.policy, routing=routing)
    number = await desk.stage("new")
    await desk.command(MAYA, f"component ESC-{number} payments")
    assert "Payments" in str(desk.form(MAYA).payload)
    assert await desk.fill(MAYA, component="Payments") == {}
    assert any("Payments squad" in m.text for m in desk.said(number))
    assert "*Component*: Payments" in str(desk.card(number).blocks)
    assert any("handover" in str(m.blocks) for m in about(desk, NIKOS))
    await desk.command(MAYA, "list component payments")
    assert f"ESC-{number}" in str(desk.answers(MAYA)[-1].blocks)
    (said,) = [m for m in desk.said(number) if "Payments squad" in m.text]
    await desk.press(MAYA, said, "ask:set_component")
    assert "Payments" in str(desk.form(MAYA).payload)
