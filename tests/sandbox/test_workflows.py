"""Steps of workflows: what an app hears of one, and how it may end it."""

from dataclasses import replace
from typing import Any

import pytest

from sandbox.errors import SlackError
from sandbox.state import WorkspaceEvent
from sandbox.workflows import TOKEN_SECONDS, Execution, workflows_of
from tests.sandbox.api_world import Desk, code

STEP = "make_tea"
TEXT = {"type": "string", "title": "Kind", "description": "Which tea"}
PERSON = {"type": "slack#/types/user_id", "title": "For", "description": "Who drinks it"}
FUNCTION: dict[str, Any] = {
    "title": "Make tea",
    "description": "Makes tea",
    "input_parameters": {"properties": {"kind": TEXT, "guest": PERSON}, "required": ["kind"]},
    "output_parameters": {"properties": {"cup": TEXT, "cake": TEXT}, "required": ["cup"]},
}
READY = {"org_deploy_enabled": True, "function_runtime": "remote"}
OVER = "execution_not_in_running_state"


def offer(desk: Desk, **settings: Any) -> None:
    """Give the app the step."""
    manifest = desk.app.manifest
    manifest["functions"] = {STEP: FUNCTION}
    manifest["settings"] = manifest.get("settings", {}) | (settings or READY)


def run(desk: Desk, **inputs: Any) -> Execution:
    offer(desk)
    return workflows_of(desk.ws).run("U0MAYA", STEP, {"kind": "mint", **inputs})


async def test_the_app_hears_that_its_step_runs(desk: Desk) -> None:
    told: list[WorkspaceEvent] = []
    desk.ws.on_event.append(told.append)
    begun = run(desk, guest="U0ELENI")
    (event,) = (each.event for each in told)
    assert event["type"] == "function_executed"
    assert event["function"]["callback_id"] == STEP
    assert event["inputs"] == {"kind": "mint", "guest": "U0ELENI"}
    assert event["function_execution_id"] == begun.id
    assert event["bot_access_token"].startswith("xwfp-")
    assert [each["is_required"] for each in event["function"]["input_parameters"]] == [True, False]


@pytest.mark.parametrize("missing", ["org_deploy_enabled", "function_runtime"])
async def test_an_app_that_is_not_ready_for_it_offers_no_step(desk: Desk, missing: str) -> None:
    offer(desk, **(READY | {missing: False}))
    with pytest.raises(SlackError, match="function_not_found"):
        workflows_of(desk.ws).run("U0MAYA", STEP, {"kind": "mint"})


@pytest.mark.parametrize("inputs", [{"kind": 1}, {"sugar": "two"}])
async def test_a_workflow_gives_what_the_definition_takes(
    desk: Desk, inputs: dict[str, Any]
) -> None:
    with pytest.raises(SlackError, match="parameter_validation_failed"):
        run(desk, **inputs)


async def test_a_step_ends_once(desk: Desk) -> None:
    begun, client = run(desk), desk.client
    end = client.functions_completeSuccess
    await end(function_execution_id=begun.id, outputs={"cup": "hot"})
    assert (begun.state, begun.outputs) == ("completed", {"cup": "hot"})
    assert await code(end(function_execution_id=begun.id, outputs={"cup": "cold"})) == OVER
    failed = client.functions_completeError(function_execution_id=begun.id, error="Spilt")
    assert await code(failed) == OVER
    assert begun.outputs == {"cup": "hot"}


async def test_a_step_may_fail_with_words(desk: Desk) -> None:
    begun = run(desk)
    await desk.client.functions_completeError(function_execution_id=begun.id, error="No water")
    assert (begun.state, begun.error) == ("failed", "No water")


@pytest.mark.parametrize("outputs", [{}, {"cup": "hot", "pot": "full"}, {"cup": 1}])
async def test_outputs_are_held_against_the_definition(desk: Desk, outputs: dict[str, Any]) -> None:
    begun = run(desk)
    ended = desk.client.functions_completeSuccess(function_execution_id=begun.id, outputs=outputs)
    assert await code(ended) == "parameter_validation_failed"
    assert begun.state == "running"


async def test_only_its_own_app_ends_a_step_that_is_there(desk: Desk) -> None:
    begun, client = run(desk), desk.client
    gone = client.functions_completeError(function_execution_id="Fx0", error="No")
    assert await code(gone) == "function_execution_not_found"
    begun.app = replace(desk.app, app_id="A0OTHER")
    theirs = client.functions_completeError(function_execution_id=begun.id, error="No")
    assert await code(theirs) == "access_denied"


async def test_the_steps_own_token_ends_with_it_and_after_a_quarter_of_an_hour(desk: Desk) -> None:
    first, second = run(desk), run(desk)
    client, end = desk.client, desk.client.functions_completeSuccess
    given = {"cup": "hot"}
    await end(function_execution_id=first.id, outputs=given, token=first.token)
    client.token = first.token
    assert await code(client.auth_test()) == "token_revoked"
    desk.real.now += TOKEN_SECONDS + 1
    client.token = second.token
    assert await code(end(function_execution_id=second.id, outputs=given)) == "token_expired"
    client.token = desk.app.bot_token
    await end(function_execution_id=second.id, outputs=given)
    assert second.state == "completed"
