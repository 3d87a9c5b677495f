"""Delivery to apps: Socket Mode or signed HTTP, whichever the installation uses."""

import asyncio
import secrets
from contextlib import suppress

from starlette.routing import BaseRoute, Route, WebSocketRoute

from sandbox.delivery import events
from sandbox.delivery.http import HttpSender
from sandbox.delivery.outcome import Parcel, Timing, UnansweredError
from sandbox.delivery.socket import SocketHub
from sandbox.state import AppInstallation, Json, WorkspaceEvent
from sandbox.workspace import Workspace


def delivery_of(workspace: Workspace) -> "Delivery":
    """The one delivery of a workspace, made when first asked for."""
    return workspace.part(Delivery, Delivery)


class Delivery:
    """Sends what happens to the apps that should know.

    Change ``timing`` (see :class:`Timing`) before anything is sent, for tests that may not wait.
    """

    def __init__(self, workspace: Workspace, timing: Timing | None = None) -> None:
        """Starts to listen to the workspace's events at once."""
        self.workspace = workspace
        self.socket = SocketHub(workspace, timing or Timing())
        self.http = HttpSender(timing or Timing())
        self.tasks: set[asyncio.Task[None]] = set()
        self._first_attempts: set[asyncio.Future[None]] = set()
        self._duplicates = 0
        self._together = False
        self._last: dict[str, tuple[AppInstallation, Parcel]] = {}
        self.timing = timing or Timing()
        workspace.on_event.append(self._on_event)

    @property
    def timing(self) -> Timing:
        """How long apps may take and when events come again."""
        return self.socket.timing

    @timing.setter
    def timing(self, timing: Timing) -> None:
        self.socket.timing = timing
        self.http.timing = timing

    async def ask(self, app: AppInstallation, parcel: Parcel) -> Json | None:
        """Deliver something a person waits for; once. Returns the answer's payload.

        Raises :class:`UnansweredError` when nothing was acknowledged in time.
        """
        if not self._duplicates:
            return await self._send(app, parcel)
        self._duplicates -= 1
        first = asyncio.ensure_future(self._send(app, parcel))
        if not self._together:
            await asyncio.wait([first])
        with suppress(UnansweredError):
            await self._send(app, parcel)
        return await first

    async def _tell(
        self, app: AppInstallation, parcel: Parcel, first: "asyncio.Future[None]"
    ) -> None:
        """Deliver an event, again and again until it is acknowledged or the retries are used up.

        ``first`` is set after the first attempt.
        """
        delays = (0.0, *self.timing.retry_delays)
        for attempt, delay in enumerate(delays):
            if attempt:
                await self.timing.sleep(delay)
            try:
                await self.ask(app, parcel)
            except UnansweredError as failure:
                parcel = events.again(parcel, attempt + 1, failure.reason)
                if not failure.retry:
                    return
            else:
                return
            finally:
                if not first.done():
                    first.set_result(None)

    async def _send(self, app: AppInstallation, parcel: Parcel) -> Json | None:
        for kind in (parcel.envelope, parcel.kind):
            self._last[kind] = (app, parcel)
        if app.socket_mode:
            return await self.socket.send(app, parcel)
        return await self.http.send(app, parcel)

    async def verify(self, app: AppInstallation) -> bool:
        """Ask a request URL to return a challenge, as Slack does when it is configured."""
        challenge = secrets.token_urlsafe(32)
        body = {"token": app.verification_token, "challenge": challenge}
        parcel = Parcel("events_api", "url_verification", body | {"type": "url_verification"})
        try:
            answer = await self.http.send(app, parcel)
        except UnansweredError:
            return False
        return challenge in (answer or {}).values()

    def duplicate_next(self, count: int = 1, *, together: bool = False) -> None:
        """Send each of the next ``count`` deliveries twice, the same to the letter.

        The copy leaves when the first was answered, or ``together`` with it.
        """
        self._duplicates += count
        self._together = together

    def last_body(self, kind: str) -> Json:
        """The body of the last delivery of a kind (see :meth:`redeliver_last`)."""
        return self._last[kind][1].body

    async def redeliver_last(self, kind: str) -> Json | None:
        """Send the very last delivery of a kind again, retry marks and all; returns the answer.

        ``kind``: an envelope's type (``slash_commands``, ``interactive``, ``events_api``), a
        payload's type (``view_submission`` …) or an event's type. Raises KeyError for a kind
        that was never delivered and :class:`UnansweredError` when the app does not acknowledge.
        """
        app, parcel = self._last[kind]
        return await self._send(app, parcel)

    def _on_event(self, event: WorkspaceEvent) -> None:
        """Start to tell the apps; what is prepared before anything runs is told to nobody."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        for app in self.workspace.apps.values():
            if events.wants(self.workspace, app, event):
                self._start(loop, app, events.parcel(events.wrap(self.workspace, app, event)))

    def _start(self, loop: asyncio.AbstractEventLoop, app: AppInstallation, parcel: Parcel) -> None:
        first = loop.create_future()
        self._first_attempts.add(first)
        first.add_done_callback(self._first_attempts.discard)
        task = loop.create_task(self._tell(app, parcel, first))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(lambda _: first.cancel())

    async def first_attempts(self) -> None:
        """Wait until everything that happened was sent at least once, answered or not."""
        while self._first_attempts:
            await asyncio.wait(self._first_attempts)

    async def drained(self) -> None:
        """Wait until nothing is left to send, retries included."""
        while self.tasks:
            await asyncio.wait(self.tasks)

    async def close(self) -> None:
        """Stop retrying and let connections go."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.http.close()


def routes(workspace: Workspace) -> list[BaseRoute]:
    """Socket Mode's endpoint and the response URLs."""
    from sandbox.delivery.response_url import endpoint

    hub = delivery_of(workspace).socket
    return [
        WebSocketRoute("/link", hub.serve),
        WebSocketRoute("/link/", hub.serve),
        Route("/_/response/{response_url_id}", endpoint(workspace), methods=["POST"]),
    ]
