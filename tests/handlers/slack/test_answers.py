"""Private answers: what they say does not depend on where the viewer is, but for times."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

import pytest

from bot.customers.library import shipped_template
from bot.rules.facts import PersonFacts
from bot.rules.problems.facts import BroadcastFacts, PointsFacts, ProblemFacts
from bot.rules.words import Language, MessageKind, Role
from handlers.slack.answers import SHOWN
from tests.bot.policies import defaults
from tests.handlers.fakes import FakeDesk
from tests.messages.limits import walk
from tests.messages.sample_problems import broadcast, points, problem

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


class People:
    """What people are: Maya an agent, Eleni an escalation manager."""

    async def roles(self, user_id: str, number: int | None) -> set[Role]:
        """The roles in the organisation."""
        return {Role.ESCALATION_MANAGER} if user_id == "U0ELENI" else {Role.AGENT}


class Known:
    """One problem with talking points in force."""

    async def points(self, number: int | None = None) -> list[PointsFacts]:
        """The talking points."""
        return [points()]

    async def broadcast(self, problem: int, number: int) -> BroadcastFacts:
        """A message that was approved."""
        return broadcast("approved")

    async def problem(self, number: int) -> ProblemFacts:
        """The problem."""
        return problem(broadcasts=(broadcast("approved"),))


async def pressed(what: str, who: str) -> set[str]:
    """What somebody can press in a private answer."""
    desk = FakeDesk(clock=Standing(LATE), policy=defaults())  # type: ignore[arg-type]
    desk.reading, desk.problems = People(), Known()  # type: ignore[assignment]
    asking = PersonFacts(who, "Somebody", Language.ENGLISH, "UTC")
    answer = await SHOWN[what].show(desk, asking, {"problem": 1, "broadcast": 4})  # type: ignore[arg-type]
    found = [thing for thing in walk(answer.blocks) if "action_id" in thing or "value" in thing]
    ids = {str(each.get("action_id", "")) for each in found}
    ids |= {str(each.get("value", "")).partition("|")[0] for each in found}
    return {each.partition("#")[0] for each in ids}


async def test_an_agent_is_shown_no_button_that_would_be_refused() -> None:
    assert "ask:withdraw_points" in await pressed("points", "U0ELENI")
    assert "ask:withdraw_points" not in await pressed("points", "U0MAYA")
    assert "ask:resolve_problem" in await pressed("problem", "U0ELENI")
    agents = await pressed("problem", "U0MAYA")
    assert "ask:resolve_problem" not in agents
    assert "do:send_broadcast" in await pressed("broadcast", "U0ELENI")
    assert "do:send_broadcast" not in await pressed("broadcast", "U0MAYA")
    assert {"ask:edit_problem", "show:affected"} <= agents
