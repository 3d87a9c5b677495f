"""Who reacts to what, and who carries a message by which route: two tables.

Every reaction runs in the transaction of what happened, in the order that stands here, and an error
in one undoes all of it. An event that is announced needs a row: ``react`` raises KeyError for one
without. The events stand in ``bot/core/reactions.py``; there a floor below announces what those
above want to know, without an import upwards.

A courier queues the message in the same transaction and sends nothing itself: the kind of the row
that it leaves is performed by delivery (``mail``, or the name of the help desk). ``Services`` hands
both tables to every unit of work; administrators' commands may run without them, and then what
announces an event raises.
"""

from collections.abc import Mapping

from bot.bugs.follow import (
    follow_bug_of_action,
    follow_bug_of_case,
    follow_bug_of_issue,
    hide_bugs_of_actions,
)
from bot.cases import resolve
from bot.cases.shifts.long_turns import begin_after_reopening
from bot.concessions.fulfil import take_back_promise
from bot.connect.courier import ChannelCourier
from bot.core.reactions import (
    ActionChanged,
    AnswerFailed,
    BroadcastReplied,
    CandidateDecided,
    CaseClosed,
    CaseCorrected,
    CaseDismissed,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseRestricted,
    CaseReviewed,
    CustomerAnswered,
    CustomerUnhappy,
    CustomerWrote,
    DecisionUndone,
    ExecutivesFlagged,
    FlagWithdrawn,
    IntakeMailCame,
    KnownIssueChanged,
    MessageDelivered,
    MessageFailed,
    MessageQueued,
    ResolutionDelivered,
    SponsorNamed,
    TicketNoticed,
    TicketRated,
    TicketsMerged,
    on,
)
from bot.customers.channels import BY_MAIL, Courier
from bot.customers.shared_place import BY_CHANNEL
from bot.duty.pages import end_incidents, stop_paging
from bot.engine.wiring import Reactions, Wiring
from bot.executives import flagging
from bot.feedback import ratings, surveys
from bot.focus import period as focus
from bot.focus.swarm import part_with_helpers, thank_helpers
from bot.intake import own_signals, reports
from bot.intake.connect import told
from bot.intake.form.told import tell_senders, tell_senders_again
from bot.intake.helpdesks import decisions, tickets
from bot.intake.mail.answers import tell_answer_failed, tell_writers, tell_writers_again
from bot.intake.mail.arrivals import hear_intake_mail
from bot.intake.workflow.ends import tell_steps
from bot.learning import similar
from bot.learning.lists.causes import plan_causes
from bot.learning.outreach import plan as outreach
from bot.legal.room import end_with_case
from bot.mail.queue import MailCourier
from bot.mail.withhold import withhold_mails
from bot.outcomes.plan import forget_outcome, plan_outcome, plan_with_sponsor
from bot.playbooks import applied, by_itself
from bot.problems import case_lines, receipts, redaction
from bot.rules.words import HelpDesk
from bot.sponsorship.closing import offer_nomination
from bot.tickets import link as ticket_link
from bot.tickets import writing
from bot.tickets.link import TicketCourier
from bot.tickets.withhold import withhold_replies

REACTIONS: Reactions = dict(
    (
        on(CaseOpened, ticket_link.adopt_ticket, flagging.begin_with_case),
        on(
            CaseCorrected,
            withhold_mails,
            withhold_replies,
            ticket_link.follow_address,
            surveys.leave_reader,
            case_lines.follow_correction,
            similar.learn_again,
            by_itself.look_after_correction,
            outreach.look_after_component,
        ),
        on(SponsorNamed, plan_with_sponsor),
        on(
            CaseRestricted,
            part_with_helpers,
            surveys.ask_no_more,
            redaction.leave_problems,
            follow_bug_of_case,
            hide_bugs_of_actions,
            similar.forget_words,
            outreach.end_with_restriction,
        ),
        on(
            CaseResolved,
            end_incidents,
            surveys.end_pulses,
            reports.tell_reporters,
            writing.write_resolved,
            similar.learn_again,
            outreach.look_after_solution,
            focus.end_with_case,
            thank_helpers,
        ),
        on(CaseReviewed, surveys.plan_survey),
        on(
            CaseReopened,
            surveys.plan_nothing,
            writing.write_reopened,
            follow_bug_of_case,
            forget_outcome,
            flagging.resume_with_case,
            applied.resume_steps,
            similar.learn_again,
            outreach.end_with_case,
            begin_after_reopening,
        ),
        on(ExecutivesFlagged, flagging.begin_flagging),
        on(FlagWithdrawn, flagging.end_with_flag),
        on(
            CaseDismissed,
            outreach.end_with_case,
            focus.end_with_case,
            thank_helpers,
            stop_paging,
            surveys.plan_nothing,
            writing.write_dismissed,
            follow_bug_of_case,
            flagging.end_with_case,
            end_with_case,
        ),
        on(
            CaseClosed,
            focus.end_with_case,
            thank_helpers,
            writing.write_closed,
            follow_bug_of_case,
            plan_outcome,
            flagging.end_with_case,
            end_with_case,
            offer_nomination,
            similar.learn_again,
            outreach.look_after_solution,
            plan_causes,
        ),
        on(
            KnownIssueChanged,
            follow_bug_of_issue,
            similar.learn_of_issue,
            outreach.look_of_issue,
        ),
        on(ActionChanged, follow_bug_of_action),
        on(MessageQueued, surveys.ensure_status_page),
        on(CustomerAnswered, surveys.plan_pulse),
        on(
            CustomerWrote,
            receipts.record_case_reply,
            own_signals.consider_words,
            by_itself.look_after_words,
        ),
        on(CustomerUnhappy, own_signals.consider_answer),
        on(MessageDelivered, receipts.record_delivery),
        on(MessageFailed, receipts.record_failure, take_back_promise),
        on(ResolutionDelivered, resolve.complete_resolution),
        on(BroadcastReplied, receipts.record_mail_reply),
        on(
            CandidateDecided,
            decisions.tell_tickets,
            told.tell_threads,
            tell_writers,
            tell_steps,
            tell_senders,
        ),
        on(
            DecisionUndone,
            decisions.correct_tickets,
            told.tell_threads_again,
            tell_writers_again,
            tell_senders_again,
        ),
        on(TicketNoticed, tickets.take_in_ticket_signal),
        on(TicketRated, ratings.record_rating),
        on(TicketsMerged, tickets.follow_merged_ticket),
        on(IntakeMailCame, hear_intake_mail),
        on(AnswerFailed, tell_answer_failed),
    )
)

# By route; by any other route a person sends the message themselves and records it.
COURIERS: Mapping[str, Courier] = {
    BY_MAIL: MailCourier(),
    BY_CHANNEL: ChannelCourier(),
    **{desk.value: TicketCourier() for desk in HelpDesk},
}

WIRING = Wiring(REACTIONS, COURIERS)
