"""What an address looks like, and whether it is a customer's, by those that are known as theirs.

The latter is asked before a message goes out to an address that was typed; for a mail that came
in, whether its sender is who it names is asked by mail/authentication.py.
"""

from bot.rules.mail.public_domains import is_public

_NEVER = frozenset(' ,;<>\n\t\r"')


def is_address(text: str) -> bool:
    """True for the form of one bare email address, whether it is anyone's or not.

    One ``@`` with something before it and a dot behind it, and none of the signs by which a header
    names several addresses or a person. Length and letters are not looked at.
    """
    name, _, domain = text.partition("@")
    return bool(name) and "." in domain and "@" not in domain and not _NEVER & set(text)


def known_address(address: str, known: str) -> bool:
    """True for the known address itself, and for its own domain unless that is a public one.

    Case does not matter; a subdomain is another domain. ``known`` must not be empty.
    """
    address, known = address.lower(), known.lower()
    domain, wanted = address.rpartition("@")[2], known.rpartition("@")[2]
    return address == known if is_public(wanted) else domain == wanted
