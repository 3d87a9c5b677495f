"""A first response says all it should where the app sends it; one sent elsewhere is marked."""

from typing import Any

import pytest

from bot.errors import UserError
from storage.models import SentMessage
from tests.bot.stage import ANNA, EMMA, Stage

SHORT = "Maria, I write again at 14:00."
FULL = (
    "Maria, I have your report and know that it cannot wait. We treat it with high priority and"
    " aim to have it solved by tomorrow at 10:00. I write again at 14:00."
)


async def gaps(stage: Stage, number: int, who: str = ANNA, **fields: Any) -> list[str]:
    """Record a message; what the newest one lacks."""
    await stage.update(number, who, **fields)
    return list((await stage.rows(SentMessage, case_number=number))[-1].evidence["gaps"])


async def test_what_it_does_not_say_is_kept_and_the_clock_is_met(stage: Stage) -> None:
    number = await stage.claimed()
    assert await gaps(stage, number, text=SHORT) == ["receipt", "priority", "urgency", "target"]
    assert "first_response" not in await stage.running(number)


async def test_a_full_one_lacks_nothing(stage: Stage) -> None:
    assert await gaps(stage, await stage.claimed(), text=FULL) == []


async def test_what_was_sent_elsewhere_is_marked_too(stage: Stage) -> None:
    number = await stage.claimed()
    said = await gaps(stage, number, EMMA, text="Maria, we are on it.", already_sent=True)
    assert said == ["receipt", "priority", "urgency", "target", "next_update"]


async def test_only_the_first_message_is_held_to_it(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.update(number, text=SHORT)
    assert await gaps(stage, number, text=SHORT) == []


async def test_what_the_app_sends_itself_is_refused_until_it_says_all(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="first_response_lacks") as refused:
        await stage.update(number, text=SHORT, route="mail")
    assert refused.value.facts == {"gaps": ["receipt", "priority", "urgency", "target"]}
    assert await stage.rows(SentMessage, case_number=number) == []
    with pytest.raises(UserError, match="no_mail"):  # this stage sends none; the words would do
        await stage.update(number, text=FULL, route="mail")
