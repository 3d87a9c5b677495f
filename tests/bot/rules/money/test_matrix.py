"""The matrix of limits, as properties: never above a limit, cumulative, monotone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.money import matrix
from bot.rules.money.matrix import DECIDERS, NOTHING, UNLIMITED, Seat, Standing
from bot.rules.policy.load import load_policy
from bot.rules.policy.model import ConcessionLimit, Concessions
from bot.rules.words import Role

DEFAULT = load_policy().concessions
euro = st.integers(0, 10**7).map(Decimal)
some_euro = st.integers(1, 10**7).map(Decimal)
roles = st.sets(st.sampled_from(Role))
limits = st.builds(
    ConcessionLimit,
    st.sampled_from(Role),
    st.none() | st.integers(0, 10**6),
    st.integers(0, 100),
)
policies = st.builds(Concessions, st.lists(limits, max_size=6).map(tuple), st.integers(0, 10**6))
standings = st.builds(Standing, euro, euro, st.booleans())


@given(policies, roles, some_euro, standings)
def test_nobody_gives_alone_above_their_limit_or_in_a_legal_case(
    policy: Concessions, held: set[Role], worth: Decimal, standing: Standing
) -> None:
    if not matrix.seats_wanted(policy, held, worth, standing):
        in_all = standing.had + worth
        assert in_all <= matrix.own_limit(policy, held, standing.fee)
        assert in_all <= policy.two_approvers_above_eur
        assert not standing.legal


@given(policies, roles, some_euro, standings)
def test_nobody_approves_above_the_limit_that_the_policy_gives_them(
    policy: Concessions, held: set[Role], worth: Decimal, standing: Standing
) -> None:
    if matrix.may_approve(policy, held, worth, standing):
        assert held & set(DECIDERS)
        limit = matrix.deciding_limit(policy, held, standing.fee)
        assert standing.had + worth <= limit


@given(policies, roles, some_euro, some_euro, standings)
def test_two_halves_need_as_much_as_the_whole(
    policy: Concessions, held: set[Role], first: Decimal, second: Decimal, standing: Standing
) -> None:
    after = Standing(standing.had + first, standing.fee, standing.legal)
    whole = matrix.seats_wanted(policy, held, first + second, standing)
    halves = matrix.seats_wanted(policy, held, second, after)
    assert whole == halves
    assert matrix.may_approve(policy, held, second, after) == matrix.may_approve(
        policy, held, first + second, standing
    )


@given(policies, roles, some_euro, some_euro, standings)
def test_more_money_never_needs_fewer_people(
    policy: Concessions, held: set[Role], worth: Decimal, more: Decimal, standing: Standing
) -> None:
    less = set(matrix.seats_wanted(policy, held, worth, standing))
    assert less <= set(matrix.seats_wanted(policy, held, worth + more, standing))
    if matrix.may_approve(policy, held, worth + more, standing):
        assert matrix.may_approve(policy, held, worth, standing)


@given(policies, roles, roles, some_euro, standings)
def test_a_further_role_never_takes_a_limit_away(
    policy: Concessions, held: set[Role], more: set[Role], worth: Decimal, standing: Standing
) -> None:
    alone = matrix.left_alone(policy, held, standing)
    assert matrix.left_alone(policy, held | more, standing) >= alone
    if matrix.may_approve(policy, held, worth, standing):
        assert matrix.may_approve(policy, held | more, worth, standing)


@given(policies, roles, some_euro, standings)
def test_above_the_mark_two_people_and_in_a_legal_case_legal_too(
    policy: Concessions, held: set[Role], worth: Decimal, standing: Standing
) -> None:
    seats = matrix.seats_wanted(policy, held, worth, standing)
    above = standing.had + worth > policy.two_approvers_above_eur
    assert (Seat.SECOND in seats) is above
    assert (Seat.LEGAL in seats) is standing.legal
    assert not seats or seats[0] is Seat.MONEY


@pytest.mark.parametrize(
    ("role", "fee", "limit"),
    [
        (Role.AGENT, 0, 100),
        (Role.ESCALATION_MANAGER, 0, 1000),
        (Role.DIRECTOR, 0, 10000),
        (Role.DIRECTOR, 99_999, 10000),
        (Role.DIRECTOR, 500_000, 50_000),
        (Role.FINANCE_APPROVER, 0, "Infinity"),
        (Role.EXECUTIVE_OWNER, 0, "Infinity"),
        (Role.CSM, 10**6, 0),
    ],
)
def test_the_larger_of_an_amount_and_a_share_of_the_monthly_fee(
    role: Role, fee: int, limit: int | str
) -> None:
    found = matrix.deciding_limit(DEFAULT, {role}, Decimal(fee))
    own = matrix.own_limit(DEFAULT, {role}, Decimal(fee))
    deciding = role in DECIDERS
    assert found == (Decimal(limit) if deciding else NOTHING)
    assert own == (NOTHING if role is Role.EXECUTIVE_OWNER else Decimal(limit))


@pytest.mark.parametrize(
    ("amount", "currency", "worth"),
    [("500", "EUR", "500"), ("1000", "USD", "900.0"), ("10", "GBP", "11.50"), ("1", "XYZ", None)],
)
def test_other_currencies_are_worth_what_the_policy_says(
    amount: str, currency: str, worth: str | None
) -> None:
    found = matrix.convert_to_euro(DEFAULT, Decimal(amount), currency)
    assert found == (None if worth is None else Decimal(worth))


def test_without_an_upper_limit_the_mark_for_two_still_holds() -> None:
    held, none = {Role.FINANCE_APPROVER}, Standing()
    assert matrix.own_limit(DEFAULT, held) == UNLIMITED
    assert matrix.seats_wanted(DEFAULT, held, Decimal(10000), none) == ()
    assert matrix.seats_wanted(DEFAULT, held, Decimal(10001), none) == (Seat.MONEY, Seat.SECOND)
