"""Whom the access review lists, what a signature is for, and who is asked for one."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.reports.access_review import list_access, plan_access_reviews
from bot.rules.compliance.access import Reach
from bot.rules.words import Language, Role, Standing
from messages.reports.access import access_rows
from storage.models import AccessReview, CaseRole, Outbox, Person
from tests.bot.stage import ANNA, DORA, EMMA, LEAH, Stage
from tests.messages.sample_access import access_list


async def told(stage: Stage) -> list[tuple[str, str]]:
    """Who was told what."""
    rows = await stage.rows(Outbox, kind="dm")
    return [(row.payload["user"], row.payload["text"]) for row in rows]


async def has_review(stage: Stage, **more: Any) -> None:
    """The review of a quarter."""
    await stage.add(AccessReview(**{"quarter": "2026-Q3", **more}))


async def test_each_line_counts_cases_and_the_restricted_ones_among_them(stage: Stage) -> None:
    roles = {
        Role.AGENT: (ANNA,), Role.FINANCE_APPROVER: (DORA,), Role.ESCALATION_MANAGER: (EMMA,),
        Role.SUPPORT_LEAD: (LEAH,),
    }  # fmt: skip
    stage.policy = replace(stage.policy, roles=roles)
    await has_review(stage)
    await stage.opened()
    secret = await stage.opened(sensitive=True)
    await stage.add(CaseRole(case_number=secret, role="csm", user_id=DORA, since=stage.now))
    lines = {line.user: line for line in (await list_access(stage.services())).lines}
    assert (lines[ANNA].reach, lines[ANNA].amounts) == (Reach.UNRESTRICTED, False)
    assert (lines[DORA].reach, lines[DORA].amounts) == (Reach.PART, True)
    assert (lines[DORA].cases, lines[DORA].restricted) == (1, 1)
    assert sum(line.restricted for line in lines.values()) >= 2


async def test_who_left_comes_first_and_nobody_named_means_everybody(stage: Stage) -> None:
    stage.policy = replace(stage.policy, roles={Role.DIRECTOR: (DORA, LEAH)})
    gone = Person(user_id=LEAH, name="Leah", standing="deactivated", fetched_at=stage.now)
    await stage.add(gone)
    await has_review(stage)
    found = await list_access(stage.services())
    assert found.lines[0].user == LEAH
    assert [line.user for line in found.gone] == [LEAH]
    assert found.public
    assert found.lines[0].standing is Standing.DEACTIVATED


async def test_a_name_changes_no_digest_and_a_role_does(stage: Stage) -> None:
    stage.policy = replace(stage.policy, roles={Role.AGENT: (ANNA,)})
    await has_review(stage)
    first = (await list_access(stage.services())).digest
    await stage.add(Person(user_id=ANNA, name="Anna", standing=None, fetched_at=stage.now))
    assert (await list_access(stage.services())).digest == first
    stage.policy = replace(stage.policy, roles={Role.AGENT: (ANNA, EMMA)})
    assert (await list_access(stage.services())).digest != first


async def test_the_first_role_with_a_person_who_is_there_is_asked(stage: Stage) -> None:
    roles = {Role.ADMINISTRATOR: (EMMA,), Role.DIRECTOR: (DORA,)}
    stage.policy = replace(stage.policy, roles=roles)
    await stage.add(Person(user_id=EMMA, name="Emma", standing="deactivated", fetched_at=stage.now))
    await has_review(stage, next_at=stage.now)
    await stage.sweep()
    assert await told(stage) == [(DORA, "access:asked")]
    await stage.sweep()
    assert len(await told(stage)) == 1


async def test_where_there_is_nobody_who_could_sign_nothing_is_said(stage: Stage) -> None:
    stage.policy = replace(stage.policy, roles={Role.AGENT: (ANNA,)})
    await has_review(stage, next_at=stage.now)
    await stage.sweep()
    assert await told(stage) == []


async def test_a_row_is_made_once_and_asks_after_the_quarter(stage: Stage) -> None:
    assert await plan_access_reviews(stage.services()) == 1
    assert await plan_access_reviews(stage.services()) == 0
    (row,) = await stage.rows(AccessReview)
    assert row.next_at > stage.now
    assert row.next_at - stage.now < timedelta(days=93)


async def test_what_waits_for_a_signature_is_shown_before_the_quarter_that_goes_on(
    stage: Stage,
) -> None:
    await has_review(stage, asked_at=stage.now)
    await has_review(stage, quarter="2026-Q4")
    assert (await list_access(stage.services())).period.key == "2026-Q3"
    await has_review(stage, quarter="2026-Q2", asked_at=stage.now, signed_at=stage.now)
    assert (await list_access(stage.services())).period.key == "2026-Q3"


async def test_before_there_is_a_review_the_list_is_read_and_not_signed(stage: Stage) -> None:
    found = await list_access(stage.services())
    assert (found.number, found.period.key) == (0, "2026-Q1")
    with pytest.raises(UserError, match="no_such_access_review"):
        await list_access(stage.services(), 7)


async def test_an_auditor_reads_everything(stage: Stage) -> None:
    stage.policy = replace(stage.policy, roles={Role.AUDITOR: (DORA,), Role.AGENT: (DORA,)})
    (line,) = (await list_access(stage.services())).lines
    assert (line.user, line.reach) == (DORA, Reach.EVERYTHING)


@pytest.mark.parametrize("language", list(Language))
def test_no_cell_of_the_file_is_a_formula(language: Language) -> None:
    content = access_rows(access_list(3, signed=True), language).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@"))] == []
    assert any(cell.startswith("'=") for cell in cells)
