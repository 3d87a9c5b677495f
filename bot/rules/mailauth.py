"""Whether somebody we trust says that a mail is from whom it names (RFC 8601, DMARC). Pure.

Anybody can write ``Authentication-Results`` into a mail. Those that name our own mail server, as
MAIL_AUTHSERV_ID has it, count: it takes out the ones of that name that come from outside. DKIM or
SPF alone do not count: both pass for a stranger's own domain, and only DMARC compares that with
the From that people read.
"""

import re
from collections.abc import Iterator

from bot.rules.mailtext import Heard

_COMMENT = re.compile(r"\([^()]*\)")
_DMARC = re.compile(r"\bdmarc\s*=\s*([a-z]+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"\bheader\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_SAYS_NO = frozenset({"fail", "softfail", "permerror", "policy", "hardfail"})


def sender_doubt(mail: Heard, authserv_id: str) -> str:
    """Why the sender of a mail is not believed; empty when it is.

    ``unchecked``: our server did not say; ``failed``: it, or anybody, says that it is not theirs.
    """
    if mail.authors != 1:
        return "failed"
    ours: set[str] = set()
    for server, result, domain in _verdicts(mail):
        if result in _SAYS_NO:
            return "failed"
        if authserv_id and server == authserv_id.lower():
            if domain and domain != mail.sender.rpartition("@")[2]:
                return "failed"
            ours.add(result)
    if not ours:
        return "unchecked"
    return "" if ours == {"pass"} else "failed"


def _verdicts(mail: Heard) -> Iterator[tuple[str, str, str]]:
    """Who says what of DMARC, about which domain; lower case, empty where nothing is said."""
    for said in mail.results:
        plain = _COMMENT.sub(" ", said)
        server, _, rest = plain.partition(";")
        name = next(iter(server.split()), "").lower()  # a version may follow it
        for part in rest.split(";"):
            if found := _DMARC.search(part):
                about = _HEADER_FROM.search(part)
                yield name, found[1].lower(), about[1].rpartition("@")[2].lower() if about else ""
