"""Which addresses the page may link to, and how Slack's own addresses lead back into it."""

import re
from urllib.parse import parse_qs, urlsplit

from sandbox.web.reader import Reader

_WEB = {"http", "https"}
_ARCHIVE = re.compile(r"/archives/([A-Z0-9]+)(?:/p(\d+))?/?")
_TICKET = re.compile(r"https://secure\.helpscout\.net/conversation/(\d+)")
_UNSAFE = re.compile(r"[\x00-\x20\x7f]")


def _permalink(path: str, query: str, reader: Reader) -> str | None:
    match = _ARCHIVE.fullmatch(path)
    if match is None:
        return None
    where = {"channel": match[1]}
    if match[2]:
        where["at"] = f"{match[2][:-6]}.{match[2][-6:]}"
    thread = parse_qs(query).get("thread_ts")
    if thread:
        where["thread"] = thread[0]
    return reader.address(**where)


def _deep_link(url: str, reader: Reader) -> str | None:
    """`slack://channel?id=C…`, `slack://user?id=U…` and `slack://app?id=A…` (Slack deep links)."""
    parts = urlsplit(url)
    target = parse_qs(parts.query).get("id", [""])[0]
    if not target:
        return None
    if parts.netloc == "channel":
        return reader.address(channel=target)
    if parts.netloc == "user":
        return reader.address(person=target)
    if parts.netloc == "app":
        return reader.address(home=target)
    return None


def safe_href(url: str, reader: Reader) -> str | None:
    """The address to put into `href`, or None when the page must not link there.

    Allowed: http, https, mailto, and slack:// links that lead into this workspace. Links to this
    workspace's own messages, and to tickets of its help desk, become the page's own address.
    """
    url = url.strip()
    if _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme == "slack":
        return _deep_link(url, reader)
    if parts.scheme == "mailto":
        return url
    if parts.scheme not in _WEB or not parts.netloc:
        return None
    if reader.base_url and url.startswith(reader.base_url.rstrip("/") + "/"):
        return _permalink(parts.path, parts.query, reader) or url
    if reader.tickets and (ticket := _TICKET.match(url)):
        return reader.address(ticket=ticket[1])
    return url


def local_image(url: str, reader: Reader) -> str | None:
    """The path of a picture that this workspace serves itself; None for one from elsewhere."""
    base = reader.base_url.rstrip("/")
    if base and url.startswith(base + "/"):
        url = url[len(base) :]
    if url.startswith("/") and not url.startswith("//") and not _UNSAFE.search(url):
        return url
    return None
