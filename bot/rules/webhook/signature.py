"""Who may report: HMAC-SHA256 with a secret of the source, over timestamp, nonce and the body.

``X-Desk-Signature`` is ``v1=`` and the hexadecimal digest over the value of ``X-Desk-Timestamp``
(seconds since 1970), a full stop, the value of ``X-Desk-Nonce``, a full stop, and the raw body. A
GET has no body: the key that is asked for stands in its place.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WINDOW = 300  # seconds that the timestamp may differ from our machine's time, either way
STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
SIGNATURE = re.compile(r"v1=[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedBy:
    """What the headers of a request say about its signature; empty where one is missing.

    They are as they came, with nothing checked.
    """

    timestamp: str
    nonce: str
    signature: str


def find_unsigned(given: SignedBy, now: datetime) -> str:
    """Return what keeps these headers from ever being a signature, and what to do; empty: nothing.

    It is known before the body, so such a request need not be read. ``now`` is the machine's time,
    an instant with a zone: the clock of the cases may have been put elsewhere. A timestamp may be
    ``WINDOW`` seconds early or late. That the nonce is new is not looked at here.
    """
    if not STAMP.fullmatch(given.timestamp):
        return "X-Desk-Timestamp must be there: the seconds since 1970, as a whole number."
    apart = int(given.timestamp) - int(now.timestamp())
    if abs(apart) > WINDOW:
        side = "ahead of" if apart > 0 else "behind"
        return (
            f"X-Desk-Timestamp is {abs(apart)} seconds {side} our clock, and {WINDOW} are allowed."
            " Sign each request when it is sent, and set the sender's clock by NTP."
        )
    if not NONCE.fullmatch(given.nonce):
        return (
            "X-Desk-Nonce must be there: 16 to 64 letters, digits, hyphens or underscores, new for"
            " each request."
        )
    if not SIGNATURE.fullmatch(given.signature):
        return "X-Desk-Signature must be there: v1= and 64 hexadecimal digits in small letters."
    return ""


def make_signature(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Return what ``X-Desk-Signature`` must be.

    The timestamp is signed as it is written, not as a number; ``body`` is the raw bytes, for a GET
    the key in UTF-8.
    """
    signed = f"{timestamp}.{nonce}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed_by(secrets: Sequence[str], given: SignedBy, body: bytes) -> bool:
    """Whether one of the secrets made the signature; each is compared in constant time.

    The caller has looked at the headers by ``find_unsigned``, which lets only ASCII pass. Without
    secrets nothing is signed.
    """
    made = (make_signature(each, given.timestamp, given.nonce, body) for each in secrets)
    return any(hmac.compare_digest(each, given.signature) for each in made)
