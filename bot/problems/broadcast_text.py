"""What a broadcast says: whether it may be sent, what each customer reads, what approvers see."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.errors import UserError
from bot.rules.problems import audience
from bot.rules.problems.facts import AffectedFacts
from bot.rules.tone.lint import Finding, Rule, Setting, lint, stops
from bot.rules.tone.text import fold
from bot.rules.words import Language
from messages.customers.templates import unfilled
from storage.models import Account, Affected, Broadcast, Case

PAGE_MAX = 20_000  # characters of lines in one direct message, which has room for more

Line = tuple[int, str, str, str]  # affected, language, recipient, what they read


def digest_broadcast(lines: Iterable[Line], promised: datetime) -> str:
    """What an approval is bound to: SHA-256 of every line and the promise, as hexadecimal."""
    said = json.dumps([sorted(lines), promised.isoformat()], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def write_line(texts: Mapping[str, str], each: AffectedFacts) -> Line:
    """What one customer gets, as an approval is bound to it."""
    return (each.id, each.language.value, audience.recipient(each), audience.written(texts, each))


async def list_customer_names(session: AsyncSession) -> tuple[str, ...]:
    """The names of all customers: a message to many names none of them."""
    found = {
        *(await session.exec(select(Account.name))).all(),
        *(await session.exec(select(Case.customer).distinct())).all(),
        *(await session.exec(select(Affected.customer).distinct())).all(),
    }
    return tuple(sorted(found))


async def judge_broadcast(
    session: AsyncSession, text: str, language: Language
) -> Sequence[Finding]:
    """What is found in the text of one language; the app adds each customer's name in greeting."""
    setting = Setting(language, others=await list_customer_names(session), promises=True)
    found = lint(text, setting)
    greeted = audience.CONTACT in text
    return [each for each in found if not (greeted and each.rule is Rule.GREETING)]


async def require_sendable_texts(session: AsyncSession, texts: Mapping[str, str]) -> None:
    """Refuse words that must not be sent. Raises UserError ``brackets`` or ``tone_<rule>``."""
    for language, text in texts.items():
        if left := unfilled(text, text):
            raise UserError("brackets", found=", ".join(left))
        for finding in await judge_broadcast(session, text, Language(language)):
            if finding.rule is Rule.CONCESSION and finding.stops:
                raise UserError("tone_concession_many", quote=finding.quote)
            if finding.stops and finding.rule is not Rule.NO_NEXT_UPDATE:
                raise UserError(f"tone_{finding.rule.value}", quote=finding.quote)


async def require_sendable_lines(
    session: AsyncSession, texts: Mapping[str, str], to: Sequence[AffectedFacts]
) -> None:
    """Refuse what a customer's or contact's name makes of the words. Raises ``broadcast_line``."""
    known = [(name, fold(name).text) for name in await list_customer_names(session)]
    for each in to:
        own = audience.own_parts(texts, each)
        read = fold(own).text
        others = tuple(name for name, folded in known if folded in read and name != each.customer)
        setting = Setting(each.language, customer=each.customer, others=others, letter=False)
        for finding in stops(own, setting):
            raise UserError("broadcast_line", customer=each.customer, quote=finding.quote)


def choose_texts(texts: Mapping[str, str], to: Sequence[AffectedFacts]) -> dict[str, str]:
    """The words in the languages of the receivers. Raises UserError ``language_missing``."""
    wanted = audience.languages(to)
    for language in wanted:
        if not texts.get(language.value):
            raise UserError("language_missing", language=language.value)
    return {language.value: texts[language.value] for language in wanted}


def _first_of_each(to: Sequence[AffectedFacts]) -> list[AffectedFacts]:
    """The first customer of each language, who is shown the whole text."""
    return list({each.language: each for each in reversed(to)}.values())


def list_pages(row: Broadcast, to: Sequence[AffectedFacts]) -> list[dict[str, object]]:
    """The parts of the text that differ for the other customers, a list for each direct message.

    Each page carries ``broadcast``, ``lines`` (pairs of customer and text), ``at`` and ``of``.
    """
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


def describe_broadcast(row: Broadcast, to: Sequence[AffectedFacts]) -> dict[str, object]:
    """What an approver is asked with: the receivers, and the whole text in each language."""
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
