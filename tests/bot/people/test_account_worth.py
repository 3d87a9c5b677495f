"""What accounts are worth is judged in euro, by the policy in force."""

from dataclasses import replace
from decimal import Decimal

from bot.people.account_worth import revalue_accounts
from bot.rules.money.worth import is_valued
from bot.rules.policy.load import Policy, load_policy
from storage.models import Account
from tests.bot.store import Keeper


def rated() -> Policy:
    usual = load_policy()
    rates = {"USD": Decimal("0.9"), "JPY": Decimal("0.006")}
    return replace(usual, concessions=replace(usual.concessions, rates=rates))


def test_a_currency_is_converted_and_one_without_a_rate_counts_for_nothing() -> None:
    policy = rated()
    worth = [(100_000, "EUR"), (99_999, "EUR"), (112_000, "USD"), (100_000, "USD")]
    assert [is_valued(policy, *each) for each in worth] == [True, False, True, False]
    assert not is_valued(policy, 10_000_000, "JPY")
    assert is_valued(policy, 17_000_000, "JPY")
    assert not is_valued(policy, 10**9, "TRY")
    assert not is_valued(policy, None, "EUR")
    assert is_valued(replace(policy, valued_from_eur=50_000), 60_000, "EUR")


async def test_accounts_are_judged_anew_when_the_policy_changes(keeper: Keeper) -> None:
    async with keeper.database.write() as session:
        session.add(Account(key="a", name="A", folded="a", arr=60_000))
        session.add(Account(key="b", name="B", folded="b", arr=200_000, currency="TRY"))
    for valued_from, expected in ((100_000, False), (50_000, True), (70_000, False)):
        async with keeper.database.write() as session:
            policy = replace(rated(), valued_from_eur=valued_from)
            assert await revalue_accounts(session, policy) == ["TRY"]
        async with keeper.database.read() as session:
            assert (await session.get_one(Account, "a")).valued is expected
            assert not (await session.get_one(Account, "b")).valued
