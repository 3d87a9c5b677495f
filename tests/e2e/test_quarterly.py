"""A quarterly review through the doors: made by itself, answered, written, decided, held."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from bot.reports.quarterly import plan_reviews
from tests.e2e.office import DAN, ELENI, KATE, MAYA, SOFIA, TOMAS, Office, office, texts_of

DAYS = timedelta(days=1)
PARTS = {
    "product": "Alert thirty days before a certificate ends.",
    "training": "Nothing, everybody knew what to do.",
    "process": "One owner for each certificate.",
    "documentation": "A page that lists every certificate.",
}


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    """The quarter has ended, and the morning on which its review is prepared has come."""
    async with office(tmp_path, http=False) as desk:
        await desk.stage("closed")
        await plan_reviews(desk.here.services)
        await desk.pass_time(timedelta(days=56))  # from 8 February into April
        yield desk


def words(desk: Office, who: str) -> str:
    """The last private answer."""
    return desk.answers(who)[-1].text + "\n".join(texts_of(desk.answers(who)[-1].blocks))


def invitations(desk: Office, who: str) -> list[Any]:
    """The messages that ask whether they come."""
    return [each for each in desk.dms(who) if "do:answer_quarterly_review" in str(each.blocks)]


async def test_a_quarter_is_looked_back_on(desk: Office) -> None:
    for who in (ELENI, KATE, SOFIA):
        assert len(invitations(desk, who)) == 1, who
    assert invitations(desk, MAYA) == []
    assert "Q1 2027" in invitations(desk, KATE)[0].text
    await plan_reviews(desk.here.services)
    await desk.pass_time(timedelta(hours=2))
    assert len(invitations(desk, KATE)) == 1  # once
    invited = invitations(desk, KATE)[0]
    await desk.press(KATE, invited, "do:answer_quarterly_review#1")
    await desk.press(ELENI, invitations(desk, ELENI)[0], "do:answer_quarterly_review#2")
    answered = next(each for each in desk.dms(KATE) if each.ts == invited.ts)
    await desk.press(KATE, answered, "show:quarterly_review")
    assert "Quarterly review, Q1 2027" in words(desk, KATE)
    assert f"comes: <@{KATE}> · does not: <@{ELENI}>" in words(desk, KATE)
    shown = words(desk, KATE)
    assert shown.index("Still open from earlier") < shown.index("What could")
    await desk.press(KATE, desk.answers(KATE)[-1], "ask:write_quarterly_review")
    errors = await desk.fill(KATE, product=PARTS["product"], training="none", step="reviewed")
    assert set(errors) == {"training", "process", "documentation"}
    assert await desk.fill(KATE, **PARTS, step="saved") == {}
    assert "not held yet" in words(desk, KATE)
    await desk.command(KATE, "quarter Q1 2027")
    assert "One owner for each certificate." in words(desk, KATE)
    await desk.press(KATE, desk.answers(KATE)[-1], "ask:decide_quarter")
    due = (desk.ws.now() + 20 * DAYS).date().isoformat()
    assert "decision" in await desk.fill(KATE, decision="Be careful", owner=TOMAS, due=due)
    decided = "Alert before a certificate ends, for every customer"
    assert await desk.fill(KATE, decision=decided, owner=TOMAS, due=due) == {}
    assert decided in desk.dms(TOMAS)[-1].text
    await desk.command(KATE, "quarter")
    await desk.press(KATE, desk.answers(KATE)[-1], "show:quarterly_file")
    carrier = next(m for m in reversed(desk.dms(KATE)) if m.files)
    entry = (desk.ws.files[carrier.files[0]].content or b"").decode()
    assert "BEGIN:VEVENT" in entry
    assert "quarterly-review-2027-Q1@" in entry
    await desk.command(KATE, "quarter")
    await desk.press(KATE, desk.answers(KATE)[-1], "ask:write_quarterly_review")
    assert await desk.fill(KATE, step="reviewed") == {}  # what was saved stands in the form
    assert PARTS["process"] in desk.dms(SOFIA)[-1].text
    await desk.pass_time(timedelta(days=92))
    assert decided in invitations(desk, KATE)[-1].text  # first what is still open
    assert "Q2 2027" in invitations(desk, KATE)[-1].text
    await desk.press(TOMAS, newest(desk, TOMAS), "ask:end_quarter_decision")
    assert await desk.fill(TOMAS, evidence="The alert is in the repository") == {}
    assert "A colleague is asked to look" in desk.answers(TOMAS)[-1].text
    asked = next(m for m in reversed(desk.dms(KATE)) if "verify_quarter" in str(m.blocks))
    assert "The alert is in the repository" in asked.text  # who decided it looks
    assert decided in asked.text
    await desk.press(KATE, asked, "ask:verify_quarter_decision")
    assert await desk.fill(KATE, remark="It rings nowhere") == {}
    returned = newest(desk, TOMAS)
    assert "It rings nowhere" in returned.text
    await desk.command(KATE, "quarter")
    assert "not done yet: It rings nowhere" in words(desk, KATE)
    await desk.press(TOMAS, returned, "ask:end_quarter_decision")
    assert await desk.fill(TOMAS, evidence="It rang on Monday") == {}
    await desk.command(SOFIA, "quarter")
    assert "ελέγχει άλλο πρόσωπο" in words(desk, SOFIA)
    await desk.press(SOFIA, desk.answers(SOFIA)[-1], "do:verify_quarter_decision")
    await desk.command(KATE, "quarter")
    assert "*Still open from earlier quarters: 0*" in words(desk, KATE)
    assert "your decision is done" in desk.dms(TOMAS)[-1].text


def newest(desk: Office, who: str) -> Any:
    """Their newest message with the button that says it is done."""
    return next(m for m in reversed(desk.dms(who)) if "end_quarter_decision" in str(m.blocks))


async def test_others_are_refused_and_another_time_asks_anew(desk: Office) -> None:
    await desk.command(MAYA, "quarter")
    assert "permission" in words(desk, MAYA)
    await desk.wants(MAYA, "answer_quarterly_review", {"review": 1, "coming": True})
    await desk.here.settle()
    assert "not invited" in desk.everything_seen(MAYA)
    await desk.wants(DAN, "write_quarterly_review", {"review": 1, **PARTS, "step": "reviewed"})
    await desk.wants(DAN, "decide_quarter", {
        "review": 1, "decision": "Alert before it ends", "owner": MAYA,
        "due": (desk.ws.now() + DAYS).date().isoformat(),
    })  # fmt: skip
    await desk.here.settle()
    await desk.command(KATE, "quarter")
    assert words(desk, KATE).count("not written yet") >= 4
    assert "*Decided in this review: 0*" in words(desk, KATE)
    await desk.press(KATE, invitations(desk, KATE)[0], "do:answer_quarterly_review#1")
    later = (desk.ws.now() + 9 * DAYS).isoformat()
    await desk.wants(KATE, "write_quarterly_review", {"review": 1, "at": later})
    await desk.here.settle()
    assert "νέα ώρα" in invitations(desk, SOFIA)[-1].text
    await desk.command(KATE, "quarter")
    assert f"comes: <@{KATE}> · does not: –" in words(desk, KATE)  # who moved it still comes
    await desk.press(KATE, desk.answers(KATE)[-1], "do:answer_quarterly_review#2")
    await desk.command(KATE, "quarter")
    assert f"comes: – · does not: <@{KATE}>" in words(desk, KATE)
    await desk.press(KATE, desk.answers(KATE)[-1], "ask:write_quarterly_review")
    await desk.wants(SOFIA, "write_quarterly_review", {"review": 1, **PARTS})
    await desk.here.settle()
    assert set(await desk.fill(KATE, product="Another thing")) == {"product"}
    await desk.wants(KATE, "end_quarter_decision", {"decision": 9, "evidence": "x"})
    await desk.here.settle()
    assert "no such decision" in desk.everything_seen(KATE)
    await desk.command(KATE, "quarter 2026")
    assert "is no quarter" in words(desk, KATE)
    await desk.command(KATE, "quarter 2026-Q1")
    assert "no such quarterly review" in words(desk, KATE)
