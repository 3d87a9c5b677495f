"""The tour: a whole case lived through by its people, printed as they saw it.

Every step says what must have happened; the first that did not ends the tour with exit code 1. The
steps are in ``cli/workspace/tour_story.py``; this module has what they are made of: looking, doing,
and printing what is new. Times are printed in Athens' zone, whatever the zone of the reader. In the
transcript ``▸`` is a message of the bot, ``✓`` what had to happen and did, ``✗`` what did not, or a
mistake at a field of a form.
"""

import os
import re
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from bot.clock import SystemClock
from cli.logs import configure_logs
from cli.workspace.local import Local, local_app
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from sandbox.state import Channel, Json, Message, View

ATHENS = ZoneInfo("Europe/Athens")
BEGINS = datetime(2027, 2, 8, 9, 10, tzinfo=ATHENS)  # a Monday with no holiday near
WIDTH = 96  # columns of the transcript
SEEN_LINES = 6  # lines of a message that the transcript shows

DATE = re.compile(r"<!date\^(\d+)\^[^>]*>")
PERSON = re.compile(r"<@(\w+)>")
ROOM = re.compile(r"<#(\w+)>")


class MissedError(Exception):
    """Something that should have happened did not; the text says what should have."""


@dataclass
class Tour:
    """The story so far: what was printed, and which messages were shown already.

    People are named by their Slack ids. ``lines`` holds the transcript as it was printed, line by
    line. A method that looks raises MissedError where what it looks for is not there, a method that
    acts waits until everything is shown and prints what is new.
    """

    here: Local
    lines: list[str] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def say(self, line: str = "") -> None:
        """Print a line and keep it in ``lines``; without text an empty one."""
        self.lines.append(line)
        typer.echo(line)

    def scene(self, title: str) -> None:
        """Print a heading, after an empty line."""
        self.say()
        self.say(f"── {title} ".ljust(WIDTH, "─"))

    def did(self, who: str, what: str) -> None:
        """Print who did what, after the workspace's time."""
        self.say(f"{self.time()}  {self.name(who)} {what}")

    def time(self) -> str:
        """Return the workspace's time as people in Athens read it: ``Mon 08 Feb 09:10``."""
        return self.here.workspace.clock.now().astimezone(ATHENS).strftime("%a %d %b %H:%M")

    def name(self, user_id: str) -> str:
        """Return a person's real name; the id where the workspace does not know it."""
        user = self.here.workspace.users.get(user_id)
        return user.real_name if user else user_id

    async def settle(self) -> None:
        """Wait until everything is shown, then print what is new. Raises TimeoutError."""
        await self.here.settle()
        for channel, message in self._news():
            self._show(channel, message)

    def _news(self) -> Iterator[tuple[Channel, Message]]:
        """Yield the bot's messages that were not shown yet, channel by channel; each only once.

        What people wrote and what Slack adds by itself is passed over; an edited message is not
        new.
        """
        for channel in list(self.here.workspace.channels.values()):
            for message in (*channel.messages.values(), *channel.ephemerals.values()):
                key = (channel.id, message.ts)
                if key not in self._seen:
                    self._seen.add(key)
                    if message.subtype is None and message.user == self.bot:
                        yield channel, message

    def read(self, text: str) -> str:
        """Return a text as it reads in Athens: names for ids, local times for instants.

        ``<@U0MAYA>`` becomes ``Maya Lind``, ``<#C0SUPPORT>`` becomes ``#support``, ``<!date^…>`` a
        time. A channel that the workspace does not have stays as it is written; other markup is not
        read.
        """
        channels = self.here.workspace.channels
        text = DATE.sub(lambda m: _local(int(m[1])), text)
        text = PERSON.sub(lambda m: self.name(m[1]), text)
        return ROOM.sub(lambda m: f"#{channels[m[1]].name}" if m[1] in channels else m[0], text)

    @property
    def bot(self) -> str:
        """The user id of the bot: that of the first app in the workspace."""
        return next(iter(self.here.workspace.apps.values())).bot_user_id

    def _show(self, channel: Channel, message: Message) -> None:
        """Print where a message stands and its first ``SEEN_LINES`` lines, without empty ones."""
        where = self.place(channel)
        if message.ephemeral_to:
            where = f"only {self.name(message.ephemeral_to)} in {where}"
        text = [line for line in self.read(message.text).splitlines() if line.strip()]
        shown = text[:SEEN_LINES] + (["…"] if len(text) > SEEN_LINES else [])
        self.say(f"    ▸ {where}: " + ("\n        ".join(shown)))

    def place(self, channel: Channel) -> str:
        """Name a channel as people do: ``#esc-1-acme``, or ``DM to Maya Lind``."""
        if not channel.is_im:
            return f"#{channel.name}"
        other = next((m for m in channel.members if m != self.bot), "")
        return f"DM to {self.name(other)}"

    # -- looking

    def must(self, condition: object, what: str) -> None:
        """Raise MissedError with ``what`` unless ``condition`` holds; print it when it does."""
        if not condition:
            raise MissedError(what)
        self.say(f"    ✓ {what}")

    def channel(self, prefix: str) -> Channel:
        """Return the only channel with this prefix. Raises MissedError for none or several."""
        found = [c for c in self.here.workspace.channels.values() if c.name.startswith(prefix)]
        if len(found) != 1:
            raise MissedError(f"one channel {prefix}…, there are {len(found)}")
        return found[0]

    def form(self, who: str) -> View:
        """Return the form on top of a person's screen. Raises MissedError when none is open."""
        stack = self.here.people.views(who)
        if not stack:
            raise MissedError(f"a form is open in front of {self.name(who)}")
        return stack[-1]

    def dms(self, who: str) -> list[Message]:
        """Return what the bot told a person in private, oldest first."""
        return [
            m
            for c in self.here.workspace.channels.values()
            if c.is_im and who in c.members
            for m in c.messages.values()
            if m.user == self.bot
        ]

    def told(self, who: str, *words: str) -> bool:
        """Return whether one message to a person has all these words, case included.

        Only the text is looked at, not the blocks.
        """
        return any(all(w in m.text for w in words) for m in self.dms(who))

    def posted(self, channel: Channel, *words: str) -> bool:
        """Return whether one message of the bot in the channel has all these words."""
        return any(
            all(w in m.text for w in words) for m in channel.messages.values() if m.user == self.bot
        )

    def card(self, channel: Channel) -> Message:
        """Return the first pinned message. Raises MissedError when none is pinned."""
        if not channel.pins:
            raise MissedError("the card is pinned")
        return channel.messages[next(iter(channel.pins))]

    # -- doing

    async def command(self, who: str, channel: Channel, line: str) -> None:
        """Type a command, such as ``/escalate claim``, into a channel and send it."""
        self.did(who, f"types {line}  in {self.place(channel)}")
        await self.here.people.command(who, channel.id, line)
        await self.settle()

    async def press(self, who: str, channel: Channel, ts: str, action: str) -> None:
        """Press the button, or choose the menu entry, with an action that begins with ``action``.

        ``ts`` is that of a message in ``channel``, or of one there that a single person sees. For a
        button it is the action id that is compared, for an entry of a menu its value. Raises
        MissedError when the message has none.
        """
        message = channel.messages.get(ts) or channel.ephemerals[ts]
        element, value = _element(message.blocks or [], action)
        self.did(who, f"presses “{_label(element, value)}”")
        await self.here.people.click(
            who, channel_id=channel.id, ts=ts, action_id=element["action_id"], value=value
        )
        await self.settle()

    async def fill(self, who: str, values: dict[str, object]) -> dict[str, str]:
        """Fill in the open form and send it; return the errors by block id, if any.

        ``values`` are by block id or action id, plain as ``sandbox.values`` reads them. Fields that
        are not in ``values`` keep what they had. Errors are printed and the form then stays open.
        """
        view = self.form(who)
        title = view.payload["title"]["text"]
        self.did(who, f"fills in “{title}”")
        errors = await self.here.people.submit(who, view.id, values)
        for name, text in errors.items():
            self.say(f"    ✗ at {name}: {text}")
        await self.settle()
        return errors

    async def wait(self, span: timedelta) -> None:
        """Let ``span`` of workspace time pass, stopping at everything that falls due on the way."""
        await self.here.workspace.clock.advance(span)
        self.say(f"{self.time()}  … {_span(span)} later")
        await self.settle()

    async def skip(self, span: timedelta) -> None:
        """Let whole days of workspace time pass, stopping at everything that falls due on the way.

        What the bot says meanwhile is counted, not printed, and is not news afterwards.
        """
        await self.here.workspace.clock.advance(span)
        await self.here.settle()
        news = len(list(self._news()))
        self.say(f"{self.time()}  … {span.days} days later; {news} messages came meanwhile")

    async def until(self, instant: datetime) -> None:
        """Let workspace time pass until ``instant``; at once when it has passed."""
        await self.here.workspace.clock.advance_to(instant)
        self.say(f"{self.time()}  … time passes")
        await self.settle()


def _local(unix: int) -> str:
    """Return seconds since 1970 as a time in Athens: ``Mon 08 Feb 09:10``."""
    return datetime.fromtimestamp(unix, ATHENS).strftime("%a %d %b %H:%M")


def _elements(blocks: Iterable[Json]) -> Iterator[Json]:
    """Yield what can be pressed in blocks: elements of a row, and what stands beside a text."""
    for block in blocks:
        yield from block.get("elements", [])
        if "accessory" in block:
            yield block["accessory"]


def _element(blocks: Iterable[Json], action: str) -> tuple[Json, str | None]:
    """Return the first element with such an action, and None; or a menu and the option's value.

    Raises MissedError when there is neither.
    """
    for element in _elements(blocks):
        if str(element.get("action_id", "")).startswith(action):
            return element, None
        for option in element.get("options", []):
            if str(option["value"]).startswith(action):
                return element, str(option["value"])
    raise MissedError(f"there is a button or menu entry {action}")


def _label(element: Json, value: str | None) -> str:
    """Return what a person reads on an option, else on the element; its action id without text."""
    for option in element.get("options", []):
        if option["value"] == value:
            return str(option["text"]["text"])
    return str(element.get("text", {}).get("text", element.get("action_id")))


def _span(span: timedelta) -> str:
    """Return a span in whole minutes: ``45 min``, ``1 h 30 min``; empty below a minute."""
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return " ".join(p for p in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if p)


async def play(story: Callable[[Tour], Awaitable[None]], *, http: bool = False) -> int:
    """Play a story in a new workspace; return 0 when every step happened, else 1.

    It begins at ``BEGINS`` in workspace time, whenever it is played; from there on that time runs
    as fast as the machine's, and scenes move it forward. ``http`` has the workspace deliver over
    HTTP instead of Socket Mode. LOG_LEVEL is read from the environment, by default CRITICAL, so
    that logs do not mix with the transcript. What was stored is deleted at the end.
    """
    configure_logs(os.environ.get("LOG_LEVEL", "CRITICAL"))
    real = SystemClock()
    shift = BEGINS - real.now()
    workspace = demo_workspace(WorkspaceClock(real_now=lambda: real.now() + shift))
    with tempfile.TemporaryDirectory(prefix="escalation-desk-") as folder:
        async with local_app(workspace, Path(folder), http=http) as here:
            tour = Tour(here)
            try:
                await story(tour)
            except MissedError as missed:
                tour.say(f"    ✗ did not happen: {missed}")
                return 1
    tour.say()
    tour.say("Every step happened.")
    return 0


def draft_in(view: View) -> str:
    """Return the text that the form opened with. Raises StopIteration when it has no such field."""
    draft = next(b for b in view.blocks if b["block_id"].startswith("text"))
    return str(draft["element"].get("initial_value", ""))


def spoken(words: str) -> str:
    """Return the draft without its lines in brackets, as a person would send it."""
    lines = [line for line in words.splitlines() if "[" not in line]
    return "\n".join(lines) or words
