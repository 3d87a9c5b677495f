"""The Web API: ``/api/<method>``, files in and out.

Not here, and answered with ``unknown_method``: canvases, message streams, unfurls.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox import files
from sandbox.api import (
    blocks,
    chat,
    conversations,
    functions,
    history,
    identity,
    marks,
    people,
    uploads,
    views,
)
from sandbox.api.dispatch import Api
from sandbox.api.faulty import with_faults
from sandbox.errors import SlackError
from sandbox.workspace import Workspace

METHOD_MODULES = (
    blocks,
    chat,
    conversations,
    functions,
    history,
    identity,
    marks,
    people,
    uploads,
    views,
)

__all__ = ["METHOD_MODULES", "Api", "routes"]


def routes(ws: Workspace) -> list[Route]:
    """The Web API's doors for one workspace."""
    api = Api(ws)

    async def upload(request: Request) -> Response:
        return await with_faults(ws, "upload", request, take_bytes)

    async def take_bytes(request: Request) -> Response:
        form = request.headers.get("content-type", "").startswith("multipart/form-data")
        content = await _first_file(request) if form else await request.body()
        try:
            files.receive(ws, request.path_params["token"], content)
        except SlackError as error:
            return PlainTextResponse(error.code, status_code=400)
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(request: Request) -> Response:
        file = ws.files.get(request.path_params["file_id"].partition("-")[2])
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        app = ws.app_of_token(token)
        if file is None or file.content is None or app is None:
            return PlainTextResponse("Not found", status_code=404)
        if "files:read" not in app.scopes or not files.visible(ws, file, app.bot_user_id):
            return PlainTextResponse("Forbidden", status_code=403)
        return Response(file.content, media_type=file.mimetype)

    return [
        Route("/api/{method}", api.handle, methods=["GET", "POST"]),
        Route("/upload/v1/{token}", upload, methods=["POST"]),
        Route("/files-pri/{file_id}/{name}", download),
    ]


async def _first_file(request: Request) -> bytes:
    async with request.form() as form:
        for value in form.values():
            if not isinstance(value, str):
                return await value.read()
    return b""
