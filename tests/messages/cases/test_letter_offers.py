"""Where something happens that the customer must hear of, its letter is one button away."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.rules.facts import CaseFacts, ConcessionFacts
from bot.rules.states import ConcessionState
from bot.rules.words import ConcessionKind, HoldReason, Language, MessageKind, Status
from messages.cases.notices import notice_message
from messages.cases.reminders import reminder_message
from tests.messages.cases.test_reminders import about
from tests.messages.limits import check_blocks, walk
from tests.messages.said import given
from tests.messages.sample_cases import NOW, case, full, sent

APPROVED = ConcessionFacts(
    1, ConcessionKind.GOODWILL, Decimal(500), "EUR", ConcessionState.APPROVED,
    NOW + timedelta(days=1),
)  # fmt: skip
K = MessageKind
OFFERED: list[tuple[str, Status, dict[str, Any], MessageKind]] = [
    ("severity_changed", Status.INVESTIGATING, {}, K.SEVERITY_CHANGED),
    ("held", Status.INVESTIGATING, {"reason": HoldReason.WAITING_CUSTOMER.value}, K.WAITING),
    ("held", Status.INVESTIGATING, {"reason": HoldReason.SCHEDULED_CHANGE.value}, K.ON_HOLD),
    (
        "hold_ended", Status.INVESTIGATING, {"reason": HoldReason.WAITING_CUSTOMER.value},
        K.LAST_REMINDER,
    ),
    ("reopened", Status.INVESTIGATING, {}, K.REOPENED),
    ("closed", Status.CLOSED, {}, K.CLOSED),
    ("dismissed", Status.DISMISSED, {}, K.NOT_ESCALATION),
    ("claimed", Status.ACKNOWLEDGED, {}, K.NEW_CONTACT),
    ("handover_accepted", Status.INVESTIGATING, {"role": "escalation_manager"}, K.NEW_CONTACT),
    ("role_given", Status.INVESTIGATING, {"role": "escalation_manager"}, K.NEW_CONTACT),
    ("executive_flag", Status.INVESTIGATING, {}, K.EXECUTIVE),
    ("concession_decided", Status.INVESTIGATING, {"approve": True}, K.GOODWILL),
    ("customer_answered", Status.CLOSED, {"page": "survey"}, K.WHAT_CHANGED),
    ("review", Status.REVIEW, {}, K.MEETING),
]  # fmt: skip


def kinds_offered(blocks: Any) -> set[str]:
    """The letters on which buttons of a message open the composer."""
    pressed = [b for b in walk(blocks) if str(b.get("action_id", "")).startswith("ask:update")]
    return {json.loads(each["value"])["kind"] for each in pressed}


def told(status: Status) -> CaseFacts:
    """A case whose customer has heard from us."""
    return replace(full(case(status)), status=status, sent=(sent(),), concessions=(APPROVED,))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("name", "status", "extra", "kind"), OFFERED)
def test_the_notice_offers_the_letter(
    name: str, status: Status, extra: dict[str, Any], kind: MessageKind, language: Language
) -> None:
    said = notice_message(name, told(status), language, inside=True, **(given(name) | extra))
    check_blocks(said.blocks)
    assert kind.value in kinds_offered(said.blocks)


def test_a_customer_who_knows_of_nothing_is_not_told_of_changes() -> None:
    silent = replace(told(Status.ACKNOWLEDGED), sent=())
    for name in ("severity_changed", "claimed"):
        said = notice_message(name, silent, Language.ENGLISH, inside=True, **given(name))
        assert not kinds_offered(said.blocks) - {K.ACKNOWLEDGEMENT.value}


def test_a_refusal_offers_no_goodwill() -> None:
    for more in ({"approve": False}, {"complete": False}):
        extra = given("concession_decided") | more
        said = notice_message("concession_decided", told(Status.INVESTIGATING), Language.ENGLISH,
                              inside=True, **extra)  # fmt: skip
        assert not kinds_offered(said.blocks)


def test_a_customer_who_does_not_confirm_is_reminded_in_words() -> None:
    said = reminder_message(
        told(Status.RESOLVED), about("customer_confirmation", "warn:66"), Language.ENGLISH
    )
    assert K.LAST_REMINDER.value in kinds_offered(said.blocks)
