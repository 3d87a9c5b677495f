"""The permissions: one table, verb to roles. Being in a channel is not a permission.

A person's roles are those they hold on the case (reporter, owner, ...) together with those
the policy gives them in the organisation (escalation manager, support lead, ...). The table is the
coarse question; where a verb also depends on the row (asked of this person, not its author), the
use case checks that, as its comment says. Collecting a person's roles: bot/core/access.py.
"""

from collections.abc import Mapping, Set
from enum import StrEnum

from bot.rules.words import Role

R = Role
ANYONE = frozenset(Role)
NO_ONE: frozenset[Role] = frozenset()
TEAM = frozenset(
    {R.AGENT, R.REPORTER, R.ESCALATION_MANAGER, R.TECHNICAL_LEAD, R.CSM, R.ACCOUNT_EXECUTIVE,
     R.SUPPORT_LEAD, R.EXECUTIVE_OWNER, R.DIRECTOR}
)  # fmt: skip
MANAGERS = frozenset({R.ESCALATION_MANAGER, R.SUPPORT_LEAD, R.DIRECTOR})
VOICES = MANAGERS | {R.AGENT, R.REPORTER, R.CSM, R.ACCOUNT_EXECUTIVE, R.TECHNICAL_LEAD}
SPEAKERS = VOICES - {R.REPORTER}  # having raised a case is no leave to speak for the company
APPROVERS = frozenset({R.COMMS_APPROVER, R.ESCALATION_MANAGER})
GRANTERS = MANAGERS | {R.EXECUTIVE_OWNER, R.FINANCE_APPROVER}
LEADERS = MANAGERS | {R.EXECUTIVE_OWNER, R.SPONSOR}
PROGRAMME_LEADS = frozenset({R.SUPPORT_LEAD, R.DIRECTOR, R.EXECUTIVE_OWNER, R.ADMINISTRATOR})
# Where the policy names no one for one of these, every member counts as one.
EVERYBODY_UNLESS_NAMED = (R.ESCALATION_MANAGER, R.SUPPORT_LEAD, R.AGENT)
READERS = TEAM | {R.SPONSOR, R.LEGAL, R.AUDITOR, R.FACILITATOR, R.COMMS_APPROVER}


class Entrusted(frozenset[Role]):
    """Roles that do not count where a person took them for themselves, by raising the case,
    claiming it or assigning it; what the policy names them for counts, and what a colleague
    gave them. So with everything that speaks for the company, or lets another speak for it.
    """

    __slots__ = ()


class Own(frozenset[Role]):
    """Roles beside which the owner of an action item may always do it with that item."""

    __slots__ = ()


PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "open_case": ANYONE,
    "start_drill": ANYONE,  # of the workspace: whoever may get a role may learn it
    "end_drill": ANYONE,  # who plays it: others do not know of it; so with the next
    "cancel_drill": ANYONE,
    "add_report": ANYONE,  # to a case that they may read, which the use case checks
    "triage": READERS,  # what waits for a decision, but for the restricted
    "add_candidate": TEAM,
    "dismiss_candidate": MANAGERS,  # what a customer asks for is turned down with a reason
    "log_call": ANYONE,  # those who hear a customer are not always those who decide
    "log_candidate": MANAGERS,
    "undo_decision": MANAGERS,
    "choose_language": ANYONE,
    "understood": ANYONE,  # the card of a role, for themselves
    "readiness": ANYONE,  # of others only the row that follows, which the query checks
    "all_readiness": MANAGERS | {R.ADMINISTRATOR, R.AUDITOR},
    "setup": frozenset({R.ADMINISTRATOR}),
    "choose_setup": frozenset({R.ADMINISTRATOR}),
    "access_review": frozenset({R.ADMINISTRATOR, R.DIRECTOR, R.LEGAL, R.AUDITOR}),
    "sign_access_review": frozenset({R.ADMINISTRATOR, R.DIRECTOR}),
    "test_mail": frozenset({R.ADMINISTRATOR}),  # to their own address alone
    "seen_tip": ANYONE,  # for themselves, as what follows
    "choose_tips": ANYONE,
    "quiet_word": NO_ONE,  # only the app itself, when it has read a post
    "duty": ANYONE,  # whom to call is no secret
    "away": ANYONE,  # for themselves; for colleagues managers, which the use case checks
    "back": ANYONE,
    "test_page": ANYONE,  # for themselves; for colleagues administrators, the use case checks
    "show": READERS,
    "catch_up": READERS,
    "timeline": READERS,
    "list": READERS,  # others find the cases they are on, and no more; so in what follows it
    "digest": READERS,
    "figures": LEADERS | {R.AUDITOR, R.FINANCE_APPROVER, R.ADMINISTRATOR},
    "quarterly_review": LEADERS | {R.AUDITOR, R.ADMINISTRATOR},
    "answer_quarterly_review": ANYONE,  # the use case checks that this person is invited
    "write_quarterly_review": MANAGERS | {R.EXECUTIVE_OWNER},
    "decide_quarter": MANAGERS | {R.EXECUTIVE_OWNER},
    "end_quarter_decision": ANYONE,  # its owner, or by the row before, which the use case checks
    "verify_quarter_decision": MANAGERS | {R.EXECUTIVE_OWNER},  # of what is not theirs, likewise
    "map": ANYONE,  # the process is no secret; counts are for those who may read figures
    "templates": READERS,
    "problem": READERS,
    "customers": ANYONE,  # those who may raise a case must be able to say for whom
    "claim": MANAGERS,
    "decline_page": MANAGERS | {R.TECHNICAL_LEAD},  # who was paged to take it is a manager here
    "have_page": MANAGERS | {R.TECHNICAL_LEAD},  # of the case, which the use case checks
    "assign": MANAGERS,
    "name_stakeholder": MANAGERS | {R.CSM, R.ACCOUNT_EXECUTIVE},  # of the customer, on each case
    "hand_over": TEAM,
    "answer_handover": ANYONE,  # the use case checks that it was offered to this person
    "hand_over_shift": ANYONE,  # their own cases, which the use case checks
    "accept_offers": ANYONE,  # what was offered to them, which the use case checks
    "settle_shift": MANAGERS,
    "severity": MANAGERS,
    "raise_severity": TEAM,
    "set_component": TEAM,
    "set_urgency": TEAM,
    "contest": VOICES,
    "answer_contest": VOICES,
    "update": Entrusted(SPEAKERS),
    "customer_replied": VOICES,
    "status": TEAM,
    "mitigate": MANAGERS | {R.TECHNICAL_LEAD},
    "hold": MANAGERS,
    "resume": MANAGERS,
    "resolve": Entrusted(MANAGERS | {R.TECHNICAL_LEAD}),
    "tell_anyway": Entrusted(MANAGERS),
    "confirm": TEAM,
    "close": MANAGERS,
    "reopen": TEAM,
    "merge": MANAGERS,
    "unmerge": MANAGERS,
    "dismiss": MANAGERS | {R.REPORTER},  # a reporter what they raised by mistake, for minutes
    "executive_flag": TEAM,
    "withdraw": TEAM | {R.LEGAL},  # of what, the use case asks by the five rows that follow
    "withdraw_flag": MANAGERS | {R.EXECUTIVE_OWNER},
    "withdraw_legal": MANAGERS | {R.LEGAL},  # where the policy names Legal, they alone
    "lift_restriction": MANAGERS,
    "withdraw_handover": MANAGERS,  # and who offered it
    "withdraw_ask": MANAGERS,  # and who asked
    "open_legal_room": MANAGERS | {R.LEGAL, R.EXECUTIVE_OWNER},
    "begin_legal_hold": MANAGERS | {R.LEGAL},
    "end_legal_hold": frozenset({R.LEGAL}),  # whom the policy names, which the use case checks
    "edit_case": TEAM,  # of what, the use case asks by the two rows that follow, and link_ticket
    "edit_customer": Entrusted(MANAGERS),  # who is written to, and by which account's terms
    "edit_contact": Entrusted(SPEAKERS),
    "ask_executive": MANAGERS | {R.CSM, R.ACCOUNT_EXECUTIVE},
    "call_to_calendar": ANYONE,  # who owes the call, which the use case checks
    "have_flag": ANYONE,  # who was asked, and executives, which the use case checks
    "log_contact": TEAM | {R.SPONSOR},
    "commit": MANAGERS | {R.CSM, R.ACCOUNT_EXECUTIVE, R.EXECUTIVE_OWNER},
    "focus": MANAGERS | {R.TECHNICAL_LEAD},
    "end_focus": MANAGERS | {R.TECHNICAL_LEAD},
    "interrupt_focus": MANAGERS,
    "ask_lead": TEAM,
    "answer_question": TEAM,
    "report_finding": TEAM,
    "swarm": TEAM,
    "answer_swarm": ANYONE,  # the use case checks that it was asked of this person
    "leave_swarm": ANYONE,  # who helps, which the use case checks
    "answer_ask": ANYONE,  # the use case checks that it was asked of this person
    "request_concession": Entrusted(SPEAKERS),
    "answer_concession": GRANTERS | {R.LEGAL},  # those whom the policy names, within their limits
    "withdraw_concession": TEAM | GRANTERS,  # its author, and those who may void one
    "promise_concession": Entrusted(SPEAKERS),
    "fulfil_concession": Entrusted(SPEAKERS | {R.FINANCE_APPROVER}),
    "unfulfil_concession": Entrusted(
        SPEAKERS | GRANTERS
    ),  # its author, who recorded it, who may void one
    "void_concession": GRANTERS | {R.LEGAL},
    "concessions": ANYONE,  # of others only the row that follows, which the query checks
    "all_concessions": GRANTERS | {R.LEGAL, R.AUDITOR},
    "edit_sponsorship_text": PROGRAMME_LEADS,
    "sign_sponsorship": frozenset({R.EXECUTIVE_OWNER, R.DIRECTOR, R.SPONSOR}),
    "nominate_sponsorship": MANAGERS
    | {R.EXECUTIVE_OWNER, R.SPONSOR, R.CSM, R.ACCOUNT_EXECUTIVE, R.ADMINISTRATOR},
    "answer_sponsorship": ANYONE,  # the use case checks that it was offered to this person
    "read_sponsor_brief": ANYONE,  # its sponsor, which the use case checks; so in what follows
    "pass_sponsorship": ANYONE,  # or who leads the programme, by the row after these
    "log_touch": ANYONE,
    "touch_to_calendar": ANYONE,
    "send_brief": ANYONE,  # who may know the account wholly, which the use case checks
    "end_sponsorship": ANYONE,
    "keep_sponsorship": ANYONE,
    "manage_sponsorships": PROGRAMME_LEADS,
    "sponsorships": READERS | {R.ADMINISTRATOR},  # others what they sponsor, and no more
    "all_sponsorships": MANAGERS
    | {R.EXECUTIVE_OWNER, R.SPONSOR, R.CSM, R.ACCOUNT_EXECUTIVE, R.ADMINISTRATOR, R.AUDITOR},
    "record_outcome": ANYONE,  # the use case checks that they were asked, or may be
    "correct_outcome": ANYONE,  # likewise
    "outcomes": ANYONE,  # of others only the row that follows, which the query checks
    "all_outcomes": LEADERS | {R.AUDITOR},
    "read_revenue": LEADERS | {R.AUDITOR, R.FINANCE_APPROVER, R.CSM, R.ACCOUNT_EXECUTIVE},
    "postmortem": TEAM,
    "postmortem_held": MANAGERS | {R.FACILITATOR},
    "plan_postmortem": MANAGERS | {R.FACILITATOR},
    "answer_postmortem": ANYONE,  # the use case checks that this person is invited
    "cancel_postmortem": MANAGERS | {R.FACILITATOR},
    "decide": TEAM,
    "judge_decision": ANYONE,  # the use case asks for "decide" of all but who decided
    "try_solution": TEAM,
    "drop_solution": TEAM,
    "tell_csms": Entrusted(MANAGERS | {R.TECHNICAL_LEAD}),  # words that customers are told
    "end_outreach": MANAGERS | {R.TECHNICAL_LEAD},
    "told_customer": ANYONE,  # the use case asks for "tell_csms" of all but who was asked
    "spare_customer": ANYONE,
    "reopen_telling": ANYONE,
    "apply_playbook": TEAM,
    "drop_playbook": TEAM,
    "tick_step": TEAM,
    "untick_step": TEAM,
    "action_item": TEAM,
    "action_done": Own(TEAM),
    "verify_action": TEAM,  # of what is not theirs, which the use case checks
    "edit_action": Own(TEAM),
    "reassign_action": Own(TEAM),
    "answer_action_offer": ANYONE,  # the use case checks that it was offered to this person
    "drop_action": Own(MANAGERS | {R.EXECUTIVE_OWNER}),
    "reopen_action": Own(MANAGERS | {R.EXECUTIVE_OWNER}),
    "seen": ANYONE,
    "seen_case": ANYONE,  # the use case checks that this person was told
    "look": MANAGERS | {R.ADMINISTRATOR},
    "mend": MANAGERS | {R.ADMINISTRATOR},
    "make_channel": MANAGERS | {R.ADMINISTRATOR, R.REPORTER},  # where there is none at all
    "release_mail": Entrusted(SPEAKERS),
    "drop_mail": Entrusted(SPEAKERS),
    "make_contact": Entrusted(SPEAKERS),
    "admit_mail": Entrusted(SPEAKERS),
    "discard_mail": Entrusted(SPEAKERS),
    "share_form": Entrusted(SPEAKERS),
    "revoke_form": VOICES,
    "share_status": Entrusted(SPEAKERS),
    "revoke_status": VOICES,
    "connect": Entrusted(MANAGERS | {R.ADMINISTRATOR}),
    "disconnect": Entrusted(MANAGERS | {R.ADMINISTRATOR}),
    "connections": READERS,
    "shared_event": MANAGERS | {R.ADMINISTRATOR},  # Slack itself tells it, by the app
    "link_ticket": Entrusted(SPEAKERS),
    "unlink_ticket": Entrusted(SPEAKERS),
    "link_bug": TEAM,
    "unlink_bug": TEAM,
    "breach_talk": Entrusted(SPEAKERS),
    "propose_template": VOICES,
    "answer_template": APPROVERS,  # and never its author, which the use case checks
    "withdraw_template": APPROVERS,
    "answer_draft": Entrusted(APPROVERS | {R.LEGAL}),  # of what, not their own: the use case checks
    "open_problem": TEAM,
    "link_case": TEAM,
    "unlink_case": TEAM,
    "edit_problem": TEAM,
    "resolve_problem": MANAGERS,
    "add_affected": TEAM,
    "add_affected_lines": TEAM,
    "remove_affected": TEAM,
    "propose_broadcast": Entrusted(SPEAKERS),
    "answer_broadcast": Entrusted(APPROVERS),  # and never its author, which the use case checks
    "send_broadcast": Entrusted(MANAGERS),
    "retry_receipts": Entrusted(MANAGERS),
    "sent_by_hand": ANYONE,  # the use case checks that it was asked of this person
    "propose_points": VOICES,
    "answer_points": APPROVERS,  # and never their author, which the use case checks
    "withdraw_points": APPROVERS | MANAGERS,
    "read_points": ANYONE,
    "known_issues": READERS,
    "add_issue": TEAM,
    "edit_issue": TEAM,
    "add_waiter": TEAM,
    "remove_waiter": TEAM,
    "ship_issue": TEAM,
    "slip_issue": TEAM,
    "drop_issue": MANAGERS | {R.TECHNICAL_LEAD},
    "undo_issue": TEAM,
    "issue_to_problem": TEAM,
    "reviews": READERS,
    "add_review": TEAM,
    "take_review": Entrusted(SPEAKERS),
    "record_review_reply": Entrusted(SPEAKERS),
}

# What can only be read, by the name of its private answer: the row that governs it. Help is for
# every member.
READING: Mapping[str, str] = {
    "show": "show", "mail": "show", "status": "show", "why": "show", "picture": "show",
    "promises": "show", "decisions": "show", "timeline": "timeline", "postmortem": "timeline",
    "list": "list", "concessions": "concessions", "outcomes": "outcomes", "contacts": "show",
    "actions": "list", "similar": "list", "playbook": "show", "outreach": "show",
    "sponsor": "sponsorships", "programme": "sponsorships", "sponsor_brief": "sponsorships",
    "causes": "figures",
    "figures": "figures", "figures_files": "figures", "map": "map", "map_files": "map",
    "access_review": "access_review", "access_file": "access_review",
    "setup": "setup", "readiness": "readiness", "role_card": "readiness",
    "quarterly_review": "quarterly_review", "quarterly_file": "quarterly_review",
    "home": "list", "digest": "digest", "templates": "templates", "template": "templates",
    "problem": "problem", "affected": "problem", "broadcast": "problem", "points": "read_points",
    "connections": "connections",
    "customers": "customers", "candidate": "triage", "triage": "triage", "duty": "duty",
    "duty_days": "duty",
    "reviews": "reviews",
    "issues": "known_issues", "issue": "known_issues",
}  # fmt: skip

# Of what tells of cases and is for all who read: who that is, the policy's ``reading`` may say.
OF_CASES = frozenset({"show", "catch_up", "timeline", "list", "digest", "problem", "known_issues"})
# What an auditor does although they act on nothing: it concerns nobody else, or is reading.
FOR_THEMSELVES = frozenset(
    {"choose_language", "choose_tips", "seen_tip", "understood", "away", "back", "quiet_word",
     "catch_up", "send_brief"}
)  # fmt: skip
FOR_AUDITORS = FOR_THEMSELVES.union(
    READING.values(),
    ("all_concessions", "all_outcomes", "all_readiness", "all_sponsorships", "read_revenue"),
)

ENTRUSTED = frozenset(verb for verb, row in PERMISSIONS.items() if isinstance(row, Entrusted))
OWN_ACTIONS = frozenset(verb for verb, row in PERMISSIONS.items() if isinstance(row, Own))


class Denial(StrEnum):
    """Why a verb was refused; the texts explain each.

    ``NOT_ENTRUSTED``: the right role is held, but only because the person took it.
    """

    NOT_YOUR_ROLE = "not_your_role"
    NOT_ENTRUSTED = "not_entrusted"
    SENSITIVE = "sensitive"


def denial_reason(
    verb: str, roles: Set[Role], entrusted: Set[Role], *, sensitive: bool, on_case: bool
) -> Denial | None:
    """None when a person with these roles may do ``verb``, else the reason.

    ``entrusted`` are those of the roles that they did not take themselves. A sensitive case
    exists only for those on it, whatever else they are, and that is asked first, so the answer
    ``SENSITIVE`` tells nothing of the verb. Raises KeyError for a verb without a row.
    """
    wanted = PERMISSIONS[verb]
    if sensitive and not on_case:
        return Denial.SENSITIVE
    if wanted is not ANYONE and not wanted & roles:
        return Denial.NOT_YOUR_ROLE
    if verb in ENTRUSTED and not wanted & entrusted:
        return Denial.NOT_ENTRUSTED
    return None
