"""Closing a case as a duplicate: the other one goes on, with the people of both.

Both are cases of one customer. What several customers share is a problem (``bot/problems``).
"""

from bot import effects
from bot.core.access import on_case, role_holders
from bot.core.reactions import CaseDismissed, react
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.words import ClosureCode, Role
from storage.models import Case


async def lock_both(work: UnitOfWork, number: int, other: int | None) -> None:
    """Lock two cases in the order of their numbers, so that two closings never wait for each other.

    Raises UserError ``no_such_case``.
    """
    for each in sorted({number, other or number}):
        await work.case(each)


async def find_original(
    work: UnitOfWork, case: Case, other: int | None, code: ClosureCode
) -> Case | None:
    """The case that goes on in place of ``case``, both being locked; None for another code.

    Raises UserError ``duplicate_needed``, ``duplicate_of_itself``, ``no_such_case`` (also for a
    restricted case that the actor is not on), ``duplicate_is_over``,
    ``duplicate_of_another_customer``, ``duplicate_is_restricted``.
    """
    if code is not ClosureCode.DUPLICATE:
        return None
    if other is None:
        raise UserError("duplicate_needed")
    original, name = await work.case(other), f"ESC-{other}"
    if original is case:
        raise UserError("duplicate_of_itself")
    if original.sensitive and not await on_case(work.session, original, work.actor.user_id):
        raise UserError("no_such_case")
    if original.status not in LIVE:
        raise UserError("duplicate_is_over", reference=name)
    if _customer_of(case) != _customer_of(original):
        raise UserError("duplicate_of_another_customer", reference=name)
    if original.sensitive and not case.sensitive:
        raise UserError("duplicate_is_restricted", reference=name)
    return original


def _customer_of(case: Case) -> str:
    return case.account_key or case.customer


async def end_for_original(work: UnitOfWork, case: Case, original: Case) -> None:
    """Bring the people who spoke with the customer into the other case, and tell it of this one.

    No survey and no pulse is sent for the duplicate. Of a restricted case no one is brought in who
    is not on it. The post's extra carries ``duplicate``, the reference, and ``stake``.
    """
    await react(work, CaseDismissed(case))
    holders = await role_holders(work.session, case)
    people = {case.reporter, holders.get(Role.AGENT, case.reporter)}
    if original.sensitive:
        people = {user for user in people if await on_case(work.session, original, user)}
    await effects.queue_invite(work, original, people)
    extra = {"duplicate": f"ESC-{case.number}", "summary": case.stake}
    await effects.queue_post(work, original, "notice:duplicate", extra)
    for user in sorted(people - {work.actor.user_id}):
        await effects.queue_dm(work, user, "notice:closed", case)
    work.note(original, "duplicate", after={"duplicate": f"ESC-{case.number}"}, why=case.stake)
    await effects.queue_card(work, original)
