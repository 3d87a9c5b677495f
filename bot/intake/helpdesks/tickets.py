"""Tickets that gave grounds, taken in as signals; a help desk's name is their source.

``bot.tickets`` looked at the ticket and asked the policy's rules; nothing here is a webhook's word.
"""

from collections.abc import Mapping

from sqlalchemy import update
from sqlmodel import col, func, select

from bot.core.reactions import TicketNoticed, TicketsMerged
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.signals import take_in_signal
from bot.rules.helpdesks.judging import Ground, choose_properties
from bot.rules.intake import Arrival, Contact, Reason
from messages.kit.texts import t
from storage.models import Account, Signal

REASONS: Mapping[Ground, Reason] = {
    Ground.TAG: Reason.TAGGED,
    Ground.PRIORITY: Reason.PRIORITY,
    Ground.RATING: Reason.BAD_RATING,
    Ground.BREACH: Reason.NEAR_BREACH,
    Ground.REOPENED: Reason.REOPENED,
    Ground.PLACE: Reason.TAGGED,
}


async def take_in_ticket_signal(work: UnitOfWork, event: TicketNoticed) -> None:
    """Take in what gave grounds, in the words of the customer, else by the ticket's subject.

    A rating's comment counts as their words, where the rating is a ground. Without words and
    subject the ticket's address stands for them. What stands beside, under names in the first
    language of the policy: subject, priority, the case of this ticket that is over, and the
    properties that the policy names, under its own names; what is empty is left out.

    The thread is the ticket's id. Where the case that is over was restricted, the signal is too,
    and that case is not named. Reacts to TicketNoticed, in its transaction.
    """
    state, rating = event.state, event.state.rating
    words = [event.words]
    if rating is not None and Ground.RATING in event.grounds:
        words.append(rating.comment)
    ended = event.ended if event.ended is not None and not event.ended.sensitive else None
    named = {
        "subject": state.subject,
        "priority": state.priority,
        "case": f"ESC-{ended.number}" if ended else "",
    }
    language = work.policy.languages[0]
    details = {t(language, f"helpdesk_detail.{name}"): value for name, value in named.items()}
    details |= choose_properties(state, work.policy.helpdesk(event.helpdesk))
    arrival = Arrival(
        source=event.helpdesk,
        key=event.key,
        text="\n\n".join(filter(None, words)) or state.subject or state.link,
        happened_at=event.said_at,
        account=await _account_at(work, state.email),
        customer=state.customer,
        contact=Contact(state.name, state.email),
        thread=state.ticket,
        link=state.link,
        rating=rating.said if rating else "",
        severity=event.severity,
        reasons=tuple(dict.fromkeys(REASONS[ground] for ground in event.grounds)),
        sensitive=event.ended is not None and event.ended.sensitive,
        details={name: value for name, value in details.items() if value},
    )
    await take_in_signal(work, arrival)


async def _account_at(work: UnitOfWork, email: str) -> str:
    """The key of the only account whose contact has this address; empty for none, and for several.

    Upper and lower case make no difference.
    """
    if not email:
        return ""
    query = select(Account.key).where(func.lower(col(Account.contact_email)) == email.lower())
    found = (await work.session.exec(query.limit(2))).all()
    return found[0] if len(found) == 1 else ""


async def follow_merged_ticket(work: UnitOfWork, event: TicketsMerged) -> None:
    """Let what arrived from a ticket belong to the one in which it went up.

    Only the thread of the signals changes: candidates and cases stay as they are, and what comes
    from ``into`` later finds them. Twice changes nothing. Reacts to TicketsMerged, in its
    transaction.
    """
    old = update(Signal).where(
        col(Signal.source) == event.helpdesk, col(Signal.thread) == event.ticket
    )
    await work.session.exec(old.values(thread=event.into))
