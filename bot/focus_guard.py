"""What stands before direct messages about a case: its technical lead may be in focus.

``bot/effects.py`` asks here before it queues one. Whether there is a focus is a column of the case,
so a case without one costs nothing. The rest of the subject is ``bot/focus``.
"""

from collections.abc import Mapping
from typing import Any

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.focus.interruptions import OVERRIDE, Passes, asks_check_in, judge_message
from bot.subjects import Subject
from storage.models import Case, FocusNotice


def keeps_back(
    work: UnitOfWork, user: str, subject: Subject | None, payload: Mapping[str, Any]
) -> bool:
    """Whether a direct message is not queued now, since its reader is in focus.

    ``payload`` is that of its row in the outbox. What is kept stands as ``FocusNotice``. One that
    interrupts is counted there too, and in the timeline (``focus_broken``: ``user``, ``text``),
    other than a manager's own word, which stands there already (``interrupt_focus``). The clock
    of check-ins says nothing to the lead, since the focus asks for them itself; the others hear it.

    What the reader set off themselves, or asked for in some channel, is never kept, nor what a lead
    is told who owns the case by now.
    """
    if not isinstance(subject, Case) or not subject.focus_of:
        return False
    if user != subject.focus_of or user == subject.owner:
        return False
    text, extra = payload["text"], payload["extra"]
    if asks_check_in(text, extra):
        return True
    if user == work.actor.user_id or "asked_in" in payload:
        return False
    passes = judge_message(text, extra, subject.severity)
    if passes is Passes.QUIETLY:
        return False
    through = passes is Passes.INTERRUPTS
    told = work.now if through else None
    row = FocusNotice(
        case_number=subject.number,
        user_id=user,
        payload=dict(payload),
        at=work.now,
        through=through,
        told_at=told,
    )
    work.session.add(row)
    if through and text != OVERRIDE:
        work.note(subject, "focus_broken", after={"user": user, "text": text})
    return not through
