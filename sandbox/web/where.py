"""Who looks at what: the page's address, read."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.workspace import Workspace


@dataclass(frozen=True)
class Where:
    """Who looks at what, as the address says: `/?as=U0MAYA&channel=C0SUPPORT&thread=170…`."""

    user_id: str
    channel_id: str = ""
    thread_ts: str = ""
    home: str = ""
    at: str = ""
    mailbox: str = ""
    ticket: str = ""


def where(ws: Workspace, query: Mapping[str, str], remembered: str = "") -> Where:
    """Read the address. Nobody named: the person remembered, else the first one."""
    people = ws.people()
    wanted = query.get("as") or remembered
    user_id = next((u.id for u in people if u.id == wanted), people[0].id if people else "")
    home = query.get("home", "")
    channel_id = query.get("channel", "")
    mailbox = query.get("mailbox", "") if ws.mailboxes else ""
    if mailbox:
        return Where(user_id, mailbox=mailbox)
    if ws.helpdesk and (ticket := query.get("ticket", "")):
        return Where(user_id, ticket=ticket)
    if not channel_id and home not in ws.apps:
        channel_id = _first_room(ws, user_id)
    return Where(user_id, channel_id, query.get("thread", ""), home, query.get("at", ""))


def _first_room(ws: Workspace, user_id: str) -> str:
    mine = [c for c in ws.channels.values() if user_id in c.members and not c.is_im]
    mine.sort(key=lambda c: (not c.is_general, c.name))
    return mine[0].id if mine else ""
