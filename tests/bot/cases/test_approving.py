"""Two people for one message: an approval is of one text, and an edit voids it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.cases.approving import digest_of
from bot.errors import UserError
from bot.inbox import Answer
from bot.rules.words import MessageKind, Role, Severity
from storage.models import Account, Ask, Draft, SentMessage
from tests.bot.cases.stage import ANNA, BILL, EMMA, EVAN, EXEC, ROLES, STRANGER, Stage

COCO = "UCOCO"  # comms approver
TEXT = "Tomas found the cause. I will write to you again at 14:00."


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
    "edit", [{"text": TEXT + " Sorry."}, {"recipient": "Nikos"}, {"kind": "apology"}]
)
async def test_an_edit_needs_a_new_approval(strict: Stage, edit: dict[str, str]) -> None:
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
    for who in (BILL, STRANGER, EXEC):
        assert await refused(strict, number, who) == "not_your_role"
    await decide(strict, number, EVAN)


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
    assert await refused(strict, number, EVAN) == "draft_answered"
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
    answer = await send(strict, number)
    assert answer is not None
    assert answer["extra"]["people"] == [EMMA]
    assert await refused(strict, number, COCO) == "no_such_case"


async def test_other_severities_go_out_at_once(strict: Stage) -> None:
    number = await strict.claimed(severity=3)
    assert await send(strict, number) is None
    assert await drafts(strict) == []


async def test_a_resolution_waits_like_every_message(strict: Stage) -> None:
    two = strict.policy
    strict.policy = replace(two, severities_needing_two_approvals=frozenset())
    number = await strict.investigating()
    strict.policy = two
    answer = await strict.resolve(number, text="It works again since 13:05.")
    assert answer is not None
    assert answer["text"] == "notice:approval_waits"
    assert (await strict.case(number)).resolution_type is None
    await decide(strict, number, COCO)
    await strict.resolve(number, text="It works again since 13:05.")
    assert (await strict.case(number)).resolution_type == "fix"


# -- what must not be sent, whichever way it came


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("We will refund you €500. I write again at 14:00.", "tone_concession"),
        ("Your card 4111 1111 1111 1111. I write again at 14:00.", "tone_secret"),
        ("Globex has it too. I write again at 14:00.", "tone_wrong_customer"),
        ("[what has changed; if nothing has, say so]", "brackets"),
    ],
)
async def test_what_must_not_be_sent_is_refused(stage: Stage, text: str, why: str) -> None:
    await stage.add(Account(key="globex", name="Globex S.A.", folded="globex"))
    number = await stage.claimed()
    with pytest.raises(UserError, match=why):
        await send(stage, number, text=text)
    with pytest.raises(UserError, match=why):
        await stage.resolve(number, text=text)
    assert await stage.rows(SentMessage) == []


async def test_an_approved_question_about_money_lets_the_offer_pass(stage: Stage) -> None:
    number = await stage.claimed()
    text = "We will refund the month of March. I write again at 14:00."
    asked = {
        "case_number": number, "asked_of": EXEC, "asked_by": EMMA, "asked_at": stage.now,
    }  # fmt: skip
    await stage.add(Ask(question="May we refund March?", answer="decline", **asked))
    await stage.add(Ask(question="May we call the minister?", answer="approve", **asked))
    with pytest.raises(UserError, match="tone_concession"):
        await send(stage, number, text=text)
    await stage.add(Ask(question="May we refund March?", answer="approve", **asked))
    await send(stage, number, text=text)
    assert len(await stage.rows(SentMessage)) == 1


def test_a_digest_tells_kind_recipient_and_text_apart() -> None:
    kinds = (MessageKind.UPDATE, MessageKind.APOLOGY)
    seen = {digest_of(k, r, t) for k in kinds for r in ("a", "ab") for t in ("bc", "c")}
    assert len(seen) == 8
