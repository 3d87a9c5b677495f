"""Every form: a modal whose ``callback_id`` is the verb and whose inputs are the intent's fields.

Forms are light: what is known is filled in, what is not needed is not asked.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language
from messages.forms import (
    approvals,
    composer_checks,
    customer,
    lifecycle,
    open_case,
    problems,
    roles,
)
from messages.forms.inputs import FormContext
from messages.kit.blocks import (
    METADATA_MAX,
    TITLE_MAX,
    VIEW_BLOCKS_MAX,
    Block,
    context,
    fit_plain,
    packed,
    plain,
)
from messages.kit.mrkdwn import escape
from messages.kit.texts import label, t

FORMS: Mapping[str, Callable[[FormContext], list[Block]]] = {
    "open_case": open_case.open_case,
    "picker": open_case.picker,
    "assign": roles.assign,
    "hand_over": roles.hand_over,
    "answer_handover": roles.answer_handover,
    "executive_flag": roles.executive_flag,
    "ask_executive": roles.ask_executive,
    "answer_ask": roles.answer_ask,
    "update": customer.update,
    "customer_replied": customer.customer_replied,
    "resolve": customer.resolve,
    "confirm": customer.confirm,
    "breach_talk": customer.breach_talk,
    "link_ticket": customer.link_ticket,
    "severity": lifecycle.severity,
    "hold": lifecycle.hold,
    "close": lifecycle.close,
    "reopen": lifecycle.reopen,
    "dismiss": lifecycle.dismiss,
    "postmortem_held": lifecycle.postmortem_held,
    "action_item": lifecycle.action_item,
    "action_done": lifecycle.action_done,
    "answer_draft": approvals.answer_draft,
    "propose_template": approvals.propose_template,
    "answer_template": approvals.answer_template,
    "withdraw_template": approvals.withdraw_template,
    "open_problem": problems.open_problem,
    "link_case": problems.link_case,
    "edit_problem": problems.edit_problem,
    "resolve_problem": problems.resolve_problem,
    "add_affected": problems.add_affected,
    "add_affected_lines": problems.add_affected_lines,
    "remove_affected": problems.remove_affected,
    "propose_broadcast": problems.propose_broadcast,
    "answer_broadcast": problems.answer_broadcast,
    "sent_by_hand": problems.sent_by_hand,
    "propose_points": problems.propose_points,
    "answer_points": problems.answer_points,
    "withdraw_points": problems.withdraw_points,
}

# What a form carries unseen; anything else in the prefill only fills inputs.
HIDDEN: Mapping[str, tuple[str, ...]] = {
    "open_case": ("source_link", "from_channel"),
    "picker": ("then", "with"),
    "answer_handover": ("handover", "accept"),
    "answer_ask": ("ask", "approve"),
    "confirm": ("party", "comfortable"),
    "action_done": ("action",),
    "breach_talk": ("talk",),
    "answer_draft": ("draft", "digest", "approve"),
    "answer_template": ("template", "approve"),
    "withdraw_template": ("template",),
    "update": ("draft", "reply", "warned"),
    "resolve": ("draft", "warned"),
    "edit_problem": ("problem",),
    "resolve_problem": ("problem",),
    "add_affected": ("problem",),
    "add_affected_lines": ("problem",),
    "remove_affected": ("problem", "affected"),
    "propose_broadcast": ("problem", "warned"),
    "answer_broadcast": ("problem", "broadcast", "digest", "approve"),
    "sent_by_hand": ("problem", "receipt"),
    "propose_points": ("problem",),
    "answer_points": ("problem", "points", "approve"),
    "withdraw_points": ("problem", "points"),
}


def form(
    verb: str,
    language: Language,
    *,
    case: CaseFacts | None,
    viewer: PersonFacts,
    prefill: Mapping[str, Any],
    form_id: str,
) -> Block:
    """The modal that asks for what ``verb`` needs.

    ``prefill`` holds known values by field (instants as aware datetimes); the picker's ``with``
    are those that the next form gets. ``form_id`` identifies this form for deduplication.
    Raises KeyError for a verb without a form, ValueError when the form is about a case and there
    is none, or when it would have to hide more than fits.
    """
    draft = FormContext(verb, language, viewer, case, prefill)
    blocks = FORMS[verb](draft)
    view: Block = {
        "type": "modal",
        "callback_id": verb,
        "title": plain(draft.say("title"), TITLE_MAX),
        "close": plain(t(language, "form.cancel"), TITLE_MAX),
        "private_metadata": _metadata(draft, form_id),
        "blocks": [*_which(draft), *blocks][:VIEW_BLOCKS_MAX],
    }
    if any(block["type"] == "input" for block in blocks):
        view["submit"] = plain(composer_checks.submit(draft) or draft.say("submit"), TITLE_MAX)
    return view


def _which(draft: FormContext) -> list[Block]:
    """Which case this is about, so that nobody writes to the wrong customer at night."""
    case = draft.case
    if case is None:
        return []
    name = escape(fit_plain(" ".join(case.customer.split()), 100))
    words = f"{label(draft.language, case.severity)}, {label(draft.language, case.status)}"
    return [context(f"*{case.reference}*  ·  {name}  ·  {words}")]


def _metadata(draft: FormContext, form_id: str) -> str:
    hidden: dict[str, Any] = {"form": form_id}
    if draft.case is not None:
        hidden["case"] = draft.case.number
    for key in HIDDEN.get(draft.verb, ()):
        if draft.prefill.get(key) not in (None, ""):
            hidden[key] = draft.prefill[key]
    if draft.verb == "answer_handover":
        hidden.setdefault("accept", False)  # accepting needs no form
    return packed(hidden, METADATA_MAX)
