"""What somebody is to our workspace, by what Slack says of them."""

from typing import Any

import pytest

from bot.rules.membership import standing_of
from bot.rules.words import Standing

WORKSPACE = {"team_id": "T0OURS"}
ON_GRID = {"team_id": "T0OURS", "enterprise_id": "E0OURS", "is_enterprise_install": False}
ORGANISATION = {"team_id": "E0OURS", "enterprise_id": "E0OURS", "is_enterprise_install": True}
ELENI: dict[str, Any] = {"id": "U0ELENI", "team_id": "T0OURS", "profile": {"team": "T0OURS"}}


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ({}, Standing.MEMBER),
        ({"is_admin": True, "is_owner": True, "is_app_user": True}, Standing.MEMBER),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_ultra_restricted": True}, Standing.GUEST),
        ({"team_id": "T0OTHERS"}, Standing.OUTSIDER),
        ({"is_stranger": True}, Standing.OUTSIDER),
        ({"is_restricted": True, "team_id": "T0OTHERS", "is_stranger": True}, Standing.OUTSIDER),
        ({"is_bot": True}, Standing.BOT),
        ({"is_workflow_bot": True}, Standing.BOT),
        ({"is_connector_bot": True}, Standing.BOT),
        ({"is_app_user": True, "profile": {"api_app_id": "A1"}}, Standing.BOT),
        ({"id": "USLACKBOT"}, Standing.BOT),
        ({"deleted": True}, Standing.DEACTIVATED),
        ({"deleted": True, "is_restricted": True}, Standing.DEACTIVATED),
    ],
)
def test_only_active_people_of_our_workspace_without_limits_are_members(
    said: dict[str, Any], standing: Standing
) -> None:
    assert standing_of({**ELENI, **said}, WORKSPACE) is standing


def test_on_a_grid_whoever_is_in_our_workspace_too_is_a_member() -> None:
    both = {"team_id": "T0SISTER", "enterprise_user": {"teams": ["T0SISTER", "T0OURS"]}}
    sister = {"team_id": "T0SISTER", "enterprise_user": {"teams": ["T0SISTER"]}}
    assert standing_of({**ELENI, **both}, ON_GRID) is Standing.MEMBER
    assert standing_of({**ELENI, **sister}, ON_GRID) is Standing.OUTSIDER


def test_installed_for_the_organisation_everybody_in_it_is_a_member() -> None:
    ours = {"team_id": "T0SISTER", "enterprise_user": {"enterprise_id": "E0OURS"}}
    theirs = {"team_id": "T0OTHERS", "enterprise_user": {"enterprise_id": "E0OTHERS"}}
    assert standing_of({**ELENI, **ours}, ORGANISATION) is Standing.MEMBER
    assert standing_of({**ELENI, **theirs}, ORGANISATION) is Standing.OUTSIDER


def test_nobody_is_a_member_while_it_is_not_known_which_workspace_is_ours() -> None:
    assert standing_of(ELENI, {}) is None
    assert standing_of({**ELENI, "deleted": True}, {}) is Standing.DEACTIVATED
