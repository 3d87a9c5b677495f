"""The pure rules of one problem with many customers: audiences, pasted lines, the one clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.rules.policy.load import load_policy
from bot.rules.problems import affected_csv, audience, update_clock
from bot.rules.problems.facts import AffectedFacts
from bot.rules.words import Language, Severity

T0 = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)


def affected(number: int, customer: str, **facts: object) -> AffectedFacts:
    """A customer who has the problem."""
    return AffectedFacts(number, customer, "x", "UANNA", T0, **facts)  # type: ignore[arg-type]


ALPHA = affected(1, "Alpha", tier="gold", language=Language.GREEK, contact="Μαρία")
BETA = affected(2, "Beta", tier="gold", region="North", told=True)
GAMMA = affected(3, "Gamma", tier="basic")
ALL = (ALPHA, BETA, GAMMA)


def test_audiences_are_counted_and_everybody_comes_first() -> None:
    assert audience.list_audiences(ALL) == {
        "all": 3, "untold": 2, "language:el": 1, "language:en": 2, "region:North": 1,
        "tier:basic": 1, "tier:gold": 2,
    }  # fmt: skip


def test_an_audience_that_is_everybody_is_not_offered_twice() -> None:
    assert list(audience.list_audiences([GAMMA])) == ["all", "untold"]


def test_members_are_those_of_the_segment() -> None:
    assert audience.audience_members(ALL, "tier:gold") == [ALPHA, BETA]
    assert audience.audience_members(ALL, "untold") == [ALPHA, GAMMA]
    assert audience.audience_members(ALL, "all") == list(ALL)


def test_the_languages_are_those_that_somebody_reads() -> None:
    assert audience.audience_languages(ALL) == (Language.ENGLISH, Language.GREEK)
    assert audience.audience_languages([BETA]) == (Language.ENGLISH,)


def test_a_text_becomes_each_ones_own() -> None:
    texts = {"en": "Dear {contact} of {customer}", "el": "Κυρία {contact}"}
    assert audience.text_for(texts, ALPHA) == "Κυρία Μαρία"
    assert audience.text_for(texts, GAMMA) == "Dear Gamma of Gamma"
    assert audience.personal_text("{other} {{contact}} %s", GAMMA) == "{other} {Gamma} %s"


def test_lines_from_a_spreadsheet_are_read() -> None:
    text = 'Customer\tevidence\tlink\nAlpha\tIt, fails\thttps://x.example/1\n\nBeta\t"two\tparts"'
    lines, wrong = affected_csv.read_affected(text)
    assert wrong == []
    assert [(line.customer, line.evidence) for line in lines] == [
        ("Alpha", "It, fails"),
        ("Beta", "two\tparts"),
    ]
    assert lines[0].link == "https://x.example/1"


def test_every_mistake_is_told_with_its_line() -> None:
    text = "Alpha, ok\n, no name\nBeta\nGamma, x, ftp://y\nDelta, a, https://z.example, more"
    _, wrong = affected_csv.read_affected(text)
    assert [(m.line, m.kind) for m in wrong] == [
        (2, "customer"), (3, "evidence"), (4, "link"), (5, "columns"),
    ]  # fmt: skip
    assert [m.kind for m in affected_csv.read_affected("")[1]] == ["empty"]
    many = "\n".join(f"C{n}, x" for n in range(affected_csv.LINES_MAX + 1))
    assert [(m.line, m.kind) for m in affected_csv.read_affected(many)[1]] == [(201, "many")]


def test_a_customer_in_two_lines_is_told() -> None:
    lines, _ = affected_csv.read_affected("Alpha, x\nBeta, y\nALPHA, z")
    keys = {1: "alpha", 2: "beta", 3: "alpha"}
    assert [m.line for m in affected_csv.repeated_lines(lines, keys)] == [3]


def test_the_clock_warns_breaks_and_climbs_in_order() -> None:
    policy = load_policy(None)
    due = update_clock.next_update_due(policy, Severity.SEV1, T0)
    assert due == T0 + timedelta(hours=1)
    known = update_clock.update_thresholds(policy, Severity.SEV1, T0, due)
    names = [each.name for each in known]
    assert names == ["warn:50", "warn:75", "warn:90", "breach", "ladder:15", "ladder:30",
                     "ladder:60"]  # fmt: skip
    assert update_clock.next_threshold_at(known, None) == T0 + timedelta(minutes=30)
    late = update_clock.thresholds_reached(known, None, due + timedelta(minutes=20))
    assert late[-1].name == "ladder:15"
    assert update_clock.thresholds_reached(known, late[-1].at, due + timedelta(minutes=20)) == []
    assert update_clock.next_threshold_at(known, known[-1].at) is None


def test_office_hours_count_for_lesser_problems() -> None:
    policy = load_policy(None)
    evening = datetime(2026, 2, 13, 14, 0, tzinfo=UTC)  # Friday, an hour before closing
    due = update_clock.next_update_due(policy, Severity.SEV3, evening)
    assert due == datetime(2026, 2, 16, 14, 0, tzinfo=UTC)  # 8 h: one on Friday, seven on Monday


ATHENS = ZoneInfo("Europe/Athens")
FRIDAY_AT_FOUR = datetime(2026, 2, 13, 16, 0, tzinfo=ATHENS)
OFFICE_CLOSES = 17


def local_warnings(severity: Severity, began: datetime, ends: datetime) -> list[str]:
    """The weekday and the time in Athens of each warning."""
    known = update_clock.update_thresholds(load_policy(None), severity, began, ends)
    return [f"{t.at.astimezone(ATHENS):%a %H:%M}" for t in known if t.name.startswith("warn")]


def test_warnings_are_shares_of_open_time_not_of_the_weekend() -> None:
    due = update_clock.next_update_due(load_policy(None), Severity.SEV3, FRIDAY_AT_FOUR)
    assert f"{due.astimezone(ATHENS):%a %H:%M}" == "Mon 16:00"
    said = local_warnings(Severity.SEV3, FRIDAY_AT_FOUR, due)
    assert said == ["Mon 12:00", "Mon 14:00", "Mon 15:12"]


def test_a_problem_around_the_clock_is_warned_of_at_any_hour() -> None:
    due = FRIDAY_AT_FOUR + timedelta(hours=8)
    assert local_warnings(Severity.SEV1, FRIDAY_AT_FOUR, due) == [
        "Fri 20:00", "Fri 22:00", "Fri 23:12",
    ]  # fmt: skip


def test_a_promise_for_a_closed_hour_is_warned_of_before_the_office_closes() -> None:
    saturday = FRIDAY_AT_FOUR + timedelta(days=1)
    said = local_warnings(Severity.SEV3, FRIDAY_AT_FOUR, saturday)
    assert said == ["Fri 16:30", "Fri 16:45", "Fri 16:54"]
    from_saturday = local_warnings(Severity.SEV3, saturday, saturday + timedelta(hours=10))
    assert from_saturday == ["Sat 21:00", "Sat 23:30", "Sun 01:00"]  # promised: the wall clock only


def test_an_interval_in_days_is_that_of_the_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    update = 'next_update = { target = "2 business days", calendar = "business" }'
    file.write_text(f"[severities.SEV4.clocks]\n{update}\n")
    policy = load_policy(file)
    due = update_clock.next_update_due(policy, Severity.SEV4, FRIDAY_AT_FOUR)
    assert f"{due.astimezone(ATHENS):%a %H:%M}" == "Tue 17:00"
    known = update_clock.update_thresholds(policy, Severity.SEV4, FRIDAY_AT_FOUR, due)
    assert all(each.at.astimezone(ATHENS).hour < OFFICE_CLOSES for each in known[:3])


def test_without_an_interval_it_is_a_day(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[severities.SEV4.clocks]\nnext_update = { target = "none" }\n')
    due = update_clock.next_update_due(load_policy(file), Severity.SEV4, FRIDAY_AT_FOUR)
    assert due == FRIDAY_AT_FOUR + timedelta(days=1)
