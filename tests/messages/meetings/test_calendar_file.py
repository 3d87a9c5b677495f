"""What calendars read: the entry, its change, its end, in either language."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from bot.rules.business.meetings import Attendee, MeetingFacts, Method
from bot.rules.words import Language
from messages.meetings.calendar_file import compose_invitation, say_entry, write_calendar

EN, EL = Language.ENGLISH, Language.GREEK
AT = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # two days before summer time begins in Athens
ANNA = Attendee("Anna, Αγορά", "anna@northwind.example")
MEETING = MeetingFacts(
    uid="4f@escalation-desk", sequence=0, kind="postmortem", begins=AT, minutes=60,
    zone="Europe/Athens", place="Room 5; second floor, left", reference="ESC-7", customer="Acme",
    changed_at=AT - timedelta(days=3), link="https://slack.example/C1",
    organizer=Attendee("Emma", "emma@northwind.example"), attendees=(ANNA,),
)  # fmt: skip


def event(raw: bytes) -> Any:
    """The one entry of a file."""
    (found,) = Calendar.from_ical(raw).walk("VEVENT")
    return found


def read(meeting: MeetingFacts, method: Method = Method.PUBLISH, language: Language = EN) -> Any:
    """The entry as a calendar reads it again."""
    return event(write_calendar(meeting, method, language))


@pytest.mark.parametrize("days", [0, 3, 200])
def test_the_meeting_stands_at_its_hour_with_the_rules_of_its_zone(days: int) -> None:
    meeting = replace(MEETING, begins=AT + timedelta(days=days))
    raw = write_calendar(meeting, Method.PUBLISH, EN)
    assert b"BEGIN:VTIMEZONE" in raw
    assert b"DTSTART;TZID=Europe/Athens" in raw
    found = event(raw)
    assert found["dtstart"].dt == meeting.begins
    assert found["dtend"].dt - found["dtstart"].dt == timedelta(hours=1)


def test_a_change_keeps_the_uid_and_counts_up_and_a_cancellation_says_so() -> None:
    moved = read(replace(MEETING, sequence=1, begins=AT + timedelta(days=1)), Method.REQUEST)
    gone = read(replace(MEETING, sequence=2, cancelled=True), Method.CANCEL)
    assert [each["uid"] for each in (read(MEETING), moved, gone)] == ["4f@escalation-desk"] * 3
    assert [each["sequence"] for each in (read(MEETING), moved, gone)] == [0, 1, 2]
    assert (moved["status"], gone["status"]) == ("CONFIRMED", "CANCELLED")
    raw = write_calendar(replace(MEETING, cancelled=True), Method.CANCEL, EN)
    assert Calendar.from_ical(raw)["method"] == "CANCEL"


def test_a_file_names_no_attendees_and_an_invitation_all() -> None:
    assert "attendee" not in read(MEETING)
    invited = read(MEETING, Method.REQUEST)["attendee"]
    assert (str(invited), invited.params["CN"]) == ("mailto:anna@northwind.example", ANNA.name)
    assert str(read(MEETING)["organizer"]) == "mailto:emma@northwind.example"


@pytest.mark.parametrize("language", Language)
def test_text_of_people_cannot_break_out_of_its_line(language: Language) -> None:
    evil = "Acme; \\n, \r\nATTENDEE:mailto:eve@evil.example\r\nEND:VEVENT "
    meeting = replace(MEETING, customer=" ".join(evil.split()), place=evil)
    raw = write_calendar(meeting, Method.PUBLISH, language)
    assert b"\r\nATTENDEE" not in raw
    assert raw.split(b"\r\n").count(b"END:VEVENT") == 1
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert "attendee" not in event(raw)


def test_both_languages_name_the_meeting_and_a_restricted_case_has_no_customer() -> None:
    assert str(read(MEETING)["summary"]) == "Postmortem ESC-7 · Acme"
    greek = read(MEETING, language=EL)["summary"]
    assert str(greek) == "Απολογισμός ESC-7 · Acme"
    assert greek.params["LANGUAGE"] == "el"
    secret = write_calendar(replace(MEETING, customer=""), Method.REQUEST, EN)
    assert b"Acme" not in secret


@pytest.mark.parametrize(
    ("changes", "subject", "method"),
    [
        ({}, "Invitation: Postmortem ESC-7 · Acme", "REQUEST"),
        ({"sequence": 1}, "New time: Postmortem ESC-7 · Acme", "REQUEST"),
        ({"sequence": 2, "cancelled": True}, "Cancelled: Postmortem ESC-7 · Acme", "CANCEL"),
    ],
)
def test_the_mail_carries_the_entry_as_a_part_that_calendars_know(
    changes: dict[str, Any], subject: str, method: str
) -> None:
    meeting = replace(MEETING, **changes)
    mail = compose_invitation(meeting, ANNA, "Desk <help@northwind.example>", "<1@x.example>", EN)
    assert mail["Subject"] == subject
    assert mail["To"].addresses[0].addr_spec == ANNA.email
    plain, entry = mail.iter_parts()
    assert "Athens time" in plain.get_content()
    assert entry.get_content_type() == "text/calendar"
    assert entry.get_param("method") == method
    assert event(entry.get_payload(decode=True))["uid"] == meeting.uid


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="addr"):
        compose_invitation(
            MEETING, Attendee("x", "no address"), "help@northwind.example", "<1@x.example>", EN
        )


OWED = replace(
    MEETING, kind="breach_call", place="", minutes=30, due=AT + timedelta(minutes=30),
    organizer=Attendee("Support", "support+calendar@northwind.example"),
)  # fmt: skip


@pytest.mark.parametrize("kind", ["breach_call", "executive_call", "touch"])
@pytest.mark.parametrize("language", [EN, EL])
def test_what_one_person_owes_says_by_when_and_asks_for_no_reply(
    kind: str, language: Language
) -> None:
    found = read(replace(OWED, kind=kind), Method.REQUEST, language)
    assert ("11:30" in str(found["description"])) is True  # when it is due, in Athens
    assert found["attendee"].params["RSVP"] == "FALSE"
    assert found["attendee"].params["PARTSTAT"] == "ACCEPTED"
    assert str(found["organizer"]) == "mailto:support+calendar@northwind.example"


def test_the_mail_of_ones_own_entry_invites_nobody() -> None:
    changes = (OWED, replace(OWED, sequence=1), replace(OWED, sequence=2, cancelled=True))
    mails = [compose_invitation(each, ANNA, "s@x.example", "<1@x>", EN) for each in changes]
    said = [str(mail["Subject"]).partition(":")[0] for mail in mails]
    assert said == ["For your calendar", "Changed", "Cancelled"]
    assert not any("invited" in str(mail) for mail in mails)


def test_a_file_in_slack_comes_with_a_sentence_in_which_names_do_no_harm() -> None:
    hostile = replace(OWED, customer="<!channel> & Sons")
    for asked, cancelled in ((True, False), (False, False), (False, True)):
        said = say_entry(replace(hostile, cancelled=cancelled), EN, asked=asked)
        assert "<!channel>" not in said
        assert "&lt;!channel&gt; &amp; Sons" in said


def test_a_restricted_cases_call_names_no_customer() -> None:
    mail = compose_invitation(replace(OWED, customer=""), ANNA, "s@x.example", "<1@x>", EN)
    assert "Call the customer, ESC-7" in str(mail["Subject"])
    assert "Acme" not in str(mail)
