"""What happens to cases, known issues and action items, as far as a bug has to show it.

Reactions, in the transaction of what happened. Without a tracker, and of what is linked to no bug,
they do nothing.
"""

from bot.bugs.tracked import begin_tracking, queue_showing
from bot.core.reactions import (
    ActionChanged,
    CaseClosed,
    CaseDismissed,
    CaseReopened,
    CaseRestricted,
    KnownIssueChanged,
)
from bot.customers.channels import read_bug_key, tracker_of
from bot.engine.unit_of_work import UnitOfWork
from storage.in_hand import rows_about
from storage.models import ActionItem, KnownIssue

CaseChanged = CaseClosed | CaseDismissed | CaseReopened | CaseRestricted


async def follow_bug_of_case(work: UnitOfWork, event: CaseChanged) -> None:
    """Show at the case's bug that its customer waits, or does not any more.

    Of a case that became restricted nothing is shown from then on.
    """
    case, tracker = event.case, tracker_of(work)
    if case.bug_key and tracker is not None:
        await queue_showing(work, tracker.name, case.bug_key, {"case": case.number})


async def hide_bugs_of_actions(work: UnitOfWork, event: CaseRestricted) -> None:
    """Take away what issues show of the action items of a case that became restricted."""
    if (tracker := tracker_of(work)) is None:
        return
    for item in await rows_about(work.session, ActionItem, event.case.number):
        if item.bug_key:
            await queue_showing(work, tracker.name, item.bug_key, {"action": item.id})


async def follow_bug_of_action(work: UnitOfWork, event: ActionChanged) -> None:
    """Look at the issue of an item that is to be done, and show there that it is, or is not.

    An issue that was named while no tracker was set up is followed with the next change, if the
    tracker knows it.
    """
    item, tracker = event.action, tracker_of(work)
    if tracker is None:
        return
    if not item.bug_key and (key := tracker.key_of(item.bug)):
        item.bug = item.bug_key = key
        work.session.add(item)
    if item.bug_key and item.done_at is None:
        await begin_tracking(work, tracker, item.bug_key)
    for key in dict.fromkeys(each for each in (event.was_key, item.bug_key) if each):
        await queue_showing(work, tracker.name, key, {"action": item.id})


async def follow_bug_of_issue(work: UnitOfWork, event: KnownIssueChanged) -> None:
    """Link a known issue to the bug that it names now, and show there how many wait.

    A bug that was named while no tracker was set up is linked with the next change, if the tracker
    knows it. Raises UserError ``bug_elsewhere``, ``no_bug_key`` for one that is named now.
    """
    issue, tracker = event.issue, tracker_of(work)
    before = issue.bug_key
    if event.renamed:
        _name_bug(work, issue, read_bug_key(tracker, issue.bug))
    if tracker is None:
        return
    if not issue.bug_key:
        _name_bug(work, issue, tracker.key_of(issue.bug))
    if issue.bug_key and issue.bug_key != before:
        await begin_tracking(work, tracker, issue.bug_key)
    for key in dict.fromkeys(each for each in (before, issue.bug_key) if each):
        await queue_showing(work, tracker.name, key, {"issue": issue.number})


def _name_bug(work: UnitOfWork, issue: KnownIssue, key: str) -> None:
    """Give the known issue its bug's key; what was seen of another bug is forgotten."""
    if key != issue.bug_key:
        issue.bug_key, issue.bug_seen = key, {}
    work.session.add(issue)
