"""The lifecycle of a case: one table of (status, verb) to status, with named guards.

``docs/lifecycle.md`` draws this table; a test compares the two. Verbs that change no status are in
``STATUSES``. Who may use a verb is a question for permissions.py; the use cases ask both.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.rules.facts import CaseFacts
from bot.rules.words import MessageKind, Role, Severity, Status

REOPEN_WINDOW = timedelta(days=14)  # same issue within this counts as a reopen; domain glossary

S = Status
OPEN = (S.NEW, S.ACKNOWLEDGED, S.INVESTIGATING, S.MITIGATED)
RESOLVED = (S.RESOLVED, S.REVIEW, S.CLOSED)
LIVE = (*OPEN, S.RESOLVED, S.REVIEW)
OVER = (S.CLOSED, S.DISMISSED, S.MERGED)
MINOR = (Severity.SEV3, Severity.SEV4)  # may close without a postmortem, with a reason


class LifecycleError(Exception):
    """A transition that the lifecycle refuses.

    ``reason`` is ``wrong_status`` or the name of a guard, and a key of the texts; ``facts``
    (``verb``, ``status``) fill the text in.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Transition:
    """The status that a verb leads to, and what must hold first.

    ``guards`` are names in ``GUARDS``, asked in this order: the first that fails is what is told.
    """

    to: Status
    guards: tuple[str, ...] = ()


def _first_response_sent(case: CaseFacts) -> bool:
    """True once any customer message was recorded as sent."""
    return bool(case.sent)


def _next_update_promised(case: CaseFacts) -> bool:
    """True once any message promised an update, even one that is past by now."""
    return any(m.next_update_at for m in case.sent)


def missing_confirmations(case: CaseFacts) -> tuple[str, ...]:
    """The parties that have yet to say that they are comfortable.

    ``customer`` and the case's own roles, the customer last. A role that is not held on the case is
    not waited for; a party that said no is among the missing.
    """
    said = {c.party for c in case.confirmations if c.comfortable}
    held = (r.value for r in (Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD) if r in case.roles)
    return tuple(p for p in (*held, "customer") if p not in said)


def unheard_lead(case: CaseFacts, writer: str) -> str:
    """The technical lead whose yes the customer's letter waits for; empty for none.

    A lead who writes the letter, or has confirmed the resolution, is not waited for.
    """
    lead = case.roles.get(Role.TECHNICAL_LEAD, "")
    heard = Role.TECHNICAL_LEAD.value not in missing_confirmations(case)
    return "" if lead == writer or heard else lead


def _colleagues_comfortable(case: CaseFacts) -> bool:
    return set(missing_confirmations(case)) <= {"customer"}


def _confirmed(case: CaseFacts) -> bool:
    return not missing_confirmations(case)


def _resolution_described(case: CaseFacts) -> bool:
    """True once the type of the resolution was chosen and a note about it written."""
    return case.resolution_type is not None and bool(case.resolution_note)


def _notice_sent(case: CaseFacts) -> bool:
    """True once a message of the kind resolution was sent, also one from before a reopening.

    Not while the letter of this resolution waits.
    """
    return case.letter is None and any(m.kind is MessageKind.RESOLUTION for m in case.sent)


def _workaround_described(case: CaseFacts) -> bool:
    return bool(case.workaround_note)


def _nobody_uncomfortable(case: CaseFacts) -> bool:
    """True while no party said no; one that has not answered yet does not count."""
    return all(c.comfortable for c in case.confirmations)


def _reviewed(case: CaseFacts) -> bool:
    """True once the postmortem was held; SEV3 and SEV4 need none."""
    return case.severity in MINOR or case.postmortem_at is not None


def _recent(case: CaseFacts) -> bool:
    """True within ``REOPEN_WINDOW`` of the close, or of the resolution of a case not closed."""
    ended = case.closed_at or case.resolved_at
    return ended is None or case.now - ended <= REOPEN_WINDOW


GUARDS: Mapping[str, Callable[[CaseFacts], bool]] = {
    "first_response_sent": _first_response_sent,
    "next_update_promised": _next_update_promised,
    "workaround_described": _workaround_described,
    "resolution_described": _resolution_described,
    "notice_sent": _notice_sent,
    "colleagues_comfortable": _colleagues_comfortable,
    "nobody_uncomfortable": _nobody_uncomfortable,
    "three_confirmations": _confirmed,
    "postmortem_held": _reviewed,
    "within_14_days": _recent,
}

RESOLUTION_GUARDS = (
    "resolution_described",
    "notice_sent",
    "nobody_uncomfortable",
    "colleagues_comfortable",
)

TABLE: Mapping[tuple[Status, str], Transition] = {
    (S.CANDIDATE, "open"): Transition(S.NEW),
    (S.CANDIDATE, "dismiss"): Transition(S.DISMISSED),
    (S.NEW, "claim"): Transition(S.ACKNOWLEDGED),
    (S.NEW, "dismiss"): Transition(S.DISMISSED),
    (S.NEW, "merge"): Transition(S.MERGED),
    (S.ACKNOWLEDGED, "investigate"): Transition(
        S.INVESTIGATING, ("first_response_sent", "next_update_promised")
    ),
    (S.ACKNOWLEDGED, "dismiss"): Transition(S.DISMISSED),
    (S.ACKNOWLEDGED, "merge"): Transition(S.MERGED),
    (S.ACKNOWLEDGED, "resolve"): Transition(S.RESOLVED, RESOLUTION_GUARDS),
    (S.INVESTIGATING, "mitigate"): Transition(
        S.MITIGATED, ("first_response_sent", "workaround_described")
    ),
    (S.INVESTIGATING, "resolve"): Transition(S.RESOLVED, RESOLUTION_GUARDS),
    (S.INVESTIGATING, "merge"): Transition(S.MERGED),
    (S.MITIGATED, "resolve"): Transition(S.RESOLVED, RESOLUTION_GUARDS),
    (S.MITIGATED, "merge"): Transition(S.MERGED),
    (S.RESOLVED, "review"): Transition(S.REVIEW, ("three_confirmations",)),
    (S.RESOLVED, "give_up_waiting"): Transition(S.REVIEW, ("nobody_uncomfortable",)),
    (S.REVIEW, "close"): Transition(S.CLOSED, ("postmortem_held",)),
    **{(at, "close_duplicate"): Transition(S.CLOSED) for at in LIVE},
    (S.RESOLVED, "reopen"): Transition(S.INVESTIGATING, ("within_14_days",)),
    (S.REVIEW, "reopen"): Transition(S.INVESTIGATING, ("within_14_days",)),
    (S.CLOSED, "reopen"): Transition(S.INVESTIGATING, ("within_14_days",)),
}


ANYWHERE = tuple(Status)

# In which statuses a verb makes sense that does not lead to another one, or not always.
STATUSES: Mapping[str, Collection[Status]] = {
    "action_done": ANYWHERE,
    "verify_action": ANYWHERE,
    "edit_action": ANYWHERE,
    "reassign_action": ANYWHERE,
    "answer_action_offer": ANYWHERE,
    "drop_action": ANYWHERE,
    "reopen_action": ANYWHERE,
    "action_item": (*LIVE, S.CLOSED),
    "catch_up": ANYWHERE,
    "decide": (*LIVE, S.CLOSED),
    "judge_decision": ANYWHERE,
    "add_report": LIVE,
    "answer_ask": ANYWHERE,
    "focus": OPEN,
    "end_focus": ANYWHERE,
    "end_drill": ANYWHERE,
    "cancel_drill": ANYWHERE,
    "interrupt_focus": OPEN,
    "ask_lead": LIVE,
    "answer_question": ANYWHERE,
    "report_finding": OPEN,
    "swarm": OPEN,
    "answer_swarm": ANYWHERE,
    "leave_swarm": ANYWHERE,
    "answer_contest": ANYWHERE,
    "answer_concession": ANYWHERE,
    "answer_draft": ANYWHERE,
    "answer_handover": ANYWHERE,
    "ask_executive": LIVE,
    "request_concession": (*LIVE, S.CLOSED),
    "withdraw_concession": ANYWHERE,
    "promise_concession": (*LIVE, S.CLOSED),
    "fulfil_concession": ANYWHERE,  # what was promised is owed, however the case ended
    "unfulfil_concession": ANYWHERE,
    "void_concession": ANYWHERE,
    "assign": LIVE,
    "breach_talk": ANYWHERE,
    "claim": LIVE,
    "close": LIVE,  # as a duplicate; all other ends want the row of the table
    "confirm": LIVE,
    "contest": LIVE,
    "customer_replied": LIVE,
    "decline_page": OPEN,  # to take the case only while it is new, which the use case checks
    "drop_mail": ANYWHERE,
    "edit_case": (*LIVE, S.CLOSED, S.DISMISSED),  # once it has ended, contacts alone
    "open_legal_room": ANYWHERE,  # as long as it is held
    "begin_legal_hold": ANYWHERE,
    "end_legal_hold": ANYWHERE,  # it outlives the case
    "executive_flag": LIVE,
    "call_to_calendar": LIVE,
    "have_flag": LIVE,
    "log_contact": (*LIVE, S.CLOSED),
    "commit": LIVE,
    "hand_over": LIVE,
    "have_page": OPEN,
    "hold": OPEN,
    "link_bug": LIVE,
    "link_case": ANYWHERE,
    "link_ticket": LIVE,
    "make_contact": ANYWHERE,
    "look": ANYWHERE,
    "mend": ANYWHERE,
    "name_stakeholder": LIVE,
    "open_problem": ANYWHERE,
    "postmortem": RESOLVED,
    "postmortem_held": (S.RESOLVED, S.REVIEW),
    "plan_postmortem": (S.RESOLVED, S.REVIEW),
    "cancel_postmortem": ANYWHERE,
    "answer_postmortem": ANYWHERE,
    "release_mail": ANYWHERE,
    "resume": ANYWHERE,
    "revoke_status": ANYWHERE,
    "seen": ANYWHERE,
    "seen_case": ANYWHERE,
    "set_component": OPEN,
    "set_urgency": OPEN,
    "severity": OPEN,
    "share_status": ANYWHERE,
    "status": OPEN,
    "try_solution": OPEN,
    "drop_solution": OPEN,
    "tell_csms": (*LIVE, S.CLOSED),
    "end_outreach": ANYWHERE,
    "told_customer": ANYWHERE,
    "spare_customer": ANYWHERE,
    "reopen_telling": ANYWHERE,
    "apply_playbook": OPEN,
    "drop_playbook": OPEN,
    "tick_step": OPEN,
    "untick_step": OPEN,
    "tell_anyway": OPEN,
    "unmerge": (S.MERGED,),
    "unlink_bug": ANYWHERE,
    "unlink_case": ANYWHERE,
    "unlink_ticket": ANYWHERE,
    "withdraw": LIVE,
    "update": (*LIVE, S.CLOSED, S.DISMISSED),  # an end is told too
}


def statuses_of(verb: str) -> Collection[Status]:
    """The statuses in which ``verb`` makes sense; empty for one that is about no case.

    ``STATUSES`` goes before the table, so a verb in both is as wide as its row there.
    """
    return STATUSES.get(verb) or [at for at, name in TABLE if name == verb]


def guards_of(verb: str) -> frozenset[str]:
    """The names of the guards that may refuse ``verb``, in any status."""
    rows = (row for (_, name), row in TABLE.items() if name == verb)
    return frozenset(guard for row in rows for guard in row.guards)


def fits_status(status: Status, verb: str) -> bool:
    """True unless ``verb`` makes no sense in this status; guards are not looked at.

    True as well for a verb that the lifecycle does not know.
    """
    allowed = statuses_of(verb)
    return not allowed or status in allowed


def next_status(case: CaseFacts, verb: str) -> Status:
    """The status that ``verb`` leads to; changes nothing.

    Raises LifecycleError ``wrong_status`` when the table has no such step from here, or with the
    name of the first guard that does not hold.
    """
    transition = TABLE.get((case.status, verb))
    if transition is None:
        raise LifecycleError("wrong_status", verb=verb, status=case.status)
    for guard in transition.guards:
        if not GUARDS[guard](case):
            raise LifecycleError(guard, verb=verb, status=case.status)
    return transition.to


def can_step(case: CaseFacts, verb: str) -> bool:
    """True when ``verb`` would lead somewhere from the case's status with its guards met.

    False for the verbs of ``STATUSES`` alone, which lead nowhere.
    """
    try:
        next_status(case, verb)
    except LifecycleError:
        return False
    return True


def lifecycle_mermaid() -> str:
    """The table as a Mermaid state diagram, one line for each row, with the guards in brackets."""
    lines = ["stateDiagram-v2", "    [*] --> new"]
    for (status, verb), transition in TABLE.items():
        note = f" [{', '.join(g.replace('_', ' ') for g in transition.guards)}]"
        label = verb.replace("_", " ") + (note if transition.guards else "")
        lines.append(f"    {status} --> {transition.to}: {label}")
    return "\n".join([*lines, *(f"    {end} --> [*]" for end in OVER)]) + "\n"
