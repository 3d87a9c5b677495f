"""Mail outside the workspace, and its doors on the page."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sandbox.mailbox import Mail, Mailboxes
from sandbox.seed import demo_workspace
from sandbox.server import create_app
from sandbox.workspace import Workspace

AT = datetime(2027, 2, 8, 9, 0, tzinfo=UTC)
ADA, BEN = "ada@acme.example", "ben@blue.example"


def a_mail(to: str = f"Ada Vale <{ADA}>", text: str = "Good news", html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Northwind <help@northwind.example>"
    mail["To"] = to
    mail["Subject"] = "Your case <b>ESC-1</b>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


class Post:
    """Mailboxes that remember what was answered and how often they changed."""

    def __init__(self) -> None:
        self.answered: list[tuple[str, str, str]] = []
        self.changes = 0
        self.boxes = Mailboxes(self.answer, self.changed)

    async def answer(self, mail: Mail, text: str, by: str) -> str:
        self.answered.append((mail.address, text, by))
        return "It has arrived."

    def changed(self) -> None:
        self.changes += 1


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def ws(post: Post) -> Workspace:
    ws = demo_workspace()
    ws.mailboxes = post.boxes
    return ws


@pytest.fixture
async def web(ws: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(ws))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def test_a_mail_lies_in_the_box_of_each_address_the_newest_first(post: Post) -> None:
    post.boxes.take([ADA, BEN.upper()], a_mail(), AT)
    post.boxes.take([ADA], a_mail(text="More"), AT)
    assert post.boxes.addresses() == [ADA, BEN]
    assert [mail.text for mail in post.boxes.mails(ADA)] == ["More", "Good news"]
    assert [mail.name for mail in post.boxes.mails(ADA)] == ["Ada Vale", "Ada Vale"]
    assert [mail.name for mail in post.boxes.mails(BEN)] == [BEN]


def test_what_was_seen_is_not_counted_any_more_and_a_look_at_nothing_new_changes_nothing(
    post: Post,
) -> None:
    post.boxes.take([ADA, BEN], a_mail(), AT)
    post.boxes.take([ADA], a_mail(), AT, mine=True)
    assert (post.boxes.unread(), post.boxes.unread(ADA)) == (2, 1)
    post.boxes.mark_read(ADA)
    assert (post.boxes.unread(), post.boxes.unread(ADA)) == (1, 0)
    changes = post.changes
    post.boxes.mark_read(ADA)
    assert post.changes == changes


def test_the_oldest_mails_go_where_there_are_too_many(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.mailbox.MAILS_MAX", 2)
    for text in ("one", "two", "three"):
        post.boxes.take([ADA], a_mail(text=text), AT)
    assert [mail.text for mail in post.boxes.mails(ADA)] == ["three", "two"]


async def test_a_box_shows_mail_as_text_in_which_only_web_addresses_are_links(
    web: httpx.AsyncClient, post: Post
) -> None:
    text = "See http://127.0.0.1/c/v1-abc. <script>alert(1)</script> javascript:alert(1)"
    post.boxes.take([ADA], a_mail(text=text), AT)
    shown = (await web.get("/", params={"as": "U0KATE", "mailbox": ADA})).text
    assert '<a href="http://127.0.0.1/c/v1-abc" target="_blank"' in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; javascript:alert(1)" in shown
    assert "Your case &lt;b&gt;ESC-1&lt;/b&gt;" in shown


async def test_an_address_that_has_no_mail_shows_the_box_with_the_newest(
    web: httpx.AsyncClient, post: Post
) -> None:
    empty = (await web.get("/", params={"as": "U0KATE", "mailbox": "all"})).text
    assert 'data-mail="' not in empty
    post.boxes.take([ADA], a_mail(text="Found"), AT)
    assert "Found" in (await web.get("/", params={"as": "U0KATE", "mailbox": "all"})).text


async def test_the_html_of_a_mail_gets_a_page_without_any_power(
    web: httpx.AsyncClient, post: Post
) -> None:
    post.boxes.take([ADA, BEN], a_mail(html="<p>Good <script>evil()</script></p>"), AT)
    post.boxes.take([BEN], a_mail(), AT)
    answer = await web.get("/_/mail/1")
    rules = answer.headers["content-security-policy"]
    assert "<p>Good" in answer.text
    assert "script-src" not in rules
    assert {"default-src 'none'", "form-action 'none'", "sandbox allow-popups"} <= set(
        rules.split("; ")
    )
    assert (await web.get("/_/mail/3")).status_code == 404
    assert (await web.get("/_/mail/99")).status_code == 404


async def test_a_mail_is_answered_once_there_is_something_to_say(
    web: httpx.AsyncClient, post: Post
) -> None:
    post.boxes.take([ADA], a_mail(), AT)
    post.boxes.take([ADA], a_mail(), AT, mine=True)

    async def reply(mail: int, text: str) -> tuple[int, dict[str, object]]:
        body = {"as": "U0KATE", "mail": mail, "text": text}
        answer = await web.post("/_/mail_reply", json=body)
        return answer.status_code, answer.json()

    assert await reply(1, " Thank you \n") == (200, {"ok": True, "note": "It has arrived."})
    assert (await reply(1, "  "))[0] == 409
    assert (await reply(2, "to myself"))[0] == 409
    assert (await reply(9, "to no mail"))[0] == 409
    assert post.answered == [(ADA, "Thank you", "U0KATE")]


async def test_a_workspace_without_mailboxes_has_neither_place_nor_doors(
    web: httpx.AsyncClient, ws: Workspace
) -> None:
    ws.mailboxes = None
    assert "mailbox=" not in (await web.get("/", params={"as": "U0KATE"})).text
    asked = {"as": "U0KATE", "mail": 1, "text": "Hello", "address": ADA}
    for door in ("mail_reply", "mail_read"):
        assert (await web.post(f"/_/{door}", json=asked)).status_code == 409
    assert (await web.get("/_/mail/1")).status_code == 404
    assert (await web.get("/", params={"as": "U0KATE", "mailbox": ADA})).status_code == 200


async def test_the_page_explains_the_place_in_the_words_of_its_guide(
    web: httpx.AsyncClient, ws: Workspace
) -> None:
    async def guide(user_id: str) -> dict[str, str]:
        return {"lang": "el", "welcome": f"*Καλώς ήρθες* {user_id}", "mailbox": "Ταχυδρομείο"}

    ws.guide = guide
    shown = (await web.get("/", params={"as": "U0SOFIA", "channel": "C0GENERAL"})).text
    assert "<b>Καλώς ήρθες</b> U0SOFIA" in shown
    assert "Καλώς" not in (await web.get("/?as=U0SOFIA&channel=C0SUPPORT")).text


async def test_a_neighbour_serves_the_paths_below_its_prefix_and_no_others(
    web: httpx.AsyncClient, ws: Workspace
) -> None:
    async def page(_request: object) -> PlainTextResponse:
        return PlainTextResponse("a customer's page")

    assert (await web.get("/c/token")).status_code == 404
    ws.neighbours["/c/"] = Starlette(routes=[Route("/c/{token}", page), Route("/", page)])
    assert (await web.get("/c/token")).text == "a customer's page"
    assert "customer's page" not in (await web.get("/", params={"as": "U0KATE"})).text
