"""From an HTTP request to a method and back: faults, token, limits, arguments, scopes."""

import base64
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.api import arguments
from sandbox.api.call import REGISTRY, Call, require_scope
from sandbox.api.facts import MethodFacts, methods
from sandbox.api.faulty import limited, with_faults
from sandbox.api.limits import RateLimits
from sandbox.errors import SlackError
from sandbox.state import AppInstallation, Json
from sandbox.workflows import workflows_of
from sandbox.workspace import Workspace

TOKENLESS = frozenset({"api.test", "oauth.v2.access", "blocks.validate"})
APP_TOKEN = frozenset({"apps.connections.open"})
FREE_FORM = frozenset({"api.test"})  # echoes whatever it gets


@dataclass
class Api:
    """The Web API of one workspace. ``calls`` counts what was asked, by method."""

    ws: Workspace
    limits: RateLimits = field(init=False)
    calls: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Rate limits run on the same real time as every other protocol lifetime."""
        self.limits = RateLimits(lambda: self.ws.lifetimes.real_time())

    async def handle(self, request: Request) -> Response:
        """Answer one request to ``/api/<method>``."""
        name = request.path_params["method"]
        self.calls[name] = self.calls.get(name, 0) + 1
        return await with_faults(self.ws, name, request, self._answer)

    async def _answer(self, request: Request) -> Response:
        told = self._scopes(request)
        try:
            wait, body = await self._call(request.path_params["method"], request)
        except SlackError as error:
            return JSONResponse({"ok": False, "error": error.code, **error.extra}, headers=told)
        return limited(wait) if wait else JSONResponse({"ok": True, **body}, headers=told)

    def _scopes(self, request: Request) -> dict[str, str]:
        """What the token in the header may do, as Slack tells it with each answer.

        Only a token in the ``Authorization`` header is looked at. A 429 and an ordered fault go
        without.
        """
        app = self.ws.app_of_token(_bearer(request))
        return {"X-OAuth-Scopes": ",".join(sorted(app.scopes))} if app is not None else {}

    async def _call(self, name: str, request: Request) -> tuple[int, Json]:
        """Seconds to wait, or the method's answer. Raises SlackError.

        In this order: ``unknown_method``; what ``arguments.gather`` refuses; ``not_authed``,
        ``invalid_auth``, ``not_allowed_token_type``, ``missing_scope``; the rate limit; wrong
        arguments. So a call with wrong arguments uses up the limit as well.
        """
        facts = methods().get(name)
        if facts is None or name not in REGISTRY:
            raise SlackError("unknown_method", req_method=name)
        given = await arguments.gather(request)
        if name in TOKENLESS:
            app = None
            given |= _basic(request) if name == "oauth.v2.access" else {}
        else:
            app = self._authorise(request, given, facts)
            wait = self._wait(app, facts, given)
            if wait:
                return wait, {}
        return 0, REGISTRY[name](Call(self.ws, facts, _checked(facts, given), app))

    def _authorise(self, request: Request, given: Json, facts: MethodFacts) -> AppInstallation:
        """The app behind the token, which is in the header or, without one, among the arguments.

        The token of a workflow's step is good as a bot's is, while the step runs.
        ``not_allowed_token_type`` is an app-level token where a bot's is wanted, or the other way
        round.
        """
        token = _bearer(request) or given.get("token")
        if not token:
            raise SlackError("not_authed")
        app = self.ws.app_of_token(str(token))
        if app is None and (app := workflows_of(self.ws).app_of_token(str(token))) is not None:
            require_scope(app, facts.scopes)
            return app
        if app is None:
            raise SlackError("invalid_auth")
        expected = app.app_token if facts.name in APP_TOKEN else app.bot_token
        if token != expected:
            raise SlackError("not_allowed_token_type")
        require_scope(app, facts.scopes)
        return app

    def _wait(self, app: AppInstallation, facts: MethodFacts, given: Json) -> int:
        """Whole seconds to wait; 0 when the call may be made, and always without ``strict_limits``.

        A ``chat.postMessage`` has to pass its method's limit first, then that of its ``channel`` as
        it was written: a name and an id of one channel count apart.
        """
        if not self.ws.strict_limits:
            return 0
        wait = self.limits.method(app.app_id, facts.name, facts.tier)
        if not wait and facts.name == "chat.postMessage" and given.get("channel"):
            wait = self.limits.posting(app.app_id, str(given["channel"]))
        return wait


def _bearer(request: Request) -> str:
    header = request.headers.get("authorization", "")
    return header[7:].strip() if header.lower().startswith("bearer ") else ""


def _checked(facts: MethodFacts, given: Json) -> Json:
    return given if facts.name in FREE_FORM else arguments.check(facts, given)


def _basic(request: Request) -> Json:
    """The client's id and secret from HTTP Basic, as oauth.v2.access sends them."""
    header = request.headers.get("authorization", "")
    if not header.lower().startswith("basic "):
        return {}
    try:
        client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}
