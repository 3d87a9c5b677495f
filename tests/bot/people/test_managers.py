"""To whom people answer: by person, by user group, else the support lead."""

import pytest

from bot.people.managers import resolve_managers
from bot.rules.membership import Unfilled
from bot.rules.policy.load import PolicyError, policy_from_spec
from bot.rules.policy.managers import Managers
from bot.rules.words import Role
from tests.bot.policies import defaults

KNOWN = {
    "@payments": ("UTOM", "UBILL"),
    "bill@example.com": ("UBILL",),
    "kate@example.com": ("UKATE",),
}


def read(**named: object) -> Managers:
    """The managers of a policy that has this table."""
    return policy_from_spec({**defaults().spec, "managers": named}).managers


async def named(reference: str) -> tuple[str, ...] | Unfilled:
    """The ids behind a reference, as Slack knows them."""
    return KNOWN.get(reference, (reference,) if reference.startswith("U") else Unfilled.GROUP)


async def unfit(user: str) -> Unfilled | None:
    """Why a person can be no manager."""
    return Unfilled.DEACTIVATED if user == "UGONE" else None


async def test_a_persons_own_line_goes_before_that_of_their_group() -> None:
    written = read(**{"bill@example.com": "kate@example.com", "@payments": "ULEAD1"})
    found = await resolve_managers(written, named, unfit)
    assert found.named == {"UTOM": "ULEAD1", "UBILL": "UKATE"}
    assert found.lost == {}


async def test_a_line_behind_which_nobody_is_found_is_lost_and_named() -> None:
    written = read(**{"@nobody": "ULEAD1", "UTOM1": "UGONE"})
    found = await resolve_managers(written, named, unfit)
    assert found.named == {}
    assert found.lost == {"@nobody": "ULEAD1", "UTOM1": "UGONE"}


def test_without_a_line_it_is_the_first_lead_who_is_another_person() -> None:
    roles = {Role.SUPPORT_LEAD: ("ULEAD",), Role.DIRECTOR: ("UDORA",)}
    managers = Managers({"UTOM": "UKATE"}, {})
    assert [managers.of(user, roles) for user in ("UTOM", "UBILL", "ULEAD")] == [
        "UKATE", "ULEAD", "UDORA",
    ]  # fmt: skip
    assert managers.of("ULEAD", {Role.SUPPORT_LEAD: ("ULEAD",)}) == ""


@pytest.mark.parametrize(
    ("person", "manager", "said"),
    [
        ("bill", "ULEAD1", r"managers\.bill: is nobody"),
        ("UBILL", "@leads", "is no one person"),
        ("UBILL", ["ULEAD1"], "is no one person"),
        ("UBILL", "UBILL", "cannot be their own manager"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(person: str, manager: object, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        read(**{person: manager})
