"""Two people for one message: where the policy demands it, a second one approves what is sent.

An approval is of exactly one message as the customer gets it (``outgoing``), for a few hours.
Whoever sends anything else, or later, asks again, and what was approved before is void. A second
person is also wanted, at any severity, where the receiver may not be the customer.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core import access
from bot.core.steps import admitted, answer, facts_of, finish, utc
from bot.customers import authority, legal, money
from bot.customers import check as message_check
from bot.customers.channels import customer_channels
from bot.customers.delivery import BY_MAIL, SENT
from bot.customers.outgoing import BY_US, Outgoing, digest_of, outgoing, stranger
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, OptionalText
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.policy.load import Policy
from bot.rules.states import LIVING, ApprovalState
from bot.rules.words import MessageKind, Role, Severity
from storage.models import Case, Draft, SentMessage, TimelineEvent

if TYPE_CHECKING:
    from bot.cases.resolve import Resolve
    from bot.customers.updates import Update

DIGEST_SHOWN = 12  # characters of a digest that tell drafts apart in the record
# What the record says when the customer has been written to, and when a severity was changed.
TOLD = ("update", "mail_delivered", "ticket_delivered")
LEGAL, SEVERITY = "legal", "severity"  # why a second person is wanted, beside stranger()


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether a message may go out: ``waits`` is the answer while a second person is asked."""

    waits: Answer | None = None
    approved_by: str | None = None


async def gravest(session: AsyncSession, case: Case) -> Severity:
    """The highest severity that the case has had since the customer was last written to."""
    query = select(TimelineEvent).where(
        col(TimelineEvent.case_number) == case.number,
        col(TimelineEvent.verb).in_((*TOLD, "resolve", "severity")),
    )
    worst = case.severity
    for event in (await session.exec(query.order_by(col(TimelineEvent.id).desc()))).all():
        if event.verb == "severity":
            worst = min(worst, int(event.before["severity"]))
        elif event.verb != "resolve" or await _arrived(session, event):
            break
    return Severity(worst)


async def _arrived(session: AsyncSession, resolution: TimelineEvent) -> bool:
    """True when the customer has the notice of a resolution, which may still be on its way."""
    message = await session.get(SentMessage, resolution.after.get("message"))
    return message is not None and message.state == SENT


async def demanded(
    session: AsyncSession, policy: Policy, case: Case, going: Outgoing, author: str
) -> str:
    """Why a second person must approve, or nothing.

    ``legal``, ``severity``, ``recipient`` or ``requester``.
    """
    if legal.must_agree(policy, case, author):
        return LEGAL
    if await gravest(session, case) in policy.severities_needing_two_approvals:
        return SEVERITY
    return await stranger(session, case, going, author)


async def approved_draft(
    session: AsyncSession,
    number: int,
    digest: str,
    state: ApprovalState = ApprovalState.APPROVED,
) -> Draft | None:
    """The draft of exactly this message in this state."""
    query = select(Draft).where(
        col(Draft.case_number) == number, col(Draft.digest) == digest, col(Draft.state) == state
    )
    return (await session.exec(query.with_for_update())).first()


def good_until(policy: Policy, promised: datetime | None, now: datetime) -> datetime:
    """Until when an approval given now holds: so long, or until the promised time is there."""
    ends = now + policy.approval_good_for
    return min(ends, utc(promised)) if promised else ends


def _promised(intent: "Update | Resolve") -> datetime | None:
    said = getattr(intent, "next_update_at", None)
    return utc(said) if said else None


async def clearance(
    work: UnitOfWork, case: Case, intent: "Update | Resolve", kind: MessageKind
) -> Clearance:
    """Let the message go, or keep it and ask somebody.

    Raises UserError for what must not be sent, ``approval_waits`` when this very text waits
    already, ``no_approver`` when there is nobody to ask.
    """
    author = work.actor.user_id
    allowed = await money.allowance(work.session, work.policy, case, author)
    known = await facts_of(work, case)
    await message_check.must_be_sendable(work.session, known, kind, intent.text, allowed)
    going = outgoing(
        customer_channels(work),
        case,
        kind=kind,
        words=intent.text,
        recipient=intent.recipient,
        route=intent.route,
        promised=_promised(intent),
    )
    _must_have_a_way(case, going)
    why = await demanded(work.session, work.policy, case, going, author)
    if not why:
        return Clearance()
    approved = await approved_draft(work.session, case.number, going.digest)
    if approved is not None and approved.author == author and _holds(approved, work.now):
        approved.state = ApprovalState.SENT
        work.session.add(approved)
        return Clearance(approved_by=approved.approver)
    if await approved_draft(work.session, case.number, going.digest, ApprovalState.WAITING):
        raise UserError("approval_waits")
    return Clearance(waits=await _ask(work, case, intent, going, why))


def _must_have_a_way(case: Case, going: Outgoing) -> None:
    """Ask nobody about what has no way. Raises UserError ``no_address``, ``no_ticket``."""
    if going.route == BY_MAIL and not going.address:
        raise UserError("no_address")
    if going.route in BY_US - {BY_MAIL, case.helpdesk}:
        raise UserError("no_ticket")


def _holds(draft: Draft, now: datetime) -> bool:
    """True while what was approved may still be sent."""
    return draft.expires_at is not None and now < draft.expires_at


async def _ask(
    work: UnitOfWork, case: Case, intent: "Update | Resolve", going: Outgoing, why: str
) -> Answer:
    people = await authority.approvers(work.session, work.policy, work.actor.user_id, case)
    if not people:
        raise _nobody(work, case)
    await _void_earlier(work, case, MessageKind(going.kind))
    draft = Draft(
        case_number=case.number,
        kind=going.kind,
        text=intent.text,
        recipient=intent.recipient,
        digest=going.digest,
        bound=asdict(going),
        reason=why,
        fields=intent.model_dump(mode="json", exclude={"case", "draft"}),
        author=work.actor.user_id,
        asked_at=work.now,
    )
    work.session.add(draft)
    await work.session.flush()
    said = {"draft": draft.id, "kind": going.kind, "digest": going.digest[:DIGEST_SHOWN]}
    work.note(case, "ask_approval", after={**said, "recipient": draft.recipient})
    extra = {**shown(draft), "draft": draft.id, "digest": going.digest, "by": draft.author}
    for user in people:
        await effects.dm(work, user, "notice:approval_asked", case, extra)
    await finish(work, case)
    return answer(case, "notice:approval_waits", people=list(people), kind=going.kind)


def _nobody(work: UnitOfWork, case: Case) -> UserError:
    """Why there is nobody to ask: on a restricted case, perhaps nobody yet."""
    by_legal = legal.must_agree(work.policy, case, work.actor.user_id)
    named = access.named(work.policy, Role.LEGAL if by_legal else Role.COMMS_APPROVER)
    others = [user for user in named if user != work.actor.user_id]
    if case.sensitive and others:
        return UserError("no_approver_here", people=others)
    return UserError("no_lawyer" if by_legal else "no_approver")


def shown(draft: Draft) -> dict[str, str]:
    """What whoever approves reads of a message: all that the approval is of."""
    bound = draft.bound
    return {
        "kind": draft.kind,
        "text": bound["text"],
        "recipient": bound["recipient"],
        "address": bound["address"],
        "route": bound["route"],
        "place": bound["place"],
        "spoken": bound["language"],
        "promised": bound["promised"],
        "why": draft.reason,
    }


async def _void_earlier(work: UnitOfWork, case: Case, kind: MessageKind) -> None:
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
        draft.state = ApprovalState.VOID
        work.session.add(draft)


class AnswerDraft(OnCase):
    """A second person's word on a customer message; ``digest`` is of the text they were shown."""

    verb: ClassVar[str] = "answer_draft"
    draft: Hidden[int]
    digest: Hidden[Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]]
    approve: Hidden[bool]
    remark: OptionalText = ""


async def answer_draft(work: UnitOfWork, intent: AnswerDraft) -> Answer | None:
    """Approve the text, or return it with a remark; the author hears of it.

    Raises UserError ``no_such_draft``, ``own_draft``, ``legal_answers``, ``not_your_role``,
    ``draft_void``, ``draft_late``, ``draft_answered``, ``return_needs_remark``.
    """
    case = await admitted(work, intent.case, "answer_draft")
    draft = await work.session.get(Draft, intent.draft, with_for_update=True)
    if draft is None or draft.case_number != case.number:
        raise UserError("no_such_draft")
    if draft.author == work.actor.user_id:
        raise UserError("own_draft")
    people = await authority.approvers(work.session, work.policy, draft.author, case)
    if work.actor.user_id not in people:
        raise legal.refusal(work.policy, case, draft.author, people)
    if draft.state == ApprovalState.VOID or intent.digest != draft.digest or _altered(draft):
        raise UserError("draft_void")
    if draft.state != ApprovalState.WAITING:
        raise UserError("draft_answered", by=draft.approver or "")
    if not intent.approve and not intent.remark:
        raise UserError("return_needs_remark")
    promised = datetime.fromisoformat(draft.bound["promised"]) if draft.bound["promised"] else None
    until = good_until(work.policy, promised, work.now)
    if intent.approve and until <= work.now:
        raise UserError("draft_late")
    draft.state = ApprovalState.APPROVED if intent.approve else ApprovalState.RETURNED
    draft.expires_at = until if intent.approve else None
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
    told = {**extra, "until": until.isoformat() if intent.approve else None}
    await effects.dm(work, draft.author, "notice:draft_answered", case, told)
    await finish(work, case)
    return answer(case, "notice:draft_noted", **extra)


def _altered(draft: Draft) -> bool:
    """True when the stored message is not the one that was shown."""
    same = (draft.text, draft.recipient) == (draft.bound.get("words"), draft.bound.get("recipient"))
    return not same or draft.digest != digest_of(draft.bound)
