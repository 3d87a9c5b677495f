"""One message to many customers: approved by another, sent to each by their own route.

An approval is of exactly these words to exactly these customers; proposing again voids it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import problem_effects, problems
from bot.cases import progress, receipts, templates
from bot.cases.access import require
from bot.cases.common import utc
from bot.cases.problem_common import answered, held, note
from bot.errors import UserError
from bot.inbox import Answer
from bot.problem_intents import AnswerBroadcast, ProposeBroadcast, SendBroadcast
from bot.rules import audience
from bot.rules.problem_facts import AffectedFacts
from bot.rules.tone import Finding, Rule, Setting, lint
from bot.rules.words import Language
from bot.work import Work
from messages.approved import unfilled
from storage.models import Account, Affected, Broadcast, Case, Problem, Receipt

RECEIVERS_MAX = 500  # customers in one broadcast; more are sent by segments
LIVING = ("waiting", "approved")  # states in which a broadcast may still go out
DIGEST_SHOWN = 12  # characters of a digest that tell broadcasts apart in the record


def digest_of(texts: Mapping[str, str], receivers: Sequence[int], promised: datetime) -> str:
    """What an approval is bound to: SHA-256 of words, receivers and promise, as hexadecimal."""
    said = json.dumps([dict(sorted(texts.items())), sorted(receivers), promised.isoformat()])
    return hashlib.sha256(said.encode()).hexdigest()


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
            if finding.stops and finding.rule is not Rule.NO_NEXT_UPDATE:
                raise UserError(f"tone_{finding.rule.value}", quote=finding.quote)


async def propose_broadcast(work: Work, intent: ProposeBroadcast) -> Answer | None:
    """Keep the message with its receivers, and ask somebody else to approve it.

    Raises UserError ``nobody_affected``, ``too_many``, ``language_missing_…``,
    ``next_update_in_past``, ``no_approver``, and what ``must_be_sendable`` raises.
    """
    await require(work, None, "propose_broadcast")
    problem = await held(work, intent.problem)
    promised = utc(intent.next_update_at)
    if promised <= work.now:
        raise UserError("next_update_in_past")
    to = audience.members(await problems.affected(work.session, problem), intent.audience)
    if not to:
        raise UserError("nobody_affected")
    if len(to) > RECEIVERS_MAX:
        raise UserError("too_many_receivers", limit=RECEIVERS_MAX)
    texts = needed({"en": intent.text_en, "el": intent.text_el}, to)
    await must_be_sendable(work.session, texts)
    people = templates.approvers(work.policy, work.actor.user_id)
    if not people:
        raise UserError("no_approver")
    await _void(work, problem)
    row = await _store(work, problem, intent.audience, texts, to, promised)
    note(
        work, problem, "propose_broadcast", audience=row.audience, count=len(to),
        digest=row.digest[:DIGEST_SHOWN],
    )  # fmt: skip
    for user in people:
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
    work: Work,
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
        digest=digest_of(texts, [each.id for each in to], promised),
        author=work.actor.user_id,
        asked_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.session.add_all(
        Receipt(
            broadcast=row.id,
            affected=each.id,
            language=each.language.value,
            text=audience.written(texts, each),
            owner=each.owner,
        )
        for each in to
    )
    return row


def _shown(row: Broadcast, to: Sequence[AffectedFacts]) -> dict[str, object]:
    samples = {each.language: each for each in reversed(to)}.values()  # the first of each
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


async def _void(work: Work, problem: Problem) -> None:
    """What was asked or approved before is not what is proposed now."""
    query = select(Broadcast).where(
        col(Broadcast.problem) == problem.number, col(Broadcast.state).in_(LIVING)
    )
    for row in (await work.session.exec(query.with_for_update())).all():
        row.state = "void"
        work.session.add(row)
        note(work, problem, "void_broadcast", digest=row.digest[:DIGEST_SHOWN])


async def answer_broadcast(work: Work, intent: AnswerBroadcast) -> Answer | None:
    """Approve exactly what was shown, or return it with a remark; the author hears of it."""
    await require(work, None, "answer_broadcast")
    problem = await held(work, intent.problem)
    row = await _row(work, problem, intent.broadcast)
    if row.author == work.actor.user_id:
        raise UserError("own_broadcast")
    if work.actor.user_id not in templates.approvers(work.policy, row.author):
        raise UserError("not_your_role", verb="answer_broadcast")
    if row.state == "void" or intent.digest != row.digest or await _altered(work, row):
        raise UserError("broadcast_void")
    if row.state != "waiting":
        raise UserError("broadcast_answered", by=row.approver or "")
    if not intent.approve and not intent.remark:
        raise UserError("return_needs_remark")
    row.state = "approved" if intent.approve else "returned"
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


async def _altered(work: Work, row: Broadcast) -> bool:
    """True when the stored words or receivers are not those of the digest."""
    query = select(Receipt.affected).where(col(Receipt.broadcast) == row.id)
    to = (await work.session.exec(query)).all()
    return digest_of(row.texts, to, row.next_update_at) != row.digest


async def send_broadcast(work: Work, intent: SendBroadcast) -> Answer | None:
    """Send to everybody it was approved for who is still affected; the clock begins anew.

    Raises UserError ``not_approved``, ``broadcast_void``, ``next_update_in_past``.
    """
    await require(work, None, "send_broadcast")
    cases = await receipts.hold_cases(work, intent.broadcast)
    problem = await held(work, intent.problem)
    row = await _row(work, problem, intent.broadcast)
    if row.state != "approved":
        raise UserError("not_approved")
    if await _altered(work, row):
        raise UserError("broadcast_void")
    if row.next_update_at <= work.now:
        raise UserError("next_update_in_past")
    row.state, row.sent_by, row.sent_at = "sent", work.actor.user_id, work.now
    await receipts.send_all(work, problem, row, cases)
    progress.begin_cycle(work, problem, row)
    counts = await progress.counts(work, row)
    note(work, problem, "send_broadcast", audience=row.audience, **counts)
    await problem_effects.post(
        work, problem, "problem:broadcast_sent",
        {"by": work.actor.user_id, "broadcast": row.id, **counts,
         "next_update_at": row.next_update_at.isoformat()},
    )  # fmt: skip
    await problem_effects.refresh(work, problem)
    return answered("noted", problem)


async def _row(work: Work, problem: Problem, number: int) -> Broadcast:
    row = await work.session.get(Broadcast, number, with_for_update=True)
    if row is None or row.problem != problem.number:
        raise UserError("no_such_broadcast")
    return row
