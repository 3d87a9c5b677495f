"""Whom a case calls for and cannot reach: kept on its card, and told to its owner.

A person who has left, or is no full member, is passed over wherever people are chosen; that this
happened is never silent. ``Case.unreached`` maps a role to a list of ``{"who": …, "reason": …}``:
``who`` is a user id, or the policy's reference where no user was found; ``reason`` is a value of
``Unfilled``.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import role_holders
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.facts import UnreachedFacts
from bot.rules.membership import UNFIT, Unfilled
from bot.rules.words import Role
from storage.models import Case, Person


async def list_unfit(session: AsyncSession, users: Iterable[str]) -> dict[str, Unfilled]:
    """Those of ``users`` who are known to be no active full members, and why.

    Read from ``Person``, not from Slack: who was never looked up is not among them.
    """
    query = select(Person.user_id, Person.standing).where(
        col(Person.user_id).in_(sorted(set(users))), col(Person.standing).in_(sorted(UNFIT))
    )
    return {user: Unfilled(why) for user, why in (await session.exec(query)).all() if why}


async def list_partless(work: UnitOfWork, users: Iterable[str]) -> dict[str, Unfilled]:
    """Those of ``users`` who can be given no part in a case, and why: the unfit, and auditors."""
    people = set(users)
    auditors = {user: Unfilled.AUDITOR for user in people if work.policy.audits(user)}
    return auditors | await list_unfit(work.session, people)


def passed_over(work: UnitOfWork, roles: Collection[Role]) -> list[UnreachedFacts]:
    """Return those whom the policy names for these roles and who cannot be reached, each once.

    They are the ``vacancies`` of the policy in use, which Slack was asked for; nothing is read
    here.
    """
    found = {
        (v.role, v.user or v.reference): UnreachedFacts(v.role, v.user or v.reference, v.reason)
        for v in work.policy.vacancies
        if v.role in roles
    }
    return list(found.values())


async def keep_unreachable(work: UnitOfWork, case: Case, missed: Sequence[UnreachedFacts]) -> None:
    """Put on the card who could not be reached, and tell the owner who stands in.

    The DM ``notice:unreached`` carries ``unreached``, as ``rows_of`` makes it; it waits until the
    channel can be linked. Without any in ``missed`` nothing happens. The case must be held, and the
    roles given, before: the heirs are read from them.
    """
    if not missed:
        return
    mark_unreachable(case, missed)
    extra = {"unreached": await rows_of(work, case, missed)}
    await effects.queue_dm(work, case.owner, "notice:unreached", case, extra, with_channel=True)


def mark_unreachable(case: Case, missed: Iterable[UnreachedFacts]) -> None:
    """Put on the card who could not be reached; the newest reason of a person counts.

    Those marked before stay until the role is filled (``mark_filled`` of ``bot/core/steps.py``).
    """
    marked = dict(case.unreached)
    for each in missed:
        rows = [row for row in marked.get(each.role.value, []) if row["who"] != each.who]
        marked[each.role.value] = [*rows, {"who": each.who, "reason": each.reason.value}]
    case.unreached = marked


async def rows_of(
    work: UnitOfWork, case: Case, missed: Iterable[UnreachedFacts]
) -> list[dict[str, Any]]:
    """Return what a notice carries of them, as JSON: ``role``, ``who``, ``reason`` and ``heir``.

    ``heir`` is the user id of the one who stands in, empty where no other has the role.
    """
    holders = await role_holders(work.session, case) | {Role.ESCALATION_MANAGER: case.owner}
    return [
        {
            "role": each.role.value,
            "who": each.who,
            "reason": each.reason.value,
            "heir": _other(holders.get(each.role), each.who),
        }
        for each in missed
    ]


def _other(holder: str | None, left: str) -> str:
    return holder if holder and holder != left else ""
