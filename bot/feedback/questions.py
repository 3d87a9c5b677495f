"""Questions to the customer that are due: the pulse, the survey, and its one reminder.

A question goes by mail; where the app sends none, the link is given to a colleague to pass on. When
a question is due is planned in ``bot.feedback.surveys``.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot import effects
from bot.core.snapshot import account_facts
from bot.customers.channels import customer_channels
from bot.customers.outgoing import is_customers_address
from bot.engine.actors import SYSTEM
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.feedback.surveys import business_days, may_ask_customer, next_pulse, survey_plan
from bot.mail.queue import queue_mail
from bot.rules.lifecycle import OPEN
from bot.rules.tokens import LinkKind
from bot.rules.tone.lint import Setting, find_stops
from bot.rules.words import Language
from messages.customers.greeting import find_address, greet_customer
from messages.kit.texts import t
from storage.in_hand import account_of
from storage.models import Case, CustomerLink

PULSE_GOOD_FOR = timedelta(days=7)
SURVEY_GOOD_FOR = timedelta(days=30)
REMIND_AFTER = 2  # business days without an answer to the survey; then one reminder


async def ask_due(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Send the pulse or the survey that is due of a locked case, and set when the next is.

    The time is moved on even where asking is not allowed (a restricted case, no pages), so that the
    same row is not found due again. A pulse is for open cases, a survey for cases that have ended.
    """
    row = await survey_plan(work, case)
    if row.pulse_at is not None and row.pulse_at <= work.now:
        row.pulse_at = next_pulse(work, case, work.now) if case.status in OPEN else None
        if case.status in OPEN and may_ask_customer(work, case):
            row.pulsed_at = work.now
            await _ask(work, case, LinkKind.PULSE, says)
    if row.survey_at is not None and row.survey_at <= work.now:
        row.survey_at = None
        if case.status not in OPEN and may_ask_customer(work, case):
            await _ask(work, case, LinkKind.SURVEY, says)
    work.session.add(row)


async def _ask(work: UnitOfWork, case: Case, kind: LinkKind, says: Sequence[Reminder]) -> None:
    """Make the link, flush it so that it has an id, send it and note it on the timeline.

    A survey gets a reminder after ``REMIND_AFTER`` business days, a pulse none.
    """
    good_for = PULSE_GOOD_FOR if kind is LinkKind.PULSE else SURVEY_GOOD_FOR
    link = CustomerLink(
        case_number=case.number,
        kind=kind.value,
        made_at=work.now,
        expires_at=work.now + good_for,
        remind_at=business_days(work, case, REMIND_AFTER) if kind is LinkKind.SURVEY else None,
    )
    work.session.add(link)
    await work.session.flush()
    await _send(work, case, link, get_reminder(says, kind.value), says)
    work.note(case, f"asked_{kind.value}", after={"link": link.id})


async def remind_of_survey(work: UnitOfWork, link: CustomerLink, says: Sequence[Reminder]) -> None:
    """Send the one reminder of a survey that was not answered.

    Locks the case. The reminder's time is cleared in any case, so it goes out once at most; nothing
    is sent when the link was answered, was revoked or expired, or when the case was reopened.
    """
    case = await work.case(link.case_number)
    link.remind_at = None
    work.session.add(link)
    open_still = link.answered_at is None and link.revoked_at is None
    if open_still and link.expires_at > work.now and case.status not in OPEN:
        await _send(work, case, link, get_reminder(says, "survey_again"), says)


async def _send(
    work: UnitOfWork,
    case: Case,
    link: CustomerLink,
    question: Reminder,
    says: Sequence[Reminder],
) -> None:
    """Mail the link to the contact, or queue the reminder ``ask_yourself`` to pass it on by
    hand.

    It goes by hand where the policy does not address the customer, the app sends no mail, the
    contact has no address or one outside the account's, or the text with the typed name in it is
    stopped by the tone rules. The reminder's extra carries ``page`` (the kind) and ``url``.
    """
    channels = customer_channels(work)
    assert channels is not None  # may_ask_customer() says so
    url = channels.url(link.kind, link.id, link.expires_at)
    language = Language(case.language)
    greeting = await _greeting(work, case, language)
    text = t(language, question.template, greeting=greeting, url=url)
    # It is what an administrator typed: one that offers money or tells a secret is not mailed.
    sayable = not find_stops(text, Setting(language, customer=case.customer, letter=False))
    reached = Audience.CUSTOMER in question.who and channels.mails and bool(case.contact_email)
    # No second person reads it, so it goes to no address that may be a stranger's.
    if (
        reached
        and sayable
        and await is_customers_address(work.session, case, case.contact_email, SYSTEM)
    ):
        await queue_mail(work, case, kind=link.kind, text=text, recipient=case.contact_email)
        return
    by_hand = get_reminder(says, "ask_yourself")
    extra = {"page": link.kind, "url": url}
    await effects.queue_reminder(work, case, by_hand, extra, priority=effects.NUDGE)


async def _greeting(work: UnitOfWork, case: Case, language: Language) -> str:
    """The first line of the question, as the account says it; plain where no account is known."""
    account = await account_of(work.session, case)
    facts = account_facts(account) if account else None
    return greet_customer(language, find_address(facts, language, case.contact_name))
