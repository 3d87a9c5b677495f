"""Words that people propose: written by one, approved by another, withdrawn when they mislead.

Nothing here belongs to a case, so permissions are those of the organisation. ``library`` chooses
the version in use; ``messages/customers/template_sandbox.py`` renders it, and refuses what it must
not contain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from bot import effects
from bot.core import approvals
from bot.core.access import require_permission
from bot.customers import authority, library
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Future,
    Hidden,
    Intent,
    Line,
    LocalDate,
    OptionalText,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.tone.lint import Rule, Setting, find_stops
from bot.rules.words import Language, MessageKind
from messages.customers.template_readings import list_readings
from messages.customers.template_sandbox import ALWAYS, BadTemplateError, check_template
from messages.customers.templates import required_facts
from storage.models import MessageTemplate


class ProposeTemplate(Intent):
    """New words for a kind of message, to be approved by another person."""

    verb: ClassVar[str] = "propose_template"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
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

    It is judged by every letter that it can become, paragraph by paragraph. Raises BadTemplateError
    with line (from 1) and reason. The form calls this before it is sent, the use case again.
    """
    required = required_facts(intent.kind)
    check_template(intent.body, required)
    always = [fact for fact in ALWAYS if fact in required]
    judged: set[str] = set()
    for letter, filled in list_readings(intent.body, always):
        for fact in always:
            if filled and f"({fact})" not in letter:
                raise BadTemplateError(_last_line(intent.body), "fact_missing", fact=fact)
        for part in letter.split("\n\n"):
            if part not in judged:
                judged.add(part)
                _must_be_sayable(intent, part)


def _must_be_sayable(intent: ProposeTemplate, part: str) -> None:
    for finding in find_stops(part, Setting(intent.language, letter=False)):
        if finding.rule in {Rule.CONCESSION, Rule.SECRET}:
            line = intent.body.count("\n", 0, max(intent.body.find(finding.quote), 0)) + 1
            raise BadTemplateError(line, finding.rule.value, quote=finding.quote)


def _last_line(body: str) -> int:
    return body.count("\n") + 1


@dataclass(frozen=True)
class TemplateApproval(approvals.Subject[MessageTemplate]):
    """The approval of proposed words; a version replaces none that waits or is in use."""

    name: ClassVar[str] = "template"
    model: ClassVar[Any] = MessageTemplate
    no_approver: ClassVar[str] = "no_approver_of_words"

    async def list_approvers(self, author: str) -> Sequence[str]:
        """Those whom the policy names to approve words."""
        return await authority.message_approvers(self.work.session, self.work.policy, author)

    async def ask_approver(self, user: str, row: MessageTemplate) -> None:
        """Show the words with the reason for proposing them."""
        extra = {**_said(row), "body": row.body, "why": row.why}
        await effects.queue_dm(self.work, user, "library:proposed", None, extra)

    async def tell_author(self, row: MessageTemplate) -> None:
        """The author reads the decision."""
        extra = {**_said(row), **approvals.describe_decision(row)}
        await effects.queue_dm(self.work, row.author, "library:answered", None, extra)

    async def after_end(self, row: MessageTemplate) -> None:
        """Tell the author when another person has withdrawn their words."""
        if row.author != row.ended_by:
            await effects.queue_dm(
                self.work, row.author, "library:withdrawn", None, _withdrawn(row)
            )


async def propose_template(work: UnitOfWork, intent: ProposeTemplate) -> Answer | None:
    """Store a version and ask another person to approve it.

    Raises UserError ``bad_template`` (``line``, counted from 1), ``expires_in_past``,
    ``no_approver_of_words``. The expiry day is the organisation's.
    """
    await require_permission(work, None, "propose_template")
    try:
        must_be_usable(intent)
    except BadTemplateError as bad:
        raise UserError("bad_template", line=bad.line) from bad
    if intent.expires <= library.day_of(work.now, ZoneInfo(work.policy.timezone)):
        raise UserError("expires_in_past")
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
    people = await approvals.propose_row(TemplateApproval(work), row)
    return Answer(text="library:waits", extra={**_said(row), "people": list(people)})


async def answer_template(work: UnitOfWork, intent: AnswerTemplate) -> Answer | None:
    """Approve a proposed version, or return it with a remark; its author hears of it.

    Raises UserError as ``decide_row`` does.
    """
    await require_permission(work, None, "answer_template")
    row = await approvals.decide_row(
        TemplateApproval(work), intent.template, approve=intent.approve, remark=intent.remark
    )
    return Answer(text="library:noted", extra={**_said(row), **approvals.describe_decision(row)})


async def withdraw_template(work: UnitOfWork, intent: WithdrawTemplate) -> Answer | None:
    """Take an approved version out of use; the composer goes back to the one before it.

    Raises UserError as ``withdraw_row`` does. The author hears of it unless they did it themselves.
    """
    await require_permission(work, None, "withdraw_template")
    row = await approvals.withdraw_row(TemplateApproval(work), intent.template, intent.reason)
    return Answer(text="library:withdrawn", extra=_withdrawn(row))


def _said(row: MessageTemplate) -> dict[str, object]:
    """Return what every notice of the library carries, as JSON; ``template`` is the row's id."""
    return {
        "template": row.id,
        "kind": row.kind,
        "language": row.language,
        "version": row.version,
        "author": row.author,
    }


def _withdrawn(row: MessageTemplate) -> dict[str, object]:
    return {**_said(row), "by": row.ended_by, "remark": row.ended_why}
