"""files.*: the external upload flow.

``files.getUploadURLExternal`` answers ``upload_url`` and ``file_id``, the bytes are posted there,
and ``files.completeUploadExternal`` shows the file. Until then ``files.info`` finds none.
"""

from typing import Any

from sandbox import files
from sandbox.api.blocks import checked_blocks
from sandbox.api.call import Call, method
from sandbox.api.conversations import split
from sandbox.errors import SlackError, invalid_arguments
from sandbox.shapes import file_object
from sandbox.state import Json


@method("files.getUploadURLExternal")
def get_upload_url(call: Call) -> Json:
    """Where to post the bytes of a new file."""
    filename, length = call.text("filename"), call.get("length")
    file = files.begin_upload(call.ws, call.actor, filename, length, alt_txt=call.text("alt_txt"))
    return {"upload_url": files.upload_url(call.ws, file), "file_id": file.id}


@method("files.completeUploadExternal")
def complete_upload(call: Call) -> Json:
    """Finish uploads and show them.

    ``files`` is ``[{"id", "title"?}]``, ``channel_id`` and ``channels`` hold ids with commas
    between, and the former wins. ``blocks`` are shown only without an ``initial_comment``.
    """
    done = files.complete(
        call.ws,
        call.actor,
        _wanted(call.get("files")),
        channel_ids=split(call.text("channel_id")) or split(call.text("channels")),
        comment=call.text("initial_comment"),
        blocks=checked_blocks(call.get("blocks")),
        thread_ts=call.get("thread_ts"),
    )
    return {"files": [file_object(call.ws, file) for file in done]}


def _wanted(value: Any) -> list[Json]:
    if not isinstance(value, list) or not value or not all(isinstance(f, dict) for f in value):
        raise invalid_arguments("must provide an array of files [json-pointer:/files]")
    return value


@method("files.info")
def info(call: Call) -> Json:
    """One file."""
    file = call.ws.files.get(call.text("file"))
    if file is None or not file.complete:
        raise SlackError("file_not_found")
    if not files.visible(call.ws, file, call.actor):
        raise SlackError("access_denied")
    paging = {"count": 100, "total": 0, "page": 1, "pages": 0}
    return {"file": file_object(call.ws, file), "comments": [], "paging": paging}


@method("files.delete")
def delete(call: Call) -> Json:
    """Delete one's own file, wherever it was shared."""
    files.delete(call.ws, call.actor, call.text("file"))
    return {}
