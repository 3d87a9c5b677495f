"""What a report may say, and what its sender is told of every mistake."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from bot.intake.webhook.answers import Problem
from bot.intake.webhook.problems import is_malformed, list_problems
from bot.intake.webhook.report import REASONS, Report
from bot.rules.intake.arrival import Reason
from bot.rules.words import Language, Severity


def read(**fields: Any) -> Report:
    return Report.model_validate_json(json.dumps({"key": "1", "text": "Nothing works", **fields}))


def problems(body: bytes) -> list[Problem]:
    with pytest.raises(ValidationError) as caught:
        Report.model_validate_json(body)
    return list_problems(caught.value)


def wrong(**fields: Any) -> Problem:
    (found,) = problems(json.dumps({"key": "1", "text": "Nothing works", **fields}).encode())
    return found


def test_the_example_in_the_document_is_a_report() -> None:
    report = Report.model_validate_json(json.dumps(Report.example))
    assert (report.language, report.contact.name) == (Language.GREEK, "Κατερίνα Δήμου")


def test_all_of_it_is_read() -> None:
    report = read(
        severity=2, rating=2.5, reasons=["threat"], customer=" Aegean \n Ferries ", sensitive=True
    )
    assert (report.severity, report.rating, report.sensitive) == (Severity.SEV2, "2.5", True)
    assert (report.customer, report.reasons) == ("Aegean Ferries", ["threat"])
    assert {Reason(each) for each in REASONS}


@pytest.mark.parametrize("text", ["Δεν δουλεύει τίποτα, θέλω τα λεφτά μου", "den doulevei tipota!"])
def test_greek_and_greeklish_are_kept_as_they_are(text: str) -> None:
    assert read(text=text).text == text


def test_a_character_that_no_database_takes_is_left_out() -> None:
    assert read(text="a\x00b").text == "ab"


@pytest.mark.parametrize(
    ("fields", "kind", "where", "do"),
    [
        ({"custmer": "x"}, "unknown_field", "custmer", "Did you mean customer?"),
        ({"contact": {"mail": "x"}}, "unknown_field", "contact.mail", "contact.email"),
        ({"colour": "x"}, "unknown_field", "colour", "details"),
        ({"happened_at": "2027-02-08T09:10"}, "wrong_date", "happened_at", "with a zone"),
        ({"happened_at": "yesterday"}, "wrong_date", "happened_at", "ISO 8601"),
        ({"happened_at": 1}, "wrong_date", "happened_at", "ISO 8601"),
        ({"happened_at": "0001-01-01T00:00:00+14:00"}, "wrong_date", "happened_at", "ISO 8601"),
        ({"happened_at": "2027-02-30T00:00:00Z"}, "wrong_date", "happened_at", "ISO 8601"),
        ({"language": "xx"}, "wrong_value", "language", "One of: en"),
        ({"severity": 5}, "wrong_value", "severity", "One of: 1, 2, 3, 4."),
        ({"severity": True}, "wrong_value", "severity", "One of: 1, 2, 3, 4."),
        ({"trigger": "angry"}, "wrong_value", "trigger", "threat_to_cancel"),
        ({"reasons": ["angry"]}, "wrong_value", "reasons.0", "One of: asked"),
        ({"link": "javascript:alert(1)"}, "wrong_value", "link", "openapi.json"),
        ({"key": "a b"}, "wrong_value", "key", "openapi.json"),
        ({"text": 7}, "wrong_value", "text", "quotation marks"),
        ({"text": " "}, "wrong_value", "text", "Write something"),
        ({"text": "x" * 20_001}, "too_long", "text", "Shorten"),
        ({"details": {"plan": 3}}, "wrong_value", "details.plan", "quotation marks"),
    ],
)
def test_each_mistake_is_named_with_its_place_and_a_way_out(
    fields: dict[str, Any], kind: str, where: str, do: str
) -> None:
    found = wrong(**fields)
    assert (found.kind, found.where) == (kind, where)
    assert do in found.do
    assert found.what.endswith(".")


def test_several_mistakes_are_told_at_once() -> None:
    found = problems(b'{"text": 7, "colour": "red"}')
    assert [(each.kind, each.where) for each in found] == [
        ("missing", "key"), ("wrong_value", "text"), ("unknown_field", "colour"),
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b"[" * 9999])
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(ValidationError) as caught:
        Report.model_validate_json(body)
    assert is_malformed(caught.value)
    assert [each.kind for each in list_problems(caught.value)] == ["malformed"]


def test_json_that_is_no_object_is_no_report() -> None:
    (found,) = problems(b"[]")
    assert (found.kind, found.where) == ("wrong_value", "")


def test_a_customers_words_are_not_repeated_and_long_names_are_cut() -> None:
    found = problems(json.dumps({"key": "1", "text": ["secret words"], "x" * 999: 1}).encode())
    assert "secret words" not in str(found)
    assert max(len(each.where) for each in found) <= 60


@pytest.mark.parametrize(
    ("given", "text"),
    [(2, "2"), (4.0, "4"), (4.5, "4.5"), (1234567, "1234567"), (98.76543, "98.76543"), (0, "0")],
)
def test_a_rating_that_is_a_number_is_kept_as_it_was_sent(given: float, text: str) -> None:
    assert read(rating=given).rating == text


@pytest.mark.parametrize("given", ["true", "false", "NaN", "Infinity", "1" + "0" * 400])
def test_what_is_no_rating_is_refused_and_never_understood_otherwise(given: str) -> None:
    body = f'{{"key": "1", "text": "x", "rating": {given}}}'.encode()
    assert [each.where for each in problems(body)] == ["rating"]
