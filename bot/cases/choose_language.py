"""A person's own choice of the language in which the app writes to them.

It goes before what Slack says of them, since Slack does not speak every language that there is.
"""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from bot.core.access import require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Intent
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import AS_IN_SLACK, Language
from storage import wakeups
from storage.models import Person

CHOSEN = "language:chosen"  # what is answered; until then the old choice may be in memory


def _known(name: str) -> str:
    if name != AS_IN_SLACK and name not in set(Language):
        raise PydanticCustomError("enum", "enum")
    return name


class ChooseLanguage(Intent):
    """Read everything in this language: its code, or ``slack`` for the one that Slack has."""

    verb: ClassVar[str] = "choose_language"
    language: Annotated[str, AfterValidator(_known)]


async def choose_language(work: UnitOfWork, intent: ChooseLanguage) -> Answer | None:
    """Store the actor's choice; every replica forgets what it knew of it.

    The answer is in the chosen language. Raises UserError ``not_your_role``.
    """
    await require_permission(work, None, intent.verb)
    person = await work.session.get(Person, work.actor.user_id)
    person = person or _stranger(work.actor.user_id, work.now)
    person.language = None if intent.language == AS_IN_SLACK else intent.language
    work.session.add(person)
    wakeups.note_wakeup(work.session, wakeups.LANGUAGES)
    return Answer(text=CHOSEN, extra={"chosen": intent.language})


def _stranger(user_id: str, now: datetime) -> Person:
    """A row for a person of whom Slack has told nothing yet; it is asked for at the next need."""
    return Person(user_id=user_id, name=user_id, fetched_at=now)
