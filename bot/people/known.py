"""What the store keeps of a person, as facts."""

from bot.rules.facts import PersonFacts
from bot.rules.words import Language, Standing
from storage.models import Person


def person_facts(row: Person) -> PersonFacts:
    """Return a stored person; one whose standing was never told is unknown to the workspace."""
    return PersonFacts(
        row.user_id,
        row.name,
        Language.of(row.locale),
        row.timezone,
        row.email,
        Standing(row.standing) if row.standing else Standing.UNKNOWN,
    )
