"""Of a stored meeting, or of a person's own entry, what its calendar file tells."""

from collections.abc import Mapping
from typing import Any

from bot.engine.delivery import DeliveryServices
from bot.rules.business.calendar_entries import MINUTES, EntryKind
from bot.rules.business.meetings import Attendee, MeetingFacts, Method
from bot.rules.facts import PersonFacts
from bot.rules.sponsorship.quarters import last_minute
from messages.meetings.calendar_file import write_calendar
from storage.models import CalendarEntry, Case, Meeting, Sponsorship

CHANNEL_LINK = "https://slack.com/app_redirect?channel="


async def load_meeting(
    services: DeliveryServices, number: int, sequence: int
) -> tuple[Meeting, MeetingFacts] | None:
    """The meeting as it is now; None once it was changed after ``sequence``.

    The zone is the policy's. Names and addresses come from the directory, which may ask Slack.
    """
    async with services.database.read() as session:
        row = await session.get_one(Meeting, number)
        case = await session.get_one(Case, row.case_number)
    if row.sequence != sequence:
        return None
    users = list(row.invited.get("users", ()))
    people = await services.people.people({*users, row.planned_by})
    invited = (_attendee(people[user]) for user in users)
    return row, MeetingFacts(
        uid=row.uid,
        sequence=row.sequence,
        kind=row.kind,
        begins=row.begins,
        minutes=row.minutes,
        zone=services.policy.timezone,
        place=row.place,
        reference=f"ESC-{case.number}",
        customer="" if case.sensitive else " ".join(case.customer.split()),
        changed_at=row.changed_at,
        cancelled=row.cancelled,
        link=CHANNEL_LINK + case.channel_id if case.channel_id else "",
        organizer=_attendee(people[row.planned_by]),
        attendees=tuple(each for each in invited if each),
    )


def _attendee(person: PersonFacts) -> Attendee | None:
    """The person with their address; None where Slack does not tell it."""
    return Attendee(person.name, person.email) if person.email else None


async def render_file(
    services: DeliveryServices, number: int, sequence: int
) -> tuple[str, bytes] | None:
    """The name and the bytes of the file for the channel; None once there is a later one.

    Its words are in the policy's first language.
    """
    found = await load_meeting(services, number, sequence)
    if found is None:
        return None
    row, facts = found
    method = Method.CANCEL if facts.cancelled else Method.PUBLISH
    name = f"{facts.reference.lower()}-{row.kind}-{row.sequence + 1}.ics"
    return name, write_calendar(facts, method, services.policy.languages[0])


async def load_entry(
    services: DeliveryServices, said: Mapping[str, Any]
) -> tuple[CalendarEntry, MeetingFacts] | None:
    """A person's own entry as the row of the outbox tells of it; None once it was changed since.

    ``said``: ``entry``, ``sequence``, ``user``, ``cancelled``. What is cancelled for a person is
    told them whatever changed, unless they have the entry again. The person is the one attendee.
    """
    async with services.database.read() as session:
        row = await session.get_one(CalendarEntry, said["entry"])
        case = await session.get(Case, row.case_number) if row.case_number else None
        account = await session.get(Sponsorship, row.membership) if row.membership else None
    gone, user = said["cancelled"], said["user"]
    theirs = row.person == user and not row.cancelled
    if theirs if gone else not theirs or row.sequence != said["sequence"]:
        return None
    person = _attendee((await services.people.people([user]))[user])
    customer = account.customer if account else ""
    if case is not None and not case.sensitive:
        customer = case.customer
    return row, MeetingFacts(
        uid=row.uid,
        sequence=said["sequence"],
        kind=row.kind,
        begins=row.begins,
        minutes=MINUTES,
        zone=services.policy.timezone,
        place="",
        reference=f"ESC-{case.number}" if case else "",
        customer=" ".join(customer.split()),
        changed_at=row.changed_at,
        cancelled=gone,
        link=CHANNEL_LINK + case.channel_id if case and case.channel_id else "",
        attendees=(person,) if person else (),
        due=last_minute(row.due) if row.kind == EntryKind.TOUCH else row.due,
    )


def name_entry(row: CalendarEntry, facts: MeetingFacts) -> str:
    """The file's name, which no other change of it has: ``esc-7-breach-call-3-1.ics``."""
    parts = [facts.reference.lower(), row.kind.replace("_", "-"), row.id, facts.sequence + 1]
    return "-".join(str(part) for part in parts if part) + ".ics"
