"""The help desk on the page: what is drawn of a ticket, and the doors by which people act in it."""

import json

import httpx
import pytest

from sandbox.helpdesk.helpscout import HelpScout
from sandbox.helpdesk.tickets import Conversation, Customer
from sandbox.seed import demo_workspace
from sandbox.server import create_app
from sandbox.web.helpdesk import plain_words
from sandbox.workspace import Workspace

ZOI = Customer(502, "Ελένη", "Ζώη", "e.zoi@hermes.example", "Hermes Couriers")


@pytest.fixture
def ws() -> Workspace:
    """A workspace with a ticket of one customer."""
    workspace = demo_workspace()
    ticket = Conversation(subject="No labels", customer=ZOI)
    workspace.helpdesk = HelpScout(conversations={8: ticket}, now=workspace.now)
    return workspace


async def ask(ws: Workspace, **body: str) -> tuple[int, dict[str, str]]:
    """What the door answers to somebody on the page."""
    transport = httpx.ASGITransport(create_app(ws))
    async with httpx.AsyncClient(transport=transport, base_url=ws.base_url) as client:
        answer = await client.post("/_/ticket", json={"as": "U0KATE", **body})
    return answer.status_code, json.loads(answer.text)


async def main_part(ws: Workspace) -> str:
    transport = httpx.ASGITransport(create_app(ws))
    async with httpx.AsyncClient(transport=transport, base_url=ws.base_url) as client:
        answer = await client.get("/_/parts?as=U0KATE&names=main&ticket=8")
    return str(answer.json()["main"])


async def test_what_the_customer_writes_is_drawn_as_words(ws: Workspace) -> None:
    status, _ = await ask(ws, ticket="8", do="write", text="<b>All</b> vans\nwait")
    assert status == 200
    drawn = await main_part(ws)
    assert "&lt;b&gt;All&lt;/b&gt; vans\nwait" in drawn
    assert "Hermes Couriers" in drawn


async def test_a_ticket_is_rated_and_tagged_once(ws: Workspace) -> None:
    await ask(ws, ticket="8", do="rate", score="not_good")
    await ask(ws, ticket="8", do="tag")
    await ask(ws, ticket="8", do="tag")
    desk = ws.helpdesk
    assert desk is not None
    assert desk.ratings[8]["rating"] == "not_good"
    assert desk.tags(8) == ["escalate"]
    assert 'aria-pressed="true"' in await main_part(ws)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ticket": "8", "do": "write", "text": " "}, 409),
        ({"ticket": "9", "do": "tag"}, 409),
        ({"ticket": "8", "do": "rate", "score": "superb"}, 400),
        ({"ticket": "8", "do": "close"}, 400),
    ],
)
async def test_what_no_ticket_takes_is_refused(
    ws: Workspace, body: dict[str, str], status: int
) -> None:
    found, answer = await ask(ws, **body)
    assert (found, answer["ok"]) == (status, False)


async def test_a_workspace_without_a_help_desk_shows_none(ws: Workspace) -> None:
    ws.helpdesk = None
    assert (await ask(ws, ticket="8", do="tag"))[0] == 409
    assert "Hermes" not in await main_part(ws)


def test_a_page_of_ours_is_read_as_words() -> None:
    assert plain_words("<p>One<br>two &amp; three</p><p>four</p>") == "One\ntwo & three\nfour"
