"""What an account is worth to us, by the policy's rates. Pure."""

from decimal import Decimal

from bot.rules.money.matrix import EURO, convert_to_euro
from bot.rules.policy.model import Policy


def is_valued(policy: Policy, arr: int | None, currency: str) -> bool:
    """Whether the account's yearly revenue raises the priority of its cases.

    ``arr`` is in whole units of ``currency``; of a currency without a rate it raises nothing.
    """
    worth = convert_to_euro(policy.concessions, Decimal(arr or 0), currency or EURO)
    return worth is not None and worth >= policy.valued_from_eur
