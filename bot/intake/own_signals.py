"""Signals of our own: a bad answer to a survey, and threats in what the customer of a case writes.

A live case is the escalation already: its owner is told, and nothing waits to be decided. About a
case that has ended a person decides anew. Each reacts to its event, in its transaction.
"""

from bot import effects
from bot.core.reactions import CustomerUnhappy, CustomerWrote
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.signals import take_in_signal
from bot.rules.intake import Arrival, Contact, Reason, find_threats
from bot.rules.lifecycle import LIVE
from bot.rules.tokens import LinkKind
from bot.rules.words import Language, Status
from storage.models import Case

SURVEY, AFTER_END = "survey", "case"  # sources


async def consider_answer(work: UnitOfWork, event: CustomerUnhappy) -> None:
    """Have a bad answer about a case that has ended decided on; the call in it goes on.

    Its key is the link's id, so each link leads to one signal. The score is kept as ``3/5``, empty
    where the page asked for none. Nothing happens while the case is live.
    """
    case, link = event.case, event.link
    if Status(case.status) in LIVE:  # the call is planned, and its owner has it
        return
    reason = Reason.BAD_PULSE if link.kind == LinkKind.PULSE else Reason.BAD_SURVEY
    rating = f"{link.score}/5" if link.score is not None else ""
    await _decide_anew(work, case, SURVEY, str(link.id), link.comment, (reason,), rating)


async def consider_words(work: UnitOfWork, event: CustomerWrote) -> None:
    """Tell the owner of a threat; after the case has ended, have it decided on.

    The direct message has ``threats``, the values of the reasons that are new, and ``summary``, the
    words. What the case is marked with is not new: ``legal`` for a threat with the law,
    ``executive`` for any other; where nothing is new, nothing is said. Words without a threat
    change nothing.
    """
    case = event.case
    found = find_threats(event.words, Language(case.language))
    if not found:
        return
    if Status(case.status) not in LIVE:
        key = f"{case.number}:{work.now.isoformat()}"
        await _decide_anew(work, case, AFTER_END, key, event.words, (Reason.REOPENED,))
        return
    heard = {Reason.LEGAL_THREAT: case.legal, Reason.THREAT: case.executive}
    if new := [each.value for each in found if not heard[each]]:
        said = {"threats": new, "summary": event.words}
        await effects.queue_dm(
            work, case.owner, "notice:threat_heard", case, said, priority=effects.BREACH
        )


async def _decide_anew(
    work: UnitOfWork,
    case: Case,
    source: str,
    key: str,
    words: str,
    reasons: tuple[Reason, ...],
    rating: str = "",
) -> None:
    """Take in a signal with the case's customer, contact and language, restricted as the case is.

    It has no thread, so it never counts as a report of the case that ended; ``details`` name that
    one as ``case``. The text may be empty where a score was given without a comment.
    """
    arrival = Arrival(
        source=source,
        key=key,
        text=words,
        happened_at=work.now,
        account=case.account_key or "",
        customer=case.customer,
        contact=Contact(case.contact_name, case.contact_email),
        rating=rating,
        language=Language(case.language),
        reasons=reasons,
        sensitive=case.sensitive,
        details={"case": f"ESC-{case.number}"},
    )
    await take_in_signal(work, arrival)
