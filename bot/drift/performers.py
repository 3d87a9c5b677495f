"""Effects that look at a case's channel and put it right.

The outbox delivers them outside any transaction; what a look found is stored in the transaction
that marks its row as done. Each may run again after a crash: what is already so, Slack
refuses, and that refusal is part of the result, not an error.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.drift import detect as drift
from bot.drift.look import look_at_channel
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.drift import EXPOSED, LOST, Seen
from bot.rules.words import Drift
from messages.clients.slack import SlackRefused
from storage.models import Case


async def perform_look(delivery: Delivery, job: Job) -> EffectResult:
    """See what Slack shows of a case, and store how it differs from what it should be.

    The payload may carry ``hint`` (a ``Drift``) and ``mender`` (the user id that hears how a repair
    went). The result is ``{"lost": <drift or None>}``, and empty for a case without a live channel.
    """
    since = delivery.services.clock.now()
    async with delivery.services.database.read() as session:
        case = await session.get(Case, job.row.case_number)
        if case is None or not drift.is_live(case):
            return EffectResult()
        people = await drift.channel_members_needed(_work(delivery, session), case)
    hint = job.row.payload.get("hint")
    services = delivery.services
    seen = await look_at_channel(
        delivery.call, case, people, Drift(hint) if hint else None, services
    )
    if seen.lost is Drift.REMOVED and _was_closed(case):
        # The channel was opened again; we left it when it was closed.
        await _try(delivery, "conversations.join", case)
        seen = await look_at_channel(delivery.call, case, people, services=services)
    return EffectResult({"lost": seen.lost}, _settling(delivery, job, seen, since))


def _was_closed(case: Case) -> bool:
    return Drift.ARCHIVED.value in case.drift


def _settling(
    delivery: Delivery, job: Job, seen: Seen, since: datetime
) -> Callable[[AsyncSession], Awaitable[None]]:
    """What stores the findings in the transaction that marks the look as done."""

    async def save(session: AsyncSession) -> None:
        work = _work(delivery, session)
        number, mender = job.row.case_number, job.row.payload.get("mender", "")
        assert number is not None  # a look is about a case
        await drift.store_findings(work, number, seen, since, mender=mender)

    return save


def _work(delivery: Delivery, session: AsyncSession) -> UnitOfWork:
    return UnitOfWork.join(session, delivery.services, Actor(SYSTEM, "look"))


async def rejoin_channel(delivery: Delivery, job: Job) -> EffectResult:
    """Go back into the case's channel, opening it first where Slack lets us.

    The result names each method that Slack refused with its code; a look that follows tells the
    rest. Raises SlackRefused ``no_channel_yet`` for a case without a channel.
    """
    case = await _case(delivery, job)
    refused: dict[str, str] = {}
    if {Drift(what) for what in case.drift} & (LOST - EXPOSED - {Drift.REMOVED}):
        refused |= await _try(delivery, "conversations.unarchive", case)
    refused |= await _try(delivery, "conversations.join", case)
    return EffectResult(refused)


async def rename_channel(delivery: Delivery, job: Job) -> EffectResult:
    """Give the channel the name that the store knows. Results and errors as ``rejoin_channel``."""
    case = await _case(delivery, job)
    return EffectResult(await _try(delivery, "conversations.rename", case, name=case.channel_name))


async def _try(delivery: Delivery, method: str, case: Case, **arguments: object) -> dict[str, str]:
    """Call Slack with the case's channel.

    A refusal is answered as ``{method: code}``, success as ``{}``.
    """
    try:
        await delivery.call(method, channel=case.channel_id, **arguments)
    except SlackRefused as refused:
        return {method: refused.code}
    return {}


async def _case(delivery: Delivery, job: Job) -> Case:
    """The case of the row.

    Raises SlackRefused ``no_channel_yet`` where there is no case or no channel to act on.
    """
    async with delivery.services.database.read() as session:
        case = await session.get(Case, job.row.case_number)
    if case is None or case.channel_id is None:
        raise SlackRefused(job.row.kind, "no_channel_yet")
    return case
