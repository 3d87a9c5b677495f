"""Another Slack: as little of it as a case needs, written without a look at our own workspace.

It keeps dicts, answers with no more than the documentation promises, and has never heard of many
methods. Whoever runs it also plays Slack's other half: signed requests to the app.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

SECRET = "e6b19c573432dcc6b075501d51b51bb8"
TOKEN = "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzzqgy"
BOT = "UBOT7DESK"
PATIENCE = 15.0  # seconds until something expected must have happened

T = TypeVar("T")
Dict = dict[str, Any]


class OtherSlack:
    """The team's state, and what the app asked for, in the order it asked."""

    def __init__(self) -> None:
        self.url = ""
        self.app_url = ""
        self.calls: list[tuple[str, Dict]] = []
        self.channels: dict[str, Dict] = {}
        self.said: list[Dict] = []  # messages; "to" is set on what only one person sees
        self.views: dict[str, Dict] = {}  # the newest view in front of each person
        self.uploads: dict[str, bytes] = {}
        self.broken: dict[str, int] = {}  # method: how many answers get lost on the way
        self.changed = asyncio.Event()
        self._numbers = itertools.count(1)
        self._triggers: dict[str, str] = {}

    # -- the Web API

    async def api(self, request: Request) -> Response:
        """``/api/<method>``, by GET or POST."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        method = request.path_params["method"]
        asked = await arguments(request)
        self.calls.append((method, asked))
        handler = METHODS.get(method)
        if handler is None:
            answer: Dict = {"ok": False, "error": "unknown_method"}
        else:
            answer = handler(self, asked)
            answer.setdefault("ok", "error" not in answer)
        self.changed.set()
        if self.broken.get(method):
            self.broken[method] -= 1
            return PlainTextResponse("upstream connect error", status_code=503)
        return JSONResponse(answer)

    async def upload(self, request: Request) -> Response:
        """Where file bytes go."""
        self.uploads[request.path_params["file"]] = await request.body()
        return PlainTextResponse("OK")

    async def hook(self, request: Request) -> Response:
        """A response URL."""
        body = json.loads(await request.body())
        self.said.append(body | {"channel": "hook", "to": request.path_params["user"]})
        self.changed.set()
        return PlainTextResponse("ok")

    def number(self) -> int:
        """1, 2, 3 …"""
        return next(self._numbers)

    def say(self, asked: Dict, to: str | None = None) -> Dict:
        """Keep a message."""
        blocks = asked.get("blocks")
        said = asked | {
            "ts": f"{int(time.time())}.{self.number():06d}",
            "blocks": json.loads(blocks) if isinstance(blocks, str) else blocks or [],
            "to": to,
        }
        self.said.append(said)
        return said

    # -- the people

    async def post(self, body: bytes, content_type: str) -> httpx.Response:
        """A signed request to the app, which has three seconds."""
        stamp = str(int(time.time()))
        base = f"v0:{stamp}:".encode() + body
        signed = hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
        headers = {
            "content-type": content_type,
            "x-slack-signature": f"v0={signed}",
            "x-slack-request-timestamp": stamp,
        }
        async with httpx.AsyncClient(timeout=3.0) as client:
            return await client.post(self.app_url, content=body, headers=headers)

    def trigger(self, user: str) -> str:
        """A right to open a modal in front of somebody."""
        trigger = f"{self.number()}.{int(time.time())}.x"
        self._triggers[trigger] = user
        return trigger

    def owner(self, trigger: str) -> str | None:
        """In front of whom a trigger opens a modal; only once."""
        return self._triggers.pop(trigger, None)

    async def command(self, user: str, channel: str, text: str) -> None:
        """Type ``/escalate text``."""
        form = {
            "command": "/escalate",
            "text": text,
            "user_id": user,
            "channel_id": channel,
            "team_id": "T9OTHER",
            "trigger_id": self.trigger(user),
            "response_url": f"{self.url}/hooks/{user}",
        }
        answer = await self.post(urlencode(form).encode(), "application/x-www-form-urlencoded")
        assert answer.status_code == 200, answer.text

    async def interact(self, payload: Dict) -> Dict:
        """Something interactive; the answer's JSON, or {}."""
        user = payload["user"]["id"]
        payload = {"team": {"id": "T9OTHER"}, "trigger_id": self.trigger(user)} | payload
        form = urlencode({"payload": json.dumps(payload)}).encode()
        answer = await self.post(form, "application/x-www-form-urlencoded")
        assert answer.status_code == 200, answer.text
        found: Dict = answer.json() if answer.text.strip() else {}
        return found

    async def press(self, user: str, message: Mapping[str, Any], action: str) -> None:
        """Press the button, or choose the menu entry, that begins with ``action``."""
        pressed = next(_presses(message["blocks"], action))
        await self.interact(
            {
                "type": "block_actions",
                "user": {"id": user},
                "channel": {"id": message["channel"]},
                "container": {"type": "message", "message_ts": message.get("ts", "")},
                "response_url": f"{self.url}/hooks/{user}",
                "actions": [pressed],
            }
        )

    async def fill(self, user: str, **values: object) -> Dict:
        """Send the form in front of somebody; what is not given stays as the form had it."""
        view = self.views[user]
        state: Dict = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                name, element = block["block_id"], block["element"]
                given = values.get(name.partition("~")[0])
                state[name] = {element["action_id"]: _filled(element, given)}
        sent = {k: view[k] for k in ("id", "type", "callback_id", "private_metadata", "blocks")}
        return await self.interact(
            {
                "type": "view_submission",
                "user": {"id": user},
                "view": sent | {"state": {"values": state}},
            }
        )

    async def suggestions(self, user: str, action: str, typed: str) -> list[Dict]:
        """What the app offers while somebody types into a select."""
        answer = await self.interact(
            {
                "type": "block_suggestion",
                "user": {"id": user},
                "action_id": action,
                "block_id": action,
                "value": typed,
            }
        )
        found: list[Dict] = answer["options"]
        return found

    # -- looking

    async def until(self, condition: Callable[[], T], what: str) -> T:
        """Wait for something to become true."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self.changed.clear()
                    if found := condition():
                        return found
                    await self.changed.wait()
        except TimeoutError:
            calls = [name for name, _ in self.calls[-15:]]
            raise AssertionError(f"never: {what}; last calls: {calls}") from None

    async def form(self, user: str, verb: str) -> Dict:
        """Wait for a form in front of somebody."""
        return await self.until(
            lambda: self.views.get(user, {}).get("callback_id") == verb and self.views[user],
            f"{verb} in front of {user}",
        )

    def channel(self, prefix: str) -> Dict | None:
        """The channel whose name begins like this."""
        return next((c for c in self.channels.values() if c["name"].startswith(prefix)), None)

    def card(self) -> Dict:
        """The pinned message, as it is now."""
        pinned = next(ts for c in self.channels.values() for ts in c["pins"])
        return next(m for m in self.said if m["ts"] == pinned)

    def heard(self, channel: str, *words: str) -> list[Dict]:
        """The messages of a conversation that have all these words."""
        return [
            m
            for m in self.said
            if channel in (m["channel"], m["to"]) and all(w in m["text"] for w in words)
        ]


async def arguments(request: Request) -> Dict:
    """Query, form and JSON, whichever came."""
    found: Dict = dict(request.query_params)
    body = await request.body()
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json") and body:
        found |= json.loads(body)
    elif body:
        found |= {key: str(value) for key, value in (await request.form()).items()}
    return found


def _presses(blocks: list[Dict], action: str) -> Iterator[Dict]:
    for block in blocks:
        accessory = [block["accessory"]] if "accessory" in block else []
        for element in [*block.get("elements", []), *accessory]:
            pressed = {"block_id": block.get("block_id", "b"), "type": element.get("type")}
            if element.get("action_id", "").startswith(action):
                yield pressed | {"action_id": element["action_id"], "value": element["value"]}
            for option in element.get("options", []):
                if option["value"].startswith(action):
                    yield pressed | {"action_id": element["action_id"], "selected_option": option}


def _filled(element: Dict, given: object) -> Dict:
    kind = element["type"]
    if kind == "checkboxes":
        return {"type": kind, "selected_options": given or []}
    if kind.endswith("static_select") or kind == "external_select":
        chosen = element.get("initial_option")
        if given is not None:
            label = {"type": "plain_text", "text": str(given)}
            chosen = {"text": label, "value": str(given)}
        return {"type": kind, "selected_option": chosen}
    if kind == "users_select":
        return {"type": kind, "selected_user": given or element.get("initial_user")}
    if kind == "datetimepicker":
        return {"type": kind, "selected_date_time": given or element.get("initial_date_time")}
    if kind == "datepicker":
        return {"type": kind, "selected_date": given or element.get("initial_date")}
    return {"type": kind, "value": given or element.get("initial_value")}


# -- methods: what the documentation shows, no more


def _auth_test(_slack: OtherSlack, _asked: Dict) -> Dict:
    return {"user_id": BOT, "team_id": "T9OTHER", "bot_id": "B0OTHER"}


def _users_info(_slack: OtherSlack, asked: Dict) -> Dict:
    return {"user": {"id": asked["user"], "name": asked["user"].lower()}}


def _create(slack: OtherSlack, asked: Dict) -> Dict:
    if any(c["name"] == asked["name"] for c in slack.channels.values()):
        return {"error": "name_taken"}
    channel: Dict = {
        "id": f"C{slack.number()}XOTHER",
        "name": asked["name"],
        "is_private": str(asked.get("is_private", False)).lower() in ("true", "1"),
        "creator": BOT,
        "created": int(time.time()),
    }
    slack.channels[channel["id"]] = channel | {"members": [BOT], "pins": [], "topic": ""}
    return {"channel": channel}


def _list(slack: OtherSlack, _asked: Dict) -> Dict:
    plain = ("id", "name", "is_private", "creator", "created")
    return {"channels": [{k: c[k] for k in plain} for c in slack.channels.values()]}


def _invite(slack: OtherSlack, asked: Dict) -> Dict:
    channel = slack.channels.get(asked["channel"])
    if channel is None:
        return {"error": "channel_not_found"}
    users = asked["users"].split(",")
    if len(users) == 1 and users[0] in channel["members"]:
        return {"error": "already_in_channel"}
    channel["members"] += [u for u in users if u not in channel["members"]]
    return {"channel": {"id": channel["id"]}}


def _topic(slack: OtherSlack, asked: Dict) -> Dict:
    slack.channels[asked["channel"]]["topic"] = asked["topic"]
    return {"channel": {"id": asked["channel"]}}


def _open_dm(_slack: OtherSlack, asked: Dict) -> Dict:
    return {"channel": {"id": f"D{asked['users']}"}}


def _post(slack: OtherSlack, asked: Dict) -> Dict:
    if asked["channel"] not in slack.channels and not asked["channel"].startswith("D"):
        return {"error": "channel_not_found"}
    said = slack.say(asked)
    return {"channel": said["channel"], "ts": said["ts"]}


def _update(slack: OtherSlack, asked: Dict) -> Dict:
    blocks = asked.get("blocks")
    for said in slack.said:
        if said["ts"] == asked["ts"]:
            said["text"] = asked.get("text", "")
            said["blocks"] = json.loads(blocks) if isinstance(blocks, str) else blocks
            return {"channel": asked["channel"], "ts": asked["ts"], "text": said["text"]}
    return {"error": "message_not_found"}


def _ephemeral(slack: OtherSlack, asked: Dict) -> Dict:
    return {"message_ts": slack.say(asked, to=asked["user"])["ts"]}


def _history(slack: OtherSlack, asked: Dict) -> Dict:
    found = [m for m in slack.said if m["channel"] == asked["channel"] and m["to"] is None]
    keys = ("ts", "text", "metadata")
    messages = [{k: m[k] for k in keys if k in m} | {"type": "message"} for m in reversed(found)]
    return {"messages": messages, "has_more": False}


def _pin(slack: OtherSlack, asked: Dict) -> Dict:
    pins = slack.channels[asked["channel"]]["pins"]
    if asked["timestamp"] in pins:
        return {"error": "already_pinned"}
    pins.append(asked["timestamp"])
    return {}


def _open_view(slack: OtherSlack, asked: Dict) -> Dict:
    user = slack.owner(asked["trigger_id"])
    if user is None:
        return {"error": "invalid_trigger_id"}
    view = asked["view"] if isinstance(asked["view"], dict) else json.loads(asked["view"])
    slack.views[user] = view | {"id": f"V{slack.number()}OTHER"}
    return {"view": {"id": slack.views[user]["id"]}}


def _upload_url(slack: OtherSlack, asked: Dict) -> Dict:
    file = f"F{slack.number()}OTHER"
    return {"upload_url": f"{slack.url}/upload/{file}-{asked['filename']}", "file_id": file}


def _uploaded(_slack: OtherSlack, asked: Dict) -> Dict:
    files = asked["files"] if isinstance(asked["files"], list) else json.loads(asked["files"])
    return {"files": [{"id": f["id"]} for f in files]}


METHODS: Mapping[str, Callable[[OtherSlack, Dict], Dict]] = {
    "auth.test": _auth_test,
    "users.info": _users_info,
    "conversations.create": _create,
    "conversations.list": _list,
    "conversations.invite": _invite,
    "conversations.setTopic": _topic,
    "conversations.open": _open_dm,
    "conversations.history": _history,
    "chat.postMessage": _post,
    "chat.update": _update,
    "chat.postEphemeral": _ephemeral,
    "pins.add": _pin,
    "views.open": _open_view,
    "files.getUploadURLExternal": _upload_url,
    "files.completeUploadExternal": _uploaded,
}


@asynccontextmanager
async def other_slack() -> AsyncIterator[OtherSlack]:
    """The other Slack, listening on a free port while the block runs."""
    slack = OtherSlack()
    routes = [
        Route("/api/{method}", slack.api, methods=["GET", "POST"]),
        Route("/upload/{file}", slack.upload, methods=["POST"]),
        Route("/hooks/{user}", slack.hook, methods=["POST"]),
    ]
    listening = socket.create_server(("127.0.0.1", 0))
    slack.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), log_level="warning", lifespan="off")
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield slack
    finally:
        server.should_exit = True
        await serving
