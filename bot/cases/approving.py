"""Two people for one message: where the policy demands it, a second one approves what is sent.

An approval is of exactly one text to one recipient as one kind of message. Whoever sends
anything else asks again, and what was approved before is void.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import composing, effects
from bot.cases import legal
from bot.cases.access import named, on_case, roles_of
from bot.cases.common import admitted, answer, facts_of, finish
from bot.errors import UserError
from bot.inbox import Answer
from bot.intents import AnswerDraft, Resolve, Update
from bot.rules.policy import Policy
from bot.rules.words import MessageKind, Role, Severity
from bot.work import Work
from storage.models import Case, Draft

LIVING = ("waiting", "approved")  # states in which a draft may still lead to a message
DIGEST_SHOWN = 12  # characters of a digest that tell drafts apart in the record


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether a message may go out: ``waits`` is the answer while a second person is asked."""

    waits: Answer | None = None
    approved_by: str | None = None


def digest_of(kind: MessageKind, recipient: str, text: str) -> str:
    """What an approval is bound to: SHA-256 of kind, recipient and text, as hexadecimal."""
    said = json.dumps([kind.value, recipient, text], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def demanded(policy: Policy, severity: int) -> bool:
    """True when the policy wants two people for customer messages at this severity."""
    return Severity(severity) in policy.severities_needing_two_approvals


async def approvers(
    session: AsyncSession, policy: Policy, case: Case, author: str
) -> Sequence[str]:
    """Whom to ask: the comms approvers, else escalation managers; never the author.

    On a restricted case only those who are on it; of a legal one only Legal.
    """
    if legal.must_agree(policy, case, author):
        return await legal.approvers(session, policy, case)
    for wanted in (
        named(policy, Role.COMMS_APPROVER),
        (case.owner, *named(policy, Role.ESCALATION_MANAGER)),
    ):
        found = [user for user in dict.fromkeys(wanted) if user != author]
        if case.sensitive:
            found = [user for user in found if await on_case(session, case, user)]
        if found:
            return found
    return ()


async def approved_draft(
    session: AsyncSession, number: int, digest: str, state: str = "approved"
) -> Draft | None:
    """The draft of exactly this message in this state."""
    query = select(Draft).where(
        col(Draft.case_number) == number, col(Draft.digest) == digest, col(Draft.state) == state
    )
    return (await session.exec(query.with_for_update())).first()


async def clearance(
    work: Work, case: Case, intent: Update | Resolve, kind: MessageKind
) -> Clearance:
    """Let the message go, or keep it and ask somebody.

    Raises UserError for what must not be sent, ``approval_waits`` when this very text waits
    already, ``no_approver`` when there is nobody to ask.
    """
    await composing.must_be_sendable(work.session, await facts_of(work, case), kind, intent.text)
    by_legal = legal.must_agree(work.policy, case, work.actor.user_id)
    if not by_legal and not demanded(work.policy, case.severity):
        return Clearance()
    digest = digest_of(kind, intent.recipient, intent.text)
    approved = await approved_draft(work.session, case.number, digest)
    if approved is not None:
        approved.state = "sent"
        work.session.add(approved)
        return Clearance(approved_by=approved.approver)
    if await approved_draft(work.session, case.number, digest, "waiting"):
        raise UserError("approval_waits")
    return Clearance(waits=await _ask(work, case, intent, kind, digest))


async def _ask(
    work: Work, case: Case, intent: Update | Resolve, kind: MessageKind, digest: str
) -> Answer:
    people = await approvers(work.session, work.policy, case, work.actor.user_id)
    if not people:
        raise UserError("no_approver")
    await _void_earlier(work, case, kind)
    draft = Draft(
        case_number=case.number,
        kind=kind.value,
        text=intent.text,
        recipient=intent.recipient,
        digest=digest,
        fields=intent.model_dump(mode="json", exclude={"case", "draft"}),
        author=work.actor.user_id,
        asked_at=work.now,
    )
    work.session.add(draft)
    await work.session.flush()
    said = {"draft": draft.id, "kind": kind.value, "digest": digest[:DIGEST_SHOWN]}
    work.note(case, "ask_approval", after={**said, "recipient": draft.recipient})
    extra = {
        "draft": draft.id,
        "digest": digest,
        "kind": kind.value,
        "by": draft.author,
        "recipient": draft.recipient,
        "text": draft.text,
    }
    for user in people:
        await effects.dm(work, user, "notice:approval_asked", case, extra)
    await finish(work, case)
    return answer(case, "notice:approval_waits", people=list(people), kind=kind.value)


async def _void_earlier(work: Work, case: Case, kind: MessageKind) -> None:
    """What this person had asked or been given approval for is not what they send now."""
    query = select(Draft).where(
        col(Draft.case_number) == case.number,
        col(Draft.kind) == kind.value,
        col(Draft.author) == work.actor.user_id,
        col(Draft.state).in_(LIVING),
    )
    for draft in (await work.session.exec(query.with_for_update())).all():
        said = {"draft": draft.id, "kind": draft.kind, "digest": draft.digest[:DIGEST_SHOWN]}
        work.note(case, "void_approval", before={"state": draft.state}, after=said)
        draft.state = "void"
        work.session.add(draft)


async def answer_draft(work: Work, intent: AnswerDraft) -> Answer | None:
    """Approve the text, or return it with a remark; the author hears of it.

    Raises UserError ``no_such_draft``, ``own_draft``, ``draft_void``, ``draft_answered``,
    ``return_needs_remark``, ``legal_answers``.
    """
    case = await admitted(work, intent.case, "answer_draft")
    draft = await work.session.get(Draft, intent.draft, with_for_update=True)
    if draft is None or draft.case_number != case.number:
        raise UserError("no_such_draft")
    if draft.author == work.actor.user_id:
        raise UserError("own_draft")
    await legal.check_answer(work, case, draft, await roles_of(work, case))
    kind = MessageKind(draft.kind)
    altered = intent.digest != draft.digest or draft.digest != digest_of(
        kind, draft.recipient, draft.text
    )
    if draft.state == "void" or altered:
        raise UserError("draft_void")
    if draft.state != "waiting":
        raise UserError("draft_answered", by=draft.approver or "")
    if not intent.approve and not intent.remark:
        raise UserError("return_needs_remark")
    draft.state = "approved" if intent.approve else "returned"
    draft.approver, draft.remark, draft.answered_at = work.actor.user_id, intent.remark, work.now
    work.session.add(draft)
    said = {"draft": draft.id, "kind": draft.kind, "approve": intent.approve}
    work.note(
        case,
        "answer_draft",
        after={**said, "digest": draft.digest[:DIGEST_SHOWN]},
        why=intent.remark,
    )
    extra = {**said, "by": work.actor.user_id, "remark": intent.remark}
    await effects.dm(work, draft.author, "notice:draft_answered", case, extra)
    await finish(work, case)
    return answer(case, "notice:draft_noted", **extra)
