"""Ports for servers of tests."""

import secrets
import socket
from contextlib import suppress

# below those given to outgoing connections, or one could take the port of a server that starts again
FIRST, LAST = 20_000, 32_000


def free_port() -> int:
    """A port that nobody listens on."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
