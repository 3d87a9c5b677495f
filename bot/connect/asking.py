"""Asking Slack about a customer's channel: whether it is still the one that was linked, and whose.

Asked anew before anything is said there, since what is said cannot be taken back. No transaction
is open meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.connect.links import hold_link, tell_of_link
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.facts.sharing import Sharing, find_fault, read_sharing, teams_of_person
from bot.rules.membership import standing_of
from bot.rules.words import ConnectFault, ConnectState, Standing
from messages.clients.slack import SlackRefused
from storage.models import Account, ConnectLink

# What Slack answers where a channel is not what the link says.
FAULTS: Mapping[str, ConnectFault] = {
    "channel_not_found": ConnectFault.NOT_FOUND,
    "not_in_channel": ConnectFault.NOT_IN_CHANNEL,
    "is_archived": ConnectFault.ARCHIVED,
    "is_inactive": ConnectFault.ARCHIVED,
}


class Party(StrEnum):
    """Of which side a person in a shared channel is."""

    CUSTOMER = "customer"
    COLLEAGUE = "colleague"
    NEITHER = "neither"  # guests, apps, people of an organisation that was not linked


@dataclass(slots=True)
class ChannelNow:
    """A linked channel as Slack shows it now; ``fault`` is why nothing may go through.

    ``link`` is None where the channel is linked no more. ``sharing`` stays empty where Slack was
    not asked, or refused. ``people`` holds each person who was asked about in this look, by user
    id: their side and their name.
    """

    link: ConnectLink | None
    fault: ConnectFault | None
    sharing: Sharing = field(default_factory=Sharing)
    people: dict[str, tuple[Party, str]] = field(default_factory=dict)


async def see_channel(delivery: Delivery, channel: str, *, confirms: bool = False) -> ChannelNow:
    """Ask Slack about a channel; ``confirms``: those who share it now are taken as the customer.

    One call of ``conversations.info``, after the link and its account were read without a lock.
    Nothing is stored: ``settle_link`` does that. The fault is NOT_FOUND for a channel that is not
    linked, NO_ACCOUNT for a link to an account that is gone; Slack is asked in neither case.
    Without ``confirms`` an organisation that was not confirmed is OTHER_TEAM.

    Raises what ``Delivery.call`` raises, but for refusals that are faults of the link.
    """
    async with delivery.services.database.read() as session:
        link = await session.get(ConnectLink, channel)
        account = await session.get(Account, link.account_key) if link else None
    if link is None:
        return ChannelNow(None, ConnectFault.NOT_FOUND)
    if account is None:
        return ChannelNow(link, ConnectFault.NO_ACCOUNT)
    try:
        answer = await delivery.call("conversations.info", channel=channel)
    except SlackRefused as refused:
        if refused.code not in FAULTS:
            raise
        return ChannelNow(link, FAULTS[refused.code])
    identity = await delivery.services.slack.identity()
    ours = frozenset({str(identity.get(name) or "") for name in ("team_id", "enterprise_id")})
    sharing = read_sharing(answer.get("channel") or {}, ours)
    fault = find_fault(sharing, None if confirms else link.teams.get("ids", ()))
    return ChannelNow(link, fault, sharing)


async def see_person(delivery: Delivery, now: ChannelNow, user: str) -> tuple[Party, str]:
    """Of which side a person is, and their name, as Slack says of them; no event is believed.

    Asked once for each person in one look. Raises what ``Delivery.call`` raises.
    """
    if user not in now.people:
        now.people[user] = await _see_person(delivery, now, user)
    return now.people[user]


async def _see_person(delivery: Delivery, now: ChannelNow, user: str) -> tuple[Party, str]:
    """Ask ``users.info``; where Slack refuses, the person is of neither side and named by their id.

    A full member of our workspace or organisation is a colleague. Of the customer is only a person
    of another organisation, one of those that were confirmed for the link; the app's own
    ``identity`` tells which organisation is ours.
    """
    try:
        answer = await delivery.call("users.info", user=user)
    except SlackRefused:
        return Party.NEITHER, user
    person: Mapping[str, Any] = answer.get("user") or {}
    name = str(person.get("real_name") or person.get("name") or user)
    standing = standing_of(person, await delivery.services.slack.identity())
    if standing is Standing.MEMBER:
        return Party.COLLEAGUE, name
    linked = set(now.link.teams.get("ids", ())) if now.link else set()
    theirs = standing is Standing.OUTSIDER and bool(teams_of_person(person) & linked)
    return (Party.CUSTOMER if theirs else Party.NEITHER), name


async def perform_check(delivery: Delivery, job: Job) -> EffectResult:
    """See whether a link works, and tell who made it; payload: ``channel``, ``confirms``.

    The result has ``fault``, empty where the link works.
    """
    channel, confirms = job.row.payload["channel"], bool(job.row.payload.get("confirms"))
    now = await see_channel(delivery, channel, confirms=confirms)

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(SYSTEM, "connect"))
        await settle_link(work, now, confirms=confirms)

    return EffectResult({"fault": now.fault.value if now.fault else ""}, save)


async def settle_link(work: UnitOfWork, now: ChannelNow, *, confirms: bool = False) -> None:
    """Store what was seen of a link, and tell what is new about it; one that is gone is left.

    The link is locked, and left as it is if it was unlinked or linked anew since Slack was asked. A
    fault holds it. Without one it works from now on, also after it was held; with ``confirms`` the
    organisations of this look are the confirmed ones. That it works is told when it did not before,
    as ``connect:works``, with the ``extra`` of ``tell_of_link``. Runs in the caller's transaction.
    """
    if now.link is None:
        return
    link = await work.session.get(ConnectLink, now.link.channel_id, with_for_update=True)
    if link is None or link.at != now.link.at:
        return  # unlinked, or linked anew, since Slack was asked
    link.name = now.sharing.name or link.name
    if now.fault is not None:
        await hold_link(work, link, now.fault)
        return
    if confirms:
        link.teams = {"ids": sorted(now.sharing.teams)}
    if link.state is not ConnectState.WORKING:
        link.state, link.fault = ConnectState.WORKING, ""
        await tell_of_link(work, link, "connect:works")
    work.session.add(link)
