"""What we set in a ticket besides replies: internal notes, tags, its status, as the policy says.

Each is a row in the ticket's lane. A note ends with a line that names its mark, such as ``NOTE-31``
(the row's id): by it a repeat finds the note, and a reader sees where it comes from. A tag and a
status are set again without harm. What a write left is remembered (``known``), so that the webhook
which it causes is known as an echo. Of a restricted case, or candidate, nothing is written: in the
help desk more people read along.
"""

import asyncio

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.reactions import CaseClosed, CaseDismissed, CaseReopened, CaseResolved
from bot.core.steps import refresh_card
from bot.customers.delivery import GIVE_UP, Save, begin_work
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.helpdesks.terms import Moment
from bot.rules.helpdesks.tickets import TicketState
from bot.rules.words import Status
from bot.tickets.connectors import TOTAL_TIMEOUT, require_connector
from bot.tickets.known import find_known, remember_ticket
from messages.clients.helpdesks import Away, Refused, Reply
from messages.kit.texts import t
from storage.models import Case

NOTE, TAG, STATUS = "note", "tag", "status"  # what a row does, and the key of what it sets
WRITES = frozenset({NOTE, TAG, STATUS})

log = structlog.get_logger()


def queue_moment(
    work: UnitOfWork,
    helpdesk: str,
    ticket: str,
    moment: Moment,
    case: Case | None = None,
    told: str = "",
) -> None:
    """Queue what the policy wants in a ticket at ``moment``: a note, a tag, a status, or nothing.

    ``case`` is the one that the note names. ``told`` are approved words for the customer, which the
    agents may send. All notes are in the first language of the policy.
    """
    terms = work.policy.helpdesk(helpdesk)
    reference = f"ESC-{case.number}" if case else ""
    rows: list[tuple[str, str]] = []
    if moment in terms.notes:
        language = work.policy.languages[0]
        text = t(language, f"helpdesk_note.{moment}", reference=reference)
        text += "\n\n" + t(language, "helpdesk_note.told", words=told) if told else ""
        rows.append((NOTE, text))
    rows += [(TAG, terms.tags[moment])] if moment in terms.tags else []
    rows += [(STATUS, terms.statuses[moment])] if moment in terms.statuses else []
    for do, value in rows:
        work.leave(
            helpdesk,
            f"{helpdesk}:{ticket}",
            {"do": do, "ticket": ticket, do: value},
            case=case,
            priority=effects.NUDGE,
        )


def queue_correction(work: UnitOfWork, helpdesk: str, ticket: str, moment: Moment) -> None:
    """Queue a note that what was written at ``moment`` no longer holds; nothing if nothing was.

    A tag that was added then stays, and so does the status: people may have set them since.
    """
    terms = work.policy.helpdesk(helpdesk)
    if moment in terms.notes or moment in terms.tags or moment in terms.statuses:
        text = t(work.policy.languages[0], "helpdesk_note.undone")
        note = {"do": NOTE, "ticket": ticket, NOTE: text}
        work.leave(helpdesk, f"{helpdesk}:{ticket}", note, priority=effects.NUDGE)


async def write_resolved(work: UnitOfWork, event: CaseResolved) -> None:
    """Say in the case's ticket that the case is resolved."""
    _of_case(work, event.case, Moment.RESOLVED)


async def write_closed(work: UnitOfWork, event: CaseClosed) -> None:
    """Say in the case's ticket that the case is closed."""
    _of_case(work, event.case, Moment.CLOSED)


async def write_reopened(work: UnitOfWork, event: CaseReopened) -> None:
    """Say in the case's ticket that the case is worked on again."""
    if not event.unmerged:
        _of_case(work, event.case, Moment.REOPENED)


async def write_dismissed(work: UnitOfWork, event: CaseDismissed) -> None:
    """Say in the case's ticket that it is no escalation; of one that was merged nothing is said."""
    if event.case.status == Status.DISMISSED:
        _of_case(work, event.case, Moment.DISMISSED)


def _of_case(work: UnitOfWork, case: Case, moment: Moment) -> None:
    if case.ticket and not case.sensitive:
        queue_moment(work, case.helpdesk, case.ticket, moment, case)


# -- performing


async def write_there(delivery: Delivery, job: Job) -> EffectResult:
    """Set what the row says, within ``TOTAL_TIMEOUT`` and what is left of the lease.

    A note is looked for first when an earlier try may have left it. What the help desk refuses
    ends the row, and so does no answer for ``GIVE_UP``; the case's channel is told then. The row's
    result has ``refused`` (the reason, else empty).
    """
    if not job.left:
        raise Away("the lease is running out")
    if await _is_restricted(delivery, job):
        return EffectResult({"refused": ""})
    state: TicketState | None = None
    refusal = ""
    try:
        async with asyncio.timeout(min(TOTAL_TIMEOUT, job.left)):
            state = await _write(delivery, job)
    except Refused as refused:
        refusal = refused.reason
    except (Away, TimeoutError) as away:
        refusal = away.reason if isinstance(away, Away) else "no answer in time"
        if delivery.services.clock.now() - job.row.queued_at <= GIVE_UP:
            raise Away(str(away) or refusal) from away
    return EffectResult({"refused": refusal}, _recording(delivery, job, state, refusal))


async def _is_restricted(delivery: Delivery, job: Job) -> bool:
    """Whether the row's case became restricted since the row was queued."""
    async with delivery.services.database.read() as session:
        case = await session.get(Case, job.row.case_number) if job.row.case_number else None
    return case is not None and case.sensitive


async def _write(delivery: Delivery, job: Job) -> TicketState | None:
    """Make the call; the ticket as it is then, None after a note, which changes nothing of it.

    The payload's key of the same name as ``do`` holds what is set: the note's text, the tag, or the
    help desk's own word for the status. Raises Away, Refused and Limited of the connector.
    """
    connector, payload = require_connector(delivery, job.row.kind), job.row.payload
    ticket, do = str(payload["ticket"]), payload["do"]
    match do:
        case "tag":
            return await connector.add_tag(ticket, payload[TAG])
        case "status":
            return await connector.set_status(ticket, payload[STATUS])
    mark = f"NOTE-{job.row.id}"
    language = delivery.services.policy.languages[0]
    origin = t(language, "helpdesk.note_origin", reference=mark)
    await connector.note(Reply(ticket, payload[NOTE], mark, origin), again=job.tried_before)
    return None


def _recording(delivery: Delivery, job: Job, state: TicketState | None, refusal: str) -> Save:
    """What is stored once the help desk has answered, in the transaction that ends the job.

    ``state`` is the ticket as it was seen, None where it was not; ``refusal`` is empty unless it
    refused.
    """

    async def save(session: AsyncSession) -> None:
        work = begin_work(delivery, session, job)
        if state is not None:
            await _remember(work, job.row.kind, state)
        if refusal:
            await _tell_refused(work, job, refusal)

    return save


async def _remember(work: UnitOfWork, helpdesk: str, state: TicketState) -> None:
    """Remember what was set, of a ticket that was looked at before; others have no echo to know."""
    if await find_known(work.session, helpdesk, state.ticket) is not None:
        await remember_ticket(work, helpdesk, state)


async def _tell_refused(work: UnitOfWork, job: Job, refusal: str) -> None:
    """Tell the case's channel; of no case it is only logged.

    Timeline ``ticket_not_set``: ``desk``, ``ticket``, ``what``, the reason as why. The notice's
    ``extra``: ``desk``, ``written`` (``note``, ``tag`` or ``status``), ``reason``, ``url``. The
    case is locked here.
    """
    payload = job.row.payload
    said = {"desk": job.row.kind, "ticket": payload["ticket"], "what": payload["do"]}
    if job.row.case_number is None:
        log.warning("ticket_not_set", reason=refusal, **said)
        return
    case = await work.case(job.row.case_number)
    work.note(case, "ticket_not_set", after=said, why=refusal)
    extra = {
        "desk": job.row.kind,
        "written": said["what"],
        "reason": refusal,
        "url": case.ticket_url,
    }
    await effects.queue_post(work, case, "notice:ticket_not_set", extra)
    await refresh_card(work, case)
