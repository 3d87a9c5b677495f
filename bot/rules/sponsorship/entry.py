"""What an entry score begins with. Pure."""

BASE = 40
EACH_CASE, CASES_MAX = 15, 2  # executive cases within a year
RENEWAL = 20  # within half a year
TIER = 10  # an account that is of a tier


def score_entry(executive_cases: int, *, renewal_near: bool, has_tier: bool) -> int:
    """0 to 100; the cases weigh most, as they are why executives are wanted.

    An account begins with ``BASE``. More than ``CASES_MAX`` cases add nothing.
    """
    cases = EACH_CASE * min(executive_cases, CASES_MAX)
    return BASE + cases + RENEWAL * renewal_near + TIER * has_tier
