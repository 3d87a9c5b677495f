"""How a step ends: with what was decided, or with the reason why it was not taken in.

A step ends once. Slack refuses a second end, so an answer that was lost is found by that refusal,
and a decision that is taken again after it was undone reaches only the people.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlmodel import col, select

from bot import effects
from bot.core.reactions import CandidateDecided
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.workflow.steps import END, SOURCE, step_lane
from bot.rules.facts.workflow import StepEnd
from bot.rules.states import CandidateState, OutboxState
from messages.clients.slack import SlackRefused
from messages.intake.workflow import step_mismatch, step_outputs
from storage.models import Candidate, Case, Outbox, Signal

SUCCESS, FAILURE = "functions.completeSuccess", "functions.completeError"
# The step is over, by us before or by the workflow's people, or there is no such step any more.
OVER = frozenset({"execution_not_in_running_state", "function_execution_not_found"})
MISMATCH = "parameter_validation_failed"  # the workspace has another manifest of ours installed

log = structlog.get_logger()


async def tell_steps(work: UnitOfWork, event: CandidateDecided) -> None:
    """Have each step of the candidate end with what was decided.

    The effect ``END`` has ``execution``, ``candidate`` and ``asker``. Of a case it waits for the
    case's card, where there is to be one, so that the step can name a place. Reacts to
    CandidateDecided, in its transaction.
    """
    candidate = event.candidate
    query = select(Signal.key, Signal.reported_by).where(
        col(Signal.candidate) == candidate.id, col(Signal.source) == SOURCE
    )
    found = (await work.session.exec(query.order_by(col(Signal.id)))).all()
    card = await _waiting_card(work, candidate.case_number) if found else None
    for execution, asker in found:
        payload = {"execution": execution, "candidate": candidate.id, "asker": asker or ""}
        lane = step_lane(execution)
        work.leave(END, lane, payload, after=card, priority=effects.INTERACTIVE)


async def _waiting_card(work: UnitOfWork, case: int | None) -> int | None:
    """The id of the row that shows the case's card; None where none waits."""
    if case is None:
        return None
    query = select(Outbox.id).where(
        col(Outbox.case_number) == case,
        col(Outbox.kind) == "card",
        col(Outbox.state) == OutboxState.PENDING,
    )
    return (await work.session.exec(query.order_by(col(Outbox.id)).limit(1))).first()


async def perform_end(delivery: Delivery, job: Job) -> EffectResult:
    """End the step; payload: ``execution``, and ``error`` or ``candidate`` and ``asker``.

    What was decided is read as it stands now: where the decision was taken back meanwhile, the step
    goes on. The result has ``outcome``: ``ended``, ``waits``, or Slack's word for a step that is
    over. Slack's refusal of the outputs ends the step with an error that says what to install; the
    report itself is not touched by that.
    """
    execution, error = str(job.row.payload["execution"]), str(job.row.payload.get("error") or "")
    if error:
        return await _end(delivery, FAILURE, execution, error=error)
    person = await delivery.services.people.surely(str(job.row.payload["asker"]))
    ended = await _read(delivery, int(job.row.payload["candidate"]))
    if ended.state is CandidateState.WAITING:
        return EffectResult({"outcome": "waits"})
    outputs = step_outputs(ended, person.language)
    try:
        return await _end(delivery, SUCCESS, execution, outputs=outputs)
    except SlackRefused as refused:
        if refused.code != MISMATCH:
            raise
        log.error("workflow_outputs_refused", execution=execution)
        words = step_mismatch(ended, person.language)
        return await _end(delivery, FAILURE, execution, error=words)


async def _read(delivery: Delivery, number: int) -> StepEnd:
    """What became of the candidate, with a link to the case's card where it has one."""
    async with delivery.services.database.read() as session:
        candidate = await session.get_one(Candidate, number)
        case = await session.get(Case, candidate.case_number) if candidate.case_number else None
    restricted = candidate.sensitive or (case is not None and case.sensitive)
    link = await _link(delivery, case) if case is not None and not restricted else ""
    return StepEnd(candidate.state, number, candidate.case_number, restricted, candidate.told, link)


async def _link(delivery: Delivery, case: Case) -> str:
    """The address of the case's card; empty where it has none, or Slack refuses it."""
    if not case.channel_id or not case.card_ts:
        return ""
    try:
        found = await delivery.call(
            "chat.getPermalink", channel=case.channel_id, message_ts=case.card_ts
        )
    except SlackRefused:
        return ""
    return str(found.get("permalink") or "")


async def _end(
    delivery: Delivery, method: str, execution: str, **how: str | Mapping[str, Any]
) -> EffectResult:
    try:
        await delivery.call(method, function_execution_id=execution, **how)
    except SlackRefused as refused:
        if refused.code not in OVER:
            raise
        return EffectResult({"outcome": refused.code})
    return EffectResult({"outcome": "ended"})
