"""What a look found, compared with what was heard of the bug before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.rules.bugs.news import BugNews, find_news
from bot.rules.bugs.state import BugState, BugTrouble, read_state

FindNews = Callable[[BugState | None, BugState], BugNews | None]
UNSHOWN = "unshown"  # the key of ``bug_seen`` that says: it was told that the bug shows no link


@dataclass(frozen=True, slots=True)
class Sight:
    """One look: the bug's page, and either its state or why it could not be read."""

    url: str
    state: BugState | None = None
    trouble: BugTrouble | None = None

    def is_moved(self, key: str) -> bool:
        """Whether the bug has another key than this one now."""
        return self.state is not None and self.state.key != key

    def news_after(self, seen: Mapping[str, Any], find: FindNews = find_news) -> BugNews | None:
        """What is new since ``seen``, as the column ``bug_seen`` has it; ``find`` judges states.

        A trouble is new once: neither another one nor the same again is told while it lasts, but
        for a deletion that was not known to be one.
        """
        if self.state is not None:
            return find(read_state(seen), self.state)
        was = seen.get("trouble")
        known = was and not (self.trouble is BugTrouble.DELETED and was == BugTrouble.GONE)
        return None if known or self.trouble is None else BugNews(self.trouble.value)

    def to_column(self, seen: Mapping[str, Any]) -> dict[str, Any]:
        """The column ``bug_seen`` after this look: in trouble, what was last read stays."""
        if self.state is not None:
            told = {UNSHOWN: True} if seen.get(UNSHOWN) else {}
            return {**self.state.to_json(), "url": self.url, **told}
        assert self.trouble is not None  # it is one or the other
        return {**seen, "url": self.url, "trouble": self.trouble.value}

    def facts(self, key: str, seen: Mapping[str, Any]) -> dict[str, Any]:
        """What notices say of the bug, as JSON; ``expected`` is a day in ISO 8601, or empty.

        In trouble it is what was last read.
        """
        state = self.state or read_state(seen) or BugState(key)
        version, day = state.version, state.fix_day
        return {
            "bug": state.key,
            "url": self.url,
            "there": state.status,
            "version": version.name if version else "",
            "expected": day.isoformat() if day else "",
            "answer_there": state.resolution,
        }
