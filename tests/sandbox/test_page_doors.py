"""The page and its doors over HTTP: what people see, what they may do, who is let in."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox import files, posting
from sandbox.people import people_of
from sandbox.posting import Draft
from sandbox.seed import demo_workspace
from sandbox.server import create_app
from sandbox.web.live import concerns, stream
from sandbox.workspace import Workspace
from tests.browser.desk import MANIFEST, case_card, home_view

MAYA, NIKOS, SOFIA, KATE = "U0MAYA", "U0NIKOS", "U0SOFIA", "U0KATE"
SUPPORT, TRIAGE = "C0SUPPORT", "C0TRIAGE"
HERE = "http://127.0.0.1:8484"


@pytest.fixture
def ws() -> Workspace:
    """Northwind Support with an app that nobody runs."""
    ws = demo_workspace()
    ws.install_app(MANIFEST, f"{HERE}/nowhere")
    ws.base_url = HERE
    return ws


@pytest.fixture
async def client(ws: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    """The page's own script, as far as HTTP goes."""
    transport = httpx.ASGITransport(create_app(ws))
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        yield client


async def ask(client: httpx.AsyncClient, door: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/_/{door}", json={"as": MAYA, **body})
    found: dict[str, Any] = answer.json()
    return found


async def look(client: httpx.AsyncClient, user_id: str = MAYA, **query: str) -> str:
    answer = await client.get("/", params={"as": user_id, **query})
    assert answer.status_code == 200
    return answer.text


async def test_what_somebody_says_appears_and_stays_text(client: httpx.AsyncClient) -> None:
    said = await ask(client, "say", channel=SUPPORT, text="<script>alert(1)</script> & *loud*")
    page = await look(client, channel=SUPPORT)
    assert said["ok"]
    assert f'data-ts="{said["ts"]}"' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; <b>loud</b>" in page


async def test_names_and_topics_stay_text_too(ws: Workspace, client: httpx.AsyncClient) -> None:
    ws.users[NIKOS].real_name = "<img src=x>"
    ws.users[NIKOS].title = '"><img src=x>'
    ws.channels[SUPPORT].topic.value = "<b>topic</b>"
    await people_of(ws).say(NIKOS, SUPPORT, "hello")
    page = await look(client, channel=SUPPORT)
    assert "<img src" not in page
    assert "<b>topic" not in page


async def test_data_for_the_script_cannot_end_its_element(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    ws.users[NIKOS].real_name = "</script><script>alert(1)</script>"
    page = await look(client)
    start = page.index('id="data">') + len('id="data">')
    data = json.loads(page[start : page.index("</script>", start)])
    assert any(p["name"].startswith("</script>") for p in data["people"])


async def test_a_private_channel_is_invisible_to_outsiders(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    ws.channels[TRIAGE].is_private = True
    await people_of(ws).say(MAYA, TRIAGE, "a secret")
    assert "a secret" in await look(client, channel=TRIAGE)
    outside = await look(client, SOFIA, channel=TRIAGE)
    assert "a secret" not in outside
    assert "triage" not in outside
    refused = await client.post("/_/say", json={"as": SOFIA, "channel": TRIAGE, "text": "I am in"})
    assert refused.status_code == 409


async def test_an_ephemeral_message_is_seen_by_one_person_until_dismissed(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    bot = ws.users["U0DESK"].id
    channel = ws.channels[SUPPORT]
    message = posting.post_ephemeral(ws, bot, channel, MAYA, Draft(text="only for Maya"))
    assert "Only visible to you" in await look(client, channel=SUPPORT)
    assert "only for Maya" not in await look(client, NIKOS, channel=SUPPORT)
    await client.post("/_/dismiss", json={"as": NIKOS, "channel": SUPPORT, "ts": message.ts})
    assert "only for Maya" in await look(client, channel=SUPPORT)
    await ask(client, "dismiss", channel=SUPPORT, ts=message.ts)
    assert "only for Maya" not in await look(client, channel=SUPPORT)


async def test_unread_marks_go_when_the_channel_was_read(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    await people_of(ws).say(NIKOS, SUPPORT, "news")
    assert 'aria-label="1 unread"' in await look(client, channel="C0GENERAL")
    await ask(client, "read", channel=SUPPORT)
    assert "unread" not in await look(client, channel="C0GENERAL")


async def test_messages_close_together_share_a_byline_and_days_are_divided(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    people = people_of(ws)
    await people.say(NIKOS, SUPPORT, "one")
    await people.say(NIKOS, SUPPORT, "two")
    await ws.clock.advance(timedelta(days=1))
    await people.say(NIKOS, SUPPORT, "three")
    page = await look(client, channel=SUPPORT)
    assert page.count("message-grouped") == 1
    assert "<span>Yesterday</span>" in page
    assert "<span>Today</span>" in page


async def test_threads_reactions_pins_and_bookmarks_are_shown(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    said = await ask(client, "say", channel=SUPPORT, text="root")
    await ask(client, "say", channel=SUPPORT, text="an answer", thread=said["ts"])
    await ask(client, "react", channel=SUPPORT, ts=said["ts"], name="eyes")
    await ask(client, "pin", channel=SUPPORT, ts=said["ts"], do="add")
    page = await look(client, channel=SUPPORT)
    assert "1 reply" in page
    assert "an answer" not in page
    assert 'aria-pressed="true" data-react="eyes"' in page
    assert "1 pinned" in page
    assert "an answer" in await look(client, channel=SUPPORT, thread=said["ts"])
    await ask(client, "pin", channel=SUPPORT, ts=said["ts"], do="remove")
    assert "1 pinned" not in await look(client, channel=SUPPORT)


async def test_an_apps_card_is_drawn_with_its_elements(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    posting.post_unchecked(
        ws, "U0DESK", ws.channels[SUPPORT], Draft(text="ESC-7", blocks=case_card(ws.epoch() + 60))
    )
    page = await look(client, channel=SUPPORT)
    for piece in ('data-action-id="claim"', 'data-action-id="set_severity"', "<th", ">App</span>"):
        assert piece in page


async def test_home_is_drawn_for_its_owner_only(ws: Workspace, client: httpx.AsyncClient) -> None:
    from sandbox import views

    app = next(iter(ws.apps.values()))
    views.publish_home(ws, app, MAYA, home_view())
    assert "Your escalations" in await look(client, home=app.app_id)
    assert "has nothing on its Home tab yet" in await look(client, NIKOS, home=app.app_id)


async def test_files_are_shown_to_those_who_may_see_them(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    found = files.begin_upload(ws, NIKOS, "page.svg", 5)
    found.content, found.mimetype, found.complete = b"<svg>", "image/svg+xml", True
    found.shares = [(TRIAGE, "1")]
    ws.channels[TRIAGE].is_private = True
    shown = await client.get(f"/_/file/{found.id}", params={"as": MAYA})
    assert shown.headers["content-disposition"].startswith("attachment")
    assert shown.headers["content-type"] == "application/octet-stream"
    hidden = await client.get(f"/_/file/{found.id}", params={"as": SOFIA})
    assert hidden.status_code == 404
    found.mimetype = "image/png"
    shown = await client.get(f"/_/file/{found.id}", params={"as": MAYA})
    assert shown.headers["content-type"] == "image/png"


async def test_a_permalink_leads_to_the_message_on_the_page(client: httpx.AsyncClient) -> None:
    said = await ask(client, "say", channel=SUPPORT, text="here")
    answer = await client.get(f"/archives/{SUPPORT}/p{said['ts'].replace('.', '')}")
    assert answer.headers["location"] == f"{HERE}/?channel={SUPPORT}&at={said['ts']}"


async def test_the_clock_moves_and_says_when_nothing_is_due(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    before = ws.now()
    assert (await ask(client, "clock", by=3600))["ok"]
    assert ws.now() - before >= timedelta(hours=1)
    assert (await ask(client, "clock", by="due"))["note"] == "Nothing is due."
    assert not (await ask(client, "clock", by=-60))["ok"]


async def test_channels_are_joined_left_and_renamed(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    await ask(client, "room", channel=TRIAGE, do="leave")
    assert "Join the channel" in await look(client, channel=TRIAGE)
    await ask(client, "room", channel=TRIAGE, do="join")
    await ask(client, "room", channel=TRIAGE, do="rename", name="night-shift")
    assert ws.channels[TRIAGE].name == "night-shift"
    refused = await ask(client, "room", channel=TRIAGE, do="rename", name="support")
    assert refused["error"] == "Another channel has that name."


async def test_a_channel_is_retitled_emptied_and_deleted(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    await ask(client, "room", channel=TRIAGE, do="topic", topic="Who is on call")
    assert "Who is on call" in await look(client, channel=TRIAGE)
    await ask(client, "room", channel=TRIAGE, do="invite", user=KATE)
    await ask(client, "room", channel=TRIAGE, do="kick", user=KATE)
    assert KATE not in ws.channels[TRIAGE].members
    said = await ask(client, "say", channel=TRIAGE, text="A word too much")
    await ask(client, "delete", channel=TRIAGE, ts=said["ts"])
    assert "A word too much" not in await look(client, channel=TRIAGE)
    assert not (await ask(client, "delete", channel=TRIAGE, ts=said["ts"]))["ok"]
    assert (await ask(client, "room", channel=TRIAGE, do="delete"))["ok"]
    assert TRIAGE not in ws.channels
    assert "Nothing here" in await look(client, channel=TRIAGE)
    general = next(c.id for c in ws.channels.values() if c.is_general)
    assert not (await ask(client, "room", channel=general, do="delete"))["ok"]


async def test_a_refusal_has_words_and_nonsense_is_named(client: httpx.AsyncClient) -> None:
    unknown = await ask(client, "command", channel=SUPPORT, text="/nothing")
    assert unknown == {"ok": False, "error": "/nothing is not a valid command"}
    assert not (await ask(client, "click", channel=SUPPORT, ts="1", action_id="x"))["ok"]
    assert "not understood" in (await ask(client, "say"))["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:8484"},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
    ],
)
async def test_a_door_is_shut_to_other_sites(
    ws: Workspace, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    body = json.dumps({"as": MAYA, "channel": SUPPORT, "text": "forged"})
    everything = {"content-type": "application/json", **headers}
    answer = await client.post("/_/say", content=body, headers=everything)
    assert answer.status_code == 403
    assert all(m.text != "forged" for m in ws.channels[SUPPORT].messages.values())


async def test_pages_and_parts_are_shut_to_rebound_names_and_other_sites(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/", "/_/parts?names=main", f"/_/events?as={MAYA}"):
        answer = await client.get(path, headers={"host": "evil.example"})
        assert answer.status_code == 403
    foreign = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert (await client.get("/_/parts?names=main", headers=foreign)).status_code == 403
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert (await client.get("/", headers=visit)).status_code == 200


async def test_the_page_runs_only_its_own_scripts(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", params={"as": MAYA})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert " style=" not in answer.text
    assert " onclick=" not in answer.text
    script = await client.get("/_/static/page.js")
    assert "javascript" in script.headers["content-type"]
    assert (await client.get("/_/static/..%2Fserver.py")).status_code == 404


async def test_live_events_reach_those_whom_they_concern(ws: Workspace) -> None:
    ws.channels[TRIAGE].is_private = True
    message = {"type": "message", "channel": TRIAGE, "ts": "1", "change": "new"}
    assert concerns(ws, message, MAYA)
    assert not concerns(ws, message, SOFIA)
    assert not concerns(ws, {"type": "view", "user": MAYA, "view_id": "V1"}, NIKOS)
    assert concerns(ws, {"type": "clock", "now": ""}, NIKOS)
    events = stream(ws, MAYA)
    assert await anext(events) == "retry: 500\n\n"
    ws.bus.publish(message)
    assert json.loads((await anext(events)).removeprefix("data: ")) == message
    await events.aclose()


async def test_an_open_page_lets_go_when_the_workspace_stops(ws: Workspace) -> None:
    events = stream(ws, MAYA)
    await anext(events)
    ws.bus.publish({"type": "bye"})
    assert [event async for event in events] == []


async def test_people_who_join_one_after_another_share_a_line(
    ws: Workspace, client: httpx.AsyncClient
) -> None:
    page = await look(client, channel=SUPPORT)
    assert page.count(" joined</span>") == 2  # Kate made the channel; the others follow
    assert page.index(">@Nikos</a>") < page.index(">@Eleni</a>")
    ws.users[NIKOS].display_name = "Nikos joined <b>"
    assert "@Nikos joined &lt;b&gt;</a>" in await look(client, channel=SUPPORT)


@pytest.mark.parametrize("path", ["/_/faults", "/_/say", "/_/clock"])
async def test_every_door_of_the_page_has_the_guard(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, json={}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
