"""One problem behind many cases: opened from one, joined by others, resolved for all.

A case has at most one problem (``case.problem``), which it may join in any status unless it is
restricted. The problem's channel is public, so nothing of a restricted case may be said in it.

A problem is open, then resolved, and is not reopened. Linking and taking out are noted in both
records: of the case (``problem``, ``title``) and of the problem (``case``).
"""

from typing import ClassVar

from bot import effects
from bot.core.access import named_for, require_permission, role_holders
from bot.core.steps import authorize_case, plan_outreach, plan_playbooks, refresh_card
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    ChosenSeverity,
    Line,
    OnCase,
    OptionalText,
    Record,
    SlackUser,
    Text,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.problems import case_lines, talking_points
from bot.problems import snapshot as problem_snapshot
from bot.problems.steps import (
    OnProblem,
    lock_problem,
    note_problem,
    problem_answer,
    reschedule_update_clock,
)
from bot.rules.problems import update_clock
from bot.rules.states import ProblemState
from bot.rules.words import Role, Severity
from storage.models import Case, Problem


class OpenProblem(OnCase):
    """A problem that many customers have, first seen on this case.

    ``known`` is what is known of it, ``scope`` who is affected and who is not; both can be edited.
    ``severity`` sets how often all of them are to hear, apart from the severities of their cases.
    """

    verb: ClassVar[str] = "open_problem"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    record: ClassVar[Record] = Record.PROBLEM
    title: Line
    known: Text
    scope: OptionalText = ""
    severity: ChosenSeverity


class LinkCase(OnCase):
    """This case is part of the problem with the number ``problem``."""

    verb: ClassVar[str] = "link_case"
    problem: int


class UnlinkCase(OnCase):
    """This case is no part of its problem after all; the problem is the one it has now."""

    verb: ClassVar[str] = "unlink_case"


class EditProblem(OnProblem):
    """What is known now; the form is sent whole, so every field replaces the one before.

    Another ``owner`` is invited to the channel; the one before stays in it.
    """

    verb: ClassVar[str] = "edit_problem"
    title: Line
    known: Text
    scope: OptionalText = ""
    severity: ChosenSeverity
    owner: SlackUser


class ResolveProblem(OnProblem):
    """The problem is over for all; ``outcome`` says how."""

    verb: ClassVar[str] = "resolve_problem"
    outcome: Text


async def open_problem(work: UnitOfWork, intent: OpenProblem) -> Answer | None:
    """Open a problem and make the case its first; it gets a channel of its own.

    The actor owns it; communications approvers are invited too. Its first update is due by the
    policy of its severity, from now. Raises UserError ``problem_restricted``, ``linked_already``.
    """
    case = await authorize_case(work, intent.case, "open_problem")
    _may_join(case)
    severity = intent.severity
    problem = Problem(
        title=intent.title,
        known=intent.known,
        scope=intent.scope,
        severity=severity.value,
        owner=work.actor.user_id,
        opened_by=work.actor.user_id,
        opened_at=work.now,
        cycle_began_at=work.now,
        next_update_at=update_clock.next_update_due(work.policy, severity, work.now),
    )
    work.session.add(problem)
    await work.session.flush()
    reschedule_update_clock(work, problem)
    note_problem(work, problem, "open_problem", case=case.number)
    people = {work.actor.user_id, *named_for(work.policy, Role.COMMS_APPROVER)}
    await effects.open_channel(work, problem, people)
    await _join(work, case, problem)
    return problem_answer("opened", problem)


async def link_case(work: UnitOfWork, intent: LinkCase) -> Answer | None:
    """Make a case part of a problem; its customer is affected from now on.

    Raises UserError ``problem_restricted``, ``linked_already``, ``no_such_problem``,
    ``problem_resolved``. The channel reads ``problem:linked``: ``case``, ``customer``.
    """
    case = await authorize_case(work, intent.case, "link_case")
    _may_join(case)
    problem = await lock_problem(work, intent.problem)
    await _join(work, case, problem)
    extra = {"case": case.number, "customer": case.customer}
    await effects.queue_post(work, problem, "problem:linked", extra)
    await effects.queue_card(work, problem)
    return problem_answer("linked", problem, case=case.number, customer=case.customer)


def _may_join(case: Case) -> None:
    """Refuse what many may not see, and a case that has its problem already.

    Raises UserError ``problem_restricted``, ``linked_already`` (``problem``: ``PRB-3``).
    """
    if case.sensitive:
        raise UserError("problem_restricted")
    if case.problem is not None:
        raise UserError("linked_already", problem=f"PRB-{case.problem}")


async def _join(work: UnitOfWork, case: Case, problem: Problem) -> None:
    """Note it in both records, list the customer and invite owner and technical lead of the case.

    The caller has locked both rows.
    """
    case.problem = problem.number
    plan_playbooks(work, case)
    await plan_outreach(work, case)
    work.note(case, "link_case", after={"problem": problem.number, "title": problem.title})
    note_problem(work, problem, "link_case", case=case.number)
    await case_lines.from_case(work, problem, case)
    lead = (await role_holders(work.session, case)).get(Role.TECHNICAL_LEAD, case.owner)
    await effects.queue_invite(work, problem, {case.owner, lead})
    await refresh_card(work, case)


async def unlink_case(work: UnitOfWork, intent: UnlinkCase) -> Answer | None:
    """Take a case out of its problem, also out of a resolved one.

    A customer who was affected only by the case's word leaves the list (``case_lines.case_left``).
    Raises UserError ``not_linked``.
    """
    case = await authorize_case(work, intent.case, "unlink_case")
    if case.problem is None:
        raise UserError("not_linked")
    problem = await lock_problem(work, case.problem, must_be_open=False)
    case.problem = None
    said = {"problem": problem.number, "title": problem.title}
    work.note(case, "unlink_case", after=said)
    note_problem(work, problem, "unlink_case", case=case.number)
    await case_lines.case_left(work, problem, case)
    await effects.queue_card(work, problem)
    await refresh_card(work, case)
    return problem_answer("unlinked", problem, case=case.number)


async def edit_problem(work: UnitOfWork, intent: EditProblem) -> Answer | None:
    """Say what is known now. Another scope withdraws the talking points that told the old one.

    Another severity brings the next update forward where its interval, from now, ends earlier, and
    never puts it off. The channel reads ``problem:edited``: ``by``, ``known``, ``scope``, ``ended``
    (the version of the talking points that were in force, or None), ``rescoped``. Raises UserError
    ``no_such_problem``, ``problem_resolved``.
    """
    await require_permission(work, None, "edit_problem")
    problem = await lock_problem(work, intent.problem)
    rescoped = problem.scope != intent.scope
    problem.title, problem.known, problem.scope = intent.title, intent.known, intent.scope
    problem.owner = intent.owner
    if problem.severity != intent.severity.value:
        _take_severity(work, problem, intent.severity)
    reschedule_update_clock(work, problem)
    note_problem(work, problem, "edit_problem", rescoped=rescoped)
    ended = await talking_points.scope_changed(work, problem) if rescoped else None
    extra = {"by": work.actor.user_id, "known": problem.known, "scope": problem.scope}
    await effects.queue_post(
        work, problem, "problem:edited", {**extra, "ended": ended, "rescoped": rescoped}
    )
    await effects.queue_invite(work, problem, {intent.owner})
    await effects.queue_card(work, problem)
    return problem_answer("noted", problem)


def _take_severity(work: UnitOfWork, problem: Problem, severity: Severity) -> None:
    """Give the problem another severity; its interval from now counts where it ends earlier (R7).

    Then a cycle begins now, of which is warned by what is left of it. Else the due instant stands,
    and what was said of it is not said again.
    """
    problem.severity, problem.heard_to = severity.value, work.now
    fresh = update_clock.next_update_due(work.policy, severity, work.now)
    if problem.next_update_at is None or fresh < problem.next_update_at:
        problem.cycle_began_at, problem.next_update_at = work.now, fresh
        problem.promised = False


async def resolve_problem(work: UnitOfWork, intent: ResolveProblem) -> Answer | None:
    """End the problem: its clock stops, its talking points end. Cases are closed one by one.

    A broadcast that waits or is approved is not voided, but can no longer be answered or sent. The
    channel reads ``problem:resolved``: ``by``, ``remark``, ``cases`` (numbers of those linked).
    """
    await require_permission(work, None, "resolve_problem")
    problem = await lock_problem(work, intent.problem)
    problem.state, problem.resolved_at = ProblemState.RESOLVED, work.now
    problem.outcome = intent.outcome
    reschedule_update_clock(work, problem)
    note_problem(work, problem, "resolve_problem", intent.outcome)
    await talking_points.scope_changed(work, problem)
    cases = await problem_snapshot.linked_cases(work.session, problem.number)
    extra = {"by": work.actor.user_id, "remark": intent.outcome, "cases": cases}
    await effects.queue_post(work, problem, "problem:resolved", extra)
    await effects.queue_card(work, problem)
    return problem_answer("noted", problem)
