"""The two kinds of error: shown to the person who acted, or logged with a reference."""

import secrets

import structlog

from storage.away import is_away, why_away

__all__ = ["UserError", "is_away", "new_reference", "say_broken"]

log = structlog.get_logger()


class UserError(Exception):
    """Shown privately to the person who acted; the text under ``refusal.<key>`` says what next.

    ``facts`` fill that text.
    """

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def new_reference() -> str:
    """A short reference that joins what a person was shown with what was logged."""
    return secrets.token_hex(4)


def say_broken(fault: BaseException, worker: str) -> None:
    """Log what stopped a worker that goes on: the store in a line, a fault of ours in full."""
    if (why := why_away(fault)) is not None:
        log.error("store_unreachable", worker=worker, why=why)
    else:
        log.error("worker_broke", worker=worker, exc_info=fault)
