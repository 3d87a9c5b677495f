"""The outbox's mails: one lane a case, and what each try teaches.

SMTP cannot be asked whether it took a message. So the row says ``handed``, and under which claim,
before the message is transmitted: a retry that finds it so knows that an earlier try may have
succeeded. It repeats under the same Message-ID, by which the receiving side can tell, and records
the doubt.

A claim that finds the mail handed by an earlier one, which never said how that ended, does not
repeat at once: that process may only be stopped, its message on the way. The row waits once for
``DOUBT``; a process that wakes up meanwhile with the server's answer in hand leaves that in the
row, where the next claim finds it instead of sending again.

No transaction is open while the server is talked to. A mail that is not taken within 24 hours
(``GIVE_UP`` in ``bot/customers/delivery.py``) ends as refused.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.customers.channels import Customers, require_channels
from bot.customers.delivery import conclude, may_try_again, record_refusal
from bot.customers.outgoing import load_status_links
from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.leases import holding_lease
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.mail.outcomes import record_taken, record_without_case, shipment_of
from bot.mail.queue import IN_THREAD, mail_thread
from bot.mail.requests import ANSWERS, TOLD
from bot.rules.problems.facts import name_number
from bot.rules.states import MessageState
from bot.rules.tone.lint import Setting, find_stops
from bot.rules.words import Language
from messages.clients.smtp import MailAway, MailRefused, MailUnknown
from messages.customers import mail_body
from messages.customers.mail_body import Letter
from messages.intake.writers import answer_links
from storage.models import Broadcast, BroadcastRecipient, Case, Mail

TAG = "request"  # behind the plus of the address to which bounces of answers to writers come
LATE = "the lease is running out"
NOT_A_MAILBOX = 553  # mailbox name not allowed; RFC 5321 4.2.3
DOUBT = 120.0  # seconds in which a holder that only stood still may leave what it knows
SPARE = 5.0  # seconds of the lease kept for writing down the server's answer


async def deliver_mail(delivery: Delivery, job: Job) -> EffectResult:
    """Hand a mail to the server; refused ones end here, others are tried again.

    Raises MailAway, MailUnknown or Later, upon which delivery tries again: without a mail server,
    with too little of the lease left, or when the server gave no final answer. The row's payload is
    empty; the mail is found by ``Mail.outbox_id``.
    """
    customers = require_channels(delivery.services)
    async with delivery.services.database.read() as session:
        row, to = await _load(session, job, customers)
    if customers.mailer is None:
        raise MailAway("there is no mail server: SMTP_HOST is empty")
    try:
        letter = mail_body.compose_mail(_letter(row, to, customers, delivery))
    except ValueError as problem:
        return _outcome(delivery, job, row, refusal=MailRefused(NOT_A_MAILBOX, str(problem)))
    bounces_to = customers.mailer.reply_to(to.tag)

    if row.answer:  # an earlier holder's, which was too late to say so itself
        return _outcome(delivery, job, row, answer=row.answer)
    if (
        row.handed_claim and not delivery.services.database.is_sqlite
    ):  # there, no other process is alive
        await _over(delivery, job, row.id, taken_back=False)
        raise Later(DOUBT)
    if not job.left:
        raise MailAway(LATE)

    async def giving() -> None:
        await _handed(delivery, job, row.id)
        if not job.left:  # we stood still just now; another process will take the row
            raise MailAway(LATE)

    within = max(job.left - min(SPARE, job.left / 4), 0.0)
    try:
        answer = await customers.mailer.send(
            letter, _ascii(row.recipient), bounces_to, giving, within
        )
    except MailRefused as refusal:
        return _outcome(delivery, job, row, refusal=refusal)
    except (MailAway, MailUnknown) as problem:
        return await _again(delivery, job, row, problem)
    return _outcome(delivery, job, row, answer=answer)


def _ascii(address: str) -> str:
    """Return the address with its domain in IDNA, as SMTP wants it; the part before it stays."""
    user, _, domain = address.rpartition("@")
    return f"{user}@{domain.encode('idna').decode('ascii')}"


@dataclass(frozen=True, slots=True)
class To:
    """Whom a mail is for: ``tag`` is where answers go, ``parents`` the thread it stands in.

    ``reference`` is ``ESC-7``, ``PRB-3`` or ``KI-3``, and ``subject`` what it is about, a key of
    ``mail_body.SUBJECTS``. ``parents`` are Message-IDs, the oldest first; ``links`` are label and
    address. ``name`` is empty where the address is not the contact's, and where the name is none
    (``_plain_name``). ``answered`` is the
    subject of the mail that is answered, ``reply_to`` an address that takes answers without a tag.
    """

    reference: str
    tag: str
    name: str
    language: Language
    subject: str = "case"
    parents: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    answered: str = ""
    reply_to: str = ""


async def _load(session: AsyncSession, job: Job, customers: Customers) -> tuple[Mail, To]:
    """Read the mail of the row, and whom it is for as the case is now.

    Nothing is locked. The contact's name goes along only where the mail goes to the contact's own
    address, and status links only with a message that a person wrote. Raises NoResultFound when the
    mail or its case is gone, which counts as a failed try.
    """
    query = select(Mail).where(col(Mail.outbox_id) == job.row.id)
    row = (await session.exec(query)).one()
    if row.kind in ANSWERS:
        return row, _to_writer(row, customers)
    if row.case_number is None:
        return row, await _without_case(session, row, customers)
    case = (await session.exec(select(Case).where(col(Case.number) == row.case_number))).one()
    known = row.recipient.lower() == case.contact_email.lower()
    return row, To(
        f"ESC-{case.number}",
        customers.signer.reply_tag(case.number),
        _plain_name(case.contact_name, Language(case.language)) if known else "",
        Language(case.language),
        parents=await mail_thread(session, case.number, row.id),
        links=(
            await load_status_links(session, case, customers)
            if row.sent_message is not None
            else []
        ),
    )


async def _without_case(session: AsyncSession, row: Mail, customers: Customers) -> To:
    """Return the recipient for a customer without a case, who is told of a problem.

    The thread is that of earlier mails to the same recipient of the same broadcast.
    """
    query = (
        select(BroadcastRecipient, Broadcast)
        .join(Broadcast, col(Broadcast.id) == col(BroadcastRecipient.broadcast))
        .where(col(BroadcastRecipient.id) == row.receipt)
    )
    receipt, broadcast = (await session.exec(query)).one()
    earlier = select(Mail.message_id).where(
        col(Mail.receipt) == receipt.id,
        col(Mail.id) < row.id,
        col(Mail.state).in_(IN_THREAD),
    )
    return To(
        name_number(broadcast.problem, known=not broadcast.promises),
        customers.signer.receipt_tag(receipt.id),
        _plain_name(receipt.recipient.rpartition(",")[0], Language(receipt.language)),
        Language(receipt.language),
        "many" if broadcast.promises else "issue",
        list((await session.exec(earlier.order_by(col(Mail.id)))).all()),
    )


def _to_writer(row: Mail, customers: Customers) -> To:
    """Return the writer to the intake address, or of the form, whom ``row.reading`` describes.

    The answer goes into the thread of their mail, under its subject, and to the form's writer under
    its own; what they reply comes to the intake address where there is one.
    """
    language = Language(row.reading["language"])
    return To(
        row.reading["reference"] if row.kind == TOLD else "",
        TAG,
        _plain_name(row.reading.get("name", ""), language),
        language,
        parents=row.parents.split(),
        links=answer_links(row.kind, row.reading.get("url", ""), language),
        answered=_answer_subject(row.subject) if row.parents else row.subject,
        reply_to=customers.intake_address,
    )


def _answer_subject(subject: str) -> str:
    """Return the subject of an answer: it says ``Re:`` once."""
    return subject if subject[:3].lower() == "re:" or not subject else f"Re: {subject}"


def _plain_name(name: str, language: Language) -> str:
    """Return a contact's name as it stands beside the address, which the customer reads.

    Those who raise a case type it, and no approver sees it there: one that offers money or tells a
    secret is left out.
    """
    return "" if find_stops(name, Setting(language, letter=False)) else name


def _letter(row: Mail, to: To, customers: Customers, delivery: Delivery) -> Letter:
    """Return what the mail is composed of; its Date is the time of this try.

    ``human``: a person wrote the words, chose them, or approved them for a broadcast.
    """
    mailer = customers.mailer
    assert mailer is not None  # deliver_mail() says so
    return Letter(
        sender=mail_body.name_sender(mailer.sender, delivery.services.policy.customer_company),
        recipient=row.recipient,
        recipient_name=to.name,
        reply_to=to.reply_to or mailer.reply_to(to.tag),
        subject=to.answered
        or mail_body.mail_subject(
            to.reference, to.language, answering=bool(to.parents), about=to.subject
        ),
        text=row.text,
        language=to.language,
        message_id=row.message_id,
        at=delivery.services.clock.now(),
        parents=to.parents,
        links=to.links,
        reference=to.reference,
        human=row.sent_message is not None or row.receipt is not None or row.kind == TOLD,
    )


async def _handed(delivery: Delivery, job: Job, number: int) -> None:
    """Mark the mail as handed under this claim: from here on its fate is unknown until an answer.

    Commits before the message is transmitted. Raises TakenOver when another claim has the row.
    """
    async with holding_lease(delivery.services.database, job.row) as session:
        row = await session.get(Mail, number)
        assert row is not None  # it was just read
        row.state, row.handed_at = MessageState.HANDED, delivery.services.clock.now()
        row.handed_claim = job.row.claims
        session.add(row)


def _outcome(
    delivery: Delivery,
    job: Job,
    row: Mail,
    *,
    answer: str = "",
    refusal: MailRefused | None = None,
) -> EffectResult:
    """End the row, in one transaction with what it means for the case, which is locked first.

    If that transaction fails, the server's answer alone is kept, for the next claim to record.
    """

    async def record(work: UnitOfWork) -> None:
        case = await work.case(row.case_number) if row.case_number else None
        mail = await work.session.get(Mail, row.id)
        assert mail is not None  # rows of mails are kept
        doubtful = row.handed_at is not None
        if case is None:
            state = MessageState.REFUSED if refusal else MessageState.SENT
            said = str(refusal) if refusal else ""
            await record_without_case(work, mail, state, said, doubtful=doubtful)
        elif refusal is not None:
            await record_refusal(work, case, shipment_of(mail), str(refusal))
        else:
            await record_taken(work, case, mail, doubtful=doubtful)

    async def witness(session: AsyncSession) -> None:
        if answer:
            taken = update(Mail).where(
                col(Mail.id) == row.id, col(Mail.state) == MessageState.HANDED
            )
            await session.exec(taken.values(answer=answer))

    result: dict[str, Any] = {"answer": answer or str(refusal), "message_id": row.message_id}
    return conclude(delivery, job, result, record, witness)


async def _again(
    delivery: Delivery, job: Job, row: Mail, problem: MailAway | MailUnknown
) -> EffectResult:
    """Raise ``problem``, so that the row is tried again; at last it counts as refused.

    The refusal then has the code 421 and the problem's words.
    """
    shipment = shipment_of(row)
    if not await may_try_again(delivery, job, row.case_number, shipment, problem.reason):
        return _outcome(delivery, job, row, refusal=MailRefused(421, problem.reason))
    no_doubt = isinstance(problem, MailAway) and row.handed_at is None
    await _over(delivery, job, row.id, taken_back=no_doubt)
    raise problem


async def _over(delivery: Delivery, job: Job, number: int, *, taken_back: bool) -> None:
    """Record that this try has ended, so that the next one need not wait for ``DOUBT``.

    ``taken_back``: the server said that it has nothing, no doubt is left.
    """
    async with holding_lease(delivery.services.database, job.row) as session:
        row = await session.get(Mail, number)
        if row is not None and row.state is MessageState.HANDED:
            row.handed_claim = 0
            if taken_back:
                row.state, row.handed_at = MessageState.QUEUED, None
            session.add(row)
