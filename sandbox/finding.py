"""What a person can see and reach: the message, the modal, the element in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.state import AppInstallation, Channel, Json, Message, View
from sandbox.values import KEYS
from sandbox.workspace import Workspace


class Refused(Exception):
    """The person cannot do this: it is not there, not theirs to see, or not on offer."""


@dataclass(frozen=True)
class Place:
    """Where an element stands: in a message or in a view."""

    app: AppInstallation
    channel: Channel | None = None
    message: Message | None = None
    view: View | None = None

    @property
    def blocks(self) -> list[Json]:
        """Everything shown there, attachments included."""
        if self.view is not None:
            return self.view.blocks
        if self.message is None:
            return []
        attached = (a.get("blocks") or [] for a in self.message.attachments or [])
        return [*(self.message.blocks or []), *(block for some in attached for block in some)]


def visible_message(
    ws: Workspace, user_id: str, channel_id: str, ts: str
) -> tuple[Channel, Message]:
    """A message that this person can see. Raises :class:`Refused`."""
    channel = ws.channels.get(channel_id)
    if channel is None or not channel.visible_to(user_id):
        raise Refused(f"{user_id} cannot see the conversation {channel_id}")
    message = channel.messages.get(ts) or channel.ephemerals.get(ts)
    if message is None or message.ephemeral_to not in {None, user_id}:
        raise Refused(f"{user_id} sees no message {ts} in {channel_id}")
    return channel, message


def open_view(ws: Workspace, user_id: str, view_id: str) -> View:
    """A Home tab or the topmost modal of this person. Raises :class:`Refused`."""
    view = ws.views.get(view_id)
    if view is None or view.owner != user_id:
        raise Refused(f"{user_id} has no view {view_id} open")
    if view.type == "modal" and ws.modals.get(user_id, [])[-1:] != [view_id]:
        raise Refused(f"another modal covers {view_id}")
    return view


def find_place(
    ws: Workspace,
    user_id: str,
    *,
    channel_id: str | None = None,
    ts: str | None = None,
    view_id: str | None = None,
) -> Place:
    """The message (``channel_id`` and ``ts``) or view that is meant. Raises :class:`Refused`."""
    if view_id is not None:
        view = open_view(ws, user_id, view_id)
        return Place(ws.apps[view.app_id], view=view)
    if channel_id is None or ts is None:
        raise Refused("say which view, or which message in which channel")
    channel, message = visible_message(ws, user_id, channel_id, ts)
    app = ws.apps.get(message.app_id)
    if app is None:
        raise Refused(f"no app wrote the message {ts}")
    return Place(app, channel, message)


def find_element(
    blocks: Iterable[Json], action_id: str, block_id: str | None = None
) -> tuple[Json, Json]:
    """The block and the element with this action id. Raises :class:`Refused`."""
    for block in blocks:
        if block_id is not None and block.get("block_id") != block_id:
            continue
        places = [*_list(block.get("elements")), block.get("accessory"), block.get("element")]
        for element in places:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                return block, element
    raise Refused(f"there is no element {action_id!r} here")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def find_input(blocks: Iterable[Json], name: str) -> tuple[Json, Json]:
    """The input named by its block id or by its action id. Raises :class:`Refused`."""
    blocks = list(blocks)
    for block in blocks:
        element = block.get("element")
        if block.get("block_id") == name and isinstance(element, dict):
            return block, element
    block, element = find_element(blocks, name)
    if element["type"] not in KEYS:
        raise Refused(f"nothing can be filled into {name!r}")
    return block, element
