"""The socket on which the web routes are served: made here, so that a failure is a sentence."""

import socket

from cli.failures import CannotListenError


def listen_on(host: str, port: int, backlog: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one. Raises CannotListenError."""
    try:
        family, *_, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(
            address[:2],
            family=family,
            backlog=backlog,
        )
    except (OSError, OverflowError, UnicodeError) as error:
        raise CannotListenError(host, port, error) from None


def check_address(host: str) -> list[str]:
    """Return what is wrong with HOST; nothing is wrong where any port of it can be listened on."""
    try:
        listen_on(host, 0, 1).close()
    except CannotListenError as error:
        return [str(error)]
    return []
