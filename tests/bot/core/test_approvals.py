"""One approval under everything that a second person decides on: the same rules for each subject.

The last subject of the table exists only in tests, with rows in memory: whatever is approved next
needs a subject, and no mechanism of its own.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.core import approvals
from bot.customers.approval import MessageApproval
from bot.customers.templates import TemplateApproval
from bot.errors import UserError
from bot.problems.broadcasts import BroadcastApproval
from bot.problems.talking_points import PointsApproval
from bot.rules.states import UNDECIDED, ApprovalState
from bot.rules.words import Language, Role, Severity
from messages.cases.answers import refusal_message as refusal_shown
from messages.kit.texts import load_texts
from tests.bot.core.played_subjects import Fifth, Message, Played, Points, Template, ToMany
from tests.bot.stage import ANNA, BILL, EMMA, ROLES, STRANGER, Stage

COCO, CLEO = "UCOCO", "UCLEO"  # comms approvers

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
                assert f"refusal.{key}" in load_texts(language)
                assert refusal_shown(key, language, by=COCO).text
