"""Makes processes fast: everything is imported once, each bot is a fork of it.

Reads one JSON object a line (``{"env": {…}, "log": "path"}``), answers ``{"born": pid}``, and
``{"died": pid, "status": n}`` when one ends: its exit code, or minus the signal.
"""

import gc
import json
import os
import select
import signal
import sys

from tests.faults import child


def _say(**facts: int) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _bear(env: dict[str, str], log_path: str) -> None:
    pid = os.fork()
    if pid:
        _say(born=pid)
        return
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 2)
    os.dup2(log, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(env)
    code = 1
    try:
        child.main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - the end of a process, told in its log
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _bury() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say(died=pid, status=os.waitstatus_to_exitcode(status))


def main() -> None:
    """Until standard input ends."""
    gc.freeze()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = b""
    _say(ready=os.getpid())
    while True:
        ready, _, _ = select.select([0, reading], [], [])
        if reading in ready:
            os.read(reading, 4096)
            _bury()
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                return
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                order = json.loads(line)
                _bear(order["env"], order["log"])


if __name__ == "__main__":
    main()
