"""Whether a message to the customer may go out, or a second person is asked first.

A second person is wanted on a legal case, at the severities that the policy names, and at any
severity where the receiver may not be the customer. Use cases call ``clear_message`` before they
record anything; ``approval`` has what happens to the draft afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import approvals
from bot.core.steps import as_utc, case_answer, case_facts, refresh_card
from bot.customers import check as message_check
from bot.customers import legal, money
from bot.customers.approval import MessageApproval
from bot.customers.channels import BY_MAIL, customer_channels
from bot.customers.outgoing import BY_US, Outgoing, outgoing_message, stranger_reason
from bot.customers.shared_place import BY_CHANNEL, shared_place_of
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.money.concessions import Judgement
from bot.rules.policy.load import Policy
from bot.rules.states import ApprovalState, MessageState
from bot.rules.tone.lint import Rule, Weight
from bot.rules.words import MessageKind, Severity
from storage.models import Case, Draft, SentMessage, TimelineEvent

# What the record says when the customer has been written to, and when a severity was changed.
TOLD = ("update", "mail_delivered", "ticket_delivered", "slack_delivered")
LEGAL, SEVERITY = legal.REASON, "severity"  # beside the reasons that stranger_reason() gives


class MessageForm(Protocol):
    """What an approval needs of an intent that sends a message to the customer.

    ``Update`` is one, and the intent that resolves a case.
    """

    @property
    def text(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def route(self) -> str: ...
    @property
    def next_update_at(self) -> datetime | None: ...
    @property
    def already_sent(self) -> bool: ...
    def model_dump(self, *, mode: str, exclude: set[str]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Clearance:
    """Whether a message may go out: ``waits`` is the answer while a second person is asked.

    ``approved_by`` is the user id of that person, None where none was needed. ``faults`` are what
    would have stopped a message that went out already: ``rule`` (a ``Rule``, ``brackets`` or
    ``unapproved``) and ``quote``, what was found. ``money`` is what its offers rest on, None where
    one of them rests on nothing.
    """

    waits: Answer | None = None
    approved_by: str | None = None
    faults: Sequence[Mapping[str, str]] = ()
    money: Judgement | None = None


async def clear_message(
    work: UnitOfWork, case: Case, form: MessageForm, kind: MessageKind
) -> Clearance:
    """Let the message go, or keep it and ask a second person.

    The case must be locked. An approval is used up here: its draft becomes ``sent`` in the same
    transaction, so it lets exactly one message of its own author through.

    What the customer has already (``already_sent``) is never refused: what is wrong in it becomes
    ``faults``. Raises UserError ``gone_by_us`` where the app itself was to send that.

    Raises UserError for what must not be sent (``must_be_sendable``), ``no_address`` or
    ``no_ticket`` without a way to the customer, ``approval_waits`` when this very text waits
    already, ``no_approver``, ``no_approver_here`` or ``no_lawyer`` when there is no one to ask.
    """
    author = work.actor.user_id
    allowed = await money.money_allowance(work.session, work.policy, case, author, work.now)
    known = await case_facts(work, case)
    going = await _going(work, case, form, kind)
    liability = legal.weigh_liability(work.policy, case, author)
    if form.already_sent:
        found = await message_check.list_faults(
            work.session,
            work.policy,
            known,
            kind,
            form.text,
            allowed,
            author,
            liability and Weight.STOP,
        )
        cleared = await _clear_sent(work, case, going, found)
        judged = message_check.judge_money(known, form.text, allowed)
        return replace(cleared, money=None if judged.uncovered else judged)
    await message_check.must_be_sendable(
        work.session, work.policy, known, kind, form.text, allowed, author, liability
    )
    _must_have_a_way(case, going)
    why = await find_message_reason(work.session, work.policy, case, going, author)
    judged = message_check.judge_money(known, form.text, allowed)
    if not why:
        return Clearance(money=judged)
    approved = await find_draft(work.session, case.number, going.digest)
    if approved is not None and approved.author == author and _holds(approved, work.now):
        approved.state = ApprovalState.SENT
        return Clearance(approved_by=approved.approver, money=judged)
    if await find_draft(work.session, case.number, going.digest, ApprovalState.WAITING):
        raise UserError("approval_waits")
    return Clearance(waits=await _ask(work, case, form, going, why))


async def require_sendable(
    work: UnitOfWork, case: Case, form: MessageForm, kind: MessageKind
) -> None:
    """Refuse a message that is to go out later for what would stop it now; nobody is asked yet.

    Raises UserError as ``must_be_sendable``, ``no_address``, ``no_ticket``.
    """
    author = work.actor.user_id
    allowed = await money.money_allowance(work.session, work.policy, case, author, work.now)
    known = await case_facts(work, case)
    liability = legal.weigh_liability(work.policy, case, author)
    await message_check.must_be_sendable(
        work.session, work.policy, known, kind, form.text, allowed, author, liability
    )
    _must_have_a_way(case, await _going(work, case, form, kind))


async def _clear_sent(
    work: UnitOfWork, case: Case, going: Outgoing, found: Sequence[Mapping[str, str]]
) -> Clearance:
    """Let the record be made of what a person sent; without its approval that is a fault too."""
    if going.route in BY_US:
        raise UserError("gone_by_us")
    author = work.actor.user_id
    if not await find_message_reason(work.session, work.policy, case, going, author):
        return Clearance(faults=found)
    approved = await find_draft(work.session, case.number, going.digest)
    if approved is not None and approved.author == author and _holds(approved, work.now):
        approved.state = ApprovalState.SENT
        by_legal = approved.reason == LEGAL  # they have read what admits fault
        left = [each for each in found if not by_legal or each["rule"] != Rule.LIABILITY]
        return Clearance(approved_by=approved.approver, faults=left)
    return Clearance(faults=(*found, {"rule": "unapproved", "quote": ""}))


async def _going(work: UnitOfWork, case: Case, form: MessageForm, kind: MessageKind) -> Outgoing:
    """The message as it would go out; of a shared channel it is read where that is."""
    return outgoing_message(
        customer_channels(work),
        case,
        kind=kind,
        words=form.text,
        recipient=form.recipient,
        route=form.route,
        promised=as_utc(form.next_update_at) if form.next_update_at else None,
        shared=await shared_place_of(work.session, case, form.route),
    )


def _must_have_a_way(case: Case, going: Outgoing) -> None:
    """Do not ask about what cannot be sent.

    Raises UserError ``no_address``, ``no_ticket``, ``no_connect``.
    """
    if going.route == BY_MAIL and not going.address:
        raise UserError("no_address")
    if going.route == BY_CHANNEL and not going.place:
        raise UserError("no_connect")
    if going.route in BY_US - {BY_MAIL, BY_CHANNEL, case.helpdesk}:
        raise UserError("no_ticket")


def _holds(draft: Draft, now: datetime) -> bool:
    """True while what was approved may still be sent."""
    return draft.expires_at is not None and now < draft.expires_at


async def _ask(
    work: UnitOfWork, case: Case, form: MessageForm, going: Outgoing, why: str
) -> Answer:
    """Store the message as a draft and ask; ``fields`` are the form's, to fill it again later."""
    draft = Draft(
        case_number=case.number,
        kind=going.kind,
        text=form.text,
        recipient=form.recipient,
        digest=going.digest,
        bound=asdict(going),
        reason=why,
        fields=form.model_dump(mode="json", exclude={"case", "draft"}),
        author=work.actor.user_id,
        asked_at=work.now,
    )
    people = await approvals.propose_row(MessageApproval(work, case), draft)
    await refresh_card(work, case)
    return case_answer(case, "notice:approval_waits", people=list(people), kind=going.kind)


async def find_draft(
    session: AsyncSession,
    number: int,
    digest: str,
    state: ApprovalState = ApprovalState.APPROVED,
) -> Draft | None:
    """Return the draft of exactly this message in this state, locked.

    ``digest`` is that of ``Outgoing``; None where there is no such draft.
    """
    query = select(Draft).where(
        col(Draft.case_number) == number, col(Draft.digest) == digest, col(Draft.state) == state
    )
    return (await session.exec(query.with_for_update())).first()


# -- why a second person is wanted


async def find_gravest_severity(session: AsyncSession, case: Case) -> Severity:
    """Return the highest severity that the case has had since the customer was last written to.

    So a case that is lowered just before a message still needs its second person. Read from the
    timeline, newest first; a resolution counts only when the customer has its message.
    """
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
    number = resolution.after.get("message")  # none while the letter waits for the technical lead
    message = await session.get(SentMessage, number) if number is not None else None
    return message is not None and message.state is MessageState.SENT


async def find_case_reason(session: AsyncSession, policy: Policy, case: Case, author: str) -> str:
    """Return why every message of the case needs a second person.

    ``legal``, ``severity``, or empty where none is needed for the case's sake.
    """
    if legal.must_agree(policy, case, author):
        return LEGAL
    gravest = await find_gravest_severity(session, case)
    return SEVERITY if gravest in policy.severities_needing_two_approvals else ""


async def find_message_reason(
    session: AsyncSession, policy: Policy, case: Case, going: Outgoing, author: str
) -> str:
    """Return why this message needs a second person; empty: it needs none.

    ``legal``, ``severity``, or as ``stranger_reason`` says ``recipient`` or ``requester``. In a
    drill none needs one.
    """
    if case.drill:  # it is sent to nobody, and who plays alone has no second person
        return ""
    by_case = await find_case_reason(session, policy, case, author)
    return by_case or await stranger_reason(session, case, going, author)
