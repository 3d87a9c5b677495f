"""A guest who comes into a case's channel: nothing internal is said while they are there."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.core.access import administrators
from bot.rules.words import Drift
from messages.clients.channel_readers import ChannelReaders
from sandbox import connect, conversations
from sandbox.state import Message, User
from tests.e2e.office import ELENI, KATE, MAYA, STRANGER, SUPPORT, TOMAS, Office, office
from tests.e2e.test_drift import differs, silence, told
from tests.e2e.test_shared_channels import press_way

pytestmark = pytest.mark.asyncio(loop_scope="module")

GUEST, OTHER, ROBOT = "U0GUEST", "U0GIA", "U0ROBOT"
ELSEWHERE = "This case continues elsewhere. The people on it have been told where."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office with two guests in its workspace, and an app of another maker."""
    async with office(Path(tmp_path_factory.mktemp("guests")), http=False) as here:
        for who, name in ((GUEST, "Gus Brand"), (OTHER, "Gia Brand")):
            here.ws.add_user(User(who, name.lower().replace(" ", "."), name, is_restricted=True))
        here.ws.add_user(User(ROBOT, "robot", "Robot", is_bot=True))
        yield here


async def guest_comes(desk: Office, number: int, who: str = GUEST) -> str:
    """Maya brings a guest into the case's channel; its id."""
    channel = desk.channel(number).id
    await desk.here.people.invite(MAYA, channel, who)
    await desk.here.settle()
    return channel


async def block(desk: Office, number: int, remark: str) -> None:
    """Tomás says in the case what stops him, which is told in its channel."""
    await desk.wants(TOMAS, "status", {"case": number, "standing": "blocked", "remark": remark})
    await desk.here.settle()


def seen_by(desk: Office, who: str) -> str:
    """All that a guest, or a person from elsewhere, can read in their own channels, as one text."""
    places = [c for c in desk.ws.channels.values() if desk.ws.can_see(who, c)]
    words = [w for c in places for w in (c.name, c.topic.value, c.purpose.value)]
    return "\n".join(words + [m.text + str(m.blocks) for c in places for m in c.messages.values()])


def said_with(desk: Office, channel: str, word: str) -> list[Message]:
    """What stands in a channel with this word in it, in order; not its card, which is pinned."""
    place = desk.ws.channels[channel]
    found = [m for m in place.messages.values() if word in m.text + str(m.blocks)]
    return sorted((m for m in found if m.ts not in place.pins), key=lambda m: m.ts)


async def test_what_a_guest_would_read_is_withheld_and_said_in_a_private_channel(
    desk: Office,
) -> None:
    number = await desk.stage("investigating")
    await desk.here.people.join(KATE, desk.channel(number).id)
    old = await guest_comes(desk, number)
    before = [(m.ts, m.text, str(m.blocks)) for m in desk.said(number)]
    assert await differs(desk, number) == {Drift.GUEST}
    for remark in ("Valve one", "Valve two"):
        await block(desk, number, remark)
    await desk.wants(ELENI, "severity", {"case": number, "severity": 1, "reason": "Valve three"})
    await desk.here.settle()
    assert [(m.ts, m.text, str(m.blocks)) for m in desk.said(number)] == before
    assert "Valve" not in seen_by(desk, GUEST)
    (notice,) = told(desk, ELENI, number)
    assert f"<@{GUEST}>" in str(notice.blocks)
    await press_way(desk, ELENI, notice, "new")
    case = await desk.case(number, ELENI)
    new = desk.ws.channels[str(case.channel_id)]
    assert new.id != old
    assert new.is_private
    assert {ELENI, TOMAS, MAYA, KATE} <= set(new.members)
    assert GUEST not in new.members
    found = [m.ts for n in ("one", "two", "three") for m in said_with(desk, new.id, f"Valve {n}")]
    assert len(found) == 3
    assert found == sorted(found), "in their order"
    assert await differs(desk, number) == set()
    assert "Valve" not in seen_by(desk, GUEST)
    assert new.id not in seen_by(desk, GUEST)
    known = {ts for ts, _, _ in before}
    (last,) = [m for m in desk.ws.channels[old].messages.values() if m.user == desk.bot
               and not m.subtype and m.ts not in known]  # fmt: skip
    assert last.text == ELSEWHERE
    assert desk.ws.channels[old].topic.value == ELSEWHERE
    (card,) = [m for m in desk.ws.channels[old].messages.values() if m.ts in known and m.edited]
    assert card.text == ELSEWHERE, "the card shows nothing any more"


async def test_when_the_guest_goes_what_was_not_said_is_said_without_a_move(desk: Office) -> None:
    number = await desk.stage("investigating")
    channel = await guest_comes(desk, number)
    await block(desk, number, "Pump one")
    assert not said_with(desk, channel, "Pump")
    await desk.here.people.kick(MAYA, channel, GUEST)
    assert await differs(desk, number) == set()
    await block(desk, number, "Pump two")
    assert [m.text.splitlines()[1] for m in said_with(desk, channel, "Pump")] == [
        ">Pump one", ">Pump two"
    ]  # fmt: skip
    assert len(told(desk, ELENI, number)) == 1


async def test_owner_and_administrators_are_told_once(desk: Office) -> None:
    number = await desk.stage("investigating")
    await guest_comes(desk, number)
    await guest_comes(desk, number, OTHER)
    for remark in ("Once", "Twice"):
        await block(desk, number, remark)
    await desk.here.services.reconcile()
    await desk.here.settle()
    admins = administrators(desk.here.services.policy)
    assert admins
    for who in {ELENI, *admins}:
        assert len(told(desk, who, number)) == 1, who


async def test_a_guest_whose_coming_was_missed_is_seen_before_the_next_post(desk: Office) -> None:
    number = await desk.stage("investigating")
    with silence(desk):
        channel = await guest_comes(desk, number)
    desk.here.services.slack.shared.readers = ChannelReaders()  # as after a restart
    await block(desk, number, "Seal one")
    assert not said_with(desk, channel, "Seal")
    assert await differs(desk, number) == {Drift.GUEST}
    with silence(desk):
        await desk.here.people.kick(MAYA, channel, GUEST)
    (notice,) = told(desk, ELENI, number)
    await press_way(desk, ELENI, notice, "same")
    assert await differs(desk, number) == set()
    assert said_with(desk, channel, "Seal one")


async def test_slack_is_asked_once_about_a_channel_however_much_is_said_there(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await desk.stage("investigating")
    slack = desk.here.services.slack
    slack.shared.readers = ChannelReaders()
    asked: Counter[str] = Counter()
    call = slack.call

    async def counted(method: str, **arguments: Any) -> dict[str, Any]:
        asked[method] += 1
        return await call(method, **arguments)

    monkeypatch.setattr(slack, "call", counted)
    for count in range(5):
        await block(desk, number, f"Gate {count}")
    assert len(said_with(desk, desk.channel(number).id, "Gate")) == 5
    assert (asked["conversations.info"], asked["conversations.members"]) == (1, 1)
    assert asked["users.info"] == 0, "the directory knows them"


async def test_other_apps_may_be_in_the_channel(desk: Office) -> None:
    number = await desk.stage("investigating")
    channel = await guest_comes(desk, number, ROBOT)
    await block(desk, number, "Hatch one")
    assert said_with(desk, channel, "Hatch one")
    assert await differs(desk, number) == set()


async def test_a_member_who_becomes_a_guest_is_one_at_the_next_post(desk: Office) -> None:
    number = await desk.stage("investigating")
    channel = desk.channel(number).id
    await desk.here.people.join(STRANGER, channel)
    await desk.here.settle()
    await desk.here.people.change_user(STRANGER, is_restricted=True)
    await desk.here.settle()
    try:
        await block(desk, number, "Drain one")
        assert not said_with(desk, channel, "Drain")
    finally:
        await desk.here.people.change_user(STRANGER, is_restricted=False)
        await desk.here.settle()


async def test_a_case_raised_in_a_channel_that_others_read_has_a_channel_of_our_own(
    desk: Office,
) -> None:
    conversations.invite(desk.ws, MAYA, SUPPORT, [GUEST])
    nora = User("U0NORA", "nora.vance", "Nora Vance", team_id="T0LARKSPUR")
    connect.add_outsider(desk.ws, nora, "Larkspur Rail")
    await desk.here.people.share(KATE, SUPPORT, nora.team_id, nora.id)
    await desk.here.settle()
    number = await desk.escalate(MAYA)
    channel = desk.channel(number)
    assert not channel.connected
    assert not {GUEST, nora.id} & set(channel.members)
    assert await differs(desk, number) == set()
    for outsider in (GUEST, nora.id):
        assert f"ESC-{number}" not in seen_by(desk, outsider)


# -- a problem's channel


async def problem_with_guest(desk: Office, title: str) -> tuple[int, str]:
    """A problem of Eleni, and a guest in its channel; its number, and the channel."""
    number = await desk.stage("investigating")
    about = {"title": title, "known": "It is down", "severity": 2, "case": number}
    await desk.wants(ELENI, "open_problem", about)
    await desk.here.settle()
    (place,) = [c for c in desk.ws.channels.values() if title.lower() in c.name]
    await desk.here.people.join(MAYA, place.id)
    await desk.here.people.invite(MAYA, place.id, GUEST)
    await desk.here.settle()
    return int(place.name.split("-")[1]), place.id


async def learn(desk: Office, problem: int, known: str) -> None:
    """Eleni corrects what is known, which is said in the problem's channel."""
    given = {"title": "x", "known": known, "severity": 2, "owner": ELENI}
    await desk.wants(ELENI, "edit_problem", {"problem": problem, **given})
    await desk.here.settle()


def exposed_told(desk: Office, who: str, problem: int) -> list[str]:
    """What a person was told of readers of a problem's channel."""
    words = ("can read its channel", "κανάλι του το διαβάζ")
    return [m.text for m in desk.dms(who) if f"PRB-{problem}" in m.text
            and any(word in m.text for word in words)]  # fmt: skip


async def test_in_a_problem_s_channel_nothing_is_said_until_the_guest_has_gone(
    desk: Office,
) -> None:
    problem, channel = await problem_with_guest(desk, "Sluice")
    for known in ("Weir one", "Weir two"):
        await learn(desk, problem, known)
    assert "Weir" not in seen_by(desk, GUEST)
    for who in {ELENI, *administrators(desk.here.services.policy)}:
        (only,) = exposed_told(desk, who, problem)
        assert f"<@{GUEST}>" in only
    await desk.here.people.kick(MAYA, channel, GUEST)
    await desk.here.services.reconcile()  # as each hour
    await desk.here.settle()
    said = [m.text + str(m.blocks) for m in desk.ws.channels[channel].messages.values()
            if m.user == desk.bot and m.ts not in desk.ws.channels[channel].pins]  # fmt: skip
    places = [next(n for n, text in enumerate(said) if known in text)
              for known in ("Weir one", "Weir two")]  # fmt: skip
    assert places == sorted(places), "in their order"
    assert "Weir" not in seen_by(desk, GUEST)


async def test_in_a_problem_s_channel_that_is_shared_nothing_is_said_until_that_ends(
    desk: Office,
) -> None:
    problem, channel = await problem_with_guest(desk, "Culvert")
    await desk.here.people.kick(MAYA, channel, GUEST)
    nora = User("U0NADJA", "nadja.vance", "Nadja Vance", team_id="T0DELPHI")
    connect.add_outsider(desk.ws, nora, "Delphi Energy")
    await desk.here.people.share(MAYA, channel, nora.team_id, nora.id)
    await desk.here.settle()
    await learn(desk, problem, "Lock one")
    assert "Lock one" not in seen_by(desk, nora.id)
    (only,) = exposed_told(desk, ELENI, problem)
    assert "οργανισμός" in only or "organisation" in only
    await desk.here.people.unshare(MAYA, channel, nora.team_id)
    await desk.here.services.reconcile()  # as each hour
    await desk.here.settle()
    assert said_with(desk, channel, "Lock one")
