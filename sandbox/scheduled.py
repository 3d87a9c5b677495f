"""Messages that wait for their instant of workspace time."""

from contextlib import suppress
from datetime import datetime

from sandbox.errors import SlackError
from sandbox.posting import Draft, post_unchecked
from sandbox.state import AppInstallation, Channel, Json, ScheduledMessage
from sandbox.workspace import Workspace

AHEAD_MAX = 120 * 86_400  # seconds; time_too_far
PER_WINDOW_MAX = 30  # messages of one channel within five minutes; restricted_too_many
WINDOW = 300  # seconds


def schedule(
    ws: Workspace, app: AppInstallation, channel: Channel, post_at: int, fields: Json
) -> ScheduledMessage:
    """Keep a message for later. ``fields`` are Draft's.

    Raises ``time_in_past``, ``time_too_far``, ``restricted_too_many``. The windows of five minutes
    are fixed ones of the epoch, and what every app has scheduled for the channel counts.
    ``post_at`` is in whole seconds of workspace time.
    """
    if post_at <= ws.epoch():
        raise SlackError("time_in_past")
    if post_at > ws.epoch() + AHEAD_MAX:
        raise SlackError("time_too_far")
    near = [
        s
        for s in ws.scheduled.values()
        if s.channel_id == channel.id and s.post_at // WINDOW == post_at // WINDOW
    ]
    if len(near) >= PER_WINDOW_MAX:
        raise SlackError("restricted_too_many")
    waiting = ScheduledMessage(ws.new_id("Q"), app.app_id, channel.id, post_at, ws.epoch(), fields)
    ws.scheduled[waiting.id] = waiting
    return waiting


def cancel(ws: Workspace, app: AppInstallation, channel_id: str, scheduled_id: str) -> None:
    """Forget a waiting message. Raises ``invalid_scheduled_message_id``."""
    waiting = ws.scheduled.get(scheduled_id)
    if waiting is None or waiting.app_id != app.app_id or waiting.channel_id != channel_id:
        raise SlackError("invalid_scheduled_message_id")
    del ws.scheduled[scheduled_id]


def post_due(ws: Workspace, now: datetime) -> None:
    """Post everything whose instant has come; what can no longer be posted is dropped.

    The earliest first. Dropped are those of an app that is gone, those for a channel that is
    archived or deleted, and answers in a thread that is gone; membership is not looked at again.
    """
    due = [s for s in ws.scheduled.values() if s.post_at <= now.timestamp()]
    for waiting in sorted(due, key=lambda s: s.post_at):
        del ws.scheduled[waiting.id]
        app = ws.apps.get(waiting.app_id)
        channel = ws.channels.get(waiting.channel_id)
        if app and channel and not channel.is_archived:
            with suppress(SlackError):
                post_unchecked(ws, app.bot_user_id, channel, Draft(**waiting.fields))
