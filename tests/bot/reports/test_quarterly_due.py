"""Who is asked about a quarterly review and its decisions, and that no work is lost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.reports.quarterly import open_decisions
from bot.rules.words import Role
from storage.models import Outbox, Person, QuarterDecision, QuarterlyReview
from tests.bot.stage import ANNA, DORA, EMMA, EVAN, LEAH, Stage

PARTS = {"product": "Alert before it ends", "training": "a", "process": "b", "documentation": "c"}


async def has_review(stage: Stage, quarter: str = "2026-Q3", **changes: Any) -> QuarterlyReview:
    """A review that is prepared and is to be asked about."""
    invited = {"users": [EMMA, LEAH], "yes": [], "no": []}
    known: dict[str, Any] = {"made_at": stage.now, "invited": invited, "findings": {}}
    await stage.add(QuarterlyReview(quarter=quarter, **{**known, **changes}))
    return (await stage.rows(QuarterlyReview))[-1]


async def has_decision(stage: Stage, review: int, owner: str = ANNA, **more: Any) -> None:
    """An open decision."""
    more = {"due": date(2027, 3, 1), **more}
    await stage.add(
        QuarterDecision(
            review=review, decision="Alert before it ends", owner=owner,
            created_by=EMMA, created_at=stage.now, **more,
        )
    )  # fmt: skip


async def told(stage: Stage) -> list[tuple[str, str]]:
    """Who was told what."""
    rows = await stage.rows(Outbox, kind="dm")
    return [(row.payload["user"], row.payload["text"]) for row in rows]


@pytest.mark.parametrize(
    ("roles", "asked"),
    [
        ({Role.SUPPORT_LEAD: (LEAH,), Role.DIRECTOR: (DORA,)}, [LEAH]),
        ({Role.DIRECTOR: (DORA,), Role.ESCALATION_MANAGER: (EMMA,)}, [DORA]),
        ({Role.ADMINISTRATOR: (ANNA,)}, [ANNA]),
    ],
)
async def test_somebody_is_asked_whether_it_was_held(
    stage: Stage, roles: Mapping[Role, tuple[str, ...]], asked: list[str]
) -> None:
    stage.policy = replace(stage.policy, roles=roles)
    await has_review(stage, next_at=stage.now, meets_at=stage.now - timedelta(days=1))
    await stage.sweep()
    assert await told(stage) == [(user, "quarterly:not_held") for user in asked]


async def test_where_no_role_of_the_review_has_anybody_those_who_answer_for_it_are_invited(
    stage: Stage,
) -> None:
    terms = replace(stage.policy.quarterly_review, roles=(Role.SPONSOR,))
    stage.policy = replace(stage.policy, quarterly_review=terms)
    await has_review(stage, next_at=stage.now, made_at=None, invited={})
    await stage.sweep()
    assert (await stage.rows(QuarterlyReview))[0].invited["users"] == [LEAH]
    assert await told(stage) == [(LEAH, "quarterly:prepared")]


async def test_a_review_has_open_what_was_decided_in_earlier_quarters_alone(stage: Stage) -> None:
    for quarter in ("2026-Q4", "2026-Q2", "2026-Q3"):
        await has_decision(stage, (await has_review(stage, quarter)).id)
    async with stage.database.read() as session:
        counts = [
            len(await open_decisions(session, key)) for key in ("2026-Q2", "2026-Q3", "2026-Q4")
        ]
    assert counts == [0, 1, 2]


async def test_the_decision_of_a_person_who_left_passes_to_one_who_is_there(stage: Stage) -> None:
    await has_decision(stage, (await has_review(stage)).id, next_at=stage.now)
    for user in (ANNA, EMMA):
        person = Person(user_id=user, name=user, standing="deactivated", fetched_at=stage.now)
        await stage.add(person)
    await stage.sweep()
    assert await told(stage) == [(EVAN, "quarterly:decision_passed")]
    assert (await stage.rows(Outbox, kind="dm"))[0].payload["extra"]["left"] == ANNA
    row = (await stage.rows(QuarterDecision))[0]
    assert row.owner == EVAN
    assert row.next_at is not None
    await stage.do(EVAN, "end_quarter_decision", decision=row.id, evidence="The alert is there")


async def test_the_second_who_writes_does_not_wipe_the_first(stage: Stage) -> None:
    review = await has_review(stage)
    about = {"review": review.id, "seen": stage.now.isoformat()}
    stage.later(minutes=1)
    await stage.do(EMMA, "write_quarterly_review", **about, **PARTS)
    with pytest.raises(UserError) as refused:
        await stage.do(LEAH, "write_quarterly_review", **about, product="Another thing")
    assert refused.value.key == "quarter_changed"
    again = {**about, "seen": stage.now.isoformat()}
    await stage.do(LEAH, "write_quarterly_review", **again, **PARTS)


async def test_who_moves_the_meeting_still_comes(stage: Stage) -> None:
    invited = {"users": [EMMA, LEAH], "yes": [EMMA, LEAH], "no": []}
    review = await has_review(stage, invited=invited)
    later: datetime = stage.now + timedelta(days=9)
    await stage.do(EMMA, "write_quarterly_review", review=review.id, at=later.isoformat())
    assert (await stage.rows(QuarterlyReview))[0].invited == {**invited, "yes": [EMMA]}
