"""What another customer brings with it: name of the channel, roles, working hours.

Running clocks keep the hours and targets under which they were promised, and the account's people
keep their roles, unless the person who corrects says that they follow (R11). Clocks that begin
later count by the new customer's hours.
"""

from collections.abc import Collection
from typing import Any

from bot import effects
from bot.core import notify, unreachable
from bot.core.access import role_holders
from bot.core.steps import give_role, release_role
from bot.engine.actors import SYSTEM
from bot.engine.unit_of_work import UnitOfWork
from bot.people.sponsors import find_sponsor
from bot.rules.facts import UnreachedFacts
from bot.rules.names import channel_name
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import Role
from bot.sla import clocks
from bot.subjects import build_lane
from storage.models import Account, Case

ROLES, CALENDAR = "roles", "calendar"
FOLLOWING = (ROLES, CALENDAR)  # what follows another customer where a person says so


async def follow_customer(
    work: UnitOfWork,
    case: Case,
    name: str,
    accounts: tuple[Account | None, Account | None],
    follow: Collection[str],
) -> dict[str, Any]:
    """Let follow what was chosen, after the case has its new customer.

    ``name`` is the old customer's, ``accounts`` are the old and the new one, as far as known.
    Answers what the notice says: ``roles`` and ``calendar``, each ``follow`` or ``stay``. Channel
    and topic have the new name, if they had the old one. Timeline ``edit_roles``: ``roles`` (role
    to user id, None for one that no one has any more); ``edit_calendar``: ``customer``.
    """
    _rename_channel(work, case, name)
    await effects.queue_topic(work, case)
    if CALENDAR in follow:
        await clocks.change_calendar(work, case)
        work.note(case, "edit_calendar", after={"customer": case.customer})
    if ROLES in follow:
        await _give_roles(work, case, *accounts)
    return {each: "follow" if each in follow else "stay" for each in FOLLOWING}


def _rename_channel(work: UnitOfWork, case: Case, old: str) -> None:
    """Give the channel the new customer's name; one that people named otherwise keeps its name.

    The stored name changes at once, Slack's by a row in the lane of the channel's looks. The
    channel of a restricted case names no customer, so it is left alone.
    """
    before = channel_name(case.number, old, sensitive=False)
    if case.channel_id is None or case.sensitive or case.channel_name != before:
        return
    case.channel_name = channel_name(case.number, case.customer, sensitive=False)
    if case.channel_name != before:
        work.leave("rename", build_lane(case, "look"), case=case, priority=effects.INTERACTIVE)


async def _give_roles(
    work: UnitOfWork, case: Case, old: Account | None, new: Account | None
) -> None:
    """Let the new account's people take the roles that the old one's have.

    A holder who is not the old account's, or who is the new one's too, keeps the role. No one is
    brought into a restricted case by it: there the old account's people only lose theirs. A role of
    theirs for which the new account names no one, or one who is no active full member, becomes
    free; the latter are put on the card. The system answers for what is given. Timeline
    ``edit_roles``: ``roles`` and ``customer``, also where nothing changed.
    """
    holders = await role_holders(work.session, case)
    people, theirs = _people_of(new), _people_of(old)
    unfit = await unreachable.list_partless(work, filter(None, people.values()))
    given: dict[str, str | None] = {}
    for role, user in people.items():
        if role in holders and holders[role] != theirs[role]:
            continue
        if user and user == holders.get(role) and user not in unfit:
            continue  # the same person is both accounts'
        if user and user not in unfit and not case.sensitive:
            await give_role(work, case, role, user, given_by=SYSTEM)
            given[role.value] = user
        elif role in holders:
            await release_role(work, case, role)
            given[role.value] = None
    work.note(case, "edit_roles", after={"roles": given, "customer": case.customer})
    missed = [UnreachedFacts(r, u, unfit[u]) for r, u in people.items() if u and u in unfit]
    await unreachable.keep_unreachable(work, case, [] if case.sensitive else missed)
    await effects.queue_invite(work, case, await notify.channel_invitees(work, case))
    newcomers = await notify.find_audience(work, case, MatrixEvent.OPEN)
    await notify.introduce_case(work, case, newcomers)


def _people_of(account: Account | None) -> dict[Role, str | None]:
    """Whom the account names for its cases."""
    return {
        Role.CSM: account.csm if account else None,
        Role.ACCOUNT_EXECUTIVE: account.account_executive if account else None,
        Role.SPONSOR: find_sponsor(account),
    }
