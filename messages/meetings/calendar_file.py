"""A meeting, or what a person owes, as an iCalendar file (RFC 5545).

Calendars of every make read it. The library escapes texts and folds lines. The zone's rules are in
the file, so a meeting stands at its hour also where its zone's offset changes. Texts:
``meeting.*``.
"""

from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from icalendar import Calendar, Event, vCalAddress, vText

from bot.rules.business.meetings import Attendee, MeetingFacts, Method
from bot.rules.local_time import known_zone
from bot.rules.words import Language
from messages.kit.dates import format_duration, format_moment
from messages.kit.mrkdwn import escape, slack_date
from messages.kit.texts import t

PRODUCT = "-//Escalation Desk//EN"


def write_calendar(meeting: MeetingFacts, method: Method, language: Language) -> bytes:
    """Write the file. One that is published names no attendees, an invitation all of them."""
    calendar, event = Calendar(), Event()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    begins = meeting.begins.astimezone(known_zone(meeting.zone))
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", meeting.changed_at)
    event.add("last-modified", meeting.changed_at)
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=meeting.minutes))
    event.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
    spoken = {"LANGUAGE": language.value}
    event.add("summary", vText(say_summary(meeting, language), params=spoken))
    event.add("description", vText(_describe(meeting, language), params=spoken))
    if meeting.place:
        event.add("location", vText(meeting.place))
    if meeting.organizer:
        event.add("organizer", _address(meeting.organizer), encode=False)
    answer = {"RSVP": "FALSE", "PARTSTAT": "ACCEPTED"} if meeting.due else {"RSVP": "TRUE"}
    for each in meeting.attendees if method is not Method.PUBLISH else ():
        event.add("attendee", _address(each, ROLE="REQ-PARTICIPANT", **answer), encode=False)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _address(person: Attendee, **parameters: str) -> vCalAddress:
    """A person as organizer or attendee: ``mailto:``, the name as CN, and further parameters."""
    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = person.name
    address.params.update(parameters)
    return address


def say_summary(meeting: MeetingFacts, language: Language) -> str:
    """Name the meeting as calendars show it; without the customer of a restricted case."""
    kind = t(language, f"meeting.kind_{meeting.kind}", reference=meeting.reference)
    return f"{kind} · {meeting.customer}" if meeting.customer else kind


def say_entry(meeting: MeetingFacts, language: Language, *, asked: bool) -> str:
    """Say in mrkdwn what the file does to the calendar of the person who owes the call or contact.

    ``asked``: they pressed for it just now; else it moved, or is cancelled.
    """
    key = "cancelled" if meeting.cancelled else "asked" if asked else "moved"
    facts = {"summary": escape(say_summary(meeting, language))}
    when = slack_date(meeting.begins, language)
    return t(language, f"meeting.file_{key}", when=when, **facts)


def _describe(meeting: MeetingFacts, language: Language) -> str:
    """Say what a meeting of this kind is for, and below it the channel's link, if there is one."""
    due = format_moment(meeting.due, language, meeting.zone) if meeting.due else ""
    parts = [t(language, f"meeting.about_{meeting.kind}", due=due)]
    parts += [t(language, "meeting.channel", link=meeting.link)] if meeting.link else []
    return "\n".join(parts)


def compose_invitation(
    meeting: MeetingFacts, to: Attendee, sender: str, message_id: str, language: Language
) -> EmailMessage:
    """Compose the mail that carries the entry: a new one, one that moved, or one that is off.

    Raises ValueError for an address that is none.
    """
    method = Method.CANCEL if meeting.cancelled else Method.REQUEST
    key = "cancelled" if meeting.cancelled else "moved" if meeting.sequence else "planned"
    key = f"own_{key}" if meeting.due else key
    summary = say_summary(meeting, language)
    when = format_moment(meeting.begins, language, meeting.zone)
    length = format_duration(timedelta(minutes=meeting.minutes), language)
    name, address = parseaddr(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = Address(to.name, addr_spec=to.email)
    mail["Subject"] = t(language, f"meeting.mail_{key}", summary=" ".join(summary.split()))
    mail["Date"] = format_datetime(meeting.changed_at)
    mail["Message-ID"] = message_id
    mail["Content-Language"] = language.value
    mail["Auto-Submitted"] = "auto-generated"
    lines = [t(language, f"meeting.text_{key}", summary=summary, when=when, length=length)]
    if not meeting.cancelled:
        lines += [meeting.place] if meeting.place else []
        lines.append(_describe(meeting, language))
    mail.set_content("\n\n".join(lines) + "\n", cte="quoted-printable")
    entry = write_calendar(meeting, method, language).decode()
    mail.add_alternative(entry, subtype="calendar", cte="base64", params={"method": method.value})
    return mail
