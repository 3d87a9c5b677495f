"""Who reads a case that is not restricted, by the policy's ``reading``: at every door, and counted.

``STRANGER`` is in no role, ``ASKED`` owns an action item of the case, ``NIKOS`` is an agent where
the policy names any.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.rules.compliance.readership import Readership
from bot.rules.facts import CaseFilter
from bot.rules.policy.load import Policy
from bot.rules.words import Role
from cli.workspace.local import demo_policy
from sandbox import conversations
from sandbox.state import User
from tests.e2e.doors import knocked
from tests.e2e.office import MAYA, NIKOS, STRANGER, SUPPORT, Office, office
from tests.e2e.test_every_door import ALL as EVERY_DOOR
from tests.e2e.test_every_door import DOORS, NOBODYS, OF_CASES, carried, without_number

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARK = "Zephyr Holdings"
ASKED = "U0ASKED"
OWN_NAMES = {Role.AGENT: (NIKOS,), Role.ESCALATION_MANAGER: ("U0ELENI",),
             Role.SUPPORT_LEAD: ("U0KATE",)}  # fmt: skip
ALL = {MAYA, NIKOS, ASKED, STRANGER}
# By what the policy says and whom it names: who reads. Maya raised the case.
READS: Mapping[tuple[Readership | None, bool], set[str]] = {
    (None, True): {MAYA, NIKOS, ASKED},
    (None, False): ALL,
    (Readership.EVERYBODY, True): ALL,
    (Readership.EVERYBODY, False): ALL,
    (Readership.TEAM, True): {MAYA, NIKOS, ASKED},
    (Readership.TEAM, False): {MAYA, ASKED},
}
NO_SUCH_CASE = ("Case not found", "Η υπόθεση δεν βρέθηκε")
# What is read of a case by itself, and shows its customer.
SHOWS = ("show", "timeline", "why")


def policy_of(reading: Readership | None, *, named: bool) -> Policy:
    """The demo's policy, with three roles named or none."""
    return replace(demo_policy(), roles=OWN_NAMES if named else {}, reading=reading)


@asynccontextmanager
async def desk_of(
    folder: Path, reading: Readership | None, *, named: bool
) -> AsyncIterator[Office]:
    """An office whose case 1 is of a customer who is known by it alone."""
    policy = policy_of(reading, named=named)
    async with office(folder, http=True, policy=policy) as desk:
        desk.ws.add_user(User(id=ASKED, name="asked", real_name="Asked Once"))
        conversations.join(desk.ws, ASKED, SUPPORT)
        about = {"account": "", "customer": MARK, "stake": f"{MARK} cannot invoice"}
        await desk.stage("new", **about)
        item = {"case": 1, "owner": ASKED, "title": f"Call {MARK}"}
        await desk.wants(MAYA, "action_item", item)
        await desk.here.settle()
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(READS), ids=str)
async def variant(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Office, set[str]]]:
    """An office for each policy, with who reads its case."""
    reading, named = request.param
    async with desk_of(tmp_path_factory.mktemp("know"), reading, named=named) as desk:
        yield desk, READS[request.param]


async def typed(desk: Office, who: str, *lines: str) -> str:
    """What commands show a person in private."""
    before = len(desk.answers(who))
    for line in lines:
        await desk.command(who, line)
    return "".join(m.text + str(m.blocks) for m in desk.answers(who)[before:])


async def test_the_case_is_read_by_these_and_by_no_one_else(
    variant: tuple[Office, set[str]],
) -> None:
    desk, readers = variant
    for who in sorted(ALL):
        for what in SHOWS:
            told = await typed(desk, who, f"{what} ESC-1")
            missing = any(words in told for words in NO_SUCH_CASE)
            assert missing == (who not in readers), (who, what, told)
            assert (MARK in told) == (who in readers and what != "why"), (who, what)
        told = await typed(desk, who, "list", "digest", f"list customer {MARK.split()[0]}")
        assert ("ESC-1" in told) == (who in readers), (who, told)


async def test_lists_counts_and_the_home_have_it_for_these_alone(
    variant: tuple[Office, set[str]],
) -> None:
    desk, readers = variant
    reading, intake = desk.here.services.reading, desk.here.services.intake
    for who in sorted(ALL):
        has = int(who in readers)
        page = await reading.page(who, CaseFilter())
        assert (page.total, (await reading.home(who)).open_count) == (has, has), who
        assert len(await reading.cases(who, CaseFilter(customer=MARK))) == has, who
        assert len(await intake.live_cases(who, "", MARK)) == has, who
        await desk.here.people.open_home(who)
        await desk.here.settle()
        home = desk.here.people.home(who)
        assert home is not None
        assert has or MARK not in str(home.payload), who


async def test_the_channel_is_private_only_where_the_policy_says_that_a_team_reads(
    variant: tuple[Office, set[str]],
) -> None:
    desk, _ = variant
    channel, reading = desk.channel(1), desk.here.services.policy.reading
    assert channel.is_private == (reading is Readership.TEAM)
    assert (await desk.case(1)).private_channel == channel.is_private
    assert channel.visible_to(STRANGER) != channel.is_private
    assert channel.name == "esc-1-zephyr-holdings"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[True, False], ids=str)
async def team(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """An office in which only a team reads, with people named and with none."""
    folder = tmp_path_factory.mktemp("team")
    async with desk_of(folder, Readership.TEAM, named=request.param) as desk:
        yield desk


async def test_another_case_of_the_customer_is_named_to_those_who_read_it_and_in_no_channel(
    tmp_path: Path,
) -> None:
    async with desk_of(tmp_path, Readership.TEAM, named=True) as desk:
        await desk.stage("new", account="", customer=MARK, severity=3)
        await desk.wants(MAYA, "action_item", {"case": 2, "owner": STRANGER, "title": "x"})
        await desk.here.settle()
        assert "ESC-1" not in str(desk.card(2).blocks)
        assert "ESC-1" in await typed(desk, NIKOS, "show ESC-2")
        told = await typed(desk, STRANGER, "show ESC-2")
        assert MARK in told
        assert "ESC-1" not in told
        await desk.wants(
            MAYA, "open_problem", {"case": 2, "title": "A", "known": "x", "severity": 2}
        )
        await desk.here.settle()
        (channel,) = [c for c in desk.ws.channels.values() if c.name.startswith("prob-")]
        assert channel.is_private
        for line in ("problem 1", "problems"):
            assert "ESC-2" not in await typed(desk, STRANGER, line)
        assert "ESC-2" in await typed(desk, NIKOS, "problem 1")


@pytest.mark.parametrize("kind", OF_CASES)
async def test_no_door_tells_it_apart_from_a_case_that_no_one_raised(
    team: Office, kind: str
) -> None:
    done = await team.done(1)
    doors = [door for door in DOORS[kind] if door.of_case]
    named = bool(team.here.services.policy.roles)  # each of the two offices has every second
    for door in doors if EVERY_DOOR else doors[named::2]:
        told = [
            without_number(await knocked(team, door, STRANGER, carried(team, door, number)), number)
            for number in (1, NOBODYS)
        ]
        assert told[0] == told[1], door.name
        assert MARK not in told[0], door.name
    assert await team.done(1) == done
