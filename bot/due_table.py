"""All that comes due by time: what, when, who hears it, in which words. Readable on one screen.

A new reminder is one ``Reminder`` here (one ``ClockReminder`` in ``REMINDERS`` where a case's clock
brings it) and its words in each language.

``bot.engine.due.sweep_due`` works through ``DUE`` from top to bottom and repeats until nothing is
due, so a row may set off one above it. Columns hold instants in UTC by the time of the cases; null
means that nothing is due. The functions in the rows run inside a transaction, only queue effects,
and must move their column on, or they are called again at once.

``Services.tick`` calls the sweep, and ``find_next_due`` sets the timer to the least instant of all
columns, so a new column needs an index. The first name of a row is what the log says of it
(``due_failed``). ``bot/sponsorship/due_rows.py`` has the rows of the sponsorship programme.
``bot/sla/due.py``, ``bot/problems/due.py`` and ``bot/feedback/questions.py`` hold most of the
functions.
"""

from functools import partial

from sqlmodel import col

from bot.bugs.due import look_again_at_bug
from bot.calendar_files.personal import follow_calls, follow_contacts
from bot.cases.action_items import remind_of_action
from bot.cases.digests import load_digests, prepare_mornings, queue_digest
from bot.cases.hold import resume_expired
from bot.cases.ranking.contest import remind_of_contests
from bot.cases.ranking.order import load_with_accounts, rank_again
from bot.cases.resolution.letter import remind_of_letter
from bot.cases.resolution.silence import end_wait
from bot.cases.shifts.decide import ask_lead
from bot.cases.shifts.long_turns import end_long_turn
from bot.concessions.due import age_concessions
from bot.connect.links import check_due_link
from bot.core.mornings import say_in_morning
from bot.drills.end import end_by_itself
from bot.duty.pages import page_next
from bot.duty.shift_ends import ask_before_end
from bot.duty.stakeholders import tell_next
from bot.engine.due import Audience, DueRow, Reminder
from bot.executives.asks import chase_asks
from bot.executives.contact import remind_of_contacts
from bot.executives.due import chase_flag
from bot.feedback import breach_calls
from bot.feedback.breach_reminders import chase_call
from bot.feedback.questions import ask_due, remind_of_survey
from bot.focus.due import age_focus
from bot.focus.swarm import ask_instead
from bot.intake.candidates import remind_of_candidate
from bot.known_issues.due import ask_about_day
from bot.learning.decisions import ask_outcome
from bot.learning.lists.due import make_list
from bot.learning.outreach.plan import age_outreach
from bot.learning.similar import learn_case
from bot.learning.worked_then import tell_what_worked
from bot.outcomes.due import ask_for_outcome
from bot.playbooks.applied import remind_of_steps
from bot.playbooks.by_itself import look_for_playbook
from bot.problems.due import age_points, fire_update_clock
from bot.readiness.tips import tell_tip
from bot.readiness.understood import remind_of_cards
from bot.reports.access_review import ask_to_sign
from bot.reports.quarterly import age_review, remind_of_decision
from bot.rules.sla import ThresholdKind
from bot.rules.words import Role
from bot.sla.due import FollowUps, fire_clocks, load_due_cases
from bot.sla.reminders import REMINDERS
from bot.sponsorship.briefs.make import make_briefs
from bot.sponsorship.due_rows import PROGRAMME_ROWS
from bot.tickets.due import look_again
from storage.models import (
    AccessReview,
    ActionItem,
    AppliedPlaybook,
    Ask,
    Asking,
    BreachTalk,
    CalendarEntry,
    Candidate,
    Case,
    CaseDecision,
    CaseRole,
    Clock,
    Concession,
    ConnectLink,
    Contest,
    CustomerLink,
    Digest,
    Drill,
    ExecutiveContact,
    Flagging,
    FocusPeriod,
    Helper,
    KnownIssue,
    KnownTicket,
    LeadList,
    MorningNotice,
    Outcome,
    Outreach,
    Problem,
    QuarterDecision,
    QuarterlyReview,
    RoleCard,
    ShiftEnd,
    Sponsorship,
    TalkingPoints,
    TipReader,
    TrackedBug,
)  # fmt: skip

OWNER, CHANNEL, CUSTOMER = Audience.OWNER, Audience.CHANNEL, Audience.CUSTOMER
WARN, BREACH, LADDER = ThresholdKind.WARN, ThresholdKind.BREACH, ThresholdKind.LADDER
FOLLOW_UPS = FollowUps(breach_calls.breach_happened, breach_calls.breach_retracted, end_wait)

# Where the app sends no mail, the case's owner asks the customer.
BY_HAND = Reminder("ask_yourself", (OWNER,), "notice:ask_yourself")

# In the order in which they are taken. Each: what comes due, the column that says when, what is
# locked, what is done; then what is said: what, who hears it, in which words.
DUE: tuple[DueRow, ...] = (
    DueRow("a case's clocks", (col(Clock.next_fire_at),), col(Clock.case_number),
        partial(fire_clocks, FOLLOW_UPS),
        REMINDERS,  # by clock and threshold
        lock=col(Case.number), load=load_due_cases,
    ),
    DueRow("a page without an answer", (col(Case.page_at),), col(Case.number), page_next,
        (
            Reminder("paged", (Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD), "notice:paged"),
            Reminder("page_moved", (CHANNEL,), "notice:page_moved"),
            Reminder("nobody_left", (CHANNEL, Role.ADMINISTRATOR), "notice:nobody_left"),
        ),
    ),
    DueRow("a stakeholder who has not seen it", (col(Case.told_at),), col(Case.number), tell_next,
        (
            Reminder("told_instead", (Audience.READER,), "notice:told_instead"),
            Reminder("unseen", (OWNER,), "notice:unseen"),
        ),
    ),
    DueRow(
        "a role card that nobody confirmed", (col(RoleCard.remind_at),), col(RoleCard.case_number),
        remind_of_cards,
        (Reminder("card_unread", (Audience.ASKED,), "notice:role_card_waits"),),
        lock=col(Case.number),
    ),
    DueRow("a tip of the week", (col(TipReader.next_at),), col(TipReader.user_id), tell_tip,
        (Reminder("weekly_tip", (Audience.READER,), "tip:weekly"),),
    ),
    DueRow("the end of a hold", (col(Case.hold_until),), col(Case.number), resume_expired,
        (Reminder("hold_ended", (CHANNEL, OWNER), "notice:hold_ended"),),
        put_off=False,  # the date was agreed on, and clocks go on as of it
    ),
    DueRow("a letter that waits", (col(Case.letter_due),), col(Case.number), remind_of_letter,
        (
            Reminder("letter_asked", (Role.TECHNICAL_LEAD,), "notice:confirmation_asked"),
            Reminder("letter_waits", (Audience.AUTHOR, OWNER), "notice:letter_waits"),
        ),
    ),
    DueRow("a case's priority", (col(Case.rank_at),), col(Case.number), rank_again, (),
        load=load_with_accounts,
    ),
    DueRow("a contested ranking", (col(Contest.ask_at),), col(Contest.case_number),
        remind_of_contests,
        (
            Reminder("contest_waits", (OWNER,), "notice:contest_waits"),
            Reminder("contest_unanswered", (Role.SUPPORT_LEAD,), "notice:contest_waits"),
        ),
        lock=col(Case.number),
    ),
    DueRow("a concession", (col(Concession.next_at),), col(Concession.case_number), age_concessions,
        (
            Reminder("concession_waits", (Audience.ASKED,), "notice:concession_waits"),
            Reminder("concession_expired", (Audience.AUTHOR,), "notice:concession_expired"),
            Reminder("concession_due", (Audience.AUTHOR,), "notice:concession_due"),
            Reminder(
                "concession_overdue", (Role.FINANCE_APPROVER, OWNER, Audience.AUTHOR),
                "notice:concession_overdue",
            ),
        ),
        lock=col(Case.number),
    ),
    DueRow("an outcome", (col(Outcome.next_at),), col(Outcome.id), ask_for_outcome,
        (
            Reminder("outcome_asked", (Audience.ASKED,), "outcome:asked"),
            Reminder("outcome_reminded", (Audience.ASKED,), "outcome:reminded"),
            Reminder("outcome_passed_on", (Audience.ASKED,), "outcome:passed_on"),
        ),
    ),
    DueRow("an executive flag", (col(Flagging.next_at),), col(Flagging.case_number), chase_flag,
        (
            Reminder("flag_unheard", (OWNER,), "notice:flag_unheard"),
            Reminder("executive_call_soon", (Audience.ASKED,), "notice:executive_call_soon"),
            Reminder("executive_call_late", (Audience.ASKED,), "notice:executive_call_late"),
        ),
        lock=col(Case.number),
    ),
    DueRow("a question to an executive", (col(Ask.next_at),), col(Ask.case_number), chase_asks,
        (
            Reminder("ask_waits", (Audience.ASKED,), "notice:ask_waits"),
            Reminder("ask_unanswered", (Audience.AUTHOR,), "notice:ask_unanswered"),
        ),
        lock=col(Case.number),
    ),
    DueRow("a focus", (col(FocusPeriod.next_at),), col(FocusPeriod.case_number), age_focus,
        (
            Reminder("focus_check_in", (Audience.ASKED,), "notice:focus_check_in"),
            Reminder("focus_silent", (OWNER,), "notice:focus_silent"),
            Reminder("focus_unheard", (Audience.ASKED,), "notice:focus_unheard"),
        ),
        lock=col(Case.number),
    ),
    DueRow("a question to help", (col(Helper.next_at),), col(Helper.case_number), ask_instead,
        (
            Reminder("swarm_asked", (Audience.ASKED,), "notice:swarm_asked"),
            Reminder("swarm_nobody", (Audience.AUTHOR,), "notice:swarm_nobody"),
        ),
        lock=col(Case.number),
    ),
    DueRow("the call after a missed promise", (col(BreachTalk.next_at),),
        col(BreachTalk.case_number), chase_call,
        (
            Reminder("breach_call_soon", (OWNER,), "notice:breach_call_soon"),
            Reminder(
                "breach_call_late", (OWNER, Role.SUPPORT_LEAD), "notice:breach_call_late"
            ),
        ),
        lock=col(Case.number),
    ),
    DueRow("the next contact of an executive", (col(ExecutiveContact.remind_at),),
        col(ExecutiveContact.case_number), remind_of_contacts,
        (Reminder("contact_due", (Audience.AUTHOR,), "notice:contact_due"),),
        lock=col(Case.number),
    ),
    *PROGRAMME_ROWS,
    DueRow("a call in a calendar", (col(CalendarEntry.look_at),), col(CalendarEntry.case_number),
        follow_calls, (), lock=col(Case.number),
    ),
    DueRow("a contact in a calendar", (col(CalendarEntry.look_at),), col(CalendarEntry.membership),
        follow_contacts, (), lock=col(Sponsorship.id),
    ),
    DueRow("a sponsored account's quarter", (col(Sponsorship.brief_at),), col(Sponsorship.id),
        make_briefs,
        (Reminder("brief_ready", (OWNER,), "sponsorship:brief_ready"),),  # and to the deputy
    ),
    DueRow(
        "a quarterly review", (col(QuarterlyReview.next_at),), col(QuarterlyReview.id), age_review,
        (
            Reminder("review_prepared", (Audience.ASKED,), "quarterly:prepared"),
            Reminder("review_not_held", (Role.SUPPORT_LEAD,), "quarterly:not_held"),  # or leads
        ),
    ),
    DueRow("a quarter's decision", (col(QuarterDecision.next_at),), col(QuarterDecision.id),
        remind_of_decision,
        (
            Reminder("quarter_decision_due", (OWNER,), "quarterly:decision_due"),
            Reminder("quarter_decision_unverified", (Audience.ASKED,), "quarterly:decision_done"),
            Reminder("quarter_decision_passed", (OWNER,), "quarterly:decision_passed"),
        ),
    ),
    DueRow("an access review", (col(AccessReview.next_at),), col(AccessReview.id), ask_to_sign,
        (
            Reminder("access_review", (Audience.ASKED,), "access:asked"),
            Reminder("access_unsigned", (Audience.ASKED,), "access:unsigned"),
        ),
    ),
    DueRow("an executive's morning", (col(Digest.next_at),), col(Digest.user_id), queue_digest,
        (Reminder("digest", (Audience.READER,), "digest"),),
        prepare=prepare_mornings, load=load_digests,
    ),
    DueRow(
        "a notice for the morning", (col(MorningNotice.at),), col(MorningNotice.id), say_in_morning,
        (Reminder("morning", (Audience.READER,), "notice:opened"),),  # or what the row carries
    ),
    DueRow("the end of a shift", (col(ShiftEnd.ask_at),), col(ShiftEnd.user_id), ask_before_end,
        (Reminder("shift_ends", (OWNER,), "shift:ends"),),
    ),
    DueRow("a role on SEV1 that one person has for too long", (col(CaseRole.look_at),),
        col(CaseRole.case_number), end_long_turn,
        (
            Reminder("long_turn", (Audience.ASKED,), "notice:long_turn"),
            Reminder("long_turn_above", (Audience.ASKED,), "notice:long_turn_above"),
        ),
        lock=col(Case.number),
    ),
    DueRow("what a shift has left open", (col(ShiftEnd.decide_at),), col(ShiftEnd.user_id),
        ask_lead, (
            Reminder("undecided", (Role.SUPPORT_LEAD,), "shift:undecided"),
            Reminder("still_yours", (OWNER,), "shift:still_yours"),
        ),
    ),
    DueRow("an action item", (col(ActionItem.next_reminder_at),), col(ActionItem.id),
        remind_of_action,
        (
            Reminder("action_due", (OWNER,), "notice:action_due"),
            Reminder("action_unverified", (Audience.ASKED,), "notice:action_done"),
            Reminder("commitment_late", (Role.EXECUTIVE_OWNER,), "notice:commitment_late"),
        ),
    ),
    DueRow("a list for those who lead", (col(LeadList.next_at),), col(LeadList.name), make_list,
        (
            Reminder("actions_overdue", (Audience.READER,), "list:actions_overdue"),
            Reminder("causes", (Role.SUPPORT_LEAD,), "list:causes"),
        ),
    ),
    DueRow("how a decision came out", (col(CaseDecision.next_at),), col(CaseDecision.id),
        ask_outcome,
        (Reminder("decision_outcome", (Audience.AUTHOR,), "notice:decision_outcome"),),
    ),
    DueRow("what worked in cases like it", (col(Case.similar_at),), col(Case.number),
        tell_what_worked,
        (
            Reminder("worked_then", (Role.TECHNICAL_LEAD,), "notice:worked_then"),
            Reminder("worked_then_here", (CHANNEL,), "notice:worked_then"),
        ),
    ),
    DueRow("others who may meet it", (col(Outreach.look_at), col(Outreach.next_at)),
        col(Outreach.case_number), age_outreach,
        (
            Reminder("at_risk_found", (Audience.ASKED,), "notice:at_risk_found"),
            Reminder("outreach_waits", (Audience.ASKED,), "notice:outreach_waits"),
            Reminder("outreach_silent", (Audience.AUTHOR,), "notice:outreach_silent"),
        ),
        lock=col(Case.number),
    ),
    DueRow(
        "a step of a playbook", (col(AppliedPlaybook.next_at),), col(AppliedPlaybook.case_number),
        remind_of_steps,
        (Reminder("step_overdue", (Audience.ASKED,), "playbook:step_overdue"),),
        lock=col(Case.number),
    ),
    DueRow("the end of a drill", (col(Drill.ends_at),), col(Drill.case_number), end_by_itself,
        (Reminder("drill_over", (CHANNEL,), "notice:drill_reviewed"),),
    ),
    DueRow("a playbook that may fit", (col(Case.playbooks_at),), col(Case.number),
        look_for_playbook, (),
    ),
    DueRow("the words of a solved case", (col(Case.learn_at),), col(Case.number), learn_case, ()),
    DueRow("a question to the customer", (col(Asking.pulse_at), col(Asking.survey_at)),
        col(Asking.case_number), ask_due,
        (
            Reminder("pulse", (CUSTOMER,), "ask.pulse_question"),
            Reminder("survey", (CUSTOMER,), "ask.survey_question"),
            BY_HAND,
        ),
        lock=col(Case.number),
    ),
    DueRow("a survey without an answer", (col(CustomerLink.remind_at),), col(CustomerLink.id),
        remind_of_survey,
        (Reminder("survey_again", (CUSTOMER,), "ask.survey_again"), BY_HAND),
    ),
    DueRow("a candidate to decide on", (col(Candidate.ask_at),), col(Candidate.id),
        remind_of_candidate,
        (
            Reminder("candidate_waits", (OWNER,), "candidate:waits"),
            Reminder("candidate_still_waits", (Role.SUPPORT_LEAD,), "candidate:still_waits"),
        ),
    ),
    DueRow("a customer's channel in Slack", (col(ConnectLink.check_at),),
        col(ConnectLink.channel_id), check_due_link, (),
    ),
    DueRow("a problem's update to all", (col(Problem.next_fire_at),), col(Problem.number),
        fire_update_clock,
        (
            Reminder("update_soon", (OWNER,), "problem:update_due", WARN),
            Reminder("update_late", (CHANNEL, OWNER), "problem:update_due", BREACH),
            Reminder("update_ladder", (Audience.LADDER,), "problem:update_due", LADDER),
        ),
    ),
    DueRow("a target in a help desk", (col(KnownTicket.look_at),), col(KnownTicket.id),
        look_again, (),
    ),
    DueRow("a bug in the tracker", (col(TrackedBug.look_at),), col(TrackedBug.id),
        look_again_at_bug, (),
    ),
    DueRow("talking points", (col(TalkingPoints.next_at),), col(TalkingPoints.problem), age_points,
        (
            Reminder("points_expired", (Audience.AUTHOR,), "problem:points_expired"),
            Reminder("points_unread", (Audience.UNREAD,), "problem:points_unread"),
        ),
        lock=col(Problem.number), batch=20,  # one reminds up to a hundred people
    ),
    DueRow("the day of a known issue", (col(KnownIssue.remind_at),), col(KnownIssue.number),
        ask_about_day,
        (Reminder("issue_due", (OWNER,), "problem:issue_due"),),
        lock=col(Problem.number),
    ),
)  # fmt: skip
