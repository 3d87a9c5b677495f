"""What is of no use after a correction: messages that were about to reach the wrong one."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, func, select

from bot import effects
from bot.cases.correction.parts import Value
from bot.cases.resolution.letter import drop_letter, find_letter
from bot.customers.approval import void_misdirected
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import MessageState
from bot.rules.words import HelpDesk
from storage.models import Case, Draft, Mail

REWRITTEN = frozenset({"customer", "language"})  # after which no word written before is right
BY_DESK = frozenset(desk.value for desk in HelpDesk)


async def drop_outdated(work: UnitOfWork, case: Case, was: Mapping[str, Value]) -> dict[str, Any]:
    """Void approvals, and drop the letter that waits, where they go to the wrong one.

    An approval is of a message to its recipient. Answers what the notice says: ``voided``, how many
    approvals count no more, ``letter``, whether one was dropped. Timeline ``edit_letter``; the
    letter's words are the why.
    """

    def misses(recipient: str, address: str, route: str) -> bool:
        if REWRITTEN & was.keys():
            return True
        if "ticket" in was and route in BY_DESK:
            return True
        old = was.get("contact", ("", ""))
        said = f"{recipient}\n{address}".casefold()
        return any(part and part.casefold() in said for part in old)

    voided = await void_misdirected(work, case, lambda row: misses(*_directed(row)))
    letter = find_letter(case)
    dropped = letter is not None and misses(letter.recipient, "", letter.route)
    if letter is not None and dropped:
        drop_letter(case)
        work.note(case, "edit_letter", why=letter.text)
        if letter.by != work.actor.user_id:
            extra = {"by": work.actor.user_id, "text": letter.text}
            await effects.queue_dm(work, letter.by, "notice:letter_dropped", case, extra)
    return {"voided": len(voided), "letter": dropped}


async def count_going(work: UnitOfWork, case: Case, was: Mapping[str, Value]) -> int:
    """How many mails still go to the contact's address until now: the mail server may have them.

    Asked after what could be held back was.
    """
    old = was.get("contact", ("", ""))[1]
    if not old or old == case.contact_email:
        return 0
    waiting = select(func.count()).where(
        col(Mail.case_number) == case.number,
        col(Mail.direction) == "out",
        col(Mail.state).in_((MessageState.QUEUED, MessageState.HANDED)),
        func.lower(col(Mail.recipient)) == old.lower(),
    )
    return (await work.session.exec(waiting)).one()


def _directed(row: Draft) -> tuple[str, str, str]:
    """To whom a message goes: the recipient as typed, the address, the route."""
    return row.bound["recipient"], row.bound["address"], row.bound["route"]
