"""The directory: what is known of people, for how long, and who is let in."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import UserError
from bot.people.directory import FRESH, People
from bot.people.person_rows import read_person
from bot.rules.membership import Unfilled
from bot.rules.policy.load import Policy
from bot.rules.words import Language, Role, Standing
from messages.clients.slack import SlackError, SlackRateLimited, SlackRefused, SlackUnknown
from storage.models import Person
from tests.bot.store import NOW, Keeper

MANAGER = Role.ESCALATION_MANAGER
GROUPS = {"S0EMPTY": [], "S0BOTH": ["U0GONE", "U0ELENI"]}
ELENI = {"id": "U0ELENI", "team_id": "T0OURS", "name": "eleni", "locale": "el-GR"}


class Directory:
    """A Slack that knows a few people, counts what it is asked, and can be away."""

    def __init__(self, *users: dict[str, Any]) -> None:
        self.users = {str(user["id"]): user for user in users}
        self.calls: list[str] = []
        self.away = False
        self.refusing = ""

    async def identity(self) -> dict[str, Any]:
        return {"team_id": "T0OURS"}

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        self.calls.append(method)
        if self.refusing:
            raise SlackRefused(method, self.refusing)
        if self.away:
            raise SlackUnknown(method, "away")
        if method == "users.info":
            if given["user"] not in self.users:
                raise SlackRefused(method, "user_not_found")
            return {"user": self.users[given["user"]]}
        if method == "usergroups.users.list":
            if given["usergroup"] not in GROUPS:
                raise SlackRefused(method, "no_such_subteam")
            return {"users": GROUPS[given["usergroup"]]}
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


class Answering(Directory):
    """A directory that gives these answers first, when it is asked for an address."""

    def __init__(self, *faults: SlackError) -> None:
        super().__init__(ELENI | {"email": "e@n.example"})
        self.faults = list(faults)

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        """Raise what is due, else answer."""
        if method == "users.lookupByEmail" and self.faults:
            raise self.faults.pop(0)
        return await super().call(method, **given)


async def test_a_limit_of_slack_is_waited_for_while_addresses_are_looked_up(keeper: Keeper) -> None:
    slack = Answering(SlackRateLimited("users.lookupByEmail", 0.01))
    assert await people(keeper, slack).by_email("e@n.example") == "U0ELENI"


@pytest.mark.parametrize(
    "fault",
    [
        SlackRefused("users.lookupByEmail", "missing_scope"),
        SlackUnknown("users.lookupByEmail", "TimeoutError"),
    ],
    ids=str,
)
async def test_an_address_that_slack_does_not_tell_of_is_not_an_address_of_no_one(
    fault: SlackError, keeper: Keeper
) -> None:
    with pytest.raises(SlackError, match=r"users\.lookupByEmail"):
        await people(keeper, Answering(fault)).by_email("e@n.example")


async def resolved(slack: Directory, keeper: Keeper, *references: str) -> Policy:
    policy = replace(keeper.policy, roles={MANAGER: references})
    return await people(keeper, slack).resolved(policy)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("who@n.example", Unfilled.ADDRESS),
        ("S0NONE", Unfilled.GROUP),
        ("S0EMPTY", Unfilled.EMPTY),
        ("U0GUEST", Unfilled.GUEST),
        ("g@n.example", Unfilled.GUEST),
        ("U0NOBODY", Unfilled.UNKNOWN),
    ],
)
async def test_a_name_that_gives_its_role_to_nobody_is_kept_with_the_reason(
    keeper: Keeper, reference: str, reason: Unfilled
) -> None:
    slack = Directory({"id": "U0GUEST", "team_id": "T0OURS", "is_restricted": True,
                       "email": "g@n.example"})  # fmt: skip
    policy = await resolved(slack, keeper, reference)

    assert policy.roles[MANAGER] == ()
    assert [(v.reference, v.reason) for v in policy.vacancies] == [(reference, reason)]
    assert policy.names(MANAGER)
    assert policy.deserted == (MANAGER,)


async def test_of_a_group_only_its_active_members_have_the_role(keeper: Keeper) -> None:
    slack = Directory(ELENI, {"id": "U0GONE", "team_id": "T0OURS", "deleted": True})
    policy = await resolved(slack, keeper, "S0BOTH")

    assert policy.roles[MANAGER] == ("U0ELENI",)
    assert [(v.user, v.reason) for v in policy.vacancies] == [("U0GONE", Unfilled.DEACTIVATED)]
    assert policy.deserted == ()


async def test_an_auditor_has_no_other_role_by_whatever_name_they_stand_there(
    keeper: Keeper,
) -> None:
    maya = {**ELENI, "id": "U0MAYA"}
    roles = {MANAGER: ("U0ELENI", "U0MAYA"), Role.AUDITOR: ("U0ELENI",)}
    policy = replace(keeper.policy, roles=roles)
    found = await people(keeper, Directory(ELENI, maya)).resolved(policy)

    assert found.roles == {MANAGER: ("U0MAYA",), Role.AUDITOR: ("U0ELENI",)}
    said = [(v.role, v.user, v.reason) for v in found.vacancies]
    assert said == [(MANAGER, "U0ELENI", Unfilled.AUDITOR)]


async def test_for_whom_nobody_was_named_stays_unnamed(keeper: Keeper) -> None:
    policy = await resolved(Directory(), keeper)
    assert not policy.names(MANAGER)


async def test_slack_away_is_no_departure_and_a_refused_token_is_said_to_be_one(
    keeper: Keeper,
) -> None:
    slack = Directory(ELENI)
    slack.away = True
    with pytest.raises(SlackUnknown):
        await resolved(slack, keeper, "U0ELENI")
    slack.refusing = "invalid_auth"
    for reference in ("U0ELENI", "e@n.example", "S0BOTH"):
        (vacancy,) = (await resolved(slack, keeper, reference)).vacancies
        assert vacancy.reason is Unfilled.UNCHECKED


async def test_an_event_counts_at_once_for_whoever_is_known_and_stores_nobody_else(
    keeper: Keeper,
) -> None:
    slack = Directory(ELENI)
    directory = people(keeper, slack)
    await directory.require_member("U0ELENI")

    assert not await directory.changed({**ELENI, "name": "eleni.g"})
    assert await directory.changed({**ELENI, "deleted": True})
    assert await refusal(directory, "U0ELENI") == "deactivated"
    assert directory.left("U0ELENI") is Standing.DEACTIVATED
    assert not await directory.changed({**ELENI, "id": "U0MAYA"})
    async with keeper.database.read() as session:
        assert await session.get(Person, "U0MAYA") is None
    assert len(slack.calls) == 1


async def test_a_policy_loses_whoever_is_known_to_have_left(keeper: Keeper) -> None:
    directory = people(keeper, Directory(ELENI))
    await directory.require_member("U0ELENI")
    policy = replace(keeper.policy, roles={MANAGER: ("U0ELENI", "U0MAYA")})
    await directory.changed({**ELENI, "deleted": True})

    left = directory.still(policy)
    assert left.roles[MANAGER] == ("U0MAYA",)
    assert [v.user for v in left.vacancies] == ["U0ELENI"]


async def test_another_replica_hears_that_somebody_left(keeper: Keeper) -> None:
    slack = Directory(ELENI)
    here, there = people(keeper, slack), people(keeper, slack)
    for each in (here, there):
        await each.require_member("U0ELENI")
    await here.changed({**ELENI, "deleted": True})

    there.forget()  # as it does when it is told so
    assert await refusal(there, "U0ELENI") == "deactivated"


async def test_a_conversation_that_is_known_to_be_stored_is_not_asked_for_again(
    keeper: Keeper,
) -> None:
    here, other = people(keeper, Directory()), people(keeper, Directory())
    await keeper.fill(Person(user_id="U0ELENI", name="Eleni", fetched_at=NOW))
    assert await here.find_conversation("U0ELENI") is None
    async with keeper.database.write() as session:
        await here.save_conversation(session, "U0ELENI", "D1")
    assert await other.find_conversation("U0ELENI") == "D1"

    async with keeper.database.write() as session:
        await other.save_conversation(session, "U0ELENI", "D2")
    assert await here.find_conversation("U0ELENI") == "D1"
    here.forget()
    assert await here.find_conversation("U0ELENI") == "D2"


@pytest.mark.parametrize(
    ("chosen", "locale", "spoken"),
    [("el", "en-GB", "el"), (None, "en-GB", "en"), (None, "fr-FR", "el"), ("xx", "fr-FR", "el")],
)
def test_what_was_chosen_goes_before_slack_and_slack_before_the_policy(
    chosen: str | None, locale: str, spoken: str
) -> None:
    row = Person(user_id="U1", name="Ada", locale=locale, language=chosen, fetched_at=NOW)
    assert read_person(row, Language("el")).language == Language(spoken)
