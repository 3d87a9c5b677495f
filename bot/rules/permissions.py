"""Who may do what: one table, verb to roles. Being in a channel is not a permission.

A person's roles are those they hold on the case (reporter, owner, ...) together with those
the policy gives them in the organisation (escalation manager, support lead, ...).
"""

from collections.abc import Mapping, Set
from enum import StrEnum

from bot.rules.words import Role

R = Role
ANYONE = frozenset(Role)
TEAM = frozenset(
    {R.AGENT, R.REPORTER, R.ESCALATION_MANAGER, R.TECHNICAL_LEAD, R.CSM, R.ACCOUNT_EXECUTIVE,
     R.SUPPORT_LEAD, R.EXECUTIVE_OWNER, R.DIRECTOR}
)  # fmt: skip
MANAGERS = frozenset({R.ESCALATION_MANAGER, R.SUPPORT_LEAD, R.DIRECTOR})
VOICES = MANAGERS | {R.AGENT, R.REPORTER, R.CSM, R.ACCOUNT_EXECUTIVE, R.TECHNICAL_LEAD}
APPROVERS = frozenset({R.COMMS_APPROVER, R.ESCALATION_MANAGER})
READERS = TEAM | {R.SPONSOR, R.LEGAL, R.AUDITOR, R.FACILITATOR, R.COMMS_APPROVER}

PERMISSIONS: Mapping[str, frozenset[Role]] = {
    "open_case": ANYONE,
    "show": READERS,
    "timeline": READERS,
    "claim": MANAGERS,
    "assign": MANAGERS,
    "hand_over": TEAM,
    "answer_handover": ANYONE,  # the use case checks that it was offered to this person
    "severity": MANAGERS,
    "raise_severity": TEAM,
    "update": VOICES,
    "customer_replied": VOICES,
    "status": TEAM,
    "mitigate": MANAGERS | {R.TECHNICAL_LEAD},
    "hold": MANAGERS,
    "resume": MANAGERS,
    "resolve": MANAGERS | {R.TECHNICAL_LEAD},
    "confirm": TEAM,
    "close": MANAGERS,
    "reopen": TEAM,
    "dismiss": MANAGERS,
    "executive_flag": TEAM,
    "ask_executive": MANAGERS | {R.CSM, R.ACCOUNT_EXECUTIVE},
    "answer_ask": ANYONE,  # the use case checks that it was asked of this person
    "postmortem": TEAM,
    "postmortem_held": MANAGERS | {R.FACILITATOR},
    "action_item": TEAM,
    "action_done": TEAM,
    "seen": ANYONE,
    "look": MANAGERS | {R.ADMINISTRATOR},
    "mend": MANAGERS | {R.ADMINISTRATOR},
    "make_channel": MANAGERS | {R.ADMINISTRATOR, R.REPORTER},  # mend, where there is none at all
    "release_mail": VOICES,
    "drop_mail": VOICES,
    "share_status": VOICES,
    "revoke_status": VOICES,
    "link_ticket": VOICES,
    "unlink_ticket": VOICES,
    "breach_talk": VOICES,
    "propose_template": VOICES,
    "answer_template": APPROVERS,  # and never its author, which the use case checks
    "withdraw_template": APPROVERS,
    "answer_draft": APPROVERS,  # and never its author, which the use case checks
    "open_problem": TEAM,
    "link_case": TEAM,
    "unlink_case": TEAM,
    "edit_problem": TEAM,
    "resolve_problem": MANAGERS,
    "add_affected": TEAM,
    "add_affected_lines": TEAM,
    "remove_affected": TEAM,
    "propose_broadcast": VOICES,
    "answer_broadcast": APPROVERS,  # and never its author, which the use case checks
    "send_broadcast": MANAGERS,
    "retry_receipts": MANAGERS,
    "sent_by_hand": ANYONE,  # the use case checks that it was asked of this person
    "propose_points": VOICES,
    "answer_points": APPROVERS,  # and never their author, which the use case checks
    "withdraw_points": APPROVERS | MANAGERS,
    "read_points": ANYONE,
}


class Denial(StrEnum):
    """Why a verb was refused; the texts explain each."""

    NOT_YOUR_ROLE = "not_your_role"
    SENSITIVE = "sensitive"


def denied(verb: str, roles: Set[Role], *, sensitive: bool, on_case: bool) -> Denial | None:
    """None when somebody with these roles may do ``verb``, else the reason.

    A sensitive case exists only for those on it, whatever else they are.
    """
    if sensitive and not on_case:
        return Denial.SENSITIVE
    if PERMISSIONS[verb] is ANYONE or PERMISSIONS[verb] & roles:
        return None
    return Denial.NOT_YOUR_ROLE
