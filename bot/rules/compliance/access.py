"""The access review: who could read what, as a list that an administrator signs each quarter. Pure.

A line is of one person: by which roles, what they read, whether they read amounts, and in how many
cases they have a part. Of restricted cases there are numbers alone: a list that named them would
tell of them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from bot.rules.reports.periods import Period
from bot.rules.words import Role, Standing

DIGEST_LENGTH = 16  # letters of the digest that buttons carry and people compare


class Reach(StrEnum):
    """Which cases a person reads beside those in which they have a part."""

    EVERYTHING = "everything"  # restricted cases too: an auditor
    UNRESTRICTED = "unrestricted"
    PART = "part"  # no other


@dataclass(frozen=True, slots=True)
class AccessLine:
    """What one person may know.

    Attributes:
        user: A Slack user id.
        name: As Slack has it; the id where they were never looked up.
        standing: What they are to the workspace, as of the last look.
        roles: Those for which the policy names them, sorted.
        reach: Which cases they read beside their own.
        amounts: Whether they read revenue and what is granted, of every such case.
        cases: In how many they have a part; drills are none.
        restricted: How many of these are restricted.

    """

    user: str
    name: str
    standing: Standing
    roles: tuple[Role, ...]
    reach: Reach
    amounts: bool
    cases: int
    restricted: int

    @property
    def gone(self) -> bool:
        """Whether the policy names a person who is no member (any more)."""
        return bool(self.roles) and self.standing not in {Standing.MEMBER, Standing.UNKNOWN}


@dataclass(frozen=True, slots=True)
class AccessList:
    """The list as it is now; ``public``: every member reads each case that is not restricted.

    Attributes:
        number: The review's id.
        period: The quarter that the review is of; the lines are of now.
        lines: In the order of ``sort_lines``.
        digest: Of ``lines`` and ``public``, which a signature names (``digest_list``).
        signed_by: A Slack user id, empty until the review is signed.
        signed_digest: Of the list that was signed, empty until then.

    """

    number: int
    period: Period
    lines: tuple[AccessLine, ...]
    public: bool
    digest: str
    signed_by: str = ""
    signed_at: datetime | None = None
    signed_digest: str = ""

    @property
    def gone(self) -> tuple[AccessLine, ...]:
        """Those who should not stand in the policy any more."""
        return tuple(line for line in self.lines if line.gone)


def make_line(
    user: str,
    name: str,
    standing: Standing,
    roles: Set[Role],
    counts: tuple[int, int],
    *,
    reach: Reach,
    amounts: bool,
) -> AccessLine:
    """The line of a person; ``counts`` are their cases and the restricted ones among them."""
    return AccessLine(user, name, standing, tuple(sorted(roles)), reach, amounts, *counts)


def sort_lines(lines: Iterable[AccessLine]) -> tuple[AccessLine, ...]:
    """First those who should not be there, then by how much they read; equals by their id."""
    return tuple(
        sorted(
            lines,
            key=lambda line: (
                not line.gone, line.reach is Reach.PART, not line.amounts, -line.restricted,
                line.user,
            ),
        )
    )  # fmt: skip


def digest_list(lines: Iterable[AccessLine], *, public: bool) -> str:
    """What a signature is given for: SHA-256 over all of it but people's names, hexadecimal.

    The first ``DIGEST_LENGTH`` letters. A person who calls themselves otherwise changes nothing.
    """
    said = [[_plain(line) for line in lines], public]
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _plain(line: AccessLine) -> Mapping[str, object]:
    """What of a line counts for the digest, by field."""
    return {name: value for name, value in asdict(line).items() if name != "name"}
