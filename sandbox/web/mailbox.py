"""The mailboxes outside on the page: what lies in one, and the doors to read and to answer."""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandbox.mailbox import Mail, Mailboxes
from sandbox.people import People, Refused
from sandbox.state import Json
from sandbox.web.dates import clock_time, day_label, full
from sandbox.web.mrkdwn import anchor
from sandbox.web.reader import Reader
from sandbox.workspace import Workspace

_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'»]")

# A mail is from strangers, and may look as they like: it gets a page without any power.
ALONE = {
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; sandbox allow-popups"
    )
}


@dataclass(frozen=True)
class Box:
    """A chip in the head: one address with its name and what was not read there."""

    address: str
    name: str
    unread: int
    href: str
    current: bool


@dataclass(frozen=True)
class MailRow:
    """One mail, drawn for a reader; ``html`` is its address as HTML, empty where it has none."""

    id: int
    name: str
    subject: str
    sender: str
    recipient: str
    when: str
    title: str
    iso: str
    body: Markup
    mine: bool
    html: str


class Outside:
    """The mailboxes as one person looks at them.

    ``address`` is the one that is open: the ``wanted`` one, else the one with the newest mail, and
    empty while there is no mail at all, or where none is looked at.
    """

    def __init__(self, boxes: Mailboxes, reader: Reader, wanted: str) -> None:
        known = boxes.addresses() if wanted else []
        self.address = wanted if wanted in known else next(iter(known), "")
        self.unread = boxes.unread()
        self._boxes, self._reader = boxes, reader

    @property
    def boxes(self) -> list[Box]:
        """Each address with mail, the one with the newest first."""
        return [self._box(address) for address in self._boxes.addresses()]

    def _box(self, address: str) -> Box:
        return Box(
            address,
            self._boxes.mails(address)[0].name,
            self._boxes.unread(address),
            self._reader.address(mailbox=address),
            address == self.address,
        )

    @property
    def mails(self) -> list[MailRow]:
        """What lies in the open box, the newest first."""
        return [_row(mail, self._reader) for mail in self._boxes.mails(self.address)]


def _row(mail: Mail, reader: Reader) -> MailRow:
    message = mail.message
    return MailRow(
        mail.id,
        mail.name,
        str(message["Subject"] or ""),
        str(message["From"] or ""),
        str(message["To"] or ""),
        f"{day_label(mail.at, reader)}, {clock_time(mail.at, reader)}",
        full(mail.at, reader),
        mail.at.isoformat(),
        link_text(mail.text, reader),
        mail.mine,
        f"/_/mail/{mail.id}" if mail.html else "",
    )


def link_text(text: str, reader: Reader) -> Markup:
    """Plain text as HTML: nothing in it is markup, and its web addresses are links."""
    drawn, end = [], 0
    for found in _URL.finditer(text):
        drawn += [escape(text[end : found.start()]), anchor(found[0], found[0], reader)]
        end = found.end()
    return Markup("").join([*drawn, escape(text[end:])])


async def html_mail(ws: Workspace, request: Request) -> Response:
    """`GET /_/mail/7`: a mail as its reader's mail program shows it, in a page of its own."""
    mail = ws.mailboxes.mail(request.path_params["mail"]) if ws.mailboxes else None
    if mail is None or not mail.html:
        return Response(status_code=404)
    return HTMLResponse(mail.html, headers=ALONE)


def _boxes(people: People) -> Mailboxes:
    if people.ws.mailboxes is None:
        raise Refused("no_mailboxes")
    return people.ws.mailboxes


async def read_box(people: People, _user_id: str, body: Json) -> Json:
    """Everything in a mailbox was seen: address."""
    _boxes(people).mark_read(body["address"])
    return {}


async def reply_to_mail(people: People, user_id: str, body: Json) -> Json:
    """Answer a mail as the owner of its mailbox: mail, text. Answers `note`."""
    boxes = _boxes(people)
    mail, text = boxes.mail(int(body["mail"])), str(body["text"]).strip()
    if mail is None or mail.mine:
        raise Refused("no_such_mail")
    if not text:
        raise Refused("no_text")
    return {"note": await boxes.reply(mail, text, user_id)}


MAIL_DOORS = {"mail_read": read_box, "mail_reply": reply_to_mail}
