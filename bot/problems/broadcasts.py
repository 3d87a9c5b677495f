"""One message to many customers: approved by another, sent to each by their own route.

An approval is of exactly what each of exactly these customers reads, for a few hours; proposing
again voids it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import require
from bot.core.steps import utc
from bot.customers import authority
from bot.customers.approval import good_until
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Hidden, OptionalText
from bot.engine.intent import Line as IntentLine
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems import effects as problem_effects
from bot.problems import receipts, sending
from bot.problems import snapshot as problem_snapshot
from bot.problems.steps import OnProblem, answered, held, note
from bot.rules.problems import audience
from bot.rules.problems.facts import AffectedFacts
from bot.rules.states import LIVING, ApprovalState
from bot.rules.tone.lint import Finding, Rule, Setting, lint, stops
from bot.rules.tone.text import fold
from bot.rules.words import Language
from messages.customers.templates import unfilled
from storage.models import Account, Affected, Broadcast, BroadcastRecipient, Case, Problem

RECEIVERS_MAX = 500  # customers in one broadcast; more are sent by segments
PAGE_MAX = 20_000  # characters of lines in one direct message, which has room for more
DIGEST_SHOWN = 12  # characters of a digest that tell broadcasts apart in the record


Line = tuple[int, str, str, str]  # affected, language, recipient, what they read


def digest_of(lines: Iterable[Line], promised: datetime) -> str:
    """What an approval is bound to: SHA-256 of every line and the promise, as hexadecimal."""
    said = json.dumps([sorted(lines), promised.isoformat()], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def line_for(texts: Mapping[str, str], each: AffectedFacts) -> Line:
    """What one customer is to get."""
    return (each.id, each.language.value, audience.recipient(each), audience.written(texts, each))


async def names(session: AsyncSession) -> tuple[str, ...]:
    """Every customer's name: none of them belongs into words that go to many."""
    found = {
        *(await session.exec(select(Account.name))).all(),
        *(await session.exec(select(Case.customer).distinct())).all(),
        *(await session.exec(select(Affected.customer).distinct())).all(),
    }
    return tuple(sorted(found))


async def judged(session: AsyncSession, text: str, language: Language) -> Sequence[Finding]:
    """What is found in one language's words; that nobody is greeted by name is the desk's to do."""
    setting = Setting(language, others=await names(session), promises=True)
    found = lint(text, setting)
    greeted = audience.CONTACT in text
    return [each for each in found if not (greeted and each.rule is Rule.GREETING)]


async def must_be_sendable(session: AsyncSession, texts: Mapping[str, str]) -> None:
    """Refuse words that must not be sent. Raises UserError ``brackets`` or ``tone_<rule>``."""
    for language, text in texts.items():
        if left := unfilled(text, text):
            raise UserError("brackets", found=", ".join(left))
        for finding in await judged(session, text, Language(language)):
            if finding.rule is Rule.CONCESSION and finding.stops:
                raise UserError("tone_concession_many", quote=finding.quote)
            if finding.stops and finding.rule is not Rule.NO_NEXT_UPDATE:
                raise UserError(f"tone_{finding.rule.value}", quote=finding.quote)


async def each_must_be_sendable(
    session: AsyncSession, texts: Mapping[str, str], to: Sequence[AffectedFacts]
) -> None:
    """Refuse what a customer's or contact's name makes of the words. Raises ``broadcast_line``."""
    known = [(name, fold(name).text) for name in await names(session)]
    for each in to:
        own = audience.own_parts(texts, each)
        read = fold(own).text
        others = tuple(name for name, folded in known if folded in read and name != each.customer)
        setting = Setting(each.language, customer=each.customer, others=others, letter=False)
        for finding in stops(own, setting):
            raise UserError("broadcast_line", customer=each.customer, quote=finding.quote)


class ProposeBroadcast(OnProblem):
    """One message for an audience, in each language that somebody there reads."""

    verb: ClassVar[str] = "propose_broadcast"
    audience: IntentLine
    text_en: OptionalText = ""
    text_el: OptionalText = ""
    next_update_at: Future[datetime]


class AnswerBroadcast(OnProblem):
    """An approver's word on a broadcast; ``digest`` is of what they were shown."""

    verb: ClassVar[str] = "answer_broadcast"
    broadcast: Hidden[int]
    digest: Hidden[Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]]
    approve: Hidden[bool]
    remark: OptionalText = ""


class SendBroadcast(OnProblem):
    """Send what was approved."""

    verb: ClassVar[str] = "send_broadcast"
    broadcast: Hidden[int]


async def propose_broadcast(work: UnitOfWork, intent: ProposeBroadcast) -> Answer | None:
    """Keep the message with its receivers, and ask somebody else to approve it.

    Raises UserError ``nobody_affected``, ``too_many``, ``language_missing_…``,
    ``next_update_in_past``, ``no_approver``, and what ``must_be_sendable`` raises.
    """
    await require(work, None, "propose_broadcast")
    problem = await held(work, intent.problem)
    promised = utc(intent.next_update_at)
    if promised <= work.now:
        raise UserError("next_update_in_past")
    to = audience.members(await problem_snapshot.affected(work.session, problem), intent.audience)
    if not to:
        raise UserError("nobody_affected")
    if len(to) > RECEIVERS_MAX:
        raise UserError("too_many_receivers", limit=RECEIVERS_MAX)
    texts = needed({"en": intent.text_en, "el": intent.text_el}, to)
    await must_be_sendable(work.session, texts)
    await each_must_be_sendable(work.session, texts, to)
    people = await authority.approvers(work.session, work.policy, work.actor.user_id)
    if not people:
        raise UserError("no_approver")
    await _void(work, problem)
    row = await _store(work, problem, intent.audience, texts, to, promised)
    note(
        work, problem, "propose_broadcast", audience=row.audience, count=len(to),
        digest=row.digest[:DIGEST_SHOWN],
    )  # fmt: skip
    for user in people:
        for page in _pages(row, to):
            await problem_effects.dm(work, user, problem, "problem:broadcast_lines", page)
        await problem_effects.dm(work, user, problem, "problem:broadcast_asked", _shown(row, to))
    await problem_effects.refresh(work, problem)
    return answered("broadcast_waits", problem, people=list(people), count=len(to))


def needed(texts: Mapping[str, str], to: Sequence[AffectedFacts]) -> dict[str, str]:
    """The words in the languages of the receivers. Raises UserError ``language_missing_…``."""
    wanted = audience.languages(to)
    for language in wanted:
        if not texts.get(language.value):
            raise UserError(f"language_missing_{language.value}")
    return {language.value: texts[language.value] for language in wanted}


async def _store(
    work: UnitOfWork,
    problem: Problem,
    chosen: str,
    texts: Mapping[str, str],
    to: Sequence[AffectedFacts],
    promised: datetime,
) -> Broadcast:
    row = Broadcast(
        problem=problem.number,
        audience=chosen,
        texts=dict(texts),
        next_update_at=promised,
        digest=digest_of((line_for(texts, each) for each in to), promised),
        author=work.actor.user_id,
        asked_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.session.add_all(
        BroadcastRecipient(
            broadcast=row.id,
            affected=each.id,
            language=each.language.value,
            text=audience.written(texts, each),
            recipient=audience.recipient(each),
            owner=each.owner,
        )
        for each in to
    )
    return row


def _first_of_each(to: Sequence[AffectedFacts]) -> list[AffectedFacts]:
    """The first customer of each language, who is shown the whole text."""
    return list({each.language: each for each in reversed(to)}.values())


def _pages(row: Broadcast, to: Sequence[AffectedFacts]) -> list[dict[str, object]]:
    """What all others read where it differs, in as many messages as that takes."""
    whole = _first_of_each(to)
    lines = [
        [each.customer, audience.own_parts(row.texts, each)] for each in to if each not in whole
    ]
    pages: list[list[list[str]]] = []
    room = 0
    for line in (each for each in lines if each[1]):
        room -= len(line[0]) + len(line[1])
        if room < 0:
            pages.append([])
            room = PAGE_MAX - len(line[0]) - len(line[1])
        pages[-1].append(line)
    return [
        {"broadcast": row.id, "lines": page, "at": at, "of": len(pages)}
        for at, page in enumerate(pages, start=1)
    ]


def _shown(row: Broadcast, to: Sequence[AffectedFacts]) -> dict[str, object]:
    samples = _first_of_each(to)
    return {
        "broadcast": row.id,
        "digest": row.digest,
        "author": row.author,
        "audience": row.audience,
        "count": len(to),
        "customers": [each.customer for each in to],
        "samples": [[each.customer, audience.written(row.texts, each)] for each in samples],
        "next_update_at": row.next_update_at.isoformat(),
    }


async def _void(work: UnitOfWork, problem: Problem) -> None:
    """What was asked or approved before is not what is proposed now."""
    query = select(Broadcast).where(
        col(Broadcast.problem) == problem.number, col(Broadcast.state).in_(LIVING)
    )
    for row in (await work.session.exec(query.with_for_update())).all():
        row.state = ApprovalState.VOID
        work.session.add(row)
        note(work, problem, "void_broadcast", digest=row.digest[:DIGEST_SHOWN])


async def answer_broadcast(work: UnitOfWork, intent: AnswerBroadcast) -> Answer | None:
    """Approve exactly what was shown, or return it with a remark; the author hears of it."""
    await require(work, None, "answer_broadcast")
    problem = await held(work, intent.problem)
    row = await _row(work, problem, intent.broadcast)
    if row.author == work.actor.user_id:
        raise UserError("own_broadcast")
    people = await authority.approvers(work.session, work.policy, row.author)
    if work.actor.user_id not in people:
        raise UserError("not_your_role", verb="answer_broadcast")
    if row.state == ApprovalState.VOID or intent.digest != row.digest or await _altered(work, row):
        raise UserError("broadcast_void")
    if row.state != ApprovalState.WAITING:
        raise UserError("broadcast_answered", by=row.approver or "")
    if not intent.approve and not intent.remark:
        raise UserError("return_needs_remark")
    until = good_until(work.policy, row.next_update_at, work.now)
    if intent.approve and until <= work.now:
        raise UserError("broadcast_late")
    row.state = ApprovalState.APPROVED if intent.approve else ApprovalState.RETURNED
    row.expires_at = until if intent.approve else None
    row.approver, row.remark, row.answered_at = work.actor.user_id, intent.remark, work.now
    work.session.add(row)
    said = {"approve": intent.approve, "digest": row.digest[:DIGEST_SHOWN]}
    note(work, problem, "answer_broadcast", intent.remark, **said)
    extra = {
        "broadcast": row.id, "approve": intent.approve, "remark": intent.remark,
        "by": work.actor.user_id,
    }  # fmt: skip
    await problem_effects.dm(work, row.author, problem, "problem:broadcast_answered", extra)
    await problem_effects.refresh(work, problem)
    return answered("broadcast_noted", problem, **extra)


async def _altered(work: UnitOfWork, row: Broadcast) -> bool:
    """True when the stored lines or the promise are not those of the digest."""
    query = select(BroadcastRecipient).where(col(BroadcastRecipient.broadcast) == row.id)
    found = (await work.session.exec(query)).all()
    lines = [(each.affected, each.language, each.recipient, each.text) for each in found]
    return digest_of(lines, row.next_update_at) != row.digest


async def _outdated(work: UnitOfWork, problem: Problem, row: Broadcast) -> bool:
    """True when somebody's name, language or address is no longer the one that was approved."""
    now = {each.id: each for each in await problem_snapshot.affected(work.session, problem)}
    query = select(BroadcastRecipient).where(col(BroadcastRecipient.broadcast) == row.id)
    for receipt in (await work.session.exec(query)).all():
        about = now.get(receipt.affected)
        was = (receipt.affected, receipt.language, receipt.recipient, receipt.text)
        if about is not None and (
            about.language.value not in row.texts or line_for(row.texts, about) != was
        ):
            return True
    return False


async def send_broadcast(work: UnitOfWork, intent: SendBroadcast) -> Answer | None:
    """Send to everybody it was approved for who is still affected; the clock begins anew.

    Raises UserError ``not_approved``, ``broadcast_void``, ``next_update_in_past``,
    ``broadcast_late``.
    """
    await require(work, None, "send_broadcast")
    cases = await sending.hold_cases(work, intent.broadcast)
    problem = await held(work, intent.problem)
    row = await _row(work, problem, intent.broadcast)
    if row.state != ApprovalState.APPROVED:
        raise UserError("not_approved")
    if await _altered(work, row) or await _outdated(work, problem, row):
        raise UserError("broadcast_void")
    if row.next_update_at <= work.now:
        raise UserError("next_update_in_past")
    if row.expires_at is None or row.expires_at <= work.now:
        raise UserError("broadcast_late")
    row.state, row.sent_by, row.sent_at = ApprovalState.SENT, work.actor.user_id, work.now
    await sending.send_all(work, problem, row, cases)
    receipts.begin_cycle(work, problem, row)
    counts = await receipts.counts(work, row)
    note(work, problem, "send_broadcast", audience=row.audience, **counts)
    await problem_effects.post(
        work, problem, "problem:broadcast_sent",
        {"by": work.actor.user_id, "broadcast": row.id, **counts,
         "next_update_at": row.next_update_at.isoformat()},
    )  # fmt: skip
    await problem_effects.refresh(work, problem)
    return answered("noted", problem)


async def _row(work: UnitOfWork, problem: Problem, number: int) -> Broadcast:
    row = await work.session.get(Broadcast, number, with_for_update=True)
    if row is None or row.problem != problem.number:
        raise UserError("no_such_broadcast")
    return row
