"""The two kinds of error: shown to the person who acted, or logged with a reference.

``UserError`` is an answer, not a fault: the transaction rolls back, nothing is logged as an error,
and nothing is tried again (only ``unchecked`` is, see ``bot.engine.inbox``). Everything else is a
fault of ours or of the store; ``is_away`` and ``why_away`` of ``storage.away`` tell which.

A worker survives every fault: what it had in hand stays in the store and is taken up again. The
reference of a fault is the ``correlation`` of the request where there is one, so the log can be
searched for all that led to it.
"""

import secrets

import structlog

from storage.away import is_away, kind_of_away, why_away

__all__ = ["UserError", "is_away", "new_reference", "say_broken"]

log = structlog.get_logger()


class UserError(Exception):
    """Shown privately to the person who acted; the text under ``refusal.<key>`` says what next.

    ``facts`` fill that text. From the inbox they travel as JSON: what is no string, number, boolean
    or None is turned into a string there.
    """

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def new_reference() -> str:
    """Return a short reference (8 hexadecimal digits) that joins what a person saw with the log."""
    return secrets.token_hex(4)


def say_broken(fault: BaseException, worker: str) -> None:
    """Log what interrupted a worker that goes on.

    An unreachable store is one line, ``store_unreachable`` with its reason (``locked``, ``full``,
    ``unreachable`` and others of ``AwayKind``) and the driver's words; a fault of ours is
    ``worker_broke`` with its stack.
    """
    if (why := why_away(fault)) is not None:
        log.error("store_unreachable", worker=worker, reason=kind_of_away(fault), why=why)
    else:
        log.error("worker_broke", worker=worker, exc_info=fault)
