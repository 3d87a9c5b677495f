"""A mail to the intake address: whose it is, and what becomes of it.

It is a customer's where our mail server says who sent it and the accounts file knows the domain.
Then it is a signal, in one thread with what it answers; all else is held until a person decides
(``strangers``). A further mail of a thread of which a case came is a message of that case.

``Mail.reading`` of such a mail is JSON: ``note`` and ``files`` as ``bot.core.facts.mails``
describes them, ``digest``, ``name`` (the sender's, "" for none), ``verified`` (that the mail server
vouches for the sender and the mail could be read), and once a person has decided ``decided_by`` (a
user id) and ``decided_at`` (ISO 8601).
"""

from dataclasses import asdict
from typing import Any

from sqlmodel import col, or_, select

from bot.core.facts.mails import describe_mail
from bot.core.reactions import IntakeMailCame
from bot.core.steps import follow_merged
from bot.customers.incoming import take_customer_message
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.mail import answers, strangers
from bot.intake.signals import CASE, take_in_signal
from bot.mail.requests import ANSWERS, REQUEST
from bot.people.account_domains import find_accounts_of
from bot.rules.intake import Arrival, Contact, Reason
from bot.rules.intake.customer_domains import domain_of
from bot.rules.lifecycle import LIVE
from bot.rules.mail.parsing import InboundMail
from bot.rules.mail.public_domains import is_public
from bot.rules.prose.writing import written_language
from bot.rules.states import MessageState
from bot.rules.words import Language, Status
from messages.intake.writers import mail_details
from storage.models import Account, Case, Mail, Signal

SOURCE = "mail"
TEXT_MAX = 10_000  # characters of a mail's words that are kept


async def hear_intake_mail(work: UnitOfWork, event: IntakeMailCame) -> None:
    """Take in a customer's mail, or hold it; reacts to IntakeMailCame in its transaction.

    It is held for the event's own doubt, else because the sender's domain is a public provider's,
    in no account, or in several. ``row.state`` is RECEIVED or QUARANTINED afterwards.
    """
    row, mail = event.row, event.mail
    _keep_words(row, mail, verified=not event.doubt)
    await work.session.flush()
    accounts = await find_accounts_of(work.session, mail.sender)
    doubt = event.doubt or _account_doubt(mail.sender, len(accounts))
    if doubt:
        await strangers.hold_mail(work, row, doubt)
        return
    row.state = MessageState.RECEIVED
    await take_mail(work, row, accounts[0])


def _account_doubt(sender: str, known: int) -> str:
    """Why a verified sender is not known to be one account's; empty where they are.

    ``known`` is how many accounts have the address. ``public``, ``unknown`` and ``several`` are
    stored as the mail's ``reason``, and are keys of the texts below ``mail_doubt``.
    """
    if is_public(domain_of(sender)):
        return "public"
    return {0: "unknown", 1: ""}.get(known, "several")


def _keep_words(row: Mail, mail: InboundMail, *, verified: bool) -> None:
    """Keep what a decision needs: the new words, names and sizes of files, who writes.

    Words are cut to ``TEXT_MAX``, and secrets stay in them until the mail is a signal.
    """
    row.text = mail.text[:TEXT_MAX]
    files = [asdict(file) for file in mail.files]
    row.reading = row.reading | {
        "note": mail.note, "files": files, "name": mail.sender_name, "verified": verified,
    }  # fmt: skip


async def take_mail(
    work: UnitOfWork, row: Mail, account: Account | None, customer: str = ""
) -> None:
    """Make a signal of a mail whose sender is known, or is said to be by the actor.

    Without an ``account`` the customer is called ``customer``, else by the address. The words are
    then with the signal, without secrets, and no more with the mail. The writer is told that it is
    here, where our mail server says that it is them, and only once in the thread. A mail in the
    thread of a live case of the same ``account`` becomes a message of that case, which is locked,
    and keeps its words. The signal's key is the Message-ID, so a mail that is taken again changes
    nothing.
    """
    case = await _case_of_thread(work, row, account)
    if case is not None:
        await _add_to_case(work, row, case)
        return
    arrival = await _arrival_of(work, row, account, customer or row.sender)
    first = await _is_first(work, arrival.thread)
    taken = await take_in_signal(work, arrival)
    row.text, row.whole = "", ""
    work.session.add(row)
    if first and taken.outcome != CASE:
        await answers.acknowledge_mail(work, row, arrival.language or Language.ENGLISH, taken)


async def _arrival_of(
    work: UnitOfWork, row: Mail, account: Account | None, customer: str
) -> Arrival:
    """The mail as an arrival; ``text`` is the subject where the mail has no words of its own.

    Without an account the language is expected to be the policy's first one. ``details`` are
    worded in that one in any case, for colleagues.
    """
    expected = Language(account.language) if account else work.policy.languages[0]
    return Arrival(
        source=SOURCE,
        key=row.message_id,
        text=row.text or row.subject,
        happened_at=row.at,
        account=account.key if account else "",
        customer=account.name if account else customer,
        contact=Contact(str(row.reading.get("name", "")), row.sender),
        thread=await _thread_of(work, row, account.key if account else row.sender),
        language=written_language(row.text or row.subject, expected),
        reasons=(Reason.ASKED,),
        details=mail_details(row.subject, row.reading.get("files", ()), work.policy.languages[0]),
    )


async def _thread_of(work: UnitOfWork, row: Mail, owner: str) -> str:
    """The thread that a mail is part of, of this ``owner`` alone: an account's key, an address.

    What answers a mail that is here is in its thread; else the first mail that it names begins one,
    and without any it begins one itself. Another's mails never lead into it. A thread is stored as
    the owner and a Message-ID with a space between them: ``acme <a1@mail.acme.com>``. Of several
    that are known the oldest signal's counts.
    """
    named = row.parents.split()
    named += await _answered(work, named)
    query = select(Signal.thread).where(
        col(Signal.source) == SOURCE,
        col(Signal.key).in_(named),
        col(Signal.thread).startswith(f"{owner} <", autoescape=True),
    )
    known = (await work.session.exec(query.order_by(col(Signal.id)))).first() if named else None
    return known or f"{owner} {(named or [row.message_id])[0]}"


async def _answered(work: UnitOfWork, named: list[str]) -> list[str]:
    """The Message-IDs of the mails that ours among those named have answered.

    ``named`` are Message-IDs as well. A sender's program may name our answer alone in References.
    """
    ours = (col(Mail.direction) == "out", col(Mail.kind).in_(ANSWERS))
    query = select(Mail.parents).where(col(Mail.message_id).in_(named), *ours)
    found = (await work.session.exec(query)).all() if named else ()
    return [each for parents in found for each in parents.split()]


async def _is_first(work: UnitOfWork, thread: str) -> bool:
    """Whether no mail of the thread is a signal yet. Locks nothing."""
    query = select(Signal.id).where(col(Signal.source) == SOURCE, col(Signal.thread) == thread)
    return (await work.session.exec(query.limit(1))).first() is None


async def _case_of_thread(work: UnitOfWork, row: Mail, account: Account | None) -> Case | None:
    """The live case of the same account that came of the mail's thread, locked; None for none.

    Of the mails that this one names the newest that has a case counts; a merged case is followed to
    the one in which it goes on. None without an ``account``, for a case that has ended, and for the
    case of another account; in the last two the case stays locked until the transaction ends.
    """
    named = row.parents.split()
    if not named or account is None:
        return None
    query = select(Mail.case_number).where(
        col(Mail.message_id).in_(named),
        or_(col(Mail.kind) == REQUEST, col(Mail.kind).in_(ANSWERS)),
        col(Mail.case_number).is_not(None),
    )
    number = (await work.session.exec(query.order_by(col(Mail.id).desc()))).first()
    if number is None:
        return None
    case = await follow_merged(work.session, await work.session.get_one(Case, number))
    case = await work.case(case.number)
    return case if case.account_key == account.key and Status(case.status) in LIVE else None


async def _add_to_case(work: UnitOfWork, row: Mail, case: Case) -> None:
    """Take the mail as a message of the case's customer: a reply is owed from when they wrote.

    That is never before the case was received. The caller has locked the case. The mail's ``kind``
    is ``reply`` from then on, and its words stay with it.
    """
    row.case_number, row.kind = case.number, "reply"
    work.session.add(row)
    await work.session.flush()
    facts: dict[str, Any] = describe_mail(row)
    await take_customer_message(work, case, max(row.at, case.received_at), row.text, facts)
