"""Two people for one message: a second one approves what is sent (``clearance`` says when).

An approval is of exactly one message as the customer gets it (``outgoing``), for a few hours.
Anything else, or anything later, is asked for again, and what was approved before is void.

The rules that hold for every approval are in ``bot/core/approvals.py``. Approving sends nothing:
the author sends the message again, and ``clear_message`` then finds the draft by its digest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints
from sqlalchemy import ColumnElement
from sqlmodel import col

from bot import effects
from bot.core import access, approvals
from bot.core.steps import authorize_case, case_answer, refresh_card
from bot.customers import authority, legal
from bot.customers.outgoing import digest_of
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase, OptionalText
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import LIVING, ApprovalState
from bot.rules.words import Role
from storage.models import Case, Draft


@dataclass(frozen=True)
class MessageApproval(approvals.Subject[Draft]):
    """The approval of a customer message on ``case``; ``voided_as`` is the verb of the record."""

    name: ClassVar[str] = "draft"
    model: ClassVar[Any] = Draft
    case: Case
    voided_as: str = "void_approval"

    async def list_approvers(self, author: str) -> Sequence[str]:
        """Those whom the policy names for the case, on a legal one Legal alone."""
        return await authority.message_approvers(
            self.work.session, self.work.policy, author, self.case
        )

    def includes(self, row: Draft) -> bool:
        """True for a message of this case."""
        return row.case_number == self.case.number

    def list_earlier(self, row: Draft) -> Sequence[ColumnElement[bool]]:
        """The author's own messages of the kind: what they asked for is not what they send now.

        Other authors' drafts on the case stay as they are.
        """
        return (
            col(Draft.case_number) == row.case_number,
            col(Draft.kind) == row.kind,
            col(Draft.author) == row.author,
        )

    async def is_altered(self, row: Draft, digest: str) -> bool:
        """True when the stored message is not the one that was shown."""
        stored = (row.text, row.recipient)
        same = stored == (row.bound.get("words"), row.bound.get("recipient"))
        return not same or row.digest != digest_of(row.bound) or row.digest != digest

    def holds_until(self, row: Draft) -> datetime:
        """For the policy's span, or until the promised time if that is earlier.

        ``bound["promised"]`` is that time, in ISO 8601 or empty.
        """
        said = row.bound["promised"]
        promised = datetime.fromisoformat(said) if said else None
        return approvals.limit_approval(self.work.policy, promised, self.work.now)

    def refuse_asking(self) -> UserError:
        """On a restricted case an approver may only be missing from the case."""
        by_legal = legal.must_agree(self.work.policy, self.case, self.work.actor.user_id)
        role = Role.LEGAL if by_legal else Role.COMMS_APPROVER
        named = access.named_for(self.work.policy, role)
        others = [user for user in named if user != self.work.actor.user_id]
        if self.case.sensitive and others:
            return UserError("no_approver_here", people=others)
        return UserError("no_lawyer" if by_legal else "no_approver")

    def refuse_answer(self, row: Draft, people: Sequence[str]) -> UserError:
        """On a legal case the refusal names whom of Legal to ask."""
        return legal.approval_refusal(self.work.policy, self.case, row.author, people)

    async def after_proposal(self, row: Draft) -> None:
        """The record of the case says what was asked for."""
        after = {**_recorded(row), "recipient": row.recipient}
        self.work.note(self.case, "ask_approval", after=after)

    async def ask_approver(self, user: str, row: Draft) -> None:
        """Show the whole message with its receiver and the reason for asking.

        The buttons carry ``draft`` and ``digest`` back, so a decision is of what was shown.
        """
        extra = {**describe_draft(row), "draft": row.id, "digest": row.digest, "by": row.author}
        await effects.queue_dm(self.work, user, "notice:approval_asked", self.case, extra)

    async def after_decision(self, row: Draft, until: datetime | None) -> None:
        """An approval ends by itself; the record has the decision, of Legal the words too.

        ``words`` is the text to which Legal agreed, or which they returned.
        """
        row.expires_at = until
        approve = row.state == ApprovalState.APPROVED
        after = {**_recorded(row), "approve": approve}
        if row.reason == legal.REASON:
            after["words"] = row.text
        self.work.note(self.case, "answer_draft", after=after, why=row.remark)

    async def tell_author(self, row: Draft) -> None:
        """The author reads the decision and until when it holds."""
        until = row.expires_at.isoformat() if row.expires_at else None
        extra = {**_decided(row), "until": until}
        await effects.queue_dm(self.work, row.author, "notice:draft_answered", self.case, extra)

    async def after_void(self, row: Draft, before: ApprovalState) -> None:
        """The record of the case says what counts no more."""
        self.work.note(
            self.case, self.voided_as, before={"state": before.value}, after=_recorded(row)
        )


def _recorded(row: Draft) -> dict[str, Any]:
    """Return what the timeline says of a draft: its id, kind and the first digits of its digest."""
    return {"draft": row.id, "kind": row.kind, "digest": row.digest[: approvals.DIGEST_SHOWN]}


def _decided(row: Draft) -> dict[str, Any]:
    return {"draft": row.id, "kind": row.kind, **approvals.describe_decision(row)}


def describe_draft(draft: Draft) -> dict[str, str]:
    """Return all that the approval of a message is of, as an approver reads it.

    ``text`` is what the customer gets, with what the app adds; ``place`` the mail's subject or the
    ticket; ``spoken`` its language; ``promised`` an instant in ISO 8601, or empty; ``why`` the
    reason for asking, as ``find_message_reason`` names it.
    """
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


class AnswerDraft(OnCase):
    """A second person's decision on a message; ``digest`` is of the text they were shown."""

    verb: ClassVar[str] = "answer_draft"
    draft: Hidden[int]
    digest: Hidden[Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]]
    approve: Hidden[bool]
    remark: OptionalText = ""


async def answer_draft(work: UnitOfWork, intent: AnswerDraft) -> Answer | None:
    """Approve the text, or return it with a remark; the author hears of it.

    The case is locked. Raises UserError as ``decide_row`` does, ``legal_answers`` where only Legal
    decides.
    """
    case = await authorize_case(work, intent.case, "answer_draft")
    draft = await approvals.decide_row(
        MessageApproval(work, case),
        intent.draft,
        approve=intent.approve,
        remark=intent.remark,
        digest=intent.digest,
    )
    await refresh_card(work, case)
    return case_answer(case, "notice:draft_noted", **_decided(draft))


async def void_misdirected(
    work: UnitOfWork, case: Case, misses: Callable[[Draft], bool]
) -> Sequence[Draft]:
    """Void what waits or was approved and, as ``misses`` says, does not reach the right one now.

    Its author hears of it, unless they corrected the case themselves. Answers what was voided.
    """
    subject = MessageApproval(work, case)
    of_case = col(Draft.case_number) == case.number
    rows = [row for row in await subject.lock_rows(of_case, states=LIVING) if misses(row)]
    await approvals.void_rows(subject, rows)
    for row in rows:
        work.session.add(row)
        if row.author != work.actor.user_id:
            extra = {"draft": row.id, "kind": row.kind, "by": work.actor.user_id}
            await effects.queue_dm(work, row.author, "notice:draft_voided", case, extra)
    return rows


async def lapse_approvals(work: UnitOfWork, case: Case) -> None:
    """Void what was asked for or approved before a legal threat: Legal has not agreed to it."""
    subject = MessageApproval(work, case, voided_as="lapse_approval")
    of_case = col(Draft.case_number) == case.number
    await approvals.void_rows(subject, await subject.lock_rows(of_case, states=LIVING))
