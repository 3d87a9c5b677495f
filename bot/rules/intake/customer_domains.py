"""Mail domains of customers, as they are written, stored and compared. Pure.

A domain is kept in ASCII (IDNA) and lower case. One of a public provider belongs to no customer.
"""

import re
from collections.abc import Iterator

from bot.rules.mail.public_domains import is_public

LABELS_MAX = 8  # of a sender's domain that are looked at, the last ones
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_BETWEEN = re.compile(r"[\s,;|]+")


class NotDomainError(ValueError):
    """A text that is no mail domain of a customer; the message says why, in English."""


def plain_domain(text: str) -> str:
    """A domain in ASCII and lower case; empty for what is none.

    A dot at the end is left out. At least two labels are needed, the last of which begins with a
    letter, so an IP address is none; 253 characters are the most.
    """
    try:
        plain = text.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return plain if len(plain) < 254 and _DOMAIN.fullmatch(plain) else ""


def domain_of(address: str) -> str:
    """The domain of a mail address, as ``plain_domain`` writes it; empty where it has none."""
    return plain_domain(address.rpartition("@")[2])


def read_domains(text: str) -> list[str]:
    """The domains in a cell of the accounts file, each once: ``acme.com, @acme.gr``.

    Spaces, commas, semicolons and bars stand between them. In the order in which they are written;
    an empty cell has none. Raises NotDomainError for the first that is none, or that belongs to a
    public provider.
    """
    found = [_read_domain(each) for each in _BETWEEN.split(text) if each]
    return list(dict.fromkeys(found))


def _read_domain(text: str) -> str:
    """A mail domain in its plain form. Raises NotDomainError for none, and for one open to all."""
    plain = plain_domain(text.removeprefix("@"))
    if not plain:
        raise NotDomainError(f"{text!r} is no mail domain such as acme.com")
    if is_public(plain):
        raise NotDomainError(f"{text!r} is open to all, so it tells no customer")
    return plain


def covering_domains(domain: str) -> Iterator[str]:
    """The domain, and those that it is a subdomain of: of ``eu.acme.com`` also ``acme.com``.

    The longest first, at most ``LABELS_MAX`` - 1 of them; none for a name of one label. Such an end
    may be a public suffix (``co.uk``): that it is a customer's, only the accounts file says.
    """
    labels = domain.split(".")[-LABELS_MAX:]
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])
