"""Who may grant a customer how much, and who must approve it: the policy's limits. Pure.

All amounts are in euro. A limit is one in all: what the account was granted in the policy's months
counts towards it. It is the larger of an amount and a share of the account's monthly fee, where the
policy says both. Nobody approves what they ask for themselves; the use cases leave them out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bot.rules.policy.model import ConcessionLimit, Concessions
from bot.rules.words import Role

EURO = "EUR"
UNLIMITED = Decimal("Infinity")
NOTHING = Decimal(0)
# Who may approve what others ask for, when the policy names them. The last three decide any amount
# where they have no row among the limits; the others decide nothing then.
UNBOUND = frozenset({Role.DIRECTOR, Role.EXECUTIVE_OWNER, Role.FINANCE_APPROVER})
DECIDERS = (Role.FINANCE_APPROVER, Role.EXECUTIVE_OWNER, Role.DIRECTOR, Role.SUPPORT_LEAD,
            Role.ESCALATION_MANAGER)  # fmt: skip


class Seat(StrEnum):
    """One approval that a concession needs; a person takes at most one seat of it."""

    MONEY = "money"
    SECOND = "second"  # above the policy's mark
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts beside the amount, in euro.

    ``had`` is what the account was granted in the policy's months, ``fee`` its monthly fee (0: not
    known). ``legal``: the case is legal.
    """

    had: Decimal = NOTHING
    fee: Decimal = NOTHING
    legal: bool = False


def convert_to_euro(policy: Concessions, amount: Decimal, currency: str) -> Decimal | None:
    """What an amount is worth by the policy's rates; None for a currency without a rate."""
    rate = Decimal(1) if currency == EURO else policy.rates.get(currency)
    return None if rate is None else amount * rate


def convert_revenue(
    policy: Concessions, amount: int | None, currency: str | None
) -> Decimal | None:
    """Revenue in whole units as euro; None where it is not known, or its currency has no rate.

    An account without a currency is one of euro.
    """
    return None if amount is None else convert_to_euro(policy, Decimal(amount), currency or EURO)


def limit_in_euro(entry: ConcessionLimit, fee: Decimal) -> Decimal:
    """The larger of the amount and the share of the monthly fee; without an amount no limit."""
    if entry.up_to_eur is None:
        return UNLIMITED
    return max(Decimal(entry.up_to_eur), fee * entry.or_monthly_fee_pct / 100)


def own_limit(policy: Concessions, roles: Iterable[Role], fee: Decimal = NOTHING) -> Decimal:
    """What a person with these roles may grant alone: the highest of their limits.

    0 for roles that the policy does not name.
    """
    held = set(roles)
    limits = [limit_in_euro(entry, fee) for entry in policy.limits if entry.role in held]
    return max(limits, default=NOTHING)


def left_alone(policy: Concessions, roles: Iterable[Role], standing: Standing) -> Decimal:
    """What they may still grant alone, never below 0.

    Nothing in a legal case, and never more in all than the mark above which two must approve.
    """
    if standing.legal:
        return NOTHING
    mark = Decimal(policy.two_approvers_above_eur)
    return max(min(own_limit(policy, roles, standing.fee), mark) - standing.had, NOTHING)


def deciding_limit(policy: Concessions, roles: Iterable[Role], fee: Decimal = NOTHING) -> Decimal:
    """The most, in all, that a person whom the policy names for these roles may approve."""
    held = set(roles) & set(DECIDERS)
    listed = {entry.role for entry in policy.limits}
    if held & UNBOUND - listed:
        return UNLIMITED
    return own_limit(policy, held, fee)


def may_approve(
    policy: Concessions, roles: Iterable[Role], worth: Decimal, standing: Standing
) -> bool:
    """True when a person with these roles may approve so much on top of what the account had."""
    return standing.had + worth <= deciding_limit(policy, roles, standing.fee)


def seats_wanted(
    policy: Concessions, roles: Iterable[Role], worth: Decimal, standing: Standing
) -> tuple[Seat, ...]:
    """The approvals that are needed where a person with these ``roles`` asks; none within theirs.

    A second person is wanted where the account then has more in all than the policy's mark.
    """
    if worth <= left_alone(policy, roles, standing):
        return ()
    two = standing.had + worth > policy.two_approvers_above_eur
    second = (Seat.SECOND,) if two else ()
    return (Seat.MONEY, *second, *((Seat.LEGAL,) if standing.legal else ()))
