"""Pages that were sent, drawn anew once a person has the case, or it is over.

The row of the outbox that sent a page knows where it stands; what it says comes from the case as it
is now. Drawing it twice shows the same.
"""

from sqlmodel import col, select

from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.outbox_claims import Job
from bot.rules.states import OutboxState
from bot.slack import left_channels
from bot.slack.case_presenter import case_facts
from bot.slack.posts import edit_message
from messages.compose import compose_message
from storage.models import Outbox

PAGES = frozenset({"notice:opened", "notice:paged"})
UNDER_WAY = 2.0  # seconds until a page that is being sent is looked at again


async def redraw_pages(delivery: Delivery, job: Job) -> EffectResult:
    """Take the buttons off the case's pages, and say who has it since when.

    ``by`` and ``at`` of the payload. One that is not sent yet will say so by itself; one that is on
    its way may not, so it is waited for.
    """
    case = await case_facts(delivery, job)
    query = select(Outbox).where(
        col(Outbox.case_number) == case.number, col(Outbox.kind) == "dm"
    ).order_by(col(Outbox.id))  # fmt: skip
    async with delivery.services.database.read() as session:
        rows = [r for r in (await session.exec(query)).all() if r.payload["text"] in PAGES]
    if any(row.state is OutboxState.PENDING and row.attempted_at for row in rows):
        raise Later(UNDER_WAY)
    for row in rows:
        place, user = row.result or {}, row.payload["user"]
        text = row.payload["text"]
        if "ts" not in place or await left_channels.is_hidden(delivery, case, text, user):
            continue
        who = await delivery.services.people.surely(user)
        said = {**job.row.payload, "yours": user == job.row.payload["by"]}
        message = compose_message(text, {**row.payload["extra"], **said}, case, who.language)
        await edit_message(delivery, place["channel"], place["ts"], message)
    return EffectResult()
