"""The card of a role in Slack: it comes with the role, and who reads it says so.

Its notices are "role_card" and "role_card_waits", its answers "show:readiness" and
"show:role_card".
"""

import pytest
from sqlmodel import col, select

from storage.models import RoleCard
from tests.e2e.office import ELENI, HOUR, KATE, NIKOS, TOMAS, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def read(desk: Office, who: str) -> set[str]:
    """The roles whose card this person understood."""
    async with desk.here.services.database.read() as session:
        query = select(RoleCard).where(col(RoleCard.user_id) == who)
        return {row.role for row in (await session.exec(query)).all() if row.read_at}


async def test_the_card_of_a_role_is_confirmed_where_it_is_read(desk: Office) -> None:
    number = await desk.stage("investigating")
    (told,) = [m for m in desk.dms(TOMAS) if "do:understood" in str(m.blocks)][-1:]
    assert f"ESC-{number}" in told.text
    assert "*You do:*" in str(told.blocks)
    await desk.press(TOMAS, told, "do:understood")
    assert await read(desk, TOMAS) == {"technical_lead"}
    closed = next(m for m in desk.dms(TOMAS) if m.ts == told.ts)
    assert "do:understood" not in str(closed.blocks)
    assert "You understood what the role asks" in str(closed.blocks)


async def test_everybody_reads_their_own_and_who_leads_reads_who_is_missing(desk: Office) -> None:
    await desk.command(TOMAS, "readiness")
    own = desk.answers(TOMAS)[-1]
    assert "My roles" in own.text
    await desk.press(TOMAS, own, "show:role_card")
    card = desk.answers(TOMAS)[-1]
    assert "Your card: technical lead" in card.text
    await desk.press(TOMAS, card, "do:understood")
    assert await read(desk, TOMAS) >= {"technical_lead"}
    await desk.command(TOMAS, "readiness @nikos.pappas")
    assert "have permission" in desk.answers(TOMAS)[-1].text
    await desk.command(ELENI, "readiness @tomas.ruiz")
    assert f"<@{TOMAS}>" in desk.answers(ELENI)[-1].text


async def test_who_leads_sees_in_their_home_how_many_wait(desk: Office) -> None:
    await desk.stage("investigating")
    for who, told in ((ELENI, True), (TOMAS, False)):
        await desk.here.people.open_home(who)
        home = await desk.here.people.until(lambda who=who: desk.here.people.home(who))
        assert ("show:readiness#2" in str(home.payload)) is told


async def test_who_does_not_confirm_is_reminded_once(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.wants(ELENI, "assign", {"case": number, "role": "comms_approver", "user": NIKOS})
    await desk.here.settle()
    before = len(desk.dms(NIKOS))
    await desk.pass_time(48 * HOUR)
    reminded = [m for m in desk.dms(NIKOS)[before:] if "do:understood" in str(m.blocks)]
    assert len(reminded) == 1
    assert "have not pressed Understood" in reminded[0].text or "Κατάλαβα" in reminded[0].text
    await desk.press(NIKOS, reminded[0], "do:understood")
    assert "comms_approver" in await read(desk, NIKOS)


async def test_a_form_has_its_tip_three_times_and_never_once_it_is_turned_off(desk: Office) -> None:
    number = await desk.stage("investigating")
    shown = []
    for _ in range(4):
        await desk.command(TOMAS, f"decide ESC-{number}")
        shown.append("thirty days you are asked" in str(desk.form(TOMAS).payload))
        await desk.close_forms(TOMAS)
        await desk.here.settle()
    assert shown == [True, True, True, False]  # counted by "seen_tip"
    await desk.wants(NIKOS, "choose_tips", {"kind": "forms", "on": False})
    await desk.here.settle()
    await desk.command(NIKOS, f"decide ESC-{number}")
    assert "tip" not in str(desk.form(NIKOS).payload["blocks"][-1].get("elements", ""))
    await desk.close_forms(NIKOS)


async def test_the_weekly_tip_ends_where_it_is_read(desk: Office) -> None:
    await desk.wants(KATE, "seen_tip", {"form": "decide"})
    await desk.here.settle()
    await desk.pass_time(8 * 24 * HOUR)
    (tip,) = [m for m in desk.dms(KATE) if "do:choose_tips" in str(m.blocks)]
    assert "/escalate brief" in tip.text
    await desk.press(KATE, tip, "do:choose_tips")
    await desk.pass_time(15 * 24 * HOUR)
    assert [m for m in desk.dms(KATE) if "/escalate why" in m.text] == []
