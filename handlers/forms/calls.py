"""The form of a call: now by default, and on request straight on to the form that escalates."""

from collections.abc import Mapping
from typing import Any

from bot.rules.facts import CaseFacts, PersonFacts
from handlers.forms import fields
from handlers.forms.prepare import read_customer
from handlers.forms.same_report import find_open_cases
from handlers.ports import Services
from handlers.slack.requests import Asked

Fields = Mapping[str, Any]


async def fill_call(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """They called now, unless another time is chosen."""
    return {"at": services.clock.now(), **prefill}


async def go_on_escalating(
    services: Services, asked: Asked, given: dict[str, Any]
) -> tuple[str, Fields] | None:
    """The form that escalates, with all that was typed, where that was ticked; else None.

    Raises BadFields for what is wrong in the form, which is told before.

    ``customer``, ``account``, ``stake`` (their words), ``contact_name``, ``call_back`` (a phone
    number), ``reported_at``, ``sensitive`` and ``cases``, as far as they were filled in. Nothing of
    the call is stored then.
    """
    if not given.get("escalate"):
        return None
    read = await read_customer(services, dict(given))
    fields.build_intent("log_call", read)
    known = {
        "customer": read["customer"],
        "account": read.get("account", ""),
        "stake": read["words"],
        "contact_name": read.get("caller"),
        "call_back": read.get("phone"),
        "reported_at": read.get("at"),
        "sensitive": read.get("sensitive") or None,
        "cases": await find_open_cases(services, asked, given),
    }
    return "open_case", {k: v for k, v in known.items() if v is not None}
