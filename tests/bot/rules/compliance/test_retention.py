"""How long texts are kept, and what stands in their place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.rules.compliance.columns import Holds
from bot.rules.compliance.retention import (
    MARK,
    Period,
    Retention,
    forget,
    forget_inside,
    months_before,
)
from bot.rules.policy.load import load_policy, policy_from_spec

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def test_a_policy_that_says_nothing_keeps_all(tmp_path: Path) -> None:
    terms = load_policy().retention
    assert terms == Retention()
    assert [terms.before(period, NOON) for period in Period] == [None, None, None]


def test_each_key_counts_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[retention]\nattachment_days = 90\n", encoding="utf-8")
    policy = load_policy(file)
    assert policy.retention == Retention(attachment_days=90)
    assert policy.retention.before(Period.FILES, NOON) == datetime(2025, 12, 31, 12, tzinfo=UTC)
    assert policy.retention.before(Period.WORDS, NOON) is None
    assert policy_from_spec(policy.spec).retention == policy.retention


@pytest.mark.parametrize(("months", "day"), [
    (1, datetime(2026, 2, 28, 12, tzinfo=UTC)), (3, datetime(2025, 12, 31, 12, tzinfo=UTC)),
    (24, datetime(2024, 3, 31, 12, tzinfo=UTC)), (25, datetime(2024, 2, 29, 12, tzinfo=UTC)),
])  # fmt: skip
def test_months_are_those_of_the_calendar(months: int, day: datetime) -> None:
    assert months_before(NOON, months) == day


def test_more_months_than_there_were_is_before_everything() -> None:
    assert months_before(NOON, 12 * 2026) < datetime(2, 1, 1, tzinfo=UTC)


def test_words_become_the_mark_and_facts_stay() -> None:
    said = {"status": "closed", "remark": "Ναι", "count": 3, "none": None, "empty": "",
            "list": ["a", {"user": "UANNA", "text": "b"}], "status_of": True}  # fmt: skip
    assert forget(said) == {
        "status": "closed", "remark": MARK, "count": 3, "none": None, "empty": "",
        "list": [MARK, {"user": "UANNA", "text": MARK}], "status_of": True,
    }  # fmt: skip
    assert forget(forget(said)) == forget(said)


def test_what_stands_under_the_name_of_a_fact_and_is_no_text_is_looked_into() -> None:
    assert forget({"owner": {"words": "x"}}) == {"owner": {"words": MARK}}


def test_an_address_leaves_nothing() -> None:
    assert forget("maria@acme.example", Holds.CONTACT) == forget("https://x", Holds.LINKS) == ""
    assert forget(None, Holds.CONTACT) is None


def test_files_go_from_inside_and_the_rest_stays() -> None:
    reading = {"note": "n", "files": [{"name": "x.pdf"}]}
    assert forget_inside(reading, "files") == {"note": "n", "files": []}
    assert forget_inside({}, "files") == {}
    assert forget_inside("text", "files") == "text"
