"""What the page's script asks for: one JSON door for each thing that a person can do.

Every door takes `{"as": "U…", …}` and answers `{"ok": true, …}` or `{"ok": false, "error": words}`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox import marks
from sandbox.errors import SlackError
from sandbox.people import NoAnswer, People, Refused, people_of
from sandbox.state import Json
from sandbox.web.blocks import BlockDrawing, Place
from sandbox.web.reader import Reader
from sandbox.web.viewer import reader_of
from sandbox.workspace import Workspace

Door = Callable[[People, str, Json], Awaitable[Json]]

WORDS = {
    "operation_timeout": "The app did not answer in time.",
    "dispatch_failed": "The app could not be reached.",
    "invalid_answer": "The app answered with something that Slack refuses.",
    "not_in_channel": "You are not in this channel.",
    "is_archived": "This channel is archived.",
    "name_taken": "Another channel has that name.",
    "invalid_name_specials": "Names are lower-case letters, digits, hyphens and underscores.",
    "already_in_channel": "That person is here already.",
    "cant_leave_general": "Nobody leaves this channel.",
    "no_text": "There is nothing to send.",
    "no_mailboxes": "No mail goes out of this workspace.",
    "no_such_ticket": "There is no such ticket.",
    "no_such_mail": "This mail cannot be answered.",
    "channel_not_found": "You cannot see that conversation.",
}


def plain_value(kind: str, value: Any, reader: Reader) -> Any:
    """A field's HTML value as `People` takes it: local times become epoch seconds."""
    if kind == "datetimepicker" and value:
        return int(datetime.fromisoformat(value).replace(tzinfo=reader.zone).timestamp())
    if kind == "rich_text_input" and value:
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": value}]}
        return {"type": "rich_text", "elements": [section]}
    return value


def _source(body: Json) -> dict[str, Any]:
    """Which message or view the page means."""
    if body.get("view"):
        return {"view_id": body["view"]}
    return {"channel_id": body.get("channel"), "ts": body.get("ts")}


async def _fill(people: People, user_id: str, body: Json) -> None:
    """Write what was typed so far into the view's state, so that the app sees it."""
    reader = reader_of(people.ws, people.ws.user(user_id))
    for field in body.get("fields") or []:
        await people.click(
            user_id,
            view_id=body["view"],
            action_id=field["action_id"],
            block_id=field["block_id"],
            value=plain_value(field["type"], field["value"], reader),
        )


async def command(people: People, user_id: str, body: Json) -> Json:
    """A slash command: channel, text."""
    await people.command(user_id, body["channel"], body["text"])
    return {}


async def say(people: People, user_id: str, body: Json) -> Json:
    """A message: channel, text, thread."""
    message = await people.say(
        user_id, body["channel"], body["text"], thread_ts=body.get("thread") or None
    )
    return {"ts": message.ts}


async def click(people: People, user_id: str, body: Json) -> Json:
    """A button or choice: view, or channel and ts; action_id, block_id, type, value, fields."""
    await _fill(people, user_id, body)
    reader = reader_of(people.ws, people.ws.user(user_id))
    await people.click(
        user_id,
        **_source(body),
        action_id=body["action_id"],
        block_id=body.get("block_id") or None,
        value=plain_value(body.get("type", ""), body.get("value"), reader),
    )
    return {}


async def submit(people: People, user_id: str, body: Json) -> Json:
    """A modal's form: view, fields. Answers `errors` by block id."""
    reader = reader_of(people.ws, people.ws.user(user_id))
    values = {
        field["block_id"]: plain_value(field["type"], field["value"], reader)
        for field in body.get("fields") or []
    }
    return {"errors": await people.submit(user_id, body["view"], values)}


async def close(people: People, user_id: str, body: Json) -> Json:
    """Dismiss a modal: view; all of them with `everything`."""
    await people.close(user_id, body["view"], everything=bool(body.get("everything")))
    return {}


async def suggest(people: People, user_id: str, body: Json) -> Json:
    """Type into an external select: action_id, block_id, query. Answers `options`."""
    options = await people.suggest(
        user_id,
        body["action_id"],
        body["query"],
        **_source(body),
        block_id=body.get("block_id") or None,
    )
    reader = reader_of(people.ws, people.ws.user(user_id))
    drawn = BlockDrawing(reader, Place("suggest")).options(options)
    return {"options": [{"value": c.value, "label": c.label, "note": c.note} for c in drawn]}


async def shortcut(people: People, user_id: str, body: Json) -> Json:
    """A global shortcut: callback_id."""
    await people.shortcut(user_id, body["callback_id"])
    return {}


async def message_shortcut(people: People, user_id: str, body: Json) -> Json:
    """A message's shortcut: callback_id, channel, ts."""
    await people.message_shortcut(user_id, body["callback_id"], body["channel"], body["ts"])
    return {}


async def home(people: People, user_id: str, body: Json) -> Json:
    """Look at an app's Home tab: home (the app's id)."""
    await people.open_home(user_id, body["home"])
    return {}


async def react(people: People, user_id: str, body: Json) -> Json:
    """Add or take back an emoji: channel, ts, name."""
    await people.react(user_id, body["channel"], body["ts"], body["name"])
    return {}


async def pin(people: People, user_id: str, body: Json) -> Json:
    """Pin or unpin a message: channel, ts, do ("add" or "remove")."""
    change = marks.unpin if body["do"] == "remove" else marks.pin
    change(people.ws, user_id, body["channel"], body["ts"])
    return {}


async def delete(people: People, user_id: str, body: Json) -> Json:
    """Delete a message: channel, ts."""
    await people.delete_message(user_id, body["channel"], body["ts"])
    return {}


async def dismiss(people: People, user_id: str, body: Json) -> Json:
    """Take an ephemeral message off one's own screen: channel, ts."""
    mine = {message.ts for message in people.ephemeral(user_id, body["channel"])}
    if body["ts"] in mine:
        del people.ws.channel(body["channel"]).ephemerals[body["ts"]]
    return {}


async def read(people: People, user_id: str, body: Json) -> Json:
    """Everything in a conversation was seen: channel."""
    people.mark_read(user_id, body["channel"])
    return {}


async def room(people: People, user_id: str, body: Json) -> Json:
    """Change a channel: channel, do (join, leave, invite, rename, topic, archive, …, delete)."""
    channel_id = body["channel"]
    if body["do"] == "invite":
        await people.invite(user_id, channel_id, body["user"])
    elif body["do"] == "rename":
        await people.rename(user_id, channel_id, body["name"])
    elif body["do"] == "topic":
        await people.set_topic(user_id, channel_id, body["topic"])
    elif body["do"] == "kick":
        await people.kick(user_id, channel_id, body["user"])
    else:
        moves = {
            "join": people.join,
            "leave": people.leave,
            "archive": people.archive,
            "unarchive": people.unarchive,
            "delete": people.delete_channel,
        }
        await moves[body["do"]](user_id, channel_id)
    return {}


async def clock(people: People, _user_id: str, body: Json) -> Json:
    """Move workspace time: by (seconds), or "due" for the next due instant."""
    workspace_clock = people.ws.clock
    if body["by"] == "due":
        if await workspace_clock.advance_to_next_due() is None:
            return {"note": "Nothing is due."}
    else:
        await workspace_clock.advance(timedelta(seconds=float(body["by"])))
    return {}


DOORS: dict[str, Door] = {
    "command": command,
    "say": say,
    "click": click,
    "submit": submit,
    "close": close,
    "suggest": suggest,
    "shortcut": shortcut,
    "message_shortcut": message_shortcut,
    "home": home,
    "react": react,
    "pin": pin,
    "delete": delete,
    "dismiss": dismiss,
    "read": read,
    "room": room,
    "clock": clock,
}


def endpoint(ws: Workspace, door: Door) -> Callable[[Request], Awaitable[Response]]:
    """A door as an HTTP endpoint: failures become words a person can read."""

    async def answer(request: Request) -> Response:
        try:
            body = await request.json()
            return JSONResponse({"ok": True, **await door(people_of(ws), body["as"], body)})
        except (Refused, SlackError, NoAnswer) as error:
            code = getattr(error, "code", "") or str(error)
            return _no(WORDS.get(code, code), status_code=409)
        except (KeyError, ValueError, TypeError) as error:
            return _no(f"the request is not understood: {error!r}", status_code=400)

    return answer


def _no(error: str, *, status_code: int) -> Response:
    return JSONResponse({"ok": False, "error": error}, status_code=status_code)
