"""The Slack app manifest: what the app asks of a workspace, each scope with its reason.

``python app.py manifest`` prints it, the guide for administrators lists ``SCOPES`` and ``EVENTS``.
A scope that is added reaches an installed app only when it is installed again.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

COMMAND = "/escalate"
MESSAGE_SHORTCUT = "escalate_message"
GLOBAL_SHORTCUT = "escalate"
STEP = "escalate_problem"  # stored in workflows, so it never changes
EVENTS_PATH = "/slack/events"

SCOPES: Mapping[str, str] = {
    "commands": "/escalate and the two shortcuts",
    "chat:write": "the case card, notices, reminders and private answers",
    "channels:manage": "create a case's public channel, invite to it, set its topic",
    "channels:read": "find the channel of a case again after a call whose outcome is unknown",
    "channels:history": "find a message again after a call whose outcome is unknown",
    "groups:write": "the same for sensitive cases, whose channels are born private",
    "groups:read": "the same for private channels",
    "groups:history": "the same for private channels",
    "im:write": "open a direct message to one person",
    "im:history": "hear “help” in a direct message, find a message again there, erase a name",
    "channels:join": "come back to a case's channel; push talking points into the agents' channels",
    "users:read": "names, languages, time zones and standing of the people on a case",
    "users:read.email": "find the people whom the policy and the accounts name by email",
    "usergroups:read": "a role in the policy may be a user group",
    "reactions:read": "hear when a message in a customer's channel is marked for escalation",
    "pins:write": "pin the case card",
    "pins:read": "hear when the case card is unpinned",
    "bookmarks:write": "the bookmark to the ticket",
    "bookmarks:read": "see whether the bookmark is there after a call whose outcome is unknown",
    "files:write": "the postmortem agenda as a file; delete files that name who is erased",
    "app_mentions:read": "answer “@Escalation Desk help”",
}

EVENTS: Mapping[str, str] = {
    "app_home_opened": "draw the App Home when somebody opens it",
    "app_mention": "answer a mention with help, a list or a case",
    "message.im": "answer a direct message with help, a list or a case",
    "message.channels": "hear when a case's card is deleted or its topic changed; no word is kept",
    "message.groups": "the same in private channels",
    "channel_archive": "hear when a case's channel is archived",
    "channel_unarchive": "come back when it is opened again",
    "channel_rename": "hear when it is renamed",
    "channel_deleted": "hear when it is deleted",
    "group_archive": "the same for private channels",
    "group_unarchive": "the same for private channels",
    "group_rename": "the same for private channels",
    "group_deleted": "the same for private channels",
    "reaction_added": "hear when a message in a customer's channel is marked for escalation",
    "channel_shared": "hear when another organisation can read a channel: nothing is said there",
    "channel_unshared": "hear when it no longer can",
    "channel_left": "hear when the app is taken out of a case's channel",
    "group_left": "the same for private channels",
    "member_left_channel": "hear when somebody whom a case needs leaves its channel",
    "member_joined_channel": "go on when the app is invited again; see a guest who comes in",
    "pin_removed": "hear when a case's card is unpinned",
    "user_change": "hear when somebody is deactivated or becomes a guest: their roles end",
    "function_executed": "hear when a workflow runs our step",
    "team_join": "hear when somebody whom the policy names joins",
    "subteam_created": "hear when a user group that the policy names is made",
    "subteam_updated": "hear when a user group that the policy names is turned off or on",
    "subteam_members_changed": "hear who comes into and leaves a user group of the policy",
}


TEXT, PERSON = "string", "slack#/types/user_id"
# Inputs and outputs of the step: type, title, description.
INPUTS: Mapping[str, tuple[str, str, str]] = {
    "customer": (TEXT, "Customer", "The customer's name"),
    "stake": (TEXT, "Business impact", "What happened, and what it means for the customer"),
    "asker": (PERSON, "Who asks", "The person who started the workflow"),
    "contact_name": (TEXT, "Contact's name", "Who at the customer's is to be answered"),
    "contact_email": (TEXT, "Contact's email", "Their email address"),
    "severity": (TEXT, "Severity", "A suggestion: 1 (business stopped) to 4 (minor)"),
    "language": (TEXT, "Customer's language", "English, Greek, or a code such as el"),
}
NEEDED = ("customer", "stake", "asker")
OUTPUTS: Mapping[str, tuple[str, str, str]] = {
    "outcome": (TEXT, "Outcome", "case, already_open, logged, dismissed or restricted"),
    "reference": (TEXT, "Reference", "ESC-7 of a case, else CAN-12"),
    "link": (TEXT, "Link", "Where the case is, if there is one"),
    "told": (TEXT, "Words for the customer", "What the customer may be told; often empty"),
    "summary": (TEXT, "Summary", "What became of it, in a sentence in the asker's language"),
}
ALWAYS = ("outcome", "summary")  # outputs that every end of the step has


def missing_scopes(granted: Collection[str] | None) -> list[str]:
    """Return which scopes the app needs and was not granted, sorted; none while it is not known."""
    return [] if granted is None else sorted(SCOPES.keys() - set(granted))


class Settings(Protocol):
    """The settings that the manifest depends on."""

    @property
    def slack_app_token(self) -> object | None:
        """Present: Socket Mode."""

    @property
    def public_url(self) -> str | None:
        """The address at which Slack reaches us over HTTP; a trailing slash does not matter."""


def build_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest for Slack's app configuration, schema version 2.

    Slack sends requests to the public address; with an app token, or without an address, Socket
    Mode is turned on instead. Every kind of request has the one path ``EVENTS_PATH``.
    """
    base = "" if settings.slack_app_token else (settings.public_url or "").rstrip("/")
    url = f"{base}{EVENTS_PATH}" if base else None
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Escalation Desk",
            "description": "Tracks customer escalations: owner, due times, updates, postmortem.",
            "background_color": "#1f3a5f",
        },
        "features": _features(url),
        "functions": {STEP: _step()},
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": _with_url({"bot_events": list(EVENTS)}, "request_url", url),
            "interactivity": _interactivity(url),
            "org_deploy_enabled": True,  # without it Slack offers no step of ours
            "function_runtime": "remote",
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def _features(url: str | None) -> dict[str, Any]:
    """The App Home, the bot's name, the command and the two shortcuts.

    ``should_escape`` makes Slack send people and channels as ids, which the parser relies on. Only
    the command has an address: shortcuts go where interactions go.
    """
    command = {
        "command": COMMAND,
        "description": "Escalate for a customer, or work on a case",
        "usage_hint": "[business impact] or help, list, claim, update …",
        "should_escape": True,
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Escalation Desk", "always_online": True},
        "slash_commands": [_with_url(command, "url", url)],
        "shortcuts": [
            {
                "name": "Escalate this",
                "type": "message",
                "callback_id": MESSAGE_SHORTCUT,
                "description": "Open an escalation from this message",
            },
            {
                "name": "Escalate",
                "type": "global",
                "callback_id": GLOBAL_SHORTCUT,
                "description": "Open an escalation for a customer",
            },
        ],
    }


def _step() -> dict[str, Any]:
    """The step that Workflow Builder offers. It runs here, and ends when a person has decided."""
    return {
        "title": "Escalate a customer problem",
        "description": "Waits until a person has decided, then says what became of it",
        "input_parameters": {"properties": _parameters(INPUTS), "required": list(NEEDED)},
        "output_parameters": {"properties": _parameters(OUTPUTS), "required": list(ALWAYS)},
    }


def _parameters(table: Mapping[str, tuple[str, str, str]]) -> dict[str, Any]:
    return {
        name: {"type": kind, "title": title, "description": description}
        for name, (kind, title, description) in table.items()
    }


def _interactivity(url: str | None) -> dict[str, Any]:
    """Where buttons, forms and selects are sent; without an address by Socket Mode."""
    plain = _with_url({"is_enabled": True}, "request_url", url)
    return _with_url(plain, "message_menu_options_url", url)


def _with_url(part: dict[str, Any], key: str, url: str | None) -> dict[str, Any]:
    """``part`` with ``url`` under ``key``; without an address as it is."""
    return part if url is None else {**part, key: url}
