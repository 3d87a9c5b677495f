"""Who reads a channel is asked seldom, withheld by an answer only, and no silence lasts."""

from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.engine.delivery import Delivery, Later
from bot.people import channel_readers
from bot.people.channel_readers import ASKED, DESCRIBED, DOUBT, LISTED, require_insiders
from bot.rules.words import Standing
from messages.clients.shared_channels import GUESTS, SHARED, SharedChannels
from messages.clients.slack import SlackRateLimited, SlackRefused, SlackUnknown

pytestmark = pytest.mark.asyncio
HERE = "C1"


class Directory:
    """Knows some people, and can ask Slack about the rest."""

    def __init__(self, known: dict[str, Standing], tells: dict[str, Standing]) -> None:
        self.known, self.tells, self.asked = known, tells, Counter[str]()

    async def known_standing(self, user: str) -> Standing | None:
        return self.known.get(user)

    async def standing(self, user: str) -> Standing | None:
        self.asked[user] += 1
        if user in self.tells:
            self.known[user] = self.tells[user]
        return self.known.get(user)

    def hides(self, user: str) -> bool:
        return user == "UHIDDEN"


class Room:
    """A channel in a Slack that can be away, and the time."""

    def __init__(self, *members: str, **more: Standing) -> None:
        self.members, self.shared, self.now = list(members), False, 1000.0
        self.fault: Exception | None = None
        self.asked = Counter[str]()
        self.people = Directory({"UM": Standing.MEMBER, "UG": Standing.GUEST}, more)
        self.known = SharedChannels()

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.asked[method] += 1
        if self.fault is not None:
            raise self.fault
        if method == "conversations.members":
            return {"members": list(self.members)}
        answer = {"channel": {"id": HERE, "is_ext_shared": self.shared}}
        self.known.learn_from(answer)
        return answer

    async def speak(self, after: float = 0.0) -> str:
        """Why nothing may be said after so many seconds; empty where it may."""
        self.now += after
        slack = SimpleNamespace(shared=self.known)
        services = SimpleNamespace(slack=slack, people=self.people)
        delivery = SimpleNamespace(services=services, call=self.call)
        try:
            await require_insiders(cast(Delivery, delivery), HERE, "post")
        except SlackRefused as refused:
            return refused.code
        return ""


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    """A channel with one member of ours in it."""
    made = Room("UM")
    monkeypatch.setattr(channel_readers, "steady", lambda: made.now)
    return made


async def test_slack_is_asked_once_in_a_period_and_not_once_a_post(room: Room) -> None:
    for _ in range(20):
        assert await room.speak(1.0) == ""
    assert room.asked == {"conversations.info": 1, "conversations.members": 1}
    assert await room.speak(DESCRIBED) == ""
    assert room.asked == {"conversations.info": 2, "conversations.members": 1}
    assert await room.speak(LISTED) == ""
    assert room.asked == {"conversations.info": 3, "conversations.members": 2}


async def test_a_channel_that_we_have_just_made_is_not_asked_about(room: Room) -> None:
    room.known.readers.note_made(HERE, room.now)
    assert await room.speak(1.0) == ""
    assert not room.asked


@pytest.mark.parametrize("bot", [Standing.BOT, Standing.OUTSIDER, Standing.DEACTIVATED])
async def test_only_guests_and_another_organisation_withhold(room: Room, bot: Standing) -> None:
    room.people.known["UX"] = bot
    room.members.append("UX")
    assert await room.speak() == ""
    room.members.append("UG")
    assert await room.speak(LISTED) == GUESTS
    room.shared = True
    assert await room.speak(LISTED) == SHARED


async def test_a_guest_who_comes_withholds_at_once_and_who_goes_lets_go(room: Room) -> None:
    assert await room.speak() == ""
    room.members.append("UG")
    room.known.readers.note_joined(HERE, "UG")
    assert await room.speak(1.0) == GUESTS, "seen by the event"
    room.members.remove("UG")
    assert await room.speak(60.0) == "", (
        "their going was missed, so Slack is asked before withholding"
    )


async def test_the_end_of_a_sharing_that_was_missed_is_seen_before_withholding(room: Room) -> None:
    room.known.note_sharing(HERE, shared=True)
    assert await room.speak() == ""


async def test_an_unknown_member_is_asked_about_and_an_unknowable_one_counts_as_none(
    room: Room,
) -> None:
    room.members += ["UHIDDEN", "USILENT", "UNEW"]
    room.people.tells["UNEW"] = Standing.GUEST
    assert await room.speak() == GUESTS
    assert room.people.asked["UHIDDEN"] == 0
    room.people.tells["UNEW"] = room.people.known["UNEW"] = Standing.MEMBER
    assert await room.speak() == ""


async def test_of_many_unknown_members_a_few_are_asked_about_at_a_time(room: Room) -> None:
    room.members += [f"U{n:03}" for n in range(3 * ASKED)]
    assert await room.speak() == ""
    assert room.people.asked.total() == ASKED
    for _ in range(5):
        assert await room.speak(1.0) == ""
    assert room.people.asked.total() == 3 * ASKED, "each once, though Slack tells of none"


@pytest.mark.parametrize(
    "fault",
    [SlackUnknown("conversations.info", "away"), SlackRateLimited("conversations.info", 30.0),
     Later(30.0, everywhere=True)],
)  # fmt: skip
async def test_no_answer_delays_and_does_not_silence(room: Room, fault: Exception) -> None:
    room.fault = fault
    with pytest.raises(type(fault)) as caught:
        await room.speak()
    assert not getattr(caught.value, "everywhere", False), "other channels do not wait for this one"
    with pytest.raises(type(fault)):
        await room.speak(DOUBT / 2)
    assert await room.speak(DOUBT / 2) == "", "what is known last holds"
    before = room.asked.total()
    assert await room.speak(1.0) == ""
    assert room.asked.total() == before, "until the next question"
    room.fault = None
    room.members.append("UG")
    assert await room.speak(LISTED) == GUESTS


async def test_while_slack_is_silent_a_guest_who_was_seen_still_counts(room: Room) -> None:
    room.members.append("UG")
    assert await room.speak() == GUESTS
    room.fault = SlackUnknown("conversations.info", "away")
    with pytest.raises(SlackUnknown):
        await room.speak(LISTED)
    assert await room.speak(DOUBT) == GUESTS


async def test_an_answer_that_tells_nothing_of_the_channel_withholds_nothing(room: Room) -> None:
    room.fault = SlackRefused("conversations.info", "missing_scope")
    assert await room.speak() == ""
    assert await room.speak(1.0) == ""
    assert room.asked.total() == 1
