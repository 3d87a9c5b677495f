"""Who may write into a conversation.

Callers ask ``require_open`` first, so an archived channel answers ``is_archived`` to outsiders too.
Whether the actor can see the conversation at all is decided before, in ``Workspace.channel``: what
they cannot see is ``channel_not_found``.
"""

from sandbox.errors import SlackError
from sandbox.state import Channel


def require_member(channel: Channel, actor: str) -> None:
    """Raise ``not_in_channel`` for outsiders."""
    if actor not in channel.members:
        raise SlackError("not_in_channel")


def require_open(channel: Channel) -> None:
    """Raise ``is_archived`` for channels that are closed for good."""
    if channel.is_archived:
        raise SlackError("is_archived")
