"""Over twelve hours on a SEV1 in Slack: the owner reads it and hands over from the message.

Its notices are "long_turn" and "long_turn_above".
"""

import pytest

from tests.e2e.office import ELENI, HOUR, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_owner_hands_over_from_the_message_that_asks_for_it(desk: Office) -> None:
    number = await desk.stage("investigating")
    worse = {"case": number, "severity": 1, "reason": "Everything is down"}
    await desk.wants(ELENI, "severity", worse)
    await desk.here.settle()
    await desk.pass_time(12 * HOUR)
    (asked,) = [m for m in desk.dms(ELENI) if "12 ώρες" in m.text]
    await desk.press(ELENI, asked, "ask:hand_over")
    assert desk.form(ELENI).callback_id == "hand_over"
    await desk.close_forms(ELENI)
