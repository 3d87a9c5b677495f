"""Ways to be paged outside Slack: SMS, calls, chats, mail, each an address with a name. Pure.

The policy names ways, the outbox keeps names, and only the sender looks the address up: it has the
tokens in it.
"""

import re
from collections.abc import Iterable, Mapping

WAY = re.compile(r"[a-z][a-z0-9-]{1,39}", re.ASCII)
WAY_FORM = "2 to 40 small letters, digits and hyphens, a letter first"
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.ASCII | re.IGNORECASE)
KIND = "page_way"  # the kind of the outbox's rows
TITLE_MAX = 85  # characters; with the link a page stays within the 160 of one SMS
CUT = "…"

Ways = Mapping[str, str]


def read_ways(entries: Iterable[str]) -> dict[str, str]:
    """Return the address of each way by its name; an entry is ``name=address``.

    Raises ValueError with a sentence that names the way, or the entry's place, and no address.
    """
    found: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        name, equals, address = (part.strip() for part in entry.partition("="))
        if not equals or not WAY.fullmatch(name):
            raise ValueError(
                f"entry {number} is not name=address, such as kate-sms=…; a name has {WAY_FORM}"
            )
        if name in found:
            raise ValueError(f"{name} is named twice; give each way a name of its own")
        if not SCHEME.fullmatch(address):
            raise ValueError(
                f"the address of {name} does not begin with a scheme, such as mailto://"
            )
        found[name] = address
    return found


def cut_name(name: str, room: int) -> str:
    """The name on one line, cut to ``room`` characters at the end; empty where there is no room."""
    line = " ".join(name.split())
    if len(line) <= room:
        return line
    return line[: room - 1].rstrip() + CUT if room > 1 else ""
