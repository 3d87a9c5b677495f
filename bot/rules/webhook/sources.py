"""Which programs may report, each by secrets of its own: ``shop=secret``, one entry a secret.

A source that is named twice has two secrets, both of which hold, so that one can replace the other
without losing a report.
"""

import re
from collections.abc import Iterable, Mapping

SOURCE = re.compile(r"[a-z][a-z0-9-]{1,39}", re.ASCII)
LIVE_MAX = 2  # secrets of one source
SECRET_MIN = 16  # characters
# Names that reports have which came another way.
TAKEN = frozenset(
    {
        "command", "email", "event", "form", "g2", "helpscout", "intercom", "mail", "page", "phone",
        "podium", "reviews", "slack", "survey", "ticket", "trustradius", "web", "zendesk",
    }
)  # fmt: skip

Sources = Mapping[str, tuple[str, ...]]


def read_sources(entries: Iterable[str]) -> Sources:
    """Return each source's secrets, in their order.

    An entry is ``source=secret``; what follows the first equals sign is the secret, further ones
    included. No entries are no sources, and then the webhook takes nothing.

    Raises ValueError with a sentence that names the source, and never a secret.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(entries, start=1):
        name, equals, secret = entry.partition("=")
        _check_entry(number, name, equals, secret)
        found[name] = (*found.get(name, ()), secret)
        if len(found[name]) > LIVE_MAX:
            raise ValueError(f"{name} has more than {LIVE_MAX} secrets; take out the oldest")
    return found


def _check_entry(number: int, name: str, equals: str, secret: str) -> None:
    """Refuse an entry that is no ``source=secret``, or names what it may not; raises ValueError.

    ``number`` is its place in the list, from 1, which is told where the name cannot be.
    """
    if not equals:
        raise ValueError(f"entry {number} is not source=secret, such as shop=…")
    if not SOURCE.fullmatch(name):
        raise ValueError(
            f"the source of entry {number} must be 2 to 40 small letters, digits and hyphens, a"
            " letter first"
        )
    if name in TAKEN:
        raise ValueError(
            f"{name} is what the app calls a way of its own; name the source otherwise"
        )
    if len(secret) < SECRET_MIN:
        raise ValueError(
            f"the secret of {name} must have at least {SECRET_MIN} characters, chosen by a machine"
        )
