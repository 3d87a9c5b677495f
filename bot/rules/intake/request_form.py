"""What a customer's person may send by the web form: its fields, their limits, what is wrong. Pure.

Nothing is cut: what is too long is said to be, and comes back to be shortened.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.rules.customer_addresses import is_address
from bot.rules.languages import match_words
from bot.rules.names import drop_unseen
from bot.rules.words import Severity

LIMITS: Mapping[str, int] = {
    "company": 200, "name": 200, "email": 254, "phone": 50, "text": 4000,
}  # fmt: skip
SHOWN_MAX = 60_000  # characters of a field that are shown again, so that none is lost
TRAP = "website"  # a field that people do not see: what fills it is no person
_EXTENSION = match_words("phone", "extension")
_PHONE = re.compile(rf"[+(]?[0-9][0-9 ()./-]{{4,}}(?: ?(?:{_EXTENSION}) ?[0-9]{{1,6}})?", re.I)
INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")  # letters of which nothing is seen
_LINES = frozenset({"text"})


class Impact(StrEnum):
    """How badly the customer is hit, in their own words; the values are stored."""

    STOPPED = "stopped"
    PARTLY = "partly"
    WORKING = "working"


SEVERITIES: Mapping[Impact, Severity] = {
    Impact.STOPPED: Severity.SEV1,
    Impact.PARTLY: Severity.SEV2,
    Impact.WORKING: Severity.SEV3,
}


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed into the form, without what is not seen, and spaces around it.

    ``impact`` is a value of ``Impact`` once ``find_mistakes`` finds nothing. All may be "".
    """

    company: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    text: str = ""
    impact: str = ""


def read_given(fields: Mapping[str, str]) -> Given:
    """What was typed; a field that is missing is empty, one that is not ours is left out."""
    values = {name: _clean(name, fields.get(name, "")) for name in (*LIMITS, "impact")}
    return Given(**values)


def _clean(name: str, value: str) -> str:
    """The value without what is not seen; lines and tabs stay only in ``text``.

    Lines end with ``\\n``. Only what is longer than ``SHOWN_MAX`` is cut.
    """
    lines = value.replace("\r\n", "\n").replace("\r", "\n")[:SHOWN_MAX]
    kept = "".join(c for c in lines if c.isprintable() or c in "\n\t")
    kept = drop_unseen(kept).strip()
    return kept if name in _LINES else " ".join(kept.split())


def find_mistakes(given: Given, *, public: bool) -> dict[str, str]:
    """What is wrong, by field in the order of the form; the values are keys of texts.

    ``missing``, ``too_long``, ``email``, ``phone``, ``impact``. The public form asks for the
    company besides. A field is missing that has no letter and no digit. The phone may be empty;
    each field has one mistake at most, and an empty answer says that all is well. ``TRAP`` is not
    looked at here.
    """
    wanted = ("company", "name", "email", "text") if public else ("name", "email", "text")
    found: dict[str, str] = {}
    for name, most in LIMITS.items():
        value = getattr(given, name)
        if name in wanted and not any(_is_sign(c) for c in value):
            found[name] = "missing"
        elif len(value) > most:
            found[name] = "too_long"
    if "email" not in found and not _is_mailbox(given.email):
        found["email"] = "email"
    if given.phone and "phone" not in found and not _PHONE.fullmatch(given.phone):
        found["phone"] = "phone"
    if given.impact not in {each.value for each in Impact}:
        found["impact"] = "impact"
    order = (*LIMITS, "impact")
    return {name: found[name] for name in order if name in found}


def _is_sign(character: str) -> bool:
    """True for a letter or a digit that is seen."""
    return character.isalnum() and character not in INVISIBLE


def _is_mailbox(address: str) -> bool:
    """True for an address to which a mail can go, and that cannot hide another one."""
    plain = is_address(address) and address.isprintable() and not set(address) & set("()[]:\\")
    return plain and ".." not in address and address[-1] != "."
