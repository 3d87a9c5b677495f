"""Ports for the servers of the tests: each is given once, and none that a client may hold."""

import contextlib
import itertools
import os
import socket

SYSTEMS = 32_768  # from here on systems give ports to whoever connects somewhere
FIRST, EACH = 12_000, 1_000  # of the first process of a run, and how many every process has

_given = itertools.count(os.getpid())  # two runs on one machine begin apart


def free_port() -> int:
    """A port that nobody listens on now, and that no other test of this run is given.

    Processes of one run have ranges of their own, by the name that pytest-xdist gave them.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    begins = FIRST + process * EACH % (SYSTEMS - FIRST - EACH)
    for _ in range(EACH):
        port = begins + next(_given) % EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError(f"no port is free from {begins} on")
