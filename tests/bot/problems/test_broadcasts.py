"""One message to many: approved by another, sent by each one's route, counted for each case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.cases.restrict import restrict_case
from bot.engine.inbox import Answer
from bot.errors import UserError
from bot.rules.words import Language, Role
from messages.problems.notices import problem_notice
from storage.models import Account, Broadcast, BroadcastRecipient, Outbox, SentMessage
from tests.bot.problems.test_problem import accounts, begun, problem
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, ROLES, STRANGER, Stage

COCO = "UCOCO"  # comms approver
EN = "Dear {contact}, orders at {customer} fail since 09:00. We will write to you again by 15:00."
EL = "Κυρία ή κύριε {contact}, οι παραγγελίες αποτυγχάνουν. Θα σας γράψουμε ξανά στις 15:00."


@pytest.fixture
def many(stage: Stage) -> Stage:
    """A stage with somebody who approves messages."""
    stage.policy = replace(stage.policy, roles={**ROLES, Role.COMMS_APPROVER: (COCO,)})
    return stage


async def spread(stage: Stage) -> int:
    """A problem of Acme (with a case), Boreal and Δέλτα; the number of the case."""
    await accounts(stage)
    case = await begun(stage)
    lines = "boreal, Errors in their log\ndelta, Τηλεφώνησαν"
    await stage.do(ANNA, "add_affected_lines", problem=1, lines=lines)
    return case


async def propose(stage: Stage, who: str = ANNA, **fields: Any) -> Answer | None:
    """Write to everybody."""
    promise = stage.now + timedelta(hours=3)
    given = {"audience": "all", "text_en": EN, "text_el": EL, "next_update_at": promise}
    return await stage.do(who, "propose_broadcast", problem=1, **{**given, **fields})


async def decide(stage: Stage, who: str, *, approve: bool = True, **fields: Any) -> Answer | None:
    """Answer the newest broadcast as it stands."""
    row = (await stage.rows(Broadcast))[-1]
    given = {"broadcast": row.id, "digest": row.digest, "approve": approve, **fields}
    return await stage.do(who, "answer_broadcast", problem=1, **given)


async def send(stage: Stage, who: str = EMMA) -> Answer | None:
    """Send the newest broadcast."""
    row = (await stage.rows(Broadcast))[-1]
    return await stage.do(who, "send_broadcast", problem=1, broadcast=row.id)


async def refusal(awaited: Any) -> str:
    """Why something is refused."""
    with pytest.raises(UserError) as caught:
        await awaited
    return caught.value.key


async def test_a_message_to_many_is_always_approved_by_another(many: Stage) -> None:
    await spread(many)
    await propose(many)
    assert await refusal(send(many)) == "not_approved"
    assert await refusal(decide(many, STRANGER)) == "not_your_role"
    assert await refusal(decide(many, EVAN)) == "not_your_role"  # there are comms approvers
    await decide(many, COCO)
    assert (await many.rows(Broadcast))[-1].approver == COCO
    many.policy = replace(many.policy, roles={**ROLES, Role.COMMS_APPROVER: (ANNA, COCO)})
    await propose(many)
    assert await refusal(decide(many, ANNA)) == "own_broadcast"


async def test_each_reads_their_own_name_and_language(many: Stage) -> None:
    await spread(many)
    await propose(many)
    texts = {r.language: r.text for r in await many.rows(BroadcastRecipient)}
    assert texts["en"].startswith("Dear Head of Boreal Bank, orders at Boreal Bank")
    greek = sorted(
        r.text.partition(",")[0] for r in await many.rows(BroadcastRecipient, language="el")
    )
    assert greek == ["Κυρία ή κύριε Head of Δέλτα Τρόφιμα", "Κυρία ή κύριε Maria"]


async def test_a_language_that_somebody_reads_must_be_written(many: Stage) -> None:
    await spread(many)
    assert await refusal(propose(many, text_el="")) == "language_missing"
    await propose(many, audience="language:en", text_el="")
    assert [r.language for r in await many.rows(BroadcastRecipient)] == ["en"]


async def test_no_customer_is_named_to_the_others(many: Stage) -> None:
    await spread(many)
    await many.opened(account="", customer="Zephyr")
    for name in ("Boreal Bank", "Acme Hellas", "Zephyr", "Δέλτα Τρόφιμα", "Cedar Clinics"):
        text = f"Dear {{contact}}, {name} has it too. We will write to you again by 15:00."
        assert await refusal(propose(many, text_en=text)) == "tone_wrong_customer"
    assert await refusal(propose(many, text_en=EN + " [more]")) == "brackets"
    money = EN + " We offer you a discount of 10%."
    assert await refusal(propose(many, text_en=money)) == "tone_concession_many"


async def test_a_name_does_not_tell_of_a_restricted_case(many: Stage) -> None:
    """Who is a customer by such a case alone is none for those who are not on it."""
    await spread(many)
    await many.opened(EVAN, account="", customer="Zephyr", sensitive=True)
    await many.opened(EVAN, account="acme", customer="Acme", sensitive=True)
    text = "Dear {contact}, %s has it too. We will write to you again by 15:00."
    assert await refusal(propose(many, EVAN, text_en=text % "Zephyr")) == "tone_wrong_customer"
    assert await refusal(propose(many, text_en=text % "Boreal Bank")) == "tone_wrong_customer"
    assert await propose(many, text_en=text % "Zephyr") == await propose(
        many, text_en=text % "Nonesuch"
    )


async def test_a_customer_who_left_a_problem_with_a_restricted_case_is_no_name(
    many: Stage,
) -> None:
    await spread(many)
    number = await many.opened(EVAN, account="", customer="Zephyr")
    await many.do(EVAN, "link_case", number, problem=1)
    async with many.database.write() as session:
        work = many.work(session, EVAN)
        await restrict_case(work, await work.case(number))
    text = "Dear {contact}, Zephyr has it too. We will write to you again by 15:00."
    assert (await propose(many, text_en=text)) is not None


async def test_segments_come_from_the_accounts(many: Stage) -> None:
    await spread(many)
    for audience, count in (("tier:gold", 2), ("region:North", 1), ("language:el", 2)):
        await propose(many, audience=audience)
        newest = (await many.rows(Broadcast))[-1].id
        assert len(await many.rows(BroadcastRecipient, broadcast=newest)) == count
    assert await refusal(propose(many, audience="tier:platinum")) == "nobody_affected"


async def test_writing_again_voids_what_was_approved(many: Stage) -> None:
    await spread(many)
    await propose(many)
    first = (await many.rows(Broadcast))[-1]
    await decide(many, COCO)
    await propose(many, text_en=EN + " More.")
    given = {"problem": 1, "broadcast": first.id}
    assert await refusal(many.do(EMMA, "send_broadcast", **given)) == "not_approved"
    assert (
        await refusal(many.do(COCO, "answer_broadcast", digest=first.digest, approve=True, **given))
        == "broadcast_void"
    )


async def test_an_altered_text_cannot_be_sent(many: Stage) -> None:
    await spread(many)
    await propose(many)
    await decide(many, COCO)
    row = (await many.rows(Broadcast))[-1]
    row.texts = {**row.texts, "en": "Something else."}
    async with many.database.write() as session:
        await session.merge(row)
    assert await refusal(send(many)) == "broadcast_void"


async def test_who_has_no_mail_is_written_to_by_hand_and_it_counts(many: Stage) -> None:
    case = await spread(many)
    await propose(many)
    await decide(many, COCO)
    many.later(minutes=5)
    await send(many)  # this stage has no mail server
    asked = [r for r in await many.rows(Outbox) if r.payload.get("text") == "problem:by_hand"]
    assert sorted(r.payload["user"] for r in asked) == [ANNA, ANNA, EMMA]
    receipt = next(r for r in await many.rows(BroadcastRecipient) if r.case_number == case)
    given = {"problem": 1, "receipt": receipt.id, "route": "phone"}
    assert await refusal(many.do(BILL, "sent_by_hand", **given)) == "not_your_receipt"
    await many.do(EMMA, "sent_by_hand", **given)
    (*_, message) = await many.rows(SentMessage, case_number=case)
    assert (message.text, message.route, message.state) == (receipt.text, "phone", "sent")
    clock = await many.clock(case, "next_update")
    assert clock is not None
    row = (await many.rows(Broadcast))[-1]
    assert clock.due == row.next_update_at
    assert await refusal(many.do(EMMA, "sent_by_hand", **given)) == "sent_already"
    states = sorted(r.state for r in await many.rows(BroadcastRecipient))
    assert states == ["delivered", "queued", "queued"]


async def test_sending_begins_the_clock_anew(many: Stage) -> None:
    await spread(many)
    await propose(many)
    await decide(many, COCO)
    many.later(minutes=30)
    await send(many)
    found = await problem(many)
    row = (await many.rows(Broadcast))[-1]
    assert (found.next_update_at, found.promised) == (row.next_update_at, True)
    assert found.cycle_began_at == many.now
    assert await refusal(send(many)) == "not_approved"  # it is sent once


async def test_who_is_no_longer_affected_is_left_out(many: Stage) -> None:
    await spread(many)
    await propose(many)
    await decide(many, COCO)
    (receipt, *_) = await many.rows(BroadcastRecipient, language="en")
    given = {"affected": receipt.affected, "reason": "Their own fault"}
    await many.do(EMMA, "remove_affected", problem=1, **given)
    await send(many)
    assert sorted(r.state for r in await many.rows(BroadcastRecipient)) == [
        "left",
        "queued",
        "queued",
    ]


async def test_a_returned_message_needs_a_remark(many: Stage) -> None:
    await spread(many)
    await propose(many)
    assert await refusal(decide(many, COCO, approve=False)) == "return_needs_remark"
    await decide(many, COCO, approve=False, remark="Say what helps.")
    assert (await many.rows(Broadcast))[-1].state == "returned"


# -- what each customer reads is what was approved


async def rename(stage: Stage, key: str, **values: Any) -> None:
    """Change a customer of the accounts."""
    await stage.change_account(key, **values)


@pytest.mark.parametrize(
    "contact",
    ["Anna, we refund you 500 EUR", "Anna 4111 1111 1111 1111", "Anna (Cedar Clinics)"],
)
async def test_a_contacts_name_is_judged_as_it_will_be_read(many: Stage, contact: str) -> None:
    await spread(many)
    await rename(many, "boreal", contact_name=contact)
    with pytest.raises(UserError, match="broadcast_line") as caught:
        await propose(many)
    assert caught.value.facts["customer"] == "Boreal Bank"


async def test_a_name_that_only_together_with_the_words_offers_money_is_found(many: Stage) -> None:
    await spread(many)
    await rename(many, "boreal", contact_name="refund you 500")
    text = EN.replace("Dear {contact}", "We {contact} EUR")
    assert await refusal(propose(many, text_en=text)) == "broadcast_line"


async def test_whoever_approves_reads_what_each_customer_reads(many: Stage) -> None:
    await spread(many)
    await rename(many, "delta", contact_name="Δήμητρα")
    await propose(many)
    rows = [r.payload for r in await many.rows(Outbox)]
    asked = [p for p in rows if "broadcast_" in str(p.get("text"))]
    assert [p["text"] for p in asked] == ["problem:broadcast_lines", "problem:broadcast_asked"]
    shown = "\n".join(line for _, line in asked[0]["extra"]["lines"])
    shown += "\n".join(text for _, text in asked[1]["extra"]["samples"])
    for receipt in await many.rows(BroadcastRecipient):
        assert receipt.text.partition(" fail")[0].partition(",")[0] in shown


async def test_many_lines_take_as_many_messages_as_they_need(many: Stage) -> None:
    await spread(many)
    long = f"{EN} {{customer}} {'x' * 800}"
    rows = [
        Account(key=f"k{n}", name=f"Customer {n:03}", folded=f"customer {n:03}") for n in range(60)
    ]
    await many.add(*rows)
    for n in range(0, 60, 20):
        lines = "\n".join(f"k{m}, Errors" for m in range(n, n + 20))
        await many.do(ANNA, "add_affected_lines", problem=1, lines=lines)
    await propose(many, text_en=long)
    pages = [
        r.payload["extra"]
        for r in await many.rows(Outbox)
        if r.payload.get("text") == "problem:broadcast_lines"
    ]
    assert [page["of"] for page in pages] == [len(pages)] * len(pages)
    assert len(pages) > 1
    named = [customer for page in pages for customer, _ in page["lines"]]
    assert len(named) == len(set(named)) == 61
    for page in pages:
        said = problem_notice(
            "broadcast_lines", Language.ENGLISH, {"problem": 1, "title": "Orders fail", **page}
        )
        words = "".join(block["text"]["text"] for block in said.blocks if "text" in block)
        assert all(customer in words for customer, _ in page["lines"])
        assert words.count("x" * 800) == sum("x" * 800 in own for _, own in page["lines"])


@pytest.mark.parametrize(
    "change", [{"contact_name": "Somebody Else"}, {"contact_email": "x@else.example"}]
)
async def test_a_name_or_address_that_changed_since_is_not_sent(
    many: Stage, change: dict[str, str]
) -> None:
    await spread(many)
    await propose(many)
    await decide(many, COCO)
    await rename(many, "boreal", **change)
    assert await refusal(send(many)) == "broadcast_void"
    assert {r.state for r in await many.rows(BroadcastRecipient)} == {"planned"}


async def test_the_approval_of_a_message_to_many_ends(many: Stage) -> None:
    await spread(many)
    promise = many.now + timedelta(days=2)
    await propose(many, next_update_at=promise)
    await decide(many, COCO)
    many.later(hours=4)
    assert await refusal(send(many)) == "broadcast_late"


async def test_managers_do_not_approve_where_comms_approvers_are_named(many: Stage) -> None:
    await spread(many)
    many.policy = replace(many.policy, roles={**ROLES, Role.COMMS_APPROVER: (ANNA,)})
    assert await refusal(propose(many)) == "no_approver"  # the only one is the author


async def test_the_sender_reads_what_goes_how_and_who_is_written_to_by_hand(many: Stage) -> None:
    await spread(many)
    await propose(many)
    await decide(many, COCO)
    answer = await send(many)
    assert answer is not None
    extra = answer["extra"]
    assert (answer["text"], extra["routes"], extra["withheld"]) == ("problem:went", [], 0)
    assert (len(extra["hand"]), extra["hand"][0][0]) == (3, "Acme Hellas")
    said = problem_notice("went", Language.ENGLISH, extra)
    assert "maria@acme.example" in said.text


@pytest.mark.parametrize(("who", "may"), [(ANNA, False), (EMMA, True)])
async def test_an_author_who_may_not_send_is_offered_no_button(
    many: Stage, who: str, may: bool
) -> None:
    await spread(many)
    await propose(many, who)
    await decide(many, COCO)
    [row] = [r for r in await many.rows(Outbox) if r.payload.get("user") == who
             and r.payload.get("text") == "problem:broadcast_answered"]  # fmt: skip
    extra = row.payload["extra"]
    assert (extra["count"], extra["languages"], extra["may_send"]) == (3, ["el", "en"], may)
    pressed = str(problem_notice("broadcast_answered", Language.ENGLISH, extra).blocks)
    assert ("do:send_broadcast" in pressed) is may
    assert ("3 customers, in: Greek, English" in pressed) is may
