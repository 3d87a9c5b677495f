"""Ways outside Slack to page a person, each an address that the library apprise understands.

An address has tokens in it, so it is looked up by its name when it is used, and nothing that the
library logs or says is passed on: only which kind of fault it was (``WayFault``) and the status of
an HTTP answer. The library blocks, so a send takes one of ``THREADS`` threads; one that hangs ends
by the timeouts that it is given.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

from messages.clients.helpdesks import Away, Limited, Refused

THREADS = 4
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 10.0  # seconds, the most; an address may say less
WAIT = 30.0  # seconds after a limit: apprise does not tell how long the service asks to wait
STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
BUSY, LIMITED = 408, 429
MUTED = ("apprise", "urllib3", "requests")  # their lines have paths, which have tokens


class WayFault(StrEnum):
    """Why a page did not go by a way; ``http`` is followed by a colon and the status."""

    UNSET = "unset"  # the name has no address here
    UNREADABLE = "unreadable"  # apprise does not understand the address
    SEVERAL = "several"  # the address reaches several, so that a second try would wake them twice
    HTTP = "http"
    SILENT = "silent"  # no usable answer


class PageWays:
    """Sends by the ways that ``load`` answers anew each time: the address by the name."""

    def __init__(self, load: Callable[[], Mapping[str, str]]) -> None:
        """Make the threads, which end with ``close``; ``load`` is called at each send."""
        self._load = load
        self._threads = ThreadPoolExecutor(THREADS, "page-way")

    async def send(self, way: str, title: str, body: str) -> None:
        """Send both by the way; a repeat is sent again, since most services know no key.

        Raises Refused with a ``WayFault``, Limited, and Away where no usable answer came. A call
        that is given up before its turn is not made.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._send, way, title, body)

    async def list_faults(self, ways: Iterable[str]) -> dict[str, WayFault]:
        """Those of the ways by which nothing can be sent, and why; nothing is contacted."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._faults, tuple(ways))

    def names(self) -> tuple[str, ...]:
        """The names of all ways that have an address. Raises OSError, ValueError."""
        return tuple(self._load())

    async def close(self) -> None:
        """Drop what has not begun; what is under way ends by its timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _faults(self, ways: tuple[str, ...]) -> dict[str, WayFault]:
        """What is wrong with each of these ways by its address alone; nothing is sent."""
        found = {}
        for way in ways:
            try:
                self._make(way)
            except Refused as refused:
                found[way] = WayFault(refused.reason)
            except Away:
                found[way] = WayFault.UNSET
        return found

    def _make(self, way: str) -> Any:
        """The library's sender for a way. Raises Refused, Away."""
        for name in MUTED:
            _mute(logging.getLogger(name))
        import apprise

        try:
            address = self._load().get(way)
        except (OSError, ValueError):
            raise Away(f"the addresses of the ways cannot be read: {way}") from None
        if address is None:
            raise Refused(WayFault.UNSET)
        sender = apprise.Apprise.instantiate(address, asset=_make_asset())
        if sender is None:
            raise Refused(WayFault.UNREADABLE)
        sender.retry, sender.optional = 0, False
        sender.socket_connect_timeout = min(sender.socket_connect_timeout, CONNECT_TIMEOUT)
        sender.socket_read_timeout = min(sender.socket_read_timeout, READ_TIMEOUT)
        if len(sender) > 1:
            raise Refused(WayFault.SEVERAL)
        return sender

    def _send(self, way: str, title: str, body: str) -> None:
        """Send by one way, which blocks the thread.

        Raises as ``_raise_fault`` says; no error has the address in it.
        """
        sender = self._make(way)
        import apprise

        library: Any = apprise.Apprise(asset=_make_asset())
        library.add(sender)
        outcome = library.notify(
            title=title, body=body, body_format=apprise.NotifyFormat.TEXT,
            notify_type=apprise.NotifyType.WARNING, interpret_escapes=False,
        )  # fmt: skip
        if not outcome:
            _raise_fault(way, [str(entry.message) for entry in outcome.logs()])


def _raise_fault(way: str, lines: Iterable[str]) -> None:
    """Raise what became of a send, by the status in the lines and nothing else of them."""
    found = STATUS.search("\n".join(lines))
    status = int(found[1]) if found else 0
    if status == LIMITED:
        raise Limited(WAIT)
    if 400 <= status < 500 and status != BUSY:
        raise Refused(f"{WayFault.HTTP}:{status}")
    raise Away(f"{way}: no usable answer", status, WayFault.SILENT)


def _make_asset() -> Any:
    """The library's settings: no threads of its own, nothing on the disk, no secrets in logs."""
    import apprise

    return apprise.AppriseAsset(
        app_id="Escalation Desk", app_desc="Escalation Desk", async_mode=False,
        secure_logging=True, storage_mode=apprise.PersistentStoreMode.MEMORY,
    )  # fmt: skip


def _mute(logger: logging.Logger) -> None:
    """Let the library's lines end here: even masked ones show hosts and paths."""
    logger.propagate = False
    logger.setLevel(logging.WARNING)  # below it they have whole addresses
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
