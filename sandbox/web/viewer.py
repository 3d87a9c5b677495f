"""People as the page shows them, and the reader's own view of names and rooms."""

from dataclasses import dataclass

from sandbox.state import Channel, Message, User
from sandbox.web.blocks import Choice
from sandbox.web.reader import Reader
from sandbox.workspace import Workspace

HUES = 8  # the avatar colours in static/page.css


@dataclass(frozen=True)
class Face:
    """What is drawn for one person or app: a name, two letters, one of the avatar colours."""

    id: str
    name: str
    title: str
    initials: str
    hue: str
    is_app: bool = False


def name_of(user: User) -> str:
    """What people call somebody: the display name, else the real one."""
    return user.display_name or user.real_name or user.name


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def face_of(ws: Workspace, user_id: str, *, name: str = "") -> Face:
    """The face of a person; somebody who is not in the workspace gets a grey one."""
    user = ws.users.get(user_id)
    if user is None:
        return Face(user_id, name or "Somebody", "", "?", "0")
    shown = name or user.real_name or user.name
    hue = "app" if user.is_bot else str(list(ws.users).index(user_id) % HUES)
    return Face(user_id, shown, user.title, _initials(shown), hue, user.is_bot)


def author_of(ws: Workspace, message: Message) -> Face:
    """Whose face stands beside a message; an app may have posted under another name."""
    return face_of(ws, message.user, name=message.username)


def channel_title(ws: Workspace, channel: Channel, user_id: str) -> str:
    """ "#support" without the mark, or the other person's name in a direct message."""
    if not channel.is_im:
        return channel.name
    others = [member for member in channel.members if member != user_id]
    return face_of(ws, others[0] if others else user_id).name


def reader_of(ws: Workspace, user: User) -> Reader:
    """The reader's eyes: zone, language, workspace time, and the names that they may see."""

    def user_name(user_id: str) -> str | None:
        found = ws.users.get(user_id)
        return name_of(found) if found else None

    def channel_name(channel_id: str) -> str | None:
        found = ws.channels.get(channel_id)
        if found is None or not found.visible_to(user.id):
            return None
        return channel_title(ws, found, user.id)

    def group_name(group_id: str) -> str | None:
        found = ws.usergroups.get(group_id)
        return found.handle if found else None

    return Reader(
        user_id=user.id,
        tz=user.tz,
        locale=user.locale,
        now=ws.now(),
        base_url=ws.base_url,
        tickets=ws.helpdesk is not None,
        user_name=user_name,
        channel_name=channel_name,
        group_name=group_name,
    )


def people_choices(ws: Workspace) -> list[Choice]:
    """Everybody, as a select offers them."""
    people = sorted(ws.people(), key=lambda user: user.real_name)
    return [Choice(user.id, user.real_name, user.title) for user in people]


def channel_choices(ws: Workspace, user_id: str) -> list[Choice]:
    """The channels that this person sees, as a select offers them."""
    seen = [c for c in ws.channels.values() if not c.is_im and c.visible_to(user_id)]
    return [
        Choice(c.id, f"#{c.name}") for c in sorted(seen, key=lambda c: c.name) if not c.is_archived
    ]
