"""Files by the external upload flow: ask for an address, post the bytes, finish."""

import mimetypes
import secrets

from sandbox.conversation_access import require_member, require_open
from sandbox.errors import SlackError
from sandbox.posting import Draft, post_unchecked, thread_root
from sandbox.state import File, Json
from sandbox.workspace import Workspace

FILE_BYTES_MAX = 1_000_000_000  # Slack's 1 GB; file_upload_size_restricted
ALT_TEXT_MAX = 1_000  # characters; alt_txt_too_large


def begin_upload(
    ws: Workspace, actor: str, filename: str, length: int, *, alt_txt: str = ""
) -> File:
    """Announce a file; its bytes go to :func:`upload_url`.

    ``length`` is in bytes. Raises ``file_upload_size_restricted`` beyond 1 GB,
    ``alt_txt_too_large``. The type is guessed from the name alone.
    """
    if length > FILE_BYTES_MAX:
        raise SlackError("file_upload_size_restricted")
    if len(alt_txt) > ALT_TEXT_MAX:
        raise SlackError("alt_txt_too_large")
    kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    file = File(
        ws.new_id("F"),
        filename,
        actor,
        ws.epoch(),
        length,
        mimetype="text/markdown" if filename.endswith(".md") else kind,
        alt_txt=alt_txt,
        upload_token=secrets.token_urlsafe(24),
    )
    ws.files[file.id] = file
    return file


def upload_url(ws: Workspace, file: File) -> str:
    """Where the bytes are posted, until the upload is finished."""
    return f"{ws.base_url}/upload/v1/{file.upload_token}"


def receive(ws: Workspace, upload_token: str, content: bytes) -> File:
    """Take the bytes. Raises ``file_not_found``; ``invalid_length`` when they are not as many.

    The bytes may come again until the upload is finished; the last ones count.
    """
    file = next((f for f in ws.files.values() if f.upload_token == upload_token), None)
    if file is None or file.complete:
        raise SlackError("file_not_found")
    if len(content) != file.length:
        raise SlackError("invalid_length")
    file.content = content
    return file


def complete(
    ws: Workspace,
    actor: str,
    wanted: list[Json],
    *,
    channel_ids: list[str],
    comment: str = "",
    blocks: list[Json] | None = None,
    thread_ts: str | None = None,
) -> list[File]:
    """Finish uploads and show them in the channels, in one message each.

    Raises ``file_not_found`` (unknown, or its bytes never came), ``access_denied``,
    ``channel_not_found``, ``not_in_channel``. Everything is checked before anything is shown.
    ``wanted`` is ``[{"id", "title"?}]``; without a channel the files are finished and only their
    owner sees them. Apps hear ``file_shared`` for each file and channel.
    """
    files = [_finished(ws, actor, str(item.get("id", ""))) for item in wanted]
    channels = [ws.channel(channel_id, seen_by=actor) for channel_id in channel_ids]
    for channel in channels:
        require_open(channel)
        require_member(channel, actor)
        thread_root(channel, thread_ts)
    for file, item in zip(files, wanted, strict=True):
        file.complete = True
        file.title = str(item.get("title") or file.name)
    for channel in channels:
        ids = [file.id for file in files]
        text = comment or None
        draft = Draft(text, None if comment else blocks, thread_ts=thread_ts, files=ids)
        message = post_unchecked(ws, actor, channel, draft)
        for file in files:
            file.shares.append((channel.id, message.ts))
            event = {"file_id": file.id, "user_id": actor, "channel_id": channel.id}
            ws.emit("file_shared", {**event, "file": {"id": file.id}}, channel.id, actor)
    return files


def _finished(ws: Workspace, actor: str, file_id: str) -> File:
    file = ws.files.get(file_id)
    if file is None or file.content is None or file.complete:
        raise SlackError("file_not_found")
    if file.user != actor:
        raise SlackError("access_denied")
    return file


def visible(ws: Workspace, file: File, user_id: str) -> bool:
    """Whether somebody may see a file: its owner, and who sees a place where it was shared."""
    if file.user == user_id:
        return True
    return any(
        channel_id in ws.channels and ws.channels[channel_id].visible_to(user_id)
        for channel_id, _ in file.shares
    )


def delete(ws: Workspace, actor: str, file_id: str) -> None:
    """Delete one's own file; the messages that showed it stay without it.

    Raises ``file_not_found``, ``cant_delete_file`` for another's.
    """
    file = ws.files.get(file_id)
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    if file.user != actor:
        raise SlackError("cant_delete_file")
    del ws.files[file_id]
    for channel_id, ts in file.shares:
        channel = ws.channels.get(channel_id)
        message = channel.messages.get(ts) if channel else None
        if channel and message:
            message.files.remove(file_id)
            ws.bus.publish({"type": "message", "channel": channel.id, "ts": ts})
