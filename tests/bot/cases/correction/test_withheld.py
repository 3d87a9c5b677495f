"""What was about to go out when the case was corrected, merged or ended is held back."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.mail.queue import queue_mail
from bot.rules.states import MessageState
from bot.rules.words import ClockKind
from storage.models import Asking, Mail, Outbox, SentMessage, TicketReply
from tests.bot.cases.correction.forms import OTHER, edit, globex
from tests.bot.intake.test_merged_meanwhile import MARIA, desk, letter, pair
from tests.bot.stage import ANNA, EMMA, Stage

__all__ = ["desk"]
NORA = "nora@acme.example"
LOST = ("refused", "dropped")


async def written(stage: Stage, route: str = "mail", **case: object) -> int:
    """A case with a message to Maria that waits to be sent."""
    number = await stage.claimed()
    fields = {"helpdesk": "zendesk", "ticket": "7", "ticket_requester": MARIA}
    async with stage.database.write() as session:
        found = await stage.work(session).case(number)
        for name, value in ({**fields, "ticket_since": stage.now} | case).items():
            setattr(found, name, value)
    given = letter(stage, number, route)
    given.pop("case")
    await stage.do(ANNA, "update", number, **given)
    return number


async def ends(stage: Stage, kind: str = "mail") -> list[tuple[str, str]]:
    """How each message stands, and its row of the outbox."""
    model: Any = TicketReply if kind == "zendesk" else Mail
    rows = {row.id: row.state for row in await stage.rows(Outbox, kind=kind)}
    return [(m.state, rows[m.outbox_id]) for m in await stage.rows(model, direction="out")]


async def asked(stage: Stage, number: int, kind: str = "pulse") -> None:
    """A question to the customer waits for the mail server."""
    async with stage.database.write() as session:
        work = stage.work(session)
        case = await work.case(number)
        await queue_mail(work, case, kind=kind, text="How is it going?", recipient=MARIA)


async def test_a_mail_to_the_contact_before_is_held_back_and_its_author_told(desk: Stage) -> None:
    number = await written(desk)
    await desk.said(number)
    await edit(desk, number, EMMA, contact_email=NORA)
    assert await ends(desk) == [LOST]
    (message,) = await desk.rows(SentMessage)
    assert message.state is MessageState.REFUSED
    said = {each.text: each for each in await desk.said(number)}
    told = said["notice:message_withheld"]
    assert (told.to, told.extra["kind"], told.extra["by"]) == (ANNA, "acknowledgement", EMMA)
    assert told.extra["text"].startswith("We found the cause.")
    edited = said["notice:case_edited"].extra
    assert (edited["withheld"], edited["going"]) == (1, 0)
    entry = next(e for e in await desk.timeline(number) if e.verb == "message_withheld")
    assert entry.why.startswith("We found the cause.")
    assert ClockKind.FIRST_RESPONSE in await desk.running(number)


@pytest.mark.parametrize(
    "state", [{"state": "handed"}, {"handed_at": "now"}], ids=["handed", "doubtful"]
)
async def test_a_mail_that_the_server_may_have_is_left_and_said(
    desk: Stage, state: dict[str, Any]
) -> None:
    number = await written(desk)
    async with desk.database.write() as session:
        mail = await session.get_one(Mail, 1)
        for name, value in state.items():
            setattr(mail, name, desk.now if value == "now" else value)
    await desk.said(number)
    await edit(desk, number, contact_email=NORA)
    ((kept, row),) = await ends(desk)
    assert (kept, row) == (state.get("state", "queued"), "pending")
    said = {each.text: each.extra for each in await desk.said(number)}
    assert (said["notice:case_edited"]["withheld"], said["notice:case_edited"]["going"]) == (0, 1)


async def test_a_mail_that_is_being_handed_over_at_this_moment_is_left(desk: Stage) -> None:
    number = await written(desk)
    async with desk.database.write() as session:
        (row,) = await desk.rows(Outbox, kind="mail")
        (await session.get_one(Outbox, row.id)).lease_until = desk.now + timedelta(seconds=40)
    await edit(desk, number, contact_email=NORA)
    assert await ends(desk) == [("queued", "pending")]


async def test_a_mail_to_the_same_person_goes_out(desk: Stage) -> None:
    number = await written(desk)
    await edit(desk, number, contact_name="Maria P.", contact_email=MARIA.upper())
    await edit(desk, number, stake="Worse", second_email="olga@acme.example")
    assert await ends(desk) == [("queued", "pending")]


async def test_a_mail_about_another_customer_is_held_back_whatever_its_address(
    desk: Stage,
) -> None:
    number = await written(desk)
    await desk.add(globex(contact_email=MARIA))
    await edit(desk, number, account=OTHER, customer="Globex")
    assert await ends(desk) == [LOST]


@pytest.mark.parametrize("tried", [False, True])
async def test_a_reply_in_a_wrong_ticket_is_held_back_unless_it_may_be_there(
    desk: Stage, *, tried: bool
) -> None:
    number = await written(
        desk, "zendesk", ticket_url="https://northwind.zendesk.com/agent/tickets/7"
    )
    (row,) = await desk.rows(Outbox, kind="zendesk")
    if tried:
        async with desk.database.write() as session:
            (await session.get_one(Outbox, row.id)).attempted_at = desk.now
    await edit(desk, number, EMMA, ticket_url="https://northwind.zendesk.com/agent/tickets/9")
    (end,) = [each for each in await ends(desk, "zendesk") if each]
    assert end == (("queued", "pending") if tried else LOST)


async def test_who_becomes_the_contact_by_a_mail_of_theirs_changes_it_as_well(
    desk: Stage,
) -> None:
    number = await written(desk)
    fields = {"message_id": "<n@x>", "sender": NORA, "text": "Me", "at": desk.now}
    given = {"direction": "in", "kind": "reply", "state": MessageState.RECEIVED, **fields}
    await desk.add(Mail(case_number=number, **given))
    (mail,) = await desk.rows(Mail, direction="in")
    await desk.do(EMMA, "make_contact", number, mail=mail.id)
    assert await ends(desk) == [LOST]


# -- questions


@pytest.mark.parametrize("kind", ["pulse", "survey"])
async def test_a_question_to_the_contact_before_is_asked_anew_of_the_new_one(
    desk: Stage, kind: str
) -> None:
    number = await desk.claimed()
    await asked(desk, number, kind)
    await edit(desk, number, contact_email=NORA)
    assert await ends(desk) == [LOST]
    (row,) = await desk.rows(Asking, case_number=number)
    assert getattr(row, f"{kind}_at") == desk.now
    assert "question_withheld" in [e.verb for e in await desk.timeline(number)]
    texts = [r.payload.get("text") for r in await desk.rows(Outbox, case_number=number)]
    assert "notice:message_withheld" not in texts


async def test_no_question_of_a_merged_case_goes_out(desk: Stage) -> None:
    parent, child = await pair(desk)
    await asked(desk, child)
    await asked(desk, parent)
    await desk.do(EMMA, "merge", child, into=parent)
    assert await ends(desk) == [LOST, ("queued", "pending")]


async def test_no_question_of_a_duplicate_or_a_restricted_case_goes_out(desk: Stage) -> None:
    original, number, secret = [await desk.claimed() for _ in range(3)]
    await asked(desk, number)
    await asked(desk, secret)
    await desk.do(EMMA, "close", number, code="duplicate", duplicate_of=original)
    await desk.do(EMMA, "executive_flag", secret, trigger="legal", reason="Our lawyers")
    assert await ends(desk) == [LOST, LOST]


# -- a duplicate


async def test_the_reply_that_a_duplicate_owes_is_owed_in_the_other_case(stage: Stage) -> None:
    original, number = await stage.claimed(), await stage.claimed()
    await stage.do(ANNA, "customer_replied", number, summary="And now?")
    since = stage.now
    stage.later(minutes=10)
    await stage.do(EMMA, "close", number, code="duplicate", duplicate_of=original)
    owed = await stage.clock(original, ClockKind.NEXT_REPLY)
    assert owed is not None
    assert (owed.state, owed.started_at) == ("running", since)
    (post,) = [e for e in await stage.said(original) if e.text == "notice:duplicate"]
    assert post.extra["owed_at"] == since.isoformat()


async def test_a_duplicate_that_owes_nothing_passes_nothing_on(stage: Stage) -> None:
    original, number = await stage.claimed(), await stage.claimed()
    await stage.do(EMMA, "close", number, code="duplicate", duplicate_of=original)
    assert ClockKind.NEXT_REPLY not in await stage.running(original)
    (post,) = [e for e in await stage.said(original) if e.text == "notice:duplicate"]
    assert post.extra["owed_at"] == ""


async def test_a_restricted_duplicate_that_owes_a_reply_is_answered_first(stage: Stage) -> None:
    original = await stage.claimed()
    number = await stage.opened(ANNA, sensitive=True)
    await stage.do(ANNA, "customer_replied", number, summary="And now?")
    case = await stage.case(number)
    with pytest.raises(UserError, match="duplicate_owes_reply"):
        await stage.do(case.owner, "close", number, code="duplicate", duplicate_of=original)
    assert (await stage.case(number)).status == "new"
    assert ClockKind.NEXT_REPLY not in await stage.running(original)
