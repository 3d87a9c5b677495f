"""Merging: two cases of one customer turn out to be one, and for a day that can be taken back.

The child ends as merged and goes on in the parent. Its row is the alias: whatever reaches it later,
by mail, ticket or status page, follows ``Case.merged_into`` (``follow_merged``). Nothing of the
child is rewritten, so taking it back puts it where it was; what reached the parent meanwhile stays
there.

The time for which a case was merged counts: no one of ours asked the customer to wait, which is
what a hold is, and a merge that was a mistake is no reason to start anew. So the clock events that
rest on it are withdrawn, as with a message that came back, and what fell due meanwhile is missed at
its own instant.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import role_holders
from bot.core.reactions import CaseDismissed, CaseReopened, react
from bot.core.steps import (
    authorize_case,
    case_answer,
    clear_hold,
    lock_other_case,
    refresh_card,
    require_status,
    take_step,
)
from bot.customers.incoming import start_reply_clock
from bot.engine.inbox import Answer
from bot.engine.intent import CaseNumber, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.intake.receipts import (
    count_receipt_anew,
    earlier_instant,
    list_merge_events,
    move_receipt,
    plain_instant,
)
from bot.intake.together import move_actions, require_same_people, require_settled, return_actions
from bot.rules.lifecycle import OPEN
from bot.rules.names import fold_name
from bot.rules.words import Role, Status
from bot.sla import clock_history, clocks
from bot.tickets.link import part_tickets
from storage.models import Case, CaseMerge
from storage.upsert import take_turns

UNDO = timedelta(days=1)  # for which a merge can be taken back
TURN = "merge"  # merges take turns, so that none waits for another that waits for it
HOLD = ("hold_reason", "hold_until", "hold_since", "hold_note", "hold_by")


class MergeCase(OnCase):
    """The case is the same as ``into``, another of its customer's, and goes on there.

    ``into`` is the number of the parent; None, where none was typed, is refused by the use case.
    """

    verb: ClassVar[str] = "merge"
    into: CaseNumber


class UnmergeCase(OnCase):
    """The case was not the same: it goes on by itself again.

    ``case`` is the child; the parent is that of its last merge.
    """

    verb: ClassVar[str] = "unmerge"


async def merge_case(work: UnitOfWork, intent: MergeCase) -> Answer | None:
    """Merge the case into another open one of the same customer.

    Its clocks are cancelled; what was missed stays missed. The parent counts from the earlier
    receipt, owes the reply that the child owed, and takes over the reports, the open action items
    and the people who spoke with the customer. Of another customer's case nothing is merged: the
    answer ``notice:merge_other`` offers the problem that both may share, with the parent's
    reference as ``duplicate``. Timeline ``merge`` in the child: ``original``; ``merged_in`` in the
    parent: ``child`` and ``count``, the child's reports.

    Merges and their undoing take turns; the child is locked first, the parent after it. All of it
    commits together, with the row of ``CaseMerge`` that undoing needs.

    Raises UserError ``merge_needed``, ``merge_into_itself``, ``no_such_case`` (also for a
    restricted case that the actor is not on), ``merge_is_over``, ``wrong_status``, and as
    ``require_same_people`` and ``require_settled``.
    """
    await take_turns(work.session, TURN)
    case = await authorize_case(work, intent.case, "merge")
    require_status(case, "merge")
    parent = await _find_parent(work, case, intent.into)
    if not _same_customer(case, parent):
        return case_answer(case, "notice:merge_other", duplicate=f"ESC-{parent.number}")
    await require_same_people(work, case, parent)
    await require_settled(work, case)
    owed = await clock_history.reply_owed_since(work, case)
    kept = await _end_child(work, case, parent)
    kept |= await _add_to_parent(work, case, parent, owed)
    work.session.add(
        CaseMerge(
            child=case.number,
            parent=parent.number,
            by=work.actor.user_id,
            at=work.now,
            kept=kept,
        )
    )
    await _tell_merged(work, case, parent)
    await effects.queue_card(work, parent)
    await refresh_card(work, case)
    return None


async def _find_parent(work: UnitOfWork, case: Case, into: int | None) -> Case:
    """The parent, locked; the actor needs no permission for it but to know of it.

    Raises UserError ``merge_needed``, ``no_such_case``, ``merge_into_itself``, and
    ``merge_is_over`` with ``reference`` where it is not open: one that is resolved takes no child.
    """
    if into is None:
        raise UserError("merge_needed")
    parent, name = await lock_other_case(work, into), f"ESC-{into}"
    if parent is case:
        raise UserError("merge_into_itself")
    if parent.status not in OPEN:
        raise UserError("merge_is_over", reference=name)
    return parent


def _same_customer(one: Case, other: Case) -> bool:
    """By account where both have one, else by the name, as people write it."""
    if one.account_key and other.account_key:
        return one.account_key == other.account_key
    return fold_name(one.customer) == fold_name(other.customer)


async def _end_child(work: UnitOfWork, case: Case, parent: Case) -> dict[str, Any]:
    """End the child as merged; answers what it was.

    That is ``status``; ``hold``, the columns of ``HOLD`` with instants in ISO 8601; and ``events``,
    the ids of the clock events of the merge. Of a hold the columns are kept: its clocks stay paused
    below the cancellation.
    """
    kept: dict[str, Any] = {"status": case.status}
    kept["hold"] = {name: plain_instant(getattr(case, name)) for name in HOLD}
    before = await clock_history.newest_event(work, case)
    await take_step(work, case, "merge")
    case.merged_into = parent.number
    clear_hold(case)
    await clocks.cancel_clocks(work, case)
    kept["events"] = await clock_history.events_since(work, case, before)
    await react(work, CaseDismissed(case))
    work.note(
        case,
        "merge",
        before={"status": kept["status"]},
        after={"status": case.status, "original": f"ESC-{parent.number}"},
    )
    return kept


async def _add_to_parent(
    work: UnitOfWork, case: Case, parent: Case, owed: datetime | None
) -> dict[str, Any]:
    """Bring the parent what the child has; answers what it was before, and what it was given.

    ``owed`` is since when the customer waits for a reply in the child, None where none is owed:
    they wait on in the parent. The answer has ``received`` and ``reported``, the parent's instants
    (ISO 8601, the second or None), ``reports``, the child's count, ``parent_events``, ids of clock
    events, and ``actions``, as ``move_actions`` answers. Only clocks of the receipt that still run
    count anew.
    """
    kept: dict[str, Any] = {
        "received": plain_instant(parent.received_at),
        "reported": plain_instant(parent.reported_at),
        "reports": case.reports,
    }
    before = await clock_history.newest_event(work, parent)
    if case.received_at < parent.received_at:
        parent.received_at = case.received_at
        await move_receipt(work, parent, case)
    if owed:
        await start_reply_clock(work, parent, owed)
    kept["parent_events"] = await clock_history.events_since(work, parent, before)
    parent.reported_at = earlier_instant(parent.reported_at, case.reported_at)
    parent.reports += case.reports
    parent.last_report_at = max(
        filter(None, (parent.last_report_at, case.last_report_at, case.received_at, work.now))
    )
    kept["actions"] = await move_actions(work, case, parent)
    return kept


async def _tell_merged(work: UnitOfWork, case: Case, parent: Case) -> None:
    """Tell both channels, the parent's owner and those who raised and handled the child.

    The latter, with the child's agent where it has one, are invited to the parent's channel; they
    and the child's owner get a direct message, the actor none. The parent's owner gets one of their
    own unless they have one already. Notes ``merged_in`` in the parent's timeline.
    """
    into = {"duplicate": f"ESC-{parent.number}", "by": work.actor.user_id}
    holders = await role_holders(work.session, case)
    people = {case.reporter, holders.get(Role.AGENT, case.reporter)}
    await effects.queue_invite(work, parent, people)
    await effects.queue_post(work, case, "notice:merged", into)
    for user in sorted((people | {case.owner}) - {work.actor.user_id}):
        await effects.queue_dm(work, user, "notice:merged", case, into)
    came = {"duplicate": f"ESC-{case.number}", "child": case.number, "by": work.actor.user_id}
    said = {**came, "summary": case.stake}
    await effects.queue_post(work, parent, "notice:merged_in", said)
    if parent.owner not in people | {case.owner, work.actor.user_id}:
        await effects.queue_dm(work, parent.owner, "notice:merged_in", parent, said)
    work.note(
        parent, "merged_in", after={"child": came["duplicate"], "count": case.reports},
        why=case.stake,
    )  # fmt: skip


async def unmerge_case(work: UnitOfWork, intent: UnmergeCase) -> Answer | None:
    """Take a merge back within ``UNDO``: the child is what it was, and its clocks went on.

    What reached the parent meanwhile stays there, and the child's channel says where. A ticket of
    the child's to which the parent was linked is the child's alone. Timeline ``unmerge`` in the
    child: ``original``; ``merged_out`` in the parent: ``child``. The child is locked first, the
    parent after it; of the parent no permission is asked, and it may have ended. Action items that
    were done there stay done, and people who were invited to its channel stay in it.

    Raises UserError ``wrong_status``, ``unmerge_too_late``, ``unmerge_parent_first`` with the
    parent's ``reference`` where that was merged itself.
    """
    await take_turns(work.session, TURN)
    case = await authorize_case(work, intent.case, "unmerge")
    require_status(case, "unmerge")
    row = await _last_merge(work, case)
    if work.now - row.at > UNDO:
        raise UserError("unmerge_too_late")
    parent = await work.case(row.parent)
    if parent.status == Status.MERGED:
        raise UserError("unmerge_parent_first", reference=f"ESC-{parent.number}")
    await _restore_child(work, case, row.kept)
    await _take_from_parent(work, parent, row)
    await return_actions(work, case, parent, row.kept["actions"])
    await part_tickets(work, case, parent)
    row.undone_at = work.now
    work.session.add(row)
    apart = {"duplicate": f"ESC-{parent.number}", "by": work.actor.user_id}
    work.note(
        case,
        "unmerge",
        before={"status": Status.MERGED.value},
        after={"status": case.status, "original": apart["duplicate"]},
    )
    work.note(parent, "merged_out", after={"child": f"ESC-{case.number}"})
    await effects.queue_post(work, case, "notice:unmerged", apart)
    if case.owner != work.actor.user_id:
        await effects.queue_dm(work, case.owner, "notice:unmerged", case, apart)
    gone = {"duplicate": f"ESC-{case.number}", "by": work.actor.user_id}
    await effects.queue_post(work, parent, "notice:merged_out", gone)
    await effects.queue_card(work, parent)
    await refresh_card(work, case)
    return None


async def _last_merge(work: UnitOfWork, case: Case) -> CaseMerge:
    """The child's newest merge that was not taken back; else UserError ``unmerge_too_late``."""
    query = select(CaseMerge).where(
        col(CaseMerge.child) == case.number, col(CaseMerge.undone_at).is_(None)
    )
    return (await work.session.exec(query.order_by(col(CaseMerge.id).desc()))).first() or _lost()


def _lost() -> CaseMerge:
    raise UserError("unmerge_too_late")


async def _restore_child(work: UnitOfWork, case: Case, kept: dict[str, Any]) -> None:
    """Give the child its status and its hold again, and withdraw the clock events of the merge.

    ``kept`` is ``CaseMerge.kept``. What reacts to ``CaseReopened`` runs last, in the same
    transaction.
    """
    case.status, case.merged_into = kept["status"], None
    for name, value in kept["hold"].items():
        instant = value is not None and name in ("hold_until", "hold_since")
        setattr(case, name, datetime.fromisoformat(value) if instant else value)
    await clocks.withdraw_events(work, case, kept["events"])
    await react(work, CaseReopened(case, unmerged=True))  # the customer is asked again how it goes


async def _take_from_parent(work: UnitOfWork, parent: Case, gone: CaseMerge) -> None:
    """Take reports and clock events of the merge from the parent, and count its receipt anew.

    At least one report is left, and with one alone no last report.
    """
    parent.reports = max(parent.reports - gone.kept["reports"], 1)
    parent.last_report_at = parent.last_report_at if parent.reports > 1 else None
    await clocks.withdraw_events(work, parent, await list_merge_events(work, gone))
    await count_receipt_anew(work, parent, gone)
