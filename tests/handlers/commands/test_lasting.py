"""How long something lasts, as people type it, by their own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.commands.instants import resolve_time
from handlers.commands.when import read_lasting

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)  # 14:00 in Athens


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("90m", 90), ("90 min", 90), ("1 minute", 1), ("2h", 120), ("2 hours", 120),
        ("90λ", 90), ("45 λεπτά", 45), ("2ω", 120), ("until 15:30", 90), ("έως 15:30", 90),
    ],
)  # fmt: skip
def test_it_ends_so_many_minutes_from_now(text: str, after: int) -> None:
    said = read_lasting(text)
    assert said is not None
    assert resolve_time(said, NOW, ZoneInfo("Europe/Athens")) == NOW + timedelta(minutes=after)


@pytest.mark.parametrize("text", ["90", "m", "90 apples", "soon", "90m more"])
def test_what_names_no_length_is_not_read(text: str) -> None:
    assert read_lasting(text) is None
