"""The chain that proves the records: what a link is made of, and how it is computed. Pure.

Each row of a record that is never edited gets one link. A link says in the clear what was done,
about what, from where and when, and no name; who did it and what was said stand in it as
digests with a salt that is kept beside the chain. So a person can be forgotten (the salt goes, and
the words) and the chain still holds. Each link's ``hash`` covers all of it and the hash of the link
before, so nothing can be changed, left out, put between or moved without the end becoming another.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FORM = 1  # of what is digested; another one where columns come to a record, and the old stays
BEGIN = ""  # what the first link has as the hash before it

# What the digests of a row cover, by table: its columns but ``id``, and which of them says who.
RECORDS: Mapping[str, tuple[str, ...]] = {
    "timeline_event": (
        "case_number", "at", "actor", "verb", "before", "after", "why", "source",
    ),
    "problem_event": ("problem", "at", "actor", "verb", "after", "why"),
    "clock_event": ("case_number", "at", "recorded_at", "kind", "clock", "data"),
    "access_event": (
        "at", "actor", "verb", "door", "why", "case_number", "problem", "about", "hour",
    ),
    "forgotten": ("at", "actor", "verb", "case_number", "problem", "about"),
    "terminal_action": ("at", "by", "command", "case_number", "about"),
}  # fmt: skip
AGAIN = "forgotten:"  # before a record's name: the link of a row whose words were deleted by rule
ERASE = "erase"  # the verb by which ``forgotten`` says that somebody is being erased
ERASED = "erased-"  # likewise, with the number of the rule: of a row in which somebody was erased
WHO = ("actor", "by")
WHAT = ("verb", "kind", "command")
ABOUT = {"case_number": "ESC", "problem": "PRB"}


@dataclass(frozen=True, slots=True)
class Link:
    """One link; ``who`` and ``content`` are digests, hexadecimal, ``at`` is of the row.

    ``seq`` counts from 1 without gaps, ``about`` is ``ESC-7``, ``PRB-2`` or empty.
    """

    seq: int
    form: int
    record: str
    row: int
    at: datetime
    what: str
    about: str
    source: str
    who: str
    content: str

    def digest(self, previous: str) -> str:
        """The hash of this link after ``previous``, SHA-256, hexadecimal."""
        said = [
            previous, self.seq, self.form, self.record, self.row, _plain(self.at), self.what,
            self.about, self.source, self.who, self.content,
        ]  # fmt: skip
        return hashlib.sha256(canonical(said)).hexdigest()


def make_link(seq: int, record: str, values: Mapping[str, Any], salt: str) -> Link:
    """The link of a row; ``values`` are its columns by name, ``id`` among them.

    ``record`` has ``AGAIN`` or an erasure in front for a later link of the row, of what was left.
    """
    said = {name: values[name] for name in RECORDS[base_of(record)]}
    who = next((str(said[name]) for name in WHO if name in said), "")
    about = next((f"{short}-{said[name]}" for name, short in ABOUT.items() if said.get(name)), "")
    return Link(
        seq=seq,
        form=FORM,
        record=record,
        row=values["id"],
        at=said["at"],
        what=next(str(said[name]) for name in WHAT if name in said),
        about=about,
        source=str(said.get("source", "")),
        who=salted(who, salt) if who else "",
        content=salted({name: _plain(value) for name, value in said.items()}, salt),
    )


def base_of(record: str) -> str:
    """The table whose row a link is of."""
    return record.rpartition(":")[2]


def rule_of(record: str) -> int:
    """The number of the erasure that a link's record names; 0 for a link of another kind."""
    before = record.rpartition(":")[0]
    number = before.removeprefix(ERASED)
    return int(number) if before != number and number.isdigit() else 0


def erased_by(rule: int, record: str) -> str:
    """The record's name in the link of a row that an erasure changed; ``rule`` is its number."""
    return f"{ERASED}{rule}:{record}"


def salted(value: Any, salt: str) -> str:
    """The digest of a value of plain JSON with a salt, hexadecimal.

    The salt is the key, so from the digest alone values cannot be tried until one fits.
    """
    return hmac.new(bytes.fromhex(salt), canonical(value), hashlib.sha256).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON that is the same for equal values, on either database and in any version of Python."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    """Instants as text, microseconds and all; anything else as it is."""
    return (
        value.astimezone(UTC).isoformat(timespec="microseconds")
        if isinstance(value, datetime)
        else value
    )


def sign_head(seq: int, digest: str, at: datetime, key: str) -> str:
    """The signature over the end of the chain at an instant, HMAC-SHA256, hexadecimal."""
    said = canonical(["audit head", seq, digest, _plain(at)])
    return hmac.new(key.encode(), said, hashlib.sha256).hexdigest()


def is_signed(seq: int, digest: str, at: datetime, key: str, signature: str) -> bool:
    """Whether the signature is that of ``sign_head``; takes as long for any."""
    expected = sign_head(seq, digest, at, key)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
