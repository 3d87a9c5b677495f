"""Workflow Builder: steps of apps that a workflow runs, and how they end.

Slack's rules as far as its documentation goes. A step is a function of the app's manifest; it needs
``function_runtime: remote`` and ``org_deploy_enabled``. Its app hears ``function_executed`` and
ends it once, at any time later. What stands between two steps of a workflow is not played.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.errors import SlackError
from sandbox.state import AppInstallation, Json
from sandbox.workspace import Workspace

EVENT = "function_executed"
PEOPLE = "slack#/types/user_id"
PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    PEOPLE: (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
TOKEN_SECONDS = 900.0  # real ones, of the step's own token, which ends with the step too


@dataclass
class Execution:
    """One run of a step: what went in, and what came of it."""

    id: str
    app: AppInstallation
    callback_id: str
    inputs: Json
    token: str
    began: float
    state: Literal["running", "completed", "failed"] = "running"
    outputs: Json = field(default_factory=dict)
    error: str = ""


@dataclass
class Workflows:
    """The runs of steps in one workspace, by id."""

    ws: Workspace
    executions: dict[str, Execution] = field(default_factory=dict)

    def run(self, actor: str, callback_id: str, inputs: Json) -> Execution:
        """Run a step of the installed app that has it, as a workflow that ``actor`` started does.

        Raises ``function_not_found`` where no app offers the step, ``parameter_validation_failed``
        for inputs that its definition does not take; Workflow Builder asks for those that it
        requires, and a variable may leave them empty.
        """
        app = next((a for a in self.ws.apps.values() if _offers(a, callback_id)), None)
        if app is None:
            raise SlackError("function_not_found")
        definition = app.manifest["functions"][callback_id]
        _validate(definition["input_parameters"], inputs)
        token = f"xwfp-{secrets.token_hex(24)}"
        found = Execution(self.ws.new_id("Fx"), app, callback_id, inputs, token, self._real_now())
        self.executions[found.id] = found
        self.ws.emit(EVENT, _event(self.ws, found, definition), None, actor)
        return found

    def app_of_token(self, token: str) -> AppInstallation | None:
        """The app of a step's own token; raises ``token_revoked``, ``token_expired``."""
        found = next((run for run in self.executions.values() if run.token == token), None)
        if found is None:
            return None
        if found.state != "running":
            raise SlackError("token_revoked")
        if self._real_now() - found.began > TOKEN_SECONDS:
            raise SlackError("token_expired")
        return found.app

    def _real_now(self) -> float:
        return self.ws.lifetimes.real_time()

    def complete(self, app: AppInstallation, execution_id: str, outputs: Json) -> None:
        """End a step well.

        Raises ``parameter_validation_failed`` for outputs that its definition does not have, and
        what ``_running`` raises.
        """
        found = self._running(app, execution_id)
        _validate(app.manifest["functions"][found.callback_id]["output_parameters"], outputs)
        found.state, found.outputs = "completed", outputs

    def fail(self, app: AppInstallation, execution_id: str, error: str) -> None:
        """End a step with an error, which the people of the workflow read."""
        found = self._running(app, execution_id)
        found.state, found.error = "failed", error

    def _running(self, app: AppInstallation, execution_id: str) -> Execution:
        """The run that is not over.

        Raises ``function_execution_not_found``, ``access_denied`` for another app's, and
        ``execution_not_in_running_state``.
        """
        found = self.executions.get(execution_id)
        if found is None:
            raise SlackError("function_execution_not_found")
        if found.app is not app:
            raise SlackError("access_denied")
        if found.state != "running":
            raise SlackError("execution_not_in_running_state")
        return found


def workflows_of(workspace: Workspace) -> Workflows:
    """The workflows of a workspace; always the same ones."""
    return workspace.part(Workflows, Workflows)


def _offers(app: AppInstallation, callback_id: str) -> bool:
    settings = app.manifest.get("settings", {})
    ready = settings.get("org_deploy_enabled") and settings.get("function_runtime") == "remote"
    return bool(ready) and callback_id in app.manifest.get("functions", {})


def _validate(parameters: Json, given: Json) -> None:
    """Hold what is given against the definition: names, types, and those that are required."""
    known = parameters["properties"]
    wrong = [f"missing {name}" for name in parameters.get("required", ()) if name not in given]
    wrong += [f"unknown {name}" for name in given if name not in known]
    wrong += [
        f"{name} must be {known[name]['type']}"
        for name, value in given.items()
        if name in known and not _fits(known[name]["type"], value)
    ]
    if wrong:
        raise SlackError("parameter_validation_failed", response_metadata={"messages": wrong})


def _fits(kind: str, value: Any) -> bool:
    kinds = PYTHON_TYPES[kind]
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _event(ws: Workspace, run: Execution, definition: Json) -> Json:
    return {
        "function": {
            "id": "Fn" + run.app.app_id[1:],
            "callback_id": run.callback_id,
            "title": definition["title"],
            "description": definition["description"],
            "type": "app",
            "input_parameters": _listed(definition["input_parameters"]),
            "output_parameters": _listed(definition["output_parameters"]),
            "app_id": run.app.app_id,
            "date_created": ws.epoch(),
            "date_updated": ws.epoch(),
            "date_deleted": 0,
        },
        "inputs": run.inputs,
        "function_execution_id": run.id,
        "workflow_execution_id": ws.new_id("Wx"),
        "bot_access_token": run.token,
    }


def _listed(parameters: Json) -> list[Json]:
    required = parameters.get("required", ())
    return [
        {"name": name, **about, "is_required": name in required}
        for name, about in parameters["properties"].items()
    ]
