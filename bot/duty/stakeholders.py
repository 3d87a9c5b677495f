"""Stakeholders have seen a case, or another is told in their place.

Of a SEV1 that is still open the next of the role is told, else who else answers for the account:
its other commercial contact, a director, a support lead. Once for each who did not see it; who is
told in another's place is not waited for. Who is away, or no member any more, is passed over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from bot import effects
from bot.core.access import named_for, read_told, role_holders
from bot.core.notify import keep_told, load_told
from bot.core.steps import authorize_case, refresh_card
from bot.core.unreachable import list_unfit
from bot.duty.on_duty import load_rota
from bot.engine.due import Reminder
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.duty.stakeholders import COMMERCIAL
from bot.rules.facts import ToldFacts, UnreachedFacts
from bot.rules.lifecycle import OPEN
from bot.rules.membership import Unfilled
from bot.rules.words import Notice, Role, Severity
from storage.models import Case

NO_ONE = "none"  # was there to be told in the place of one who has not seen it
IN_PLACE = (Role.DIRECTOR, Role.SUPPORT_LEAD)  # where no one else answers for the account


class SeenCase(OnCase):
    """A stakeholder has seen that the case exists."""

    verb: ClassVar[str] = "seen_case"


async def see_case(work: UnitOfWork, intent: SeenCase) -> Answer | None:
    """Note that the actor has seen it, in any status; pressed again, nothing changes.

    Nothing is posted. Timeline ``seen_case``. Raises UserError ``not_told_of_case`` for a person
    who was not told of it as a stakeholder.
    """
    case = await authorize_case(work, intent.case, "seen_case")
    told = await load_told(work, case)
    mine = next((each for each in told if each.user == work.actor.user_id), None)
    if mine is None:
        raise UserError("not_told_of_case")
    if mine.seen_at is None:
        seen = replace(mine, seen_at=work.now)
        keep_told(case, [seen if each is mine else each for each in told])
        work.note(case, "seen_case")
        await refresh_card(work, case)
    return None


async def tell_next(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Tell another in the place of each who has not seen the case in time.

    Of a case that is over, or no SEV1 any more, no one is told.
    """
    told, span = await load_told(work, case), work.policy.paging.unseen_after
    waits = [each for each in told if not each.seen_at and not each.stands_in and not each.then]
    late = [each for each in waits if each.at + span <= work.now]
    keep_told(case, told)
    case.told_at = min((each.at + span for each in waits if each not in late), default=None)
    work.session.add(case)
    if case.status not in OPEN or case.severity != Severity.SEV1:
        case.told_at = None
        return
    left = [each for each in late if not await _tell_another(work, case, each)]
    if left:
        users = {each.user for each in left}
        passed = [p for e in read_told(case.told) if e.user in users for p in e.passed]
        said = {"silent": [each.user for each in left], "passed": _rows(passed)}
        await effects.queue_dm(work, case.owner, "notice:unseen", case, said, with_channel=True)
    await refresh_card(work, case)


async def _tell_another(work: UnitOfWork, case: Case, unseen: ToldFacts) -> bool:
    """Tell who is there of those who come next; answers whether there is one.

    DM ``notice:told_instead`` to the next: ``user``, who has not seen it, told at ``since``, as
    ``role``; ``passed``, rows of those passed over. Timeline ``told_next``: ``user``, who is told
    now, ``unseen``. Of those for whom no one is left, the owner reads ``notice:unseen``: ``silent``
    and ``passed``.
    """
    user, passed = await _find_next(work, case, unseen.role)
    told = [
        replace(each, then=user or NO_ONE, passed=passed) if each.user == unseen.user else each
        for each in read_told(case.told)
    ]
    taken = [ToldFacts(user, unseen.role, work.now, stands_in=True)] if user else []
    keep_told(case, [*told, *taken])
    if not user:
        return False
    work.note(case, "told_next", after={"user": user, "unseen": unseen.user})
    said = {
        "user": unseen.user, "role": unseen.role.value, "since": unseen.at.isoformat(),
        "passed": _rows(passed), "notice": Notice.DM.value, "reader": user,
    }  # fmt: skip
    await effects.queue_dm(work, user, "notice:told_instead", case, said, with_channel=True)
    return True


def _rows(passed: Iterable[UnreachedFacts]) -> list[dict[str, str]]:
    """Those passed over as JSON, each once."""
    rows = {p.who: {"role": p.role.value, "who": p.who, "reason": p.reason.value} for p in passed}
    return list(rows.values())


async def _find_next(
    work: UnitOfWork, case: Case, role: Role
) -> tuple[str, tuple[UnreachedFacts, ...]]:
    """Who is told next, empty for no one, and those passed over; who knows already is left out.

    Of a restricted case no one further may know.
    """
    if case.sensitive:
        return "", ()
    asked = {each.user for each in read_told(case.told)} | {case.owner}
    holders = await role_holders(work.session, case)
    named = list(_candidates(work, holders, role))
    unfit = await list_unfit(work.session, [who for _, who in named])
    rota, passed = await load_rota(work), dict[str, UnreachedFacts]()
    for as_what, who in named:
        if who in asked or who in passed:
            continue
        away = any(each.user == who and each.covers(work.now) for each in rota.absences)
        reason = unfit.get(who) or (Unfilled.AWAY if away else None)
        if reason is None:
            return who, tuple(passed.values())
        passed[who] = UnreachedFacts(as_what, who, reason)
    return "", tuple(passed.values())


def _candidates(
    work: UnitOfWork, holders: Mapping[Role, str], role: Role
) -> Iterator[tuple[Role, str]]:
    """Yield who may be told in the place of one who is ``role``, in order, with their own role."""
    for who in named_for(work.policy, role):
        yield role, who
    for other in COMMERCIAL:
        if other is not role and other in holders:
            yield other, holders[other]
    for lead in IN_PLACE:
        for who in named_for(work.policy, lead):
            yield lead, who
