"""Who may use the page's doors: only the page itself, though anything in a browser can call."""

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

Endpoint = Callable[[Request], Awaitable[Response]]

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


def _own_host(host: str, base_url: str) -> bool:
    """Whether the Host header names this machine.

    A name that an attacker's DNS points here (rebinding) is neither an IP address, nor localhost,
    nor the name under which the workspace is served.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost") or name == urlsplit(base_url).hostname:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def refusal(request: Request, base_url: str) -> str | None:
    """Why the request is not let in; None when it may come in."""
    host = request.headers.get("host", "")
    if not _own_host(host, base_url):
        return "this workspace is not served under that name"
    site = request.headers.get("sec-fetch-site", "same-origin")
    is_visit = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
    if site not in {"same-origin", "none"} and not (request.method == "GET" and is_visit):
        return "another site may not use these doors"
    if request.method == "GET":
        return None
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "another site may not use these doors"
    # A form of another site cannot send JSON without asking first (CORS preflight).
    if request.method == "POST" and not _is_json(request):
        return "send application/json"
    return None


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").split(";")[0] == "application/json"


def guarded(endpoint: Endpoint, base_url: Callable[[], str]) -> Endpoint:
    """The endpoint behind the guard, its answers with the page's security headers."""

    async def enter(request: Request) -> Response:
        reason = refusal(request, base_url())
        if reason is None:
            response = await endpoint(request)
        else:
            response = JSONResponse({"ok": False, "error": reason}, status_code=403)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return enter
