"""Root causes of milder cases are read by a button of App Home, by those who lead alone."""

import pytest

from messages.kit.blocks import actions, button, message
from tests.e2e.office import ELENI, TOMAS, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_who_leads_reads_root_causes_and_nobody_else_does(desk: Office) -> None:
    for who, shown in ((ELENI, True), (TOMAS, False)):
        await desk.here.people.open_home(who)
        home = await desk.here.people.until(lambda who=who: desk.here.people.home(who))
        assert ("show:causes" in str(home.blocks)) is shown
        forged = message("?", actions(button("show:causes", "?", {})))
        await desk.press(who, await desk.post(who, forged), "show:causes")
        assert ("Βασικές αιτίες" in desk.answers(who)[-1].text) is shown
    assert "permission" in desk.answers(TOMAS)[-1].text
