"""JSON doors that are no part of Slack: the fault board."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.web.guard import guarded
from sandbox.workspace import Workspace


def routes(ws: Workspace) -> list[Route]:
    """``/_/faults``: GET lists, POST adds, DELETE lifts all; ``/_/faults/<id>``: DELETE lifts one.

    A POST carries ``{"kind", "method"?, "seconds"?, "times"?, "probability"?,
    "error"?}``; see
    :class:`sandbox.faults.Fault`. Like the page's other doors they want application/json.
    """

    async def board(request: Request) -> Response:
        if request.method == "POST":
            try:
                rule = ws.faults.add(**_rule(await request.json()))
            except (ValueError, TypeError) as error:
                return JSONResponse({"ok": False, "error": str(error)}, status_code=400)
            ws.bus.publish({"type": "fault", "rules": [rule.as_json()]})
            return JSONResponse({"ok": True, "rule": rule.as_json()})
        if request.method == "DELETE":
            ws.faults.clear()
            ws.bus.publish({"type": "fault", "rules": []})
        return JSONResponse({"ok": True, "rules": [r.as_json() for r in ws.faults.rules]})

    async def one(request: Request) -> Response:
        lifted = ws.faults.remove(request.path_params["fault_id"])
        ws.bus.publish({"type": "fault", "rules": []})
        return JSONResponse({"ok": lifted}, status_code=200 if lifted else 404)

    def base_url() -> str:
        return ws.base_url

    methods = ["GET", "POST", "DELETE"]
    return [
        Route("/_/faults", guarded(board, base_url), methods=methods),
        Route("/_/faults/{fault_id:int}", guarded(one, base_url), methods=["DELETE"]),
    ]


def _rule(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise TypeError("a fault is a JSON object")
    return body
