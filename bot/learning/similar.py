"""Solved cases that are like another: the words by which they are found, and the search.

The words stand in ``SolvedWord``, for public solved cases alone. A reaction marks a case whose
words may have changed (``Case.learn_at``), and the sweep reads them; so were the cases read that
had been solved before there was a search. The search asks the case's own row whether it is solved,
public, and one that the viewer may read, so a word left behind betrays nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case as choose
from sqlalchemy import delete, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import is_public_case, shown_to
from bot.core.reactions import (
    CaseClosed,
    CaseCorrected,
    CaseReopened,
    CaseResolved,
    CaseRestricted,
    KnownIssueChanged,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.learning.search_words import (
    SOUGHT_MAX,
    least_shared,
    search_words,
    weigh_words,
)
from bot.rules.learning.similar import (
    SOLVED,
    TAUGHT_NOTHING,
    SimilarCase,
    is_solved,
    what_worked,
)
from bot.rules.policy.load import Policy
from storage.models import Affected, Case, KnownIssue, Problem, SolvedWord

SHOWN = 3  # cases that are like another
COUNTED_MAX = 2000  # cases up to which it is counted how many have a word
Changed = CaseResolved | CaseClosed | CaseReopened | CaseCorrected


async def learn_again(work: UnitOfWork, event: Changed) -> None:
    """Have the words of a case that is solved, or was, read anew by the sweep.

    Of a case that was never solved nothing is read.
    """
    if event.case.resolved_at is not None or isinstance(event, CaseReopened):
        event.case.learn_at = work.now
        work.session.add(event.case)


async def learn_of_issue(work: UnitOfWork, event: KnownIssueChanged) -> None:
    """Have the words of the solved cases read anew of which the customer waited for the issue.

    Only where what is read of it changed: rows of cases are written here under the issue's lock.
    """
    if not event.reworded:
        return
    about = select(Affected.case_number).where(col(Affected.problem) == event.row.number)
    query = update(Case).where(
        col(Case.number).in_(about.where(col(Affected.case_number).is_not(None))),
        col(Case.resolved_at).is_not(None),
    )
    await work.session.exec(query.values(learn_at=work.now))


async def forget_words(work: UnitOfWork, event: CaseRestricted) -> None:
    """Take the words of a case out that only those on it may know of from now on."""
    await _delete_words(work.session, event.case.number)


async def learn_case(work: UnitOfWork, case: Case, _says: object) -> None:
    """Read the words of a case anew; the case is locked. One that is open or restricted has none.

    They are those of impact, component, workaround, resolution, and of the known issues for which
    its customer waits.
    """
    case.learn_at = None
    work.session.add(case)
    await _delete_words(work.session, case.number)
    worked = what_worked(case.workaround_note, case.resolution_note)
    if case.sensitive or not is_solved(case.status, case.closure_code, worked):
        return
    texts = (case.workaround_note, case.resolution_note, case.stake, case.component)
    words = search_words(*texts, *await _issue_texts(work.session, case.number))
    work.session.add_all(SolvedWord(word=word, case_number=case.number) for word in words)


async def _delete_words(session: AsyncSession, number: int) -> None:
    """Take out all words of a case; the case is locked, so no other transaction adds some."""
    await session.exec(delete(SolvedWord).where(col(SolvedWord.case_number) == number))


async def _issue_texts(session: AsyncSession, number: int) -> list[str]:
    """Title and workaround of each known issue for which the customer of the case waits."""
    waits = select(Affected.problem).where(
        col(Affected.case_number) == number, col(Affected.removed_at).is_(None)
    )
    query = select(Problem.title, KnownIssue.workaround).join(
        KnownIssue, col(KnownIssue.number) == col(Problem.number)
    )
    rows = (await session.exec(query.where(col(Problem.number).in_(waits)))).all()
    return [text for row in rows for text in row]


async def find_similar(
    session: AsyncSession,
    policy: Policy,
    viewer: str,
    texts: Sequence[str],
    but: int | None = None,
    tried: int | None = None,
) -> tuple[SimilarCase, ...]:
    """The solved cases that are most like these texts, best first, at most ``SHOWN``.

    Two statements. Ranked by how rare the words are that they share, the newest first among
    equals. Never a restricted case, nor one that the viewer may not read, nor ``but``; none is
    answered where no word says anything. ``tried`` is marked among them.
    """
    words = search_words(*texts, limit=SOUGHT_MAX)
    if not words:
        return ()
    known, cases = await _count_words(session, words)
    weights = weigh_words(known, cases)
    if not weights:
        return ()
    best = _select_best(policy, viewer, weights, least_shared(words), but).subquery()
    query = select(Case).join(best, best.c.case_number == Case.number)
    rows = (await session.exec(query.order_by(best.c.score.desc(), col(Case.number).desc()))).all()
    return tuple(
        SimilarCase(
            row.number,
            row.customer,
            row.stake,
            what_worked(row.workaround_note, row.resolution_note),
            row.resolved_at,
            tried=row.number == tried,
        )
        for row in rows
    )


async def _count_words(session: AsyncSession, words: Sequence[str]) -> tuple[dict[str, int], int]:
    """How many cases have each word, and the number of the newest case.

    A word that ``COUNTED_MAX`` cases or more have is counted as none: it tells them not apart, and
    to read them all would take as long as there are cases.
    """
    counts: list[Any] = [
        sa_select(func.count())
        .select_from(
            sa_select(col(SolvedWord.case_number))
            .where(col(SolvedWord.word) == word)
            .limit(COUNTED_MAX)
            .subquery()
        )
        .scalar_subquery()
        for word in words
    ]
    newest = sa_select(func.max(Case.number)).scalar_subquery()
    columns: list[Any] = [newest, *counts]
    query: Any = sa_select(*columns)
    row = (await session.exec(query)).one()
    found = {word: n for word, n in zip(words, row[1:], strict=True) if n < COUNTED_MAX}
    return found, row[0] or 0


def _select_best(
    policy: Policy, viewer: str, weights: dict[str, float], least: int, but: int | None
) -> Any:
    """Select number and score of the cases that share the most telling words.

    ``weights`` says how much each word tells, ``least`` how many of them a case must have. Among
    equals the newest goes first; at most ``SHOWN`` rows.
    """
    word = col(SolvedWord.word)
    score = func.sum(choose(weights, value=word, else_=0.0)).label("score")
    number: Any = col(SolvedWord.case_number)
    query = (
        sa_select(number, score)
        .join(Case, col(Case.number) == col(SolvedWord.case_number))
        .where(
            word.in_(weights),
            is_public_case(),
            col(Case.status).in_([status.value for status in SOLVED]),
            or_(
                col(Case.closure_code).is_(None),
                col(Case.closure_code).not_in([code.value for code in TAUGHT_NOTHING]),
            ),
            shown_to(policy, viewer, "similar"),
        )
        .group_by(col(SolvedWord.case_number))
        .having(func.count() >= least)
    )
    if but is not None:
        query = query.where(col(Case.number) != but)
    return query.order_by(score.desc(), col(SolvedWord.case_number).desc()).limit(SHOWN)
