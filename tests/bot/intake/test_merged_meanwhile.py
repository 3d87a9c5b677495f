"""What goes to the customer, or comes from them, at the moment at which two cases become one."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.customers.channels import Customers
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.mail.incoming import take_in_mail
from bot.mail.outcomes import record_bounce, record_taken
from bot.rules.mail.parsing import InboundMail
from bot.rules.tokens import Signer
from bot.rules.words import ClockKind
from bot.tickets.outcomes import take_in_ticket
from messages.clients.helpdesks import Entry
from messages.clients.smtp import Mailer, MailServer
from storage.models import Case, Mail, Outbox, SentMessage, TicketReply, TimelineEvent
from tests.bot.at_once import at_once, use_case
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, Stage
from tests.first_words import BOTH

SIGNER = Signer(b"a key of the tests")
SERVER = "mx.northwind.example"  # our own mail server, which checks who sent it
MARIA = "maria@acme.example"
URL = "https://northwind.zendesk.com/agent/tickets/7"
TICKET = {"helpdesk": "zendesk", "ticket": "7", "ticket_requester": MARIA}


@pytest.fixture
def desk(stage: Stage) -> Stage:
    """A stage with a mail server and a help desk, neither of which is ever called."""
    zendesk = SimpleNamespace(ticket_of=lambda url: url.removeprefix(URL[:-1]))
    mailer = Mailer(MailServer("mail.example"), "Northwind <help@northwind.example>")
    stage.customers = Customers(SIGNER, mailer, helpdesks={"zendesk": zendesk}, authserv_id=SERVER)  # type: ignore[dict-item]
    return stage


async def pair(stage: Stage) -> tuple[int, int]:
    """The parent, of another owner, and the child in a ticket."""
    parent = await stage.claimed(who=EVAN)
    child = await stage.claimed()
    await change(stage, child, ticket_since=stage.now, **TICKET)
    return parent, child


async def change(stage: Stage, number: int, **values: Any) -> None:
    """Change a case past its use cases."""
    async with stage.database.write() as session:
        for name, value in values.items():
            setattr(await stage.work(session).case(number), name, value)


def letter(stage: Stage, child: int, route: str) -> dict[str, Any]:
    """A message to the customer that the app sends."""
    return {
        "case": child, "kind": "acknowledgement", "route": route,
        "text": f"We found the cause. {BOTH}",
        "recipient": f"Maria, {MARIA}", "next_update_at": stage.now + timedelta(hours=1),
    }  # fmt: skip


def written(child: int, text: str = "Still nothing") -> InboundMail:
    """A mail of the customer's to the child's own address."""
    return InboundMail(
        message_id="<1@acme.example>", sender=MARIA, sender_name="Maria",
        recipients=(f"help+{SIGNER.reply_tag(child)}@northwind.example",), parents=(),
        subject="Re", text=text, at=None, automatic=False, digest=text,
        results=(f"{SERVER}; dmarc=pass",),
    )  # fmt: skip


async def heard(stage: Stage) -> list[tuple[int, str]]:
    """Where the record has what the customer wrote."""
    rows = await stage.rows(TimelineEvent, verb="customer_replied")
    return [(row.case_number, row.why) for row in rows]


@pytest.mark.parametrize("route", ["mail", "zendesk"])
async def test_a_case_is_not_merged_while_a_message_of_it_is_being_queued(
    desk: Stage, route: str
) -> None:
    parent, child = await pair(desk)
    with pytest.raises(UserError, match="merge_message_under_way"):
        await at_once(
            desk,
            use_case("update", **letter(desk, child, route)),
            desk.do(EMMA, "merge", child, into=parent),
            who=ANNA,
        )
    assert (await desk.case(child)).status == "acknowledged"
    assert [m.state for m in await desk.rows(SentMessage, case_number=child)] == ["queued"]


@pytest.mark.parametrize("route", ["mail", "zendesk"])
async def test_nothing_is_sent_from_a_case_that_was_just_merged(desk: Stage, route: str) -> None:
    parent, child = await pair(desk)
    with pytest.raises(UserError, match="wrong_status"):
        await at_once(
            desk,
            use_case("merge", child, into=parent),
            desk.do(ANNA, "update", **letter(desk, child, route)),
        )
    assert [*await desk.rows(SentMessage), *await desk.rows(Mail)] == []
    assert [r for r in await desk.rows(Outbox) if r.kind in {"mail", "zendesk"}] == []


@pytest.mark.parametrize("state", ["queued", "handed"])
async def test_a_case_is_not_merged_before_its_mail_has_arrived_and_then_is(
    desk: Stage, state: str
) -> None:
    parent, child = await pair(desk)
    await desk.do(ANNA, "update", **letter(desk, child, "mail"))
    (mail,) = await desk.rows(Mail)
    await set_state(desk, mail.id, state)
    with pytest.raises(UserError, match="merge_message_under_way"):
        await desk.do(EMMA, "merge", child, into=parent)

    await at_once(desk, taken(child, mail.id), desk.do(EMMA, "merge", child, into=parent))

    assert (await desk.case(child)).merged_into == parent
    first = await desk.clock(child, ClockKind.FIRST_RESPONSE)
    assert first is not None
    assert first.state == "met"


async def set_state(stage: Stage, mail: int, state: str) -> None:
    """How far the mail has come."""
    async with stage.database.write() as session:
        (await session.get_one(Mail, mail)).state = state  # type: ignore[assignment]


def taken(case: int, mail: int) -> Callable[[UnitOfWork], Awaitable[None]]:
    """The mail server has taken it, as delivery records that."""

    async def record(work: UnitOfWork) -> None:
        locked = await work.case(case)
        await record_taken(work, locked, await work.session.get_one(Mail, mail), doubtful=False)

    return record


async def test_a_mail_that_comes_while_its_case_is_merged_arrives_where_it_goes_on(
    desk: Stage,
) -> None:
    parent, child = await pair(desk)
    assert await at_once(desk, use_case("merge", child, into=parent), mailed(desk, child)) == (
        "received"
    )
    assert await heard(desk) == [(parent, "Still nothing")]
    assert [m.case_number for m in await desk.rows(Mail)] == [parent]
    assert ClockKind.NEXT_REPLY in await desk.running(parent)
    assert await desk.running(child) == set()


async def test_a_reply_that_is_owed_just_before_a_merge_is_owed_where_the_case_goes_on(
    desk: Stage,
) -> None:
    parent, child = await pair(desk)
    desk.later(minutes=10)
    wrote = desk.now

    async def takes_in(work: UnitOfWork) -> None:
        assert await take_in_mail(work, written(child), SIGNER) == "received"

    await at_once(desk, takes_in, desk.do(EMMA, "merge", child, into=parent))

    assert await heard(desk) == [(child, "Still nothing")]
    owed = await desk.clock(parent, ClockKind.NEXT_REPLY)
    assert owed is not None
    assert (owed.state, owed.started_at) == ("running", wrote)
    await desk.do(EMMA, "unmerge", child)
    assert ClockKind.NEXT_REPLY not in await desk.running(parent)
    assert ClockKind.NEXT_REPLY in await desk.running(child)


async def test_a_reply_that_the_customer_has_had_in_the_other_case_is_owed_no_more(
    desk: Stage,
) -> None:
    parent, child = await pair(desk)
    await mailed(desk, child)
    desk.later(minutes=10)
    await desk.update(parent)
    await desk.do(EMMA, "merge", child, into=parent)
    assert ClockKind.NEXT_REPLY not in await desk.running(parent)


async def test_a_mail_that_comes_while_a_merge_is_undone_arrives_in_its_own_case(
    desk: Stage,
) -> None:
    parent, child = await pair(desk)
    await desk.do(EMMA, "merge", child, into=parent)
    assert await at_once(desk, use_case("unmerge", child), mailed(desk, child)) == "received"
    assert await heard(desk) == [(child, "Still nothing")]
    assert [m.case_number for m in await desk.rows(Mail)] == [child]


async def mailed(stage: Stage, child: int) -> str:
    """The customer's mail is taken in."""
    async with stage.database.write() as session:
        return await take_in_mail(stage.work(session), written(child), SIGNER)


async def test_what_is_written_in_the_ticket_meanwhile_arrives_where_the_case_goes_on(
    desk: Stage,
) -> None:
    parent, child = await pair(desk)
    await at_once(desk, use_case("merge", child, into=parent), looked(desk, child))
    assert await heard(desk) == [(parent, "In the ticket")]
    assert [r.case_number for r in await desk.rows(TicketReply)] == [parent]


async def looked(stage: Stage, child: int) -> None:
    """What a look into the child's ticket has found is taken in."""
    found = [Entry("e1", stage.now, "In the ticket", customer=True)]
    async with stage.database.write() as session:
        work = stage.work(session)
        await take_in_ticket(work, await work.case(child), found)


async def test_that_a_message_of_a_merged_case_came_back_is_told_where_it_goes_on(
    desk: Stage,
) -> None:
    parent, child = await pair(desk)
    await desk.do(ANNA, "update", **letter(desk, child, "mail"))
    (mail,) = await desk.rows(Mail)
    async with desk.database.write() as session:
        await taken(child, mail.id)(desk.work(session))
    await desk.do(EMMA, "merge", child, into=parent)
    async with desk.database.write() as session:
        work = desk.work(session)
        case = await work.case(child)
        await record_bounce(work, case, await session.get_one(Mail, mail.id), "550 no such user")

    told = [r for r in await desk.rows(Outbox) if r.payload.get("text") == "notice:mail_failed"]
    owner = (await desk.case(parent)).owner
    assert {(r.payload["user"], r.case_number) for r in told} == {(ANNA, parent), (owner, parent)}
    assert (await desk.last(child)).verb == "mail_bounced"


async def test_when_a_merge_is_undone_the_ticket_is_the_childs_alone(desk: Stage) -> None:
    parent, child = await pair(desk)
    await desk.do(EMMA, "merge", child, into=parent)
    await desk.do(EMMA, "link_ticket", parent, url=URL)
    assert (await desk.case(parent)).ticket == "7"
    await desk.do(EMMA, "unmerge", child)
    cases = {c.number: (c.helpdesk, c.ticket) for c in await desk.rows(Case)}
    assert cases == {child: ("zendesk", "7"), parent: ("", "")}
    (entry,) = await desk.rows(TimelineEvent, case_number=parent, verb="unlink_ticket")
    assert entry.after["ticket"] == "7"


async def test_a_ticket_that_another_case_took_meanwhile_stays_there(desk: Stage) -> None:
    parent, child = await pair(desk)
    await desk.do(EMMA, "merge", child, into=parent)
    await desk.do(EMMA, "dismiss", parent, reason="A question")
    other = await desk.opened(BILL, ticket_url=URL)
    await desk.do(EMMA, "link_ticket", other, url=URL)
    await desk.do(EMMA, "unmerge", child)
    cases = {c.number: c.ticket for c in await desk.rows(Case)}
    assert cases == {parent: "", child: "", other: "7"}
