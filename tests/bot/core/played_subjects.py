"""The subjects of an approval as people meet them, and a further one whose rows are in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from bot import effects
from bot.core import approvals
from bot.customers import authority
from bot.rules.states import ApprovalState
from storage.models import Broadcast, Draft, MessageTemplate, Outbox, TalkingPoints
from tests.bot.problems.test_problem import begun
from tests.bot.stage import T0, Stage

WORDS = "We will write to you again by 15:00."


@dataclass
class Played:
    """How one subject is played: the verbs by which people meet it, and its rows."""

    name: ClassVar[str]
    model: ClassVar[Any]
    asking: ClassVar[str]  # the notice to approvers
    telling: ClassVar[str]  # the notice to the author
    no_approver: ClassVar[str] = "no_approver"
    replaced_by: ClassVar[ApprovalState | None] = ApprovalState.VOID
    stage: Stage
    about: dict[str, int] = field(default_factory=dict)  # the case or problem it belongs to

    async def begin(self) -> None:
        """What must be there before anything is proposed."""

    async def propose(self, who: str, words: str = WORDS) -> None:
        """Propose."""
        raise NotImplementedError

    async def rows(self) -> Sequence[Any]:
        """Everything that was proposed, oldest first."""
        return await self.stage.rows(self.model)

    async def answer(self, who: str, number: int, *, approve: bool, remark: str) -> None:
        """Approve, or return with a remark, what was shown."""
        given = {self.name: number, "approve": approve, "remark": remark, **self.about}
        await self.stage.do(who, f"answer_{self.name}", **given)

    async def withdraw(self, who: str, number: int) -> None:
        """End the use of what was approved."""
        given = {self.name: number, "reason": "It misleads", **self.about}
        await self.stage.do(who, f"withdraw_{self.name}", **given)

    async def alter(self, number: int) -> None:
        """Change in the store what was shown."""
        async with self.stage.database.write() as session:
            row = await session.get(self.model, number)
            self.change(row)
            session.add(row)

    def change(self, row: Any) -> None:
        """Make the row another one."""
        raise NotImplementedError

    async def told(self) -> list[tuple[str, str]]:
        """Who heard what of this subject by direct message, in order."""
        rows = [row.payload for row in await self.stage.rows(Outbox, kind="dm")]
        wanted = (self.asking, self.telling)
        return [(said["user"], said["text"]) for said in rows if said["text"] in wanted]


class Message(Played):
    """A customer message."""

    name, model = "draft", Draft
    asking, telling = "notice:approval_asked", "notice:draft_answered"

    async def begin(self) -> None:
        self.about = {"case": await self.stage.claimed()}

    async def propose(self, who: str, words: str = WORDS) -> None:
        promise = self.stage.now + timedelta(hours=2)
        given = {"text": words, "kind": "update", "next_update_at": promise}
        await self.stage.update(self.about["case"], who, **given)

    async def answer(self, who: str, number: int, *, approve: bool, remark: str) -> None:
        digest = next((row.digest for row in await self.rows() if row.id == number), "0" * 64)
        given = {"draft": number, "digest": digest, "approve": approve, "remark": remark}
        await self.stage.do(who, "answer_draft", **self.about, **given)

    def change(self, row: Any) -> None:
        row.text = "We will pay you."


class Template(Played):
    """Words for the library; several versions may wait."""

    name, model = "template", MessageTemplate
    asking, telling = "library:proposed", "library:answered"
    no_approver, replaced_by = "no_approver_of_words", None

    async def propose(self, who: str, words: str = WORDS) -> None:
        body = f"Dear {{{{ contact }}}}, {words} {{{{ next_update }}}}"
        last = (self.stage.now + timedelta(days=30)).date()
        given = {"kind": "update", "language": "en", "body": body, "why": "x", "expires": last}
        await self.stage.do(who, "propose_template", **given)


class ToMany(Played):
    """A message to all customers of a problem."""

    name, model = "broadcast", Broadcast
    asking, telling = "problem:broadcast_asked", "problem:broadcast_answered"

    async def begin(self) -> None:
        await begun(self.stage)
        self.about = {"problem": 1}

    async def propose(self, who: str, words: str = WORDS) -> None:
        text = f"Κυρία ή κύριε {{contact}}, θα σας γράψουμε ξανά στις 15:00. {words}"
        promise = self.stage.now + timedelta(hours=2)
        given = {"audience": "all", "text_el": text, "next_update_at": promise}
        await self.stage.do(who, "propose_broadcast", **self.about, **given)

    async def answer(self, who: str, number: int, *, approve: bool, remark: str) -> None:
        digest = next((row.digest for row in await self.rows() if row.id == number), "0" * 64)
        given = {"broadcast": number, "digest": digest, "approve": approve, "remark": remark}
        await self.stage.do(who, "answer_broadcast", **self.about, **given)

    def change(self, row: Any) -> None:
        row.next_update_at += timedelta(hours=1)


class Points(Played):
    """Talking points of a problem."""

    name, model = "points", TalkingPoints
    asking, telling = "problem:points_asked", "problem:points_answered"
    no_approver, replaced_by = "no_approver_of_words", ApprovalState.RETURNED

    async def begin(self) -> None:
        await begun(self.stage)
        self.about = {"problem": 1}

    async def propose(self, who: str, words: str = WORDS) -> None:
        given = {"say": words, "expires_at": self.stage.now + timedelta(days=2)}
        await self.stage.do(who, "propose_points", **self.about, **given)


# -- a fifth


@dataclass
class Credit:
    """A row of no table."""

    words: str
    author: str
    shown: str = ""
    id: int = 0
    state: ApprovalState = ApprovalState.WAITING
    approver: str | None = None
    remark: str = ""
    answered_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True)
class CreditApproval(approvals.Subject[Credit]):
    """All that a further subject has to say."""

    name: ClassVar[str] = "credit"
    shelf: list[Credit]
    promised: datetime

    async def list_approvers(self, author: str) -> Sequence[str]:
        return await authority.message_approvers(self.work.session, self.work.policy, author)

    async def ask_approver(self, user: str, row: Credit) -> None:
        await effects.queue_dm(self.work, user, "credit:asked", None, {"words": row.words})

    async def tell_author(self, row: Credit) -> None:
        said = approvals.describe_decision(row)
        await effects.queue_dm(self.work, row.author, "credit:answered", None, said)

    async def is_altered(self, row: Credit, digest: str) -> bool:
        return row.words != digest

    def holds_until(self, row: Credit) -> datetime:
        return approvals.limit_approval(self.work.policy, self.promised, self.work.now)

    async def keep_row(self, row: Credit) -> None:
        self.shelf.append(row)
        row.id = len(self.shelf)

    async def lock_row(self, number: int) -> Credit | None:
        return next((row for row in self.shelf if row.id == number), None)

    async def lock_earlier(self, row: Credit) -> Sequence[Credit]:
        return [each for each in self.shelf if each.state in self.replaced]


@dataclass
class Fifth(Played):
    """The same people and the same rules over rows in memory."""

    name, asking, telling = "credit", "credit:asked", "credit:answered"
    shelf: list[Credit] = field(default_factory=list)
    promised: datetime = T0

    async def begin(self) -> None:
        self.promised = self.stage.now + timedelta(hours=2)

    def subject(self, work: Any) -> CreditApproval:
        return CreditApproval(work, self.shelf, self.promised)

    async def rows(self) -> Sequence[Credit]:
        return self.shelf

    async def propose(self, who: str, words: str = WORDS) -> None:
        async with self.stage.database.write() as session:
            row = Credit(words, who, shown=words)
            await approvals.propose_row(self.subject(self.stage.work(session, who)), row)

    async def answer(self, who: str, number: int, *, approve: bool, remark: str) -> None:
        shown = next((row.shown for row in self.shelf if row.id == number), "")
        async with self.stage.database.write() as session:
            subject = self.subject(self.stage.work(session, who))
            given = {"approve": approve, "remark": remark, "digest": shown}
            await approvals.decide_row(subject, number, **given)

    async def withdraw(self, who: str, number: int) -> None:
        async with self.stage.database.write() as session:
            subject = self.subject(self.stage.work(session, who))
            await approvals.withdraw_row(subject, number, "It misleads")

    async def alter(self, number: int) -> None:
        self.shelf[number - 1].words = "Something else"
