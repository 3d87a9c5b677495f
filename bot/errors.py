"""The two kinds of error: shown to the person who acted, or logged with a reference.

``UserError`` is an answer, not a fault: the transaction rolls back, nothing is logged as an error,
and nothing is tried again (only ``unchecked`` is, see ``bot.engine.inbox``). Everything else is a
fault of ours or of the store; ``is_away`` and ``why_away`` of ``storage.away`` tell which.

A worker survives every fault: what it had in hand stays in the store and is taken up again. The
reference of a fault is the ``correlation`` of the request where there is one, so the log can be
searched for all that led to it.
"""

import resource
import secrets
import time

import structlog
from prometheus_client import Counter

from storage.away import AwayKind, is_away, kind_of_away, why_away

__all__ = ["UserError", "is_away", "new_reference", "say_broken", "say_no_descriptors"]

log = structlog.get_logger()


class UserError(Exception):
    """Shown privately to the person who acted; the text under ``refusal.<key>`` says what next.

    ``facts`` fill that text. From the inbox they travel as JSON: a sequence as a list, and what is
    no string, number, boolean or None as a string. ``case`` is the number of the case that is kept
    from the person, where the refusal is about one; it is told to no person, only put on record.
    """

    case: int | None = None

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def of_case(self, number: int | None) -> "UserError":
        """The same refusal, about this case."""
        self.case = number
        return self


def new_reference() -> str:
    """Return a short reference (8 hexadecimal digits) that joins what a person saw with the log."""
    return secrets.token_hex(4)


def say_broken(fault: BaseException, worker: str) -> None:
    """Log what interrupted a worker that goes on.

    An unreachable store is one line, ``store_unreachable`` with its reason (``locked``, ``full``,
    ``unreachable`` and others of ``AwayKind``) and the driver's words; a fault of ours is
    ``worker_broke`` with its stack.
    """
    kind = kind_of_away(fault)
    if kind is AwayKind.DESCRIPTORS:
        say_no_descriptors(worker)
    elif (why := why_away(fault)) is not None:
        log.error("store_unreachable", worker=worker, reason=kind, why=why)
    else:
        log.error("worker_broke", worker=worker, exc_info=fault)


SAID_EVERY = 60.0  # seconds; what lacks a descriptor fails many times a second

EXHAUSTED = Counter("desk_descriptors_exhausted_total", "Times that no file descriptor was left")
_last_said = float("-inf")


def say_no_descriptors(worker: str) -> None:
    """Count that the process had no file descriptor left; log it once a minute.

    ``worker`` is what lacked one just now.
    """
    global _last_said
    EXHAUSTED.inc()
    if time.monotonic() - _last_said >= SAID_EVERY:
        _last_said = time.monotonic()
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        log.error("no_file_descriptors", worker=worker, limit=limit, remedy="raise `ulimit -n`")
