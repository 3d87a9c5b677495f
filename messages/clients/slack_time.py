"""What time it is by Slack's own clock, and how far ours is from it.

Each answer of Slack carries a ``Date``. What happened in Slack is told by that clock (``ts`` of
messages, ``created`` of channels), so what is looked for there is asked by that clock and never by
ours.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

HEARD = 3  # answers of which the one that fits best counts: a single late one says nothing
APART_MAX = timedelta(seconds=60)  # farther apart, an administrator hears of it


class SlackTime:
    """Slack's clock, as its answers tell it. ``ours`` is the clock that it is compared with.

    While ``ours`` is None nothing is compared; ``steady`` counts seconds and is never set.
    """

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self.ours: Callable[[], datetime] | None = None
        self._steady = steady
        self._date: datetime | None = None
        self._heard_at = 0.0
        self._offsets: deque[timedelta] = deque(maxlen=HEARD)

    def heard(self, headers: Mapping[str, str] | None) -> None:
        """An answer came with these headers; one without a readable ``Date`` teaches nothing.

        Only while ``ours`` is set is an offset kept; of those the last ``HEARD`` count.
        """
        said = {name.lower(): value for name, value in (headers or {}).items()}.get("date", "")
        try:
            date = parsedate_to_datetime(said).astimezone(UTC)
        except ValueError:
            return
        self._date, self._heard_at = date, self._steady()
        if self.ours is not None:
            self._offsets.append(self.ours() - date)

    def now(self) -> datetime | None:
        """Slack's time, never later than it really is; None before the first answer."""
        if self._date is None:
            return None
        return self._date + timedelta(seconds=self._steady() - self._heard_at)

    @property
    def ahead(self) -> timedelta | None:
        """How far our clock is ahead of Slack's, negative where it is behind; None: not known.

        Dates are told to the second, so a second more or less is none.
        """
        return min(self._offsets, key=abs) if self._offsets else None

    @property
    def apart(self) -> bool:
        """True while the clocks differ by more than they should."""
        return len(self._offsets) == HEARD and abs(self.ahead or timedelta(0)) > APART_MAX
