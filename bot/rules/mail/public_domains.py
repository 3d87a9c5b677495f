"""Mail domains where any person may have a mailbox, listed in public_domains.txt.

A line is a domain (``gmx.net``), or a name with a dot at its end (``yahoo.``) that counts under
every country's ending. A line that begins with ``#`` is a comment.
"""

import re
from functools import cache
from pathlib import Path

COUNTRY = re.compile(r"[a-z]{2,3}|(?:co|com|net|org)\.[a-z]{2}")  # what follows the name there
FILE = Path(__file__).with_suffix(".txt")


@cache
def _listed() -> frozenset[str]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and line[0] != "#")


def is_public(domain: str) -> bool:
    """True where a mailbox in this domain tells nothing of its owner; ``domain`` in lower case."""
    name, _, country = domain.partition(".")
    known = _listed()
    return domain in known or (f"{name}." in known and COUNTRY.fullmatch(country) is not None)
