"""Whether a server that we trust says that a mail is from whom it names (RFC 8601, DMARC). Pure.

Any sender can write ``Authentication-Results`` into a mail. Those that name our own mail server, as
MAIL_AUTHSERV_ID has it, count: it takes out the ones of that name that come from outside. DKIM or
SPF alone do not count: both pass for a stranger's own domain, and only DMARC compares that with
the From that people read.
"""

import re
from collections.abc import Iterator

from bot.rules.mail.parsing import InboundMail

_DMARC = re.compile(r"dmarc(?:\s*/\s*[0-9]+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"(?<!\S)header\.from\s*=\s*(\S+)", re.IGNORECASE)
_SERVER = re.compile(r"(\S+)(?:\s+[0-9]+)?")  # a version may follow its name
_SAYS_NO = frozenset({"fail", "softfail", "permerror", "policy", "hardfail"})


def sender_doubt(mail: InboundMail, authserv_id: str) -> str:
    """Why the sender of a mail is not believed; empty when it is.

    ``unchecked``: our server did not say; ``failed``: it, or any other, says that it is not theirs,
    the domain that was checked is not that of the From, or the From does not name exactly one
    address. With an empty ``authserv_id`` no mail is believed.
    """
    if mail.authors != 1:
        return "failed"
    ours: set[str] = set()
    for server, result, domains in _verdicts(mail):
        if result in _SAYS_NO:
            return "failed"
        if authserv_id and server == authserv_id.lower():
            if domains - {mail.sender.rpartition("@")[2]}:
                return "failed"
            ours.add(result)
    if not ours:
        return "unchecked"
    return "" if ours == {"pass"} else "failed"


def _verdicts(mail: InboundMail) -> Iterator[tuple[str, str, set[str]]]:
    """Each server's result of DMARC with the domains it is about; in lower case.

    The server is empty where the header does not begin with a plain name.
    """
    for said in mail.results:
        server, _, rest = _plain(said).lower().partition(";")
        known = _SERVER.fullmatch(server.strip())
        for part in rest.split(";"):
            if found := _DMARC.match(part.strip()):
                about = {each.rpartition("@")[2] for each in _HEADER_FROM.findall(part)}
                yield known[1] if known else "", found[1], about


def _plain(said: str) -> str:
    """A header without comments, and without what a quoted string may pretend to be.

    Our own server quotes strangers: their envelope sender, their selector. Empty where quotation
    marks or parentheses do not match.
    """
    kept: list[str] = []
    depth, quoted, signs = 0, False, iter(said)
    for sign in signs:
        if sign == "\\" and (quoted or depth):
            next(signs, "")
        elif sign == '"' and not depth:
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            kept.append(" ")
        elif not depth:
            kept.append("_" if quoted and not (sign.isalnum() or sign in ".-@") else sign)
        if depth < 0:
            return ""
    return "" if depth or quoted else "".join(kept)
