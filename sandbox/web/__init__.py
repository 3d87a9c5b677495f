"""The workspace's page in the browser: HTML made here, one stylesheet pair, a little script."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import BaseRoute, Route

from sandbox import files
from sandbox.web.actions import DOORS, endpoint
from sandbox.web.attachments import PICTURES
from sandbox.web.guard import guarded
from sandbox.web.helpdesk import TICKET_DOORS
from sandbox.web.live import live
from sandbox.web.mailbox import MAIL_DOORS, html_mail
from sandbox.web.pages import PARTS, Page
from sandbox.web.where import where
from sandbox.workspace import Workspace

STATIC = Path(__file__).parent.parent / "static"
REMEMBER = "as"  # the cookie with the last person somebody was


def routes(ws: Workspace) -> list[BaseRoute]:
    """The page, its parts, its live events and its JSON doors."""
    pages: dict[str, Callable[[Workspace, Request], Awaitable[Response]]] = {
        "/": page,
        "/_/parts": parts,
        "/_/events": live,
        "/_/file/{file_id}": file,
        "/_/mail/{mail:int}": html_mail,
        "/_/static/{name}": static,
        "/archives/{channel}": archive,
        "/archives/{channel}/{message}": archive,
    }

    def base_url() -> str:
        return ws.base_url

    found: list[BaseRoute] = [
        Route(path, guarded(partial(show, ws), base_url)) for path, show in pages.items()
    ]
    return found + [
        Route(f"/_/{name}", guarded(endpoint(ws, door), base_url), methods=["POST"])
        for name, door in {**DOORS, **MAIL_DOORS, **TICKET_DOORS}.items()
    ]


async def _look(ws: Workspace, request: Request) -> Page:
    due = await ws.clock.next_due() if ws.clock.next_due else None
    place = where(ws, request.query_params, request.cookies.get(REMEMBER, ""))
    words = await ws.guide(place.user_id) if ws.guide and place.user_id else {}
    return Page(ws, place, next_due=due, words=words)


async def page(ws: Workspace, request: Request) -> Response:
    """`GET /?as=U…&channel=C…&thread=TS&at=TS`, `&home=A…`, `&person=U…`, `&mailbox=address`."""
    if not ws.people():
        return HTMLResponse("<!doctype html><title>Empty</title><p>Nobody works here yet.")
    look = await _look(ws, request)
    person = request.query_params.get("person", "")
    response: Response
    if person in ws.users:
        channel, _ = ws.open_im(look.me.id, person)
        response = RedirectResponse(look.reader.address(channel=channel.id), status_code=303)
    else:
        response = HTMLResponse(look.whole())
    response.set_cookie(REMEMBER, look.me.id, httponly=True, samesite="strict")
    return response


async def parts(ws: Workspace, request: Request) -> Response:
    """`GET /_/parts?names=main,sidebar&…`: the HTML of those parts, by name."""
    look = await _look(ws, request)
    wanted = [name for name in request.query_params.get("names", "").split(",") if name in PARTS]
    return JSONResponse({name: look.part(name) for name in wanted})


async def file(ws: Workspace, request: Request) -> Response:
    """`GET /_/file/F…?as=U…`: pictures to look at; everything else, and `&download=1`, to keep."""
    found = ws.files.get(request.path_params["file_id"])
    user_id = request.query_params.get("as", "")
    if found is None or not files.visible(ws, found, user_id):
        return Response(status_code=404)
    is_shown = found.mimetype in PICTURES and "download" not in request.query_params
    kind = found.mimetype if is_shown else "application/octet-stream"
    response = Response(found.content or b"", media_type=kind)
    if not is_shown:
        name = "".join(c if c.isalnum() or c in "-_. " else "_" for c in found.name)
        plain = name.encode("ascii", "replace").decode().replace("?", "_")
        response.headers["content-disposition"] = f'attachment; filename="{plain}"'
    return response


async def archive(_ws: Workspace, request: Request) -> Response:
    """A permalink, `/archives/C…/p1700000000000100`, as the page's own address."""
    place = {"channel": request.path_params["channel"]}
    stamp = request.path_params.get("message", "").removeprefix("p")
    if stamp.isdigit():
        place["at"] = f"{stamp[:-6]}.{stamp[-6:]}"
    if "thread_ts" in request.query_params:
        place["thread"] = request.query_params["thread_ts"]
    return RedirectResponse(request.url.replace(path="/", query="").include_query_params(**place))


async def static(_ws: Workspace, request: Request) -> Response:
    """A stylesheet, script or icon."""
    path = STATIC / Path(request.path_params["name"]).name
    if not path.is_file():
        return Response(status_code=404)
    return FileResponse(path, headers={"cache-control": "no-cache"})
