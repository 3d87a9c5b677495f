"""A contact that is due by the end of a day is said with that day, not with the next one."""

import re
from datetime import UTC, datetime

from bot.rules.words import Language
from messages.sponsorship.notices import sponsorship_notice


def test_the_end_of_a_day_is_its_last_minute() -> None:
    midnight = datetime(2026, 5, 10, 21, tzinfo=UTC)  # the end of 10 May in Athens
    said = {"membership": 1, "customer": "Acme", "due": midnight.isoformat()}
    shown = sponsorship_notice("touch_due", Language.ENGLISH, said).text
    assert re.findall(r"<!date\^(\d+)\^", shown) == [str(int(midnight.timestamp()) - 60)]
    assert "10 May 2026, 20:59 UTC" in shown
