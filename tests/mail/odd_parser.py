"""The process that parses, for mails that ask it to misbehave: wait, spin, die, fill its memory."""

import fcntl
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.engine.parsing import process as parser_process

WAIT = re.compile(rb"^X-Wait: (\S+)", re.MULTILINE)
DIE_ONCE = re.compile(rb"^X-Die-Once: (\S+)", re.MULTILINE)


class Gate:
    """A file at which the process waits while the gate is shut."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def open(self) -> None:
        """Let everybody go on."""
        self._file.close()


def _odd(raw: bytes) -> Mapping[str, Any]:
    if found := WAIT.search(raw):
        with Path(found[1].decode()).open() as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
    if (found := DIE_ONCE.search(raw)) and not Path(found[1].decode()).exists():
        Path(found[1].decode()).touch()
        os._exit(1)
    if b"\nX-Die: " in raw:
        os._exit(1)
    if b"\nX-Fill: " in raw:
        return {"much": len(bytearray(2 * parser_process.MEMORY_MAX))}
    while b"\nX-Spin: " in raw:
        pass
    if b"\nX-Environment: " in raw:
        return {"refused": " ".join(sorted(os.environ))}
    return usual(raw)


usual = parser_process.JOBS[parser_process.MAIL]

if __name__ == "__main__":
    parser_process.JOBS = {**parser_process.JOBS, parser_process.MAIL: _odd}
    parser_process.CPU_MAX = 0.5
    parser_process.main()
