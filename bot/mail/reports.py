"""Reports of mail servers that a mail of ours did not arrive: which one, and what follows.

A report is believed where it names our mail's Message-ID, or comes back to an address that we
signed: nobody but a reader of the mail knows either. Relays may give a mail an id of their own, so
the address alone must do; then the newest mail to the address that was not reached is meant.
"""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.engine.unit_of_work import UnitOfWork
from bot.mail.outcomes import record_bounce, record_without_case
from bot.rules.mail.bounces import Bounce
from bot.rules.mail.parsing import InboundMail
from bot.rules.states import MessageState
from bot.rules.tokens import Signer
from storage.models import Mail

# States of mails that a server has taken, about which another one may report.
GONE_OUT = (MessageState.HANDED, MessageState.SENT, MessageState.BOUNCED)


async def find_reported(
    work: UnitOfWork, mail: InboundMail, bounce: Bounce, signer: Signer
) -> Mail | None:
    """Return the mail of ours that a report is about; None where it is about nothing of ours."""
    ours = (col(Mail.message_id).in_(bounce.about), col(Mail.direction) == "out")
    found = {row.message_id: row for row in (await work.session.exec(select(Mail).where(*ours)))}
    named = next((found[name] for name in bounce.about if name in found), None)
    return named or await _by_address(work, mail, bounce, signer)


async def _by_address(
    work: UnitOfWork, mail: InboundMail, bounce: Bounce, signer: Signer
) -> Mail | None:
    """Return the newest mail that went out with the signed address to which the report came."""
    lines = [n for tag in mail.tags if (n := signer.read_receipt_tag(tag)) is not None]
    claims = [claim for tag in mail.tags if (claim := signer.read_reply_tag(tag)) is not None]
    cases = [claim.case for claim in claims if claim.signed]
    if not lines and not cases:
        return None
    about = col(Mail.receipt).in_(lines) if lines else col(Mail.case_number).in_(cases)
    query = select(Mail).where(about, col(Mail.direction) == "out", col(Mail.state).in_(GONE_OUT))
    rows = (await work.session.exec(query.order_by(col(Mail.id).desc()))).all()
    return _likeliest(rows, bounce.recipient)


def _likeliest(rows: Sequence[Mail], recipient: str) -> Mail | None:
    """Return the newest to that recipient; else the newest, since mail may be passed on there."""
    to_them = [row for row in rows if row.recipient.lower() == recipient]
    return next(iter(to_them or rows), None)


async def record_report(work: UnitOfWork, ours: Mail, bounce: Bounce) -> None:
    """Record what a report says of a mail of ours.

    A failure withdraws what the mail counted for and tells its writer; a delay is only noted, as
    ``mail_delayed`` with ``recipient``, ``kind`` and the server's reason as why. A delay of a mail
    that is about no case leaves nothing. The case, where there is one, must be locked.
    """
    if ours.case_number is None:
        if bounce.failed:
            await record_without_case(work, ours, MessageState.BOUNCED, bounce.reason)
        return
    case = await work.case(ours.case_number)
    if bounce.failed:
        await record_bounce(work, case, ours, bounce.reason)
        return
    said = {"recipient": ours.recipient, "kind": ours.kind}
    work.note(case, "mail_delayed", after=said, why=bounce.reason)
