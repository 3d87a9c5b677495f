"""People, groups and the team by the Web API; who is there to begin with."""

from tests.sandbox.api_world import Desk, code


async def test_a_person_has_title_zone_and_locale(desk: Desk) -> None:
    answer = await desk.client.users_info(user="U0ELENI", include_locale=True)
    user = answer["user"]
    assert user["profile"]["title"] == "Escalation manager"
    assert user["profile"]["email"] == "eleni.georgiou@northwind.example"
    assert (user["tz"], user["locale"], user["is_bot"]) == ("Europe/Athens", "en-GB", False)
    assert user["tz_offset"] in {7200, 10800}
    without = await desk.client.users_info(user="U0ELENI")
    assert "locale" not in without["user"]
    assert await code(desk.client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_the_list_has_everybody_and_the_bot(desk: Desk) -> None:
    members = (await desk.client.users_list())["members"]
    assert len(members) == 10
    bots = [m for m in members if m["is_bot"]]
    assert [b["profile"]["api_app_id"] for b in bots] == [desk.app.app_id]


async def test_a_person_is_found_by_address(desk: Desk) -> None:
    found = await desk.client.users_lookupByEmail(email="Tomas.Ruiz@northwind.example")
    assert found["user"]["id"] == "U0TOMAS"
    desk.ws.users["U0TOMAS"].deleted = True
    gone = desk.client.users_lookupByEmail(email="tomas.ruiz@northwind.example")
    assert await code(gone) == "users_not_found"


async def test_groups_have_handles_and_members(desk: Desk) -> None:
    groups = (await desk.client.usergroups_list(include_users=True))["usergroups"]
    assert {g["handle"]: g["users"] for g in groups} == {
        "support": ["U0MAYA", "U0NIKOS", "U0KATE"],
        "executives": ["U0SOFIA", "U0RICHARD"],
    }
    users = await desk.client.usergroups_users_list(usergroup="S0EXECS")
    assert users["users"] == ["U0SOFIA", "U0RICHARD"]
    none = desk.client.usergroups_users_list(usergroup="S0NONE")
    assert await code(none) == "no_such_subteam"


async def test_the_team_and_the_bot_introduce_themselves(desk: Desk) -> None:
    assert (await desk.client.team_info())["team"]["name"] == "Northwind Support"
    bot = (await desk.client.bots_info(bot=desk.app.bot_id))["bot"]
    assert bot["user_id"] == "U0DESK"
    assert await code(desk.client.bots_info(bot="B0NONE")) == "bot_not_found"


async def test_an_echo_can_be_told_to_fail(desk: Desk) -> None:
    answer = await desk.client.api_test(hello="there")
    assert answer["args"]["hello"] == "there"
    assert await code(desk.client.api_test(error="my_error")) == "my_error"
