"""What customers open: one token in, what may be shown or taken out. Nothing internal leaves.

A token that was altered, has expired or was revoked, and a page of a case that has become
restricted, all look the same from outside: it is said that the link no longer works.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import snapshot
from bot.core.steps import follow_merged
from bot.customers.channels import Customers
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.feedback import surveys
from bot.people.directory import People
from bot.rules.facts import CaseFacts
from bot.rules.tokens import BadTokenError, LinkClaim, LinkKind
from bot.rules.tone.lint import Rule
from bot.rules.words import ClockKind, Language, Status
from storage.in_hand import account_of
from storage.models import Case, CustomerLink

COMMENT_MAX = 2000  # characters of a customer's comment
SCALE = frozenset(range(1, 6))
HARMLESS = frozenset({Rule.NO_NEXT_UPDATE.value})  # faults with which a message is shown

# What a customer is told of where the case stands; the texts are under ``stage.``.
STAGES: Mapping[Status, str] = {
    Status.CANDIDATE: "received",
    Status.NEW: "received",
    Status.ACKNOWLEDGED: "taken",
    Status.INVESTIGATING: "working",
    Status.MITIGATED: "workaround",
    Status.RESOLVED: "resolved",
    Status.REVIEW: "resolved",
    Status.CLOSED: "closed",
}


class PageServices(WorkServices, Protocol):
    """What customers' pages need of the process."""

    @property
    def customers(self) -> Customers:
        """The channels to customers."""

    @property
    def people(self) -> People:
        """The directory."""

    async def happened(self) -> None:
        """Show what was committed outside Slack, and look at the clocks again."""


class GoneError(Exception):
    """There is no such page; the reason is never told, so that a token cannot be probed."""


class InvalidError(Exception):
    """An answer that is none; the message names the field."""


@dataclass(frozen=True, slots=True)
class Question:
    """A pulse or a survey, and the customer's latest answer.

    ``score`` and ``effort`` are None until answered; ``zone`` is the IANA name in which times are
    shown; ``unhappy`` is true when the answer asks for a call.
    """

    kind: LinkKind
    reference: str
    language: Language
    expires_at: datetime
    zone: str
    score: int | None
    effort: int | None
    comment: str
    answered: bool
    unhappy: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer may know of their case.

    ``next_at`` is when the next update was promised, None once the case has ended or nothing is
    promised. ``stage`` is a value of ``STAGES``, and ``last_text`` is empty until a message was
    sent.
    """

    reference: str
    language: Language
    stage: str
    zone: str
    caller: str
    phone: str
    last_text: str
    last_at: datetime | None
    next_at: datetime | None
    now: datetime
    waiting_for_customer: bool


async def open_page(services: PageServices, token: str) -> Question | Standing:
    """What the token opens. Raises GoneError."""
    claim = _claim(services, token)
    async with services.database.read() as session:
        link, case = await _opened(services, session, claim)
        if claim.kind is not LinkKind.STATUS:
            row = await account_of(session, case)
            account = snapshot.account_facts(row) if row else None
            return _question(link, case, services.policy.zone_of(account))
        known = await snapshot.load_case(session, case, services.clock.now())
    return await _standing(services, known)


def knows_token(services: PageServices, token: str) -> bool:
    """Whether the token is one of ours that still holds; nothing is looked up."""
    try:
        _claim(services, token)
    except GoneError:
        return False
    return True


def _claim(services: PageServices, token: str) -> LinkClaim:
    """Check signature and expiry alone, without the database. Raises GoneError."""
    try:
        claim = services.customers.signer.read_link(token)
    except BadTokenError:
        raise GoneError from None
    if claim.expires_at <= services.clock.now():
        raise GoneError
    return claim


async def _opened(
    services: PageServices, session: AsyncSession, claim: LinkClaim
) -> tuple[CustomerLink, Case]:
    """Load the link and its case.

    Raises GoneError where the link is unknown, of another kind, revoked or expired, where the case
    is restricted and the link was not allowed for it, and where the case's status has no stage. The
    status page of a merged case is that of the case in which it goes on; its questions are over.
    The row's expiry is checked besides the token's.
    """
    link = await session.get(CustomerLink, claim.id)
    if link is None or link.kind != claim.kind or link.revoked_at is not None:
        raise GoneError
    if link.expires_at <= services.clock.now():
        raise GoneError
    case = await session.get(Case, link.case_number)
    if case is not None and link.kind == LinkKind.STATUS:
        case = await follow_merged(session, case)
    hidden = case is not None and case.sensitive and not link.allowed
    if case is None or hidden or Status(case.status) not in STAGES:
        raise GoneError
    return link, case


def _question(link: CustomerLink, case: Case, zone: str) -> Question:
    """Build the question's facts, with the latest answer so that it can be changed."""
    return Question(
        kind=LinkKind(link.kind),
        reference=f"ESC-{case.number}",
        language=Language(case.language),
        expires_at=link.expires_at,
        zone=zone,
        score=link.score,
        effort=link.effort,
        comment=link.comment,
        answered=link.answered_at is not None,
        unhappy=surveys.needs_call(link),
    )


async def _standing(services: PageServices, case: CaseFacts) -> Standing:
    """Build the status page's facts: of what we did, only what the customer was told already.

    A message that was recorded with faults is no word of ours here: no one has approved it, and
    that the customer has it only its writer says; a missing time alone does no harm. The next
    update's time is left out once the case has ended, or when that clock has.
    """
    told = [sent for sent in case.sent if {rule for rule, _ in sent.faults} <= HARMLESS]
    last = max(told, key=lambda sent: sent.sent_at, default=None)
    ended = STAGES[case.status] in {"resolved", "closed"}
    promise = case.clock(ClockKind.NEXT_UPDATE)
    next_at = promise.due if promise and not promise.ended and not ended else None
    owner = await services.people.person(case.owner)
    return Standing(
        reference=case.reference,
        language=case.language,
        stage=STAGES[case.status],
        zone=services.policy.zone_of(case.account),
        caller=owner.name,
        phone=services.policy.customer_phone,
        last_text=last.text if last else "",
        last_at=last.sent_at if last else None,
        next_at=next_at,
        now=case.now,
        waiting_for_customer=bool(case.hold and case.hold.reason == "waiting_customer"),
    )


async def take_answer(services: PageServices, token: str, given: Mapping[str, str]) -> None:
    """Take what a customer answered.

    ``given`` is the form as it came: ``score``, for a survey ``effort``, and ``comment``, all text.
    Locks the case and reads the link again under that lock, so that two answers at once are taken
    one after the other. Raises GoneError, and InvalidError naming the field.
    """
    claim = _claim(services, token)
    if claim.kind is LinkKind.STATUS:
        raise GoneError
    score = _scale(given, "score")
    effort = _scale(given, "effort") if claim.kind is LinkKind.SURVEY else None
    comment = _words(given.get("comment", ""))
    if score is None:
        raise InvalidError("score")
    async with UnitOfWork.begin(services, Actor(SYSTEM, "page"), new_reference()) as work:
        _, seen = await _opened(services, work.session, claim)
        case = await work.case(seen.number)
        link = await work.session.get(CustomerLink, claim.id, populate_existing=True)
        assert link is not None  # it was just opened
        await surveys.record_answer(work, case, link, score, effort, comment)
    await services.happened()


def _scale(given: Mapping[str, str], name: str) -> int | None:
    value = given.get(name, "")
    if not value:
        return None
    if len(value) != 1 or not value.isascii() or not value.isdigit() or int(value) not in SCALE:
        raise InvalidError(name)
    return int(value)


def _words(text: str) -> str:
    kept = "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c == "\n")
    return kept.strip()[:COMMENT_MAX]
