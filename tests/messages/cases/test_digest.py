"""An executive's morning: ten lines, decisions first, nothing twice, nothing that leaks."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.rules.facts import DigestFacts, OwedFacts, TrendFacts
from bot.rules.states import Trend, TrendReason
from bot.rules.words import Language, Status
from messages.cases.digest import LINES_MAX, digest_message
from tests.messages.limits import check_all_harmless, check_blocks, check_harmless
from tests.messages.said import actions, buttons, everything
from tests.messages.sample_cases import HOSTILE, IRIS, NOW, ask, case, clock, hostile

EN, EL = Language.ENGLISH, Language.GREEK


def morning(**changes: Any) -> DigestFacts:
    """What one executive should know."""
    facts: dict[str, Any] = {
        "asks": (ask(),),
        "breaches": (case(number=8, clocks=(clock("next_update", -20),)),),
        "at_risk": (case(), case(number=8)),
        "wins": (case(Status.RESOLVED, number=9),),
    }
    return DigestFacts(IRIS, date(2026, 2, 11), **facts | changes)


@pytest.mark.parametrize("language", Language)
def test_a_digest_fits_slack(language: Language) -> None:
    said = digest_message(morning(), language)
    check_blocks(said.blocks)
    check_all_harmless(said.blocks)
    check_harmless(said.text)
    assert len(said.text.splitlines()) == 5


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("asks", "others"), [(0, 0), (0, 9), (0, 40), (5, 20), (30, 30)])
def test_a_digest_has_ten_lines_at_most(asks: int, others: int, language: Language) -> None:
    news = morning(
        asks=tuple(ask(id=n) for n in range(asks)),
        breaches=(),
        at_risk=tuple(case(number=n + 1) for n in range(others)),
        wins=(),
    )
    said = digest_message(news, language)
    lines = said.text.splitlines()
    assert len(lines) == min(1 + asks + others, LINES_MAX)
    if asks + others >= LINES_MAX:
        assert f"{asks + others - 8} " in lines[-1]
        assert "/escalate list" in lines[-1]
    check_blocks(said.blocks)


TRENDS = {
    Trend.NEW: ("✳ new", "✳ νέα"),
    Trend.WORSE: ("↗ graver (reopened)", "↗ πιο σοβαρά (άνοιξε ξανά)"),
    Trend.BETTER: ("↘ calmer (reopened)", "↘ καλύτερα (άνοιξε ξανά)"),
    Trend.SAME: ("→ unchanged", "→ αμετάβλητη"),
}


@pytest.mark.parametrize("trend", Trend)
@pytest.mark.parametrize("language", Language)
def test_a_case_at_risk_says_where_it_is_going_and_who_has_it_now(
    trend: Trend, language: Language
) -> None:
    reason = None if trend in (Trend.NEW, Trend.SAME) else TrendReason.REOPENED
    moved = {case().number: TrendFacts(trend, reason, IRIS)}
    said = digest_message(
        morning(at_risk=(case(),), breaches=(), wins=(), asks=(), trends=moved), language
    )
    line = said.text.splitlines()[1]
    assert TRENDS[trend][language is EL] in line
    assert f"<@{IRIS}>" in line


def test_what_the_reader_owes_comes_before_what_is_only_to_be_known() -> None:
    owed = (OwedFacts("call", 7, "Acme", NOW), OwedFacts("contact", 8, "Secret", None, True))
    lines = digest_message(morning(owed=owed), EN).text.splitlines()
    assert [line[0] for line in lines[1:4]] == ["❓", "📞", "📞"]
    assert "ESC-7 Acme" in lines[2]
    assert "Secret" not in lines[3]


@pytest.mark.parametrize(
    ("language", "counted", "late"),
    [(EN, "2 for you to do", "(overdue)"), (EL, "για δική σας ενέργεια: 2", "(εκπρόθεσμο)")],
)
def test_the_first_line_counts_what_the_reader_has_to_do_and_what_was_due_says_so(
    language: Language, counted: str, late: str
) -> None:
    owed = (OwedFacts("have", 7, "Acme", NOW, late=True), OwedFacts("call", 8, "Acme", NOW))
    lines = digest_message(morning(asks=(), owed=owed), language).text.splitlines()
    assert counted in lines[0]
    assert [late in line for line in lines[1:3]] == [True, False]


@pytest.mark.parametrize("language", Language)
def test_a_question_names_the_customer_and_by_when_it_is_to_be_answered(
    language: Language,
) -> None:
    asked = ask(customer="Larkspur <Rail>", answer_by=NOW)
    line = digest_message(morning(asks=(asked,)), language).text.splitlines()[1]
    assert "ESC-7 Larkspur &lt;Rail&gt;" in line
    assert f"<!date^{int(NOW.timestamp())}^" in line


@pytest.mark.parametrize("heading", ["at_risk", "breaches"])
def test_a_renewal_that_has_passed_is_not_told_as_one_to_come(heading: str) -> None:
    known = case()
    assert known.account is not None
    past = replace(known.account, renewal=known.now.date() - timedelta(days=1))
    lists: dict[str, Any] = {"at_risk": (), "breaches": (), "wins": (), "asks": ()}
    text = digest_message(morning(**lists | {heading: (replace(known, account=past),)}), EN).text
    assert "a year" in text
    assert "renewal" not in text


def test_each_thing_asked_has_one_button_that_opens_the_decision() -> None:
    said = digest_message(morning(asks=(ask(), ask(id=6, case_number=9))), EN)
    assert actions(said) == ["ask:answer_ask", "ask:answer_ask"]
    assert [json.loads(b["value"]) for b in buttons(said)] == [
        {"case": 7, "ask": 5},
        {"case": 9, "ask": 6},
    ]


def test_decisions_come_first_and_wins_last() -> None:
    lines = digest_message(morning(), EN).text.splitlines()
    assert [line[0] for line in lines[1:]] == ["❓", "⚠", "•", "✅"]


def test_a_case_is_told_once_under_its_gravest_heading() -> None:
    text = digest_message(morning(), EN).text
    assert text.count("ESC-8") == 1
    assert "promise missed: next customer update, " in text


def test_an_account_is_told_with_what_is_at_stake() -> None:
    text = digest_message(morning(), EN).text
    assert "€1.3M a year, renewal 30 Apr 2026" in text
    assert "We cannot ship orders" in text


def test_a_restricted_case_shows_neither_customer_nor_words() -> None:
    secret = hostile(case(number=8, sensitive=True), "Zephyros")
    news = morning(
        breaches=(secret,), asks=(ask(case_number=8, question="Zephyros?", restricted=True),)
    )
    said = everything(digest_message(news, EN))
    assert "Zephyros" not in said
    assert "a restricted case" in said
    assert "a restricted question" in said


@pytest.mark.parametrize("restricted", [True, False])
def test_a_question_of_a_restricted_case_is_hidden_whatever_is_listed(restricted: bool) -> None:
    news = morning(asks=(ask(case_number=30, question="Zephyros?", restricted=restricted),))
    assert ("Zephyros" in everything(digest_message(news, EN))) is not restricted


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_write_is_never_markup(text: str) -> None:
    subject = hostile(case(number=8), text)
    said = digest_message(
        morning(asks=(ask(question=text),), at_risk=(subject,), wins=(subject,)), EN
    )
    check_blocks(said.blocks)
    check_all_harmless(said.blocks)
    assert len(said.text.splitlines()) <= LINES_MAX


def test_a_quiet_morning_says_so() -> None:
    said = digest_message(DigestFacts(IRIS, date(2026, 2, 11)), EN)
    assert said.text == "11 Feb 2026: nothing for you to decide"
