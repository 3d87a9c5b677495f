"""A step that runs: taken in as a signal once it is known who asks.

The event that Slack sends is kept as an effect, so that Slack need not wait for its own answer to
the question who the asker is. The step stays open until the candidate is decided
(``bot.intake.workflow.ends``); one that cannot be taken in ends at once, with the reason.

The token that comes with the event is neither used nor kept: it ends after a quarter of an hour, or
with the step, and a decision may take longer. The app's own token ends a step at any time.
"""

from collections.abc import Mapping
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import require_permission
from bot.core.allowances import spend_allowance
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, DeliveryServices, EffectResult
from bot.engine.intent import AllowanceKind
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import UserError, new_reference
from bot.intake.signals import find_standing, take_in_signal
from bot.intake.workflow.inputs import StepInputs, keep_inputs, read_inputs
from bot.rules.facts import PersonFacts
from bot.rules.intake import Arrival, Reason
from bot.rules.words import Language, Standing
from messages.intake.workflow import step_refusal

SOURCE = "workflow"
STEP, END = "workflow_step", "workflow_end"  # kinds of effects


def step_lane(execution: str) -> str:
    """The lane of all that is done about one step."""
    return f"workflow:{execution}"


class StepServices(WorkServices, Protocol):
    """What taking in a step needs of the process."""

    def wake(self) -> None:
        """Something was committed: deliver it now."""


async def note_step(services: StepServices, execution: str, given: Mapping[str, object]) -> None:
    """Store that a step runs; ``execution`` is Slack's id of it, ``given`` its inputs.

    The effect ``STEP`` has ``execution`` and ``inputs``, texts by name. A step that is known, or
    whose effect waits unclaimed, changes nothing.
    """
    async with UnitOfWork.begin(services, Actor(SYSTEM, SOURCE), new_reference()) as work:
        lane = step_lane(execution)
        known = await find_standing(work.session, SOURCE, execution)
        if known is None and not await effects.lock_waiting(work, lane):
            payload = {"execution": execution, "inputs": keep_inputs(given)}
            work.leave(STEP, lane, payload, priority=effects.INTERACTIVE)
    services.wake()


async def perform_step(delivery: Delivery, job: Job) -> EffectResult:
    """Take in what the step brings, or end it with the reason why not.

    The asker must be a full member of our workspace, whom Slack is asked about where they are not
    known. What they report is counted as any request of theirs. Raises SlackUnknown while Slack
    does not tell who they are. The result has ``outcome``: ``taken`` or the key of the refusal.
    """
    execution, kept = str(job.row.payload["execution"]), dict(job.row.payload["inputs"])
    asker = kept.get("asker", "")
    person = await delivery.services.people.surely(asker) if asker else None
    language = person.language if person else _own_language(delivery.services)
    result = EffectResult({"outcome": "taken"})

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(asker or SYSTEM, SOURCE))
        try:
            inputs = await _admitted(work, person, kept)
        except UserError as refused:
            result.result["outcome"] = refused.key
            _refuse(work, execution, step_refusal(refused.key, language, refused.facts))
        else:
            await take_in_signal(work, _arrival(work, execution, inputs))

    result.save = save
    return result


def _own_language(services: DeliveryServices) -> Language:
    """The language in which an asker is answered of whom nothing is known."""
    return services.policy.languages[0]


async def _admitted(
    work: UnitOfWork, person: PersonFacts | None, kept: Mapping[str, str]
) -> StepInputs:
    """Return what the asker reports, if they may; raises UserError else.

    The keys are those of ``read_inputs``, the value of their standing, ``step_no_asker``, and what
    ``spend_allowance`` raises.
    """
    if person is None:
        raise UserError("step_no_asker")
    if person.standing is not Standing.MEMBER:
        raise UserError(person.standing.value)
    await require_permission(work, None, "log_call")
    inputs = read_inputs(kept)
    await spend_allowance(work, AllowanceKind.REQUESTS)
    return inputs


def _arrival(work: UnitOfWork, execution: str, inputs: StepInputs) -> Arrival:
    return Arrival(
        source=SOURCE,
        key=execution,
        text=inputs.stake,
        happened_at=work.now,
        customer=inputs.customer,
        contact=inputs.contact,
        language=inputs.language,
        severity=inputs.severity,
        reasons=(Reason.ASKED,),
        reported_by=work.actor.user_id,
    )


def _refuse(work: UnitOfWork, execution: str, words: str) -> None:
    """Have the step end with an error, in words for the asker."""
    payload = {"execution": execution, "error": words}
    work.leave(END, step_lane(execution), payload, priority=effects.INTERACTIVE)
