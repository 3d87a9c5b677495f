"""Private answers: what they say does not depend on where the viewer is, but for times."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

import pytest

from bot.customers.library import shipped_template
from bot.rules.facts import PersonFacts
from bot.rules.words import Language, MessageKind
from handlers.slack.answers import SHOWN
from tests.bot.policies import defaults
from tests.handlers.fakes import FakeDesk

LAST_DAY = shipped_template(MessageKind.UPDATE, Language.ENGLISH).expires
LATE = datetime.combine(LAST_DAY, time(23, 30), UTC)  # in Athens the next day has begun


@dataclass
class Standing:
    """A clock at an instant."""

    at: datetime

    def now(self) -> datetime:
        """The time of the case."""
        return self.at

    def real(self) -> datetime:
        """The same."""
        return self.at


async def said(what: str, organisation: str, viewer: str) -> str:
    policy = replace(defaults(), timezone=organisation)
    desk = FakeDesk(clock=Standing(LATE), policy=policy)  # type: ignore[arg-type]
    asking = PersonFacts("U0MAYA", "Maya", Language.ENGLISH, viewer)
    given = {"kind": "update"} if what == "template" else {}
    answer = await SHOWN["templates"].show(desk, asking, given)  # type: ignore[arg-type]
    return str(answer)


@pytest.mark.parametrize("what", ["library", "template"])
async def test_words_expire_by_the_day_of_the_organisation_wherever_the_viewer_is(
    what: str,
) -> None:
    athens = {await said(what, "Europe/Athens", zone) for zone in ("America/Lima", "Asia/Tokyo")}
    lima = {await said(what, "America/Lima", zone) for zone in ("America/Lima", "Asia/Tokyo")}
    assert (len(athens), len(lima)) == (1, 1)
    assert athens != lima
