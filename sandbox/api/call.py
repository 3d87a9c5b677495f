"""One call of a Web API method, and the registry of methods."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.api.facts import MethodFacts
from sandbox.errors import SlackError
from sandbox.state import AppInstallation, Channel, Json, User
from sandbox.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """Who calls what with which checked arguments."""

    ws: Workspace
    facts: MethodFacts
    args: Json
    installed: AppInstallation | None = None

    @property
    def app(self) -> AppInstallation:
        """The calling app. Raises ``not_authed`` for methods that were called without a token."""
        if self.installed is None:
            raise SlackError("not_authed")
        return self.installed

    @property
    def actor(self) -> str:
        """The app's bot user id."""
        return self.app.bot_user_id

    def get(self, name: str, default: Any = None) -> Any:
        """An argument, or the default when it was not given."""
        return self.args.get(name, default)

    def text(self, name: str) -> str:
        """A string argument; empty when it was not given."""
        return str(self.args.get(name, ""))

    def channel(self, name: str = "channel") -> Channel:
        """The conversation that an argument names, seen by the bot, with the scope it needs.

        Raises ``channel_not_found``, ``missing_scope``. Visibility comes first: a private channel
        that the bot is not in is ``channel_not_found``, whatever its scopes.
        ``method_not_supported_for_channel_type`` where no scope of the method fits the kind.
        """
        channel = self.ws.channel(self.text(name), seen_by=self.actor)
        self.need_for(channel.kind)
        return channel

    def need(self, *scopes: str) -> None:
        """Raise ``missing_scope`` unless the app has one of these scopes."""
        require_scope(self.app, scopes)

    def need_for(self, kind: str) -> None:
        """Raise ``missing_scope`` unless the method's scope for this kind is granted."""
        if self.facts.by_conversation:
            scopes = self.facts.scopes_for(kind)
            if not scopes:
                raise SlackError("method_not_supported_for_channel_type")
            self.need(*scopes)

    def user(self, name: str = "user") -> User:
        """The person that an argument names. Raises ``user_not_found``."""
        return self.ws.user(self.text(name))


def require_scope(app: AppInstallation, scopes: Iterable[str]) -> None:
    """Raise ``missing_scope`` unless the app has one of these scopes (none: nothing needed)."""
    wanted = list(scopes)
    if wanted and not app.scopes.intersection(wanted):
        provided = ",".join(sorted(app.scopes))
        raise SlackError("missing_scope", needed=",".join(wanted), provided=provided)


Method = Callable[[Call], Json]
REGISTRY: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Register a function as the Web API method of this name."""

    def register(function: Method) -> Method:
        REGISTRY[name] = function
        return function

    return register
