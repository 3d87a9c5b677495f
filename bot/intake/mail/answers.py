"""What writers to the intake address are told: that their mail is here, and what became of it.

Only those of whom our mail server says that it is them: a forged sender is never written to. Words
are fixed ones in their language, or those that the person who decided has chosen; both go into the
thread of their mail, at most one of a kind a thread.

Nothing here is sent: each answer is a row of ``mail`` (``kind`` is one of ``ANSWERS``) and a row of
the outbox, which are committed with what they answer, or not at all. Where the process has no
mailer, nothing is queued and nothing is made up for later.
"""

from datetime import timedelta

from sqlmodel import col, select

from bot import effects
from bot.core.reactions import AnswerFailed, CandidateDecided, DecisionUndone
from bot.customers.channels import customer_channels
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.signals import Taken
from bot.mail.requests import ANSWERS, RECEIVED, TOLD
from bot.rules.states import MessageState
from bot.rules.words import Language
from messages.intake.writers import again_text, received_text
from storage.models import Candidate, Mail, Signal
from storage.upsert import count_more

PER_DAY = 5  # acknowledgements to one address
DAY = timedelta(days=1)
WRITERS_MAX = 10  # of one candidate that are told
SUBJECT_MAX = 150  # characters of the writer's own subject


async def acknowledge_mail(work: UnitOfWork, row: Mail, language: Language, taken: Taken) -> None:
    """Tell the writer that the mail is here, and under which reference.

    Nothing is sent to an address that is not verified, nor more than ``PER_DAY`` to one address
    within a ``DAY``, which begins with the first of them. An acknowledgement over the limit is left
    out, and counted all the same. The count locks the row of the address until the transaction
    ends. Nothing is sent either where ``taken`` names no candidate, as for a report of a case.
    """
    if not row.reading.get("verified") or taken.candidate is None or not can_mail(work):
        return
    used, _ = await count_more(work.session, row.sender, RECEIVED, work.now, DAY)
    if used > PER_DAY:
        return
    reference = f"CAN-{taken.candidate}"
    text = received_text(reference, work.policy.customer_company, language)
    await queue_answer(work, row, RECEIVED, text, language, taken.candidate)


async def tell_writers(work: UnitOfWork, event: CandidateDecided) -> None:
    """Let the mails of a candidate follow it into its case, and tell their writers of the decision.

    Each address once, in the thread of its latest mail, and only where words for them were chosen.
    The words are ``told`` of the candidate, in its language; at most ``WRITERS_MAX`` addresses are
    told, those that wrote for the first time last. Where there is a case, its mails follow into it
    even if no mail can be sent. Reacts to CandidateDecided, in its transaction.
    """
    candidate = event.candidate
    mails = await _mails_of(work, candidate)
    if candidate.case_number is not None:
        await _follow_into(work, mails, candidate.case_number)
    if candidate.told:
        await _tell_each(work, candidate, mails, candidate.told)


async def tell_writers_again(work: UnitOfWork, event: DecisionUndone) -> None:
    """Tell the writers of a candidate that it is looked at again, where they were told otherwise.

    Reacts to DecisionUndone, in its transaction.
    """
    candidate = event.candidate
    if candidate.undone["told"]:
        reference, company = f"CAN-{candidate.id}", work.policy.customer_company
        text = again_text(reference, company, Language(candidate.language))
        await _tell_each(work, candidate, await _mails_of(work, candidate), text)


async def _tell_each(work: UnitOfWork, candidate: Candidate, mails: list[Mail], text: str) -> None:
    """Queue the words to each verified writer once, in the thread of their latest mail."""
    if not can_mail(work):
        return
    latest = {row.sender: row for row in mails if row.reading.get("verified")}
    for row in list(latest.values())[-WRITERS_MAX:]:
        await queue_answer(work, row, TOLD, text, Language(candidate.language), candidate.id)


async def _mails_of(work: UnitOfWork, candidate: Candidate) -> list[Mail]:
    """The mails that are signals of the candidate, oldest first."""
    query = (
        select(Mail)
        .join(Signal, col(Signal.key) == col(Mail.message_id))
        .where(col(Signal.source) == "mail", col(Signal.candidate) == candidate.id)
    )
    return list((await work.session.exec(query.order_by(col(Mail.id)))).all())


async def _follow_into(work: UnitOfWork, mails: list[Mail], number: int) -> None:
    """Make the case's thread of what was written before it: further mails are found by it.

    That is ``mails`` themselves, and those of our answers to their senders that name one of them in
    their References. A mail that belongs to another case already is moved to this one.
    """
    ids = {row.message_id for row in mails}
    ours = (col(Mail.direction) == "out", col(Mail.kind).in_(ANSWERS), col(Mail.receipt).is_(None))
    query = select(Mail).where(*ours, col(Mail.recipient).in_({row.sender for row in mails}))
    sent = (await work.session.exec(query)).all() if mails else ()
    for row in [*mails, *(each for each in sent if ids & set(each.parents.split()))]:
        row.case_number = number
        work.session.add(row)


def can_mail(work: UnitOfWork) -> bool:
    """Whether the app can send mail at all; false as well where it has no channels to customers."""
    channels = customer_channels(work)
    return channels is not None and channels.mails


async def queue_answer(
    work: UnitOfWork, row: Mail, kind: str, text: str, language: Language, candidate: int
) -> None:
    """Queue a mail to the writer of ``row``, in its thread and in a lane of the address's own.

    The recipient's facts are in ``reading``: ``language`` (a code), ``name`` (as the mail had it,
    may be ""), ``reference`` (``CAN-7``), ``candidate`` (its id). The caller has asked
    ``can_mail``. The Message-ID is made of the outbox row's id, so that every try has the same one;
    the subject is the writer's own, cut to ``SUBJECT_MAX``.
    """
    channels = customer_channels(work)
    assert channels is not None  # can_mail() says so
    assert channels.mailer is not None
    lane = f"mailbox:{row.sender}"
    queued = await work.queue("mail", lane, priority=effects.NUDGE)
    work.session.add(
        Mail(
            direction="out",
            kind=kind,
            message_id=channels.signer.message_id(queued, channels.mailer.domain),
            parents=" ".join([*row.parents.split(), row.message_id]),
            subject=row.subject[:SUBJECT_MAX],
            recipient=row.sender,
            text=text,
            outbox_id=queued,
            state=MessageState.QUEUED,
            reading={
                "language": language.value, "name": row.reading.get("name", ""),
                "reference": f"CAN-{candidate}", "candidate": candidate,
            },
            at=work.now,
        )
    )  # fmt: skip


async def tell_answer_failed(work: UnitOfWork, event: AnswerFailed) -> None:
    """Tell who decided, else who is on duty, that a writer did not get our answer.

    The private message ``request:answer_failed`` carries ``candidate`` (its id), ``recipient`` (the
    address), ``reason`` (the mail server's words) and ``kind`` of the mail. No one is told of a
    mail that names no candidate, such as the confirmation of a form, nor where the candidate has
    neither a decider nor an owner. Reacts to AnswerFailed, in the transaction that records it.
    """
    number = event.mail.reading.get("candidate")
    candidate = await work.session.get(Candidate, number) if number else None
    user = (candidate.decided_by or candidate.owner) if candidate else None
    if candidate is None or user is None:
        return
    said = {
        "candidate": candidate.id, "recipient": event.mail.recipient, "reason": event.reason,
        "kind": event.mail.kind,
    }  # fmt: skip
    await effects.queue_dm(work, user, "request:answer_failed", None, said)
