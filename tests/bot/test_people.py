"""The directory: what is known of people, for how long, and who is let in."""

from typing import Any

import pytest

from bot.errors import UserError
from bot.people import FRESH, People
from bot.rules.words import Language, Standing
from messages.slack import SlackRefused, SlackUnknown
from storage.models import Person
from tests.bot.store import NOW, Keeper

ELENI = {"id": "U0ELENI", "team_id": "T0OURS", "name": "eleni", "locale": "el-GR"}


class Directory:
    """A Slack that knows a few people, counts what it is asked, and can be away."""

    def __init__(self, *users: dict[str, Any]) -> None:
        self.users = {str(user["id"]): user for user in users}
        self.calls: list[str] = []
        self.away = False

    async def identity(self) -> dict[str, Any]:
        return {"team_id": "T0OURS"}

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        self.calls.append(method)
        if self.away:
            raise SlackUnknown(method, "away")
        if method == "users.info":
            if given["user"] not in self.users:
                raise SlackRefused(method, "user_not_found")
            return {"user": self.users[given["user"]]}
        found = [u for u in self.users.values() if u.get("email") == given["email"]]
        if not found:
            raise SlackRefused(method, "users_not_found")
        return {"user": {k: v for k, v in found[0].items() if k != "locale"}}


def people(keeper: Keeper, slack: Directory) -> People:
    return People(keeper.database, keeper.clock, slack)  # type: ignore[arg-type]


async def refusal(directory: People, user_id: str) -> str:
    with pytest.raises(UserError) as raised:
        await directory.require_member(user_id)
    return raised.value.key


async def test_only_full_members_are_let_in_and_the_others_are_told_why(keeper: Keeper) -> None:
    directory = people(
        keeper,
        Directory(
            ELENI,
            {"id": "U0GUEST", "team_id": "T0OURS", "is_restricted": True},
            {"id": "U0THEIRS", "team_id": "T0THEIRS"},
            {"id": "U0GONE", "team_id": "T0OURS", "deleted": True},
            {"id": "U0BOT", "team_id": "T0OURS", "is_bot": True},
        ),
    )

    await directory.require_member("U0ELENI")
    assert await refusal(directory, "U0GUEST") == "guest"
    assert await refusal(directory, "U0THEIRS") == "outsider"
    assert await refusal(directory, "U0GONE") == "deactivated"
    assert await refusal(directory, "U0BOT") == "bot"
    assert await refusal(directory, "U0NOBODY") == "unknown"


async def test_slack_is_asked_once_and_what_is_known_outlives_a_restart(keeper: Keeper) -> None:
    slack = Directory(ELENI)
    for _ in range(3):
        await people(keeper, slack).require_member("U0ELENI")

    assert slack.calls == ["users.info"]
    assert (await people(keeper, slack).person("U0ELENI")).standing is Standing.MEMBER


async def test_while_slack_is_away_members_pass_and_who_is_not_known_does_not(
    keeper: Keeper,
) -> None:
    slack = Directory(ELENI)
    await people(keeper, slack).require_member("U0ELENI")
    slack.away = True

    await people(keeper, slack).require_member("U0ELENI")
    assert await refusal(people(keeper, slack), "U0MAYA") == "unchecked"


async def test_a_refused_token_makes_nobody_unknown(keeper: Keeper) -> None:
    slack = Directory()

    async def refuse(method: str, **_: Any) -> dict[str, Any]:
        raise SlackRefused(method, "missing_scope")

    slack.call = refuse  # type: ignore[method-assign]
    assert await refusal(people(keeper, slack), "U0ELENI") == "unchecked"


async def test_a_row_without_a_standing_is_asked_anew(keeper: Keeper) -> None:
    async with keeper.database.write() as session:
        session.add(Person(user_id="U0GONE", name="Gus", fetched_at=NOW))
    slack = Directory({"id": "U0GONE", "team_id": "T0OURS", "deleted": True})

    assert await refusal(people(keeper, slack), "U0GONE") == "deactivated"


async def test_whom_slack_does_not_know_any_more_is_let_in_no_longer(keeper: Keeper) -> None:
    slack = Directory(ELENI)
    directory = people(keeper, slack)
    await directory.require_member("U0ELENI")
    slack.users.clear()
    keeper.clock.at += 2 * FRESH

    await directory.require_member("U0ELENI")  # nobody waits for what is asked again meanwhile
    await directory.settled()
    assert await refusal(directory, "U0ELENI") == "unknown"
    assert await refusal(people(keeper, slack), "U0ELENI") == "unknown"


async def test_somebody_found_by_address_keeps_their_language(keeper: Keeper) -> None:
    slack = Directory(ELENI | {"email": "e@n.example", "profile": {"email": "e@n.example"}})
    directory = people(keeper, slack)
    assert (await directory.person("U0ELENI")).language is Language.GREEK

    assert await directory.by_email("e@n.example") == "U0ELENI"
    assert (await directory.person("U0ELENI")).language is Language.GREEK
