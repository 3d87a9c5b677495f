"""Every verb with its intent and its use case.

A use case is one function in one transaction, ``(UnitOfWork, intent) -> Answer | None``: None tells
the person nothing beyond what the card shows, and UserError refuses. None of them talks to Slack.
What is to be shown or sent is left as an effect, which ``bot/performers.py`` performs.

A verb without permissions, or without statuses where it is about a case, is refused when this is
imported, as is an imported intent of ``bot`` that no row names; ``handlers/completeness.py``
refuses a verb without its form and its texts, and a command that leads to no verb.

A verb's name is stored in the inbox and the timeline. Rows written before an upgrade are carried
out after it, so rename none without a migration. Handlers read ``INTENTS``, the inbox reads both
tables. What a new verb needs is in docs/extending.md.
"""

from collections.abc import Container, Iterable, Iterator, Mapping

from bot.bugs.link import LinkBug, UnlinkBug, link_bug, unlink_bug
from bot.calendar_files.personal import PERSONAL_VERBS
from bot.calendar_files.verbs import MEETING_VERBS
from bot.cases.action_items import ActionDone, AddAction, add_action, finish_action
from bot.cases.choose_language import ChooseLanguage, choose_language
from bot.cases.claim import Assign, Claim, assign_role, claim_case
from bot.cases.close import (
    Close,
    Dismiss,
    MakePostmortem,
    close_case,
    dismiss_case,
    post_agenda_again,
)
from bot.cases.correction.edit import EditCase, edit_case
from bot.cases.executives import ExecutiveFlag, flag_for_executives
from bot.cases.handover import AnswerHandover, HandOver, answer_handover, offer_handover
from bot.cases.hold import Hold, Resume, hold_case, resume_case
from bot.cases.open import OpenCase
from bot.cases.ranking.contest import (
    AnswerContest,
    ContestPriority,
    answer_contest,
    contest_priority,
)
from bot.cases.ranking.urgency import SetUrgency, set_urgency
from bot.cases.reopen import Reopen, reopen_case
from bot.cases.resolution.tell_anyway import TellAnyway, tell_customer_anyway
from bot.cases.resolve import Confirm, Resolve, confirm_resolution, resolve_case
from bot.cases.routing.component import SetComponent, set_component
from bot.cases.severity import ChangeSeverity, change_severity
from bot.cases.shifts.accept import AcceptOffers, accept_offers
from bot.cases.shifts.decide import SettleShift, settle_shift
from bot.cases.shifts.offer import HandOverShift, hand_over_shift
from bot.cases.stakeholders.name import NameStakeholder, name_stakeholder
from bot.cases.withdrawal.withdraw import Withdraw, withdraw_something
from bot.concessions.verbs import CONCESSION_VERBS
from bot.connect.links import (
    ConnectChannel,
    DisconnectChannel,
    connect_channel,
    disconnect_channel,
)
from bot.customers.approval import AnswerDraft, answer_draft
from bot.customers.incoming import CustomerReplied, customer_replied
from bot.customers.templates import (
    AnswerTemplate,
    ProposeTemplate,
    WithdrawTemplate,
    answer_template,
    propose_template,
    withdraw_template,
)
from bot.customers.updates import StatusReport, Update, report_status, send_update
from bot.drift.repair import Look, RepairChannel, note_channel_event, repair_channel
from bot.drills.verbs import DRILL_VERBS
from bot.duty.absences import ComeBack, GoAway, come_back, go_away
from bot.duty.pages import DeclinePage, decline_page
from bot.duty.stakeholders import SeenCase, see_case
from bot.duty.technical_page import TakeTechnicalPage, have_page
from bot.engine.inbox import UseCase
from bot.engine.intent import Intent, OnCase
from bot.executives.verbs import EXECUTIVE_VERBS
from bot.feedback.breach_calls import RecordCall, record_breach_call
from bot.feedback.breach_seen import Seen, mark_breach_seen
from bot.feedback.status_page import RevokeStatus, ShareStatus, revoke_status, share_status
from bot.focus.verbs import FOCUS_VERBS
from bot.intake.calls import LogCall, log_call
from bot.intake.connect.events import NoteSharedEvent, note_shared_event
from bot.intake.decide import (
    AddCandidate,
    DismissCandidate,
    UndoDecision,
    add_candidate,
    dismiss_candidate,
    undo_decision,
)
from bot.intake.form.links import RevokeForm, ShareForm, revoke_form, share_form
from bot.intake.log import LogCandidate, log_candidate
from bot.intake.mail.review import AdmitMail, DiscardMail, admit_mail, discard_mail
from bot.intake.merge import MergeCase, UnmergeCase, merge_case, unmerge_case
from bot.intake.reports import take_in_report
from bot.intake.reviews.verbs import (
    AddReview,
    RecordReviewReply,
    TakeReview,
    add_review,
    record_review_reply,
    take_review,
)
from bot.known_issues.issue import AddIssue, EditIssue, add_issue, edit_issue
from bot.known_issues.outcomes import (
    DropIssue,
    IssueToProblem,
    ShipIssue,
    SlipIssue,
    UndoIssue,
    drop_issue,
    make_problem,
    ship_issue,
    slip_issue,
    undo_issue,
)
from bot.known_issues.waiters import AddWaiter, RemoveWaiter, add_waiter, remove_waiter
from bot.learning.action_changes import ACTION_CHANGE_VERBS
from bot.learning.action_ends import ACTION_END_VERBS
from bot.learning.catch_up import CatchUp, catch_up
from bot.learning.decisions import (
    JudgeDecision,
    RecordDecision,
    judge_decision,
    record_decision,
)
from bot.learning.outreach.verbs import OUTREACH_VERBS
from bot.learning.postmortem import PostmortemHeld, record_postmortem
from bot.learning.worked_then import DropSolution, TrySolution, drop_solution, try_solution
from bot.legal.verbs import LEGAL_VERBS
from bot.mail.contact import MakeContact, make_contact
from bot.mail.incoming import DropMail, ReleaseMail, drop_mail, release_mail
from bot.outcomes.record import OUTCOME_VERBS
from bot.paging.trial import TryPaging, try_paging
from bot.playbooks.applied import (
    ApplyPlaybook,
    DropPlaybook,
    TickStep,
    UntickStep,
    apply_playbook,
    drop_playbook,
    tick_step,
    untick_step,
)
from bot.problems.affected import (
    AddAffected,
    AddAffectedLines,
    RemoveAffected,
    add_affected,
    add_affected_lines,
    remove_affected,
)
from bot.problems.broadcasts import (
    AnswerBroadcast,
    ProposeBroadcast,
    SendBroadcast,
    answer_broadcast,
    propose_broadcast,
    send_broadcast,
)
from bot.problems.problem import (
    EditProblem,
    LinkCase,
    OpenProblem,
    ResolveProblem,
    UnlinkCase,
    edit_problem,
    link_case,
    open_problem,
    resolve_problem,
    unlink_case,
)
from bot.problems.sending import RetryReceipts, SentByHand, record_sent_by_hand, retry_receipts
from bot.problems.talking_points import (
    AnswerPoints,
    ProposePoints,
    ReadPoints,
    WithdrawPoints,
    answer_points,
    propose_points,
    read_points,
    withdraw_points,
)
from bot.readiness.quiet_words import QuietWord, say_quietly
from bot.readiness.tips import TIP_VERBS
from bot.readiness.understood import Understood, note_understood
from bot.reports.access_review import ACCESS_VERBS
from bot.reports.quarterly_verbs import QUARTERLY_VERBS
from bot.rules.lifecycle import statuses_of
from bot.rules.permissions import PERMISSIONS
from bot.setup.verbs import SETUP_VERBS
from bot.sponsorship.verbs import SPONSORSHIP_VERBS
from bot.tickets.link import LinkTicket, UnlinkTicket, link_ticket, unlink_ticket

# One row a verb: what is asked for, and what does it.
VERBS: tuple[tuple[type[Intent], UseCase], ...] = (
    (OpenCase, take_in_report),
    (AddCandidate, add_candidate),
    (DismissCandidate, dismiss_candidate),
    (LogCall, log_call),
    (LogCandidate, log_candidate),
    (UndoDecision, undo_decision),
    (ChooseLanguage, choose_language),
    (Understood, note_understood),
    *TIP_VERBS,
    *SETUP_VERBS,
    *ACCESS_VERBS,
    (GoAway, go_away),
    (ComeBack, come_back),
    (TryPaging, try_paging),
    (DeclinePage, decline_page),
    (TakeTechnicalPage, have_page),
    (SeenCase, see_case),
    (NameStakeholder, name_stakeholder),
    (Claim, claim_case),
    (Assign, assign_role),
    (HandOver, offer_handover),
    (AnswerHandover, answer_handover),
    (HandOverShift, hand_over_shift),
    (AcceptOffers, accept_offers),
    (SettleShift, settle_shift),
    (ChangeSeverity, change_severity),
    (SetUrgency, set_urgency),
    (SetComponent, set_component),
    (ContestPriority, contest_priority),
    (AnswerContest, answer_contest),
    (Update, send_update),
    (CustomerReplied, customer_replied),
    (StatusReport, report_status),
    (Hold, hold_case),
    (Resume, resume_case),
    (Resolve, resolve_case),
    (Confirm, confirm_resolution),
    (TellAnyway, tell_customer_anyway),
    (Close, close_case),
    (Reopen, reopen_case),
    (Dismiss, dismiss_case),
    (AddReview, add_review),
    (TakeReview, take_review),
    (RecordReviewReply, record_review_reply),
    (MergeCase, merge_case),
    (UnmergeCase, unmerge_case),
    (ExecutiveFlag, flag_for_executives),
    (EditCase, edit_case),
    (Withdraw, withdraw_something),
    *EXECUTIVE_VERBS,
    *FOCUS_VERBS,
    *DRILL_VERBS,
    *CONCESSION_VERBS,
    *OUTCOME_VERBS,
    *MEETING_VERBS,
    *PERSONAL_VERBS,
    *SPONSORSHIP_VERBS,
    *QUARTERLY_VERBS,
    *LEGAL_VERBS,
    (MakePostmortem, post_agenda_again),
    (PostmortemHeld, record_postmortem),
    (AddAction, add_action),
    *ACTION_CHANGE_VERBS,
    *ACTION_END_VERBS,
    (RecordDecision, record_decision),
    (JudgeDecision, judge_decision),
    (CatchUp, catch_up),
    (TrySolution, try_solution),
    (DropSolution, drop_solution),
    *OUTREACH_VERBS,
    (ApplyPlaybook, apply_playbook),
    (DropPlaybook, drop_playbook),
    (TickStep, tick_step),
    (UntickStep, untick_step),
    (ActionDone, finish_action),
    (Seen, mark_breach_seen),
    (Look, note_channel_event),
    (RepairChannel, repair_channel),
    (ReleaseMail, release_mail),
    (DropMail, drop_mail),
    (MakeContact, make_contact),
    (AdmitMail, admit_mail),
    (DiscardMail, discard_mail),
    (ShareForm, share_form),
    (RevokeForm, revoke_form),
    (ShareStatus, share_status),
    (RevokeStatus, revoke_status),
    (LinkTicket, link_ticket),
    (UnlinkTicket, unlink_ticket),
    (LinkBug, link_bug),
    (UnlinkBug, unlink_bug),
    (ConnectChannel, connect_channel),
    (DisconnectChannel, disconnect_channel),
    (NoteSharedEvent, note_shared_event),
    (QuietWord, say_quietly),
    (RecordCall, record_breach_call),
    (AnswerDraft, answer_draft),
    (ProposeTemplate, propose_template),
    (AnswerTemplate, answer_template),
    (WithdrawTemplate, withdraw_template),
    (OpenProblem, open_problem),
    (LinkCase, link_case),
    (UnlinkCase, unlink_case),
    (EditProblem, edit_problem),
    (ResolveProblem, resolve_problem),
    (AddAffected, add_affected),
    (AddAffectedLines, add_affected_lines),
    (RemoveAffected, remove_affected),
    (ProposeBroadcast, propose_broadcast),
    (AnswerBroadcast, answer_broadcast),
    (SendBroadcast, send_broadcast),
    (RetryReceipts, retry_receipts),
    (SentByHand, record_sent_by_hand),
    (ProposePoints, propose_points),
    (AnswerPoints, answer_points),
    (WithdrawPoints, withdraw_points),
    (ReadPoints, read_points),
    (AddIssue, add_issue),
    (EditIssue, edit_issue),
    (AddWaiter, add_waiter),
    (RemoveWaiter, remove_waiter),
    (ShipIssue, ship_issue),
    (SlipIssue, slip_issue),
    (DropIssue, drop_issue),
    (UndoIssue, undo_issue),
    (IssueToProblem, make_problem),
)


class IncompleteVerbError(Exception):
    """Verbs that lack something; the message names each with what is missing, a line each.

    Raised while this module is imported, so an incomplete program does not start.
    """


def require_rules(verbs: Iterable[type[Intent]]) -> None:
    """Raise IncompleteVerbError unless the rules know each verb.

    Each is named once, may be done by some role and, where it is about a case, in some status. A
    verb with a ``form_permission`` of its own needs that row of the table as well.
    """
    seen: set[str] = set()
    missing: list[str] = []
    for model in verbs:
        missing += [f"{name_verb(model)} {lack}" for lack in _lacking(model, seen)]
        seen.add(model.verb)
    if missing:
        raise IncompleteVerbError("\n".join(missing))


def require_rows(verbs: Iterable[type[Intent]]) -> None:
    """Raise IncompleteVerbError if an imported intent of ``bot`` with a verb is not in ``verbs``.

    A base such as OnCase has no verb. A module that nothing imports is not seen here.
    """
    known = set(verbs)
    unnamed = (model for model in _loaded_intents(Intent) if model not in known)
    missing = [f"{name_verb(model)} has no row in VERBS of bot/registry.py" for model in unnamed]
    if missing:
        raise IncompleteVerbError("\n".join(missing))


def _loaded_intents(base: type[Intent]) -> Iterator[type[Intent]]:
    """Yield each subclass of ``base`` at any depth that is in ``bot`` and has a verb."""
    for model in base.__subclasses__():
        if model.__module__.startswith("bot.") and hasattr(model, "verb"):
            yield model
        yield from _loaded_intents(model)


def name_verb(model: type[Intent]) -> str:
    """The verb with its model, as errors name it: ``hold (bot.cases.hold.Hold)``."""
    return f"{model.verb} ({model.__module__}.{model.__qualname__})"


def _lacking(model: type[Intent], seen: Container[str]) -> Iterator[str]:
    """Yield what the verb lacks, each in words that name the file to change."""
    if model.verb in seen:
        yield "stands in VERBS twice"
    for row in {model.verb, model.form_permission or model.verb} - set(PERMISSIONS):
        yield f"has no row {row!r} in PERMISSIONS of bot/rules/permissions.py"
    if issubclass(model, OnCase) and not statuses_of(model.verb):
        yield "has no row in STATUSES or TABLE of bot/rules/lifecycle.py"


require_rows(model for model, _ in VERBS)
require_rules(model for model, _ in VERBS)

INTENTS: Mapping[str, type[Intent]] = {model.verb: model for model, _ in VERBS}
USE_CASES: Mapping[str, UseCase] = {model.verb: use_case for model, use_case in VERBS}


def form_permission(verb: str) -> str:
    """Return the row of the permission table that lets a person open the form of ``verb``.

    A name that is no verb (a form that only shows something) is its own row.
    """
    return (INTENTS[verb].form_permission if verb in INTENTS else "") or verb
