"""One approval under everything that a second person decides on: the same rules for each subject.

The last subject of the table exists only here, with rows in memory: whatever is approved next needs
a subject, and no mechanism of its own.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from bot import effects
from bot.core import approvals
from bot.customers import authority
from bot.customers.approval import MessageApproval
from bot.customers.templates import TemplateApproval
from bot.errors import UserError
from bot.problems.broadcasts import BroadcastApproval
from bot.problems.talking_points import PointsApproval
from bot.rules.states import UNDECIDED, ApprovalState
from bot.rules.words import Language, Role, Severity
from messages.cases.answers import refusal as refusal_shown
from messages.kit.texts import texts
from storage.models import Broadcast, Draft, MessageTemplate, Outbox, TalkingPoints
from tests.bot.problems.test_problem import begun
from tests.bot.stage import ANNA, BILL, EMMA, ROLES, STRANGER, T0, Stage

COCO, CLEO = "UCOCO", "UCLEO"  # comms approvers
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
        return await authority.approvers(self.work.session, self.work.policy, author)

    async def ask_approver(self, user: str, row: Credit) -> None:
        await effects.dm(self.work, user, "credit:asked", None, {"words": row.words})

    async def tell_author(self, row: Credit) -> None:
        said = approvals.describe_decision(row)
        await effects.dm(self.work, row.author, "credit:answered", None, said)

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


ALL = [Message, Template, ToMany, Points, Fifth]
BOUND = [Message, ToMany, Fifth]  # to a digest and a promised time
IN_USE = [Template, Points, Fifth]  # until a person or their time ends it


@pytest.fixture
async def played(request: pytest.FixtureRequest, stage: Stage) -> Played:
    """A subject on a stage with two comms approvers."""
    stage.policy = replace(
        stage.policy,
        roles={**ROLES, Role.COMMS_APPROVER: (COCO, CLEO)},
        agent_channels=("CAGENTS",),
    )
    found: Played = request.param(stage)
    await found.begin()
    two = frozenset({Severity.SEV1, Severity.SEV2})
    stage.policy = replace(stage.policy, severities_needing_two_approvals=two)
    return found


def each_of(subjects: Sequence[type[Played]]) -> Any:
    """Run a fact for each of these subjects."""
    return pytest.mark.parametrize("played", subjects, indirect=True, ids=lambda s: s.name)


async def refusal(awaited: Awaitable[Any]) -> UserError:
    """What something is refused with."""
    with pytest.raises(UserError) as caught:
        await awaited
    return caught.value


async def approve(played: Played, who: str = COCO, number: int = 1) -> None:
    """Approve what was shown."""
    await played.answer(who, number, approve=True, remark="")


async def give_back(played: Played, remark: str = "Too cold", number: int = 1) -> None:
    """Return what was shown."""
    await played.answer(COCO, number, approve=False, remark=remark)


@each_of(ALL)
async def test_every_approver_is_asked_and_the_author_hears_the_answer(played: Played) -> None:
    await played.propose(ANNA)
    (row,) = await played.rows()
    assert row.state in UNDECIDED
    assert await played.told() == [(COCO, played.asking), (CLEO, played.asking)]
    played.stage.later(minutes=5)
    await approve(played)
    (row,) = await played.rows()
    assert (row.state, row.approver, row.remark) == (ApprovalState.APPROVED, COCO, "")
    assert row.answered_at == played.stage.now
    assert (await played.told())[2:] == [(ANNA, played.telling)]


@each_of(ALL)
async def test_with_no_one_to_ask_nothing_is_proposed(played: Played) -> None:
    played.stage.policy = replace(played.stage.policy, roles={Role.ESCALATION_MANAGER: (EMMA,)})
    assert (await refusal(played.propose(EMMA))).key == played.no_approver
    assert list(await played.rows()) == []


@each_of(ALL)
async def test_the_author_never_decides(played: Played) -> None:
    await played.propose(EMMA)
    assert (await refusal(approve(played, EMMA))).key == f"own_{played.name}"


@each_of(ALL)
async def test_only_approvers_decide(played: Played) -> None:
    await played.propose(ANNA)
    for who in (BILL, STRANGER, EMMA):  # there are comms approvers
        assert (await refusal(approve(played, who))).key == "not_your_role"
    assert (await played.rows())[0].state in UNDECIDED


@each_of(ALL)
async def test_what_does_not_exist_is_not_decided(played: Played) -> None:
    await played.propose(ANNA)
    assert (await refusal(approve(played, number=9))).key == f"no_such_{played.name}"


@each_of(ALL)
async def test_a_return_needs_a_remark_and_is_a_decision(played: Played) -> None:
    await played.propose(ANNA)
    assert (await refusal(give_back(played, remark=""))).key == "return_needs_remark"
    await give_back(played)
    (row,) = await played.rows()
    assert (row.state, row.approver, row.remark) == (ApprovalState.RETURNED, COCO, "Too cold")
    refused = await refusal(approve(played, CLEO))
    assert (refused.key, refused.facts) == (f"{played.name}_answered", {"by": COCO})


@each_of(ALL)
async def test_a_newer_proposal_takes_the_place_of_one_that_waits(played: Played) -> None:
    await played.propose(ANNA)
    await played.propose(ANNA, "We will write to you again by 15:00, or before.")
    first, second = await played.rows()
    assert second.state in UNDECIDED
    if played.replaced_by is None:
        assert first.state in UNDECIDED
        return
    assert first.state == played.replaced_by
    gone = "void" if played.replaced_by == ApprovalState.VOID else "answered"
    assert (await refusal(approve(played))).key == f"{played.name}_{gone}"
    await approve(played, number=2)


@each_of(BOUND)
async def test_what_was_changed_since_it_was_shown_is_not_approved(played: Played) -> None:
    await played.propose(ANNA)
    await played.alter(1)
    assert (await refusal(approve(played))).key == f"{played.name}_void"


@each_of(BOUND)
async def test_after_the_promised_time_it_can_only_be_returned(played: Played) -> None:
    await played.propose(ANNA)
    played.stage.later(hours=2)
    assert (await refusal(approve(played))).key == f"{played.name}_late"
    await give_back(played)


@each_of(IN_USE)
async def test_what_is_in_use_is_withdrawn_once(played: Played) -> None:
    await played.propose(ANNA)
    not_in_use = f"{played.name}_not_in_use"
    assert (await refusal(played.withdraw(EMMA, 1))).key == not_in_use
    await approve(played)
    played.stage.later(hours=1)
    await played.withdraw(EMMA, 1)
    (row,) = await played.rows()
    assert (row.state, row.ended_by) == (ApprovalState.WITHDRAWN, EMMA)
    assert (row.ended_why, row.ended_at) == ("It misleads", played.stage.now)
    assert (await refusal(played.withdraw(EMMA, 1))).key == not_in_use
    assert (await refusal(approve(played, CLEO))).key == f"{played.name}_answered"


@each_of(ALL)
async def test_of_two_who_answer_at_once_one_decides(played: Played) -> None:
    await played.propose(ANNA)
    both = [approve(played, who) for who in (COCO, CLEO)]
    ended = await asyncio.gather(*both, return_exceptions=True)
    refused = [each for each in ended if isinstance(each, UserError)]
    assert (len(refused), ended.count(None)) == (1, 1)
    assert refused[0].key == f"{played.name}_answered"
    assert [text for _, text in await played.told()].count(played.telling) == 1


def test_every_refusal_of_every_subject_has_its_words() -> None:
    always = ["own_{}", "no_such_{}", "{}_answered"]
    bound, in_use = ["{}_void", "{}_late"], ["{}_not_in_use"]
    table: list[tuple[type[approvals.Subject[Any]], list[str]]] = [
        (MessageApproval, [*always, *bound]),
        (TemplateApproval, [*always, *in_use]),
        (BroadcastApproval, [*always, *bound]),
        (PointsApproval, [*always, *in_use]),
    ]
    for language in Language:
        for subject, forms in table:
            keys = [form.format(subject.name) for form in forms]
            for key in [*keys, subject.no_approver, "return_needs_remark"]:
                assert f"refusal.{key}" in texts(language)
                assert refusal_shown(key, language, by=COCO).text
