"""One problem with many customers, typed and pressed, with a real mail server: the whole story."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.rules.problems.facts import ProblemFacts
from bot.rules.words import Role
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import demo_policy, local_app
from sandbox.seed import demo_workspace
from sandbox.state import Channel, Message, View
from tests.e2e.office import ELENI, KATE, MAYA, NIKOS, PRIYA, SUPPORT, Office, interactions
from tests.e2e.test_outside import offering
from tests.mail.conftest import World, a_reply, box, hand_in, outside
from tests.mail.server import Box
from tests.mail.test_hearing import report

__all__ = ["box"]
KNOWN = "Invoices are rejected since 09:00. Payments work."
EN = (
    "Dear {contact},\n\nsince 09:00 invoices of {customer} are rejected; payments are not affected."
    "\n\nTomas found the cause. We will write to you again by 14:00.\n\nMaya Lind"
)
EL = (
    "Αγαπητέ κύριε ή κυρία {contact},\n\nαπό τις 09:00 απορρίπτονται τα τιμολόγιά σας. Οι πληρωμές"
    " λειτουργούν.\n\nΒρήκαμε την αιτία. Θα σας γράψουμε ξανά στις 14:00.\n\nΜάγια"
)
CUSTOMERS = (
    ("aegean-ferries", "Aegean Ferries", "Κατερίνα Δήμου", "k.dimou@aegean-ferries.example", "el"),
    ("boreal-bank", "Boreal Bank", "Ingrid Solheim", "ingrid.solheim@boreal.example", "en"),
    ("delphi-energy", "Delphi Energy", "Γιώργος Ράπτης", "g.raptis@delphi-energy.example", "el"),
)


@pytest.fixture(params=["socket", "http"])
async def world(request: pytest.FixtureRequest, tmp_path: Path, box: Box) -> AsyncIterator[World]:
    """The bot with a mail server and an approver; three customers escalated the same trouble."""
    given = demo_policy()
    policy = replace(given, roles={**given.roles, Role.COMMS_APPROVER: (KATE,)})
    async with local_app(
        demo_workspace(), tmp_path, policy=policy, outside=outside(box),
        http=request.param == "http",
    ) as here:  # fmt: skip
        await import_demo_accounts(here)
        world = World(here, box)
        for number, (key, name, contact, email, language) in enumerate(CUSTOMERS, start=1):
            await world.do(
                MAYA, "open_case", account=key, customer=name, stake=f"No invoices at {name}",
                trigger="technical", severity=2, contact_name=contact, contact_email=email,
                language=language,
            )  # fmt: skip
            await world.do(ELENI, "claim", case=number)
        yield world


class Many(Office):
    """The office, with eyes for problems."""

    async def problem(self) -> ProblemFacts:
        """What is stored of the only problem."""
        return await self.here.services.problems.problem(1)

    def home(self) -> Channel:
        """The problem's channel; there is exactly one."""
        (only,) = [c for c in self.ws.channels.values() if c.name.startswith("prob-1")]
        return only

    def pinned(self) -> Message:
        """The problem's card."""
        (ts,) = self.home().pins
        return self.home().messages[ts]

    def told(self, who: str, press: str) -> Message:
        """The newest message to somebody that has this button."""
        return offering([*self.dms(who), *self.answers(who)], press)

    async def typed(self, who: str, line: str, case: int | None = None) -> None:
        """Type a whole line, in a case's channel or in support."""
        place = self.channel(case).id if case else SUPPORT
        await self.here.people.command(who, place, line)
        await self.here.settle()

    async def begin(self) -> None:
        """Maya sees that others have it too: a problem, with all three cases in it."""
        await self.press(MAYA, self.card(1), "show:problem")
        await self.press(MAYA, self.answers(MAYA)[-1], "ask:open_problem")
        given = {"title": "Invoices fail", "known": KNOWN, "scope": "Invoices only"}
        assert await self.fill(MAYA, **given) == {}
        await self.typed(MAYA, "/escalate problem", 2)
        await self.press(MAYA, self.answers(MAYA)[-1], "do:link_case")
        await self.typed(ELENI, "/escalate link 1", 3)

    async def write(self, **values: object) -> dict[str, str]:
        """Maya writes to everybody, and looks at the hints; errors by field."""
        await self.press(MAYA, self.pinned(), "ask:propose_broadcast")
        given = {"text_en": EN, "text_el": EL, **values}
        errors = await self.fill(MAYA, **given)
        if not errors and self.here.people.views(MAYA):
            errors = await self.fill(MAYA, **given)  # she has seen the hints
        return errors

    async def sent(self) -> None:
        """A broadcast to all, approved by Kate and sent by Eleni."""
        assert await self.write() == {}
        await self.press(KATE, self.told(KATE, "do:answer_broadcast"), "do:answer_broadcast")
        await self.press(ELENI, self.pinned(), "do:send_broadcast")

    async def points(self) -> None:
        """Talking points, approved and pushed."""
        await self.press(MAYA, self.pinned(), "ask:propose_points")
        given = {"say": "We know of it.", "dont_say": "A date", "questions": "When? At 14:00."}
        assert await self.fill(MAYA, **given) == {}
        await self.press(KATE, self.told(KATE, "do:answer_points"), "do:answer_points")

    def pushed(self) -> Message:
        """The talking points in the agents' channel."""
        messages = list(self.ws.channels[SUPPORT].messages.values())
        return offering(messages, "do:read_points")


def mail_to(world: World, address: str) -> EmailMessage:
    """The newest mail to somebody."""
    return next(m for m in reversed(world.box.mails) if address in str(m["To"]))


async def test_each_letter_to_many_brings_its_words_and_each_customers_greeting(
    world: World,
) -> None:
    office = Many(world.here)
    await office.begin()
    await office.press(MAYA, office.pinned(), "ask:propose_broadcast")
    form = office.form(MAYA)
    assert "You recognise it by" in str(form.blocks)
    await world.here.people.click(MAYA, view_id=form.id, action_id="letter", value="not_affected")
    await world.here.settle()
    drawn = str(office.form(MAYA).blocks)
    assert "You are not affected" in drawn
    assert "Εσείς δεν επηρεάζεστε" in drawn
    await office.close_forms(MAYA)
    text = {"text_en": EN.replace("Dear {contact},", "{greeting}"), "text_el": EL}
    assert await office.write(**text) == {}
    assert "Dear Ms Solheim," in office.told(KATE, "do:answer_broadcast").text


async def test_one_problem_is_told_to_many_customers(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    found = await office.problem()
    assert found.cases == (1, 2, 3)
    assert {ELENI, KATE, MAYA} <= set(office.home().members)

    await office.press(MAYA, office.pinned(), "show:affected")
    await office.press(MAYA, office.answers(MAYA)[-1], "ask:add_affected_lines")
    assert "Line 2" in (await office.fill(MAYA, lines="cedar-clinics, Log\nNobody, x"))["lines"]
    assert await office.fill(MAYA, lines="cedar-clinics, Rejected invoices in our log") == {}
    names = [each.customer for each in (await office.problem()).affected]
    assert names == [name for _, name, *_ in CUSTOMERS] + ["Cedar Clinics"]

    named = await office.write(text_en=EN + " Boreal Bank has it too.")
    assert "Boreal Bank" in named["text_en"]
    await office.close_forms(MAYA)
    assert await office.write() == {}
    asked = office.told(KATE, "do:answer_broadcast")
    assert "Recipients (4)" in asked.text
    assert "Dear Ingrid Solheim" in asked.text
    assert world.box.mails == []
    await office.press(KATE, asked, "do:answer_broadcast")
    await office.press(MAYA, office.told(MAYA, "show:broadcast"), "show:broadcast")
    await office.press(ELENI, office.pinned(), "do:send_broadcast")
    assert len(world.box.mails) == 4
    assert "4 of 4 delivered" in str(office.pinned().blocks)
    for number in (1, 2, 3):
        case = await office.case(number)
        clock = case.clock("next_update")
        (broadcast, *_) = (await office.problem()).broadcasts
        assert clock is not None
        assert clock.due == broadcast.next_update_at  # one promise for all
    assert "ESC-1" in str(mail_to(world, "k.dimou")["Subject"])
    assert "may concern you (PRB-1)" in str(mail_to(world, "amal@")["Subject"])

    about = str(mail_to(world, "g.raptis")["Message-ID"])
    assert await hand_in(world, report(about, "failed")) == "bounce"
    ingrid = mail_to(world, "ingrid")
    answer = a_reply(ingrid, "Thank you.", From="ingrid.solheim@boreal.example")
    assert await hand_in(world, answer) == "received"
    amal = a_reply(
        mail_to(world, "amal@"), "We cannot wait.", From="amal@cedar-clinics.example",
        Message_ID="<amal-1@cedar-clinics.example>",
    )  # fmt: skip
    assert await hand_in(world, amal) == "received"
    assert await hand_in(world, amal) == "repeated"
    card = str(office.pinned().blocks)
    assert "3 of 4 delivered, 1 failed, 2 replied" in card
    said = "\n".join(m.text for m in office.home().messages.values())
    assert "We cannot wait." in said
    assert "Delphi Energy" in said
    await office.press(ELENI, office.pinned(), "do:retry_receipts")
    assert "4 of 4 delivered, 2 replied" in str(office.pinned().blocks)
    assert len(world.box.mails) == 5


async def test_agents_read_what_they_say_and_it_is_withdrawn(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    await office.points()
    pushed = office.pushed()
    assert "We know of it." in str(pushed.blocks)
    await office.press(MAYA, pushed, "do:read_points")
    assert "read by 1 of 3" in str(office.pinned().blocks)
    await office.pass_time(timedelta(hours=2, minutes=1))
    reminded = [who for who in (MAYA, NIKOS, KATE, PRIYA) if unread(office, who)]
    assert reminded == [NIKOS, KATE]
    await office.press(NIKOS, office.told(NIKOS, "do:read_points"), "do:read_points")
    await office.typed(ELENI, "/escalate points")
    listed = office.answers(ELENI)[-1]
    assert f"<@{KATE}>" in str(listed.blocks)
    assert f"<@{NIKOS}>" not in str(listed.blocks)
    await office.press(ELENI, listed, "ask:withdraw_points")
    assert await office.fill(ELENI, reason="It was only half true.") == {}
    (ended,) = [m for m in office.ws.channels[SUPPORT].messages.values() if m.ts == pushed.ts]
    assert "No longer valid" in ended.text
    assert "~We know of it.~" in str(ended.blocks)
    assert "do:read_points" not in str(ended.blocks)


def unread(office: Many, who: str) -> bool:
    """Whether somebody was asked to read talking points."""
    return any("do:read_points" in str(m.blocks) for m in office.dms(who))


async def test_another_scope_withdraws_the_talking_points(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    await office.points()
    await office.press(ELENI, office.pinned(), "ask:edit_problem")
    assert await office.fill(ELENI, scope="Invoices and credit notes") == {}
    messages = list(office.ws.channels[SUPPORT].messages.values())
    assert not any("do:read_points" in str(m.blocks) for m in messages)
    assert (await office.problem()).points is None


async def test_words_are_returned_with_a_remark(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    assert await office.write() == {}
    await office.press(KATE, office.told(KATE, "ask:answer_broadcast"), "ask:answer_broadcast")
    assert await office.fill(KATE, remark="Say what helps.") == {}
    assert "Say what helps." in office.dms(MAYA)[-1].text
    await office.press(MAYA, office.pinned(), "ask:propose_points")
    assert await office.fill(MAYA, say="We know.") == {}
    await office.press(KATE, office.told(KATE, "ask:answer_points"), "ask:answer_points")
    assert await office.fill(KATE, remark="Since when?") == {}
    assert "Since when?" in office.dms(MAYA)[-1].text


async def test_who_has_no_address_is_written_to_by_hand(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    await office.press(MAYA, office.pinned(), "ask:add_affected")
    form = office.form(MAYA)
    (new, *_) = await office.here.people.suggest(MAYA, "customer", "Zephyr", view_id=form.id)
    assert await office.fill(MAYA, customer=new["value"], evidence="They called") == {}
    await office.sent()
    assert "3 of 4 delivered, 1 to be sent manually" in str(office.pinned().blocks)
    await office.press(MAYA, office.told(MAYA, "ask:sent_by_hand"), "ask:sent_by_hand")
    assert await office.fill(MAYA, route="phone") == {}
    assert "4 of 4 delivered" in str(office.pinned().blocks)


async def test_a_case_leaves_and_a_customer_is_taken_off_the_list(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    await office.press(MAYA, office.card(3), "show:problem")
    await office.press(MAYA, office.answers(MAYA)[-1], "do:unlink_case")
    assert (await office.problem()).cases == (1, 2)
    await office.typed(MAYA, "/escalate unlink", 2)
    assert (await office.problem()).cases == (1,)
    await office.typed(MAYA, "/escalate link", 2)
    assert f"ask:{office.form(MAYA).callback_id}" == "ask:link_case"
    assert await office.fill(MAYA, problem="1") == {}
    assert (await office.problem()).cases == (1, 2)
    await office.press(MAYA, office.pinned(), "show:affected")
    await office.press(MAYA, office.answers(MAYA)[-1], "ask:remove_affected")
    assert await office.fill(MAYA, reason="Their own firewall") == {}
    assert [each.customer for each in (await office.problem()).affected] == ["Boreal Bank"]


async def test_a_problem_is_resolved_for_everybody(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    await office.points()
    await office.press(ELENI, office.pinned(), "show:points")
    await office.press(ELENI, office.pinned(), "ask:resolve_problem")
    assert await office.fill(ELENI, outcome="The certificate was renewed at 11:20.") == {}
    found = await office.problem()
    assert (found.open, found.points) == (False, None)
    assert [press.interaction for press in interactions(office.pinned().blocks or [])] == [
        "show:affected"
    ]


async def test_the_one_clock_calls_whoever_owns_the_problem(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    await office.pass_time(timedelta(hours=4, minutes=1))
    due = office.told(MAYA, "ask:propose_broadcast")
    assert "was due" in due.text
    await office.press(MAYA, due, "ask:propose_broadcast")
    assert office.form(MAYA).callback_id == "propose_broadcast"


async def test_a_message_that_reached_nobody_owes_as_before(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    before = (await office.problem()).next_update_at
    world.box.recipients += ["550 5.1.1 no such mailbox"] * 3
    await office.pass_time(timedelta(minutes=10))
    await office.sent()
    found = await office.problem()
    assert "0 of 3 delivered, 3 failed" in str(office.pinned().blocks)
    assert (found.next_update_at, found.promised) == (before, False)
    await office.press(ELENI, office.pinned(), "do:retry_receipts")
    assert "3 of 3 delivered" in str(office.pinned().blocks)
    found = await office.problem()
    assert (found.next_update_at, found.promised) == (found.broadcasts[0].next_update_at, True)


async def test_the_form_asks_for_the_texts_that_the_chosen_audience_reads(world: World) -> None:
    office = Many(world.here)
    await office.begin()
    await office.press(MAYA, office.pinned(), "ask:propose_broadcast")
    assert written(office.form(MAYA)) == {"text_en": False, "text_el": False}
    assert KNOWN in json.dumps(office.form(MAYA).blocks, ensure_ascii=False)
    view = office.form(MAYA)
    await office.here.people.click(MAYA, view_id=view.id, action_id="audience", value="language:el")
    await office.here.settle()
    assert written(office.form(MAYA)) == {"text_el": False}
    await office.close_forms(MAYA)


def written(view: View) -> dict[str, bool]:
    """The texts that a form asks for, and whether each may stay empty."""
    return {
        each["element"]["action_id"]: bool(each.get("optional"))
        for each in view.blocks
        if each["type"] == "input" and each["element"]["action_id"].startswith("text_")
    }
