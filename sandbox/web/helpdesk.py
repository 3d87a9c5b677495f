"""The help desk on the page: its tickets as customers and agents see them, and the doors to act."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from sandbox.helpdesk.helpscout import HelpScout
from sandbox.helpdesk.tickets import Conversation
from sandbox.people import People, Refused
from sandbox.state import Json
from sandbox.web.dates import clock_time, day_label, full
from sandbox.web.mailbox import link_text
from sandbox.web.reader import Reader

ESCALATE = "escalate"  # the tag that an agent sets
SCORES = ("great", "okay", "not_good")
_BREAK = re.compile(r"<(?:br\s*/?|/p|/div)>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class TicketChip:
    """A ticket in the head: its subject, and where it is."""

    subject: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True)
class ThreadRow:
    """What somebody wrote in a ticket; ``kind`` is ``customer``, ``message`` or ``note``."""

    id: int
    kind: str
    name: str
    when: str
    title: str
    iso: str
    body: Markup


class Tickets:
    """The help desk as one person looks at it; ``number`` is the ticket that is open."""

    def __init__(self, desk: HelpScout, reader: Reader, wanted: str, team: str) -> None:
        known = desk.conversations
        first = str(next(iter(known), 0))
        self.number = int(wanted if wanted.isdigit() and int(wanted) in known else first)
        self._desk, self._reader, self._team = desk, reader, team

    @property
    def chips(self) -> list[TicketChip]:
        """Every ticket, the oldest first."""
        return [
            TicketChip(
                found.subject,
                f"{found.customer.name}, {found.customer.company}",
                self._reader.address(ticket=str(number)),
                number == self.number,
            )
            for number, found in self._desk.conversations.items()
        ]

    @property
    def ticket(self) -> Conversation:
        """The open ticket."""
        return self._desk.conversations[self.number]

    @property
    def rating(self) -> str:
        """The customer's rating of the open ticket, as a word of ``SCORES``; empty for none."""
        found = self._desk.ratings.get(self.number, {})
        return str(found.get("rating", ""))

    @property
    def scores(self) -> tuple[str, ...]:
        """How a customer may rate."""
        return SCORES

    @property
    def is_tagged(self) -> bool:
        """Whether an agent asked for escalation by the tag."""
        return ESCALATE in self.ticket.tags

    @property
    def rows(self) -> list[ThreadRow]:
        """What was written in the open ticket, the newest first."""
        return [self._row(thread) for thread in reversed(self.ticket.threads)]

    def _row(self, thread: Json) -> ThreadRow:
        at = datetime.strptime(thread["createdAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        theirs = thread["type"] == "customer"
        return ThreadRow(
            thread["id"],
            thread["type"],
            self.ticket.customer.name if theirs else self._team,
            f"{day_label(at, self._reader)}, {clock_time(at, self._reader)}",
            full(at, self._reader),
            at.isoformat(),
            link_text(plain_words(thread["body"]), self._reader),
        )


def plain_words(page: str) -> str:
    """The words of a little HTML; what is no paragraph and no line break is dropped."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", page))).strip()


async def act_on_ticket(people: People, _user_id: str, body: Json) -> Json:
    """Do something in a ticket: ticket, do (``write``, ``rate``, ``tag``), text or score.

    The customer writes and rates, an agent tags.
    """
    desk, number = people.ws.helpdesk, int(body["ticket"])
    if desk is None or number not in desk.conversations:
        raise Refused("no_such_ticket")
    if body["do"] == "write":
        if not (text := str(body["text"]).strip()):
            raise Refused("no_text")
        await desk.customer_writes(html.escape(text).replace("\n", "<br>"), number)
    elif body["do"] == "rate" and body["score"] in SCORES:
        await desk.rated(body["score"], "", number, number)
    elif body["do"] == "tag":
        tags = dict.fromkeys([*desk.conversations[number].tags, ESCALATE])
        await desk.tagged(*tags, ticket=number)
    else:
        raise ValueError(body["do"])
    return {}


TICKET_DOORS = {"ticket": act_on_ticket}
