"""Whether an address is a customer's, by the addresses that are known to be theirs.

Used before a message goes out to an address that was typed; for a mail that came in, whether its
sender is who it names is asked by mail/authentication.py.
"""

from bot.rules.mail.public_domains import is_public


def known_address(address: str, known: str) -> bool:
    """True for the known address itself, and for its own domain unless that is a public one.

    Case does not matter; a subdomain is another domain.
    """
    address, known = address.lower(), known.lower()
    domain, wanted = address.rpartition("@")[2], known.rpartition("@")[2]
    return address == known if is_public(wanted) else domain == wanted
