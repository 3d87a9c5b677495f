"""What pagers say is believed only where it is proved, and is about pages of ours."""

import pytest

from bot.rules.duty.pagers import (
    PagerEvent,
    case_of_key,
    is_from_opsgenie,
    is_from_pagerduty,
    page_key,
    read_opsgenie,
    read_pagerduty,
)
from tests.bot.paging.double import SECRET, opsgenie_event, pagerduty_event, sign_event

KEY = page_key(7, 1, 0)


def test_a_key_leads_back_to_its_case_and_no_other_text_does() -> None:
    assert case_of_key(KEY) == 7
    for wrong in ("", "7", "ESC-7", "ESC-7.acknowledge.1", f"{KEY} ", "ESC-٧.acknowledge.1.0"):
        assert case_of_key(wrong) is None


def test_one_right_signature_of_several_is_enough_and_a_changed_body_is_not() -> None:
    raw = pagerduty_event(KEY)
    assert is_from_pagerduty([SECRET], f"v1={'0' * 64}, {sign_event(raw)}", raw)
    assert is_from_pagerduty(["another-secret-of-ours", SECRET], sign_event(raw), raw)
    assert not is_from_pagerduty([SECRET], sign_event(raw), raw + b" ")
    assert not is_from_pagerduty([], sign_event(raw), raw)
    assert not is_from_pagerduty([SECRET], "v1=é", raw)


def test_opsgenie_proves_itself_by_its_header() -> None:
    assert is_from_opsgenie([SECRET], f"Bearer {SECRET}")
    for wrong in ("", SECRET, "Bearer ", f"Basic {SECRET}", f"Bearer {SECRET}x"):
        assert not is_from_opsgenie([SECRET], wrong)
    assert not is_from_opsgenie([], "Bearer ")


def test_an_acknowledgement_says_who_it_was() -> None:
    expected = PagerEvent(KEY, agent="PLH1HKV", name="Kate Jones")
    assert read_pagerduty(pagerduty_event(KEY)) == expected
    assert read_pagerduty(pagerduty_event(KEY, "incident.resolved")) == expected
    kate = "kate@northwind.example"
    assert read_opsgenie(opsgenie_event(KEY, kate)) == PagerEvent(KEY, email=kate, name=kate)


def test_what_is_no_acknowledgement_of_a_person_counts_for_nothing() -> None:
    assert read_pagerduty(pagerduty_event(KEY, "incident.triggered")) is None
    assert read_pagerduty(pagerduty_event("theirs")) is None
    assert read_pagerduty(pagerduty_event(KEY, type="integration_reference")) is None
    assert read_pagerduty(b'{"event": []}') is None
    assert read_opsgenie(opsgenie_event(KEY, "k@x.example", "Create")) is None
    assert read_opsgenie(opsgenie_event(KEY, "k@x.example", source="api")) is None
    assert read_opsgenie(opsgenie_event("theirs", "k@x.example")) is None


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    for read in (read_pagerduty, read_opsgenie):
        with pytest.raises(ValueError, match="JSON"):
            read(raw)
