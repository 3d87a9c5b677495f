"""Slack's mrkdwn: text from people made harmless, and mentions, times and quotes.

Source: docs.slack.dev/messaging/formatting-message-text.
"""

import re
from datetime import UTC, date, datetime, timedelta
from unicodedata import bidirectional
from urllib.parse import quote as percent

from bot.rules.compliance.persons import is_alias
from bot.rules.local_time import known_zone
from bot.rules.words import Language
from messages.kit.dates import full_day, in_unit
from messages.kit.texts import plural, t

DAY_HOURS = 24
WORD_JOINER = "\u2060"  # no width, no break

# A mark at the edge of a word would format what follows; inside a word or alone it does nothing.
_MARK = re.compile(r"(?<!\w)[*_~](?=\S)|(?<=\S)[*_~](?!\w)|`")
_LOOKALIKES = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
_QUOTE = re.compile(r"^([^\S\n]*)>", re.MULTILINE)  # of each line once, however many are empty
_BROADCAST = re.compile(r"@(here|channel|everyone)\b", re.IGNORECASE)
_PLAIN_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_ADDRESS = "/:?#[]@!$&'()*+,;=%~"  # what a web address may hold unencoded; RFC 3986
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """Escape text from people for a place where Slack reads mrkdwn: it shows as it was typed.

    ``&<>`` become entities, so that no person can be mentioned and no link hides its address. Slack
    has no escape for formatting, so marks that would format become characters that look the same.
    Escaping twice shows the entities: escape once.
    """
    text = _QUOTE.sub(rf"\1{WORD_JOINER}>", text)
    text = _MARK.sub(lambda found: _LOOKALIKES[found[0]], text)
    text = _BROADCAST.sub(rf"@{WORD_JOINER}\1", text)
    return isolate_text("".join(_ENTITIES.get(c, c) for c in text))


def isolate_text(text: str) -> str:
    """Keep text that holds right-to-left letters from reordering the line; other text stays."""
    if any(bidirectional(c) in {"R", "AL", "AN"} for c in text):
        return f"\u2068{text}\u2069"
    return text


def mention_user(user_id: str) -> str:
    """Mention a person by Slack user id; a person who was erased is told by their pseudonym."""
    return user_id if is_alias(user_id) else f"<@{user_id}>"


def mention_channel(channel_id: str) -> str:
    """Link to a channel by id."""
    return f"<#{channel_id}>"


def mrkdwn_link(url: str, label: str) -> str:
    """Make a link; its label is plain text, and is escaped.

    Only the label when the address is not a web address (``https`` or ``http``).
    """
    if not url.startswith(("https://", "http://")):
        return escape(label)
    address = percent(url, safe=_ADDRESS).replace("&", "&amp;")
    return f"<{address}|{escape(label)}>"


def mail_link(address: str, label: str) -> str:
    """Make a link that begins a mail to an address; its label is plain text, and is escaped.

    Only the label for what is no plain address.
    """
    if not _PLAIN_ADDRESS.fullmatch(address):
        return escape(label)
    return f"<mailto:{address}|{escape(label)}>"


def slack_date(instant: datetime, language: Language) -> str:
    """Write an instant that Slack shows in the reader's own zone; UTC where Slack cannot."""
    fallback = local_time(instant, "UTC", language)
    return f"<!date^{int(instant.timestamp())}^{{date_short_pretty}}, {{time}}|{fallback}>"


def time_of_day(instant: datetime) -> str:
    """Write only the time of day of an instant, in the reader's own zone."""
    fallback = f"{instant.astimezone(UTC):%H:%M} UTC"
    return f"<!date^{int(instant.timestamp())}^{{time}}|{fallback}>"


def on_day(day: date, language: Language) -> str:
    """Write a calendar day, the same for every reader: “23 Nov 2026”."""
    return full_day(day, language)


def local_time(instant: datetime, timezone: str, language: Language) -> str:
    """Write an instant in one named zone, for places where Slack does not draw dates.

    An unknown zone name counts as UTC.
    """
    there = instant.astimezone(known_zone(timezone))
    return f"{on_day(there.date(), language)}, {there:%H:%M} {there.tzname()}"


def format_span(length: timedelta, language: Language) -> str:
    """Write a length of time: “2 h 10 min”. Never in days, which would be ambiguous for open hours.

    The sign is dropped; less than a minute is a word, and from a day on minutes are left out.
    """
    minutes = int(abs(length).total_seconds()) // 60
    if minutes < 1:
        return t(language, "span.moment")
    hours, minutes = divmod(minutes, 60)
    parts = [in_unit(hours, "hour", language)] if hours else []
    if minutes and hours < DAY_HOURS:  # beyond a day minutes do not matter
        parts.append(in_unit(minutes, "minute", language))
    return t(language, "span.and").join(parts)


def format_lateness(length: timedelta, language: Language) -> str:
    """Write how long something is overdue: whole days by the calendar from a day on, else a span.

    For wall time only: open hours have no days.
    """
    days = abs(length) // timedelta(days=1)
    return plural(language, "span.days", days) if days else format_span(length, language)


def quote_text(text: str) -> str:
    """Make a block quote of text from people, every line of it, escaped."""
    return "\n".join(f">{escape(line)}" for line in text.strip().splitlines())
