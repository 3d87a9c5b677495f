"""When the customer is asked how it goes: on days on which they are owed news."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.feedback import surveys
from bot.rules.policy.load import Policy, load_policy
from bot.rules.tokens import LinkKind
from bot.rules.words import ClockKind, Severity
from storage.models import Asking

ATHENS = ZoneInfo("Europe/Athens")
FRIDAY_EVENING = datetime(2026, 2, 13, 17, 0, tzinfo=ATHENS)


def work_at(now: datetime, policy: Policy | None = None) -> Any:
    """What planning needs of a unit of work."""
    return SimpleNamespace(now=now, policy=policy or load_policy())


def case_of(severity: Severity) -> Any:
    """What planning needs of a case."""
    return SimpleNamespace(number=1, severity=severity.value, sensitive=False)


@pytest.mark.parametrize(
    ("severity", "asked"),
    [(Severity.SEV1, "Sat 10:00"), (Severity.SEV2, "Fri 10:00"), (Severity.SEV3, "Fri 10:00")],
)
def test_a_pulse_is_a_day_or_a_week_later_in_the_morning(severity: Severity, asked: str) -> None:
    at = surveys.next_pulse(work_at(FRIDAY_EVENING), case_of(severity), FRIDAY_EVENING)
    assert f"{at:%a %H:%M}" == asked


def test_a_pulse_of_office_hours_gives_way_to_a_holiday() -> None:
    before = datetime(2026, 4, 6, 12, 0, tzinfo=ATHENS)  # a week before Easter Monday
    for severity, day in ((Severity.SEV3, 14), (Severity.SEV2, 13)):
        at = surveys.next_pulse(work_at(before), case_of(severity), before)
        assert (at.day, at.hour) == (day, 10)


async def test_after_a_miss_the_customer_is_asked_in_open_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for severity, asked in ((Severity.SEV3, "Mon 11:00"), (Severity.SEV2, "Fri 19:00")):
        plan = Asking(case_number=1, pulse_at=FRIDAY_EVENING + timedelta(days=7))

        async def planned(*_: object, row: Asking = plan) -> Asking:
            return row

        monkeypatch.setattr(surveys, "survey_plan", planned)
        monkeypatch.setattr(surveys, "may_ask_customer", lambda *_: True)
        work = work_at(FRIDAY_EVENING)
        work.session = SimpleNamespace(add=lambda _: None)
        await surveys.hurry_pulse(work, case_of(severity))
        assert plan.pulse_at is not None
        assert f"{plan.pulse_at.astimezone(ATHENS):%a %H:%M}" == asked


def test_a_policy_without_a_confirmation_has_a_survey_all_the_same() -> None:
    policy = load_policy(Path("tests/data/holidays/policy-gb.toml"))
    terms = policy.severities[Severity.SEV3]
    clocks = {**terms.clocks, ClockKind.CUSTOMER_CONFIRMATION: policy.severities[Severity.SEV4].
              clocks[ClockKind.CHECK_IN]}  # fmt: skip
    bare = replace(policy, severities={**policy.severities, Severity.SEV3: replace(
        terms, clocks=clocks)})  # fmt: skip
    by, _ = surveys.call_by(work_at(FRIDAY_EVENING, bare), case_of(Severity.SEV3), LinkKind.SURVEY)
    assert by > FRIDAY_EVENING
