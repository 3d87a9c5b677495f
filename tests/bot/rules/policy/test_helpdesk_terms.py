"""What the policy says of help desks: read strictly, and doing nothing until it is set."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from bot.rules.helpdesks.terms import CandidateRule, HelpDeskTerms, Moment, Score
from bot.rules.policy.load import PolicyError, load_policy, policy_from_spec
from bot.rules.words import HelpDesk, Severity


def terms_of(name: str, table: dict[str, Any]) -> HelpDeskTerms:
    """The terms that a policy with this table has."""
    spec = copy.deepcopy(dict(load_policy().spec))
    return policy_from_spec({**spec, "helpdesks": {name: table}}).helpdesk(name)


def test_the_default_does_nothing() -> None:
    assert load_policy().helpdesks == {}
    assert load_policy().helpdesk("zendesk") == HelpDeskTerms()


def test_all_that_can_be_said_is_read() -> None:
    found = terms_of(
        "zendesk",
        {
            "candidates": [
                {"tag": "escalate", "severity": "SEV2"},
                {"mailbox": 85, "status": "open", "rating": "bad", "priority": "urgent",
                 "breach_within": "1h 30m"},
            ],
            "notes": ["escalated", "closed"],
            "tags": {"escalated": "escalated"},
            "statuses": {"resolved": "solved"},
            "properties": ["plan"],
        },
    )  # fmt: skip
    assert found == HelpDeskTerms(
        candidates=(
            CandidateRule(tag="escalate", severity=Severity.SEV2),
            CandidateRule(mailbox="85", status="open", rating=Score.BAD, priority="urgent",
                          breach_within=timedelta(minutes=90)),
        ),
        notes=frozenset({Moment.ESCALATED, Moment.CLOSED}),
        tags={Moment.ESCALATED: "escalated"},
        statuses={Moment.RESOLVED: "solved"},
        properties=("plan",),
    )  # fmt: skip
    assert found.breach_within == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [
        ("helpscot", {}, "did you mean 'helpscout'"),
        ("helpscout", {"candidates": [{}]}, "the rule names nothing"),
        ("helpscout", {"candidates": [{"severity": "SEV1"}]}, "the rule names nothing"),
        ("helpscout", {"candidates": [{"priority": "high"}]}, "does not tell it"),
        ("helpscout", {"candidates": [{"breach_within": "1h"}]}, "does not tell it"),
        ("intercom", {"candidates": [{"breach_within": "1h"}]}, "does not tell it"),
        ("helpscout", {"candidates": [{"status": "solved"}]}, "active, pending, closed, spam"),
        ("helpscout", {"statuses": {"resolved": "spam"}}, "active, pending, closed"),
        ("helpscout", {"candidates": [{"rating": "Great"}]}, "great, okay, bad"),
        ("helpscout", {"candidates": [{"tag": "a,b"}]}, "is no word"),
        ("helpscout", {"candidates": [{"tag": " "}]}, "is no word"),
        ("helpscout", {"candidates": [{"mailbox": "Support"}]}, "is no id"),
        ("helpscout", {"candidates": {"tag": "x"}}, "not a list of tables"),
        ("helpscout", {"notes": ["solved"]}, "is not known"),
        ("helpscout", {"tags": {"solved": "x"}}, "unknown key"),
        ("helpscout", {"tag": {}}, "did you mean 'tags'"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(name: str, table: Any, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        terms_of(name, table)


@pytest.mark.parametrize("desk", list(HelpDesk))
def test_every_help_desk_has_statuses_that_can_be_set(desk: HelpDesk) -> None:
    assert terms_of(desk.value, {"statuses": {"closed": "pending" if desk is HelpDesk.ZENDESK
                                              else "closed"}}).statuses  # fmt: skip
