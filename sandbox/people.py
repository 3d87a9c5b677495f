"""What a person can do with an app: commands, buttons, forms, shortcuts, the Home tab.

The page, the tests and the tour act through :class:`People`. Whatever goes to an app waits for
its acknowledgement (three real seconds) and raises :class:`NoAnswer` without one.
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox import conversation_access, conversations, posting, views
from sandbox.answers import BadAnswerError, apply_submission
from sandbox.blockkit import validate_options
from sandbox.delivery import interactions
from sandbox.delivery.outcome import Parcel, UnansweredError
from sandbox.delivery.response_url import address, respond
from sandbox.errors import SlackError
from sandbox.finding import (
    Place,
    Refused,
    find_element,
    find_input,
    find_place,
    open_view,
    visible_message,
)
from sandbox.lifetimes import ResponseUrl
from sandbox.members import Members, Seen
from sandbox.posting import Draft
from sandbox.state import AppInstallation, Channel, Json, User, View
from sandbox.values import (
    KEYS,
    STATELESS,
    NotOfferedError,
    complaint,
    options_of,
    read_choice,
    state_of,
)
from sandbox.workspace import Workspace

__all__ = ["NoAnswer", "People", "Refused", "Seen", "people_of"]

MIN_QUERY = 3  # characters; default of external_select's min_query_length


class NoAnswer(Exception):
    """The app did not answer, or not with what Slack takes.

    ``code``: ``operation_timeout``, ``dispatch_failed`` or ``invalid_answer``.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        """``detail`` says what was wrong with an answer."""
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


def people_of(workspace: Workspace) -> "People":
    """The hands of a workspace's people; always the same ones."""
    return workspace.part(People, People)


@dataclass
class People(Members):
    """:class:`Members`, and what they do with apps."""

    _suggested: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    _touched: dict[tuple[str, str, str], dict[str, dict[str, Json]]] = field(default_factory=dict)

    async def command(self, user_id: str, channel_id: str, line: str) -> None:
        """Type a slash command (``/escalate some text``) into a conversation and send it.

        What the acknowledgement says is shown. Raises Refused for an unknown command, SlackError
        for a channel that the person is not in or that is archived, NoAnswer.
        """
        user = self.ws.user(user_id)
        channel = self.ws.channel(channel_id, seen_by=user_id)
        conversation_access.require_open(channel)
        conversation_access.require_member(channel, user_id)
        name, _, text = line.strip().partition(" ")
        app, spec = self._command(user_id, name, channel)
        if spec.get("should_escape"):
            text = self.with_names(text)
        url = self.ws.lifetimes.mint_response_url(app.app_id, channel_id, user_id)
        body = interactions.slash_command(
            self.ws,
            app,
            user,
            channel,
            command=name,
            text=text.strip(),
            trigger_id=self._trigger(app, user_id),
            response_url=address(self.ws, url),
        )
        parcel = Parcel("slash_commands", "slash_commands", body, takes_answer=True)
        answer = await self._ask(app, parcel, user_id, channel, name)
        if answer:
            self._show(url, answer, line, channel)

    def _command(self, user_id: str, name: str, channel: Channel) -> tuple[AppInstallation, Json]:
        theirs = bool(self.ws.user(user_id).team_id)  # the app is not installed where they are
        for app in () if theirs else self.ws.apps.values():
            for spec in app.slash_commands:
                if spec["command"] == name:
                    return app, spec
        self.tell(user_id, f"`{name}` is not a valid command.", channel)
        raise Refused(f"{name} is not a valid command")

    def _show(self, url: ResponseUrl, answer: Json, line: str, channel: Channel) -> None:
        """Show a message that came inside an acknowledgement; the command's own line too."""
        if answer.get("response_type") == "in_channel":
            echo = posting.compose(self.ws, url.user_id, channel, Draft(text=line))
            channel.messages[echo.ts] = echo
            conversations.mark_read(self.ws, url.user_id, channel.id, echo.ts)
            change = {"type": "message", "channel": channel.id, "ts": echo.ts, "change": "new"}
            self.ws.bus.publish(change)
        try:
            respond(self.ws, url, answer)
        except SlackError as error:
            self.tell(url.user_id, f'The app\'s answer was refused: "{error.code}"', channel)
            raise NoAnswer("invalid_answer", error.code) from error

    async def click(
        self,
        user_id: str,
        *,
        action_id: str,
        channel_id: str | None = None,
        ts: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
        value: Any = None,
    ) -> None:
        """Press a button, or choose ``value`` in a menu, picker, overflow or checkbox group.

        Say the message by ``channel_id`` and ``ts``, or the view by ``view_id``. An input that
        does not dispatch is only filled in. ``value`` is plain (see ``sandbox.values``).
        Raises Refused for what is not there or not on offer, NoAnswer.
        """
        place = find_place(self.ws, user_id, channel_id=channel_id, ts=ts, view_id=view_id)
        block, element = find_element(place.blocks, action_id, block_id)
        choice = self._choice(user_id, element, value)
        if element["type"] not in STATELESS:
            state = self._state(user_id, place)
            state.setdefault(block["block_id"], {})[action_id] = choice
        if block["type"] == "input" and not block.get("dispatch_action"):
            return
        action = interactions.action_of(self.ws, block, element, choice)
        body = self._action_body(self.ws.user(user_id), place, action)
        parcel = Parcel("interactive", "block_actions", body, takes_answer=True)
        await self._ask(place.app, parcel, user_id, place.channel, action_id)

    def _choice(self, user_id: str, element: Json, value: Any) -> Json:
        if element["type"] not in KEYS:
            return {}
        suggested = self._suggested.get((user_id, str(element.get("action_id"))), [])
        try:
            return read_choice(element, value, suggested)
        except NotOfferedError as error:
            raise Refused(str(error)) from error

    def _state(self, user_id: str, place: Place) -> dict[str, dict[str, Json]]:
        """What the person has chosen there so far; changes to it stay."""
        if place.view is not None:
            return place.view.state
        if place.channel is None or place.message is None:
            return {}
        return self._touched.setdefault((user_id, place.channel.id, place.message.ts), {})

    def _action_body(self, user: User, place: Place, action: Json) -> Json:
        if place.view is not None:
            trigger = self._trigger(place.app, user.id, place.view.id)
            return interactions.view_actions(
                self.ws, place.app, user, place.view, action=action, trigger_id=trigger
            )
        channel, message = place.channel, place.message
        if channel is None or message is None:
            raise Refused("there is no message to act on")
        url = self._message_url(place.app, user.id, channel, message.ts)
        return interactions.message_actions(
            self.ws,
            place.app,
            user,
            channel,
            message,
            action=action,
            touched=self._state(user.id, place),
            trigger_id=self._trigger(place.app, user.id),
            response_url=url,
        )

    def _message_url(self, app: AppInstallation, user_id: str, channel: Channel, ts: str) -> str:
        message = channel.messages.get(ts) or channel.ephemerals[ts]
        url = self.ws.lifetimes.mint_response_url(
            app.app_id,
            channel.id,
            user_id,
            source_ts=ts,
            source_ephemeral=message.ephemeral_to is not None,
            thread_ts=message.thread_ts,
        )
        return address(self.ws, url)

    async def submit(
        self, user_id: str, view_id: str, values: dict[str, Any] | None = None
    ) -> dict[str, str]:
        """Fill in a modal and send it. Returns the errors at its inputs by block id, or {}.

        ``values`` maps a block id or action id to a plain choice. What Slack's client checks
        itself (required, lengths, numbers, addresses) never reaches the app. Raises Refused,
        NoAnswer.
        """
        view = open_view(self.ws, user_id, view_id)
        app = self.ws.apps[view.app_id]
        for name, value in (values or {}).items():
            block, element = find_input(view.blocks, name)
            choice = self._choice(user_id, element, value)
            view.state.setdefault(block["block_id"], {})[element["action_id"]] = choice
        if errors := self._complaints(view):
            return errors
        body = interactions.view_submission(
            self.ws,
            app,
            self.ws.user(user_id),
            view,
            trigger_id=self._trigger(app, user_id, view.id),
            response_urls=self._response_urls(app, view),
        )
        parcel = Parcel("interactive", "view_submission", body, takes_answer=True)
        answer = await self._ask(app, parcel, user_id, None, view.callback_id)
        try:
            return apply_submission(self.ws, view, answer)
        except BadAnswerError as error:
            self.tell(user_id, f"The app's answer was refused: {error}")
            raise NoAnswer("invalid_answer", str(error)) from error

    def _complaints(self, view: View) -> dict[str, str]:
        state = state_of(view.blocks, view.state)
        found: dict[str, str] = {}
        for block in view.blocks:
            if block["type"] == "input":
                value = state[block["block_id"]][block["element"]["action_id"]]
                if text := complaint(block, value):
                    found[block["block_id"]] = text
        return found

    def _response_urls(self, app: AppInstallation, view: View) -> list[Json]:
        """A response URL for each conversation that was chosen where the app asked for one."""
        found: list[Json] = []
        state = state_of(view.blocks, view.state)
        for block in view.blocks:
            element = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            value = state[block["block_id"]][element["action_id"]]
            if channel_id := value[KEYS[value["type"]][0]]:
                url = self.ws.lifetimes.mint_response_url(app.app_id, channel_id, view.owner)
                found.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel_id,
                        "response_url": address(self.ws, url),
                    }
                )
        return found

    async def close(self, user_id: str, view_id: str, *, everything: bool = False) -> None:
        """Dismiss a modal, or with ``everything`` the whole stack.

        Apps that asked for it hear of it; whether they acknowledge changes nothing.
        """
        view = open_view(self.ws, user_id, view_id)
        everything = everything or bool(view.payload.get("clear_on_close"))
        closing = list(reversed(self.views(user_id))) if everything else [view]
        for one in closing:
            views.close(self.ws, one)
        for one in closing:
            if one.payload.get("notify_on_close"):
                app = self.ws.apps[one.app_id]
                user = self.ws.user(user_id)
                body = interactions.view_closed(self.ws, app, user, one, is_cleared=everything)
                try:
                    await self.delivery.ask(app, Parcel("interactive", "view_closed", body))
                except UnansweredError:
                    continue

    async def suggest(
        self,
        user_id: str,
        action_id: str,
        query: str,
        *,
        view_id: str | None = None,
        channel_id: str | None = None,
        ts: str | None = None,
        block_id: str | None = None,
    ) -> list[Json]:
        """Type into an external select; returns the options that the app offers.

        They can be chosen afterwards. A query below ``min_query_length`` asks nobody. Raises
        Refused, NoAnswer.
        """
        place = find_place(self.ws, user_id, channel_id=channel_id, ts=ts, view_id=view_id)
        block, element = find_element(place.blocks, action_id, block_id)
        if len(query) < element.get("min_query_length", MIN_QUERY):
            return []
        where: Any = place.view or (place.channel, place.message)
        body = interactions.block_suggestion(
            self.ws,
            place.app,
            self.ws.user(user_id),
            where,
            block_id=block["block_id"],
            action_id=action_id,
            query=query,
        )
        parcel = Parcel("interactive", "block_suggestion", body, takes_answer=True)
        answer = await self._ask(place.app, parcel, user_id, place.channel, action_id) or {}
        if problems := validate_options(answer):
            raise NoAnswer("invalid_answer", " ".join(p.line() for p in problems))
        options = options_of(answer)
        self._suggested.setdefault((user_id, action_id), []).extend(options)
        return options

    async def shortcut(self, user_id: str, callback_id: str) -> None:
        """Run a global shortcut. Raises Refused for one that no app has, NoAnswer."""
        app = self._shortcut(callback_id, "global")
        body = interactions.global_shortcut(
            self.ws,
            app,
            self.ws.user(user_id),
            callback_id=callback_id,
            trigger_id=self._trigger(app, user_id),
        )
        await self._ask(app, Parcel("interactive", "shortcut", body), user_id, None, callback_id)

    async def message_shortcut(
        self, user_id: str, callback_id: str, channel_id: str, ts: str
    ) -> None:
        """Run a shortcut from a message's menu. Raises Refused, NoAnswer."""
        if self.ws.user(user_id).team_id and not self.ws.outsiders_have_shortcuts:
            raise Refused("people from elsewhere are offered no shortcuts of this team's apps")
        app = self._shortcut(callback_id, "message")
        channel, message = visible_message(self.ws, user_id, channel_id, ts)
        body = interactions.message_shortcut(
            self.ws,
            app,
            self.ws.user(user_id),
            channel,
            message,
            callback_id=callback_id,
            trigger_id=self._trigger(app, user_id),
            response_url=self._message_url(app, user_id, channel, ts),
        )
        parcel = Parcel("interactive", "message_action", body)
        await self._ask(app, parcel, user_id, channel, callback_id)

    def _shortcut(self, callback_id: str, kind: str) -> AppInstallation:
        for app in self.ws.apps.values():
            for spec in app.shortcuts:
                if spec["callback_id"] == callback_id and spec["type"] == kind:
                    return app
        raise Refused(f"no app has the {kind} shortcut {callback_id!r}")

    async def open_home(self, user_id: str, app_id: str | None = None) -> View | None:
        """Look at an app's Home tab; returns what is on it when the app has been told.

        Bolt acknowledges before it publishes: a first visit may still be empty (see ``until``).
        Raises Refused when no app has a Home tab.
        """
        apps = (a for a in self.ws.apps.values() if a.home_enabled and app_id in {None, a.app_id})
        app = next(apps, None)
        if app is None:
            raise Refused("no app has a Home tab")
        channel, _ = self.ws.open_im(user_id, app.bot_user_id)
        view = self.home(user_id, app.app_id)
        event: Json = {"user": user_id, "channel": channel.id, "tab": "home"}
        if view is not None:
            event["view"] = interactions.view_body(self.ws, view)
        self.ws.emit("app_home_opened", event, channel.id, user_id)
        await self.delivery.first_attempts()
        return self.home(user_id, app.app_id)

    def _trigger(self, app: AppInstallation, user_id: str, view_id: str | None = None) -> str:
        return self.ws.lifetimes.mint_trigger(app.app_id, user_id, view_id)

    async def _ask(
        self, app: AppInstallation, parcel: Parcel, user_id: str, channel: Channel | None, what: str
    ) -> Json | None:
        """Deliver and wait; a person who gets no answer is told so."""
        try:
            return await self.delivery.ask(app, parcel)
        except UnansweredError as error:
            self.tell(user_id, f'{what} failed with the error "{error.code}"', channel)
            raise NoAnswer(error.code) from error
