"""Mail that arrives: which case it is for, whether to believe it, and what follows.

A mail belongs to a case by a reply address that only we can have made, or by a thread of ours. One
that merely names the case, or comes from outside the customer's domain, is kept back until a person
on the case says that it is theirs. Reports of servers are for ``bot.mail.reports``.

Every mail is stored, whatever becomes of it: the unique Message-ID makes a repeat harmless. One
that came under another's Message-ID and says something else is another mail. Of a mail that belongs
nowhere the text is not kept.
"""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core import edited_posts
from bot.core.facts.mails import describe_mail
from bot.core.reactions import BroadcastReplied, react
from bot.core.steps import authorize_case, follow_merged, refresh_card
from bot.customers.channels import customer_channels
from bot.customers.incoming import take_customer_message
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.mail.reports import find_reported, record_report
from bot.mail.requests import is_for_intake, take_in_request
from bot.rules.mail.authentication import sender_doubt
from bot.rules.mail.bounces import Bounce
from bot.rules.mail.known_words import add_answers
from bot.rules.mail.parsing import InboundMail
from bot.rules.mail.public_domains import is_public
from bot.rules.states import MessageState
from bot.rules.tokens import Signer
from bot.rules.words import Language
from messages.customers.mail_body import mail_text
from storage.in_hand import account_of
from storage.models import BroadcastRecipient, Case, Mail

THREAD_MAX = 20  # mails of the case, the newest, that a quoted mail is compared with
OLDEST = timedelta(days=7)  # a Date from longer ago says nothing about when the mail was written


async def take_in_mail(work: UnitOfWork, mail: InboundMail, signer: Signer) -> str:
    """Take in one mail; answers what became of it. The same mail changes nothing twice.

    One of ``repeated``, ``unmatched``, ``bounce``, ``automatic``, ``quarantined``, ``received``.
    The case is locked, so mails of one case are taken in one after the other; of a merged one that
    in which it goes on as well. Two deliveries under one Message-ID at the same moment make the
    later commit raise IntegrityError: the caller comes again.
    """
    named = await _named(work, mail)
    if named is None:
        return "repeated"
    mail = named
    if mail.bounce is not None:
        return await _bounce(work, mail, mail.bounce, signer)
    number, signed = await _case_of(work, mail, signer)
    case = await work.session.get(Case, number) if number else None
    if case is None:
        return await _without_case(work, mail, signer)
    meant = await work.case(case.number)  # a merge, or its end, may be under way
    case = await work.case((await follow_merged(work.session, meant)).number)
    doubt = await _doubt(work, meant, mail, signed=signed)
    if mail.automatic:
        _keep(work, mail, case, MessageState.AUTOMATIC)
        # A stranger's words are not shown; those of the customer's machine may be worth reading.
        why = "" if doubt else mail.text
        work.note(case, "mail_automatic", after={"sender": mail.sender or "?"}, why=why)
        return "automatic"
    mail = replace(mail, text=await _with_answers(work, meant, mail))
    if doubt:
        await _quarantine(work, case, mail, doubt)
        return "quarantined"
    row = _keep(work, mail, case, MessageState.RECEIVED)
    await _take(work, case, row)
    return "received"


async def _named(work: UnitOfWork, mail: InboundMail) -> InboundMail | None:
    """Return the mail under an id that is not taken; None where this very mail is here already.

    Of mails that were stored before their contents were (``reading``) the id alone tells.
    """
    known = select(Mail).where(col(Mail.message_id).in_([mail.message_id, mail.own_id]))
    rows = (await work.session.exec(known)).all()
    if not rows:
        return mail
    return (
        None if any(_is_same(row, mail) for row in rows) else replace(mail, message_id=mail.own_id)
    )


def _is_same(row: Mail, mail: InboundMail) -> bool:
    """True for the row of this mail, also where it is one of ours that came back as it was."""
    if row.direction == "out":
        return " ".join(row.text.split()) in " ".join((mail.whole or mail.text).split())
    return bool(row.reading.get("digest", mail.digest) == mail.digest)


async def _with_answers(work: UnitOfWork, case: Case, mail: InboundMail) -> str:
    """Return the words, with answers that stand in a quoted mail of ours without marks."""
    if not mail.below:
        return mail.text
    query = select(Mail.text, Mail.whole).where(col(Mail.case_number) == case.number)
    rows = (await work.session.exec(query.order_by(col(Mail.id).desc()).limit(THREAD_MAX))).all()
    known = [whole or text for text, whole in rows]
    stock = mail_text("", Language(case.language), paged=True, reference=f"ESC-{case.number}")
    return add_answers(mail.text, mail.below, [*known, stock])


async def _without_case(work: UnitOfWork, mail: InboundMail, signer: Signer) -> str:
    """Take in an answer to a broadcast, by an address or a thread that only its recipient can know,
    or what asks for an escalation.

    ``quarantined`` where the sender is in doubt; the first such mail is told, further ones only
    kept.
    """
    query = select(Mail.receipt).where(
        col(Mail.message_id).in_(mail.parents), col(Mail.receipt).is_not(None)
    )
    tagged = [n for tag in mail.tags if (n := signer.read_receipt_tag(tag)) is not None]
    receipt = tagged[0] if tagged else (await work.session.exec(query)).first()
    known = receipt is not None and await work.session.get(BroadcastRecipient, receipt) is not None
    if (receipt is None or not known) and is_for_intake(work, mail):
        row = _keep(work, mail, None, MessageState.UNMATCHED)
        return await take_in_request(work, mail, row)
    if receipt is None or not known or mail.automatic:
        _keep(work, mail, None, MessageState.UNMATCHED)
        return "unmatched"
    doubt = sender_doubt(mail, _authserv_id(work)) or ("unread" if mail.unread else "")
    told = select(Mail.id).where(
        col(Mail.receipt) == receipt, col(Mail.state) == MessageState.QUARANTINED
    )
    first = (await work.session.exec(told)).first() is None
    state = MessageState.QUARANTINED if doubt else MessageState.RECEIVED
    row = _keep(work, mail, None, state, doubt)
    row.text, row.whole, row.receipt = mail.text, mail.whole, receipt
    if first or not doubt:  # what strangers send after the first is kept, and not told
        await react(work, BroadcastReplied(receipt, mail, doubtful=bool(doubt)))
    return row.state.value


async def _case_of(work: UnitOfWork, mail: InboundMail, signer: Signer) -> tuple[int | None, bool]:
    """Return the case a mail is about, and whether only a reader of our mail could know that.

    A signed reply address goes before the thread, and that before a number in an address or
    subject.
    """
    claims = [claim for tag in mail.tags if (claim := signer.read_reply_tag(tag)) is not None]
    for claim in claims:
        if claim.signed:
            return claim.case, True
    query = select(Mail.case_number).where(
        col(Mail.message_id).in_(mail.parents), col(Mail.direction) == "out"
    )
    threaded = (await work.session.exec(query.order_by(col(Mail.id).desc()))).first()
    if threaded is not None:
        return threaded, True
    return (claims[0].case if claims else mail.ticket), False


async def _doubt(work: UnitOfWork, case: Case, mail: InboundMail, *, signed: bool) -> str:
    """Return why the mail may not be the customer's; empty when nothing speaks against it.

    - ``failed``: a check says that the sender is forged, or From names several.
    - ``sender``: another domain than the contact's; at a public provider, another address.
    - ``unsigned``: neither a signed reply address nor a thread of ours.
    - ``unchecked``: our mail server said nothing of the sender.
    - ``unread``: the mail broke a limit of the reader, so its words are missing.
    """
    checked = sender_doubt(mail, _authserv_id(work))
    if checked == "failed":
        return checked
    account = await account_of(work.session, case)
    theirs = account.contact_email if account else ""
    ours = {case.contact_email, case.second_email, theirs} - {""}
    if not any(_same_house(mail.sender, address.lower()) for address in ours):
        return "sender"
    if not signed:
        return "unsigned"
    return checked or ("unread" if mail.unread else "")


def _authserv_id(work: UnitOfWork) -> str:
    channels = customer_channels(work)
    return channels.authserv_id if channels else ""


def _same_house(sender: str, known: str) -> bool:
    """True for the same domain; at a public provider only for the same address."""
    domain, wanted = sender.rpartition("@")[2], known.rpartition("@")[2]
    return sender == known if is_public(wanted) else domain == wanted


def _keep(
    work: UnitOfWork, mail: InboundMail, case: Case | None, state: MessageState, reason: str = ""
) -> Mail:
    """Store the mail's row, without flushing it; ``case`` None keeps none of its words.

    ``reading`` has ``digest``, by which the same mail is known again. With a case it also has
    ``note`` (why words are missing), ``files`` (a list of attachments), ``folded`` (lines that the
    text lacks) and ``name`` (the sender's). ``recipient`` holds the addresses, cut to 500
    characters.
    """
    row = Mail(
        case_number=case.number if case else None,
        direction="in",
        kind="reply",
        message_id=mail.message_id,
        parents=" ".join(mail.parents),
        subject=mail.subject,
        sender=mail.sender,
        recipient=", ".join(mail.recipients)[:500],
        text=mail.text if case else "",
        whole=mail.whole if case else "",
        reading={"digest": mail.digest},
        state=state,
        reason=reason,
        at=_instant(mail.at, work.now),
    )
    if case is not None:
        files = [asdict(file) for file in mail.files]
        row.reading |= {"note": mail.note, "files": files, "folded": mail.folded}
        row.reading |= {"name": mail.sender_name}
    work.session.add(row)
    return row


def _instant(said: datetime | None, now: datetime) -> datetime:
    """Return when the mail was written, as far as it can be believed.

    Its own Date, if that is within the last seven days (``OLDEST``); else now.
    """
    return said if said is not None and now - OLDEST <= said <= now else now


async def _take(work: UnitOfWork, case: Case, row: Mail) -> None:
    """Take the mail in as the customer's words, written no earlier than the case was received."""
    await work.session.flush()
    at = max(row.at, case.received_at)
    await take_customer_message(work, case, at, row.text, describe_mail(row))


async def _quarantine(work: UnitOfWork, case: Case, mail: InboundMail, doubt: str) -> None:
    """Keep the mail back and show it in the channel; the owner hears of the first of many."""
    row = _keep(work, mail, case, MessageState.QUARANTINED, doubt)
    await work.session.flush()
    work.note(case, "mail_quarantined", after={"mail": row.id, "sender": mail.sender}, why="")
    if await edited_posts.kept_back(work, case, row):
        text, said = "notice:mail_quarantined", edited_posts.kept_mail_facts(row)
        await effects.queue_dm(work, case.owner, text, case, said, priority=effects.NUDGE)
    await refresh_card(work, case)


async def _bounce(work: UnitOfWork, mail: InboundMail, bounce: Bounce, signer: Signer) -> str:
    """Take in a report about a mail of ours, and keep it beside that; it is no reply."""
    ours = await find_reported(work, mail, bounce, signer)
    if ours is None:
        _keep(work, mail, None, MessageState.UNMATCHED)
        return "unmatched"
    case = await work.case(ours.case_number) if ours.case_number else None
    _keep(work, mail, case, MessageState.AUTOMATIC).kind = "bounce"
    await record_report(work, ours, bounce)
    return "bounce"


class ReleaseMail(OnCase):
    """A mail that was kept back is the customer's."""

    verb: ClassVar[str] = "release_mail"
    recorded_as: ClassVar[str] = "mail_released"
    mail: Hidden[int]


class DropMail(OnCase):
    """A mail that was kept back is not the customer's."""

    verb: ClassVar[str] = "drop_mail"
    recorded_as: ClassVar[str] = "mail_dropped"
    mail: Hidden[int]


async def release_mail(work: UnitOfWork, intent: ReleaseMail) -> Answer | None:
    """Take a mail that was kept back as the customer's; the reply is owed from when it was written.

    Raises UserError ``no_such_mail`` for one that is of another case or decided already.
    """
    case = await authorize_case(work, intent.case, "release_mail")
    row = await _kept_back(work, case, intent.mail)
    row.state = MessageState.RELEASED
    work.session.add(row)
    work.note(case, "mail_released", after={"mail": row.id, "sender": row.sender})
    await edited_posts.sender_decided(work, case, row)
    await _take(work, case, row)
    return None


async def drop_mail(work: UnitOfWork, intent: DropMail) -> Answer | None:
    """Note that a mail that was kept back is not the customer's; nothing follows from it.

    Raises UserError ``no_such_mail`` as ``release_mail`` does.
    """
    case = await authorize_case(work, intent.case, "drop_mail")
    row = await _kept_back(work, case, intent.mail)
    row.state = MessageState.DROPPED
    work.session.add(row)
    work.note(case, "mail_dropped", after={"mail": row.id, "sender": row.sender})
    await edited_posts.sender_decided(work, case, row)
    await refresh_card(work, case)
    return None


async def _kept_back(work: UnitOfWork, case: Case, number: int) -> Mail:
    """Return a mail of the case that waits for a decision; the case's lock covers it.

    Raises UserError ``no_such_mail``.
    """
    row = await work.session.get(Mail, number)
    if row is None or row.case_number != case.number or row.state is not MessageState.QUARANTINED:
        raise UserError("no_such_mail")
    return row
