"""Known issues, typed and pressed, with a real mail server: who waits is told, and told once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.rules.problems.known_issues import IssueFacts
from bot.rules.states import KnownIssueState
from bot.rules.words import Role
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import demo_policy, local_app
from sandbox import conversations
from sandbox.seed import demo_workspace
from sandbox.state import Message, User
from tests.e2e.office import ELENI, KATE, MAYA, STRANGER, SUPPORT, Office
from tests.e2e.test_outside import offering
from tests.mail.conftest import World, a_reply, box, hand_in, outside
from tests.mail.server import Box

__all__ = ["box"]
TITLE = "Export drops the last column"
EN = "{greeting}\n\nthe export has all columns again since this morning, for everyone.\n\nMaya Lind"
EL = "{greeting}\n\nη εξαγωγή έχει πάλι όλες τις στήλες από σήμερα το πρωί.\n\nΜάγια"


@pytest.fixture
async def world(tmp_path: Path, box: Box) -> AsyncIterator[World]:
    """The bot with a mail server and an approver."""
    given = demo_policy()
    policy = replace(given, roles={**given.roles, Role.COMMS_APPROVER: (KATE,)})
    async with local_app(demo_workspace(), tmp_path, policy=policy, outside=outside(box)) as here:
        await import_demo_accounts(here)
        yield World(here, box)


class Waiting(Office):
    """The office, with eyes for the one known issue."""

    async def issue(self) -> IssueFacts:
        """What is stored of it."""
        return await self.here.services.known_issues.issue(1)

    def told(self, who: str, press: str) -> Message:
        """The newest message to somebody that has this button."""
        return offering([*self.dms(who), *self.answers(who)], press)

    async def look(self, who: str) -> Message:
        """The known issue as it is shown now."""
        await self.command(who, "issues KI-1")
        return self.answers(who)[-1]

    def soon(self, days: int = 5) -> str:
        """A day to come."""
        return str((self.ws.now() + timedelta(days=days)).date())

    async def log(self) -> None:
        """Maya logs it from the empty list, and says who waits: two by mail, one in a ticket."""
        await self.command(MAYA, "issues")
        await self.press(MAYA, self.answers(MAYA)[-1], "ask:add_issue")
        given = {"title": TITLE, "bug": "https://bugs.example/EXP-77"}
        assert await self.fill(MAYA, **given, expected_on=self.soon()) == {}
        for name in ("Boreal", "Aegean"):
            await self.wait(name, source="phone")
        await self.wait("Zephyr", ticket_url="https://tickets.example/9", contact_name="Zoe Ash")

    async def wait(self, name: str, **fields: str) -> None:
        """Add a customer from the last answer."""
        await self.press(MAYA, self.told(MAYA, "ask:add_waiter"), "ask:add_waiter")
        form = self.form(MAYA)
        found = await self.here.people.suggest(MAYA, "customer", name, view_id=form.id)
        chosen = found[0]["value"]
        assert await self.fill(MAYA, customer=chosen, said="They miss it", **fields) == {}

    async def write(self) -> None:
        """Maya writes to those who were not told, and looks at the hints."""
        await self.press(MAYA, await self.look(MAYA), "ask:propose_broadcast")
        given = {"text_en": EN, "text_el": EL}
        errors = await self.fill(MAYA, **given)
        if not errors and self.here.people.views(MAYA):
            errors = await self.fill(MAYA, **given)
        assert errors == {}

    async def tell(self) -> None:
        """A notice, approved by Kate and sent by Eleni."""
        await self.write()
        await self.press(KATE, self.told(KATE, "do:answer_broadcast"), "do:answer_broadcast")
        await self.press(ELENI, await self.look(ELENI), "do:send_broadcast")


async def test_who_waits_is_told_that_it_shipped_by_mail_or_by_hand(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    await office.press(MAYA, await office.look(MAYA), "ask:ship_issue")
    assert await office.fill(MAYA, outcome="Version 4.2") == {}
    told = office.answers(MAYA)[-1].text
    assert "has shipped. 3 customers to be told" in told

    await office.write()
    asked = office.told(KATE, "do:answer_broadcast")
    assert "Recipients (3)" in asked.text
    assert "next update" not in asked.text
    assert world.box.mails == []
    await office.press(KATE, asked, "do:answer_broadcast")
    await office.press(ELENI, await office.look(ELENI), "do:send_broadcast")
    subjects = {str(mail["To"]): str(mail["Subject"]) for mail in world.box.mails}
    assert len(subjects) == 2
    assert "News of what you reported (KI-1)" in subjects.values()
    assert "Νεότερα για αυτό που μας αναφέρατε (KI-1)" in subjects.values()

    by_hand = office.told(MAYA, "ask:sent_by_hand")
    assert "https://tickets.example/9" in by_hand.text
    await office.press(MAYA, by_hand, "ask:sent_by_hand")
    assert await office.fill(MAYA, route="phone") == {}
    assert "3 of 3 delivered" in str((await office.look(MAYA)).blocks)
    assert (await office.issue()).untold == 0


async def test_what_a_customer_answers_to_a_notice_reaches_its_owner(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    await office.press(MAYA, await office.look(MAYA), "ask:ship_issue")
    await office.fill(MAYA)
    await office.tell()
    mail = next(m for m in world.box.mails if "boreal" in str(m["To"]))
    reply = a_reply(mail, "It still drops it.", From="ingrid.solheim@boreal.example")
    assert await hand_in(world, reply) == "received"
    assert "It still drops it." in office.dms(MAYA)[-1].text
    assert "KI-1" in office.dms(MAYA)[-1].text


async def test_a_wrong_step_is_taken_back_and_the_date_is_moved(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    await office.press(MAYA, await office.look(MAYA), "ask:ship_issue")
    assert await office.fill(MAYA) == {}
    await office.press(MAYA, office.told(MAYA, "do:undo_issue"), "do:undo_issue")
    assert (await office.issue()).state is KnownIssueState.OPEN
    await office.press(MAYA, await office.look(MAYA), "ask:slip_issue")
    assert "expected_on" in await office.fill(MAYA, expected_on=office.soon(-3))
    assert await office.fill(MAYA, expected_on=office.soon(9), outcome="A test failed") == {}
    found = await office.issue()
    assert (found.state, found.untold) == (KnownIssueState.SLIPPED, 3)
    assert found.expected_on == date.fromisoformat(office.soon(9))
    await office.press(MAYA, await office.look(MAYA), "ask:propose_broadcast")
    drawn = str(office.form(MAYA).blocks)
    assert "We now expect it on" in drawn
    assert "Την περιμένουμε πλέον" in drawn


async def test_its_owner_is_asked_when_the_day_has_passed(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    await office.pass_time(timedelta(days=7))
    due = office.told(MAYA, "ask:slip_issue")
    assert "Has it shipped, or is it postponed?" in due.text
    await office.command(MAYA, "issues")
    assert "overdue" in office.answers(MAYA)[-1].text


async def test_it_is_changed_and_a_customer_who_does_not_wait_is_taken_off(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    await office.press(MAYA, await office.look(MAYA), "ask:edit_issue")
    assert await office.fill(MAYA, workaround="Export as CSV") == {}
    assert (await office.issue()).workaround == "Export as CSV"
    await office.press(MAYA, await office.look(MAYA), "ask:remove_waiter")
    assert await office.fill(MAYA, reason="They export as CSV") == {}
    assert (await office.issue()).waiting == 2
    await office.press(ELENI, await office.look(ELENI), "ask:drop_issue")
    assert await office.fill(ELENI, outcome="CSV is enough") == {}
    assert "ask:edit_issue" not in str((await office.look(MAYA)).blocks)


async def test_one_press_makes_it_a_problem_with_a_channel(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    await office.press(ELENI, await office.look(ELENI), "do:issue_to_problem")
    (channel,) = [c for c in office.ws.channels.values() if c.name.startswith("prob-1")]
    (pinned,) = channel.pins
    assert "3 affected customers" in str(channel.messages[pinned].blocks)
    await office.command(MAYA, "issues 1")
    assert "PRB-1" in office.answers(MAYA)[-1].text


async def test_the_home_of_its_owner_shows_it_and_nobody_elses(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    for who, shown in ((MAYA, True), (KATE, False)):
        app = next(iter(office.ws.apps))
        await office.here.people.open_home(who, app)
        await office.here.people.until(lambda key=(app, who): key in office.ws.homes)
        home = office.ws.views[office.ws.homes[app, who]]
        assert (TITLE in str(home.blocks)) is shown
        assert "show:issues" in str(home.blocks)
    await office.command(MAYA, "issues")
    await office.press(MAYA, office.answers(MAYA)[-1], "show:issue")
    assert "Boreal Bank" in str(office.answers(MAYA)[-1].blocks)


async def test_a_stranger_reads_no_known_issue(world: World) -> None:
    office = Waiting(world.here)
    await office.log()
    office.ws.add_user(User(id=STRANGER, name="sam", real_name="Sam Sales"))
    conversations.join(office.ws, STRANGER, SUPPORT)
    await office.command(STRANGER, "issues")
    assert "permission" in office.answers(STRANGER)[-1].text
    assert TITLE not in office.everything_seen(STRANGER)
