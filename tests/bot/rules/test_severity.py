"""The severity helper: a first idea from a few plain questions; and what a priority is made of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations, product
from typing import Any

import pytest

from bot.rules.facts import AccountFacts
from bot.rules.severity import (
    ORDER,
    SIGNS,
    Ranked,
    Standing,
    next_turn,
    rank,
    rank_case,
    suggest_severity,
)
from bot.rules.words import Severity, Status, Urgency
from tests.messages.sample_cases import case


@pytest.mark.parametrize(
    ("signs", "severity"),
    [
        ((), None),
        (("business_stopped",), Severity.SEV1),
        (("data_security_legal",), Severity.SEV1),
        (("no_workaround",), Severity.SEV3),
        (("many_users",), Severity.SEV3),
        (("deadline_near",), Severity.SEV3),
        (("no_workaround", "many_users"), Severity.SEV2),
        (("many_users", "deadline_near"), Severity.SEV2),
        (("no_workaround", "many_users", "deadline_near"), Severity.SEV2),
        (("something else",), None),
    ],
)
def test_signs_speak_for_a_severity(signs: tuple[str, ...], severity: Severity | None) -> None:
    assert suggest_severity(signs) == severity


def test_one_more_sign_never_lowers_the_severity() -> None:
    every = chain.from_iterable(combinations(SIGNS, n) for n in range(len(SIGNS)))
    for signs in every:
        for more in SIGNS:
            before, after = suggest_severity(signs), suggest_severity({*signs, more})
            assert after is not None
            assert before is None or after <= before


def ranked(
    severity: int, urgency: str | None, arr: int = 0, renews: int | None = None, left: int = 0
) -> Ranked:
    """The ranking of a case; ``renews`` in days, ``left`` in hours until the deadline, 0: none."""
    some = case(Status.INVESTIGATING)
    day = None if renews is None else some.now.date() + timedelta(days=renews)
    return rank_case(
        replace(
            some,
            severity=Severity(severity),
            urgency=Urgency(urgency) if urgency else None,
            account=AccountFacts("acme", "Acme", valued=arr >= 100_000, renewal=day),
            deadline=some.now + timedelta(hours=left) if left else None,
        )
    )


@pytest.mark.parametrize(
    ("given", "priority", "reasons"),
    [
        ((1, None), "urgent", "now"),
        ((2, None), "high", ""),
        ((3, None), "normal", ""),
        ((4, None), "low", ""),
        ((2, "now"), "urgent", "now"),
        ((3, "later"), "low", "later"),
        ((1, "later"), "high", "later"),
        ((3, None, 100_000), "high", "value"),
        ((3, None, 99_999, 90), "high", "renewal"),
        ((3, None, 500_000, 10), "high", "value renewal"),
        ((3, None, 0, 91), "normal", ""),
        ((3, None, 0, -1), "normal", ""),
        ((4, None, 0, None, 24), "urgent", "deadline"),
        ((4, None, 0, None, 72), "normal", "deadline"),
        ((4, None, 0, None, 73), "low", ""),
        ((4, None, 0, None, -1), "low", ""),
    ],
)
def test_a_priority_is_made_of_severity_urgency_account_and_deadline(
    given: tuple[Any, ...], priority: str, reasons: str
) -> None:
    found = ranked(*given)
    assert (found.priority, found.reasons) == (priority, ("severity", *reasons.split()))


def test_what_is_graver_or_more_urgent_is_never_ranked_lower() -> None:
    for arr, left in product((0, 200_000), (0, 20, 60, 200)):
        places = [
            [
                ORDER.index(ranked(severity, urgency, arr, None, left).priority)
                for urgency in Urgency
            ]
            for severity in Severity
        ]
        assert all(row == sorted(row) for row in places)
        assert all(list(column) == sorted(column) for column in zip(*places, strict=True))


NOW = datetime(2026, 2, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize("deadline", [None, *(NOW + timedelta(hours=h) for h in (-5, 5, 50, 200))])
@pytest.mark.parametrize("renewal", [None, *(NOW.date() + timedelta(days=d) for d in (-1, 0, 91))])
def test_between_two_turns_time_changes_no_priority(
    deadline: datetime | None, renewal: date | None
) -> None:
    what = Standing(Severity.SEV3, None, deadline, renewal=renewal)
    ranked, turn = rank(what, NOW), next_turn(what, NOW)
    for hour in range(24 * 100):
        at = NOW + timedelta(hours=hour)
        if turn is not None and at >= turn:
            ranked, turn = rank(what, turn), next_turn(what, turn)
        assert rank(what, at) == ranked
