"""What there is, by its name: each verb with its intent and its use case, each kind of effect
with what performs it.

A use case is one function in one transaction; none of them talks to Slack. A verb without
permissions, or without statuses where it is about a case, is refused when this is imported;
``handlers/completeness.py`` refuses one without its form and its texts.
"""

from collections.abc import Container, Iterable, Iterator, Mapping

from bot.cases.action_items import ActionDone, AddAction, action_done, action_item
from bot.cases.breach_seen import Seen, seen
from bot.cases.claim import Assign, Claim, assign, claim
from bot.cases.close import (
    Close,
    Dismiss,
    MakePostmortem,
    PostmortemHeld,
    close,
    dismiss,
    postmortem,
    postmortem_held,
)
from bot.cases.executives import (
    AnswerAsk,
    AskExecutive,
    ExecutiveFlag,
    answer_ask,
    ask_executive,
    executive_flag,
)
from bot.cases.handover import AnswerHandover, HandOver, answer_handover, hand_over
from bot.cases.hold import Hold, Resume, hold, resume
from bot.cases.open import OpenCase, open_case
from bot.cases.postmortem_file import attach
from bot.cases.reopen import Reopen, reopen
from bot.cases.resolve import Confirm, Resolve, confirm, resolve
from bot.cases.severity import ChangeSeverity, change_severity
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
from bot.customers.updates import StatusReport, Update, status, update
from bot.drift import performers as drift_performers
from bot.drift.repair import Look, Mend, look, mend
from bot.engine.delivery import Performer
from bot.engine.inbox import UseCase
from bot.engine.intent import Intent, OnCase
from bot.feedback.breach_calls import TalkBreach, breach_talk
from bot.feedback.status_page import RevokeStatus, ShareStatus, revoke_status, share_status
from bot.mail.deliver import mail
from bot.mail.incoming import DropMail, ReleaseMail, drop_mail, release_mail
from bot.operations.alerts import clock_alert, perform_alert
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
from bot.problems.performers import PROBLEM_PERFORMERS
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
from bot.problems.sending import RetryReceipts, SentByHand, retry_receipts, sent_by_hand
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
from bot.rules.lifecycle import statuses_of
from bot.rules.permissions import PERMISSIONS
from bot.rules.words import HelpDesk
from bot.slack import left_channels
from bot.slack.case_presenter import CasePresenter
from bot.slack.channels import bookmark, topic_of
from bot.slack.performers import bind_performers
from bot.slack.posts import digest, dm, old_post
from bot.subjects import CASE
from bot.tickets.deliver import ticket
from bot.tickets.link import LinkTicket, UnlinkTicket, link_ticket, unlink_ticket

# One row a verb: what is asked for, and what does it.
VERBS: tuple[tuple[type[Intent], UseCase], ...] = (
    (OpenCase, open_case),
    (Claim, claim),
    (Assign, assign),
    (HandOver, hand_over),
    (AnswerHandover, answer_handover),
    (ChangeSeverity, change_severity),
    (Update, update),
    (CustomerReplied, customer_replied),
    (StatusReport, status),
    (Hold, hold),
    (Resume, resume),
    (Resolve, resolve),
    (Confirm, confirm),
    (Close, close),
    (Reopen, reopen),
    (Dismiss, dismiss),
    (ExecutiveFlag, executive_flag),
    (AskExecutive, ask_executive),
    (AnswerAsk, answer_ask),
    (MakePostmortem, postmortem),
    (PostmortemHeld, postmortem_held),
    (AddAction, action_item),
    (ActionDone, action_done),
    (Seen, seen),
    (Look, look),
    (Mend, mend),
    (ReleaseMail, release_mail),
    (DropMail, drop_mail),
    (ShareStatus, share_status),
    (RevokeStatus, revoke_status),
    (LinkTicket, link_ticket),
    (UnlinkTicket, unlink_ticket),
    (TalkBreach, breach_talk),
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
    (SentByHand, sent_by_hand),
    (ProposePoints, propose_points),
    (AnswerPoints, answer_points),
    (WithdrawPoints, withdraw_points),
    (ReadPoints, read_points),
)


class IncompleteVerbError(Exception):
    """Verbs that lack something; the message names each with what is missing, a line each."""


def require_rules(verbs: Iterable[type[Intent]]) -> None:
    """Raise IncompleteVerbError unless each verb is named once, may be done by some role, and,
    where it is about a case, in some status.
    """
    seen: set[str] = set()
    missing: list[str] = []
    for model in verbs:
        missing += [f"{name_verb(model)} {lack}" for lack in _lacking(model, seen)]
        seen.add(model.verb)
    if missing:
        raise IncompleteVerbError("\n".join(missing))


def name_verb(model: type[Intent]) -> str:
    """The verb with its model, as errors name it: ``hold (bot.cases.hold.Hold)``."""
    return f"{model.verb} ({model.__module__}.{model.__qualname__})"


def _lacking(model: type[Intent], seen: Container[str]) -> Iterator[str]:
    if model.verb in seen:
        yield "stands in VERBS twice"
    for row in {model.verb, model.form_permission or model.verb} - set(PERMISSIONS):
        yield f"has no row {row!r} in PERMISSIONS of bot/rules/permissions.py"
    if issubclass(model, OnCase) and not statuses_of(model.verb):
        yield "has no row in STATUSES or TABLE of bot/rules/lifecycle.py"


require_rules(model for model, _ in VERBS)

INTENTS: Mapping[str, type[Intent]] = {model.verb: model for model, _ in VERBS}
USE_CASES: Mapping[str, UseCase] = {model.verb: use_case for model, use_case in VERBS}


def form_permission(verb: str) -> str:
    """The row of the permission table that lets a person open the form of ``verb``."""
    return (INTENTS[verb].form_permission if verb in INTENTS else "") or verb


PERFORMERS: Mapping[str, Performer] = {
    **bind_performers(CASE, CasePresenter()),
    "rejoin": drift_performers.rejoin,
    "rename": drift_performers.rename,
    "look": drift_performers.look,
    "topic": topic_of,
    "bookmark": bookmark,
    "dm": dm,
    "digest": digest,
    "alert": perform_alert,
    "roster": dm,
    "clock_alert": clock_alert,
    "file": attach,
    "old_card": left_channels.old_card,
    "old_topic": left_channels.old_topic,
    "old_bookmark": left_channels.old_bookmark,
    "old_name": left_channels.old_name,
    "old_post": old_post,
    "mail": mail,
    **{desk.value: ticket for desk in HelpDesk},
    **PROBLEM_PERFORMERS,
}
