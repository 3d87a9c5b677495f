"""The process in figures: stretches in a status, the map of the lifecycle, what is kept."""

from datetime import UTC, date, datetime, timedelta

from bot.rules.learning.playbooks import load_playbooks
from bot.rules.lifecycle import TABLE
from bot.rules.policy.suspicious_pauses import Pause
from bot.rules.reports.course import STEPPING, CaseCourse, Entry, record_stays
from bot.rules.reports.lifecycle_map import (
    WAITED_FOR,
    playbooks_by_status,
    read_arrows,
    read_ends,
    read_way,
)
from bot.rules.reports.periods import Period, PeriodKind
from bot.rules.reports.process import count_pauses, measure_statuses
from bot.rules.reports.records import CaseClocks, CaseRecord, Stay
from bot.rules.words import ClockKind, Severity, Status, Trigger

AT = datetime(2026, 8, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = Period(PeriodKind.QUARTER, date(2026, 7, 1), date(2026, 9, 30), "UTC")


def entry(hours: float, before: str, after: str) -> Entry:
    """An entry so many hours after the first."""
    return Entry(AT + hours * HOUR, before, after)


def test_a_stretch_goes_from_one_step_to_the_next() -> None:
    told = [
        entry(0, "", "new"), entry(1, "new", "acknowledged"), entry(2, "acknowledged", "blocked"),
        entry(3, "acknowledged", "investigating"), entry(4, "investigating", "investigating"),
        entry(9, "investigating", "resolved"),
    ]  # fmt: skip
    assert record_stays(told, AT + 9 * HOUR) == (
        Stay(Status.NEW, AT, AT + HOUR),
        Stay(Status.ACKNOWLEDGED, AT + HOUR, AT + 3 * HOUR),
        Stay(Status.INVESTIGATING, AT + 3 * HOUR, AT + 9 * HOUR),
        Stay(Status.RESOLVED, AT + 9 * HOUR, None),
    )


def test_a_step_without_an_entry_makes_no_stretch_up() -> None:
    told = [
        entry(0, "", "new"), entry(1, "new", "acknowledged"), entry(5, "investigating", "mitigated")
    ]  # fmt: skip
    assert record_stays(told, None) == (
        Stay(Status.NEW, AT, AT + HOUR), Stay(Status.MITIGATED, AT + 5 * HOUR, None),
    )  # fmt: skip
    told = [entry(0, "", "investigating"), entry(8, "resolved", "review")]
    assert record_stays(told, AT + 6 * HOUR) == (
        Stay(Status.INVESTIGATING, AT, AT + 6 * HOUR),
        Stay(Status.RESOLVED, AT + 6 * HOUR, AT + 8 * HOUR),
        Stay(Status.REVIEW, AT + 8 * HOUR, None),
    )
    assert record_stays([], None) == ()


def test_what_is_kept_comes_back_as_it_was() -> None:
    course = CaseCourse(
        CaseClocks(), (AT,), (Stay(Status.NEW, AT, None), Stay(Status.REVIEW, AT, AT + HOUR)),
        (Pause("ESC-7", "resolution", "UEMMA", ("waiting_customer",), AT, None, AT + HOUR),),
    )  # fmt: skip
    assert CaseCourse.is_whole(course.to_spec())
    assert CaseCourse.from_spec(course.to_spec(), "ESC-7") == course
    assert not CaseCourse.is_whole(CaseClocks().to_spec())


def case(number: int, **fields: object) -> CaseRecord:
    """A case with what is counted here."""
    given = {
        "account": "a", "severity": Severity.SEV2, "status": Status.CLOSED,
        "trigger": Trigger.TECHNICAL, "received_at": AT,
    }  # fmt: skip
    return CaseRecord(number=number, **{**given, **fields})  # type: ignore[arg-type]


def test_a_median_is_of_what_ended_in_the_period_and_of_five_at_least() -> None:
    stays = [Stay(Status.NEW, AT, AT + n * HOUR) for n in (1, 2, 3, 4)]
    before = Stay(Status.NEW, AT - 60 * 24 * HOUR, AT - 50 * 24 * HOUR)
    cases = [case(n, stays=(stay, before)) for n, stay in enumerate(stays)]
    found = {each.status: each for each in measure_statuses(cases, {Status.NEW: 9}, PERIOD)}
    assert (found[Status.NEW].now, found[Status.NEW].left) == (9, 4)
    assert found[Status.NEW].median is None
    cases.append(case(9, stays=(Stay(Status.NEW, AT, AT + 50 * HOUR),)))
    found = {each.status: each for each in measure_statuses(cases, {}, PERIOD)}
    assert found[Status.NEW].median == 3 * HOUR
    assert found[Status.REVIEW].left == 0


def test_pauses_are_counted_in_the_period_in_which_they_began() -> None:
    due = AT + HOUR
    near = Pause("ESC-1", "resolution", "U1", (), due - HOUR / 4, due + 9 * HOUR, due)
    far = Pause("ESC-2", "resolution", "U2", (), AT - 9 * HOUR, AT, due + 90 * HOUR)
    old = Pause("ESC-3", "resolution", "U1", (), AT - 99 * 24 * HOUR, None, None)
    found = count_pauses([case(1, pauses=(near, old)), case(2, pauses=(far,))], PERIOD)
    assert (found.standing_out.part, found.standing_out.n) == (1, 2)
    assert [count for _, count in found.signs] == [1, 0, 0, 0]


def test_the_map_is_the_table_of_the_lifecycle() -> None:
    arrows = read_arrows()
    assert {(each.source, verb): each.target for each in arrows for verb in each.verbs} == {
        key: step.to for key, step in TABLE.items()
    }
    assert len({(each.source, each.target) for each in arrows}) == len(arrows)
    assert [*read_way(), *read_ends()] == list(Status)
    assert read_ends() == (Status.DISMISSED, Status.MERGED)
    assert {verb for _, verb in TABLE} <= STEPPING


def test_playbooks_stand_where_their_clock_is_waited_for() -> None:
    found = {
        status: [each.key for each in some]
        for status, some in playbooks_by_status(load_playbooks().values()).items()
    }
    assert found[Status.NEW] == ["absent_manager"]
    assert "missed_commitment" in found[Status.INVESTIGATING]
    assert not any("outage" in some for some in found.values())
    beside = {ClockKind.NEXT_REPLY, ClockKind.CHECK_IN, ClockKind.HANDOFF,
              ClockKind.EXECUTIVE_ACKNOWLEDGE, ClockKind.EXECUTIVE_CALL}  # fmt: skip
    assert set(WAITED_FOR) == set(ClockKind) - beside
