"""What forms about the sponsorship programme open with, and how the customer's field is read."""

from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.facts.sponsorship import SponsorshipFacts
from bot.rules.sponsorship.programme import MONTHS
from bot.rules.sponsorship.words import SponsorshipTopic
from handlers.forms.drawing import Fields
from handlers.forms.fields import BadFields, FieldError
from handlers.forms.prefill import whole_number
from handlers.forms.prepare import read_customer
from handlers.ports import Services
from messages.kit.texts import t


async def fill_membership(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The account meant, as ``shown`` and ``membership``: by its id, else by the name typed.

    Without a name it is the only one that the viewer sponsors, or is asked to. Raises UserError
    ``no_such_sponsorship``, ``which_sponsorship`` (``customers``).
    """
    found = await _find(services, viewer, prefill)
    known = {"consent_by": found.consent_by, "consent_on": found.consent_on}
    kept = {name: value for name, value in known.items() if value}
    return {**kept, **prefill, "shown": found, "membership": found.id}


async def _find(services: Services, viewer: PersonFacts, prefill: Fields) -> SponsorshipFacts:
    """The membership that is meant: by its id, else by the customer, else the viewer's own.

    Raises UserError ``no_such_sponsorship``, ``which_sponsorship`` (``customers``).
    """
    if prefill.get("membership") is not None:
        return await services.sponsorship.one(whole_number(prefill, "membership"), viewer.user_id)
    customer = str(prefill.get("customer") or "")
    if customer:
        found = (await services.sponsorship.listed(viewer.user_id, customer)).found
    else:
        found = tuple(await services.sponsorship.mine(viewer.user_id))
    if not found:
        raise UserError("no_such_sponsorship")
    if len(found) > 1:
        raise UserError("which_sponsorship", customers=[each.customer for each in found])
    return found[0]


async def fill_answer(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The account that is offered; typed without more it is accepted."""
    return {"approve": True, **await fill_membership(services, case, viewer, prefill)}


async def fill_text(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The text as it stands; where there is none a suggestion, which is nothing until it is saved.

    Raises UserError ``stale`` for a topic that there is not.
    """
    if prefill.get("topic") not in set(SponsorshipTopic):
        raise UserError("stale")
    topic, programme = (
        SponsorshipTopic(str(prefill["topic"])),
        await services.sponsorship.programme(),
    )
    text = programme.texts.get(topic)
    if text is None:
        body = t(viewer.language, f"sponsorship.suggested.{topic}")
        return {"body": body, "months": MONTHS, "suggested": True, **prefill}
    known = {"body": text.body, "months": text.months, "signed": programme.active}
    return {**known, **prefill}


async def fill_nomination(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """The account that was named, its sponsor by the accounts file, and a score to begin with."""
    known = dict(prefill)
    account = None
    if prefill.get("account"):
        account = await services.reading.account(str(prefill["account"]))
    elif prefill.get("customer"):
        named = await services.reading.accounts(str(prefill["customer"]), limit=2)
        account = named[0] if len(named) == 1 else None
    if account is None:
        return {name: value for name, value in known.items() if name != "customer"}
    score = await services.sponsorship.score(account.key)
    given = {"account": account.key, "customer": account.name}
    return {"sponsor": account.sponsor, "score": score, **known, **given}


async def read_account(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """The customer must be an account: only of one is known who looks after it.

    Raises BadFields at ``customer``.
    """
    given = await read_customer(services, given)
    if not given.get("account"):
        raise BadFields([FieldError("customer", "no_account")])
    return given
