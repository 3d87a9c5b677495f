"""Every form: a modal that has the verb for its ``callback_id`` and as inputs the intent's fields.

Forms are light: what is known is filled in, what is not needed is not asked. Each module draws the
forms of one subject and registers them (``table.form_of``); ``inputs`` has what they are built
with. What a form opens with is found in ``handlers.forms``, which also reads it when it is sent.
Nothing here asks the store or Slack.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language
from messages.forms import (
    approvals,
    composer_checks,
    correction,
    customer,
    duty,
    focus,
    intake,
    known_issues,
    learning,
    lifecycle,
    meetings,
    open_case,
    own_language,
    problems,
    roles,
)
from messages.forms.accounts import concessions, executives, legal, outcomes, sponsorship
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
SUBJECTS = (
    approvals,
    concessions,
    legal,
    correction,
    customer,
    duty,
    executives,
    focus,
    intake,
    known_issues,
    learning,
    lifecycle,
    meetings,
    open_case,
    outcomes,
    own_language,
    problems,
    roles,
    sponsorship,
)


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

    ``prefill`` holds known values by field (instants as aware datetimes); the picker's ``with`` are
    those that the next form gets. ``form_id`` identifies this form for deduplication. ``hidden``
    names the fields of the intent that the form carries unseen as JSON in its ``private_metadata``;
    other known values only fill inputs. A form without an input has no button that sends it. Blocks
    beyond ``VIEW_BLOCKS_MAX`` are cut off.

    Raises KeyError for a verb without a form, MissingTextError for one without a title, ValueError
    when the form is about a case and there is none, or when it would have to hide more than fits.

    ``private_metadata`` is a JSON object with ``form`` (the id), ``case`` (a number, where there is
    one) and the hidden fields by name, of at most ``METADATA_MAX`` characters. The title and the
    two buttons have at most ``TITLE_MAX`` characters and are cut to it.
    """
    spec = FORMS[verb]
    says = "no" if spec.refuses and prefill.get(spec.refuses) is False else ""
    draft = FormContext(verb, language, viewer, case, prefill, says)
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
    """Which case this is about, so that a tired writer does not take one customer for another.

    Its reference, the customer's name (at most 100 characters, on one line), severity and status.
    Of a drill it says first that nothing is sent, whatever the form says below.
    """
    case = draft.case
    if case is None:
        return []
    name = escape(fit_plain(" ".join(case.customer.split()), 100))
    words = f"{label(draft.language, case.severity)}, {label(draft.language, case.status)}"
    which = context(f"*{case.reference}*  ·  {name}  ·  {words}")
    return [context(t(draft.language, "drill.form")), which] if case.drill else [which]


def _metadata(draft: FormContext, form_id: str, carried: Iterable[str]) -> str:
    """The hidden fields as JSON: the form's id, the case, and the known values named by
    ``carried``.

    Empty values are left out. Raises ValueError beyond ``METADATA_MAX`` characters.
    """
    hidden: dict[str, Any] = {"form": form_id}
    if draft.case is not None:
        hidden["case"] = draft.case.number
    for key in carried:
        if draft.prefill.get(key) not in (None, ""):
            hidden[key] = draft.prefill[key]
    return pack_value(hidden, METADATA_MAX)
