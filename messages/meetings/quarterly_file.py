"""A quarterly review as an iCalendar file (RFC 5545), for one person's own calendar."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vText

from bot.rules.local_time import known_zone
from bot.rules.reports.quarterly import QuarterlyReviewFacts
from bot.rules.words import Language
from messages.kit.texts import t
from messages.meetings.calendar_file import PRODUCT
from messages.reports.writing import name_period

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # from which versions of an entry are counted


def write_review(found: QuarterlyReviewFacts, language: Language) -> bytes:
    """Write the file; taken again after the time changed, it moves the same entry.

    The version is counted in minutes up to the last change, so a later file always has a greater
    one. It names no attendees, as each takes it for themselves.
    """
    calendar, event = Calendar(), Event()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    changed = found.changed_at or EPOCH
    begins = (found.meets_at or changed).astimezone(known_zone(found.period.zone))
    event.add("uid", f"quarterly-review-{found.period.key}@escalation-desk")
    event.add("sequence", max(int((changed - EPOCH).total_seconds()) // 60, 0))
    event.add("dtstamp", changed)
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=found.minutes))
    period = name_period(found.period, language)
    summary = t(language, "quarterly.file_summary", period=period)
    event.add("summary", vText(summary, params={"LANGUAGE": language.value}))
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
