"""One message to many customers: approved by another, sent to each by their own route.

An approval is of exactly what each of exactly these customers reads, for a few hours; proposing
again voids it. What each reads is stored with the proposal, one ``BroadcastRecipient`` a customer,
and never computed again; the digest is of these lines and the promised time. ``sending`` has what
follows.

A broadcast goes from waiting to approved to sent, or to returned; a newer proposal makes one that
waits or is approved void. Sending it is an act of its own, by a person whom the table of
permissions names, within the time of the approval.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints, create_model
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot import effects
from bot.core import approvals
from bot.core.access import organisational_roles, require_permission
from bot.core.steps import read_promise
from bot.customers import authority
from bot.customers.check import require_sendable_lines, require_sendable_to_many
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Future, Hidden, OptionalText
from bot.engine.intent import Line as IntentLine
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems import receipts, sending
from bot.problems import snapshot as problem_snapshot
from bot.problems.steps import OnProblem, lock_problem, note_problem, problem_answer
from bot.rules.permissions import PERMISSIONS
from bot.rules.problems import audience, broadcast_text
from bot.rules.problems.broadcast_text import (
    Line,
    describe_sending,
    digest_broadcast,
    write_line,
)
from bot.rules.problems.facts import AffectedFacts
from bot.rules.states import ApprovalState
from bot.rules.words import Language
from bot.subjects import is_known_issue
from storage.models import Broadcast, BroadcastRecipient, Problem

NOTICE_FRESH = timedelta(days=3)  # within which a notice of a known issue is approved and sent
RECEIVERS_MAX = 500  # customers in one broadcast; more are sent by segments


def add_text_fields() -> type[OnProblem]:
    """An intent about a problem with a field ``text_<code>`` for each language that there is.

    Empty means that no text was written in that language, which is fine where no receiver reads it.
    """
    fields: dict[str, Any] = {f"text_{each.value}": (OptionalText, "") for each in Language}
    return create_model("InEveryLanguage", __base__=OnProblem, **fields)


class ProposeBroadcast(add_text_fields()):  # type: ignore[misc]  # fields by the languages
    """One message for an audience, in each language that its customers read.

    ``audience`` is ``all``, ``untold``, or ``tier:``, ``region:``, ``language:`` and a value.
    ``{contact}`` and ``{customer}`` in a text become the receiver's own. ``next_update_at`` is when
    all of them are promised to hear next. A notice of a known issue goes to those who wait and have
    none of its last step, whatever ``audience`` says, and promises nothing.
    """

    verb: ClassVar[str] = "propose_broadcast"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    audience: IntentLine = audience.ALL
    next_update_at: Future[datetime | None] = None


class AnswerBroadcast(OnProblem):
    """An approver's decision on a broadcast; ``digest`` is of what they were shown."""

    verb: ClassVar[str] = "answer_broadcast"
    broadcast: Hidden[int]
    digest: Hidden[Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]]
    approve: Hidden[bool]
    remark: OptionalText = ""


class SendBroadcast(OnProblem):
    """Send what was approved, as long as the approval holds."""

    verb: ClassVar[str] = "send_broadcast"
    broadcast: Hidden[int]


@dataclass(frozen=True)
class BroadcastApproval(approvals.Subject[Broadcast]):
    """The approval of a message to many; ``to`` are its receivers while it is proposed.

    The problem's row is locked while it is used. ``to`` is empty when it is decided on.
    """

    name: ClassVar[str] = "broadcast"
    model: ClassVar[Any] = Broadcast
    problem: Problem
    to: Sequence[AffectedFacts] = ()

    async def list_approvers(self, author: str) -> Sequence[str]:
        """Those whom the policy names to approve words."""
        return await authority.message_approvers(self.work.session, self.work.policy, author)

    def includes(self, row: Broadcast) -> bool:
        """True for a broadcast of this problem."""
        return row.problem == self.problem.number

    def list_earlier(self, row: Broadcast) -> Sequence[ColumnElement[bool]]:
        """All broadcasts of the problem, by any author: one at a time waits or is approved."""
        return (col(Broadcast.problem) == row.problem,)

    async def is_altered(self, row: Broadcast, digest: str) -> bool:
        """True when the stored lines or the promise are not those that were shown.

        ``digest`` is what the approver's button carried.
        """
        return row.digest != digest or await _is_altered(self.work, row)

    def holds_until(self, row: Broadcast) -> datetime:
        """When an approval given now ends.

        After the policy's span, or at the promised time where that is earlier.
        """
        return approvals.limit_approval(self.work.policy, row.next_update_at, self.work.now)

    async def after_proposal(self, row: Broadcast) -> None:
        """Store what each receiver reads; the record says how many and how the digest begins."""
        self.work.session.add_all(_recipient(row, each) for each in self.to)
        note_problem(
            self.work, self.problem, "propose_broadcast", audience=row.audience,
            count=len(self.to), digest=row.digest[: approvals.DIGEST_SHOWN],
        )  # fmt: skip

    async def ask_approver(self, user: str, row: Broadcast) -> None:
        """Show what differs by customer, then the whole text with the buttons.

        In DMs of one lane, so in this order: ``problem:broadcast_lines`` for each page (``lines``:
        pairs of customer and text, ``at``, ``of``), then ``problem:broadcast_asked``.
        """
        pages = broadcast_text.list_pages(row.texts, self.to)
        for at, page in enumerate(pages, start=1):
            lines = {"broadcast": row.id, "lines": page, "at": at, "of": len(pages)}
            await self._tell(user, "problem:broadcast_lines", lines)
        await self._tell(user, "problem:broadcast_asked", _asked(row, self.to))

    async def after_decision(self, row: Broadcast, until: datetime | None) -> None:
        """Store when an approval ends; the record of the problem has the decision."""
        row.expires_at = until
        approve = row.state == ApprovalState.APPROVED
        said = {"approve": approve, "digest": row.digest[: approvals.DIGEST_SHOWN]}
        note_problem(self.work, self.problem, "answer_broadcast", row.remark, **said)

    async def tell_author(self, row: Broadcast) -> None:
        """Tell the author the decision, by DM, with the way to send it where they may."""
        may = organisational_roles(self.work.policy, row.author) & PERMISSIONS["send_broadcast"]
        to = {"count": len(await _lines(self.work, row)), "languages": sorted(row.texts)}
        extra = {**_decided(row), **to, "may_send": bool(may)}
        await self._tell(row.author, "problem:broadcast_answered", extra)

    async def after_void(self, row: Broadcast, before: ApprovalState) -> None:
        """Note in the problem's record which broadcast no longer counts.

        It is named by the start of its digest.
        """
        note_problem(
            self.work, self.problem, "void_broadcast", digest=row.digest[: approvals.DIGEST_SHOWN]
        )

    async def _tell(self, user: str, text: str, extra: Mapping[str, Any]) -> None:
        await effects.queue_dm(self.work, user, text, self.problem, extra)


def _asked(row: Broadcast, to: Sequence[AffectedFacts]) -> dict[str, Any]:
    """The receivers, and the whole text in each language as its first receiver reads it.

    As JSON: ``broadcast`` (id), ``digest``, ``author``, ``audience``, ``count``, ``customers``,
    ``samples`` (pairs of customer and text), ``next_update_at`` (ISO 8601) where it is promised.
    """
    samples = broadcast_text.choose_samples(to)
    return {
        "broadcast": row.id,
        "digest": row.digest,
        "author": row.author,
        "audience": row.audience,
        "count": len(to),
        "customers": [each.customer for each in to],
        "samples": [[each.customer, audience.text_for(row.texts, each)] for each in samples],
        **_promised(row),
    }


def _promised(row: Broadcast) -> dict[str, str]:
    """The promised time for ``extra`` (ISO 8601); nothing for a notice, which promises none."""
    return {"next_update_at": row.next_update_at.isoformat()} if row.promises else {}


def _decided(row: Broadcast) -> dict[str, Any]:
    return {"broadcast": row.id, **approvals.describe_decision(row)}


def _recipient(row: Broadcast, each: AffectedFacts) -> BroadcastRecipient:
    """A line as it is approved: planned, in the receiver's language, with names filled in."""
    return BroadcastRecipient(
        broadcast=row.id,
        affected=each.id,
        language=each.language.value,
        text=audience.text_for(row.texts, each),
        recipient=audience.recipient_line(each),
        owner=each.owner,
    )


async def propose_broadcast(work: UnitOfWork, intent: ProposeBroadcast) -> Answer | None:
    """Store the message with its receivers, and ask another person to approve it.

    Raises UserError ``nothing_to_tell``, ``nobody_affected``, ``too_many_receivers``,
    ``language_missing``, ``next_update_missing``, ``next_update_in_past``, ``no_approver``, and as
    ``require_sendable_to_many`` and ``require_sendable_lines``.
    """
    await require_permission(work, None, "propose_broadcast")
    problem = await lock_problem(work, intent.problem, or_known=True)
    promised = _read_end(work, problem, intent)
    chosen = audience.UNTOLD if is_known_issue(problem) else intent.audience
    to = await _receivers(work, problem, chosen)
    texts = _texts_for(intent, to)
    await require_sendable_to_many(work.session, work.policy, texts, work.actor.user_id)
    await require_sendable_lines(work.session, work.policy, texts, to, work.actor.user_id)
    row = Broadcast(
        problem=problem.number,
        audience=chosen,
        texts=dict(texts),
        next_update_at=promised,
        promises=not is_known_issue(problem),
        step=problem.step,
        digest=digest_broadcast((write_line(texts, each) for each in to), promised),
        author=work.actor.user_id,
        asked_at=work.now,
    )
    people = await approvals.propose_row(BroadcastApproval(work, problem, to), row)
    await effects.queue_card(work, problem)
    return problem_answer("broadcast_waits", problem, people=list(people), count=len(to))


def _read_end(work: UnitOfWork, problem: Problem, intent: ProposeBroadcast) -> datetime:
    """The promised time; of a notice, which promises nothing, when its words are too old to send.

    Raises UserError ``next_update_missing``, ``next_update_in_past``, and for a known issue to
    which nothing has happened ``nothing_to_tell``.
    """
    if not is_known_issue(problem):
        if intent.next_update_at is None:
            raise UserError("next_update_missing")
        return read_promise(work, intent.next_update_at)
    if not problem.step:
        raise UserError("nothing_to_tell")
    return work.now + NOTICE_FRESH


def _texts_for(intent: ProposeBroadcast, to: Sequence[AffectedFacts]) -> dict[str, str]:
    """The words in the languages of the receivers; those in other languages are not kept.

    Raises UserError ``language_missing`` (``spoken``: the code).
    """
    texts = {
        each.value: getattr(intent, f"text_{each.value}")
        for each in audience.audience_languages(to)
    }
    for language, text in texts.items():
        if not text:
            raise UserError("language_missing", spoken=language)
    return texts


async def _receivers(work: UnitOfWork, problem: Problem, chosen: str) -> Sequence[AffectedFacts]:
    """The customers of the chosen audience, by the order in which they were listed.

    Raises UserError ``nobody_affected``, ``too_many_receivers`` (``limit``).
    """
    to = audience.audience_members(
        await problem_snapshot.load_affected(work.session, problem), chosen
    )
    if not to:
        raise UserError("nobody_affected")
    if len(to) > RECEIVERS_MAX:
        raise UserError("too_many_receivers", limit=RECEIVERS_MAX)
    return to


async def answer_broadcast(work: UnitOfWork, intent: AnswerBroadcast) -> Answer | None:
    """Approve exactly what was shown, or return it with a remark; the author hears of it.

    Raises UserError as ``decide_row`` does.
    """
    await require_permission(work, None, "answer_broadcast")
    problem = await lock_problem(work, intent.problem, or_known=True)
    row = await approvals.decide_row(
        BroadcastApproval(work, problem),
        intent.broadcast,
        approve=intent.approve,
        remark=intent.remark,
        digest=intent.digest,
    )
    await effects.queue_card(work, problem)
    return problem_answer("broadcast_noted", problem, **_decided(row))


async def _lines(work: UnitOfWork, row: Broadcast) -> Sequence[Line]:
    """What each receiver reads, as it is stored: line id, language, recipient, text."""
    query = select(BroadcastRecipient).where(col(BroadcastRecipient.broadcast) == row.id)
    found = (await work.session.exec(query)).all()
    return [(each.affected, each.language, each.recipient, each.text) for each in found]


async def _is_altered(work: UnitOfWork, row: Broadcast) -> bool:
    """True when the stored lines or the promise are not those of the digest."""
    return digest_broadcast(await _lines(work, row), row.next_update_at) != row.digest


async def _is_outdated(work: UnitOfWork, problem: Problem, row: Broadcast) -> bool:
    """True when a name, language or address is no longer the one that was approved.

    Customers who left the list since do not count: they are left out when it is sent.
    """
    now = {each.id: each for each in await problem_snapshot.load_affected(work.session, problem)}
    for was in await _lines(work, row):
        about = now.get(was[0])
        if about is not None and (
            about.language.value not in row.texts or write_line(row.texts, about) != was
        ):
            return True
    return False


async def send_broadcast(work: UnitOfWork, intent: SendBroadcast) -> Answer | None:
    """Send to all for whom it was approved and who are still affected; the clock begins anew.

    Locks the cases first, in ascending order, then the problem, then the broadcast. Sending queues
    rows and delivers nothing yet; the channel reads ``problem:broadcast_sent``: ``by``,
    ``broadcast``, ``next_update_at`` and the counts of ``broadcast_progress``. A broadcast is sent
    once.

    Raises UserError ``not_approved``, ``broadcast_void``, ``next_update_in_past``,
    ``broadcast_late``.
    """
    await require_permission(work, None, "send_broadcast")
    cases = await sending.hold_cases(work, intent.broadcast)
    problem = await lock_problem(work, intent.problem, or_known=True)
    row = await approvals.load_row(BroadcastApproval(work, problem), intent.broadcast)
    if row.state != ApprovalState.APPROVED:
        raise UserError("not_approved")
    if await _is_altered(work, row) or await _is_outdated(work, problem, row):
        raise UserError("broadcast_void")
    if row.promises and row.next_update_at <= work.now:
        raise UserError("next_update_in_past")
    if row.expires_at is None or row.expires_at <= work.now:
        raise UserError("broadcast_late")
    row.state, row.sent_by, row.sent_at = ApprovalState.SENT, work.actor.user_id, work.now
    await sending.send_all(work, problem, row, cases)
    receipts.begin_cycle(work, problem, row)
    counts = await receipts.broadcast_progress(work, row)
    note_problem(work, problem, "send_broadcast", audience=row.audience, **counts)
    await effects.queue_post(
        work, problem, "problem:broadcast_sent",
        {"by": work.actor.user_id, "broadcast": row.id, **counts, **_promised(row)},
    )  # fmt: skip
    await effects.queue_card(work, problem)
    await work.session.flush()
    went = await problem_snapshot.load_broadcast(work.session, row)
    return problem_answer("went", problem, **describe_sending(went))
