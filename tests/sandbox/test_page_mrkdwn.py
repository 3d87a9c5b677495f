"""Slack's mrkdwn becomes HTML, and text from people never becomes markup."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.web.markdown import markdown
from sandbox.web.mrkdwn import mrkdwn, plain_text
from sandbox.web.reader import Reader
from sandbox.web.richtext import rich_text

NOW = datetime(2026, 2, 18, 12, 5, tzinfo=UTC)  # a Wednesday
UNIX = int(NOW.timestamp())
READER = Reader(
    "U0MAYA",
    tz="Europe/Athens",
    now=NOW,
    base_url="http://127.0.0.1:8484",
    user_name={"U0MAYA": "Maya", "U0DAN": "<Dan>"}.get,
    channel_name={"C0SUPPORT": "support"}.get,
)
ALLOWED = {
    "a", "b", "i", "s", "br", "code", "pre", "blockquote", "span", "time", "p", "ul", "ol", "li",
    "h3", "h4", "h5", "h6", "hr", "div", "table", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"href", "target", "rel", "class", "title", "datetime", "data-user", "start"}


class Tags(HTMLParser):
    """Collects tags, attributes and addresses; notices bad nesting."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.nested = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.nested = self.nested and bool(self.open) and self.open.pop() == tag


def harmless(html: str) -> bool:
    """Only the tags, attributes and addresses that the page may make, properly nested."""
    found = Tags()
    found.feed(html)
    safe = ("http://", "https://", "mailto:", "/?")
    return (
        found.tags <= ALLOWED
        and found.attributes <= ATTRIBUTES
        and all(address.startswith(safe) for address in found.addresses)
        and found.nested
        and not found.open
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~gone~", "<b>bold</b> <i>it</i> <s>gone</s>"),
        ("*bold _and italic_*", "<b>bold <i>and italic</i></b>"),
        ("2*3*4 and snake_case_word", "2*3*4 and snake_case_word"),
        ("`*code*`", "<code>*code*</code>"),
        ("```a <b\nc```", "<pre>a &lt;b\nc</pre>"),
        ("a\n&gt; said\n&gt; twice\nb", "a<blockquote>said<br>twice</blockquote>b"),
        ("&gt;&gt;&gt;all\nof it", "<blockquote>all<br>of it</blockquote>"),
        ("one\ntwo", "one<br>two"),
        (":fire: :no_such_thing:", "🔥 :no_such_thing:"),
        ("a &amp; b", "a &amp; b"),
    ],
)
def test_formatting_is_slacks(text: str, html: str) -> None:
    assert mrkdwn(text, READER) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<img src=x onerror=alert(1)>",
        "*<b onclick='x'>*",
        '<https://a.example/" onclick="alert(1)|label>',
        "<https://a.example|<img src=x>",
        "```<script>```",
        "<@U0DAN>",
        '<!date^1^{time}^https://a.example/"onmouseover="x|f>',
        "<!subteam^S1|<b>x</b>>",
    ],
)
def test_markup_from_people_stays_text(text: str) -> None:
    assert harmless(mrkdwn(text, READER))
    assert harmless(plain_text(text))
    assert harmless(markdown(text, READER))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "//evil.example",
        "file:///etc/passwd",
        "slack://evil",
        "http://",
    ],
)
def test_an_address_that_could_act_is_not_linked(url: str) -> None:
    drawings = (
        mrkdwn(f"<{url}|press>", READER),
        markdown(f"[press]({url})", READER),
        rich_text(
            {
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "link", "url": url, "text": "press"}],
                    }
                ]
            },
            READER,
        ),
    )
    for drawn in drawings:
        assert "href" not in drawn
        assert "press" in drawn


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&amp;b=2"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("slack://channel?team=T1&amp;id=C0SUPPORT", "/?as=U0MAYA&amp;channel=C0SUPPORT"),
        ("slack://app?team=T1&amp;id=A1&amp;tab=home", "/?as=U0MAYA&amp;home=A1"),
        (
            "http://127.0.0.1:8484/archives/C1/p1700000000000100",
            "/?as=U0MAYA&amp;channel=C1&amp;at=1700000000.000100",
        ),
    ],
)
def test_good_addresses_are_linked_and_slacks_own_lead_into_the_page(url: str, href: str) -> None:
    assert f'href="{href}"' in mrkdwn(f"<{url}|go>", READER)


def test_a_bare_address_is_linked_without_its_full_stop() -> None:
    drawn = mrkdwn("see https://a.example/x?y=1&amp;z=2.", READER)
    assert drawn.endswith(">https://a.example/x?y=1&amp;z=2</a>.")
    assert "href" not in mrkdwn("see https://a.example", READER, verbatim=True)


def test_mentions_have_names_and_only_of_what_the_reader_may_see() -> None:
    assert "mention-me" in mrkdwn("<@U0MAYA>", READER)
    assert "@&lt;Dan&gt;" in mrkdwn("<@U0DAN>", READER)
    assert ">#support</a>" in mrkdwn("<#C0SUPPORT>", READER)
    assert mrkdwn("<#C0SECRET>", READER) == '<span class="mention">#private channel</span>'
    assert "mention-all" in mrkdwn("<!here>", READER)


@pytest.mark.parametrize(
    ("zone", "locale", "offset", "words"),
    [
        ("Europe/Athens", "en-US", 0, "Today at 2:05 PM"),
        ("Europe/Athens", "el-GR", 0, "Σήμερα at 14:05"),
        ("Asia/Kolkata", "en-IN", 7 * 3600, "Tomorrow at 12:35 AM"),
        ("America/New_York", "en-US", -8 * 3600, "Yesterday at 11:05 PM"),
        ("Europe/Madrid", "en-GB", 3 * 86400, "Feb 21, 2026 at 13:05"),
    ],
)
def test_a_date_is_in_the_readers_zone_and_day(
    zone: str, locale: str, offset: int, words: str
) -> None:
    reader = Reader("U1", tz=zone, locale=locale, now=NOW)
    drawn = mrkdwn(f"<!date^{UNIX + offset}^{{date_short_pretty}} at {{time}}|soon>", reader)
    assert f">{words}</time>" in drawn


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{date_num}", "2026-02-18"),
        ("{date}", "February 18th, 2026"),
        ("{date_long}", "Wednesday, February 18th, 2026"),
        ("by {date_pretty}", "by today"),
        ("{time_secs}", "2:05:00 PM"),
        ("{ago}", "just now"),
    ],
)
def test_date_tokens_are_slacks(pattern: str, words: str) -> None:
    assert f">{words}</time>" in mrkdwn(f"<!date^{UNIX}^{pattern}|x>", READER)


def test_a_date_that_cannot_be_read_shows_its_fallback() -> None:
    assert mrkdwn("<!date^soon^{time}|at two>", READER) == "at two"
    assert mrkdwn(f"<!date^{UNIX}^{{century}}|at two>", READER) == "at two"


PIECES = st.sampled_from(
    ["*", "_", "~", "`", "```", "<", ">", "&lt;", "|", "\n", "> ", "a", "b ", '"', "'", "@", "!",
     "<@U1>", "<https://a.example|", "javascript:", "\ue000", "\ue0010\ue001", "0", "# ", "- ",
     "](", "[", ")", "**", ":fire:", "onclick=", "<b>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join))
def test_no_text_at_all_becomes_foreign_markup(text: str) -> None:
    assert harmless(mrkdwn(text, READER))
    assert harmless(markdown(text, READER))


def test_markdown_has_headings_lists_tables_and_boxes() -> None:
    lists = markdown("# Agenda\n\n1. one\n2. two\n\n- [x] done\n---\n> q", READER)
    for piece in ("<h3>Agenda</h3>", "<ol><li>one</li>", "☑ done", "<hr>"):
        assert piece in lists
    assert "<blockquote><p>q</p></blockquote>" in lists
    table = markdown("| a | b |\n|---|---|\n| 1 | **2** |", READER)
    assert "<th>a</th>" in table
    assert "<b>2</b>" in table
