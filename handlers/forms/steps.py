"""What is done for a form beyond drawing it: one row for each verb with a form that needs more.

To give a form a prefill, a check or advice, write it in its module and add it here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.problems.steps import OnProblem
from bot.registry import INTENTS
from handlers.forms import (
    broadcast_composer,
    calls,
    composer,
    correction,
    prefill,
    prepare,
    problem_prefill,
    same_report,
)
from handlers.forms.drawing import View
from handlers.forms.prefill import Prefill
from handlers.forms.prepare import Prepare
from handlers.forms.subjects import (
    concessions,
    focus,
    learning,
    outcomes,
    outreach,
    quarterly,
    sponsorship,
)
from handlers.ports import Services
from handlers.slack.requests import Asked, Body

Advise = Callable[[Services, Asked, Body, dict[str, Any]], Awaitable[View | None]]

# The form that follows instead, and what is known of it; None where the form is stored.
Lead = Callable[[Services, Asked, dict[str, Any]], Awaitable[tuple[str, Mapping[str, Any]] | None]]


@dataclass(frozen=True, slots=True)
class FormSteps:
    """What happens around a form.

    ``prefill`` adds what is known before it is drawn. When it is submitted, ``advise`` answers the
    form once more with advice beside what was written, or None, and ``prepare`` makes the intent's
    fields of what was sent. ``lead`` names another form that follows instead, in the same modal.
    ``lead`` comes first, then ``advise``; each may raise BadFields.
    """

    prefill: Prefill = prefill.keep_typed
    advise: Advise | None = None
    prepare: Prepare = prepare.keep_sent
    lead: Lead | None = None


PLAIN = FormSteps()
ABOUT_PROBLEM = FormSteps(problem_prefill.fill_problem)

STEPS: Mapping[str, FormSteps] = {
    "open_case": FormSteps(same_report.fill_new_case, same_report.ask_same, prepare.read_opening),
    "edit_case": FormSteps(
        correction.fill_correction, correction.check_correction, correction.read_correction
    ),
    "add_candidate": FormSteps(same_report.fill_candidate, prepare=prepare.read_other),
    "log_call": FormSteps(
        calls.fill_call, prepare=prepare.read_customer, lead=calls.go_on_escalating
    ),
    "log_candidate": FormSteps(same_report.fill_log, prepare=prepare.require_issue),
    "dismiss_candidate": FormSteps(same_report.fill_candidate, prepare=prepare.require_time),
    "answer_handover": FormSteps(prefill.fill_refusal),
    "hand_over_shift": FormSteps(prefill.fill_leaving, prepare=prepare.read_takers),
    "update": FormSteps(partial(prefill.fill_message, "update"), composer.advised_update),
    "resolve": FormSteps(partial(prefill.fill_message, "resolve"), composer.advised_update),
    "set_component": FormSteps(same_report.fill_component),
    "action_item": FormSteps(prefill.fill_due, prepare=learning.require_action),
    "swarm": FormSteps(focus.fill_skills),
    "answer_question": FormSteps(focus.fill_question),
    "judge_decision": FormSteps(learning.fill_decision),
    "tell_csms": FormSteps(outreach.fill_words, outreach.check_words),
    "spare_customer": FormSteps(outreach.fill_customer),
    "merge": FormSteps(same_report.fill_merge),
    "add_review": FormSteps(prefill.fill_review),
    "admit_mail": FormSteps(prepare=prepare.read_customer),
    "close": FormSteps(prepare=prepare.require_original),
    "request_concession": FormSteps(concessions.fill_request),
    "answer_concession": FormSteps(concessions.fill_concession),
    "withdraw_concession": FormSteps(concessions.fill_concession),
    "void_concession": FormSteps(concessions.fill_concession),
    "promise_concession": FormSteps(concessions.fill_concession),
    "fulfil_concession": FormSteps(concessions.fill_concession),
    "unfulfil_concession": FormSteps(concessions.fill_fulfilled),
    "record_outcome": FormSteps(outcomes.fill_record, prepare=outcomes.check_figures),
    "correct_outcome": FormSteps(outcomes.fill_correction, prepare=outcomes.check_figures),
    "edit_sponsorship_text": FormSteps(sponsorship.fill_text),
    "nominate_sponsorship": FormSteps(
        sponsorship.fill_nomination, prepare=sponsorship.read_account
    ),
    "answer_sponsorship": FormSteps(sponsorship.fill_answer),
    "pass_sponsorship": FormSteps(sponsorship.fill_membership),
    "log_touch": FormSteps(sponsorship.fill_membership),
    "keep_sponsorship": FormSteps(sponsorship.fill_membership),
    "end_sponsorship": FormSteps(sponsorship.fill_membership),
    "answer_draft": FormSteps(prefill.fill_draft),
    "action_done": FormSteps(prefill.fill_action),
    "verify_action": FormSteps(learning.fill_looked_at),
    "plan_postmortem": FormSteps(learning.fill_invited),
    "write_quarterly_review": FormSteps(quarterly.fill_parts, quarterly.require_parts),
    "verify_quarter_decision": FormSteps(learning.fill_looked_at),
    "decide_quarter": FormSteps(prepare=quarterly.require_concrete_decision),
    "postmortem_held": FormSteps(learning.fill_postmortem, learning.require_findings),
    "edit_action": FormSteps(learning.fill_action_now, prepare=learning.require_action),
    "answer_action_offer": FormSteps(prefill.fill_refusal),
    "propose_template": FormSteps(prefill.fill_words, prepare=prepare.check_words),
    "link_case": FormSteps(problem_prefill.list_problems),
    "edit_problem": FormSteps(problem_prefill.fill_details),
    "connect": FormSteps(prepare=prepare.read_customer),
    "add_affected": FormSteps(problem_prefill.fill_problem, prepare=prepare.read_customer),
    "add_affected_lines": FormSteps(problem_prefill.fill_problem, prepare=prepare.match_lines),
    "remove_affected": FormSteps(problem_prefill.fill_affected),
    "propose_broadcast": FormSteps(
        problem_prefill.start_broadcast, broadcast_composer.advised_broadcast
    ),
    "answer_broadcast": FormSteps(problem_prefill.fill_broadcast),
    "propose_points": FormSteps(problem_prefill.start_points),
    "answer_points": FormSteps(problem_prefill.fill_points),
    "edit_issue": FormSteps(problem_prefill.fill_issue),
    "add_waiter": FormSteps(problem_prefill.fill_problem, prepare=prepare.read_customer),
    "remove_waiter": FormSteps(problem_prefill.fill_affected),
}


def steps_of(verb: str) -> FormSteps:
    """The row of ``verb``; a form about a problem is given the problem without one.

    An unknown verb has the plain row: what was typed, as it was sent.
    """
    about_problem = verb in INTENTS and issubclass(INTENTS[verb], OnProblem)
    return STEPS.get(verb, ABOUT_PROBLEM if about_problem else PLAIN)
