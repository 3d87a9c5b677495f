"""Pages that were sent, drawn anew once a person has the case, or it is over.

The row of the outbox that sent a page knows where it stands; what it says comes from the case as it
is now. Drawing it twice shows the same.
"""

from collections.abc import Mapping
from typing import Any

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
    its way may not, so it is waited for. ``texts`` of the payload names other messages in place of
    the pages; of these only those whose ``extra`` has all of ``about``.
    """
    case = await case_facts(delivery, job)
    query = select(Outbox).where(
        col(Outbox.case_number) == case.number, col(Outbox.kind) == "dm"
    ).order_by(col(Outbox.id))  # fmt: skip
    async with delivery.services.database.read() as session:
        rows = [r for r in (await session.exec(query)).all() if _is_meant(r, job.row.payload)]
    if any(row.state is OutboxState.PENDING and row.attempted_at for row in rows):
        raise Later(UNDER_WAY)
    for row in rows:
        place, user = row.result or {}, row.payload["user"]
        text = row.payload["text"]
        if "ts" not in place or await left_channels.is_hidden(delivery, case, text, user):
            continue
        who = await delivery.services.people.surely(user)
        said = {**_said(job.row.payload), "yours": user == job.row.payload.get("by")}
        read = await case_facts(delivery, job, user)
        message = compose_message(text, {**row.payload["extra"], **said}, read, who.language)
        await edit_message(delivery, place["channel"], place["ts"], message)
    return EffectResult()


def _is_meant(row: Outbox, wanted: Mapping[str, Any]) -> bool:
    """Whether the direct message is one of those that are drawn anew."""
    extra, about = row.payload["extra"], wanted.get("about") or {}
    known = all(extra.get(name) == value for name, value in about.items())
    return row.payload["text"] in wanted.get("texts", PAGES) and known


def _said(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in ("texts", "about")}
