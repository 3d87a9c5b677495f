"""Logs: JSON lines on standard error, event names with their ids, no secret, no customer's words.

A line has ``event``, ``level``, ``timestamp`` (ISO 8601, UTC) and what the caller binds; of
libraries also ``logger``. A fault is told in ``exception`` by its type and by where it happened.
Its message may quote what a person wrote or what the database was given, so it is left out unless
LOG_LEVEL is DEBUG.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

FRAMES = 30  # of the innermost calls of what went wrong; more say nothing new

Fault = tuple[type[BaseException], BaseException, TracebackType | None]


def configure_logs(level: str, out: TextIO | None = None) -> None:
    """Write the app's own logs from ``level`` on, and those of libraries, to standard error.

    Of libraries nothing below WARNING is written. ``out`` replaces standard error. May be called
    again: the last call holds.
    """
    out = out or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if level == "DEBUG" else where,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(out),
    )
    handler = logging.StreamHandler(out)
    named = [structlog.stdlib.add_logger_name, *([] if level == "DEBUG" else [first_words])]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*named, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=max(logging.WARNING, logging.getLevelName(level)), force=True,
                        handlers=[handler])  # fmt: skip


def where(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Replace a fault (``exc_info``) by its type and the places it came through; for structlog."""
    fault = _fault(event.pop("exc_info", None))
    if fault is not None:
        event["exception"] = "\n".join(_lines(fault))
    return event


def first_words(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep of a library's message only the first line of its format, without what it fills in.

    ``Task %s failed`` stays as it is: the arguments may be a person's words.
    """
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = str(record.msg).partition("\n")[0]
        event.pop("positional_args", None)
    return event


def _fault(given: Any) -> BaseException | None:
    """Return the fault behind ``exc_info``: an exception, logging's triple, or True for now's."""
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _lines(fault: BaseException) -> list[str]:
    """Return a fault's causes, the innermost first, each with at most ``FRAMES`` places below it.

    No message is told, only types, files, lines and the source at them.
    """
    seen: list[BaseException] = []
    while fault not in seen:
        seen.append(fault)
        following = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
        if following is None:
            break
        fault = following
    lines = []
    for each in reversed(seen):
        lines.append(f"{type(each).__module__}.{type(each).__qualname__}")
        frames = traceback.extract_tb(each.__traceback__)[-FRAMES:]
        lines += [f"  {f.filename}:{f.lineno} {f.name}: {f.line}" for f in frames]
    return lines
