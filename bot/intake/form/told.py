"""What those who sent the public form are told by mail, once it was decided.

Only to an address that was confirmed, and only the words that the person who decided has chosen,
with the link to the page that says where the request stands.
"""

from sqlmodel import col, select

from bot import effects
from bot.core.reactions import CandidateDecided, DecisionUndone
from bot.customers.channels import customer_channels
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.form.requests import FOLLOWED_FOR, SOURCE
from bot.mail.requests import TOLD
from bot.rules.states import MessageState
from bot.rules.tokens import LinkKind
from bot.rules.words import Language
from messages.intake.writers import again_text, told_subject
from storage.models import Candidate, FormRequest, Mail, Signal


async def tell_senders(work: UnitOfWork, event: CandidateDecided) -> None:
    """Tell each confirmed sender of the candidate what was chosen for them; nothing without words.

    The words are ``told`` of the candidate, in its language. Reacts to CandidateDecided, in its
    transaction.
    """
    if event.candidate.told:
        await _tell_each(work, event.candidate, event.candidate.told)


async def tell_senders_again(work: UnitOfWork, event: DecisionUndone) -> None:
    """Tell each confirmed sender that it is looked at again, where they were told otherwise.

    Reacts to DecisionUndone, in its transaction.
    """
    candidate = event.candidate
    if candidate.undone["told"]:
        reference, company = f"CAN-{candidate.id}", work.policy.customer_company
        text = again_text(reference, company, Language(candidate.language))
        await _tell_each(work, candidate, text)


async def _tell_each(work: UnitOfWork, candidate: Candidate, text: str) -> None:
    """Queue one mail to each address, by its newest request; none without a mail server."""
    channels = customer_channels(work)
    if channels is None or channels.mailer is None or not channels.pages:
        return
    query = (
        select(Signal.contact_email, Signal.contact_name, FormRequest)
        .join(FormRequest, col(FormRequest.key) == col(Signal.key))
        .where(
            col(Signal.source) == SOURCE,
            col(Signal.candidate) == candidate.id,
            col(FormRequest.link).is_(None),
        )
    )
    found = (await work.session.exec(query.order_by(col(FormRequest.id)))).all()
    latest = {address.lower(): (address, name, row) for address, name, row in found}
    language = Language(candidate.language)
    for address, name, row in latest.values():
        queued = await work.queue("mail", f"mailbox:{address.lower()}", priority=effects.NUDGE)
        until = row.made_at + FOLLOWED_FOR
        reference = f"CAN-{candidate.id}"
        work.session.add(
            Mail(
                direction="out",
                kind=TOLD,
                message_id=channels.signer.message_id(queued, channels.mailer.domain),
                subject=told_subject(reference, language),
                recipient=address,
                text=text,
                outbox_id=queued,
                state=MessageState.QUEUED,
                reading={
                    "language": language.value, "name": name, "reference": reference,
                    "candidate": candidate.id,
                    "url": channels.form_url(LinkKind.REQUEST, row.id, until),
                },
                at=work.now,
            )
        )  # fmt: skip
