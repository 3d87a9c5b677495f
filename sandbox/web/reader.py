"""Who reads the page: the zone, language and names by which text is drawn for one person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def _unknown(_id: str) -> str | None:
    return None


@dataclass(frozen=True)
class Reader:
    """One person's eyes. `now` is workspace time; the three lookups answer None when hidden.

    ``tickets``: addresses of a help desk's tickets lead to those of this page.
    """

    user_id: str
    tz: str = "UTC"
    locale: str = "en-US"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    base_url: str = ""
    tickets: bool = False
    user_name: Callable[[str], str | None] = _unknown
    channel_name: Callable[[str], str | None] = _unknown
    group_name: Callable[[str], str | None] = _unknown

    @property
    def zone(self) -> ZoneInfo:
        """The reader's time zone; UTC when the name is not known to the machine."""
        try:
            return ZoneInfo(self.tz)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @property
    def language(self) -> str:
        """The two-letter language of the locale, such as "en" or "el"."""
        return self.locale[:2].lower()

    def address(self, **query: str) -> str:
        """The page's own address for this reader, such as `/?as=U0MAYA&channel=C0GENERAL`."""
        return "/?" + urlencode({"as": self.user_id, **query})
