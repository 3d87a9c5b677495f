"""What each verb leaves in the store, said once for commands, buttons and forms."""

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.rules.facts import CaseFacts
from bot.rules.words import Role, Severity, Status
from tests.e2e.office import ELENI, KATE, NIKOS, SOFIA, TOMAS

Holds = Callable[[CaseFacts], object]
TESTS = Path(__file__).parent.parent
OUTSIDE = "e2e/test_outside.py"  # needs a mail server, or somebody who approves words
DRIFT = "e2e/test_drift.py"  # something must be wrong with the channel first
NO_CHANNEL = "e2e/test_no_channel.py"  # Slack must refuse to make one
TICKETS = "helpdesk/test_in_slack.py"  # needs a help desk
LIBRARY = "handlers/forms/test_library_in_workspace.py"
MANY = "e2e/test_many.py"  # needs a mail server, an approver, and more than one customer
ISSUES = "e2e/test_known_issues.py"  # likewise
COMPOSING = "handlers/forms/test_composing_in_workspace.py"

# What another office is needed for, by the file that tests it there, through the whole desk.
LANGUAGE = "e2e/test_own_language.py"
SAME = "e2e/test_same_thing.py"
TRIAGE = "e2e/test_triage.py"
DECIDING = (
    "add_candidate", "dismiss_candidate", "log_call", "log_candidate", "undo_decision",
)  # fmt: skip
SHARED = "e2e/test_connect_doors.py"
REVIEWS = "e2e/test_reviews.py"
BUGS = "tracker/test_in_slack.py"  # needs the developers' tracker
DUTY = "e2e/test_duty.py"
VERBS_ELSEWHERE: Mapping[str, str] = {
    "away": DUTY,
    "back": DUTY,
    "test_page": "e2e/test_page_trial.py",
    **dict.fromkeys(("choose_setup", "test_mail"), "e2e/test_setup.py"),
    **dict.fromkeys(("set_urgency", "contest", "answer_contest"), "e2e/test_ranking.py"),
    **dict.fromkeys(("hand_over_shift", "accept_offers", "settle_shift"), DUTY),
    **dict.fromkeys(("decide", "judge_decision"), "e2e/test_decisions.py"),
    **dict.fromkeys(
        (
            "verify_action", "drop_action", "reopen_action", "edit_action", "reassign_action",
            "answer_action_offer",
        ),
        "e2e/test_action_items.py",
    ),
    **dict.fromkeys(
        (
            "focus", "end_focus", "interrupt_focus", "ask_lead", "answer_question",
            "report_finding",
        ),
        "e2e/test_focus.py",
    ),
    **dict.fromkeys(("start_drill", "end_drill", "cancel_drill"), "e2e/test_drill.py"),
    **dict.fromkeys(("swarm", "answer_swarm", "leave_swarm"), "e2e/test_swarm.py"),
    "catch_up": "e2e/test_brief.py",
    "quiet_word": "e2e/test_quiet_words.py",
    **dict.fromkeys(("understood", "seen_tip", "choose_tips"), "e2e/test_readiness.py"),
    **dict.fromkeys(
        ("tell_csms", "end_outreach", "told_customer", "spare_customer", "reopen_telling"),
        "e2e/test_outreach.py",
    ),
    **dict.fromkeys(("try_solution", "drop_solution"), "e2e/test_similar.py"),
    **dict.fromkeys(
        ("apply_playbook", "drop_playbook", "tick_step", "untick_step"), "e2e/test_playbooks.py"
    ),
    **dict.fromkeys(("have_page", "seen_case", "set_component"), "e2e/test_stakeholders.py"),
    **dict.fromkeys(
        (
            "request_concession", "answer_concession", "withdraw_concession", "void_concession",
            "promise_concession", "fulfil_concession", "unfulfil_concession",
        ),
        "e2e/test_concessions.py",
    ),
    **dict.fromkeys(("record_outcome", "correct_outcome"), "e2e/test_outcomes.py"),
    "sign_access_review": "e2e/test_access_review.py",
    **dict.fromkeys(
        (
            "answer_quarterly_review", "write_quarterly_review", "decide_quarter",
            "end_quarter_decision", "verify_quarter_decision",
        ),
        "e2e/test_quarterly.py",
    ),
    **dict.fromkeys(("have_flag", "log_contact", "commit"), "e2e/test_executives.py"),
    **dict.fromkeys(
        ("plan_postmortem", "cancel_postmortem", "answer_postmortem"), "e2e/test_meetings.py"
    ),
    **dict.fromkeys(
        (
            "edit_sponsorship_text", "sign_sponsorship", "nominate_sponsorship",
            "answer_sponsorship", "read_sponsor_brief", "pass_sponsorship", "log_touch",
            "keep_sponsorship", "end_sponsorship", "send_brief",
        ),
        "e2e/test_sponsorship.py",
    ),
    **dict.fromkeys(
        ("call_to_calendar", "touch_to_calendar"), "e2e/test_calendar_entries.py"
    ),
    "end_legal_hold": "e2e/test_legal.py",
    "open_legal_room": "e2e/test_legal.py",
    "edit_case": "e2e/test_correcting.py",
    **dict.fromkeys(DECIDING, TRIAGE),
    "merge": SAME,
    "unmerge": SAME,
    "choose_language": LANGUAGE,
    "propose_template": LIBRARY,
    "withdraw_template": LIBRARY,
    "answer_template": OUTSIDE,
    "answer_draft": COMPOSING,
    **dict.fromkeys(("add_review", "take_review", "record_review_reply"), REVIEWS),
    "admit_mail": "mail/test_intake.py",
    "discard_mail": "mail/test_intake.py",
    "share_form": "mail/test_request_form.py",
    "revoke_form": "mail/test_request_form.py",
    "make_contact": OUTSIDE,
    "release_mail": OUTSIDE,
    "drop_mail": OUTSIDE,
    "share_status": OUTSIDE,
    "revoke_status": OUTSIDE,
    "breach_talk": OUTSIDE,
    "look": DRIFT,
    "mend": DRIFT,
    "connect": SHARED,
    "disconnect": SHARED,
    "shared_event": SHARED,
    "link_ticket": TICKETS,
    "unlink_ticket": TICKETS,
    "link_bug": BUGS,
    "unlink_bug": BUGS,
    **dict.fromkeys(
        (
            "open_problem", "link_case", "unlink_case", "edit_problem", "resolve_problem",
            "add_affected", "add_affected_lines", "remove_affected", "propose_broadcast",
            "answer_broadcast", "send_broadcast", "retry_receipts", "sent_by_hand",
            "propose_points", "answer_points", "withdraw_points", "read_points",
        ),
        MANY,
    ),
    **dict.fromkeys(
        (
            "add_issue", "edit_issue", "add_waiter", "remove_waiter", "ship_issue", "slip_issue",
            "drop_issue", "undo_issue", "issue_to_problem",
        ),
        ISSUES,
    ),
}  # fmt: skip


def all_named(elsewhere: Mapping[str, str]) -> bool:
    """Whether each of these words stands in the file that is said to test it."""
    return all(
        word in (TESTS / path).read_text(encoding="utf-8") for word, path in elsewhere.items()
    )


# True of a case once the verb was carried out as these tests ask for it.
EFFECTS: Mapping[str, Holds] = {
    "open_case": lambda case: case.status is Status.NEW and case.channel_id and case.card_ts,
    "decline_page": lambda case: (ELENI, "cannot") in [(p.user, p.answer) for p in case.pages],
    "name_stakeholder": lambda case: case.roles.get(Role.ACCOUNT_EXECUTIVE) == NIKOS,
    "claim": lambda case: case.owner in (ELENI, KATE) and case.status is not Status.NEW,
    "assign": lambda case: case.roles.get(Role.TECHNICAL_LEAD) == NIKOS,
    "hand_over": lambda case: [h.offered_to for h in case.handovers] == [NIKOS],
    "withdraw": lambda case: not case.handovers and case.resolution_type is None,
    "answer_handover": lambda case: not case.handovers,
    "severity": lambda case: case.severity is Severity.SEV3,
    "update": lambda case: case.sent and case.sent[-1].next_update_at,
    "customer_replied": lambda case: case.clock("next_reply") is not None,
    "status": lambda case: case.status is Status.INVESTIGATING,  # the timeline has the rest
    "hold": lambda case: case.hold is not None,
    "resume": lambda case: case.hold is None,
    "resolve": lambda case: case.resolution_type is not None and case.resolution_note,
    "tell_anyway": lambda case: case.letter is not None and case.letter.free,
    "confirm": lambda case: case.confirmations,
    "close": lambda case: case.status is Status.CLOSED and case.closure_code,
    "reopen": lambda case: case.status is Status.INVESTIGATING and not case.resolution_type,
    "dismiss": lambda case: case.status is Status.DISMISSED,
    "begin_legal_hold": lambda case: case.legal_hold_at is not None,
    "executive_flag": lambda case: case.executive,
    "ask_executive": lambda case: [a.asked_of for a in case.asks] == [SOFIA],
    "answer_ask": lambda case: case.asks[0].answer in ("approve", "decline"),
    "postmortem": lambda case: case.resolution_type is not None,
    "postmortem_held": lambda case: case.postmortem_at is not None,
    "action_item": lambda case: [a.owner for a in case.actions] == [TOMAS],
    "action_done": lambda case: case.actions[0].reported_at is not None,
    "seen": lambda case: case.number,
}
