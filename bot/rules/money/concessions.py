"""Whether what a text offers is what was approved, or within what its writer may give alone. Pure.

Each amount in a text needs a concession of its case of exactly this amount, currency and kind, or
is the writer's own to give. A share of a price, and what no amount tells, is covered by nothing. A
concession covers one amount in a text, and goes on to cover it once the customer was told; as much
again, on top of it, needs another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from bot.rules.facts.concessions import ConcessionFacts
from bot.rules.money.amounts import SHARE, Amount
from bot.rules.money.kinds import likeliest_kind
from bot.rules.money.matrix import EURO, NOTHING, UNLIMITED
from bot.rules.money.offers import Money, find_offers
from bot.rules.states import TOLD, ConcessionState
from bot.rules.words import ConcessionKind


class Gap(StrEnum):
    """Why a part of a text is not covered; the texts explain each."""

    NOTHING = "nothing"  # was approved
    AMOUNT = "amount"  # another amount or currency was
    KIND = "kind"  # the amount was, as another kind
    TWICE = "twice"  # the text offers once more what was approved once
    AGAIN = "again"  # it was promised before, and the text offers as much on top of it
    UNNAMED = "unnamed"  # no exact amount is named
    WAITING = "waiting"  # it was asked for, and is not approved yet
    EXPIRED = "expired"  # what was approved is over
    ELSEWHERE = "elsewhere"  # it was approved for another case
    LEGAL = "legal"  # it was approved before the case became legal
    DECISION = "decision"  # an executive agreed to it in an answer, which allows no money


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An offer that is not covered: why, and the ``near`` concession that explains it.

    ``amount`` is the part of it that is meant, None for what no amount tells.
    """

    money: Money
    gap: Gap
    amount: Amount | None = None
    near: ConcessionFacts | None = None


@dataclass(frozen=True, slots=True)
class OwnOffer:
    """An amount that the writer gives alone, with the kind by which it is recorded."""

    amount: Decimal
    currency: str
    kind: ConcessionKind


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the offers of a text rest on: ids of concessions, and what the writer gives alone."""

    uncovered: tuple[Uncovered, ...] = ()
    used: tuple[int, ...] = ()
    own: tuple[OwnOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be offered on a case.

    ``own`` is what the writer may give alone, in euro by ``rates``. ``granted`` are the concessions
    of the case that the customer may be told of, or was. ``others`` cover nothing, each with the
    reason why.
    """

    own: Decimal = NOTHING
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    granted: Sequence[ConcessionFacts] = ()
    others: Sequence[tuple[Gap, ConcessionFacts]] = ()

    def judge_offers(self, found: Sequence[Money]) -> Judgement:
        """Hold each offer against it. What the writer gives alone must fit in all, or none of it.

        What was not promised yet is taken first, and first by what comes on top.
        """
        free = sorted(self.granted, key=lambda each: (each.state.value, each.id))
        used: list[int] = []
        rest: list[tuple[Money, Amount]] = []
        vague = [Uncovered(money, Gap.UNNAMED) for money in found if _is_vague(money)]
        exact = [(money, a) for money in found if not _is_vague(money) for a in money.amounts]
        for money, amount in sorted(exact, key=lambda pair: pair[1] not in pair[0].further):
            taken = next((each for each in free if _covers(each, money, amount)), None)
            if taken is None:
                rest.append((money, amount))
            else:
                free.remove(taken)
                used.append(taken.id)
        if rest and not self._may_give(rest):
            vague += [self._explain(money, amount, free) for money, amount in rest]
            rest = []
        vague.sort(key=lambda each: each.money.place)
        return Judgement(tuple(vague), tuple(used), tuple(_owned(rest)))

    def _may_give(self, rest: Sequence[tuple[Money, Amount]]) -> bool:
        worth = [self._in_euro(amount) for _, amount in rest]
        return sum(worth, NOTHING) <= self.own

    def _in_euro(self, amount: Amount) -> Decimal:
        rate = Decimal(1) if amount.unit == EURO else self.rates.get(amount.unit)
        return UNLIMITED if rate is None or amount.value is None else amount.value * rate

    def _explain(self, money: Money, amount: Amount, free: Sequence[ConcessionFacts]) -> Uncovered:
        """Why this amount is not covered: what comes nearest to it says so."""
        for each in self.granted:
            if _is_same(each, amount):
                if amount in money.further and each.state in TOLD:
                    return Uncovered(money, Gap.AGAIN, amount, each)
                gap = Gap.TWICE if each.kind in money.kinds else Gap.KIND
                return Uncovered(money, gap, amount, each)
        for gap, each in self.others:
            if _is_same(each, amount):
                return Uncovered(money, gap, amount, each)
        if near := [each for each in free if each.state is ConcessionState.APPROVED]:
            return Uncovered(money, Gap.AMOUNT, amount, near[0])
        return Uncovered(money, Gap.NOTHING, amount)


def _is_vague(money: Money) -> bool:
    return money.open_ended or any(each.unit == SHARE for each in money.amounts)


def _covers(each: ConcessionFacts, money: Money, amount: Amount) -> bool:
    """What was promised covers that it is said again, not as much on top of it."""
    if amount in money.further and each.state in TOLD:
        return False
    return _is_same(each, amount) and each.kind in money.kinds


def _is_same(each: ConcessionFacts, amount: Amount) -> bool:
    return (each.amount, each.currency) == (amount.value, amount.unit)


def _owned(rest: Sequence[tuple[Money, Amount]]) -> Iterator[OwnOffer]:
    for money, amount in rest:
        if amount.value:
            yield OwnOffer(amount.value, amount.unit, likeliest_kind(money.kinds))


def offered_in_euro(texts: Sequence[str], rates: Mapping[str, Decimal]) -> Decimal:
    """What these texts offered the customer; amounts without a rate or a value count as nothing."""
    allowed = {EURO: Decimal(1), **rates}
    return sum(
        (
            (amount.value or NOTHING) * allowed.get(amount.unit, NOTHING)
            for text in texts
            for money in find_offers(text)
            for amount in money.amounts
        ),
        NOTHING,
    )


def in_words(amount: Decimal, unit: str) -> str:
    """An amount as a person reads it: ``500 EUR``, ``12.50 EUR``.

    An unlimited one is ``∞ EUR``. Halves of a cent are rounded to the even one.
    """
    if amount == UNLIMITED:
        return f"∞ {unit}"
    plain = f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"
    return f"{plain} {unit}"
