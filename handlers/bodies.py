"""Reading a request's body without letting anybody fill the memory."""

from starlette.requests import ClientDisconnect, Request


async def limited(request: Request, most: int) -> bytes | None:
    """The body, or None when it is longer than ``most`` bytes; nothing beyond that is kept."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
