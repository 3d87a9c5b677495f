"""Having customers told who may meet the same: by their own people, in checked words.

The words are those of the approved letter, completed by the person who sends them, in each language
that the customers read; what a broadcast may not say may not be said here. The app sends nothing to
a customer: who is asked tells them, and says so.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import create_model
from sqlmodel import col, select

from bot import effects
from bot.core.snapshot import account_facts
from bot.core.steps import authorize_case, case_answer, require_status
from bot.customers.check import require_sendable_lines, require_sendable_to_many
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.learning.outreach.find import find_accounts
from bot.learning.outreach.plan import REMIND_AFTER, group_by_teller, stop_telling
from bot.rules.learning.outreach import OutreachState, RiskAccount
from bot.rules.problems import audience
from bot.rules.problems.facts import AffectedFacts
from bot.rules.words import Language
from messages.customers.greeting import find_address, greet_customer
from storage.models import Account, Case, Outreach, OutreachAccount, Person

SIGNED = "{sender}"  # in the words, replaced by the name of who tells them
NAMED_MAX = 20  # customers that a message names


def add_text_fields() -> type[OnCase]:
    """An intent about a case with a field ``text_<code>`` for each language that there is."""
    fields: dict[str, Any] = {f"text_{each.value}": (OptionalText, "") for each in Language}
    return create_model("OnCaseInEveryLanguage", __base__=OnCase, **fields)


class TellCsms(add_text_fields()):  # type: ignore[misc]  # fields by the languages
    """Ask the people of those who may meet the same to tell them, in these words.

    ``{greeting}``, ``{contact}``, ``{customer}`` and ``{sender}`` become each customer's own.
    """

    verb: ClassVar[str] = "tell_csms"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS


class EndOutreach(OnCase):
    """Take back that customers are told, and say why.

    What was answered stays; those who were neither told nor spared can be told anew.
    """

    verb: ClassVar[str] = "end_outreach"
    reason: Text


async def tell_csms(work: UnitOfWork, intent: TellCsms) -> Answer | None:
    """Ask each CSM once, with all their customers of this case and the words for them.

    Who may meet it is looked up anew; who was told or spared before is left out. The DM
    ``outreach_asked`` has ``by``, ``component``, ``count`` and the first ``customers``; the answer
    ``outreach_sent`` has ``count`` and ``people``. Timeline ``tell_csms``: ``count``, ``people``
    (how many). Raises UserError ``no_such_case``, ``not_your_role``, ``not_entrusted``,
    ``wrong_status``, ``outreach_restricted``, ``outreach_runs``, ``nobody_at_risk``,
    ``language_missing`` and as ``require_sendable_to_many`` and ``require_sendable_lines``.
    """
    case = await authorize_case(work, intent.case, "tell_csms")
    require_status(case, "tell_csms")
    if case.sensitive:
        raise UserError("outreach_restricted")
    row = await work.session.get(Outreach, case.number) or Outreach(case_number=case.number)
    if row.sent_at is not None and row.ended_at is None:
        raise UserError("outreach_runs", user=row.sent_by)
    before = await _rows_before(work, case)
    found = [a for a in await find_accounts(work.session, case, work.now) if _is_new(before, a)]
    if not found:
        raise UserError("nobody_at_risk")
    to = await read_receivers(work, found)
    texts = _texts_for(intent, [about for about, _ in to.values()])
    await require_sendable_to_many(work.session, work.policy, texts, work.actor.user_id)
    receivers = [about for about, _ in to.values()]
    await require_sendable_lines(work.session, work.policy, texts, receivers, work.actor.user_id)
    rows = [_fill_row(work, case, before.get(a.key), a, texts, *to[a.key]) for a in found]
    work.session.add_all(rows)
    row.texts, row.sent_by, row.sent_at = texts, work.actor.user_id, work.now
    row.ended_at, row.reminded, row.next_at = None, 0, work.now + REMIND_AFTER
    row.look_at, row.told_at = None, row.told_at or work.now
    work.session.add(row)
    people = group_by_teller(rows)
    await _ask(work, case, people, {a.key: a.name for a in found})
    work.note(case, "tell_csms", after={"count": len(rows), "people": len(people)})
    return case_answer(case, "notice:outreach_sent", count=len(rows), people=list(people))


async def _rows_before(work: UnitOfWork, case: Case) -> dict[str, OutreachAccount]:
    """The case's rows by account, those that ended too; read under the case's lock."""
    query = select(OutreachAccount).where(col(OutreachAccount.case_number) == case.number)
    return {row.account_key: row for row in (await work.session.exec(query)).all()}


def _is_new(before: Mapping[str, OutreachAccount], account: RiskAccount) -> bool:
    """Whether this customer was neither told nor spared, by the rows of before.

    A row that waits is none of these: its words may be replaced.
    """
    row = before.get(account.key)
    return row is None or row.state in (OutreachState.ENDED, OutreachState.WAITING)


async def read_receivers(
    work: UnitOfWork, found: Sequence[RiskAccount]
) -> dict[str, tuple[AffectedFacts, str]]:
    """Each customer as a receiver of words to many, and the name of who tells them, by account."""
    keys = [each.key for each in found]
    query = select(Account).where(col(Account.key).in_(keys))
    accounts = {row.key: row for row in (await work.session.exec(query)).all()}
    tellers = {each.teller for each in found}
    named = select(Person.user_id, Person.name).where(col(Person.user_id).in_(tellers))
    names = dict((await work.session.exec(named)).all())
    return {
        each.key: (
            _receiver(work, accounts[each.key], each.teller),
            names.get(each.teller) or work.policy.customer_company,
        )
        for each in found
    }


def _receiver(work: UnitOfWork, account: Account, owner: str) -> AffectedFacts:
    """The customer as words to many are fitted to them; ``owner`` is who tells them.

    ``id`` is 0 and ``evidence`` empty, as this customer stands on no problem's list.
    """
    facts, language = account_facts(account), Language(account.language)
    return AffectedFacts(
        id=0,
        customer=account.name,
        evidence="",
        said_by=owner,
        said_at=work.now,
        account=account.key,
        language=language,
        contact=account.contact_name,
        greeting=greet_customer(language, find_address(facts, language, account.contact_name)),
        email=account.contact_email,
        owner=owner,
    )


def _texts_for(intent: TellCsms, to: Sequence[AffectedFacts]) -> dict[str, str]:
    """The words in the languages that are read. Raises ``language_missing`` (``spoken``)."""
    languages = audience.audience_languages(to)
    texts = {each.value: str(getattr(intent, f"text_{each.value}")) for each in languages}
    for language, text in texts.items():
        if not text:
            raise UserError("language_missing", spoken=language)
    return texts


def _fill_row(
    work: UnitOfWork,
    case: Case,
    row: OutreachAccount | None,
    account: RiskAccount,
    texts: Mapping[str, str],
    about: AffectedFacts,
    sender: str,
) -> OutreachAccount:
    """The customer's row, which waits now; the row of before is used again."""
    if row is None:
        row = OutreachAccount(
            case_number=case.number, account_key=account.key, component="", user_id="", language=""
        )
    row.component, row.user_id, row.language = case.component, account.teller, about.language.value
    row.text = audience.text_for(texts, about).replace(SIGNED, sender)
    row.state, row.why, row.answered_by, row.answered_at = OutreachState.WAITING, "", "", None
    return row


async def _ask(
    work: UnitOfWork,
    case: Case,
    people: Mapping[str, Sequence[OutreachAccount]],
    names: Mapping[str, str],
) -> None:
    """Ask each once, with the names of their customers, by account."""
    for user, theirs in people.items():
        said: dict[str, Any] = {"by": work.actor.user_id, "component": case.component}
        said |= {"count": len(theirs)}
        said["customers"] = [names[each.account_key] for each in theirs[:NAMED_MAX]]
        await effects.queue_dm(work, user, "notice:outreach_asked", case, said)


async def end_outreach(work: UnitOfWork, intent: EndOutreach) -> Answer | None:
    """Take back that customers are told; those who were asked and have not answered hear of it.

    It may be begun anew, for those who were neither told nor spared. The answer ``outreach_ended``
    has ``count``. Timeline ``end_outreach``: ``count``; the reason is the why. Raises UserError
    ``no_such_case``, ``not_your_role``, ``outreach_not_running``.
    """
    case = await authorize_case(work, intent.case, "end_outreach")
    row = await work.session.get(Outreach, case.number)
    if row is None or row.sent_at is None or row.ended_at is not None:
        raise UserError("outreach_not_running")
    count = await stop_telling(work, case, "notice:outreach_over")
    work.note(case, "end_outreach", after={"count": count}, why=intent.reason)
    return case_answer(case, "notice:outreach_ended", count=count)
