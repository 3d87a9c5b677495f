"""How much may be offered to a customer, and whether what a text offers is within it. Pure.

Amounts of one currency add up over a case: what the customer was offered before counts. Nothing
is converted, so a limit in euro says nothing of other currencies. A share of a price is covered
by an approval of a share, and what no amount tells by nothing at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.rules.facts import AskFacts
from bot.rules.money.amounts import SHARE
from bot.rules.money.offers import Money, find_offers
from bot.rules.policy.model import Concessions
from bot.rules.words import AskMeaning, Role

EURO = "EUR"  # the currency of the policy's limits
UNLIMITED = Decimal("Infinity")
NOTHING = Decimal(0)
# Who may be asked for money: powers of the organisation, which only the policy gives.
DECIDERS = (Role.FINANCE_APPROVER, Role.EXECUTIVE_OWNER, Role.DIRECTOR)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be offered on a case.

    ``limits`` is the most in all and ``given`` what the customer was offered before, both by
    currency (ISO 4217) or ``%``. A currency that is missing has a limit of nothing.
    """

    limits: Mapping[str, Decimal] = field(default_factory=dict)
    given: Mapping[str, Decimal] = field(default_factory=dict)

    def left(self, unit: str) -> Decimal:
        """What may still be offered of a unit, never below 0; shares do not add up."""
        given = NOTHING if unit == SHARE else self.given.get(unit, NOTHING)
        return max(self.limits.get(unit, NOTHING) - given, NOTHING)

    def uncovered(self, found: Sequence[Money]) -> tuple[Money, ...]:
        """The offers that go beyond it: all those of a currency that sum to more than is left.

        One that is open ended always does.
        """
        wanted = sum_offers(found)
        beyond = {unit for unit, amount in wanted.items() if amount > self.left(unit)}
        return tuple(
            money
            for money in found
            if money.open_ended or any(each.unit in beyond for each in money.amounts)
        )


def sum_offers(found: Iterable[Money]) -> dict[str, Decimal]:
    """What is offered in all, by unit: amounts added up, of shares the greatest.

    An amount without a known value counts as nothing here; its offer is ``open_ended``.
    """
    sums: dict[str, Decimal] = {}
    for each in (amount for money in found for amount in money.amounts):
        value, before = each.value or NOTHING, sums.get(each.unit, NOTHING)
        sums[each.unit] = max(before, value) if each.unit == SHARE else before + value
    return sums


def offered_before(texts: Iterable[str]) -> dict[str, Decimal]:
    """What these texts offered the customer, by currency."""
    return sum_offers(money for text in texts for money in find_offers(text))


def own_limit(policy: Concessions, roles: Iterable[Role]) -> Decimal:
    """What a person with these roles may offer alone, in euro: the highest of their limits.

    Infinite for a role without an upper limit, 0 for roles that the policy does not name.
    """
    held = set(roles)
    limits = [_limit(entry.up_to_eur) for entry in policy.limits if entry.role in held]
    return max(limits, default=NOTHING)


def deciding_limit(policy: Concessions, roles: Iterable[Role], unit: str) -> Decimal:
    """What a person whom the policy names for these roles may approve when asked.

    Only ``DECIDERS`` count. One without a limit in the policy decides any amount, in any unit; a
    limit in euro is one in euro only, and in other currencies approves nothing.
    """
    known = {entry.role: entry for entry in policy.limits}
    found = [NOTHING]
    for role in set(roles) & set(DECIDERS):
        entry = known.get(role)
        if entry is None or entry.up_to_eur is None:
            return UNLIMITED
        if unit == SHARE:
            found.append(Decimal(entry.or_monthly_fee_pct))
        elif unit == EURO:
            found.append(Decimal(entry.up_to_eur))
    return max(found)


def approved_amounts(policy: Concessions, asks: Iterable[AskFacts]) -> dict[str, Decimal]:
    """What was approved on a case, by currency or ``%``: the most that one approval allows.

    Above ``two_approvers_above_eur``, and in other currencies always, two people must have approved
    as much. Several approvals do not add up, and of one person the highest counts. Decisions
    without an offer allow nothing.
    """
    by_unit: dict[str, dict[str, Decimal]] = {}
    for ask in asks:
        if ask.answer == "approve" and ask.meaning is AskMeaning.OFFER and ask.amount:
            people = by_unit.setdefault(ask.currency, {})
            people[ask.asked_of] = max(people.get(ask.asked_of, NOTHING), ask.amount)
    return {unit: _together(policy, unit, people) for unit, people in by_unit.items()}


def _together(policy: Concessions, unit: str, people: Mapping[str, Decimal]) -> Decimal:
    """The most that these approvals of one unit allow.

    Above the threshold only as much as two people approved. The threshold is in euro and nothing is
    converted, so in other currencies it is nothing; shares need one person.
    """
    most, *others = sorted(people.values(), reverse=True)
    if unit == SHARE:
        return most
    second = others[0] if others else NOTHING
    alone = Decimal(policy.two_approvers_above_eur) if unit == EURO else NOTHING
    return min(most, max(second, alone))


def _limit(up_to: int | None) -> Decimal:
    return UNLIMITED if up_to is None else Decimal(up_to)


def in_words(amount: Decimal, unit: str) -> str:
    """An amount as a person reads it: ``500 EUR``, ``12.50 EUR``, ``20%``.

    An unlimited one is ``∞ EUR``. Halves of a cent are rounded to the even one.
    """
    if amount == UNLIMITED:
        return f"∞ {unit}"
    plain = f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"
    return f"{plain}%" if unit == SHARE else f"{plain} {unit}"
