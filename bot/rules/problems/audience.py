"""The audiences of a broadcast, and what each customer reads. Pure.

Names of audiences: ``all``, ``untold``, ``tier:gold``, ``region:emea``, ``language:el``.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.rules.problems.facts import AffectedFacts
from bot.rules.words import Language

ALL = "all"
UNTOLD = "untold"
# What each receiver's own words replace; a greeting is a whole line.
GREETING, CONTACT, CUSTOMER = "{greeting}", "{contact}", "{customer}"


def list_audiences(affected: Sequence[AffectedFacts]) -> dict[str, int]:
    """The audiences that can be chosen, with how many customers each has; ``all`` first.

    One that has every customer is left out, as ``all`` says the same; ``untold`` always stays.
    """
    found = {ALL: len(affected)}
    for each in affected:
        for segment in each.segments():
            found[segment] = found.get(segment, 0) + 1
    first = [ALL, UNTOLD]
    rest = sorted(name for name in found if name not in first)
    # An audience that is everybody says nothing that "all" does not.
    kept = [n for n in rest if found[n] < len(affected)]
    return {name: found[name] for name in [*first, *kept] if name in found}


def audience_members(affected: Iterable[AffectedFacts], audience: str) -> list[AffectedFacts]:
    """Those of the affected who belong to an audience."""
    return [each for each in affected if audience == ALL or audience in each.segments()]


def audience_languages(affected: Iterable[AffectedFacts]) -> tuple[Language, ...]:
    """The languages in which the message must exist for all of these."""
    spoken = {each.language for each in affected}
    return tuple(each for each in Language if each in spoken)


def personal_text(text: str, receiver: AffectedFacts) -> str:
    """The text as one customer reads it: ``{contact}`` and ``{customer}`` are their own names.

    ``{greeting}`` is the whole first line; the name alone where none is known.
    """
    customer = " ".join(receiver.customer.split())
    contact = " ".join(receiver.contact.split()) or customer
    greeted = text.replace(GREETING, receiver.greeting or f"{contact},")
    return greeted.replace(CONTACT, contact).replace(CUSTOMER, customer)


def text_for(texts: Mapping[str, str], receiver: AffectedFacts) -> str:
    """What one customer reads, in their language. Raises KeyError where ``texts`` lacks it."""
    return personal_text(texts[receiver.language.value], receiver)


def own_parts(texts: Mapping[str, str], receiver: AffectedFacts) -> str:
    """The paragraphs that read differently for each customer, as this one reads them."""
    parts = texts[receiver.language.value].split("\n\n")
    own = [part for part in parts if any(n in part for n in (GREETING, CONTACT, CUSTOMER))]
    return "\n\n".join(personal_text(part, receiver) for part in own)


def recipient_line(receiver: AffectedFacts) -> str:
    """The recipient as it is recorded: ``Ada Long, ada@acme.example``.

    Either part may be missing; the text is empty where neither name nor address is known. A
    customer without an address is reached in their ticket, where one is known.
    """
    place = receiver.email or receiver.ticket
    return ", ".join(part for part in (receiver.contact, place) if part)
