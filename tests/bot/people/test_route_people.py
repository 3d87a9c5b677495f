"""The team of a component may be a user group: its members stand in its place."""

from dataclasses import dataclass, field, replace

import pytest

from bot.people.route_people import list_lost_teams, resolve_teams, team_references
from bot.rules.membership import Unfilled
from bot.rules.policy.load import PolicyError, policy_from_spec
from bot.rules.policy.routing import Route
from tests.bot.policies import defaults, policy


@dataclass
class Groups:
    """User groups as Slack tells them."""

    asked: list[str] = field(default_factory=list)

    async def named(self, reference: str) -> tuple[str, ...] | Unfilled:
        self.asked.append(reference)
        return {"S0PAY": ("UTOM", "UTWO")}.get(reference, Unfilled.GROUP)


WRITTEN = replace(
    policy(),
    routing={
        "Payments": Route("Payments", "Squad", ("S0PAY", "UTWO", "UMORE")),
        "Cards": Route("Cards", "Squad", ("S0PAY",)),
        "Mobile": Route("Mobile", "Mobile", ("S0GONE",)),
    },
)


async def test_members_stand_in_the_place_of_their_group_each_once() -> None:
    groups = Groups()
    routing = await resolve_teams(WRITTEN.routing, groups.named)
    found = replace(WRITTEN, routing=routing)
    assert {name: route.people for name, route in found.routing.items()} == {
        "Payments": ("UTOM", "UTWO", "UMORE"), "Cards": ("UTOM", "UTWO"), "Mobile": (),
    }  # fmt: skip
    assert groups.asked == ["S0PAY", "S0GONE"]
    assert list_lost_teams(WRITTEN, found) == {"Mobile": ("S0GONE",)}


def test_what_is_known_of_such_a_group_is_kept() -> None:
    assert team_references(WRITTEN) == {"S0PAY", "UTWO", "UMORE", "S0GONE"}


@pytest.mark.parametrize(
    ("person", "good"), [("S0PAYTEAM", True), ("@squad", True), ("a squad", False)]
)
def test_the_policy_takes_user_ids_and_groups(person: str, *, good: bool) -> None:
    spec = {**defaults().spec, "routing": {"Payments": {"people": [person]}}}
    if good:
        assert policy_from_spec(spec).routing["Payments"].people == (person,)
        return
    with pytest.raises(PolicyError, match="user group"):
        policy_from_spec(spec)
