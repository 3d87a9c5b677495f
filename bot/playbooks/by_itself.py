"""Playbooks that are applied by themselves: what the record of a case says is enough for them.

Whatever may make one fit plans a look (``bot.core.steps.plan_playbooks``): a case that is opened,
its severity, trigger or words, what the customer writes later, a legal threat, a problem, a hold,
a clock that ran out. The look
comes a minute later, so what changes together makes one playbook, and it alone decides: by the
facts of the case as it is then. A playbook is applied so once a case, also if it was taken back,
and of several the most special; the others are offered below its checklist, and never again.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from bot.core.reactions import CaseCorrected, CustomerWrote
from bot.core.steps import PLAYBOOKS_AFTER, case_facts, plan_playbooks
from bot.engine.unit_of_work import UnitOfWork
from bot.playbooks.applied import begin_working_by
from bot.rules.learning.playbooks import choose, find_phrases, load_playbooks, look_again_at
from bot.rules.lifecycle import OPEN
from storage.models import AppliedPlaybook, Case

MOMENT = timedelta(seconds=1)  # to the next look at least: one that is due now would be endless
TELLING = frozenset({"trigger", "stake"})  # parts of a case that say which playbook fits


async def look_after_correction(work: UnitOfWork, event: CaseCorrected) -> None:
    """Look anew at a case of which the trigger or the customer's words were corrected.

    What was applied by the words of before stays: people may have begun to work by it.
    """
    if TELLING & event.was.keys():
        plan_playbooks(work, event.case)


async def look_after_words(work: UnitOfWork, event: CustomerWrote) -> None:
    """Look anew at a case whose customer wrote a phrase of a playbook, the first time it comes.

    Of their words the case keeps nothing but that phrase, which is one of ours.
    """
    case = event.case
    said = [
        p for p in find_phrases(load_playbooks().values(), event.words) if p not in case.phrases
    ]
    if said and case.status in OPEN:
        case.phrases = {**case.phrases, **dict.fromkeys(said, work.now.isoformat())}
        plan_playbooks(work, case)


async def look_for_playbook(work: UnitOfWork, case: Case, _says: object) -> None:
    """Apply the playbook that fits best of those that did not fit before; the case is locked.

    Not within a minute of another one, whoever applied that. A case that is over is left alone.
    """
    case.playbooks_at = None
    work.session.add(case)
    if case.status not in OPEN:
        return
    rows = await _rows_of(work, case)
    newest = max((row.applied_at for row in rows), default=None)
    if newest is not None and work.now < newest + PLAYBOOKS_AFTER:
        case.playbooks_at = newest + PLAYBOOKS_AFTER
        return
    known = {key for row in rows for key in (row.playbook, *row.offered)}
    facts, playbooks = await case_facts(work, case), load_playbooks()
    best, others = choose(playbooks.values(), facts, known, work.policy.playbooks.by_hand)
    if best is not None:
        because = best.because(facts)
        await begin_working_by(work, case, best, because, [each.key for each in others])
        known |= {best.key, *(each.key for each in others)}
    later = look_again_at(playbooks.values(), facts, known)
    case.playbooks_at = max(later, work.now + MOMENT) if later else None


async def _rows_of(work: UnitOfWork, case: Case) -> Sequence[AppliedPlaybook]:
    """The playbooks by which the case was ever worked on, those that were taken back too.

    A person who took one back has decided that it does not fit; that is not asked again.
    """
    query = select(AppliedPlaybook).where(col(AppliedPlaybook.case_number) == case.number)
    return (await work.session.exec(query)).all()
