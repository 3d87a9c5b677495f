"""What of a case can be corrected: its parts, who may, and when.

A part is what only makes sense together, such as a contact's name and address: two people who
correct one of them each would make a contact that is nobody's. Each part has a mark, by which a
form knows whether it is still what it was when the form was opened.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from bot.engine.intent import LINE_MAX, TEXT_MAX, clean_text
from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import LIVE
from bot.rules.words import Status
from storage.models import Account, Case

Value = tuple[str, ...]
Values = Mapping[str, Value]

# Part to the row of the permissions that lets a person correct it.
PARTS: Mapping[str, str] = {
    "customer": "edit_customer",
    "stake": "edit_case",
    "trigger": "edit_case",
    "language": "edit_case",
    "component": "edit_case",
    "ticket": "edit_case",
    "contact": "edit_contact",
    "second": "edit_contact",
}
CONTACTS = ("contact", "second")  # what can be corrected in a case that has ended too
NEEDED = ("customer", "stake", "trigger", "language")  # what a case cannot be without
QUOTED = "true"  # the second value of a stake in the customer's own words
MARK = 8  # hexadecimal characters


def parts_open(status: Status) -> Sequence[str]:
    """The parts that can be corrected in this status."""
    return tuple(PARTS) if status in LIVE else CONTACTS


def values_of(case: Case, account: Account | None) -> dict[str, Value]:
    """What each part of the case is now; ``account`` is the case's."""
    return {
        "customer": (account.key if account else "", case.customer),
        "stake": (case.stake, QUOTED if case.stake_quoted else ""),
        "trigger": (case.trigger,),
        "language": (case.language,),
        "component": (case.component,),
        "ticket": (case.ticket_url,),
        "contact": (case.contact_name, case.contact_email),
        "second": (case.second_name, case.second_email),
    }


def values_shown(case: CaseFacts) -> dict[str, Value]:
    """The same of a case as it is read."""
    return {
        "customer": (case.account.key if case.account else "", case.customer),
        "stake": (case.stake, QUOTED if case.stake_quoted else ""),
        "trigger": (case.trigger.value,),
        "language": (case.language.value,),
        "component": (case.component,),
        "ticket": (case.ticket_url,),
        "contact": (case.contact_name, case.contact_email),
        "second": (case.second_name, case.second_email),
    }


def mark_part(part: str, value: Value) -> str:
    """The mark of a part's value: of what a form can show of it, so of an account its key alone.

    Space and line ends that Slack or the form changes are left out of it.
    """
    seen = value[:1] if part == "customer" and value[0] else value
    most = TEXT_MAX if part in ("stake", "ticket") else LINE_MAX
    shown = [" ".join(clean_text(each[:most]).split()) for each in seen]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:MARK]


def contact_line(value: Value) -> str:
    """A contact's name and address as one line; empty for none."""
    return ", ".join(each for each in value if each.strip())
