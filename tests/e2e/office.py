"""Northwind Support with the bot at work in it, and short words for what its people do."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.engine.actors import Actor, ReplyTo
from bot.registry import INTENTS
from bot.rules.facts import CaseFacts
from bot.rules.policy.load import Policy
from bot.rules.words import Language
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import Local, local_app
from messages.cases.card import case_card
from messages.kit.blocks import Message as Words
from sandbox import conversations
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from sandbox.state import Channel, Json, Message, User, View
from sandbox.workspace import Workspace
from tests.first_words import BOTH
from tests.postmortems import REVIEWED

MAYA, NIKOS, ELENI, TOMAS = "U0MAYA", "U0NIKOS", "U0ELENI", "U0TOMAS"
PRIYA, DAN, SOFIA, RICHARD, KATE = "U0PRIYA", "U0DAN", "U0SOFIA", "U0RICHARD", "U0KATE"
STRANGER = "U0SALES"  # in the workspace, in no role
SUPPORT = "C0SUPPORT"
BEGINS = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)  # a Monday morning in Athens, no holiday near
STAKE = "They cannot invoice before the month ends."
HOUR = timedelta(hours=1)

# What happened to a case until it stands where a test begins; each stage goes on from another.
STAGES: Mapping[str, tuple[str, tuple[tuple[str, str, Json], ...]]] = {
    "new": ("", ((MAYA, "open_case", {}),)),
    "unnamed": ("", ((MAYA, "open_case", {"account": ""}),)),  # the accounts know no such customer
    "acknowledged": ("new", ((ELENI, "claim", {}),)),
    "investigating": ("acknowledged", ((MAYA, "update", {"kind": "acknowledgement"}),)),
    "held": ("investigating", ((ELENI, "hold", {"reason": "waiting_customer"}),)),
    "mitigated": (
        "investigating",
        ((ELENI, "update", {"kind": "workaround", "workaround": "By hand"}),),
    ),
    "proposed": ("investigating", ((ELENI, "resolve", {}),)),
    "awaiting": ("investigating", ((ELENI, "resolve", {"already_sent": False}),)),
    "resolved": ("proposed", ((TOMAS, "confirm", {"party": "technical_lead"}),)),
    "review": ("resolved", ((MAYA, "confirm", {"party": "customer"}),)),
    "reviewed": ("review", ((ELENI, "postmortem_held", {}),)),
    "closed": ("reviewed", ((ELENI, "close", {}),)),
    "offered": (
        "investigating",
        ((TOMAS, "hand_over", {"role": "technical_lead", "user": NIKOS}),),
    ),
    "asked": ("investigating", ((ELENI, "ask_executive", {"user": SOFIA}),)),
    "acting": ("investigating", ((ELENI, "action_item", {"owner": TOMAS}),)),
    "dismissed": ("new", ((ELENI, "dismiss", {"reason": "A question, no escalation"}),)),
}


@dataclass
class Office:
    """The workspace, the bot, and the hands and eyes of its people."""

    here: Local
    opened: int = 0
    _keys: Iterator[int] = field(default_factory=itertools.count)
    _looked_at: dict[str, int] = field(default_factory=dict)

    @property
    def ws(self) -> Workspace:
        """The workspace."""
        return self.here.workspace

    @property
    def bot(self) -> str:
        """The bot's user id."""
        return next(iter(self.ws.apps.values())).bot_user_id

    # -- getting somewhere

    async def stage(self, name: str, **changes: Any) -> int:
        """A case that stands at a stage; ``changes`` are fields of its opening. Its number."""
        self.opened += 1
        for who, verb, fields in _story(name):
            given = self.complete(verb, fields) | (changes if verb == "open_case" else {})
            await self.wants(who, verb, given | {"case": self.opened})
        await self.here.settle()
        return self.opened

    async def looked_at(self, name: str) -> int:
        """The same, for a test that changes nothing: such tests share the case."""
        if name not in self._looked_at:
            self._looked_at[name] = await self.stage(name)
        return self._looked_at[name]

    async def looked_at_made(self, make: Callable[["Office"], Awaitable[int]]) -> int:
        """The same, for a case that ``make`` makes."""
        if make.__name__ not in self._looked_at:
            self._looked_at[make.__name__] = await make(self)
        return self._looked_at[make.__name__]

    async def wants(self, who: str, verb: str, fields: Json) -> None:
        """Somebody wants something done, by whatever way it came."""
        intent = INTENTS[verb].model_validate(self.complete(verb, fields))
        key = f"stage:{next(self._keys)}"
        await self.here.services.accept(intent, Actor(who, "form"), key, ReplyTo(who))

    def complete(self, verb: str, fields: Json) -> Json:
        """``fields`` with what these tests usually say of the rest."""
        soon = (self.ws.now() + 2 * HOUR).isoformat()
        text = {"text": BOTH, "recipient": "Γιώργος Ράπτης", "route": "email"}
        usual: Json = {
            "open_case": {
                "account": "delphi-energy",
                "customer": "Delphi Energy",
                "stake": STAKE,
                "trigger": "technical",
                "severity": 2,
                "ticket_url": f"https://tickets.example/{4100 + self.opened}",
            },
            "update": text | {"next_update_at": soon},
            "hold": {"until": soon},
            "away": {"until": soon},
            **{key: {"channel": "C0SUPPORT"} for key in ("connect", "disconnect", "shared_event")},
            "resolve": text
            | {"type": "fix", "note": "A certificate had expired.", "already_sent": True},
            "confirm": {"comfortable": True},
            "postmortem_held": dict(REVIEWED),
            "close": {"code": "fixed", "root_cause": "configuration", "no_action": "None"},
            "hand_over": {"summary": "All is in the ticket."},
            "merge": {"into": self.opened + 1},
            "ask_executive": {"question": "May we call them today?"},
            "action_item": {
                "title": "Watch every certificate",
                "type": "process",
                "due": (self.ws.now() + timedelta(days=3)).date().isoformat(),
            },
        }.get(verb, {})
        return usual | fields

    async def escalate(self, who: str = MAYA, **values: Any) -> int:
        """Somebody escalates by the command and its form; the case's number."""
        await self.command(who, "")
        view = self.form(who)
        customer = values.pop("customer", "Blue Harbour")
        offered = await self.here.people.suggest(who, "customer", customer, view_id=view.id)
        usual: Json = {"customer": offered[0]["value"], "stake": STAKE, "severity": "2"}
        errors = await self.fill(who, **(usual | values))
        if not errors and self.here.people.views(who):  # the customer has a case already
            errors = await self.fill(who, same_as="else")
        assert errors == {}, errors
        self.opened += 1
        return self.opened

    # -- doing

    async def command(self, who: str, text: str, channel: str = SUPPORT) -> None:
        """Type ``/escalate text``."""
        await self.here.people.command(who, channel, f"/escalate {text}".strip())
        await self.here.settle()

    async def press(
        self, who: str, message: Message, action: str, about: int | None = None
    ) -> None:
        """Press the button, or choose the menu entry, that begins with ``action``.

        ``about`` is a case's number, where buttons of several cases stand together.
        """
        element, value = found(message.blocks or [], action, about)
        await self.press_exactly(who, message, element["action_id"], value)

    async def press_exactly(
        self, who: str, message: Message, action_id: str, value: str | None = None
    ) -> None:
        """Press the button with this id, or choose ``value`` in that menu."""
        channel = self.channel_of(message)
        await self.here.people.click(
            who, channel_id=channel.id, ts=message.ts, action_id=action_id, value=value
        )
        await self.here.settle()

    async def fill(self, who: str, **values: Any) -> dict[str, str]:
        """Fill in the form in front of somebody and send it; errors by field."""
        errors = await self.here.people.submit(who, self.form(who).id, values)
        await self.here.settle()
        return errors

    async def close_forms(self, who: str) -> None:
        """Put away what is in front of somebody."""
        for view in reversed(self.here.people.views(who)):
            await self.here.people.close(who, view.id, everything=True)

    async def post(self, who: str, words: Words, channel: str | None = None) -> Message:
        """Have the bot show a message to somebody, in private or in a channel."""
        place = channel or self.ws.open_im(who, self.bot)[0].id
        answer = await self.here.services.slack.call(
            "chat.postMessage", channel=place, text=words.text, blocks=words.blocks
        )
        return self.ws.channels[place].messages[answer["ts"]]

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass, through everything that falls due."""
        await self.ws.clock.advance(span)
        await self.here.settle()

    # -- looking

    def form(self, who: str) -> View:
        """The form in front of somebody."""
        return self.here.people.views(who)[-1]

    async def case(self, number: int, viewer: str = MAYA) -> CaseFacts:
        """What is stored of a case."""
        return await self.here.services.reading.case(number, viewer)

    async def done(self, number: int, viewer: str = MAYA) -> list[tuple[str, str]]:
        """Who did what to a case, oldest first."""
        first, pages = await self.here.services.reading.timeline(number, viewer)
        entries = list(first)
        for page in range(2, pages + 1):
            more, _ = await self.here.services.reading.timeline(number, viewer, page)
            entries += more
        return [(entry.actor, entry.verb) for entry in entries]

    def channel(self, number: int) -> Channel:
        """The case's channel; there is exactly one."""
        (only,) = [
            c
            for c in self.ws.channels.values()
            if c.name == f"esc-{number}" or c.name.startswith(f"esc-{number}-")
        ]
        return only

    def channel_of(self, message: Message) -> Channel:
        """Where a message is."""
        return next(
            c
            for c in self.ws.channels.values()
            if message.ts in c.messages or message.ts in c.ephemerals
        )

    def card(self, number: int) -> Message:
        """The pinned card of a case."""
        channel = self.channel(number)
        (ts,) = channel.pins
        return channel.messages[ts]

    def said(self, number: int) -> list[Message]:
        """What the bot said in a case's channel, the card too."""
        return [m for m in self.channel(number).messages.values() if m.user == self.bot]

    def dms(self, who: str) -> list[Message]:
        """What the bot told somebody in private."""
        return [
            m
            for c in self.ws.channels.values()
            if c.is_im and who in c.members
            for m in c.messages.values()
            if m.user == self.bot
        ]

    def answers(self, who: str) -> list[Message]:
        """What only somebody sees, everywhere, oldest first."""
        seen = [
            m
            for c in self.ws.channels.values()
            for m in c.ephemerals.values()
            if m.ephemeral_to == who and m.username != "Slackbot"
        ]
        return sorted(seen, key=lambda m: m.ts)

    def everything_seen(self, who: str) -> str:
        """All that one person can see of the bot, as one text."""
        seen: list[object] = [m.text + json.dumps(m.blocks) for m in self.answers(who)]
        for channel in self.ws.channels.values():
            if channel.visible_to(who):
                seen += [channel.name, channel.topic.value, channel.purpose.value]
                seen += [b.title + b.link for b in channel.bookmarks.values()]
                seen += [m.text + json.dumps(m.blocks) for m in channel.messages.values()]
        home = self.here.people.home(who)
        return "\n".join(map(str, [*seen, json.dumps(home.payload) if home else ""]))

    async def card_is_true(self, number: int, viewer: str = MAYA) -> bool:
        """Whether the card shows what is stored, but for the minute it was drawn."""
        shown = self.card(number)
        true = case_card(await self.case(number, viewer), Language.ENGLISH)
        return words_of(shown.blocks or []) == words_of(true.blocks)


def _story(name: str) -> list[tuple[str, str, Json]]:
    before, steps = STAGES[name]
    return [*(_story(before) if before else []), *steps]


def words_of(blocks: list[Json]) -> list[str]:
    """Every text of a message but the small print, without what is left of running clocks."""
    shown = [b for b in blocks if b["type"] != "context"]
    return [text.partition(", ")[0] for b in shown for text in texts_of(b)]


def texts_of(part: Any) -> Iterator[str]:
    """Every ``text`` in a block, and every ``action_id``, one line at a time."""
    if isinstance(part, list):
        for each in part:
            yield from texts_of(each)
    elif isinstance(part, dict):
        for key in ("text", "action_id", "value"):
            if isinstance(part.get(key), str):
                yield from part[key].splitlines()
        for value in part.values():
            yield from texts_of(value)


def elements(blocks: list[Json]) -> Iterator[Json]:
    """Every button, menu and picker of a message or a Home tab."""
    for block in blocks:
        yield from block.get("elements", []) if block["type"] == "actions" else ()
        if "accessory" in block:
            yield block["accessory"]


@dataclass(frozen=True)
class Press:
    """Something that can be pressed: ``value`` is the menu's entry, None for a button."""

    interaction: str
    action_id: str
    value: str | None
    given: Json


def interactions(blocks: list[Json]) -> Iterator[Press]:
    """Everything that can be pressed in a message or on a Home tab."""
    for element in elements(blocks):
        for option in element.get("options", []):
            name, _, given = option["value"].partition("|")
            yield Press(name, element["action_id"], option["value"], json.loads(given))
        if not element.get("options"):
            name, given = element["action_id"].partition("#")[0], element.get("value") or "{}"
            yield Press(name, element["action_id"], None, json.loads(given))


def found(blocks: list[Json], action: str, about: int | None = None) -> tuple[Json, str | None]:
    """The element whose id, or the option whose value, begins with ``action``."""
    for element in elements(blocks):
        case = json.loads(element.get("value") or "{}").get("case")
        if str(element["action_id"]).startswith(action) and about in (None, case):
            return element, None
        for option in element.get("options", []):
            if str(option["value"]).startswith(action):
                return element, str(option["value"])
    raise AssertionError(f"no {action} among {[p.interaction for p in interactions(blocks)]}")


def without_limits(here: Local) -> None:
    """Nobody waits for a rate limit: limits are tested where they are made."""
    here.workspace.strict_limits = False
    here.services.delivery.limits.take = lambda *_, **__: 0.0  # type: ignore[method-assign]


@asynccontextmanager
async def office(
    folder: Path,
    *,
    http: bool,
    begins: datetime = BEGINS,
    policy: Policy | None = None,
    **outside: Any,
) -> AsyncIterator[Office]:
    """The office, open from ``begins`` on while the block runs, its dozen customers known.

    ``outside`` are further settings, by their names.
    """
    shift = begins - datetime.now(UTC)
    ws = demo_workspace(WorkspaceClock(real_now=lambda: datetime.now(UTC) + shift))
    ws.add_user(User(id=STRANGER, name="sam.sales", real_name="Sam Sales"))  # has no role
    conversations.join(ws, STRANGER, SUPPORT)
    async with local_app(ws, folder, http=http, policy=policy, outside=outside) as here:
        without_limits(here)
        await import_demo_accounts(here)
        yield Office(here)
