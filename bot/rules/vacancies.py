"""Why a name in the policy or the accounts gives its role to no person."""

from enum import StrEnum


class Unfilled(StrEnum):
    """Why a name in the policy or the accounts gives its role to no person."""

    ADDRESS = "unknown_address"  # Slack knows no active person with this email address
    GROUP = "unknown_group"  # there is no such user group, or it is turned off
    EMPTY = "empty_group"  # no person is in it
    GUEST = "guest"
    OUTSIDER = "outsider"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"  # Slack knows no person under this id
    UNCHECKED = "unchecked"  # Slack refuses to tell us: a token, a scope
    AWAY = "away"
    UNNAMED = "unnamed"  # the accounts name no one
    # Of a pager's schedule in the rota:
    NO_PERSON = "no_person"  # who is on call there is a team, or has no address
    NO_SCHEDULE = "no_schedule"  # the pager knows none of this name
    EMPTY_SCHEDULE = "empty_schedule"  # no one is on call in it
    PAGER_KEY = "pager_key"  # the pager refuses our key
    PAGER_UNSET = "pager_unset"  # we have no key for it
    PAGER_REFUSES = "pager_refuses"  # for another reason
    PAGER_SILENT = "pager_silent"  # no answer for so long that what is known grows old
