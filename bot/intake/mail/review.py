"""What a person decides about a mail that was held: a customer's, or of no use.

Each decision locks the row of the mail, so that of two people who press at once the second is
refused with ``no_such_mail``. The post is drawn again in the same transaction.
"""

from typing import ClassVar

from sqlmodel import col, select, update

from bot.core.access import require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, OptionalLine
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.intake.mail import strangers
from bot.intake.mail.arrivals import take_mail
from bot.mail.requests import REQUEST
from bot.rules.states import MessageState
from storage.models import Account, Mail


class AdmitMail(Intent):
    """A mail to the intake address is a customer's.

    ``account`` is the account's key, and its name then counts; or empty with ``customer`` a name,
    or with neither for a customer who is known by the address alone.
    """

    verb: ClassVar[str] = "admit_mail"
    mail: Hidden[int]
    account: OptionalLine = ""
    customer: OptionalLine = ""


class DiscardMail(Intent):
    """A mail to the intake address is of no customer; ``alike``: nor are all held of its domain."""

    verb: ClassVar[str] = "discard_mail"
    mail: Hidden[int]
    alike: Hidden[bool] = False


async def admit_mail(work: UnitOfWork, intent: AdmitMail) -> Answer | None:
    """Take a held mail as a customer's: it waits as a candidate, or joins its thread.

    Raises UserError ``no_such_mail`` for one that is decided already, ``no_such_account`` for a key
    that the accounts file does not have (any more), and a refusal where the actor may not decide.
    The answer ``request:admitted`` carries ``sender`` (the address) and ``customer`` (a name, the
    address where none was given). A mail that was held for a doubt about its sender is not answered
    by the app, even now that a person says who wrote it.
    """
    row = await _lock_held(work, intent.mail, "admit_mail")
    account = await work.session.get(Account, intent.account) if intent.account else None
    if intent.account and account is None:
        raise UserError("no_such_account", account=intent.account)
    row.state = MessageState.RELEASED
    _note_decider(work, row)
    await take_mail(work, row, account, intent.customer)
    await strangers.show_again(work, row.id)
    name = account.name if account else intent.customer or row.sender
    return Answer(text="request:admitted", extra={"sender": row.sender, "customer": name})


async def discard_mail(work: UnitOfWork, intent: DiscardMail) -> Answer | None:
    """Drop a held mail, or all held ones of its domain; their words are not kept.

    With ``alike`` those that came after this one from exactly the same domain are dropped with it,
    whichever posts they wait in, and each of these posts is drawn again; only this one records who
    decided. Sender, names of files and the rest of
    ``reading`` stay. The answer ``request:discarded`` carries ``sender`` and ``count``, this one
    included. Raises UserError ``no_such_mail`` as ``admit_mail`` does.
    """
    row = await _lock_held(work, intent.mail, "discard_mail")
    dropped = [row.id]
    if intent.alike:
        gone = update(Mail).where(*strangers.is_alike(row)).returning(col(Mail.id))
        gone = gone.values(state=MessageState.DROPPED, text="", subject="")
        dropped += (await work.session.exec(gone)).scalars().all()
    row.state, row.text, row.subject = MessageState.DROPPED, "", ""
    _note_decider(work, row)
    await strangers.show_again(work, *dropped)
    return Answer(text="request:discarded", extra={"sender": row.sender, "count": len(dropped)})


async def _lock_held(work: UnitOfWork, number: int, verb: str) -> Mail:
    """Return the mail, locked, when the actor may decide about it and it still waits.

    Permission is asked before the row is looked for. Raises UserError ``no_such_mail`` for the id
    of any other mail, and for one that is released or dropped.
    """
    await require_permission(work, None, verb)
    query = select(Mail).where(col(Mail.id) == number, col(Mail.kind) == REQUEST)
    row = (await work.session.exec(query.with_for_update())).one_or_none()
    if row is None or row.state is not MessageState.QUARANTINED:
        raise UserError("no_such_mail")
    return row


def _note_decider(work: UnitOfWork, row: Mail) -> None:
    """Put ``decided_by`` and ``decided_at`` (ISO 8601) into what the mail's ``reading`` has."""
    decided = {"decided_by": work.actor.user_id, "decided_at": work.now.isoformat()}
    row.reading = row.reading | decided
    work.session.add(row)
