"""What people ask for about a problem that many customers have."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from bot.engine.intent import (
    Intent,
    Line,
    OnCase,
    OptionalLine,
    OptionalText,
    SlackUser,
    Text,
    Url,
)
from bot.rules.words import Severity


class OpenProblem(OnCase):
    """A problem that many customers have, first seen on this case."""

    verb: ClassVar[str] = "open_problem"
    title: Line
    known: Text
    scope: OptionalText = ""
    severity: Severity


class LinkCase(OnCase):
    """This case is part of a bigger problem."""

    verb: ClassVar[str] = "link_case"
    problem: int


class UnlinkCase(OnCase):
    """This case is no part of its problem after all."""

    verb: ClassVar[str] = "unlink_case"


class OnProblem(Intent):
    """An intent about one existing problem, by its number."""

    problem: int


class EditProblem(OnProblem):
    """What is known now, and who is affected; another scope withdraws talking points."""

    verb: ClassVar[str] = "edit_problem"
    title: Line
    known: Text
    scope: OptionalText = ""
    severity: Severity
    owner: SlackUser


class ResolveProblem(OnProblem):
    """The problem is over for everybody."""

    verb: ClassVar[str] = "resolve_problem"
    outcome: Text


class AddAffected(OnProblem):
    """A customer who has the problem, and how we know."""

    verb: ClassVar[str] = "add_affected"
    account: OptionalLine = ""
    customer: Line
    evidence: Text
    link: Url = ""
    said_by: SlackUser | None = None
    said_at: datetime | None = None


class AddAffectedLines(OnProblem):
    """Many customers at once, pasted as lines of CSV."""

    verb: ClassVar[str] = "add_affected_lines"
    lines: Text


class RemoveAffected(OnProblem):
    """A customer does not have the problem after all."""

    verb: ClassVar[str] = "remove_affected"
    affected: int
    reason: Text


class ProposeBroadcast(OnProblem):
    """One message for an audience, in each language that somebody there reads."""

    verb: ClassVar[str] = "propose_broadcast"
    audience: Line
    text_en: OptionalText = ""
    text_el: OptionalText = ""
    next_update_at: datetime


class AnswerBroadcast(OnProblem):
    """An approver's word on a broadcast; ``digest`` is of what they were shown."""

    verb: ClassVar[str] = "answer_broadcast"
    broadcast: int
    digest: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    approve: bool
    remark: OptionalText = ""


class SendBroadcast(OnProblem):
    """Send what was approved."""

    verb: ClassVar[str] = "send_broadcast"
    broadcast: int


class RetryReceipts(OnProblem):
    """Send a broadcast again to those whom it did not reach."""

    verb: ClassVar[str] = "retry_receipts"
    broadcast: int


class SentByHand(OnProblem):
    """Somebody sent a customer's broadcast themselves."""

    verb: ClassVar[str] = "sent_by_hand"
    receipt: int
    route: Line
    link: Url = ""


class ProposePoints(OnProblem):
    """What agents say, do not say, and answer, until when."""

    verb: ClassVar[str] = "propose_points"
    say: Text
    dont_say: OptionalText = ""
    questions: OptionalText = ""
    expires_at: datetime


class AnswerPoints(OnProblem):
    """An approver's word on talking points."""

    verb: ClassVar[str] = "answer_points"
    points: int
    approve: bool
    remark: OptionalText = ""


class WithdrawPoints(OnProblem):
    """Talking points no longer hold."""

    verb: ClassVar[str] = "withdraw_points"
    points: int
    reason: Text


class ReadPoints(OnProblem):
    """Somebody read the talking points."""

    verb: ClassVar[str] = "read_points"
    points: int


PROBLEM_INTENTS: tuple[type[Intent], ...] = (
    OpenProblem, LinkCase, UnlinkCase, EditProblem, ResolveProblem, AddAffected,
    AddAffectedLines, RemoveAffected, ProposeBroadcast, AnswerBroadcast, SendBroadcast,
    RetryReceipts, SentByHand, ProposePoints, AnswerPoints, WithdrawPoints, ReadPoints,
)  # fmt: skip
