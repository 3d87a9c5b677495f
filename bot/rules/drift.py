"""What differs between the case as the store has it and the channel as Slack shows it.

Only the comparison: who looks and who repairs is in bot/drift. A new kind of difference is a member
of ``Drift``, a line in ``drift_differences`` and one in ``undecided_drift``.
"""

import html
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import StrEnum

from bot.rules.words import Drift

EXPOSED = frozenset({Drift.SHARED, Drift.GUEST})
"""Others than our own people read the channel: it is there, and nothing is said in it."""

LOST = frozenset({Drift.ARCHIVED, Drift.DELETED, Drift.REMOVED, Drift.UNSEEN}) | EXPOSED
"""The channel cannot be used: nothing else can be seen, and nothing said."""

_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>|<([^<>|]*)>")  # what Slack makes of addresses in a topic

# The effects that make something what it should be, by what; all else they leave alone.
MADE_BY: Mapping[str, frozenset[Drift]] = {
    "create_channel": frozenset(Drift),
    "rejoin": LOST - EXPOSED,
    "rename": frozenset({Drift.RENAMED}),
    "topic": frozenset({Drift.TOPIC}),
    "card": frozenset({Drift.CARD}),
    "pin": frozenset({Drift.PIN}),
    "invite": frozenset({Drift.MEMBER}),
}


class Hindrance(StrEnum):
    """What keeps Slack from letting us make a channel, by what a person can do about it."""

    SETTING = "setting"  # the workspace lets only some people make channels
    GUEST = "guest"  # the app counts as a restricted user
    PERMISSION = "permission"  # the workspace keeps the app from it
    SCOPE = "scope"  # the token was not granted it
    NAME = "name"
    OTHER = "other"


_HINDRANCES: Mapping[str, Hindrance] = {
    "restricted_action": Hindrance.SETTING,
    "user_is_restricted": Hindrance.GUEST,
    "user_is_ultra_restricted": Hindrance.GUEST,
    "no_permission": Hindrance.PERMISSION,
    "access_denied": Hindrance.PERMISSION,
    "team_access_not_granted": Hindrance.PERMISSION,
    "missing_scope": Hindrance.SCOPE,
    "name_taken": Hindrance.NAME,
}


def channel_hindrance(code: str) -> Hindrance:
    """The cause behind Slack's refusal of ``conversations.create``; ``code`` is Slack's ``error``.

    ``OTHER`` for codes that Slack may add.
    """
    if code.startswith("invalid_name"):
        return Hindrance.NAME
    return _HINDRANCES.get(code, Hindrance.OTHER)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the store says. None: nothing was put there yet, so nothing can differ.

    ``people`` are the user ids that must be members, ``card`` whether one was posted.
    """

    name: str | None = None
    topic: str | None = None
    card: bool = False
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """What Slack shows; ``lost`` says why it shows nothing. None: that could not be asked.

    ``Seen()`` is a look that could ask nothing. ``members`` must hold at least those expected who
    are in the channel, not everyone. ``guests`` are those found in it; None: it was not asked who
    is one.
    """

    lost: Drift | None = None
    name: str | None = None
    topic: str | None = None
    card: bool | None = None
    pinned: bool | None = None
    members: frozenset[str] | None = None
    guests: frozenset[str] | None = None


def drift_differences(expected: Expected, seen: Seen) -> dict[Drift, str]:
    """Each difference, with what is there instead (see ``DriftFacts.seen``).

    A lost channel is the only one then; a card that is gone is not also unpinned.
    """
    if seen.lost is not None:
        return {seen.lost: ",".join(sorted(seen.guests or ()))}
    found: dict[Drift, str] = {}
    if expected.name and seen.name is not None and seen.name != expected.name:
        found[Drift.RENAMED] = seen.name
    if expected.topic is not None and seen.topic is not None:
        shown = plain_topic(seen.topic)
        if shown != plain_topic(expected.topic):
            found[Drift.TOPIC] = shown
    if expected.card and seen.card is False:
        found[Drift.CARD] = ""
    elif expected.card and seen.pinned is False:
        found[Drift.PIN] = ""
    if seen.members is not None and (missing := expected.people - seen.members):
        found[Drift.MEMBER] = ",".join(sorted(missing))
    return found


def undecided_drift(expected: Expected, seen: Seen) -> Set[Drift]:
    """What this look could not tell, either way: such a difference stays as it was known."""
    if seen.lost is not None:
        return set(Drift) - LOST - {Drift.NO_CHANNEL}  # there is one that cannot be looked into
    told = {
        Drift.RENAMED: seen.name is not None,
        Drift.TOPIC: seen.topic is not None and expected.topic is not None,
        Drift.CARD: seen.card is not None,
        Drift.PIN: seen.pinned is not None,
        Drift.MEMBER: seen.members is not None,
        Drift.GUEST: seen.guests is not None,
    }
    return {what for what, known in told.items() if not known}


def plain_topic(topic: str) -> str:
    """A topic without the markup that Slack gives addresses, and without its escapes.

    ``<https://acme.example|acme.example> &amp; co``: ``acme.example & co``. Topics are compared so.
    """
    return html.unescape(_LINK.sub(lambda m: m[1] or m[2] or "", topic)).strip()


# What Slack says when the channel is not what the store thinks, and what that hints at.
HINTS: Mapping[str, Drift | None] = {
    "is_archived": Drift.ARCHIVED,
    "is_inactive": Drift.ARCHIVED,  # chat.update's word for it
    "not_in_channel": Drift.REMOVED,
    "channel_not_found": None,
    "externally_shared": Drift.SHARED,  # our own refusals (messages/clients/shared_channels.py)
    "guest_in_channel": Drift.GUEST,
}
