"""Whether an address is a customer's, by the addresses that are known to be theirs."""

# Domains where anybody may have a mailbox: there the whole address must be the contact's.
PUBLIC = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com",
     "yahoo.gr", "icloud.com", "gmx.net", "gmx.de", "proton.me", "protonmail.com", "aol.com"}
)  # fmt: skip


def known_address(address: str, known: str) -> bool:
    """True for the known address itself, and for its own domain unless that is a public one."""
    address, known = address.lower(), known.lower()
    domain, wanted = address.rpartition("@")[2], known.rpartition("@")[2]
    return address == known if wanted in PUBLIC else domain == wanted
