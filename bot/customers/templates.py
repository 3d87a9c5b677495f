"""Words that people propose: written by one, approved by another, withdrawn when they mislead."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from bot import effects
from bot.core.access import require
from bot.customers import authority, library
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Hidden, Intent, Line, LocalDate, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import ApprovalState
from bot.rules.tone.lint import Rule, Setting, stops
from bot.rules.words import Language, MessageKind
from messages.customers.template_readings import readings
from messages.customers.template_sandbox import ALWAYS, BadTemplateError, check
from messages.customers.templates import required_facts
from storage.models import MessageTemplate


class ProposeTemplate(Intent):
    """New words for a kind of message, to be approved by somebody else."""

    verb: ClassVar[str] = "propose_template"
    kind: MessageKind
    language: Language
    body: Text
    why: Line
    expires: Future[LocalDate]


class AnswerTemplate(Intent):
    """An approver's word on proposed words."""

    verb: ClassVar[str] = "answer_template"
    template: Hidden[int]
    approve: Hidden[bool]
    remark: OptionalText = ""


class WithdrawTemplate(Intent):
    """Take approved words out of use."""

    verb: ClassVar[str] = "withdraw_template"
    template: Hidden[int]
    reason: Text


def must_be_usable(intent: ProposeTemplate) -> None:
    """Refuse a template that cannot be rendered or says what must never be sent.

    It is judged by every letter that it can become. Raises BadTemplateError with line and reason.
    """
    required = required_facts(intent.kind)
    check(intent.body, required)
    always = [fact for fact in ALWAYS if fact in required]
    judged: set[str] = set()
    for letter, filled in readings(intent.body, always):
        for fact in always:
            if filled and f"({fact})" not in letter:
                raise BadTemplateError(_last_line(intent.body), "fact_missing", fact=fact)
        for part in letter.split("\n\n"):
            if part not in judged:
                judged.add(part)
                _must_be_sayable(intent, part)


def _must_be_sayable(intent: ProposeTemplate, part: str) -> None:
    for finding in stops(part, Setting(intent.language, letter=False)):
        if finding.rule in {Rule.CONCESSION, Rule.SECRET}:
            line = intent.body.count("\n", 0, max(intent.body.find(finding.quote), 0)) + 1
            raise BadTemplateError(line, finding.rule.value, quote=finding.quote)


def _last_line(body: str) -> int:
    return body.count("\n") + 1


async def propose_template(work: UnitOfWork, intent: ProposeTemplate) -> Answer | None:
    """Store a version and ask somebody else to approve it.

    Raises UserError ``bad_template``, ``expires_in_past``, ``no_approver_of_words``.
    """
    await require(work, None, "propose_template")
    try:
        must_be_usable(intent)
    except BadTemplateError as bad:
        raise UserError("bad_template", line=bad.line) from bad
    if intent.expires <= library.day_of(work.now, ZoneInfo(work.policy.timezone)):
        raise UserError("expires_in_past")
    people = await authority.approvers(work.session, work.policy, work.actor.user_id)
    if not people:
        raise UserError("no_approver_of_words")
    row = MessageTemplate(
        kind=intent.kind.value,
        language=intent.language.value,
        version=await library.next_version(work.session, intent.kind, intent.language),
        body=intent.body,
        why=intent.why,
        expires=intent.expires,
        author=work.actor.user_id,
        asked_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    said = _said(row)
    for user in people:
        await effects.dm(
            work, user, "library:proposed", None, {**said, "body": row.body, "why": row.why}
        )
    return Answer(text="library:waits", extra={**said, "people": list(people)})


async def answer_template(work: UnitOfWork, intent: AnswerTemplate) -> Answer | None:
    """Approve a proposed version, or return it with a remark; its author hears of it."""
    await require(work, None, "answer_template")
    row = await _row(work, intent.template)
    if row.author == work.actor.user_id:
        raise UserError("own_template")
    people = await authority.approvers(work.session, work.policy, row.author)
    if work.actor.user_id not in people:
        raise UserError("not_your_role", verb="answer_template")
    if row.state != ApprovalState.PROPOSED:
        raise UserError("template_answered")
    if not intent.approve and not intent.remark:
        raise UserError("return_needs_remark")
    row.state = ApprovalState.APPROVED if intent.approve else ApprovalState.RETURNED
    row.approver, row.remark, row.answered_at = work.actor.user_id, intent.remark, work.now
    work.session.add(row)
    said = {**_said(row), "approve": intent.approve, "by": work.actor.user_id}
    extra = {**said, "remark": intent.remark}
    await effects.dm(work, row.author, "library:answered", None, extra)
    return Answer(text="library:noted", extra=said)


async def withdraw_template(work: UnitOfWork, intent: WithdrawTemplate) -> Answer | None:
    """Take an approved version out of use; the composer goes back to the one before it."""
    await require(work, None, "withdraw_template")
    row = await _row(work, intent.template)
    if row.state != ApprovalState.APPROVED:
        raise UserError("template_not_in_use")
    row.state, row.ended_by = ApprovalState.WITHDRAWN, work.actor.user_id
    row.ended_why, row.ended_at = intent.reason, work.now
    work.session.add(row)
    said = {**_said(row), "by": work.actor.user_id, "remark": intent.reason}
    if row.author != work.actor.user_id:
        await effects.dm(work, row.author, "library:withdrawn", None, said)
    return Answer(text="library:withdrawn", extra=said)


async def _row(work: UnitOfWork, number: int) -> MessageTemplate:
    row = await work.session.get(MessageTemplate, number, with_for_update=True)
    if row is None:
        raise UserError("no_such_template")
    return row


def _said(row: MessageTemplate) -> dict[str, object]:
    return {
        "template": row.id,
        "kind": row.kind,
        "language": row.language,
        "version": row.version,
        "author": row.author,
    }
