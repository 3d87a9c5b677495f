"""Slack's mrkdwn as HTML in which text from people never becomes markup.

Control sequences (`<@U…>`, `<url|label>`, `<!date^…>`) and code are first set aside; everything
else is escaped; only then does formatting add tags, all of them fixed in this file.
"""

import re
from datetime import UTC, datetime

from markupsafe import Markup, escape

from sandbox.web.dates import format_date, full
from sandbox.web.emoji import EMOJI
from sandbox.web.links import safe_href
from sandbox.web.reader import Reader

_SPECIAL = re.compile(r"```\n?(?P<pre>.+?)```|`(?P<code>[^`\n]+)`|<(?P<control>[^<>\n]+)>", re.S)
_BARE_URL = re.compile(r"(?<![\w@/])https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}*_~]")
_STYLES = {"*": "b", "_": "i", "~": "s"}
_STYLED = re.compile(
    r"(?<![\w*_~`])(?P<mark>[*_~])(?=[^\s*_~]|[*_~]\S)(?P<inner>[^\n]*?[^\s\n])(?P=mark)(?!\w)"
)
_EMOJI = re.compile(r":([a-z0-9_+'-]+):")
# Placeholders for what was set aside: private-use characters, removed from the text beforehand.
_OPEN, _CLOSE = "\ue000", "\ue001"
_HELD = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_BROADCASTS = {"here", "channel", "everyone"}


def unescape(text: str) -> str:
    """Slack's three entities back to characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mrkdwn(text: str, reader: Reader, *, verbatim: bool = False) -> Markup:
    """Draw Slack mrkdwn for the reader. `verbatim` leaves bare addresses unlinked."""
    return _Drawing(reader, verbatim=verbatim).draw(text)


def emojis(text: str) -> str:
    """`:name:` as the character, where the name is known."""
    return _EMOJI.sub(lambda match: EMOJI.get(match[1], match[0]), text)


def plain_text(text: str, *, emoji: bool = True) -> Markup:
    """Draw a plain_text object: escaped, line breaks kept, `:emoji:` as characters."""
    shown = emojis(unescape(text)) if emoji else unescape(text)
    return Markup("<br>").join(escape(line) for line in shown.split("\n"))


def anchor(url: str, label: str | Markup, reader: Reader) -> Markup:
    """A link when the address is allowed; otherwise the label alone."""
    href = safe_href(url, reader)
    if href is None:
        return escape(label)
    if href.startswith("/"):
        return Markup('<a href="{}">{}</a>').format(href, label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
        href, label
    )


def person(user_id: str, fallback: str, reader: Reader) -> Markup:
    """A mention of a person; marked when it is the reader."""
    name = reader.user_name(user_id) or fallback or user_id
    me = " mention-me" if user_id == reader.user_id else ""
    return Markup('<a class="mention{}" href="{}" data-user="{}">@{}</a>').format(
        me, reader.address(person=user_id), user_id, name
    )


def channel(channel_id: str, fallback: str, reader: Reader) -> Markup:
    """A link to a channel; only a word when the reader may not see it."""
    name = reader.channel_name(channel_id)
    if name is None:
        return Markup('<span class="mention">#{}</span>').format(fallback or "private channel")
    return Markup('<a class="mention" href="{}">#{}</a>').format(
        reader.address(channel=channel_id), name
    )


def date(unix: str, pattern: str, link: str, fallback: str, reader: Reader) -> Markup:
    """A `<!date^…>` in the reader's zone; the fallback when it cannot be understood."""
    try:
        instant = datetime.fromtimestamp(int(unix), UTC)
    except (ValueError, OverflowError, OSError):
        return escape(fallback)
    words = format_date(instant, pattern, reader)
    if words is None:
        return escape(fallback)
    shown = Markup('<time datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(), full(instant, reader), words
    )
    return anchor(link, shown, reader) if link else shown


def _special(body: str, label: str, reader: Reader) -> Markup:
    """`<!here>`, `<!subteam^S…>`, `<!date^…>`; `body` is what follows the mark."""
    parts = body.split("^")
    if parts[0] == "date" and len(parts) >= 3:
        return date(parts[1], parts[2], "^".join(parts[3:]), label, reader)
    if parts[0] == "subteam" and len(parts) > 1:
        name = reader.group_name(parts[1]) or label.lstrip("@") or parts[1]
        return Markup('<span class="mention">@{}</span>').format(name)
    if parts[0] in _BROADCASTS:
        return Markup('<span class="mention mention-all">@{}</span>').format(parts[0])
    return escape(label or f"<!{body}>")


class _Drawing:
    """One text on its way to HTML, with the pieces that were set aside."""

    def __init__(self, reader: Reader, *, verbatim: bool) -> None:
        self.reader = reader
        self.verbatim = verbatim
        self.held: list[Markup] = []

    def draw(self, text: str) -> Markup:
        text = text.replace(_OPEN, "").replace(_CLOSE, "")
        text = _SPECIAL.sub(lambda match: self._hold(self._aside(match)), text)
        text = unescape(text)
        if not self.verbatim:
            text = _BARE_URL.sub(
                lambda match: self._hold(anchor(match[0], match[0], self.reader)), text
            )
        return self._release(self._paragraphs(text))

    def _hold(self, piece: Markup) -> str:
        self.held.append(piece)
        return f"{_OPEN}{len(self.held) - 1}{_CLOSE}"

    def _release(self, drawn: Markup) -> Markup:
        # Held pieces hold no others: only a bare address or code goes in, already drawn.
        return Markup(_HELD.sub(lambda match: str(self.held[int(match[1])]), str(drawn)))  # noqa: S704

    def _aside(self, match: re.Match[str]) -> Markup:
        if match["pre"] is not None:
            return Markup("<pre>{}</pre>").format(unescape(match["pre"].rstrip("\n")))
        if match["code"] is not None:
            return Markup("<code>{}</code>").format(unescape(match["code"]))
        return self._control(match["control"])

    def _control(self, body: str) -> Markup:
        target, _, label = body.partition("|")
        label = emojis(unescape(label))
        if target.startswith("@"):
            return person(target[1:], label, self.reader)
        if target.startswith("#"):
            return channel(target[1:], label, self.reader)
        if target.startswith("!"):
            return _special(target[1:], label, self.reader)
        url = unescape(target)
        if ":" not in url:
            return escape(f"<{unescape(body)}>")
        return anchor(url, label or url.removeprefix("mailto:"), self.reader)

    def _paragraphs(self, text: str) -> Markup:
        pieces: list[Markup] = []
        quote: list[Markup] = []
        rest_is_quoted = False
        for line in text.split("\n"):
            if line.startswith(">>>"):
                rest_is_quoted = True
                line = line[3:]
            elif line.startswith(">"):
                quote.append(self._styled(line[1:].removeprefix(" ")))
                continue
            if rest_is_quoted:
                quote.append(self._styled(line))
                continue
            self._close_quote(pieces, quote)
            pieces.append(self._styled(line))
        self._close_quote(pieces, quote)
        joined = Markup("<br>").join(pieces)
        # A quote and a code block end their own line.
        return Markup(  # noqa: S704
            re.sub(r"(</blockquote>)<br>|<br>(<blockquote>)", r"\1\2", str(joined))
        )

    def _close_quote(self, pieces: list[Markup], quote: list[Markup]) -> None:
        if quote:
            body = Markup("<br>").join(quote)
            pieces.append(Markup("<blockquote>{}</blockquote>").format(body))
            quote.clear()

    def _styled(self, text: str) -> Markup:
        """Escape the text and turn `*b*`, `_i_`, `~s~` into properly nested tags."""
        match = _STYLED.search(text)
        if match is None:
            return escape(emojis(text))
        tag = _STYLES[match["mark"]]
        return Markup("{}<{tag}>{}</{tag}>{}").format(
            escape(emojis(text[: match.start()])),
            self._styled(match["inner"]),
            self._styled(text[match.end() :]),
            tag=tag,
        )
