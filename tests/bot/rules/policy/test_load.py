"""The default policy is complete; a wrong one is refused with every mistake named."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.rules.policy.clock_events import severity_events, start_event
from bot.rules.policy.load import PolicyError, load_policy, policy_from_spec
from bot.rules.policy.model import MatrixEvent, own_meanings
from bot.rules.sla import EventKind, Target, replay
from bot.rules.words import ClockKind, HoldReason, Language, Notice, Role, Severity

TUESDAY_MORNING = datetime(2026, 2, 10, 7, 0, tzinfo=UTC)  # 09:00 in Athens


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(tmp_path: Path, text: str) -> dict[str, tuple[str, str, str]]:
    with pytest.raises(PolicyError) as caught:
        load_policy(written(tmp_path, text))
    return {p.key: (p.message, p.allowed, p.suggestion) for p in caught.value.problems}


@pytest.mark.parametrize(
    ("severity", "kind", "target", "calendar"),
    [
        (Severity.SEV1, ClockKind.ACKNOWLEDGE, Target(minutes=15), "always"),
        (Severity.SEV1, ClockKind.RESOLUTION, Target(minutes=24 * 60), "always"),
        (Severity.SEV1, ClockKind.POSTMORTEM_HELD, Target(calendar_days=3), "business"),
        (Severity.SEV2, ClockKind.NEXT_UPDATE, Target(minutes=240), "always"),
        (Severity.SEV2, ClockKind.WORKAROUND, Target(minutes=480), "business"),
        (Severity.SEV2, ClockKind.POSTMORTEM_HELD, Target(business_days=5), "business"),
        (Severity.SEV3, ClockKind.RESOLUTION, Target(minutes=80 * 60), "business"),
        (Severity.SEV4, ClockKind.CHECK_IN, None, ""),
    ],
)
def test_the_default_targets(
    severity: Severity, kind: ClockKind, target: Target | None, calendar: str
) -> None:
    clock = load_policy().clock(severity, kind)
    assert (clock.target, clock.calendar) == (target, calendar)


def test_only_resolution_workaround_and_slow_updates_wait() -> None:
    policy = load_policy()
    waits = {
        (severity, kind): set(clock.pause_on)
        for severity in Severity
        for kind, clock in policy.severity(severity).clocks.items()
        if clock.pause_on
    }
    work = {ClockKind.RESOLUTION, ClockKind.WORKAROUND}
    assert {key for key, why in waits.items() if why == {"waiting_customer"}} == {
        (Severity.SEV3, ClockKind.NEXT_UPDATE),
        (Severity.SEV4, ClockKind.NEXT_UPDATE),
    }
    assert {kind for (_, kind), why in waits.items() if why == set(HoldReason)} == work


def test_the_ladder_of_each_severity() -> None:
    policy = load_policy()
    assert policy.severity(Severity.SEV1).ladder_minutes == (0, 15, 30, 60)
    assert policy.severity(Severity.SEV3).ladder_minutes == (0, 30, 120, 240)
    assert policy.severity(Severity.SEV2).ladder[3].roles == (Role.EXECUTIVE_OWNER,)


def test_the_business_calendar_keeps_greek_holidays() -> None:
    business = load_policy().calendars["business"]
    holy_thursday = datetime(2026, 4, 9, 12, 0, tzinfo=UTC)
    assert business.add(holy_thursday, timedelta(hours=6)) == datetime(2026, 4, 14, 10, tzinfo=UTC)


def test_the_matrix_answers_by_event_and_severity() -> None:
    policy = load_policy()
    assert policy.notices(MatrixEvent.OPEN, Severity.SEV1)[Role.SUPPORT_LEAD] is Notice.PAGE
    assert set(policy.notices(MatrixEvent.BREACH, Severity.SEV2)) == {Role.ESCALATION_MANAGER}
    assert Role.ACCOUNT_EXECUTIVE in policy.notices(MatrixEvent.RESOLVED, Severity.SEV3)
    assert Role.EXECUTIVE_OWNER in policy.notices(MatrixEvent.RESOLVED, Severity.SEV1)


def test_the_technical_lead_hears_only_of_technical_clocks_at_risk(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, '[matrix.at_risk.all]\ntechnical_lead = "dm"\n'))
    for kind, hears in [(ClockKind.RESOLUTION, True), (ClockKind.NEXT_UPDATE, False)]:
        row = policy.notices(MatrixEvent.AT_RISK, Severity.SEV2, kind)
        assert (Role.TECHNICAL_LEAD in row) is hears


def test_a_file_changes_only_what_it_names(tmp_path: Path) -> None:
    text = '[severities.SEV3.clocks]\nresolution = { target = "2h 30m" }\n'
    own, default = load_policy(written(tmp_path, text)), load_policy()
    clock = own.clock(Severity.SEV3, ClockKind.RESOLUTION)
    assert clock.target == Target(minutes=150)
    assert clock.calendar == "business"
    assert own.severity(Severity.SEV2) == default.severity(Severity.SEV2)
    assert own.version != default.version


def test_a_calendar_of_the_file_replaces_its_namesake(tmp_path: Path) -> None:
    text = """
    [calendars.business]
    tz = "America/New_York"
    weekly_hours = { mon = [["09:00", "18:00"]] }
    holidays = [2026-02-16]
    [calendars.sun]
    union = ["business", "always"]
    """
    policy = load_policy(written(tmp_path, text))
    assert policy.calendars["business"].next_open(TUESDAY_MORNING) == datetime(
        2026, 2, 23, 14, tzinfo=UTC
    )
    assert policy.calendars["sun"].never_closes


def test_a_policy_survives_storage() -> None:
    policy = load_policy()
    assert policy_from_spec(json.loads(json.dumps(policy.spec))) == policy


def test_what_nothing_acts_on_is_named_wherever_it_stands(tmp_path: Path) -> None:
    text = "[severities.SEV2.clocks.action_item]\nwarn_pct = [50]\n"
    idle = ("severities.SEV2.clocks.action_item.warn_pct",)
    assert load_policy(written(tmp_path, text)).unheeded == idle
    assert load_policy().unheeded == ()


def test_concessions_have_rates_months_and_days(tmp_path: Path) -> None:
    text = """[concessions]
cumulative_months = 6
fulfil_within_business_days = 5
rates = { SEK = 0.09 }
"""
    found = load_policy(written(tmp_path, text)).concessions
    assert (found.cumulative_months, found.fulfil_within_business_days) == (6, 5)
    assert found.rates["SEK"] == Decimal("0.09")


@pytest.mark.parametrize("wrong", ['rates = { SEK = 0 }', 'rates = { SEK = "x" }',
                                   "rates = { krona = 1 }", "rates = { EUR = 2 }", "rates = 3",
                                   "rates = { SEK = nan }", "cumulative_months = 0"])  # fmt: skip
def test_a_wrong_rate_is_a_mistake_with_its_place(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(PolicyError, match="concessions"):
        load_policy(written(tmp_path, f"[concessions]\n{wrong}\n"))


def test_a_severity_means_what_the_organisation_says_in_all_its_languages(tmp_path: Path) -> None:
    half = '[severities.SEV1.meaning]\nen = "A plant stands still"\n'
    assert set(mistakes(tmp_path, half)) == {"severities.SEV1.meaning.el"}
    own = load_policy(written(tmp_path, half + 'el = "Ένα εργοστάσιο σταμάτησε"\n'))
    assert own_meanings(own) == {
        (Language.ENGLISH, "severity_meaning.sev1"): "A plant stands still",
        (Language.GREEK, "severity_meaning.sev1"): "Ένα εργοστάσιο σταμάτησε",
    }
    assert own_meanings(load_policy()) == {}


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    text = """
    timezne = "Europe/Athens"
    timezone = "Europe/Athns"
    [calendars.shop]
    tz = "Europe/Athens"
    country = "ZZ"
    weekly_hours = { mon = [["9:00", "17:00"]], tue = [["10:00", "10:00"]] }
    [severities.SEV2.clocks]
    resolutoin = { target = "4h" }
    workaround = { calendar = "busines", pause_on = ["waiting_engineering"], warn_pct = [90, 50] }
    resolution = { target = "four hours" }
    [matrix.breach.all]
    csm = "email"
    [roles]
    legal = ["bob"]
    [retention]
    case_months = 0
    [customers]
    phone = "ask at the desk"
    """
    found = mistakes(tmp_path, text)
    assert set(found) == {
        "timezne",
        "timezone",
        "calendars.shop.country",
        "calendars.shop.weekly_hours.mon",
        "calendars.shop.weekly_hours.tue",
        "severities.SEV2.clocks.resolutoin",
        "severities.SEV2.clocks.workaround.calendar",
        "severities.SEV2.clocks.workaround.pause_on",
        "severities.SEV2.clocks.workaround.warn_pct",
        "severities.SEV2.clocks.resolution.target",
        "matrix.breach.all.csm",
        "roles.legal",
        "retention.case_months",
        "customers.phone",
    }
    assert found["timezne"][2] == "timezone"
    assert found["timezone"][2] == "Europe/Athens"
    assert found["severities.SEV2.clocks.resolutoin"][2] == "resolution"
    assert found["severities.SEV2.clocks.workaround.calendar"][2] == "business"
    assert found["retention.case_months"][1] == "1 to 1200"


def test_a_calendar_without_hours_is_not_taken_for_around_the_clock(tmp_path: Path) -> None:
    found = mistakes(tmp_path, '[calendars.shop]\ntz = "Europe/Athens"\n')
    assert found["calendars.shop.weekly_hours"][0] == "is missing"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = [", "Invalid value"),
        ("severities = 3", "is not a table"),
        ("calendars = []", "is not a table"),
        ("[severities.SEV1]\nladder = 5", "is not a list of tables"),
    ],
)
def test_what_is_no_policy_is_refused_without_a_trace(tmp_path: Path, text: str, says: str) -> None:
    assert any(says in message for message, _, _ in mistakes(tmp_path, text).values())


def test_a_missing_file_is_a_problem_too(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="No such file"):
        load_policy(tmp_path / "absent.toml")


def test_a_severity_change_lets_a_waiting_update_run_again() -> None:
    policy = load_policy()
    events = [
        start_event(policy, Severity.SEV3, "next_update", TUESDAY_MORNING),
        *severity_events(
            policy, Severity.SEV2, ["next_update"], TUESDAY_MORNING + timedelta(hours=1)
        ),
    ]
    state = replay([e for e in events if e], policy.calendars_by_key)["next_update"]
    assert state.due == TUESDAY_MORNING + timedelta(hours=5)
    assert state.ladder_minutes == (0, 30, 120, 240)


def test_a_clock_that_the_new_severity_has_not_is_cancelled() -> None:
    policy = load_policy()
    [event] = severity_events(policy, Severity.SEV4, ["workaround"], TUESDAY_MORNING)
    assert event.kind is EventKind.CANCEL
    assert start_event(policy, Severity.SEV4, "workaround", TUESDAY_MORNING) is None


def test_limits_are_checked_and_have_defaults(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, "[limits]\nopenings_per_hour = 5"))
    assert (policy.limits.openings_per_hour, policy.limits.requests_per_hour) == (5, 30)
    earlier = {key: value for key, value in policy.spec.items() if key != "limits"}
    assert policy_from_spec(earlier).limits.openings_per_hour == 10
    found = mistakes(tmp_path, "[limits]\nopenings_per_hour = 0\nrequest_per_hour = 9")
    assert set(found) == {"limits.openings_per_hour", "limits.request_per_hour"}
    assert found["limits.request_per_hour"][2] == "requests_per_hour"


def test_an_approval_holds_for_as_long_as_the_policy_says(tmp_path: Path) -> None:
    assert load_policy().approval_good_for == timedelta(hours=4)
    own = load_policy(written(tmp_path, '[approvals]\ngood_for = "1h 30m"\n'))
    assert own.approval_good_for == timedelta(minutes=90)
    older = {**own.spec, "approvals": {"two_for_severities": []}}  # of an older version
    assert policy_from_spec(older).approval_good_for == timedelta(hours=4)


@pytest.mark.parametrize("wrong", ['"2 business days"', '"soon"', '"none"', '"0m"', "4"])
def test_a_wrong_length_of_an_approval_is_named(tmp_path: Path, wrong: str) -> None:
    (key,) = mistakes(tmp_path, f"[approvals]\ngood_for = {wrong}\n")
    assert key == "approvals.good_for"
