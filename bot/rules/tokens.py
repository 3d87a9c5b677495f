"""Signed words that leave the house: links, reply addresses, Message-IDs. Pure; the key is given.

A token says what it is for and until when, and carries a truncated HMAC-SHA256 over exactly
that, so one purpose's token is worth nothing for another. Nothing is stored: a token is valid
while its key is, and a revoked link is refused by its row, not here. Letters are lower case, as
mail servers may change the case of an address.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

SIGNATURE = 20  # bytes kept of the HMAC in a link: 160 bits
SHORT = 10  # bytes in a reply address, whose local part may have 64 characters (RFC 5321 4.5.3.1)

_LINK = re.compile(r"([psvfkrb])([0-9a-f]{1,12})-([0-9a-f]{1,12})-([a-z2-7]{32})")
_RECEIPT = re.compile(r"prb-([0-9]{1,9})-([a-z2-7]{16})")
_TICKET = re.compile(r"([a-z2-7]{16})-([0-9a-f]{1,12})-([a-z2-7]{32})")
_REPORT = re.compile(r"([a-z2-7]{8,640})-([0-9a-f]{1,12})-([a-z2-7]{32})")
_REPLY = re.compile(r"esc-([0-9]{1,9})(?:-([a-z2-7]{16}))?")
_SIGNED = re.compile(  # in any text: of a link, or of an address that takes replies
    r"(?i)((?<![a-z0-9])[a-z0-9]{2,640}-[0-9a-f]{1,12}-[a-z2-7]{3})[a-z2-7]{29}(?![a-z2-7])"
    r"|((?<![a-z0-9])(?:esc|prb)-[0-9]{1,9}-[a-z2-7]{3})[a-z2-7]{13}(?![a-z2-7])"
)
UNSIGNED = "[signature left out]"


class LinkKind(StrEnum):
    """What a link opens, most of them for a customer.

    A rating was given in the help desk, and opens nothing.
    """

    PULSE = "pulse"
    SURVEY = "survey"
    STATUS = "status"
    RATING = "rating"
    FORM = "form"  # of one account
    CONFIRM = "confirm"  # what was sent by the public form
    REQUEST = "request"  # where it stands
    BRIEF = "brief"  # of a sponsored account, for one colleague


LETTERS = {
    LinkKind.PULSE: "p", LinkKind.SURVEY: "s", LinkKind.STATUS: "v",
    LinkKind.FORM: "f", LinkKind.CONFIRM: "k", LinkKind.REQUEST: "r", LinkKind.BRIEF: "b",
}  # fmt: skip
KINDS = {letter: kind for kind, letter in LETTERS.items()}


class BadTokenError(Exception):
    """A token that is not ours: malformed or altered. An expired one is ours."""


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """What a link's token says: row ``id`` of this kind, good until ``expires_at``.

    Aware UTC, cut to whole seconds in the token. The reader compares it with the present itself.
    """

    kind: LinkKind
    id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReplyClaim:
    """The case that a reply address names; ``signed`` when only we can have made it.

    An unsigned one (``esc-7``) can be written by any sender and proves nothing.
    """

    case: int
    signed: bool


@dataclass(frozen=True, slots=True)
class ReportClaim:
    """A report that one colleague may open until ``expires_at``, aware UTC in whole seconds.

    ``period`` is a period's key, ``account`` an account's, empty for all.
    """

    reader: str
    period: str
    account: str
    expires_at: datetime


class Signer:
    """Signs with one key and accepts what any of several has signed: the earlier ones too.

    Comparisons take the same time whatever differs.
    """

    def __init__(self, key: bytes, *earlier: bytes) -> None:
        self._key = key
        self._accepted = (key, *earlier)

    def link(self, claim: LinkClaim) -> str:
        """The token of a link: letters, digits and hyphens, ``v1f-69a38180-<32 letters>``."""
        said = f"{LETTERS[claim.kind]}{claim.id:x}-{int(claim.expires_at.timestamp()):x}"
        return f"{said}-{self._sign('link', said, SIGNATURE)}"

    def read_link(self, token: str) -> LinkClaim:
        """What the token says, expired or not. Raises BadTokenError for one that is not ours."""
        match = _LINK.fullmatch(token)
        if match is None:
            raise BadTokenError
        said = token.rpartition("-")[0]
        if not self._is_ours("link", said, SIGNATURE, match[4]):
            raise BadTokenError
        try:
            expires = datetime.fromtimestamp(int(match[3], 16), UTC)
        except (ValueError, OverflowError, OSError):  # beyond any calendar
            raise BadTokenError from None
        return LinkClaim(KINDS[match[1]], int(match[2], 16), expires)

    def reply_tag(self, case: int) -> str:
        """What stands after the plus in a case's reply address: ``esc-7-<16 letters>``."""
        return f"esc-{case}-{self._sign('reply', str(case), SHORT)}"

    def read_reply_tag(self, tag: str) -> ReplyClaim | None:
        """The case that a tag names; None for a tag of another kind, or one that was altered.

        Case does not matter. That there is such a case is not asked.
        """
        match = _REPLY.fullmatch(tag.lower())
        if match is None:
            return None
        case, signature = match[1], match[2]
        if signature is None:
            return ReplyClaim(int(case), signed=False)
        good = self._is_ours("reply", case, SHORT, signature)
        return ReplyClaim(int(case), signed=True) if good else None

    def receipt_tag(self, receipt: int) -> str:
        """What stands after the plus in the reply address of a broadcast's line.

        ``receipt`` is the id of the recipient's row; the tag is ``prb-12-<16 letters>``.
        """
        return f"prb-{receipt}-{self._sign('receipt', str(receipt), SHORT)}"

    def read_receipt_tag(self, tag: str) -> int | None:
        """The line that a tag names; None for one that we did not make.

        Case does not matter. That there is such a recipient is not asked.
        """
        match = _RECEIPT.fullmatch(tag.lower())
        if match is None:
            return None
        good = self._is_ours("receipt", match[1], SHORT, match[2])
        return int(match[1]) if good else None

    def form_ticket(self, form: str, made_at: datetime) -> str:
        """What a form that is shown carries, another each time: by it a repeated sending is known.

        ``form`` says which form it is, and is not in the ticket.
        """
        nonce = base64.b32encode(secrets.token_bytes(SHORT)).decode().lower()
        said = f"{nonce}-{int(made_at.timestamp()):x}"
        return f"{said}-{self._sign('form', f'{form} {said}', SIGNATURE)}"

    def read_form_ticket(self, form: str, ticket: str) -> tuple[str, datetime] | None:
        """The part that is unique to the ticket, and when it was made; None for none of ours."""
        match = _TICKET.fullmatch(ticket)
        said = ticket.rpartition("-")[0]
        if match is None or not self._is_ours("form", f"{form} {said}", SIGNATURE, match[3]):
            return None
        try:
            return match[1], datetime.fromtimestamp(int(match[2], 16), UTC)
        except (ValueError, OverflowError, OSError):
            return None

    def report_link(self, claim: ReportClaim) -> str:
        """The token of a report's link, which says whole what it is of."""
        about = f"{claim.reader}\n{claim.period}\n{claim.account}".encode()
        packed = base64.b32encode(about).decode().rstrip("=").lower()
        said = f"{packed}-{int(claim.expires_at.timestamp()):x}"
        return f"{said}-{self._sign('report', said, SIGNATURE)}"

    def read_report_link(self, token: str) -> ReportClaim:
        """What the token says, expired or not. Raises BadTokenError for one that is not ours."""
        match = _REPORT.fullmatch(token)
        said = token.rpartition("-")[0]
        if match is None or not self._is_ours("report", said, SIGNATURE, match[3]):
            raise BadTokenError
        packed = match[1].upper()
        about = base64.b32decode(packed + "=" * (-len(packed) % 8)).decode()
        reader, period, account = about.split("\n", 2)
        return ReportClaim(reader, period, account, datetime.fromtimestamp(int(match[2], 16), UTC))

    def message_id(self, outbox: int, domain: str) -> str:
        """The Message-ID of the mail of outbox row ``outbox``: the same at every try.

        ``<desk.12.<16 letters>@domain>``. With another key it is another one, so the mail's row
        keeps it.
        """
        return f"<desk.{outbox}.{self._sign('message', str(outbox), SHORT)}@{domain}>"

    def _sign(self, purpose: str, text: str, size: int) -> str:
        return _signature(self._key, purpose, text, size)

    def _is_ours(self, purpose: str, text: str, size: int, given: str) -> bool:
        """Whether one of the keys gives this signature; each is tried, whichever it is."""
        each = [_signature(key, purpose, text, size) for key in self._accepted]
        return sum(hmac.compare_digest(right, given) for right in each) > 0


def _signature(key: bytes, purpose: str, text: str, size: int) -> str:
    """The first ``size`` bytes of the HMAC over purpose and text, in base32 without padding."""
    digest = hmac.new(key, f"{purpose}\n{text}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:size]).decode().rstrip("=").lower()


def strip_signatures(text: str) -> str:
    """The text in which no link and no address that takes replies is signed any more.

    What they name and until when can still be read, and the first three letters of the signature,
    by which two of them are told apart; nothing opens by them.
    """
    return _SIGNED.sub(lambda found: f"{found[1] or found[2]}{UNSIGNED}", text)
