"""Requests that no client of ours would send: crafted by hand, signed with the right secret."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import httpx

from sandbox.delivery.http import signature
from sandbox.delivery.response_url import address
from sandbox.state import AppInstallation
from tests.e2e.office import SUPPORT, Office

FORM = "application/x-www-form-urlencoded"


async def sent(
    app: AppInstallation, body: bytes, times: int = 1, kind: str = FORM
) -> list[httpx.Response]:
    """The same signed body, posted so many times at once."""
    stamp = str(int(time.time()))
    headers = {
        "content-type": kind,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(app.signing_secret, stamp, body),
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        posts = [
            client.post(app.request_url or "", content=body, headers=headers) for _ in range(times)
        ]
        return list(await asyncio.gather(*posts))


def encoded(fields: Mapping[str, str]) -> bytes:
    """Fields as Slack posts those of a command."""
    return str(httpx.QueryParams(fields)).encode()


def sender(desk: Office, who: str) -> dict[str, str]:
    """Who sends it, as Slack tells: of a person of another workspace with that one's id."""
    user = desk.ws.users.get(who)
    team = user.team_id if user else ""
    return {"id": who, "team_id": team} if team else {"id": who}


def answer_url(desk: Office, who: str) -> str:
    """A fresh address for private answers, as Slack gives with what is asked in a channel."""
    app = next(iter(desk.ws.apps.values()))
    return address(desk.ws, desk.ws.lifetimes.mint_response_url(app.app_id, SUPPORT, who))


async def interact(desk: Office, payload: Mapping[str, Any]) -> dict[str, Any]:
    """A forged interaction, carried out as far as it goes; what was answered."""
    app = next(iter(desk.ws.apps.values()))
    body = httpx.QueryParams({"payload": json.dumps(payload)})
    (answer,) = await sent(app, str(body).encode())
    assert answer.status_code == 200
    await desk.here.settle()
    found: dict[str, Any] = answer.json() if answer.text.strip() else {}
    return found


async def press(desk: Office, who: str, action_id: str, value: Mapping[str, Any]) -> None:
    """A button that no one was ever shown."""
    await interact(
        desk,
        {
            "type": "block_actions",
            "user": sender(desk, who),
            "team": {"id": desk.ws.team_id},
            "channel": {"id": SUPPORT},
            "response_url": answer_url(desk, who),
            "trigger_id": desk.ws.new_id("1."),
            "container": {"type": "message", "message_ts": "1.1", "channel_id": SUPPORT},
            "actions": [{"action_id": action_id, "type": "button", "value": json.dumps(value)}],
        },
    )


async def submit(desk: Office, who: str, verb: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A form that was never opened, with its fields hidden in it."""
    return await interact(
        desk,
        {
            "type": "view_submission",
            "user": sender(desk, who),
            "team": {"id": desk.ws.team_id},
            "trigger_id": desk.ws.new_id("1."),
            "view": {
                "id": "VFORGED",
                "type": "modal",
                "callback_id": verb,
                "private_metadata": json.dumps({"form": desk.ws.new_id("f"), **fields}),
                "blocks": [{"type": "input", "block_id": "typed"}],
                "state": {"values": {}},
            },
        },
    )
