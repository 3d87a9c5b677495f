"""The effects of a workflow's step, each ready to be struck."""

from sqlmodel import col, select

from sandbox.workflows import Execution, workflows_of
from storage.models import Signal
from tests.faults.scenes import MAYA, Scene

ASKED = {"customer": "Acme", "stake": "Down again", "asker": MAYA}


async def before_step(scene: Scene) -> None:
    """A step runs of which the bots have not heard."""
    runs = workflows_of(scene.world.workspace)
    scene.marked = scene.world.workspace.new_id("Fx")
    runs.executions[scene.marked] = Execution(
        scene.marked, scene.world.app, "escalate_problem", dict(ASKED), "xwfp-", 0.0
    )


async def begin(scene: Scene) -> None:
    """The bots hear of it."""
    lane = f"workflow:{scene.marked}"
    await scene.leave("workflow_step", lane, None, execution=scene.marked, inputs=ASKED)


async def taken_in(scene: Scene) -> int:
    """What it brought is taken in."""
    query = select(Signal.id).where(col(Signal.key) == scene.marked)
    return len(await scene.world.get(query))


async def end(scene: Scene) -> None:
    """The step is to end."""
    lane = f"workflow:{scene.marked}"
    await scene.leave("workflow_end", lane, None, execution=scene.marked, error="Not now")


async def ended(scene: Scene) -> int:
    """It has ended, with those words."""
    run = workflows_of(scene.world.workspace).executions[scene.marked]
    return int((run.state, run.error) == ("failed", "Not now"))


EFFECTS = {
    "workflow_step": (begin, taken_in, before_step),
    "workflow_end": (end, ended, before_step),
}
