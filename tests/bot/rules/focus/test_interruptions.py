"""What reaches a technical lead in focus, and what waits."""

import pytest

from bot.rules.focus.interruptions import Passes, asks_check_in, judge_message

KEPT, BREAKS, QUIET, GONE = Passes.KEPT, Passes.INTERRUPTS, Passes.QUIETLY, Passes.DROPPED


@pytest.mark.parametrize(
    ("text", "extra", "passes"),
    [
        ("reminder", {"clock": "workaround", "threshold": "breach"}, BREAKS),
        ("reminder", {"clock": "next_update", "threshold": "ladder:1"}, BREAKS),
        ("reminder", {"clock": "resolution", "threshold": "warn:75"}, KEPT),
        ("reminder", {"clock": "resolution", "threshold": "overdue:2026-02-11"}, KEPT),
        ("reminder", {"clock": "handoff:3", "threshold": "breach"}, KEPT),
        ("reminder", {"clock": "postmortem_held", "threshold": "breach"}, KEPT),
        ("reminder", {"clock": "check_in", "threshold": "breach"}, GONE),
        ("notice:breach_brief", {}, BREAKS),
        ("notice:report_added", {}, BREAKS),
        ("notice:severity_changed", {"before": 3}, BREAKS),
        ("notice:severity_changed", {"before": 1}, KEPT),
        ("notice:severity_changed", {"before": 2}, KEPT),
        ("notice:focus_interrupted", {}, BREAKS),
        ("notice:focus_check_in", {}, QUIET),
        ("focus:over", {}, QUIET),
        ("notice:worked_then", {}, KEPT),
        ("notice:handover_offered", {}, KEPT),
        ("playbook:step_overdue", {}, KEPT),
    ],
)
def test_a_breach_new_harm_and_a_manager_interrupt_and_nothing_else(
    text: str, extra: dict[str, object], passes: Passes
) -> None:
    assert judge_message(text, extra, 2) is passes


def test_the_clock_of_check_ins_is_known_whoever_hears_it() -> None:
    assert asks_check_in("reminder", {"clock": "check_in"})
    assert not asks_check_in("reminder", {"clock": "workaround"})
    assert not asks_check_in("notice:check_in", {"clock": "check_in"})
