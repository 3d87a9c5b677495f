"""The policy's table ``[concessions]``: limits by role, rates, and the times that count."""

import re
from decimal import Decimal

from bot.rules.policy.model import ConcessionLimit, Concessions
from bot.rules.policy.reader import Table, WrongValueError, one_of, whole_number
from bot.rules.words import Role

KEYS = (
    "limits", "two_approvers_above_eur", "rates", "fulfil_within_business_days",
    "cumulative_months",
)  # fmt: skip
LIMIT_KEYS = ("role", "up_to_eur", "or_monthly_fee_pct")
CODE = re.compile(r"[A-Z]{3}")
EURO = "EUR"
EURO_MAX = 1_000_000_000
DAYS, MONTHS = whole_number(1, 365), whole_number(1, 120)


def read_concessions(top: Table) -> Concessions:
    """The table; a policy from before some of its keys has their defaults, and no rates."""
    table = top.table("concessions", KEYS)
    euro = whole_number(0, EURO_MAX)
    return Concessions(
        limits=tuple(_limit(entry) for entry in table.tables("limits", LIMIT_KEYS)),
        two_approvers_above_eur=table.required("two_approvers_above_eur", euro, 0),
        rates=_rates(table),
        fulfil_within_business_days=table.value("fulfil_within_business_days", DAYS, 10),
        cumulative_months=table.value("cumulative_months", MONTHS, 12),
    )


def _limit(entry: Table) -> ConcessionLimit:
    return ConcessionLimit(
        role=entry.required("role", one_of(Role), Role.AGENT),
        up_to_eur=entry.value("up_to_eur", whole_number(0, EURO_MAX), None),
        or_monthly_fee_pct=entry.value("or_monthly_fee_pct", whole_number(0, 100), 0),
    )


def _rates(table: Table) -> dict[str, Decimal]:
    raw = table.raw.get("rates", {})
    codes = [code for code in raw if CODE.fullmatch(code)] if isinstance(raw, dict) else []
    rates = table.table("rates", [code for code in codes if code != EURO])
    return {code: rates.value(code, _rate, Decimal(1)) for code in codes if code != EURO}


def _rate(value: object) -> Decimal:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    rate = Decimal(str(value)) if number else Decimal(0)
    if not (rate.is_finite() and 0 < rate <= EURO_MAX):
        raise WrongValueError(f"{value!r} is not a rate", "euro for one unit, more than 0")
    return rate
