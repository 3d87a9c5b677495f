"""What the policy leaves to a person's morning: said then, if it still holds.

``bot.effects.keep_for_morning`` keeps it; the sweep calls ``say_in_morning`` when it is due.
"""

from collections.abc import Sequence

from bot import effects
from bot.core.access import on_case
from bot.core.notify import FIRST_WORDS, LOUDNESS, heard_of_case
from bot.engine.due import Audience, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.lifecycle import LIVE
from bot.rules.words import Notice
from storage.models import Case, MorningNotice


async def say_in_morning(work: UnitOfWork, notice: MorningNotice, says: Sequence[Reminder]) -> None:
    """Queue the direct message, with the priority of a digest, and forget the row.

    Called with the notice's row locked, after which the case is locked too. Nothing is said of a
    case that is over, or restricted without the person being on it, nor that a case exists to a
    person who was told so loudly meanwhile.
    """
    case = await work.case(notice.case_number)
    await work.session.delete(notice)
    await work.session.flush()
    if await _is_over(work, case, notice):
        return
    known: dict[str, tuple[str]] = {Audience.READER: (notice.user_id,)}
    for user in find_recipients(get_reminder(says, "morning").who, known, {}):
        await effects.queue_dm(
            work, user, notice.text, case, notice.extra, priority=effects.DIGEST, with_channel=True
        )


async def _is_over(work: UnitOfWork, case: Case, notice: MorningNotice) -> bool:
    """True where the notice does not hold any more, as ``say_in_morning`` lists it.

    What the person was told since is read from the outbox and from what else waits for a morning,
    after the row itself was deleted.
    """
    if case.status not in LIVE:
        return True
    if case.sensitive and not await on_case(work.session, case, notice.user_id):
        return True
    told = (await heard_of_case(work, case)).get(notice.user_id, 0)
    return notice.text in FIRST_WORDS and told >= LOUDNESS[Notice.DM]
