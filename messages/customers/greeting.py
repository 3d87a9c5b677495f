"""How a letter, a question or a message to many begins: with the person's own form of address.

The form of address is what the accounts file says (``Account.greeting``), in the account's
language: ``Ms Berg``, ``κυρία Δήμου``. It belongs to one person and one language, so a letter to
another person, or in another language, begins plainly.
"""

from bot.rules.facts import AccountFacts, CaseFacts
from bot.rules.words import Language
from messages.kit.texts import t


def greet_customer(language: Language, greeting: str = "") -> str:
    """Write the first line of a letter, with its comma; plain where no form of address is known."""
    known = " ".join(greeting.split()).rstrip(",")
    if not known:
        return t(language, "customer.greeting.plain")
    said = t(language, "customer.greeting.known", greeting=known)
    return said[:1].upper() + said[1:]


def find_greeting(case: CaseFacts) -> str:
    """Return the form of address of the case's contact; "" where none is known for them."""
    return find_address(case.account, case.language, case.contact_name)


def find_address(account: AccountFacts | None, language: Language, contact: str) -> str:
    """Return how an account's contact is addressed; "" for another person or language."""
    if account is None or account.language is not language:
        return ""
    same = " ".join(contact.split()) == " ".join(account.contact_name.split())
    return account.greeting if same else ""
