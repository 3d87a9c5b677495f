"""The form that corrects a case, filled with what is there; what is left alone stays.

``prefill["seen"]`` has the parts to show. ``other`` says that another customer is filled in than
the case has; ``handlers.forms.correction`` finds both.
"""

from collections.abc import Callable, Mapping, Sequence

from bot.rules.facts import AccountFacts
from bot.rules.lifecycle import LIVE
from bot.rules.words import Language, Trigger
from messages.forms.inputs import (
    FormContext,
    checkboxes_input,
    external_input,
    select_input,
    text_input,
    word_options,
)
from messages.forms.open_case import account_option, new_customer_option
from messages.forms.roles import component_inputs
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, option, section

SAME = "same:"  # the choice of the customer that the case has


@form_of("edit_case")
def edit_case_form(draft: FormContext) -> list[Block]:
    """What the reader may correct; of a case that has ended the contacts alone.

    Choosing another customer draws that one's contact. Below the customer it says what follows.

    A form with no part that may be corrected has no input, so it cannot be sent. Raises ValueError
    for a form without a case that shows parts.
    """
    shown: Mapping[str, str] = draft.prefill.get("seen") or {}
    blocks = [block for part, draw in DRAWN.items() if part in shown for block in draw(draft)]
    if not blocks:
        return [section(draft.say("none"))]
    ended = draft.about().status not in LIVE
    return [*([context(draft.say("ended"))] if ended else []), *blocks]


def _customer(draft: FormContext) -> list[Block]:
    """The customer, and what follows another one (``bot.cases.correction.customer``)."""
    follow = [option(each, draft.say(f"follow_{each}")) for each in ("roles", "calendar")]
    return [
        external_input(draft, "customer", _chosen(draft), dispatch=True),
        context(draft.say("follows")),
        checkboxes_input(draft, "follow", follow),
    ]


def _chosen(draft: FormContext) -> Block:
    """The customer that the case has, unless another is put back."""
    name, key = draft.typed("customer"), draft.typed("account")
    if not draft.prefill.get("other"):
        return option(SAME, name or "-")
    return (
        account_option(AccountFacts(key, name))
        if key
        else new_customer_option(name, draft.language)
    )


def _stake(draft: FormContext) -> list[Block]:
    """The stake, and the box that says that it is the customer's own words."""
    quoted = [option("true", draft.say("stake_quoted_true"))]
    return [text_input(draft, "stake"), checkboxes_input(draft, "stake_quoted", quoted)]


def _trigger(draft: FormContext) -> list[Block]:
    """The reason of the escalation, of all that there are."""
    return [select_input(draft, "trigger", word_options(draft.language, Trigger))]


def _language(draft: FormContext) -> list[Block]:
    """The language that the customer is written to in."""
    return [select_input(draft, "language", word_options(draft.language, Language))]


def _ticket(draft: FormContext) -> list[Block]:
    """The address of the ticket, which may be left empty."""
    return [text_input(draft, "ticket_url", kind="url_text_input", optional=True)]


def followed_blocks(draft: FormContext, revision: int) -> list[Block]:
    """Contact and language, of another ``revision``, so that Slack draws them afresh."""
    drawn = [*_contact(draft), *_language(draft)]
    return [block | {"block_id": f"{block['block_id']}~{revision}"} for block in drawn]


def _contact(draft: FormContext) -> list[Block]:
    """The customer's contact: ``contact_name`` and ``contact_email``."""
    return _person(draft, "contact")


def _second(draft: FormContext) -> list[Block]:
    """The person for when the contact cannot be reached: ``second_name`` and ``second_email``."""
    return _person(draft, "second")


def _person(draft: FormContext, which: str) -> list[Block]:
    """A person at the customer: name and address, either of which may be missing."""
    return [
        text_input(draft, f"{which}_name", lines=False, optional=True),
        text_input(draft, f"{which}_email", kind="email_text_input", optional=True),
    ]


DRAWN: Mapping[str, Callable[[FormContext], Sequence[Block]]] = {
    "customer": _customer,
    "contact": _contact,
    "second": _second,
    "stake": _stake,
    "trigger": _trigger,
    "language": _language,
    "component": component_inputs,
    "ticket": _ticket,
}
