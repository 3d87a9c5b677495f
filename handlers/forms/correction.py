"""The form that corrects a case: filled with what is there, and read back.

It shows the parts that its reader may correct, and carries the mark of each as it was then
(``bot.cases.correction.parts``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cases.correction.parts import PARTS, QUOTED, mark_part, parts_open, values_shown
from bot.errors import UserError
from bot.rules.facts import AccountFacts, CaseFacts, PersonFacts
from bot.rules.words import EXECUTIVE_TRIGGERS, Trigger
from handlers.forms.composer import next_turn
from handlers.forms.drawing import View
from handlers.forms.fields import BadFields, FieldError, name_of
from handlers.forms.prefill import must_have_case
from handlers.forms.prepare import read_customer
from handlers.forms.same_report import with_blocks
from handlers.ports import Services
from handlers.slack.requests import Asked, Body, hidden_fields
from messages.forms.correction import SAME, followed_blocks
from messages.forms.inputs import FormContext
from messages.kit.blocks import METADATA_MAX, pack_value

# Part to the inputs of the form, in the order of the part's value.
INPUTS: Mapping[str, Sequence[str]] = {
    "customer": ("account", "customer"),
    "stake": ("stake", "stake_quoted"),
    "trigger": ("trigger",),
    "language": ("language",),
    "component": ("component",),
    "ticket": ("ticket_url",),
    "contact": ("contact_name", "contact_email"),
    "second": ("second_name", "second_email"),
}
# What is drawn anew for another customer.
FOLLOWED = ("contact_name", "contact_email", "language")
_EMPTY = {"contact_name": "", "contact_email": ""}


async def fill_correction(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Mapping[str, Any]
) -> dict[str, Any]:
    """What the case says now, or said before the entries of its record in ``entries`` (ids).

    ``seen`` has the parts that the form shows, by which the intent knows them again.
    """
    about = must_have_case(case)
    shown = await _parts_shown(services, about, viewer)
    values = {part: value for part, value in values_shown(about).items() if part in shown}
    seen = {part: mark_part(part, value) for part, value in values.items()}
    wanted = await _earlier(services, about, viewer, prefill.get("entries"))
    filled = values | {part: tuple(value) for part, value in wanted.items() if part in shown}
    pairs = (zip(INPUTS[part], value, strict=True) for part, value in filled.items())
    known: dict[str, Any] = dict(pair for each in pairs for pair in each)
    known["stake_quoted"] = known.get("stake_quoted") == QUOTED
    other = filled.get("customer") != values.get("customer")
    known["components"] = _components(services, about)
    return {**known, **prefill, "seen": seen, "other": other, "redrawn": other or None}


def _components(services: Services, case: CaseFacts) -> list[str]:
    """The components of the policy, and the case's own where the policy has it no more."""
    own = [case.component] if case.component else []
    return list(dict.fromkeys([*services.policy.routing, *own]))


async def _parts_shown(services: Services, case: CaseFacts, viewer: PersonFacts) -> list[str]:
    """What the viewer may correct of the case as it stands, in the order of ``PARTS``."""
    allowed = {}
    for row in set(PARTS.values()):
        try:
            await services.check(row, viewer.user_id, case.number)
        except UserError:
            continue
        allowed[row] = True
    none = set() if _components(services, case) else {"component"}
    return [p for p in parts_open(case.status) if PARTS[p] in allowed and p not in none]


async def _earlier(
    services: Services, case: CaseFacts, viewer: PersonFacts, entries: object
) -> Mapping[str, Sequence[str]]:
    """What a button of a notice leads back to; nothing without one.

    Each part with its earlier value, in the order of ``INPUTS``. What is no list of ids leads back
    to nothing.
    """
    if not isinstance(entries, list):
        return {}
    wanted = [each for each in entries if isinstance(each, int)]
    return await services.reading.corrected(case.number, viewer.user_id, wanted)


async def read_correction(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of the intent; the customer that the case has already says nothing.

    Raises BadFields as ``read_customer`` does.
    """
    if given.get("customer") == SAME:
        return {name: value for name, value in given.items() if name != "customer"}
    return await read_customer(services, given)


async def check_correction(
    services: Services, asked: Asked, view: Body, given: dict[str, Any]
) -> View | None:
    """Refuse at its field what the case does not allow now, so that what was written stays.

    Raises BadFields, and UserError ``no_such_case``. The use case asks again under the lock.

    A field of a part that may not be corrected in the status of the case is ``case_ended``, told at
    the first such field. A trigger that concerns executives is ``needs_flag``, unless the case has
    it already or was flagged: for ``legal`` the legal flag counts, for the others that of
    executives. Raises UserError ``stale`` for a form without a case. Answers None in all other
    cases: this form has no advice.
    """
    if not isinstance(given.get("case"), int):
        raise UserError("stale")
    case = await services.reading.case(given["case"], asked.user)
    open_now = parts_open(case.status)
    closed = [name for part in PARTS if part not in open_now for name in INPUTS[part]]
    if shown := [name for name in closed if name in given and name != "stake_quoted"]:
        raise BadFields([FieldError(shown[0], "case_ended")])
    trigger = {each.value: each for each in Trigger}.get(str(given.get("trigger")))
    flagged = case.legal if trigger is Trigger.LEGAL else case.executive
    if trigger in EXECUTIVE_TRIGGERS and trigger is not case.trigger and not flagged:
        raise BadFields([FieldError("trigger", "needs_flag")])
    return None


async def redraw_contact(
    services: Services, asked: Asked, view: Body, given: dict[str, Any]
) -> View:
    """Contact and language of the customer that was chosen, in place of those before.

    Of a customer without an account the contact is empty, and the language stays.

    ``redrawn`` is hidden in the form from then on, True, which tells that contact and language came
    from the customer that was chosen.
    """
    about: CaseFacts | AccountFacts | None = None
    kind, _, key = str(given.get("customer") or "").partition(":")
    if given.get("customer") == SAME and isinstance(given.get("case"), int):
        about = await services.reading.case(given["case"], asked.user)
    elif kind == "account":
        about = await services.reading.account(key)
    known = {name: getattr(about, name) for name in FOLLOWED} if about else {}
    viewer = await services.person(asked.user)
    draft = FormContext("edit_case", viewer.language, viewer, None, {**given, **_EMPTY, **known})
    blocks = followed_blocks(draft, next_turn(view, "contact_name") + 1)
    fresh = {name_of(block["block_id"]): block for block in blocks}
    hidden = {**hidden_fields(view), "redrawn": True}
    return {**with_blocks(view, fresh), "private_metadata": pack_value(hidden, METADATA_MAX)}
