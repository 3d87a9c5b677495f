"""A quiet word to the writer of a post that blames a colleague: only they see it, once a day.

``bot.rules.tone.courtesy`` reads the post while its event is in hand; from then on nothing knows
what it said, nor in which case. The request is the app's own, under a key that names neither person
nor post; where it is answered it keeps who is told, until ``bot.operations.pruning`` takes it out.
"""

import hashlib
from datetime import date
from typing import ClassVar

from pydantic import Field
from sqlmodel import col, select

from bot.core.access import require_permission
from bot.engine.actors import SYSTEM
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.rules.learning.tips import TipKind
from storage.models import Case, TipReader


class QuietWord(Intent):
    """A post of theirs blamed a colleague. ``user`` is who wrote it."""

    verb: ClassVar[str] = "quiet_word"
    user: Hidden[str] = Field(max_length=40)


def quiet_key(user: str, day: date) -> str:
    """The identity of a person's quiet word of a day, in which neither can be read."""
    return f"quiet:{hashlib.sha256(f'{user}:{day}'.encode()).hexdigest()}"


async def is_talked_in(services: WorkServices, channel: str) -> bool:
    """Whether it is the channel of a case that is no drill. One statement; locks nothing."""
    query = select(Case.number).where(col(Case.channel_id) == channel)
    async with services.database.read() as session:
        return (await session.exec(query)).first() is not None


async def say_quietly(work: UnitOfWork, intent: QuietWord) -> Answer | None:
    """Answer ``tip:courtesy``, unless the person or the policy wants none by now.

    Raises UserError ``not_your_role`` for any but the app itself.
    """
    if work.actor.user_id != SYSTEM:
        await require_permission(work, None, "quiet_word")  # which nobody has
    reader = await work.session.get(TipReader, intent.user)
    if not work.policy.courtesy.blame or (reader and reader.courtesy_off):
        return None
    return Answer(text=f"tip:{TipKind.COURTESY}", extra={})
