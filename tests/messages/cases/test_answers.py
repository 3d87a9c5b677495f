"""Private answers: legible, inside Slack's limits, and never without a next step."""

import ast
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.rules.facts import CasePageFacts, PromiseFacts
from bot.rules.lifecycle import GUARDS
from bot.rules.permissions import Denial
from bot.rules.words import Language, Role, Severity, Status
from messages.cases.answers import (
    field_problem,
    help_answer,
    list_answer,
    promises_answer,
    refusal_message,
    show_answer,
    trouble_message,
    why_answer,
)
from messages.cases.help import typed_usage
from messages.cases.typed import unknown_command
from messages.clocks.explain import Explanation
from messages.kit.blocks import Block, Message
from messages.kit.texts import MissingTextError, load_texts, text_facts
from tests.messages.limits import check_all_harmless, check_blocks, check_harmless, walk
from tests.messages.sample_cases import (
    HOSTILE,
    MAYA,
    NIKOS,
    NOW,
    case,
    clock,
    full,
    hostile,
    minutes,
)

ROOT = Path(__file__).parents[3]
EN, EL = Language.ENGLISH, Language.GREEK
FACTS = {
    "hours": 8,
    "skill": "Database",
    "title": "Be careful",
    "said": "until Mon",
    "component": "Checkout",
    "begins": "Mon 1 Mar",
    "ends": "Fri 5 Mar",
    "at": "Mon 1 Mar, 9:00",
    "site": "northwind.atlassian.net",
    "found": "[what changed]",
    "kind": "goodwill",
    "quote": "a refund",
    "days": 30,
    "line": 3,
    "by": "U0TOM",
    "status": "new",
    "user": MAYA,
    "owner": MAYA,
    "reference": "ESC-4",
    "other": "ESC-7",
    "role": "agent",
    "party": "technical_lead",
    "problem": "PRB-3",
    "customer": "Boreal Bank",
    "spoken": "el",
    "limit": 500,
    "left": "500 EUR",
    "people": [MAYA],
    "minutes": 41,
    "rating": "good",
    "gap": "amount",
    "near": "480 EUR",
    "near_kind": "goodwill",
    "amount": "500 EUR",
    "currency": "JPY",
    "known": "EUR, USD",
    "concession_state": "promised",
    "sponsorship_state": "active",
    "topics": ["entry", "exit"],
    "customers": ["Boreal Bank", "Acme"],
    "most": 4,
    "typed": "maria@",
    "gaps": ["receipt", "target"],
}
COMMANDS = [k.partition(".")[2] for k in load_texts(EN) if k.startswith("help.")]
REFUSALS = [k.partition(".")[2] for k in load_texts(EN) if k.startswith("refusal.")]
PROBLEMS = [k.partition(".")[2] for k in load_texts(EN) if k.startswith("field.")]


@dataclass(frozen=True)
class Row:
    """A row of a command table."""

    name: str
    arguments: str = "[mine|breaching|customer NAME]"
    group: str = "begin"


def checked(message: Message) -> Message:
    """The message, after everything that holds for each of them."""
    check_blocks(message.blocks)
    check_all_harmless(message.blocks)
    check_harmless(message.text)
    assert 0 < len(message.text) <= 3000
    return message


def words(blocks: list[Block]) -> str:
    """Everything that the blocks say."""
    return json.dumps(blocks, ensure_ascii=False)


@pytest.mark.parametrize("language", Language)
def test_help_names_every_command(language: Language) -> None:
    answer = checked(help_answer([Row(name) for name in COMMANDS], language))
    for name in COMMANDS:
        assert f"/escalate {typed_usage(Row(name), language)}" in words(answer.blocks)


def test_a_command_without_a_help_text_is_an_error() -> None:
    with pytest.raises(MissingTextError, match="no text help"):
        help_answer([Row("frobnicate")], EN)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("title", ["mine", "breaching", "customer", "open"])
def test_a_list_shows_each_case_with_a_button(title: str, language: Language) -> None:
    cases = tuple(full(case(number=n)) for n in range(1, 21))
    found = CasePageFacts(cases, 43, 2, 3)
    answer = checked(list_answer(found, f"list.{title}", language, {"scope": title}))
    pressed = [json.loads(o["value"]) for o in walk(answer.blocks) if o.get("type") == "button"]
    assert pressed[:2] == [{"case": 1}, {"case": 2}]
    assert pressed[20:22] == [{"scope": title, "page": 1}, {"scope": title, "page": 3}]
    assert "43" in answer.text


def test_a_list_on_one_page_counts_nothing_and_turns_nowhere() -> None:
    answer = list_answer(CasePageFacts((case(),), 1), "list.mine", EN)
    assert answer.text.startswith("Your open cases:")
    assert "page" not in words(answer.blocks)


@pytest.mark.parametrize("language", Language)
def test_an_empty_list_offers_to_escalate(language: Language) -> None:
    answer = checked(list_answer(CasePageFacts(), "list.mine", language))
    assert any(o.get("action_id") == "ask:open_case" for o in walk(answer.blocks))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_write_stays_text(name: str, language: Language) -> None:
    text = HOSTILE[name]
    subject = hostile(full(case()), text)
    checked(list_answer(CasePageFacts((subject,), 1), "list.open", language))
    checked(show_answer(subject, language))
    checked(unknown_command(text, "claim", text, language))
    checked(unknown_command(text, None, text, language))
    checked(trouble_message(text[:40], language))
    checked(refusal_message("handover_waits", language, user=text, role=text))


@pytest.mark.parametrize("status", Status)
def test_a_case_is_shown_with_the_way_to_its_channel(status: Status) -> None:
    answer = checked(show_answer(case(status), EN))
    assert "<#C0ESC7>" in words(answer.blocks)
    checked(show_answer(case(status, channel_id=None), EN))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", REFUSALS)
def test_every_refusal_says_what_to_do_next(key: str, language: Language) -> None:
    answer = checked(refusal_message(key, language, **FACTS))
    sentences = [s for s in answer.text.replace("·", ".").split(". ") if s.strip(" .")]
    settled = {
        "severity_same",
        "not_on_hold",
        "action_done_already",
        "already_in_role",
        "postmortem_already_held",
    }  # nothing is left to do
    assert len(sentences) > 1 or ";" in answer.text or "," in answer.text or key in settled


def test_whatever_the_lifecycle_and_the_permissions_refuse_has_a_text() -> None:
    assert {*GUARDS, *Denial, "wrong_status"} <= set(REFUSALS)


def raised() -> list[tuple[str, set[str]]]:
    """Every ``UserError("key", fact=…)`` in the code that people reach."""
    calls = [
        node
        for folder in ("bot", "handlers")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "UserError"
    ]
    return [
        (str(call.args[0].value), {str(word.arg) for word in call.keywords})
        for call in calls
        if isinstance(call.args[0], ast.Constant)
    ]


def test_whatever_the_desk_refuses_has_a_text_with_the_facts_that_are_given() -> None:
    for key, given in raised():
        assert key in REFUSALS, key
        assert text_facts(load_texts(EN)[f"refusal.{key}"]) <= given, key


def test_a_wrong_status_is_named_in_the_readers_language() -> None:
    assert "“New”" in refusal_message("wrong_status", EN, status="new", verb="close").text
    assert "«Νέα»" in refusal_message("wrong_status", EL, status=Status.NEW).text
    assert "case card" in refusal_message("wrong_status", EN).text


def test_facts_of_a_refusal_may_be_words_of_any_kind() -> None:
    facts: dict[str, Any] = {"role": Role.AGENT, "severity": Severity.SEV1, "until": NOW, "n": 3,
                             "status": "from the future"}  # fmt: skip
    checked(refusal_message("wrong_status", EN, **facts))


def test_an_unknown_refusal_is_an_error() -> None:
    with pytest.raises(MissingTextError):
        refusal_message("frobnicated", EN)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", PROBLEMS)
def test_every_problem_of_a_field_is_said_plainly(kind: str, language: Language) -> None:
    needed = text_facts(load_texts(language)[f"field.{kind}"])
    said = field_problem(kind, language, **dict.fromkeys(needed, 200))
    assert said.endswith((".", "200"))
    assert "{" not in said


@pytest.mark.parametrize("language", Language)
def test_a_problem_of_a_field_has_no_marks_that_slack_would_show(language: Language) -> None:
    better = "Ask for a decision first (`/escalate ask`)."
    said = field_problem("tone_stop", language, quote="500 EUR", better=better)
    assert "/escalate ask" in said
    assert "`" not in said


def test_the_nearest_command_is_suggested() -> None:
    assert "`/escalate claim`" in unknown_command("clame", "claim", "", EN).text
    assert "Did you mean" not in unknown_command("xyz", None, "", EN).text


def test_a_fault_of_ours_comes_with_its_reference() -> None:
    assert "`ab12cd34`" in trouble_message("ab12cd34", EL).text


WHY = (
    ("resolution", Explanation("Due Tuesday 17:00.", ("8 h allowed.", "<!channel> *counted*"))),
    ("next_update", Explanation("Due at noon, promised.", ())),
)


@pytest.mark.parametrize(
    ("language", "late"), [(EN, "9 days overdue"), (EL, "καθυστέρηση 9 ημέρες")]
)
def test_a_list_says_in_days_how_long_the_customer_waits(language: Language, late: str) -> None:
    waits = clock("next_update", -9 * 24 * 60, overdue=minutes(72 * 60))
    assert (
        late in list_answer(CasePageFacts((case(clocks=(waits,)),), 1), "list.open", language).text
    )


def test_a_list_names_who_was_called_for_a_case_that_nobody_has_claimed() -> None:
    said = list_answer(CasePageFacts((case(Status.NEW),), 1), "list.open", EN).text
    assert f"called: <@{NIKOS}>, not claimed yet" in said


@pytest.mark.parametrize("language", Language)
def test_why_about_one_clock_tells_everything_and_offers_the_picture(language: Language) -> None:
    answer = checked(why_answer(case(), WHY[:1], language))
    assert "Due Tuesday 17:00." in answer.text
    assert "8 h allowed." in answer.text
    assert "show:picture" in json.dumps(answer.blocks)


@pytest.mark.parametrize("language", Language)
def test_why_about_several_clocks_gives_headlines_and_a_way_to_each(language: Language) -> None:
    answer = checked(why_answer(case(), WHY, language))
    assert "Due at noon, promised." in answer.text
    assert "8 h allowed." not in answer.text
    assert {"show:why#1", "show:why#2"} <= {
        e["action_id"] for e in walk(answer.blocks) if "action_id" in e
    }


@pytest.mark.parametrize("language", Language)
def test_where_no_clock_runs_why_says_so(language: Language) -> None:
    assert load_texts(language)["why.none"] in checked(why_answer(case(), (), language)).text


def test_the_ledger_tells_kept_late_and_coming_promises_with_a_score() -> None:
    hour = timedelta(hours=1)
    ledger = (
        PromiseFacts(NOW - 3 * hour, NOW - 4 * hour),
        PromiseFacts(NOW - 2 * hour, NOW - hour),
        PromiseFacts(NOW + hour),
    )
    answer = checked(promises_answer(case(), ledger, EN))
    for part in ("Kept 1 of 2.", "missed by 1 h", "upcoming"):
        assert part in answer.text


def test_a_promise_whose_hour_has_passed_counts_as_missed() -> None:
    answer = checked(promises_answer(case(), (PromiseFacts(NOW - timedelta(hours=2)),), EN))
    assert "Kept 0 of 1." in answer.text
    assert "missed; overdue by 2 h so far" in answer.text


def test_a_promise_missed_for_weeks_is_late_by_days() -> None:
    late = (PromiseFacts(NOW - timedelta(days=14)), PromiseFacts(NOW - timedelta(days=3), NOW))
    answer = checked(promises_answer(case(), late, EN))
    assert "missed; overdue by 14 days so far" in answer.text
    assert "missed by 3 days" in answer.text
