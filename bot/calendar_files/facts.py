"""Of a stored meeting what its calendar file tells."""

from bot.engine.delivery import DeliveryServices
from bot.rules.business.meetings import Attendee, MeetingFacts, Method
from bot.rules.facts import PersonFacts
from messages.meetings.calendar_file import write_calendar
from storage.models import Case, Meeting

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
