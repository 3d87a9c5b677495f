"""What has a number, a channel and a card of its own: a case, a problem.

The outbox rows of both are alike. What differs is how stored rows name their subject, and that
stands here: rows that were queued before an upgrade are performed after it, so kinds and lanes
never change. ``bot/effects.py`` queues the rows; ``bot/slack`` performs them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.states import ProblemState
from storage.models import Case, Outbox, Problem
from storage.sessions.drills import sees_drills

Subject = Case | Problem


@dataclass(frozen=True, slots=True)
class SubjectType:
    """How rows of the outbox and messages name one kind of subject.

    ``lane_prefix`` begins the lane of each row, ``text_family`` each text (``notice:opened``).
    ``kinds`` maps an effect to the kind stored for it; an effect that is missing here is stored
    under its own name. ``waiting`` are the stored kinds that need the subject's channel: they are
    refused with ``no_channel_yet`` while it is missing, and queued again once it is there.
    ``lane_parts`` are the lanes in which rows are found; None: rows carry the case's number.
    """

    lane_prefix: str
    text_family: str
    waiting: frozenset[str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    lane_parts: tuple[str, ...] | None = None

    def kind_of(self, effect: str) -> str:
        """Return the kind stored for an effect: ``card`` of a problem is ``problem_card``.

        Kinds are what ``bot/registry.py`` lists performers by, and what an administrator sees.
        """
        return self.kinds.get(effect, effect)

    def lane_of(self, number: int, part: str = "") -> str:
        """The lane of a subject, or of one part of it: ``case:7``, ``problem:3:card``."""
        lane = f"{self.lane_prefix}:{number}"
        return f"{lane}:{part}" if part else lane

    def rows_of(self, numbers: Iterable[int]) -> ColumnElement[bool]:
        """Return the condition that an outbox row is about one of these subjects.

        Of a problem only the lanes of ``lane_parts`` count; the messages of its broadcasts stand in
        others.
        """
        if self.lane_parts is None:
            return col(Outbox.case_number).in_(list(numbers))
        lanes = [self.lane_of(number, part) for number in numbers for part in self.lane_parts]
        return col(Outbox.lane).in_(lanes)


CASE = SubjectType(
    lane_prefix="case",
    text_family="notice",
    waiting=frozenset(
        {"post", "edited_post", "card", "pin", "topic", "invite", "bookmark", "file"}
    ),
)
PROBLEM = SubjectType(
    lane_prefix="problem",
    text_family="problem",
    waiting=frozenset({"problem_card", "problem_pin", "problem_invite", "problem_post"}),
    kinds={
        "create_channel": "problem_channel",
        "card": "problem_card",
        "pin": "problem_pin",
        "invite": "problem_invite",
        "post": "problem_post",
        "take_back": "problem_take_back",
    },
    lane_parts=("", "channel", "card", "people"),
)
TYPES: Mapping[type[Subject], SubjectType] = {Case: CASE, Problem: PROBLEM}

DRAWN = ("card", "topic")  # effects that show the subject as it is when they are performed
DRAWN_KINDS = frozenset(each.kind_of(effect) for each in TYPES.values() for effect in DRAWN)


def describe_type(subject: Subject) -> SubjectType:
    """How rows and messages name a subject like this one."""
    return TYPES[type(subject)]


def build_lane(subject: Subject, part: str = "") -> str:
    """Return the lane of a subject, or of one part of it: ``case:7``, ``problem:3:card``."""
    return describe_type(subject).lane_of(subject.number, part)


def identify_subject(subject: Subject) -> dict[str, int]:
    """Return what a row's payload names its subject by: ``problem`` with the problem's number.

    Empty for a case, of which the row has the column ``case_number``.
    """
    return {} if isinstance(subject, Case) else {"problem": subject.number}


def introduce_subject(subject: Subject) -> dict[str, Any]:
    """Return what ``extra`` of a message says of its subject: ``problem``, ``title``, ``channel``.

    The channel is its id, empty while there is none. Of a known issue ``issue`` is True as well.
    Nothing is said of a case: its facts are read when the message is composed.
    """
    if isinstance(subject, Case):
        return {}
    about = {
        "problem": subject.number,
        "title": subject.title,
        "channel": subject.channel_id or "",
    }
    return {**about, "issue": True} if is_known_issue(subject) else about


def is_known_issue(subject: Subject) -> bool:
    """True for a known issue, which has a problem's row, and neither a channel nor a card."""
    return isinstance(subject, Problem) and subject.state is ProblemState.KNOWN


async def find_by_channel(
    session: AsyncSession, model: type[Subject], channel_id: str
) -> int | None:
    """Return the number of the case or problem that has this channel; None for any other channel.

    A channel that a case has left for a private one is no longer its channel.
    """
    query = sees_drills(select(model.number).where(col(model.channel_id) == channel_id))
    return (await session.exec(query)).first()
