"""What Slack says of a channel that is shared by Slack Connect, and whether a link to it works.

Pure: ``bot/connect`` asks Slack, and acts on the answer.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from bot.rules.words import ConnectFault, ConnectState


@dataclass(frozen=True, slots=True)
class Sharing:
    """A channel as Slack describes it; ``teams`` are the other organisations that share it.

    ``pending``: an organisation was invited and has not accepted yet.
    """

    name: str = ""
    member: bool = False
    archived: bool = False
    shared: bool = False
    pending: bool = False
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """A customer's channel as lists show it; ``fault`` is None while it works."""

    channel: str
    customer: str
    state: ConnectState
    fault: ConnectFault | None = None
    by: str = ""
    teams: tuple[str, ...] = ()


def is_shared_outside(channel: Mapping[str, Any]) -> bool:
    """True for a channel that people of another organisation read.

    One that only workspaces of one organisation share (``is_org_shared``) is internal.
    """
    shared = channel.get("is_shared") is True and channel.get("is_org_shared") is not True
    return channel.get("is_ext_shared") is True or shared


def read_sharing(channel: Mapping[str, Any], ours: Set[str]) -> Sharing:
    """Read Slack's channel object; ``ours`` are the ids of our workspace and organisation."""
    named = (*_ids(channel, "shared_team_ids"), *_ids(channel, "connected_team_ids"))
    internal = {*ours, *_ids(channel, "internal_team_ids")}
    invited = bool(_ids(channel, "pending_connected_team_ids"))
    return Sharing(
        name=str(channel.get("name") or ""),
        member=channel.get("is_member") is True,
        archived=channel.get("is_archived") is True,
        shared=is_shared_outside(channel),
        pending=channel.get("is_pending_ext_shared") is True or invited,
        teams=frozenset(named) - internal,
    )


def _ids(channel: Mapping[str, Any], name: str) -> list[str]:
    """The ids in a list of Slack's; none where it is no list."""
    value = channel.get(name)
    if not isinstance(value, list | tuple):
        return []
    return [each for each in value if isinstance(each, str) and each]


def find_fault(seen: Sharing, confirmed: Iterable[str] | None) -> ConnectFault | None:
    """Return why nothing may go through the channel now; None where all is well.

    ``confirmed`` are the organisations that a person of ours linked; None while they are linked
    for the first time. One that is gone is no fault while another is left; one more is.
    """
    if seen.archived:
        return ConnectFault.ARCHIVED
    if not seen.member:
        return ConnectFault.NOT_IN_CHANNEL
    if not seen.shared or not seen.teams:
        return ConnectFault.PENDING if seen.pending else ConnectFault.NOT_SHARED
    if confirmed is not None and seen.teams - set(confirmed):
        return ConnectFault.OTHER_TEAM
    return None


def teams_of_person(user: Mapping[str, Any]) -> frozenset[str]:
    """The ids of the teams that a person is of, as ``users.info`` says: workspace, organisation."""
    enterprise = user.get("enterprise_user")
    enterprise = enterprise if isinstance(enterprise, Mapping) else {}
    named = (user.get("team_id"), enterprise.get("enterprise_id"), *_ids(enterprise, "teams"))
    return frozenset(each for each in named if isinstance(each, str) and each)
