"""The process in which strangers' words are parsed: ``python -m bot.engine.parsing.process``.

It has no settings and no secrets, and asks for little: a job comes on standard input, what was
found goes out as JSON on standard output. A job is a letter (what to do), its length in eight
bytes, and its bytes; an answer is a length and JSON. It ends with its standard input, and the
system ends it (SIGPROF) when a job takes more processor time than any honest one.

Answers: ``m`` and ``e`` give a mail as ``pack_mail`` writes it, ``h`` and ``w`` give ``text``;
instead, any may give ``refused`` or ``failed``.
"""

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from bot.rules.mail.html_text import html_text
from bot.rules.mail.parsing import pack_mail, parse_envelope, parse_mail
from bot.rules.mail.quotes import new_words

CPU_MAX = 5.0  # seconds of processor time for one job; a mail of 25 MB takes under one
MEMORY_MAX = 1024 * 1024 * 1024  # bytes of address space; a mail of 25 MB takes 300 MB
NICE = 10  # requests that wait for their acknowledgement come first

MAIL, ENVELOPE, PAGE, WORDS = b"m", b"e", b"h", b"w"
LENGTH = 8  # bytes, big end first


def _mail(raw: bytes) -> Mapping[str, Any]:
    return pack_mail(parse_mail(raw))


def _envelope(raw: bytes) -> Mapping[str, Any]:
    return pack_mail(parse_envelope(raw, "time"))


def _page(raw: bytes) -> Mapping[str, Any]:
    return {"text": new_words(html_text(raw.decode("utf-8", "replace")))}


def _words(raw: bytes) -> Mapping[str, Any]:
    return {"text": new_words(raw.decode("utf-8", "replace"))}


JOBS: Mapping[bytes, Callable[[bytes], Mapping[str, Any]]] = {
    MAIL: _mail,
    ENVELOPE: _envelope,
    PAGE: _page,
    WORDS: _words,
}


def run_job(kind: bytes, raw: bytes) -> Mapping[str, Any]:
    """Return what a job finds, as JSON.

    ``refused`` alone: the bytes are no mail, and why; ``failed`` alone: the name of an exception
    that the parsers should never raise.
    """
    try:
        return JOBS[kind](raw)
    except ValueError as no_mail:
        return {"refused": str(no_mail)}
    except Exception as fault:  # noqa: BLE001 - its words may be a customer's, so only its name
        return {"failed": type(fault).__name__}


def main() -> None:
    """Do jobs until there are none."""
    os.nice(NICE)
    with contextlib.suppress(ValueError, OSError):  # not every system has such a limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(kind := jobs.read(1)) == 1:
        raw = jobs.read(int.from_bytes(jobs.read(LENGTH)))
        signal.setitimer(signal.ITIMER_PROF, CPU_MAX)  # its signal ends the process
        _say(answers, run_job(kind, raw))
        signal.setitimer(signal.ITIMER_PROF, 0)


def _say(answers: BinaryIO, found: Mapping[str, Any]) -> None:
    said = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
    answers.write(len(said).to_bytes(LENGTH) + said)
    answers.flush()


if __name__ == "__main__":
    main()
