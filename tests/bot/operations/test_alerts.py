"""A burst: each reporter whose channel must wait is told where they stand."""

from dataclasses import dataclass, field
from types import SimpleNamespace

from bot.effects import OPENING
from bot.engine.actors import ReplyTo
from bot.operations import alerts
from bot.rules.facts import PersonFacts
from bot.rules.words import Language
from messages.kit.blocks import Message
from storage.models import Inbox
from tests.bot.store import NOW, Keeper, effect

BURST = 100


@dataclass
class Teller(Keeper):
    """An app whose private answers are kept."""

    told: list[tuple[str, str]] = field(default_factory=list)

    async def tell(self, reply: ReplyTo, message: Message) -> None:
        """Kept."""
        self.told.append((reply.user_id, message.text))


async def _person(user_id: str) -> PersonFacts:
    return PersonFacts(user_id, user_id, Language.ENGLISH, "UTC", None)


async def test_in_a_burst_of_a_hundred_the_gravest_are_first_and_everybody_knows(
    keeper: Keeper,
) -> None:
    desk = Teller(keeper.database, people=SimpleNamespace(person=_person))
    rows = []
    for number in range(1, BURST + 1):
        severity = 1 + number % 4
        await keeper.add(
            Inbox(
                key=f"k{number}",
                verb="open_case",
                actor=f"U{number}",
                correlation=f"c{number}",
                reply={"user_id": f"U{number}", "channel_id": None, "response_url": None},
                received_at=NOW,
            )
        )
        row = effect(
            "create_channel",
            f"case:{number}:channel",
            case_number=number,
            priority=OPENING + severity,
            correlation=f"c{number}",
        )
        await keeper.add(row)
        rows.append(row)

    await alerts.tell_waiting(desk)
    await alerts.tell_waiting(desk)  # nobody is told twice

    order = sorted(rows, key=lambda row: (row.priority, row.id))
    assert [user for user, _ in desk.told] == [f"U{row.case_number}" for row in order]
    texts = dict(desk.told)
    for position, row in enumerate(order, 1):
        text = texts[f"U{row.case_number}"]
        assert f"ESC-{row.case_number}*" in text
        assert f"number {position} in the queue (about {position * 3} s" in text
