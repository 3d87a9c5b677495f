"""The library of approved words: those that ship as files, and those that people wrote.

The composer takes the newest approved version that has not expired. Versions of a kind and language
are counted on from the file's. Here they are only read; ``templates`` changes them. A version
expires by the day of the organisation's zone; nothing is written when that comes.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.facts import TemplateFacts
from bot.rules.states import ApprovalState
from bot.rules.words import Language, MessageKind
from messages.customers.templates import is_shipped, template_approval, template_source
from storage.models import MessageTemplate


def shipped_template(kind: MessageKind, language: Language) -> TemplateFacts:
    """Return the version that ships with the program; it has no ``id`` and cannot be withdrawn."""
    matter = template_approval(kind, language)
    return TemplateFacts(
        kind,
        language,
        matter.version,
        template_source(kind, language),
        ApprovalState.APPROVED,
        matter.expires,
        approver=matter.approver,
    )


def template_facts(row: MessageTemplate) -> TemplateFacts:
    """A stored version."""
    return TemplateFacts(
        MessageKind(row.kind),
        Language(row.language),
        row.version,
        row.body,
        row.state,
        row.expires,
        id=row.id,
        why=row.why,
        proposed_by=row.author,
        proposed_at=row.asked_at,
        approver=row.approver,
        remark=row.remark,
        withdrawn_by=row.ended_by,
        withdrawn_why=row.ended_why,
    )


async def list_versions(
    session: AsyncSession, kind: MessageKind, language: Language
) -> Sequence[TemplateFacts]:
    """Every version, the newest first."""
    return [each for each in await all_versions(session) if each.of(kind, language)]


async def all_versions(session: AsyncSession) -> Sequence[TemplateFacts]:
    """Every version of every kind and language, the newest first of each."""
    query = select(MessageTemplate).order_by(col(MessageTemplate.version).desc())
    stored = [template_facts(row) for row in (await session.exec(query)).all()]
    every = [(kind, language) for kind in MessageKind for language in Language]
    return [*stored, *(shipped_template(*each) for each in every if is_shipped(*each))]


def in_force(found: Sequence[TemplateFacts], today: date) -> TemplateFacts | None:
    """Return which of the versions of one kind and language is used on a day; None: none is.

    ``found`` must be the newest first, as ``list_versions`` returns it.
    """
    return next((each for each in found if each.standing(today) == ApprovalState.APPROVED), None)


def expired_versions(found: Sequence[TemplateFacts], today: date) -> Sequence[TemplateFacts]:
    """Return approved versions that would be used today had they not expired.

    The composer shows them, so that the author sees why older words, or none, are offered.
    """
    used = in_force(found, today)
    newer = found[: list(found).index(used)] if used else found
    return [each for each in newer if each.standing(today) == ApprovalState.EXPIRED]


async def next_version(session: AsyncSession, kind: MessageKind, language: Language) -> int:
    """Return the number of the version that is proposed next; returned and expired ones count."""
    return 1 + max(
        [each.version for each in await list_versions(session, kind, language)], default=0
    )


def day_of(now: datetime, zone: Any) -> date:
    """Return the day on which a template counts as expired: the organisation's own.

    ``zone`` is a ``tzinfo``; ``now`` is aware.
    """
    return now.astimezone(zone).date()
