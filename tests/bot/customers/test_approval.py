"""Two people for one message: an approval is of one text, and an edit voids it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.customers.outgoing import Outgoing
from bot.engine.inbox import Answer
from bot.errors import UserError
from bot.rules.words import Role, Severity
from storage.models import Account, Case, CaseRole, Draft, SentMessage
from tests.bot.stage import (
    ANNA,
    BILL,
    EMMA,
    EVAN,
    EXEC,
    ROLES,
    STRANGER,
    T0,
    TINA,
    Stage,
)
from tests.first_words import BOTH

COCO = "UCOCO"  # comms approver
TEXT = f"Tomas found the cause. I will write to you again at 14:00. {BOTH}"


@pytest.fixture
def strict(stage: Stage) -> Stage:
    """A stage on which SEV1 and SEV2 need two people."""
    two = frozenset({Severity.SEV1, Severity.SEV2})
    roles = {**ROLES, Role.COMMS_APPROVER: (COCO,)}
    stage.policy = replace(stage.policy, roles=roles, severities_needing_two_approvals=two)
    return stage


async def send(stage: Stage, number: int, who: str = ANNA, **fields: Any) -> Answer | None:
    """Submit an update."""
    wanted = {
        "kind": "update",
        "text": TEXT,
        "recipient": "Maria",
        "route": "email",
        "next_update_at": stage.now + timedelta(hours=2),
    }
    return await stage.do(who, "update", number, **{**wanted, **fields})


async def drafts(stage: Stage) -> list[Draft]:
    """Every draft, oldest first."""
    return await stage.rows(Draft)


async def decide(
    stage: Stage, number: int, who: str, *, approve: bool = True, **fields: Any
) -> Answer | None:
    """Answer the newest draft as it stands."""
    draft = (await drafts(stage))[-1]
    given = {"draft": draft.id, "digest": draft.digest, "approve": approve, **fields}
    return await stage.do(who, "answer_draft", number, **given)


async def refused(stage: Stage, number: int, who: str, **fields: Any) -> str:
    """Why an answer is refused."""
    with pytest.raises(UserError) as caught:
        await decide(stage, number, who, **fields)
    return caught.value.key


async def test_a_message_waits_until_a_second_person_approves_exactly_it(strict: Stage) -> None:
    number = await strict.claimed()
    await strict.said(number)
    answer = await send(strict, number)
    assert answer is not None
    assert (answer["text"], answer["extra"]["people"]) == ("notice:approval_waits", [COCO])
    assert await strict.rows(SentMessage) == []
    assert (await strict.heard(number))[COCO] == ["approval_asked"]
    await decide(strict, number, COCO)
    assert (await strict.heard(number))[ANNA] == ["draft_answered"]
    assert await strict.rows(SentMessage) == []
    assert await send(strict, number) is None
    (sent,) = await strict.rows(SentMessage)
    assert sent.text == TEXT
    assert [d.state for d in await drafts(strict)] == ["sent"]
    verbs = [entry.verb for entry in await strict.timeline(number)]
    assert verbs[-3:] == ["ask_approval", "answer_draft", "update"]
    assert (await strict.last(number)).after["approved_by"] == COCO


@pytest.mark.parametrize(
    "edit",
    [
        {"text": TEXT + " Sorry."},
        {"recipient": "Nikos"},
        {"kind": "apology"},
        {"route": "chat"},
        {"next_update_at": T0 + timedelta(days=60)},
    ],
)
async def test_an_edit_needs_a_new_approval(strict: Stage, edit: dict[str, Any]) -> None:
    number = await strict.claimed()
    await send(strict, number)
    await decide(strict, number, COCO)
    await send(strict, number, **edit)
    assert await strict.rows(SentMessage) == []
    assert (await drafts(strict))[-1].state == "waiting"


async def test_an_edit_voids_what_was_approved(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)
    old = (await drafts(strict))[0]
    await decide(strict, number, COCO)
    await send(strict, number, text=TEXT + " Sorry.")
    assert [d.state for d in await drafts(strict)] == ["void", "waiting"]
    assert "void_approval" in [entry.verb for entry in await strict.timeline(number)]
    with pytest.raises(UserError, match="draft_void"):
        await strict.do(COCO, "answer_draft", number, draft=old.id, digest=old.digest, approve=True)
    await send(strict, number)  # back to the first words: asked again, not let through
    assert await strict.rows(SentMessage) == []


async def test_an_approval_counts_once(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)
    await decide(strict, number, COCO)
    await send(strict, number)
    await send(strict, number)
    assert len(await strict.rows(SentMessage)) == 1
    assert [d.state for d in await drafts(strict)] == ["sent", "waiting"]


async def test_the_author_never_approves_their_own_words(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number, who=EMMA)
    assert await refused(strict, number, EMMA) == "own_draft"
    assert (await drafts(strict))[0].state == "waiting"


async def test_only_approvers_answer(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)
    for who in (BILL, STRANGER, EXEC, EVAN, EMMA):  # there are comms approvers
        assert await refused(strict, number, who) == "not_your_role"
    await decide(strict, number, COCO)


async def test_an_altered_digest_or_another_case_is_refused(strict: Stage) -> None:
    number, other = await strict.claimed(), await strict.claimed()
    await send(strict, number)
    (draft,) = await drafts(strict)
    assert await refused(strict, number, COCO, digest="0" * 64) == "draft_void"
    assert await refused(strict, other, COCO) == "no_such_draft"
    assert await refused(strict, number, COCO, draft=draft.id + 1) == "no_such_draft"


async def test_a_text_altered_in_the_store_is_refused(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)
    async with strict.database.write() as session:
        draft = await session.get(Draft, 1)
        assert draft is not None
        draft.text = "We will pay you."
        session.add(draft)
    assert await refused(strict, number, COCO) == "draft_void"


async def test_a_message_is_returned_with_a_remark(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)
    assert await refused(strict, number, COCO, approve=False) == "return_needs_remark"
    await strict.said(number)
    await decide(strict, number, COCO, approve=False, remark="Say whose fault it was.")
    (told,) = [each for each in await strict.said(number) if each.to == ANNA]
    assert told.extra["remark"] == "Say whose fault it was."
    assert await refused(strict, number, COCO) == "draft_answered"
    await send(strict, number)
    assert [d.state for d in await drafts(strict)] == ["returned", "waiting"]


async def test_the_same_words_are_asked_for_once(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)
    with pytest.raises(UserError, match="approval_waits"):
        await send(strict, number)
    assert len(await drafts(strict)) == 1


async def test_without_a_comms_approver_the_managers_are_asked(strict: Stage) -> None:
    strict.policy = replace(strict.policy, roles=ROLES)
    number = await strict.claimed()
    answer = await send(strict, number, who=EMMA)
    assert answer is not None
    assert answer["extra"]["people"] == [EVAN]


async def test_with_nobody_to_ask_the_author_is_told(strict: Stage) -> None:
    strict.policy = replace(strict.policy, roles={Role.ESCALATION_MANAGER: (EMMA,)})
    number = await strict.claimed()
    with pytest.raises(UserError, match="no_approver"):
        await send(strict, number, who=EMMA)


async def test_a_restricted_case_asks_only_those_on_it(strict: Stage) -> None:
    number = await strict.claimed(sensitive=True)
    with pytest.raises(UserError, match="no_approver_here"):
        await send(strict, number)
    await strict.do(EMMA, "assign", number, role="facilitator", user=COCO)
    answer = await send(strict, number)
    assert answer is not None
    assert answer["extra"]["people"] == [COCO]
    await decide(strict, number, COCO)


async def test_other_severities_go_out_at_once(strict: Stage) -> None:
    number = await strict.claimed(severity=3)
    assert await send(strict, number) is None
    assert await drafts(strict) == []


async def test_a_resolution_waits_like_every_message(strict: Stage) -> None:
    two = strict.policy
    strict.policy = replace(two, severities_needing_two_approvals=frozenset())
    number = await strict.investigating()
    strict.policy = two
    words = {"text": "It works again since 13:05.", "already_sent": False}
    await strict.resolve(number, **words)
    await strict.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    answer = await strict.resolve(number, **words)
    assert answer is not None
    assert answer["text"] == "notice:approval_waits"
    assert (await strict.case(number)).status == "investigating"
    await decide(strict, number, COCO)
    await strict.resolve(number, **words)
    assert (await strict.case(number)).status == "resolved"


# -- what must not be sent, whichever way it came


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("We will refund you €5,000. I write again at 14:00.", "tone_concession"),
        ("Your card 4111 1111 1111 1111. I write again at 14:00.", "tone_secret"),
        ("Globex has it too. I write again at 14:00.", "tone_wrong_customer"),
        ("In short: [better, the same or worse, and why]", "brackets"),
    ],
)
async def test_what_must_not_be_sent_is_refused(stage: Stage, text: str, why: str) -> None:
    await stage.add(Account(key="globex", name="Globex S.A.", folded="globex"))
    number = await stage.claimed()
    with pytest.raises(UserError, match=why):
        await send(stage, number, text=text)
    with pytest.raises(UserError, match=why):
        await stage.resolve(number, text=text, already_sent=False)
    assert await stage.rows(SentMessage) == []


# -- ways round that are closed


async def test_lowering_the_severity_first_does_not_spare_the_second_person(
    strict: Stage,
) -> None:
    number = await strict.claimed(severity=1)
    await strict.do(EMMA, "severity", number, severity=3, reason="It looks better")
    answer = await send(strict, number)
    assert answer is not None
    assert answer["text"] == "notice:approval_waits"
    await decide(strict, number, COCO)
    await send(strict, number)
    assert len(await strict.rows(SentMessage)) == 1
    assert await send(strict, number, text=TEXT + " Soon.") is None  # now they know it as SEV3


@pytest.mark.parametrize("how", ["by themselves", "by the author"])
async def test_a_role_lent_on_the_case_makes_nobody_an_approver(strict: Stage, how: str) -> None:
    number = await strict.claimed()
    await send(strict, number)
    async with strict.database.write() as session:  # however it got there
        session.add(
            CaseRole(case_number=number, role="comms_approver", user_id=BILL, since=strict.now)
        )
    assert await refused(strict, number, BILL) == "not_entrusted"
    giver = EMMA if how == "by the author" else EVAN
    with pytest.raises(UserError, match="not_named_for_role"):
        await strict.do(giver, "assign", number, role="comms_approver", user=TINA)


async def test_an_owner_whom_the_author_made_so_approves_nothing_of_theirs(strict: Stage) -> None:
    strict.policy = replace(strict.policy, roles={**ROLES, Role.ESCALATION_MANAGER: (EMMA,)})
    number = await strict.claimed()
    await strict.do(EMMA, "assign", number, role="escalation_manager", user=BILL)
    with pytest.raises(UserError, match="no_approver"):
        await send(strict, number, who=EMMA)
    answer = await send(strict, number, who=ANNA)
    assert answer is not None
    assert answer["extra"]["people"] == [BILL, EMMA]


@pytest.mark.parametrize("later", [timedelta(hours=4), timedelta(days=20)])
async def test_an_approval_ends_after_the_policys_time(strict: Stage, later: timedelta) -> None:
    number = await strict.claimed()
    promise = strict.now + timedelta(days=30)
    await send(strict, number, next_update_at=promise)
    await decide(strict, number, COCO)
    strict.now += later
    answer = await send(strict, number, next_update_at=promise)
    assert answer is not None
    assert answer["text"] == "notice:approval_waits"
    assert [d.state for d in await drafts(strict)] == ["void", "waiting"]


async def test_an_approval_ends_when_the_promised_time_is_there(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)  # promised for in two hours
    strict.later(hours=3)
    assert await refused(strict, number, COCO) == "draft_late"
    await send(strict, number)
    await decide(strict, number, COCO)
    (draft,) = [d for d in await drafts(strict) if d.state == "approved"]
    assert draft.expires_at == strict.now + timedelta(hours=2)


async def test_another_persons_approval_lets_nobody_else_send(strict: Stage) -> None:
    number = await strict.claimed()
    await send(strict, number)
    await decide(strict, number, COCO)
    answer = await send(strict, number, who=BILL)
    assert answer is not None
    assert answer["text"] == "notice:approval_waits"


async def on_ticket(stage: Stage, number: int, requester: str) -> None:
    """The case is linked to a ticket of this requester."""
    async with stage.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        case.helpdesk, case.ticket, case.ticket_requester = "zendesk", "5", requester
        session.add(case)


@pytest.mark.parametrize(
    ("recipient", "asked"),
    [
        ("Maria, maria@acme.example", False),
        ("boss@acme.example", False),
        ("", False),
        ("maria@acme.example.attacker.example", True),
        ("someone@else.example", True),
    ],
)
async def test_a_recipient_outside_the_account_needs_a_second_person(
    stage: Stage, recipient: str, asked: bool
) -> None:
    number = await stage.claimed(severity=4)
    given = {"route": "mail", "recipient": recipient or "Maria"}
    if asked:
        answer = await send(stage, number, **given)
        assert answer is not None
        assert answer["text"] == "notice:approval_waits"
        (draft,) = await drafts(stage)
        assert draft.reason == "recipient"
        return
    with pytest.raises(UserError, match="no_mail"):  # cleared, and there is no mail server here
        await send(stage, number, **given)


async def test_a_contact_typed_by_whoever_writes_is_no_second_person(stage: Stage) -> None:
    fields = {"account": "", "customer": "Zephyr", "contact_email": "me@attacker.example"}
    number = await stage.claimed(severity=4, **fields)
    answer = await send(stage, number, route="mail", recipient="me@attacker.example")
    assert answer is not None
    with pytest.raises(UserError, match="no_mail"):  # two have had a hand in it
        await send(stage, number, who=BILL, route="mail", recipient="me@attacker.example")


@pytest.mark.parametrize(
    ("requester", "asked"),
    [
        ("maria@acme.example", False),
        ("it@acme.example", False),
        ("x@else.example", True),
        ("", True),
    ],
)
async def test_a_ticket_of_another_requester_needs_a_second_person(
    stage: Stage, requester: str, asked: bool
) -> None:
    number = await stage.claimed(severity=4)
    await on_ticket(stage, number, requester)
    if asked:
        assert await send(stage, number, route="zendesk") is not None
        (draft,) = await drafts(stage)
        assert draft.reason == "requester"
        return
    with pytest.raises(UserError, match="no_desk"):
        await send(stage, number, route="zendesk")


async def test_a_ticket_that_was_changed_meanwhile_is_asked_again(strict: Stage) -> None:
    number = await strict.claimed()
    await on_ticket(strict, number, "maria@acme.example")
    await send(strict, number, route="zendesk")
    await decide(strict, number, COCO)
    async with strict.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        case.ticket = "6"
        session.add(case)
    answer = await send(strict, number, route="zendesk")
    assert answer is not None
    assert answer["text"] == "notice:approval_waits"


def test_a_digest_tells_every_part_of_a_message_apart() -> None:
    plain = dict.fromkeys(
        ("kind", "language", "route", "place", "recipient", "address", "promised", "words", "text"),
        "a",
    )
    changed = [{**plain, name: "b"} for name in plain]
    seen = {Outgoing(**each).digest for each in [plain, *changed]}
    assert len(seen) == len(plain) + 1
