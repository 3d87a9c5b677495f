"""functions.*: how an app ends the step of a workflow."""

from sandbox.api.call import Call, method
from sandbox.errors import invalid_arguments
from sandbox.state import Json
from sandbox.workflows import workflows_of


@method("functions.completeSuccess")
def functions_complete_success(call: Call) -> Json:
    """End a step with its outputs."""
    outputs = call.get("outputs")
    if not isinstance(outputs, dict):
        raise invalid_arguments("must provide an object [json-pointer:/outputs]")
    workflows_of(call.ws).complete(call.app, call.text("function_execution_id"), outputs)
    return {}


@method("functions.completeError")
def functions_complete_error(call: Call) -> Json:
    """End a step with an error."""
    workflows_of(call.ws).fail(call.app, call.text("function_execution_id"), call.text("error"))
    return {}
