"""Whether a channel is read by another organisation, and whether a link to it works."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.rules.facts.sharing import find_fault, is_shared_outside, read_sharing, teams_of_person
from bot.rules.words import ConnectFault as F

SHARED: Mapping[str, Any] = {
    "name": "acme", "is_member": True, "is_shared": True, "is_ext_shared": True,
    "is_org_shared": False, "shared_team_ids": ["T0OURS", "T0ACME"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "outside"),
    [
        (SHARED, True),
        ({"is_shared": True, "is_org_shared": True, "is_ext_shared": False}, False),
        ({"is_shared": True}, True),
        ({"is_ext_shared": True, "is_org_shared": True}, True),
        ({"is_shared": False, "is_ext_shared": False}, False),
        ({"is_ext_shared": "true"}, False),
        ({}, False),
    ],
)
def test_only_another_organisation_makes_a_channel_shared(
    channel: Mapping[str, Any], outside: bool
) -> None:
    assert is_shared_outside(channel) is outside


@pytest.mark.parametrize(
    ("changes", "confirmed", "fault"),
    [
        ({}, None, None),
        ({}, ["T0ACME"], None),
        ({}, ["T0ACME", "T0GONE"], None),
        ({}, [], F.OTHER_TEAM),
        ({"connected_team_ids": ["T0ACME", "E0OTHER"]}, ["T0ACME"], F.OTHER_TEAM),
        ({"internal_team_ids": ["T0ACME"]}, None, F.NOT_SHARED),
        ({"is_archived": True}, None, F.ARCHIVED),
        ({"is_member": False}, None, F.NOT_IN_CHANNEL),
        ({"is_ext_shared": False, "is_shared": False}, None, F.NOT_SHARED),
        (
            {"is_ext_shared": False, "is_shared": False, "is_pending_ext_shared": True},
            None,
            F.PENDING,
        ),
        ({"shared_team_ids": "T0ACME"}, None, F.NOT_SHARED),
    ],
)
def test_a_link_works_while_the_confirmed_organisations_alone_share_the_channel(
    changes: Mapping[str, Any], confirmed: list[str] | None, fault: F | None
) -> None:
    seen = read_sharing({**SHARED, **changes}, frozenset({"T0OURS"}))
    assert find_fault(seen, confirmed) is fault


def test_a_person_is_of_a_workspace_and_of_its_organisation() -> None:
    user = {"team_id": "T0ACME", "enterprise_user": {"enterprise_id": "E0A", "teams": ["T0B"]}}
    assert teams_of_person(user) == {"T0ACME", "E0A", "T0B"}
    assert teams_of_person({"team_id": None, "enterprise_user": "E0A"}) == set()
