"""At three at night: the first manager asleep, the backup away, and who has the case in the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.rules.duty import Shift
from bot.rules.words import Role, Status
from sandbox.state import Message
from tests.e2e.office import ELENI, KATE, MAYA, NIKOS, RICHARD, Office, office, texts_of

THREE = datetime(2027, 2, 10, 3, 0, tzinfo=ZoneInfo("Europe/Athens"))
MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def night(folder: Path) -> AsyncIterator[Office]:
    """The office at three, Eleni on shift, Nikos her backup, Kate the support lead."""
    async with office(folder, http=False, begins=THREE) as desk:
        usual = desk.here.services.policy
        managers = {Role.ESCALATION_MANAGER: (ELENI, NIKOS)}
        desk.here.services.policy = replace(
            usual,
            roles={**usual.roles, **managers},
            shifts=(Shift("Night", "always", (ELENI,), (NIKOS,)),),
        )
        yield desk


async def go_away(desk: Office, *people: str) -> None:
    for who in people:
        await desk.wants(who, "away", {"until": (desk.ws.now() + timedelta(hours=8)).isoformat()})
    await desk.here.settle()


def about(desk: Office, who: str) -> list[Message]:
    """What a person was told of the case in private, oldest first."""
    said = [m for m in desk.dms(who) if "ESC-1" in m.text]
    return sorted(said, key=lambda m: m.ts)


def buttons(message: Message) -> set[str]:
    return {t for t in texts_of(message.blocks or []) if t.startswith(("do:", "ask:"))}


async def test_the_first_sleeps_the_backup_is_away_and_the_lead_has_it(tmp_path: Path) -> None:
    async with night(tmp_path) as desk:
        await go_away(desk, NIKOS)
        number = await desk.stage("new", severity=1)
        (first,) = about(desk, ELENI)
        assert buttons(first) == {"do:claim", "ask:decline_page"}
        await desk.pass_time(6 * MINUTE)
        assert about(desk, NIKOS) == []  # who is away is not woken
        *_, page = about(desk, KATE)
        assert "has not answered" in str(page.blocks)
        assert any("has not answered" in m.text for m in desk.said(number))
        assert f"<@{KATE}>" in str(desk.card(number).blocks)
        await desk.press(KATE, page, "do:claim")
        case = await desk.case(number)
        assert (case.owner, case.status) == (KATE, Status.ACKNOWLEDGED)
        (first,) = about(desk, ELENI)
        assert f"Την έχει <@{KATE}>, από" in str(first.blocks)
        assert buttons(first) == set()
        told = {who: len(about(desk, who)) for who in (ELENI, KATE, RICHARD)}
        await desk.pass_time(20 * MINUTE)
        later = {who: about(desk, who)[before:] for who, before in told.items()}
        for who in (ELENI, RICHARD):  # no page; stakeholders'
            assert [m.text for m in later[who] if "not seen" not in m.text] == []
        steps = [m.text for m in later[KATE] if "not seen" not in m.text]
        assert steps != []  # of the checklist, now that somebody has the case
        assert all("a step of the playbook" in text for text in steps)


async def test_a_backup_who_cannot_says_so_and_the_next_is_called_at_once(tmp_path: Path) -> None:
    async with night(tmp_path) as desk:
        number = await desk.stage("new", severity=1)
        await desk.pass_time(6 * MINUTE)
        *_, page = about(desk, NIKOS)
        await desk.press(NIKOS, page, "ask:decline_page")
        assert await desk.fill(NIKOS, reason="On a train") == {}
        *_, page = about(desk, NIKOS)
        assert "Δηλώσατε ότι δεν μπορείτε" in str(page.blocks)
        assert buttons(page) == {"do:claim"}  # who finds a way after all
        *_, called = about(desk, KATE)
        assert "On a train" in str(called.blocks)
        woken = len(about(desk, NIKOS))
        await desk.press(KATE, called, "do:claim")
        await desk.pass_time(20 * MINUTE)
        assert len(about(desk, NIKOS)) == woken
        assert (await desk.case(number)).owner == KATE


async def test_where_everybody_is_away_a_sentence_says_so(tmp_path: Path) -> None:
    async with night(tmp_path) as desk:
        await go_away(desk, ELENI, NIKOS, KATE, RICHARD)
        number = await desk.stage("new", severity=1)
        assert any("nobody is left to call" in m.text for m in desk.said(number))
        assert (await desk.case(number)).owner == MAYA
