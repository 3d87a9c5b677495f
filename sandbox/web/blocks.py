"""Block Kit as HTML: every block and element, drawn by the macros of `templates/blocks.html`.

What the page's script needs is in `data-` attributes: `data-block-id`, `data-action-id`,
`data-type`, and `data-act` on elements that tell the app at once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from sandbox.state import Json
from sandbox.web.dates import local
from sandbox.web.links import local_image, safe_href
from sandbox.web.markdown import markdown
from sandbox.web.mrkdwn import mrkdwn, plain_text
from sandbox.web.reader import Reader
from sandbox.web.richtext import rich_text

_UNSAFE_ID = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Choice:
    """One thing that can be chosen: the value that travels and the words a person reads."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Place:
    """Where blocks are drawn: `key` makes ids unique, `state` is Slack's `state.values`.

    `people` and `channels` are what selects offer.
    """

    key: str
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    people: Callable[[], list[Choice]] = list
    channels: Callable[[], list[Choice]] = list


def environment() -> Environment:
    """The templates of the page, autoescaped. A key that an app left out counts as empty."""
    return Environment(
        loader=PackageLoader("sandbox", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_TEMPLATES = environment()


class BlockDrawing:
    """The helpers that the macros call, for one reader at one place."""

    def __init__(self, reader: Reader, place: Place) -> None:
        self.reader = reader
        self.place = place

    def text(self, value: Json | str | None) -> Markup:
        """A text object of either kind."""
        if not value:
            return Markup()
        if isinstance(value, str):
            return plain_text(value)
        words = str(value.get("text", ""))
        if value.get("type") == "mrkdwn":
            return mrkdwn(words, self.reader, verbatim=bool(value.get("verbatim")))
        return plain_text(words, emoji=value.get("emoji", True) is not False)

    def words(self, value: Json | None) -> str:
        """A text object for an attribute: characters only (the template escapes them)."""
        return Markup(" ").join(self.text(value).split(Markup("<br>"))).striptags()

    def rich_text(self, block: Json) -> Markup:
        """A `rich_text` block or cell."""
        return rich_text(block, self.reader)

    def markdown(self, text: str) -> Markup:
        """A `markdown` block's text."""
        return markdown(text, self.reader)

    def href(self, url: str) -> str | None:
        """The address when it may be linked to."""
        return safe_href(url, self.reader)

    def picture(self, block: Json) -> str | None:
        """The path of a local picture; None when it lies elsewhere and is not loaded."""
        slack_file = block.get("slack_file") or {}
        if slack_file.get("id"):
            return f"/_/file/{slack_file['id']}?as={self.reader.user_id}"
        return local_image(block.get("image_url") or slack_file.get("url") or "", self.reader)

    def html_id(self, *parts: str) -> str:
        """An id attribute that is unique on the page."""
        return _UNSAFE_ID.sub("-", "-".join((self.place.key, *parts)))

    def choices(self, element: Json) -> list[tuple[str, list[Choice]]]:
        """What a select offers, by group (one group without a name where there are none)."""
        kind = str(element.get("type", ""))
        if "users" in kind:
            return [("", self.place.people())]
        if "channels" in kind or "conversations" in kind:
            return [("", self.place.channels())]
        groups = element.get("option_groups")
        if groups:
            return [(self.words(g.get("label")), self.options(g["options"])) for g in groups]
        return [("", self.options(element.get("options") or []))]

    def options(self, options: list[Json]) -> list[Choice]:
        """Slack's option objects as choices."""
        return [
            Choice(
                str(option.get("value", "")),
                self.words(option.get("text")),
                self.words(option.get("description")),
            )
            for option in options
        ]

    def chosen(self, element: Json, block_id: str) -> list[Choice]:
        """What is selected now: the person's own state first, then the app's initial value."""
        state = self._state(element, block_id)
        prefix = "initial" if state is None else "selected"
        source = element if state is None else state
        options = source.get(f"{prefix}_options")
        if options is None:
            option = source.get(f"{prefix}_option")
            options = [option] if option else []
        ids = [
            value
            for kind in ("user", "channel", "conversation")
            for value in _many(source, prefix, kind)
        ]
        names = {c.value: c for _, group in self.choices(element) for c in group} if ids else {}
        return self.options(options) + [names.get(i, Choice(i, i)) for i in ids]

    def value(self, element: Json, block_id: str) -> str:
        """What an input field holds now, as its HTML value."""
        state = self._state(element, block_id)
        for source, prefix in ((state, "selected_"), (state, ""), (element, "initial_")):
            for name in ("value", "rich_text_value", "date", "time", "date_time"):
                held = (source or {}).get(prefix + name)
                if held not in (None, ""):
                    return self._shown(held, name)
        return ""

    def _shown(self, held: str | int | Json, name: str) -> str:
        if isinstance(held, dict):
            return _words_of(held)
        if name != "date_time":
            return str(held)
        instant = datetime.fromtimestamp(int(held), UTC)
        return f"{local(instant, self.reader):%Y-%m-%dT%H:%M}"

    def _state(self, element: Json, block_id: str) -> Json | None:
        return self.place.state.get(block_id, {}).get(str(element.get("action_id", "")))


def _words_of(rich: Json) -> str:
    """The characters of a rich_text object, one line for each of its parts."""
    if "text" in rich:
        return str(rich["text"])
    glue = "\n" if rich.get("type") == "rich_text" else ""
    return glue.join(_words_of(part) for part in rich.get("elements") or [])


def _many(source: Json, prefix: str, kind: str) -> list[str]:
    several = source.get(f"{prefix}_{kind}s")
    if several:
        return [str(value) for value in several]
    one = source.get(f"{prefix}_{kind}")
    return [str(one)] if one else []


def draw_blocks(blocks: list[Json], reader: Reader, place: Place) -> Markup:
    """Draw blocks in order. A type that the page does not know is named, not hidden."""
    module = _TEMPLATES.get_template("blocks.html").make_module(
        {"kit": BlockDrawing(reader, place)}
    )
    drawn: str = module.blocks(blocks)  # type: ignore[attr-defined]
    return Markup(drawn)  # noqa: S704  (a macro of an autoescaped template)
