"""Any text at all, as people, programs and strangers might send it, and what must not come of it.

The same texts in every run; ``HYPOTHESIS_PROFILE=deep`` tries ten times as many, others each time.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, MutableMapping
from html.parser import HTMLParser
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from bot.rules.csv_files import FORMULA
from tests.e2e.office import Office

Line = MutableMapping[str, Any]

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
# What each language that reads our texts would take for more than text; all of it names evil.
PIECES = (
    "<!channel>", "<!here>", "<!subteam^S0EVIL|x>", "<@U0EVIL>", "<#C0EVIL>", "&lt;!channel&gt;",
    "<https://evil.example|pay>", "<http://evil.example>", "[x](https://evil.example)",
    "*b* _i_ `c`",
    "```", "<script>evil()</script>", "\"'><img src=x onerror=evil()>", "<b class=evil>", "</p>",
    "=HYPERLINK(\"https://evil.example\")", "+1+1", "-1+1", "@SUM(1)", "\t=1", ";=1+1", "＝1",
    "{{ 7*7 }}", "{% if %}", "{0} {name}", "%s %(x)s", "${x}", "\\", "'", '"', "'; DROP TABLE x --",
    "\x00", "\x1b[31m", "\x07", "\u202e", "\u2066", "\ufeff", "\u200b", "\u2028", "\x85", "\xa0",
    "\r\nBcc: evil@evil.example\r\n", "\n", "\n\n> ", "# ", "---", "BEGIN:VEVENT", "😀", "ΐς", "İ",
    "ESC-1", "PRB-1", "CAN-1", "#1", "9" * 30, "-0", "²", "١٢", "NaN", "1e400", "10000-01-01",
    "Q1 2027", "Q9 0000", "0001-01-01", "evil@evil.example", "../../etc/passwd",
    "a" * 300, "Ω" * 3100,
)  # fmt: skip
UNSENDABLE = ("Cs",)  # lone halves of a character: no client can send one
LIVE = re.compile(
    r"<!(?:channel|here|everyone|subteam\^S0EVIL)|<@U0EVIL|<#C0EVIL|<https?://evil\.example"
)


def texts(most: int = 4) -> st.SearchStrategy[str]:
    """Some of the pieces, with anything between them."""
    free = st.text(st.characters(exclude_categories=UNSENDABLE), max_size=12)
    part = st.one_of(st.sampled_from(PIECES), st.sampled_from(PIECES), free)
    return st.lists(part, min_size=1, max_size=most).map("".join)


def tries(count: int) -> Callable[[Any], Any]:
    """So many texts, ten times as many in the deep profile; a slow machine fails none."""
    return settings(
        max_examples=count * 10 if DEEP else count,
        deadline=None,
        derandomize=not DEEP,
        phases=[Phase.generate],  # texts are short, and the store keeps what was typed before
        suppress_health_check=[
            HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
            HealthCheck.large_base_example, HealthCheck.data_too_large,
        ],
    )  # fmt: skip


def mrkdwn_in(part: Any) -> Iterator[str]:
    """Every text in a block that Slack reads as mrkdwn."""
    if isinstance(part, list):
        for each in part:
            yield from mrkdwn_in(each)
    elif isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            yield str(part["text"])
        for value in part.values():
            yield from mrkdwn_in(value)


def live_in_slack(desk: Office) -> list[str]:
    """What anybody sees of the bot in which something typed is a mention or a link."""
    seen: list[str] = []
    for channel in desk.ws.channels.values():
        seen += [channel.topic.value, channel.purpose.value]
        for message in (*channel.messages.values(), *channel.ephemerals.values()):
            if message.user == desk.bot:
                seen += [message.text, *mrkdwn_in(message.blocks or [])]
    for who in desk.ws.users:
        home = desk.here.people.home(who)
        payloads = [home.payload if home else {}, *(v.blocks for v in desk.here.people.views(who))]
        seen += [text for payload in payloads for text in mrkdwn_in(payload)]
    return [text for text in seen if LIVE.search(text)]


def formulas_in(content: str) -> list[str]:
    """The cells of a CSV file that a spreadsheet would run."""
    cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
    return [cell for cell in cells if FORMULA.match(cell) and not re.fullmatch(r"-?[\d.]+", cell)]


def live_in_files(desk: Office) -> list[str]:
    """Formulas in the tables that the app handed out."""
    tables = [f for f in desk.ws.files.values() if f.name.endswith(".csv") and f.content]
    return [cell for f in tables for cell in formulas_in((f.content or b"").decode("utf-8-sig"))]


class Elements(HTMLParser):
    """The elements of a page that none of ours has: they came out of what was typed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.strange: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        evil = tag in {"script", "b", "iframe"} or any(
            name.startswith("on") or (name in {"class", "href", "src"} and "evil" in (value or ""))
            for name, value in attrs
        )
        self.strange += [self.get_starttag_text() or tag] if evil else []


def live_in_page(page: str) -> list[str]:
    """What of a page was markup when it was typed."""
    elements = Elements()
    elements.feed(page)
    elements.close()
    return elements.strange


def faults_in(lines: list[Line]) -> list[Line]:
    """What was logged as a fault of ours since the last look."""
    found = [line for line in lines if "exc_info" in line or line["log_level"] == "error"]
    lines.clear()
    return found


def assert_only_text(desk: Office, lines: list[Line]) -> None:
    """Nothing failed, and nothing that was typed is more than text to whoever reads it."""
    assert [line for line in lines if line["event"] == "malformed_request"] == []
    assert faults_in(lines) == []
    assert live_in_slack(desk) == []
    assert live_in_files(desk) == []
