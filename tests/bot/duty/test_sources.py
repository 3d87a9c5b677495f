"""Schedules of pagers and user groups in the rota: read, kept, used while nobody answers."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.duty.sources import forget_sources, look_at_schedules, read_sources
from bot.people.directory import People
from bot.rules.duty import Watch
from bot.rules.duty.pagers import PagerName
from bot.rules.duty.sources import SourceFault, read_spells
from bot.rules.facts import DutyFacts, PersonFacts
from bot.rules.membership import Unfilled
from bot.rules.policy.load import Policy, PolicyError, policy_from_spec
from bot.rules.words import Language, Role
from bot.settings import Settings
from cli.configured import schedules
from messages.clients.pagers.schedules import Schedules
from messages.clients.slack import SlackUnknown
from messages.duty.rota import duty_answer
from storage.models import DutySource
from tests.bot.paging.schedule_double import OPSGENIE, PAGERDUTY, UUID, ScheduleDouble
from tests.bot.people.test_directory import Directory
from tests.bot.policies import policy as plain_policy
from tests.bot.store import NOW, Keeper
from tests.messages.limits import check_all_harmless, check_blocks

HOUR = timedelta(hours=1)
EMMA, KATE = "emma@n.example", "kate@n.example"
ANNA = PersonFacts("U0ANNA", "Anna", Language.ENGLISH)
PEOPLE = [
    {"id": "U0EMMA", "team_id": "T0OURS", "email": EMMA},
    {"id": "U0KATE", "team_id": "T0OURS", "email": KATE},
]
Both = tuple[ScheduleDouble, dict[PagerName, Schedules]]


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    """Both services: Emma for eight hours, then Kate for eight."""
    double = ScheduleDouble()
    double.turns = [(EMMA, NOW - HOUR, NOW + 8 * HOUR), (KATE, NOW + 8 * HOUR, NOW + 16 * HOUR)]
    async with double.running() as url:
        readers = schedules(Settings.model_validate(double.settings(url)))
        yield double, readers
        for each in readers.values():
            await each.close()


def rota_of(*people: str, backup: tuple[str, ...] = ()) -> Policy:
    """A policy with one shift around the clock."""
    shift = {"calendar": "always", "people": [*people], "backup": [*backup]}
    return policy_from_spec({**plain_policy().spec, "duty": {"shifts": [shift]}, "roles": {}})


async def look(keeper: Keeper, readers: Any, *references: str) -> bool:
    return await look_at_schedules(keeper.database, keeper.clock, readers, references)


async def resolved(keeper: Keeper, policy: Policy, slack: Directory) -> Policy:
    directory = People(keeper.database, keeper.clock, slack)  # type: ignore[arg-type]
    return await directory.resolved(policy)


async def stored(keeper: Keeper, reference: str) -> DutySource:
    async with keeper.database.read() as session:
        found = await session.get(DutySource, reference)
        assert found is not None
        return found


async def words(keeper: Keeper, policy: Policy, language: Language = Language.ENGLISH) -> str:
    """What ``/escalate duty`` says of the sources."""
    async with keeper.database.read() as session:
        sources = tuple(await read_sources(session, policy))
    message = duty_answer(
        DutyFacts(keeper.clock.now(), Watch(()), sources=sources),
        PersonFacts("U0ANNA", "Anna", language),
    )
    check_blocks(message.blocks)
    check_all_harmless(message.blocks)
    return str(message.blocks)


@pytest.mark.parametrize("reference", [PAGERDUTY, OPSGENIE, f"opsgenie:{UUID}"])
async def test_who_is_on_call_there_is_on_duty_here_in_their_turn(
    keeper: Keeper, both: Both, reference: str
) -> None:
    policy = rota_of(reference)
    assert await look(keeper, both[1], reference)
    found = await resolved(keeper, policy, Directory(*PEOPLE))
    rota = found.rota()

    assert found.vacancies == ()
    assert found.roles[Role.ESCALATION_MANAGER] == ("U0EMMA", "U0KATE")
    assert rota.watch_at(NOW) == Watch(("U0EMMA",), (), ("1",), NOW + 8 * HOUR)
    assert rota.watch_at(NOW + 8 * HOUR).people == ("U0KATE",)
    assert rota.watch_at(NOW + 16 * HOUR).people == ()
    (gap,) = rota.find_gaps(NOW, NOW + timedelta(days=1))
    assert (gap.begins, gap.ends) == (NOW + 16 * HOUR, NOW + timedelta(days=1))


async def test_a_schedule_may_be_the_backup_of_named_people(keeper: Keeper, both: Both) -> None:
    await look(keeper, both[1], PAGERDUTY)
    policy = rota_of("U0ANNA", backup=(PAGERDUTY,))
    slack = Directory(*PEOPLE, {"id": "U0ANNA", "team_id": "T0OURS"})
    watch = (await resolved(keeper, policy, slack)).rota().watch_at(NOW + 9 * HOUR)
    assert (watch.people, watch.backup) == (("U0ANNA",), ("U0KATE",))


FAULTS = {
    "lost": (SourceFault.AWAY, None, "no answer"),
    "down": (SourceFault.AWAY, None, "no answer"),
    "empty": (SourceFault.AWAY, None, "no answer"),
    "401": (SourceFault.KEY, Unfilled.PAGER_KEY, "our key is refused"),
    "403": (SourceFault.KEY, Unfilled.PAGER_KEY, "our key is refused"),
    "404": (SourceFault.MISSING, Unfilled.NO_SCHEDULE, "no such schedule"),
    "400": (SourceFault.REFUSED, Unfilled.PAGER_REFUSES, "our question is refused"),
    "limited": (SourceFault.LIMITED, None, "asked to wait"),
}


@pytest.mark.parametrize("reference", [PAGERDUTY, OPSGENIE])
@pytest.mark.parametrize("fault", FAULTS)
async def test_what_was_known_is_used_however_the_look_fails_and_its_age_is_said(
    keeper: Keeper, both: Both, fault: str, reference: str
) -> None:
    double, readers = both
    kind, vacancy, said = FAULTS[fault]
    policy = rota_of(reference)
    await look(keeper, readers, reference)
    keeper.clock.later(minutes=5)
    double.fault = fault
    assert await look(keeper, readers, reference)
    row = await stored(keeper, reference)

    assert (row.fault, row.known_at) == (kind.value, NOW)
    found = await resolved(keeper, policy, Directory(*PEOPLE))
    assert found.rota().watch_at(keeper.clock.now()).people == ("U0EMMA",)
    assert [each.reason for each in found.vacancies] == ([vacancy] if vacancy else [])
    shown = await words(keeper, policy)
    assert said in shown
    assert f"<!date^{int(NOW.timestamp())}^" in shown
    double.fault = ""
    keeper.clock.later(minutes=15)
    assert await look(keeper, readers, reference)
    assert (await stored(keeper, reference)).fault == ""


async def test_a_schedule_that_never_answered_says_so_and_one_silent_for_a_day_is_told(
    keeper: Keeper, both: Both
) -> None:
    double, readers = both
    policy, slack = rota_of(PAGERDUTY), Directory(*PEOPLE)
    assert (await resolved(keeper, policy, slack)).vacancies == ()  # not looked at yet
    double.fault = "down"
    await look(keeper, readers, PAGERDUTY)
    (vacancy,) = (await resolved(keeper, policy, slack)).vacancies
    assert (vacancy.reference, vacancy.reason) == (PAGERDUTY, Unfilled.PAGER_SILENT)
    assert "Nobody is known from there yet" in await words(keeper, policy)

    double.fault = ""
    keeper.clock.later(minutes=5)
    await look(keeper, readers, PAGERDUTY)
    double.fault = "down"
    for hours, told in ((23, False), (2, True)):
        keeper.clock.later(hours=hours)
        await look(keeper, readers, PAGERDUTY)
        reasons = [each.reason for each in (await resolved(keeper, policy, slack)).vacancies]
        assert (Unfilled.PAGER_SILENT in reasons) == told


async def test_no_key_no_people_and_no_account_are_each_named(keeper: Keeper, both: Both) -> None:
    double, readers = both
    await look(keeper, {}, PAGERDUTY)
    (vacancy,) = (await resolved(keeper, rota_of(PAGERDUTY), Directory())).vacancies
    assert vacancy.reason is Unfilled.PAGER_UNSET
    assert "no key is set up" in await words(keeper, rota_of(PAGERDUTY))

    double.turns = [("who@n.example", NOW, NOW + HOUR), ("Night team", NOW + HOUR, NOW + 2 * HOUR),
                    ("", NOW + 2 * HOUR, NOW + 3 * HOUR)]  # fmt: skip
    await look(keeper, readers, OPSGENIE)
    found = await resolved(keeper, rota_of(OPSGENIE), Directory(*PEOPLE))
    assert [(v.reference, v.reason) for v in found.vacancies] == [
        (f"{OPSGENIE} who@n.example", Unfilled.ADDRESS),
        (f"{OPSGENIE} Night team", Unfilled.NO_PERSON),
    ]
    assert found.deserted == (Role.ESCALATION_MANAGER,)

    double.turns = []
    keeper.clock.later(minutes=5)
    assert await look(keeper, readers, OPSGENIE)
    (vacancy,) = (await resolved(keeper, rota_of(OPSGENIE), Directory(*PEOPLE))).vacancies
    assert vacancy.reason is Unfilled.EMPTY_SCHEDULE


async def test_a_look_is_one_replicas_and_a_limit_puts_it_off(keeper: Keeper, both: Both) -> None:
    double, readers = both
    await look(keeper, readers, OPSGENIE)
    keeper.clock.later(minutes=4)
    assert not await look(keeper, readers, OPSGENIE)  # as another replica would
    assert len(double.asked) == 1
    double.fault = "limited"
    keeper.clock.later(minutes=1)
    await look(keeper, readers, OPSGENIE)
    assert (await stored(keeper, OPSGENIE)).look_at == keeper.clock.now() + timedelta(seconds=700)


async def test_the_passing_of_time_alone_is_no_change(keeper: Keeper, both: Both) -> None:
    double, readers = both
    double.turns = [(EMMA, NOW - 40 * 24 * HOUR, NOW + 40 * 24 * HOUR)]
    await look(keeper, readers, PAGERDUTY)
    keeper.clock.later(hours=1)
    assert not await look(keeper, readers, PAGERDUTY)
    double.turns = [(EMMA, NOW, NOW + 9 * HOUR), (KATE, NOW + 9 * HOUR, NOW + 40 * 24 * HOUR)]
    keeper.clock.later(hours=1)
    assert await look(keeper, readers, PAGERDUTY)  # somebody swapped
    spells = read_spells((await stored(keeper, PAGERDUTY)).known)
    assert [spell.email for spell in spells] == [EMMA, KATE]


async def test_a_group_by_its_handle_keeps_its_members_while_slack_is_away(keeper: Keeper) -> None:
    slack, policy = Directory(*PEOPLE), rota_of("@Leads-EMEA")

    async def call(method: str, **given: Any) -> dict[str, Any]:
        if slack.away:
            raise SlackUnknown(method, "away")
        if method == "usergroups.list":
            return {"usergroups": [{"id": "S0LEADS", "handle": "leads-emea"}]}
        if method == "usergroups.users.list":
            assert given["usergroup"] == "S0LEADS"
            return {"users": ["U0EMMA"]}
        return await Directory.call(slack, method, **given)

    slack.call = call  # type: ignore[method-assign]
    assert (await resolved(keeper, policy, slack)).rota().watch_at(NOW).people == ("U0EMMA",)
    slack.away = True
    keeper.clock.later(hours=3)
    assert (await resolved(keeper, policy, slack)).rota().watch_at(NOW).people == ("U0EMMA",)
    assert "user group @Leads-EMEA: no answer" in await words(keeper, policy)
    with pytest.raises(SlackUnknown):
        await resolved(keeper, rota_of("@others"), slack)
    slack.away = False
    (vacancy,) = (await resolved(keeper, rota_of("@others"), slack)).vacancies
    assert vacancy.reason is Unfilled.GROUP


async def test_what_the_policy_names_no_more_is_forgotten(keeper: Keeper, both: Both) -> None:
    await look(keeper, both[1], PAGERDUTY, OPSGENIE)
    await forget_sources(keeper.database, rota_of(PAGERDUTY))
    async with keeper.database.read() as session:
        assert await session.get(DutySource, PAGERDUTY)
        assert await session.get(DutySource, OPSGENIE) is None


def test_a_schedule_stands_in_a_shift_alone_and_is_spelled_right() -> None:
    spec = plain_policy().spec
    with pytest.raises(PolicyError, match=r"schedules stand in duty\.shifts alone"):
        policy_from_spec({**spec, "roles": {"csm": [PAGERDUTY]}})
    for wrong in ("pagerduty:pi7", "opsgenie:", "victorops:nights", "@two words"):
        with pytest.raises(PolicyError, match="is nobody"):
            rota_of(wrong)


async def test_who_left_has_no_turn_any_more(keeper: Keeper, both: Both) -> None:
    await look(keeper, both[1], PAGERDUTY)
    slack = Directory(*PEOPLE)
    directory = People(keeper.database, keeper.clock, slack)  # type: ignore[arg-type]
    found = await directory.resolved(rota_of(PAGERDUTY))
    await directory.changed({**PEOPLE[0], "deleted": True})
    left = directory.still(found)
    assert left.rota().watch_at(NOW).people == ()
    assert left.rota().watch_at(NOW + 9 * HOUR).people == ("U0KATE",)
