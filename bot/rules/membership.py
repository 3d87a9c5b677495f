"""What a person is to our workspace, read from what Slack says of them, and why one has no role.

The answer decides whether they may act at all; it is asked for by bot/people/directory.py.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bot.rules.words import Standing

USER_ID = re.compile(r"[UW][A-Z0-9_]{1,30}")  # as Slack gives them to people
SLACKBOT = "USLACKBOT"  # of whom Slack says that it is no bot
BOTS = ("is_bot", "is_connector_bot", "is_workflow_bot")
UNFIT = frozenset(Standing) - {Standing.MEMBER}  # standings with which a person has no role
GUESTS = ("is_restricted", "is_ultra_restricted")


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
    AUDITOR = "auditor"  # who reads all acts on nothing, and so has no other role
    UNNAMED = "unnamed"  # the accounts name no one
    # Of a pager's schedule in the rota:
    NO_PERSON = "no_person"  # who is on call there is a team, or has no address
    NO_SCHEDULE = "no_schedule"  # the pager knows none of this name
    EMPTY_SCHEDULE = "empty_schedule"  # no one is on call in it
    PAGER_KEY = "pager_key"  # the pager refuses our key
    PAGER_UNSET = "pager_unset"  # we have no key for it
    PAGER_REFUSES = "pager_refuses"  # for another reason
    PAGER_SILENT = "pager_silent"  # no answer for so long that what is known grows old


def standing_of(user: Mapping[str, Any], identity: Mapping[str, Any]) -> Standing | None:
    """The standing of Slack's ``user`` in the workspaces that ``identity`` (auth.test) is of.

    ``user`` is an object of Slack's ``users.info``. Of several the first counts: bot, deactivated,
    stranger, guest. None while it is not known which workspace is ours. Slack names the team of
    every person who comes from elsewhere, so a user without any is one of our own.
    """
    if _is_bot(user):
        return Standing.BOT
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if user.get("is_stranger"):
        return Standing.OUTSIDER
    if any(user.get(flag) for flag in GUESTS):
        return Standing.GUEST
    if not identity:
        return None
    return Standing.MEMBER if _is_ours(user, identity) else Standing.OUTSIDER


def _is_bot(user: Mapping[str, Any]) -> bool:
    """True for an app's face. ``is_app_user`` alone may also be a person who authorised the app."""
    profile = user.get("profile") or {}
    faces = bool(profile.get("bot_id") or profile.get("api_app_id"))
    app = bool(user.get("is_app_user")) and faces
    return user.get("id") == SLACKBOT or app or any(user.get(flag) for flag in BOTS)


def _is_ours(user: Mapping[str, Any], identity: Mapping[str, Any]) -> bool:
    """True for a user of our team; of an organisation-wide install, of any workspace in it."""
    enterprise = user.get("enterprise_user") or {}
    teams = {user.get("team_id"), *(enterprise.get("teams") or ())} - {None, ""}
    if identity.get("is_enterprise_install"):
        ours = identity.get("enterprise_id")
        return not teams or enterprise.get("enterprise_id") == ours or ours in teams
    return not teams or identity.get("team_id") in teams
