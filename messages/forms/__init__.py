"""Every form: a modal whose ``callback_id`` is the verb and whose inputs are the intent's fields.

Forms are light: what is known is filled in, what is not needed is not asked.
"""

from collections.abc import Iterable, Mapping
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
from messages.forms.table import FORMS
from messages.kit.blocks import (
    METADATA_MAX,
    TITLE_MAX,
    VIEW_BLOCKS_MAX,
    Block,
    context,
    fit_plain,
    pack_value,
    plain,
)
from messages.kit.mrkdwn import escape
from messages.kit.texts import label, t

__all__ = ["FORMS", "SUBJECTS", "draw_form"]

# Where the forms are drawn: importing one of these registers its forms in ``FORMS``.
SUBJECTS = (approvals, customer, lifecycle, open_case, problems, roles)


def draw_form(
    verb: str,
    language: Language,
    *,
    case: CaseFacts | None,
    viewer: PersonFacts,
    prefill: Mapping[str, Any],
    form_id: str,
    hidden: Iterable[str],
) -> Block:
    """The modal that asks for what ``verb`` needs.

    ``prefill`` holds known values by field (instants as aware datetimes); the picker's ``with``
    are those that the next form gets. ``form_id`` identifies this form for deduplication.
    ``hidden`` names the fields of the intent that the form carries unseen as JSON in its
    ``private_metadata``; other known values only fill inputs.
    Raises KeyError for a verb without a form, ValueError when the form is about a case and there
    is none, or when it would have to hide more than fits.
    """
    draft = FormContext(verb, language, viewer, case, prefill)
    spec = FORMS[verb]
    blocks = spec.draw(draft)
    view: Block = {
        "type": "modal",
        "callback_id": verb,
        "title": plain(draft.say("title"), TITLE_MAX),
        "close": plain(t(language, "form.cancel"), TITLE_MAX),
        "private_metadata": _metadata(draft, form_id, (*hidden, *spec.carries)),
        "blocks": [*_which(draft), *blocks][:VIEW_BLOCKS_MAX],
    }
    if any(block["type"] == "input" for block in blocks):
        view["submit"] = plain(
            composer_checks.submit_label(draft) or draft.say("submit"), TITLE_MAX
        )
    return view


def _which(draft: FormContext) -> list[Block]:
    """Which case this is about, so that nobody writes to the wrong customer at night."""
    case = draft.case
    if case is None:
        return []
    name = escape(fit_plain(" ".join(case.customer.split()), 100))
    words = f"{label(draft.language, case.severity)}, {label(draft.language, case.status)}"
    return [context(f"*{case.reference}*  ·  {name}  ·  {words}")]


def _metadata(draft: FormContext, form_id: str, carried: Iterable[str]) -> str:
    hidden: dict[str, Any] = {"form": form_id}
    if draft.case is not None:
        hidden["case"] = draft.case.number
    for key in carried:
        if draft.prefill.get(key) not in (None, ""):
            hidden[key] = draft.prefill[key]
    return pack_value(hidden, METADATA_MAX)
