"""The policy's table of paging: ways have names there, and never their addresses."""

from typing import Any

import pytest

from bot.rules.policy.load import Policy, PolicyError, load_policy, policy_from_spec
from bot.rules.policy.model import Paging


def read(**paging: Any) -> Policy:
    """The default policy with this table."""
    spec = load_policy(None).spec
    return policy_from_spec({**spec, "paging": {**spec.get("paging", {}), **paging}})


def test_people_and_steps_have_ways() -> None:
    paging = read(people={"kate@x.example": ["kate-sms", "kate-sms"], "U0TOM": ["tom"]},
                  steps={"lead": ["tom", "teams"]}).paging  # fmt: skip
    assert paging.ways == ("kate-sms", "tom", "teams")
    assert paging.ways_of("U0TOM", "lead") == ("tom", "teams")
    assert paging.ways_of("U0ANNA", "first") == ()
    assert Paging().ways == ()


@pytest.mark.parametrize(
    ("paging", "said"),
    [
        ({"steps": {"leads": ["a1"]}}, "paging.steps.leads: is no step of paging"),
        ({"people": {"Kate": ["a1"]}}, "paging.people.Kate: is no person"),
        ({"people": {"S0GROUP": ["a1"]}}, "paging.people.S0GROUP: is no person"),
        ({"people": {"U0KATE": []}}, "paging.people.U0KATE: 0 ways"),
        ({"people": {"U0KATE": "a1"}}, "is not a list"),
        ({"people": ["U0KATE"]}, "paging.people: "),
        ({"ways": {}}, "paging.ways: unknown key"),
    ],
)
def test_a_mistake_is_named_where_it_stands(paging: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=said.replace(".", r"\.")):
        read(**paging)


def test_an_address_in_the_place_of_a_name_is_refused_and_not_repeated() -> None:
    with pytest.raises(PolicyError) as refused:
        read(people={"U0KATE": ["twilio://AC1:secret@+30/+31"]})
    assert "paging.people.U0KATE: one of these is no name of a way" in str(refused.value)
    assert "secret" not in str(refused.value)
