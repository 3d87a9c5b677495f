"""What a customer message is judged by: the tone rules, with what is known of the case.

The composer shows every finding beside the text; the use cases refuse what must not be sent,
whichever way the message came. The rules themselves are pure (``bot/rules/tone``); here they get
the names, amounts and words of the store. A finding ``stops`` or only advises.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import readable_by
from bot.customers import library
from bot.errors import UserError
from bot.rules.facts import CaseFacts
from bot.rules.letters import PROMISING, parts_to_confirm
from bot.rules.lifecycle import OPEN
from bot.rules.money.concessions import Allowance, Gap, Judgement, in_words
from bot.rules.money.matrix import EURO
from bot.rules.money.offers import find_offers
from bot.rules.policy.model import Policy
from bot.rules.problems import audience
from bot.rules.problems.facts import AffectedFacts
from bot.rules.prose.folding import fold_text
from bot.rules.tone.lint import NO_MONEY, Finding, Rule, Setting, Weight, find_stops, lint_message
from bot.rules.words import Language, MessageKind
from messages.customers.templates import unfilled_placeholders
from storage.models import Account, Affected, Case


async def tone_setting(
    session: AsyncSession,
    policy: Policy,
    case: CaseFacts,
    kind: MessageKind,
    *,
    viewer: str,
    owner: str = "",
    time: str = "",
    approved: str = "",
    reader: Language | None = None,
    letter: bool = True,
    allowance: Allowance = NO_MONEY,
    liability: Weight | None = None,
) -> Setting:
    """Return what is known where a message of this kind about the case is judged.

    ``time`` is the promised time as the viewer would write it (``clock_time``), ``approved`` the
    template's text, ``reader`` the language of the findings, ``letter`` False for what is spoken.
    Names of other customers are read, so that none of them is mentioned; of those who are known by
    a restricted case alone only where the writer, ``viewer``, is on it: a finding tells of it.
    """
    own = " ".join((case.customer, case.account.name if case.account else ""))
    return Setting(
        case.language,
        # A public reply greets no one by name: it says nothing of whom it is about.
        contact="" if kind is MessageKind.REVIEW_REPLY else case.contact_name,
        customer=own,
        owner=owner,
        time=time,
        approved=approved,
        quoted=(case.stake,),
        others=await _others(session, policy, case, viewer),
        allowance=allowance,
        promises=kind in PROMISING and case.status in OPEN,
        confirms=parts_to_confirm(kind, case),
        reader=reader,
        letter=letter,
        liability=liability,
    )


async def _others(
    session: AsyncSession, policy: Policy, case: CaseFacts, viewer: str
) -> tuple[str, ...]:
    """The names of other customers, from the accounts and from cases that the viewer may read."""
    key = case.account.key if case.account else ""
    accounts = (await session.exec(select(Account.name).where(col(Account.key) != key))).all()
    other = col(Case.customer) != case.customer
    query = select(Case.customer).where(other, readable_by(policy, viewer)).distinct()
    return tuple({*accounts, *(await session.exec(query)).all()})


async def must_be_sendable(
    session: AsyncSession,
    policy: Policy,
    case: CaseFacts,
    kind: MessageKind,
    text: str,
    allowance: Allowance,
    author: str,
    liability: Weight | None = None,
) -> None:
    """Refuse a message that must not be sent; ``allowance`` is the money that it may offer.

    That the words say when the customer hears from us next is the composer's to ask for: the
    promise itself is a field of its own. Raises UserError for the first thing found: ``brackets``
    (``found``), ``tone_concession`` (``quote``, ``left``, ``gap``, ``near``, ``near_kind``,
    ``promised``) or ``tone_<rule>`` (``quote``).
    """
    if left := await open_placeholders(session, kind, text):
        raise UserError("brackets", found=", ".join(left))
    setting = await tone_setting(
        session, policy, case, kind, viewer=author, allowance=allowance, liability=liability
    )
    for finding in lint_message(text, setting):
        if finding.rule is Rule.CONCESSION and finding.stops:
            gap = finding.uncovered.gap if finding.uncovered else Gap.NOTHING
            own, near = in_words(allowance.own, EURO), _amounts_of(finding)
            raise UserError("tone_concession", quote=finding.quote, left=own, gap=gap.value, **near)
        if finding.stops and finding.rule is not Rule.NO_NEXT_UPDATE:
            raise UserError(f"tone_{finding.rule.value}", quote=finding.quote)


def _amounts_of(finding: Finding) -> dict[str, str]:
    """The amount that is offered, and the approved one that comes nearest; empty for none.

    ``promised``: since when the customer knows of that one (ISO 8601).
    """
    near = finding.uncovered.near if finding.uncovered else None
    amount = finding.uncovered.amount if finding.uncovered else None
    return {
        "near": in_words(near.amount, near.currency) if near else "",
        "amount": in_words(amount.value, amount.unit) if amount and amount.value else "",
        "near_kind": near.kind.value if near else "",
        "promised": near.promised_at.isoformat() if near and near.promised_at else "",
    }


def judge_money(case: CaseFacts, text: str, allowance: Allowance) -> Judgement:
    """What the offers in a text to the customer rest on; their own words offer nothing."""
    return allowance.judge_offers(find_offers(text, (case.stake,)))


async def list_faults(
    session: AsyncSession,
    policy: Policy,
    case: CaseFacts,
    kind: MessageKind,
    text: str,
    allowance: Allowance,
    author: str,
    liability: Weight | None = None,
) -> list[dict[str, str]]:
    """Return what would have stopped a message: ``rule`` and ``quote``, as they stand in the text.

    ``rule`` is that of the tone rules, or ``brackets``.
    """
    left = await open_placeholders(session, kind, text)
    found = [{"rule": "brackets", "quote": each} for each in left]
    setting = await tone_setting(
        session, policy, case, kind, viewer=author, allowance=allowance, liability=liability
    )
    stops = [each for each in lint_message(text, setting) if each.stops]
    return found + [{"rule": each.rule.value, "quote": each.quote} for each in stops]


async def open_placeholders(session: AsyncSession, kind: MessageKind, text: str) -> tuple[str, ...]:
    """Return the lines in brackets, of any version of the words, that were not replaced."""
    bodies = [each.body for each in await library.all_versions(session) if each.kind == kind]
    return unfilled_placeholders(text, *bodies)


def clock_time(instant: datetime | None, now: datetime, zone: str) -> str:
    """Return a time as a suggestion says it: ``14:00``, or ``12/2 14:00`` on another day.

    ``zone`` is an IANA name, in which both days are compared. Empty without an instant.
    """
    if instant is None:
        return ""
    local = instant.astimezone(ZoneInfo(zone))
    other = local.date() != now.astimezone(ZoneInfo(zone)).date()
    return f"{local.day}/{local.month} {local:%H:%M}" if other else f"{local:%H:%M}"


def only_stops(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings without advice."""
    return tuple(finding for finding in findings if finding.stops)


# -- a message to many


async def list_customer_names(
    session: AsyncSession, policy: Policy, viewer: str
) -> tuple[str, ...]:
    """Return the names of customers that ``viewer`` may know: a message to many names none of them.

    From accounts, cases and the customers listed under problems; each once, sorted. Who is a
    customer by a restricted case alone is none for those who are not on it.
    """
    readable = readable_by(policy, viewer)
    listed = select(Affected.customer).outerjoin(
        Case, col(Case.number) == col(Affected.case_number)
    )
    shown = or_(col(Case.number).is_(None), readable)
    found = {
        *(await session.exec(select(Account.name))).all(),
        *(await session.exec(select(Case.customer).where(readable).distinct())).all(),
        *(await session.exec(listed.where(shown).distinct())).all(),
    }
    return tuple(sorted(found))


async def judge_text_to_many(
    session: AsyncSession,
    policy: Policy,
    text: str,
    language: Language,
    viewer: str,
    *,
    promises: bool = True,
) -> Sequence[Finding]:
    """Return what is found in the text of one language, for the person who writes it.

    The app puts each customer's own greeting or name, so a text with such a placeholder greets.
    ``promises``: it must say when they hear next.
    """
    others = await list_customer_names(session, policy, viewer)
    setting = Setting(language, others=others, promises=promises)
    found = lint_message(text, setting)
    greeted = audience.CONTACT in text or audience.GREETING in text
    return [each for each in found if not (greeted and each.rule is Rule.GREETING)]


async def require_sendable_to_many(
    session: AsyncSession, policy: Policy, texts: Mapping[str, str], author: str
) -> None:
    """Refuse words that must not be sent. Raises UserError ``brackets`` or ``tone_<rule>``.

    ``texts`` are by language. Money is never offered to many: ``tone_concession_many``.
    """
    for language, text in texts.items():
        if left := unfilled_placeholders(text, text):
            raise UserError("brackets", found=", ".join(left))
        for finding in await judge_text_to_many(session, policy, text, Language(language), author):
            if finding.rule is Rule.CONCESSION and finding.stops:
                raise UserError("tone_concession_many", quote=finding.quote)
            if finding.stops and finding.rule is not Rule.NO_NEXT_UPDATE:
                raise UserError(f"tone_{finding.rule.value}", quote=finding.quote)


async def require_sendable_lines(
    session: AsyncSession,
    policy: Policy,
    texts: Mapping[str, str],
    to: Sequence[AffectedFacts],
    author: str,
) -> None:
    """Refuse what a customer's or contact's name makes of the words.

    Each recipient's own parts are judged again, since they come from the accounts and not from the
    author. Raises UserError ``broadcast_line`` with ``customer`` and ``quote``.
    """
    names = await list_customer_names(session, policy, author)
    known = [(name, fold_text(name).text) for name in names]
    for each in to:
        own = audience.own_parts(texts, each)
        read = fold_text(own).text
        others = tuple(name for name, folded in known if folded in read and name != each.customer)
        setting = Setting(each.language, customer=each.customer, others=others, letter=False)
        for finding in find_stops(own, setting):
            raise UserError("broadcast_line", customer=each.customer, quote=finding.quote)
