"""The documents that are made of a case: the postmortem's agenda, and a meeting's calendar file.

They are rendered when they are uploaded, from the case as it is then. The words of the agenda are
in ``messages/cases/postmortem.py``.
"""

from dataclasses import dataclass

from sqlmodel import col, func, select

from bot.calendar_files.entries import FILE, POSTMORTEM, find_meeting
from bot.calendar_files.facts import render_file
from bot.core.facts.rows import timeline_facts
from bot.core.involved import list_involved
from bot.engine.actors import SYSTEM
from bot.engine.delivery import Delivery, DeliveryServices, EffectResult
from bot.engine.outbox_claims import Job
from bot.learning.decisions import list_decisions
from bot.rules.facts import CaseFacts
from bot.slack.case_presenter import case_facts
from bot.slack.posts import upload_once
from bot.slack.presenter import inner_channel_of
from messages.cases.postmortem import agenda_markdown
from storage.models import Case, Outbox, TimelineEvent


@dataclass(frozen=True, slots=True)
class Document:
    """A file, and its bytes."""

    filename: str
    content: bytes


async def load_document(
    services: DeliveryServices, row: Outbox, case: CaseFacts
) -> Document | None:
    """The document that an outbox row names: ``postmortem`` or ``meeting``.

    None for a meeting that was changed since: a later row has its file. The agenda has the whole
    timeline, in the policy's first language and time zone. Several reads, each in
    a transaction of its own; names come from the directory, which may ask Slack.
    """
    if row.payload.get("document") == FILE:
        made = await render_file(services, row.payload["meeting"], row.payload["sequence"])
        return Document(*made) if made else None
    query = select(TimelineEvent).where(col(TimelineEvent.case_number) == case.number)
    async with services.database.read() as session:
        entries = (await session.exec(query.order_by(col(TimelineEvent.id)))).all()
        stored = await session.get_one(Case, case.number)
        invitees = await list_involved(session, stored)
        meeting = await find_meeting(session, case.number, POSTMORTEM)
        decisions = await list_decisions(session, case.number)
    timeline = tuple(timeline_facts(e) for e in entries)
    actors = {e.actor for e in timeline} - {SYSTEM} | {each.decider for each in decisions}
    people = await services.people.people({*invitees, *actors})
    text = agenda_markdown(
        case,
        timeline,
        invitees,
        services.policy.languages[0],
        decisions=decisions,
        names={user: person.name for user, person in people.items()},
        zone=services.policy.timezone,
        begins=meeting.begins if meeting and not meeting.cancelled else None,
    )
    filename = f"{case.reference.lower()}-postmortem{await _which(services, row)}.md"
    return Document(filename, text.encode())


async def _which(services: DeliveryServices, row: Outbox) -> str:
    """``-2`` for a case's second document: a retry must not take the first one for its own.

    Counted by earlier rows of the outbox, so each row always has the same name.
    """
    query = select(func.count(col(Outbox.id))).where(
        col(Outbox.case_number) == row.case_number,
        col(Outbox.kind) == row.kind,
        col(Outbox.id) < row.id,
    )
    async with services.database.read() as session:
        before = (await session.exec(query)).one()
    return f"-{before + 1}" if before else ""


async def upload_document(delivery: Delivery, job: Job) -> EffectResult:
    """Upload a document to the channel, once; the row's result is that of ``upload_once``."""
    case = await case_facts(delivery, job)
    channel = await inner_channel_of(delivery, case, job.row)
    paper = await load_document(delivery.services, job.row, case)
    if paper is None:
        return EffectResult({"done": "changed since"})
    told = await upload_once(delivery, job, channel, paper.filename, paper.content)
    return EffectResult(told)
