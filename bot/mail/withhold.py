"""Mails that wait for the mail server, and must not go out any more."""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.cases.correction.withheld import drop_row, lock_unclaimed, withhold_message
from bot.core.reactions import CaseCorrected
from bot.customers.channels import BY_MAIL
from bot.engine.unit_of_work import UnitOfWork
from bot.mail.outcomes import shipment_of
from bot.mail.requests import ANSWERS
from bot.rules.states import MessageState
from storage.models import Case, Mail, Outbox


async def withhold_mails(work: UnitOfWork, event: CaseCorrected) -> None:
    """Hold back people's mails to the contact until now, or about another customer.

    What the mail server may have is left, as is a mail that is being handed over at this moment.
    The ids of the mails are added to ``event.withheld``. Reacts to CaseCorrected, in its
    transaction.
    """
    case, old = event.case, event.was.get("contact", ("", ""))[1].lower()
    moved = old not in ("", case.contact_email.lower())
    if not moved and "customer" not in event.was:
        return
    for row, mail in await _lock_unsent(work, case):
        theirs = "customer" in event.was or mail.recipient.lower() == old
        if mail.sent_message is not None and theirs:
            await withhold_message(work, case, row, shipment_of(mail))
            event.withheld.append(mail.id)


async def withhold_questions(work: UnitOfWork, case: Case) -> set[str]:
    """Hold back the questions that wait for the mail server; answers their kinds.

    They are the pulses and surveys of the case, which must be locked, and no person wrote them.
    Timeline ``question_withheld``: ``page``, the kind.
    """
    kinds = set()
    for row, mail in await _lock_unsent(work, case):
        if mail.sent_message is None and mail.receipt is None and mail.kind not in ANSWERS:
            drop_row(work, row)
            mail.state = MessageState.REFUSED
            work.session.add(mail)
            work.note(case, "question_withheld", after={"page": mail.kind})
            kinds.add(mail.kind)
    return kinds


async def _lock_unsent(work: UnitOfWork, case: Case) -> Sequence[tuple[Outbox, Mail]]:
    """The case's mails, with their rows, that the mail server never had; the rows are locked."""
    rows = {row.id: row for row in await lock_unclaimed(work, case, BY_MAIL)}
    query = select(Mail).where(
        col(Mail.outbox_id).in_(rows),
        col(Mail.state) == MessageState.QUEUED,
        col(Mail.handed_at).is_(None),
    )
    found = (await work.session.exec(query.order_by(col(Mail.id)))).all() if rows else ()
    return [(rows[mail.outbox_id or 0], mail) for mail in found]
