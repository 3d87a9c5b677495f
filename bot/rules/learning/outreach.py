"""Customers who may meet what a case was about. Pure.

One who had a case about the same component, and has the same tier or region, may meet it too; of a
customer without a known tier and region, each with the component.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.rules.names import fold_name
from bot.rules.words import Status

WATCHED = timedelta(days=30)  # after they were told, in which no case of theirs is one prevented
LOOKED_BACK = timedelta(days=730)  # a component that they had a case about before may be gone
FOUND_MAX = 100  # customers; more are no warning any more but a broadcast


class OutreachState(StrEnum):
    """What became of one customer: ``ENDED`` without a word, since it was taken back."""

    WAITING = "waiting"
    TOLD = "told"
    SPARED = "spared"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Likeness:
    """By what customers are alike: tier and region, as the accounts file has them, or empty."""

    tier: str = ""
    region: str = ""

    def shares(self, other: "Likeness") -> tuple[bool, bool]:
        """Whether tier and region are the same; what is not known is not the same."""
        tier = bool(self.tier) and fold_name(self.tier) == fold_name(other.tier)
        region = bool(self.region) and fold_name(self.region) == fold_name(other.region)
        return tier, region


@dataclass(frozen=True, slots=True)
class RiskAccount:
    """A customer who may meet it.

    Attributes:
        key: Of the account.
        name: As the accounts file has it, not escaped.
        likeness: Their tier and region.
        last: When their last case about the component came, or they were listed with a known issue.
        teller: Who would tell them, a Slack user id.
        same_tier: They share it with the customer of the case.
        same_region: Likewise.

    """

    key: str
    name: str
    likeness: Likeness
    last: datetime
    teller: str
    same_tier: bool = False
    same_region: bool = False


@dataclass(frozen=True, slots=True)
class OutreachLine:
    """One customer whom a colleague was asked to tell.

    Attributes:
        id: Of the row, which the buttons carry.
        case: The number of the case from which it is known.
        customer: The name in the accounts file, not escaped.
        recipient: The contact and the address, as far as they are known; else empty.
        teller: Who was asked, a Slack user id.
        text: What they are told, word for word; not escaped.
        why: Why they need not be told, in the words of who said so.
        answered_by: Who answered, a Slack user id; empty while it waits.
        mine: The viewer may answer.

    """

    id: int
    case: int
    component: str
    customer: str
    recipient: str
    teller: str
    text: str
    state: OutreachState
    why: str
    answered_by: str
    answered_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class OutreachPage:
    """What a viewer may see: who may meet it, or who was asked to tell them.

    Attributes:
        case: The number; None for the viewer's own of all cases.
        component: Of the case.
        found: Those who may meet it, while their people were not asked.
        lines: Those whom colleagues were asked to tell; the first of them, ``more`` are left out.
        whole: The viewer may have them told, and sees the lines of all.
        running: Their people were asked, and that was not taken back.
        restricted: Nothing is looked for, since only those on the case may know of it.

    """

    case: int | None
    component: str = ""
    found: tuple[RiskAccount, ...] = ()
    lines: tuple[OutreachLine, ...] = ()
    more: int = 0
    whole: bool = False
    running: bool = False
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class TellingRecord:
    """A customer was told at ``told_at``, and first came with the component at ``came_at``."""

    told_at: datetime
    came_at: datetime | None


@dataclass(frozen=True, slots=True)
class Prevented:
    """Contacts that did not come.

    Attributes:
        told: Customers who were told in a period.
        over: Those of them whose time to be watched is over.
        prevented: Those of the latter who did not come within it.

    """

    told: int
    over: int
    prevented: int


def is_worth_telling(
    *, severity: int, linked: bool, component: str, known: bool, status: str, restricted: bool
) -> bool:
    """Whether others are looked for: it is grave or shared, and what helps or caused it is known.

    ``linked``: it belongs to a problem or a known issue. Never for a restricted case, nor for one
    that turned out to be none.
    """
    none = (Status.DISMISSED, Status.MERGED, Status.CANDIDATE)
    if restricted or status in none or not component:
        return False
    return known and (severity <= 2 or linked)


def choose_accounts(
    ours: Likeness, found: Iterable[RiskAccount], limit: int = FOUND_MAX
) -> Sequence[RiskAccount]:
    """Those who are alike, the most alike first, then those who had it last.

    ``found`` are customers with the component; at most ``limit`` are chosen.
    """
    known = bool(ours.tier or ours.region)
    alike = [each for each in found if not known or each.same_tier or each.same_region]
    alike.sort(key=lambda a: (-(a.same_tier + a.same_region), -a.last.timestamp(), a.key))
    return alike[:limit]


def count_prevented(records: Iterable[TellingRecord], now: datetime) -> Prevented:
    """Count tellings of a period; one within its time is only among the told."""
    told = list(records)
    over = [each for each in told if each.told_at + WATCHED <= now]
    stayed = [e for e in over if e.came_at is None or e.came_at > e.told_at + WATCHED]
    return Prevented(len(told), len(over), len(stayed))
